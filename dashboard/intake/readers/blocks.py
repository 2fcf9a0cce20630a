"""The bytes of a file as small chunks and as line-aligned blocks, hashed on the way; memory stays bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

#: A block and its masks stay in the second-level cache: with 1 MiB the scan runs at half the speed.
CHUNK: Final = 1 << 18


def chunks_of(path: Path) -> Iterator[bytes]:
    """All bytes of a file in chunks of ``CHUNK``."""
    # glibc hands freed blocks of this size back to the kernel and faults them in again, at half the speed of the
    # whole scan; freeing one large block raises its threshold for good. Costs nothing: the pages are not touched.
    bytes(32 * CHUNK)
    with path.open("rb", buffering=0) as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


class HashedFile:
    """Reads a file once, in chunks, and knows its SHA-256 afterwards."""

    def __init__(self, path: Path, progress: Callable[[int], None]) -> None:
        self._path = path
        self._progress = progress
        self._digest = hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        """All bytes in chunks of ``CHUNK``."""
        self._digest = hashlib.sha256()
        n_read = 0
        for chunk in chunks_of(self._path):
            self._digest.update(chunk)
            n_read += len(chunk)
            yield chunk
            self._progress(n_read)

    @property
    def sha256(self) -> str:
        """Hex digest of what ``chunks`` has yielded."""
        return self._digest.hexdigest()


def aligned(chunks: Iterable[bytes], limit: int) -> Iterator[tuple[bytes, bool]]:
    """Chunks cut behind their last line break, so that neither a character nor CRLF is split.

    Yields (block, True). A piece of a line longer than ``limit`` comes as (piece, False): it can be cut anywhere.
    0x0A occurs inside no sequence of UTF-8, GB18030 or cp1252.
    """
    carry = b""
    for chunk in chunks:
        data = carry + chunk if carry else chunk
        cut = data.rfind(b"\n") + 1
        if not cut:
            # CR-only files; never the last byte, which may be the first half of CRLF.
            cut = data.rfind(b"\r", 0, len(data) - 1) + 1
        if cut:
            yield data[:cut], True
            carry = data[cut:]
        elif len(data) > limit:
            yield data, False
            carry = b""
        else:
            carry = data
    if carry:
        yield carry, True

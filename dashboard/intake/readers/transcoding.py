"""Other encodings to UTF-8, block by block, strictly: bytes that do not decode stay as they are, to be held back."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.blocks import aligned
from dashboard.intake.readers.layout import BOM

#: Encodings in which a line break is more than one byte: decoded first, cut into lines afterwards.
WIDE: Final = frozenset(("utf-16", "utf-32", "utf-16-le", "utf-16-be"))


@dataclass(slots=True)
class Damage:
    """Lines that do not decode, and where in the original the first bad byte is (offset -1: nowhere)."""

    n_lines: int = 0
    n_bad: int = 0
    offset: int = -1
    line: int = 0

    @property
    def tolerable(self) -> bool:
        """Whether the bad lines are few enough to hold them back one by one."""
        return self.n_bad <= max(1, self.n_lines // 100)


def utf8_blocks(
    chunks: Iterator[bytes], encoding: str, name: str, max_line_bytes: int, damage: Damage, final: bool = True
) -> Iterator[tuple[bytes, bool]]:
    """(line-aligned UTF-8 block, whole) as from ``aligned``; ``damage`` is kept up to date.

    ``final``: the chunks are the whole file. Raises IntakeError encoding_unknown for broken UTF-16 or UTF-32, where
    one lost byte shifts all that follow.
    """
    if encoding in WIDE:
        yield from aligned(_widened(chunks, encoding, name, final), max_line_bytes)
        return
    offset = 0
    for raw, whole in aligned(chunks, max_line_bytes):
        try:
            block = raw.decode(encoding).encode("utf-8")
        except UnicodeDecodeError as error:
            lines = [_line_kept(line, encoding) for line in raw.split(b"\n")]
            block = b"\n".join(text for text, _ in lines)
            if whole:
                if damage.offset < 0:
                    damage.offset = offset + error.start
                    damage.line = damage.n_lines + raw.count(b"\n", 0, error.start) + 1
                damage.n_bad += sum(bad for _, bad in lines)
        damage.n_lines += raw.count(b"\n")
        offset += len(raw)
        yield block, whole


def _line_kept(line: bytes, encoding: str) -> tuple[bytes, bool]:
    try:
        return line.decode(encoding).encode("utf-8"), False
    except UnicodeDecodeError:
        return line.decode(encoding, "surrogateescape").encode("utf-8", "surrogateescape"), True


def _widened(chunks: Iterator[bytes], encoding: str, name: str, final: bool) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    n_read = n_lines = 0
    try:
        for chunk in chunks:
            text = decoder.decode(chunk).encode("utf-8")
            yield text if n_read else text.removeprefix(BOM)
            n_read += len(chunk)
            n_lines += text.count(b"\n")
        if final:
            yield decoder.decode(b"", True).encode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        at = n_read + error.start
        raise IntakeError(Code.ENCODING_UNKNOWN, file=name, offset=at, line=n_lines + 1, bad_lines=1) from error

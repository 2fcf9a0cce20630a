"""Physical lines of a UTF-8 file with look-ahead: the ground under the record splitter.

Line breaks are LF, CRLF or a lone CR, so CR-only and mixed files need no special case on the repair path.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_CHUNK = 1 << 16


class Line(NamedTuple):
    """One physical line without its break. ``size`` is its full length in bytes; ``text`` is cut when ``size`` is over
    the limit."""

    number: int  # 1-based
    offset: int  # byte offset in the file
    text: bytes
    size: int
    ended: bool  # False for a last line without a line break


class LineSource:
    """A forward cursor over physical lines; memory is bounded by ``limit`` times the lines looked ahead."""

    def __init__(self, handle: BinaryIO, limit: int, number: int = 1, offset: int = 0) -> None:
        """Start at the handle's position, which is byte ``offset`` and line ``number`` of the file."""
        self._ahead: deque[Line] = deque()
        self._lines = _split(handle, limit, number, offset)

    def peek(self, index: int = 0) -> Line | None:
        """The line ``index`` lines ahead, or None behind the end."""
        while len(self._ahead) <= index:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[index]

    def advance(self, count: int = 1) -> None:
        """Step over ``count`` lines, or over all that are left."""
        if count and self.peek(count - 1) is None:
            self._ahead.clear()
            return
        for _ in range(count):
            self._ahead.popleft()


def _split(handle: BinaryIO, limit: int, number: int, offset: int) -> Iterator[Line]:
    pending, n_dropped = b"", 0  # n_dropped: bytes of an over-long line already thrown away
    while True:
        chunk = handle.read(_CHUNK)
        final = not chunk
        data = pending + chunk
        # A CR at the very end may be the first half of CRLF: keep it until more is known.
        pieces = data.splitlines(keepends=True)
        pending = b""
        if not final and pieces and not pieces[-1].endswith(b"\n"):
            pending = pieces.pop()
        for piece in pieces:
            text = piece.rstrip(b"\r\n") if piece[-1] in b"\r\n" else piece
            size = len(text) + n_dropped
            yield Line(number, offset - n_dropped, text[:limit], size, len(text) != len(piece))
            number, offset, n_dropped = number + 1, offset + len(piece), 0
        if final:
            if n_dropped:
                yield Line(number, offset - n_dropped, b"", n_dropped, False)
            return
        if len(pending) > limit + 1 and not pending.endswith(b"\r"):
            n_dropped += len(pending)
            offset += len(pending)
            pending = b""

"""Counting records at memory speed: quote parity by prefix-xor over bit masks, no Python loop over rows.

A line break outside quotes ends a record. While every quote stands where RFC 4180 allows one, this is exact, and so
is the number of separators of each record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.intake.readers.bitmask import (
    Positions,
    Words,
    bit,
    bits,
    count,
    misplaced_quotes,
    positions,
    prefix_xor,
    rank,
    shift_up,
)

_LF: Final = 10
_CR: Final = 13
_QUOTE: Final = 34


@dataclass(slots=True)
class Structure:
    """What the scan of all data bytes found. ``n_records`` counts non-blank records, the last unended one included."""

    n_records: int = 0
    n_blank: int = 0
    n_crlf: int = 0  # record-ending breaks that are CRLF
    n_lf: int = 0  # record-ending breaks that are LF alone
    multiline: bool = False
    odd_quote: bool = False  # a quote where RFC 4180 has none, or one never closed
    bare_cr: bool = False
    nul: bool = False
    ragged: bool = False  # a record with another number of fields than the headings
    repeated_header: bool = False
    long_record: bool = False

    @property
    def regular(self) -> bool:
        """Whether a strict reader takes every record as counted here."""
        faults = (self.odd_quote, self.bare_cr, self.nul, self.ragged, self.repeated_header, self.long_record)
        return not any(faults) and not (self.n_crlf and self.n_lf)


class StructureScan:
    """Feed data blocks that each end at a line break (the last may not), then ``finish``."""

    def __init__(self, delimiter: bytes, header_line: bytes, width: int, max_record_bytes: int) -> None:
        self._delimiter = delimiter[0]
        self._header_line = header_line
        self._width = width
        self._max_record_bytes = max_record_bytes
        self._inside = False  # inside quotes at the block's start
        self._open_bytes = 0  # bytes since the last record end
        self._open_marks = 0  # separators since the last record end
        self._last = b""  # last bytes of the last block
        self.found = Structure()

    def feed(self, block: bytes) -> None:
        """Count one block."""
        if not block:
            return
        found = self.found
        found.nul = found.nul or b"\x00" in block
        self._look_for_header(block)
        data = np.frombuffer(block, dtype=np.uint8)
        breaks = bits(data == _LF)
        marks = bits(data == self._delimiter)
        returns = self._returns(data, breaks) if b"\r" in block else np.zeros_like(breaks)
        if b'"' in block or self._inside:
            quotes = bits(data == _QUOTE)
            inside = prefix_xor(quotes, self._inside)
            if misplaced_quotes(quotes, inside, breaks | marks | returns | quotes, len(data)):
                found.odd_quote = True
            self._inside = bit(inside, len(data) - 1)
            found.multiline = found.multiline or bool(np.any(breaks & inside))
            breaks, marks, returns = breaks & ~inside, marks & ~inside, returns & ~inside
        self._count_records(block, breaks, marks, returns)
        self._last = block[-2:]

    def finish(self) -> Structure:
        """Close the last record and return the counts."""
        if self._inside:
            self.found.odd_quote = True
        if self._open_bytes:
            self.found.n_records += 1
            surplus = self._open_marks - (self._width - 1)
            trailing = surplus == 1 and self._last.endswith(bytes([self._delimiter]))
            self.found.ragged = self.found.ragged or not (surplus == 0 or trailing)
        return self.found

    def _returns(self, data: npt.NDArray[np.uint8], breaks: Words) -> Words:
        """The mask of CR. A lone one counts as a line break elsewhere, in quotes or not: it is left to the repair."""
        returns = bits(data == _CR)
        if count(breaks & shift_up(returns, False)) != count(returns):
            self.found.bare_cr = True
        return returns

    def _look_for_header(self, block: bytes) -> None:
        if block.rfind(self._header_line) < 0:  # twice as fast as find for a needle that is not there
            return
        at = block.find(self._header_line)
        while at >= 0:
            end = at + len(self._header_line)
            if (at == 0 or block[at - 1] in b"\r\n") and (end == len(block) or block[end] in b"\r\n"):
                self.found.repeated_header = True
                return
            at = block.find(self._header_line, at + 1)

    def _count_records(self, block: bytes, breaks: Words, marks: Words, returns: Words) -> None:
        found = self.found
        crlf = breaks & shift_up(returns, False)
        n_breaks, n_crlf = count(breaks), count(crlf)
        found.n_crlf += n_crlf
        found.n_lf += n_breaks - n_crlf
        if not n_breaks:
            self._open_bytes += len(block)
            self._open_marks += count(marks)
        else:
            after_break = shift_up(breaks, self._open_bytes == 0)
            blank = (breaks & after_break) | (crlf & shift_up(after_break, False))
            n_blank = count(blank)
            found.n_blank += n_blank
            found.n_records += n_breaks - n_blank
            ends = positions(breaks)
            found.long_record = found.long_record or self._open_bytes + int(ends[0]) > self._max_record_bytes
            self._open_bytes = len(block) - int(ends[-1]) - 1
            if n_blank:
                ends = positions(breaks & ~blank)
            self._count_fields(block, ends, marks, n_crlf > 0)
        found.long_record = found.long_record or self._open_bytes > self._max_record_bytes

    def _count_fields(self, block: bytes, ends: Positions, marks: Words, crlf: bool) -> None:
        """Compare each record's separators with the headings; one more is fine when nothing stands behind it."""
        before = rank(marks, ends)
        surplus = np.diff(before, prepend=-self._open_marks) - (self._width - 1)
        if np.any(surplus):
            extra = ends[surplus == 1]
            data = np.frombuffer(block, dtype=np.uint8)
            last = extra - 1 - (data[np.maximum(extra - 1, 0)] == _CR if crlf else 0)
            empty = bool(np.all(data[np.maximum(last, 0)] == self._delimiter)) and not np.any(last < 0)
            self.found.ragged = self.found.ragged or not empty or bool(np.any((surplus != 0) & (surplus != 1)))
        self._open_marks = count(marks) - (int(before[-1]) if len(before) else -self._open_marks)

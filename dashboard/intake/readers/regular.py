"""The fast lane of the repair path: whole blocks of regular records, numbered and copied without parsing each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.intake.readers.bitmask import bits, misplaced_quotes, positions, prefix_xor, rank
from dashboard.intake.readers.layout import Layout
from dashboard.intake.readers.utf8 import is_utf8


@dataclass(frozen=True, slots=True)
class RegularBlock:
    """A run of regular records. ``rows`` are the raw records without line break, ``lines`` where each starts."""

    rows: list[bytes]
    lines: list[int]
    n_blank: int
    n_bytes: int  # of the source, line breaks included
    n_lines: int
    multiline: bool


def regular_block(raw: bytes, line: int, layout: Layout) -> RegularBlock | None:
    """The records of ``raw`` up to the last one that ends in it, or None when any of them needs a closer look.

    ``raw`` starts at a record, on physical line ``line``. Regular: quotes where RFC 4180 has them, exactly the
    table's width, valid UTF-8, no NUL, no lone CR, not the headings again. CRLF becomes LF.
    """
    raw = raw[: raw.rfind(b"\n") + 1]
    text = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    if not text or b"\r" in text or b"\x00" in text or _may_repeat_headings(text, layout) or not is_utf8(text):
        return None
    data = np.frombuffer(text, dtype=np.uint8)
    breaks, marks = bits(data == 10), bits(data == layout.delimiter[0])
    all_breaks = positions(breaks)
    ends = all_breaks
    if b'"' in text:
        quotes = bits(data == 34)
        inside = prefix_xor(quotes, False)
        if misplaced_quotes(quotes, inside, breaks | marks | quotes, len(data)):
            return None
        ends, marks = positions(breaks & ~inside), marks & ~inside
        if not len(ends):
            return None
    n_lines = int(np.searchsorted(all_breaks, ends[-1])) + 1
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    filled = ends > starts
    fields = np.diff(rank(marks, ends), prepend=0)
    if not np.array_equal(fields, np.where(filled, layout.width - 1, 0)):
        return None
    starts_filled = starts[filled]
    n_bytes = len(raw)
    if n_lines < len(all_breaks):
        n_bytes = int(positions(bits(np.frombuffer(raw, dtype=np.uint8) == 10))[n_lines - 1]) + 1
    return RegularBlock(
        rows=[text[start:end] for start, end in zip(starts_filled.tolist(), ends[filled].tolist(), strict=True)],
        lines=(line + np.searchsorted(all_breaks, starts_filled)).tolist(),
        n_blank=len(ends) - len(starts_filled),
        n_bytes=n_bytes,
        n_lines=n_lines,
        multiline=n_lines > len(ends),
    )


def _may_repeat_headings(text: bytes, layout: Layout) -> bool:
    """Cheap and on the safe side: the block holds the raw headings, or lines that begin and end like them."""
    if layout.header_line in text:
        return True
    first, last = layout.header[0].encode(), layout.header[-1].encode()
    begins = text.startswith((first, b'"' + first)) or b"\n" + first in text or b'\n"' + first in text
    return begins and (last + b"\n" in text or last + b'"\n' in text)

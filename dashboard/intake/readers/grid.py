"""The table in a sheet: title rows, headings of one or two levels, records, footer rows, by the rules of text files.

A row of a sheet is a record whatever its cells hold, so nothing needs repair; each record is written with the number
of its row in the sheet.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, TextIO

from dashboard.intake.problem import TEXT_LIMIT, Code, IntakeError, RowProblem
from dashboard.intake.readers import headings
from dashboard.intake.readers.footers import TAIL_RECORDS, footer_rows
from dashboard.intake.readers.limits import Limits
from dashboard.intake.readers.rewrite import LINE_COLUMN

#: (number of the row in the sheet from 1, its cells as text, at least one of them filled)
Row = tuple[int, list[str]]
#: A merged range: first and last row and column, from 0, columns counted from the first one used.
Merged = tuple[int, int, int, int]

_MAX_TITLE_ROWS: Final = 15
_SAMPLE_ROWS: Final = 60
_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings of a sheet and what stands above them."""

    header: tuple[str, ...]
    line: int  # row of the (lower) headings
    problems: tuple[RowProblem, ...]  # title rows
    records: list[Row]  # those already read behind the headings


@dataclass(slots=True)
class Written:
    """What became of the rows behind the headings."""

    n_records: int = 0
    last_line: int = 0
    multiline: bool = False
    problems: list[RowProblem] = field(default_factory=list)


def shown(cells: Sequence[str]) -> str:
    """A row as text for the report: its cells joined by tab, as they would be pasted."""
    return "\t".join(cells).rstrip("\t")[:TEXT_LIMIT]


def find_heading(rows: Iterator[Row], merged: Sequence[Merged], name: str, limits: Limits) -> Heading:
    """Read the first rows and find the headings in them. Raises IntakeError: empty_file, one_column,
    too_many_columns, headerless, header_only, duplicate_heading."""
    head = list(islice(rows, _MAX_TITLE_ROWS + _SAMPLE_ROWS))
    if not head:
        raise IntakeError(Code.EMPTY_FILE, file=name, size=0)
    widest = max(_n_filled(cells) for _, cells in head)
    if widest < 2:
        line, cells = head[0]
        raise IntakeError(Code.ONE_COLUMN, file=name, column=shown(cells)[:80], line=line)
    # What has a few cells above a wide table is a remark such as "as of: 1 May", or the upper level of headings.
    at = next(i for i, (_, cells) in enumerate(head) if _n_filled(cells) >= 2 and _n_filled(cells) * 2 >= widest)
    upper: list[str] = []
    if at + 1 < len(head) and _is_upper_level(head[at], head[at + 1], merged):
        upper = _spread(head[at], merged)
        at += 1
    elif at:
        upper = _spread(head[at - 1], merged)
    line, cells = head[at]
    texts = _with_column_merges(line, cells, head[:at], merged)
    header = headings.without_tail(tuple(headings.cleaned_text(" ".join(text.split())) for text in texts))
    header = _told_apart(header, upper)
    if len(header) < 2:
        raise IntakeError(Code.ONE_COLUMN, file=name, column=header[0] if header else "", line=line)
    if len(cells) > limits.max_columns:
        raise IntakeError(Code.TOO_MANY_COLUMNS, file=name, found=len(cells), allowed=limits.max_columns)
    below = [[cell.strip() for cell in row] for _, row in head[at + 1 : at + 21]]
    betrayed = headings.looks_like_data(header, below)
    if betrayed is not None:
        raise IntakeError(Code.HEADERLESS, file=name, line=line, text=betrayed[:80])
    headings.refuse_duplicates(header, name, limits)
    if not below:
        raise IntakeError(Code.HEADER_ONLY, file=name, columns=len(header))
    titles = tuple(RowProblem(0, number, "", shown(row), Code.TITLE_LINE) for number, row in head[:at])
    # Text beside the table is under no heading, and a column like any other.
    padded = header + ("",) * (len(cells) - len(header))
    return Heading(padded, line, titles, head[at + 1 :])


def write_records(heading: Heading, rows: Iterator[Row], target: Path, name: str, limits: Limits) -> Written:
    """Write the records behind the headings as UTF-8 CSV, the row number first. Raises IntakeError
    too_many_broken_rows, OSError when the disk is full."""
    with target.open("w", encoding="utf-8", newline="") as sink:
        return _Writer(heading, sink, name, limits).run(rows)


class _Writer:
    def __init__(self, heading: Heading, sink: TextIO, name: str, limits: Limits) -> None:
        self._sheet = csv.writer(sink, lineterminator="\n")
        self._header = heading
        self._name, self._limits = name, limits
        self._first = heading.header[0]
        self._batch: list[list[object]] = []
        self._out = Written()

    def run(self, rows: Iterator[Row]) -> Written:
        self._sheet.writerow([LINE_COLUMN, *self._header.header])
        tail: deque[Row] = deque()
        before = self._header.line
        for source in (self._header.records, rows):
            for row in source:
                tail.append(row)
                if len(tail) > TAIL_RECORDS:
                    before = tail[0][0]
                    self._take(tail.popleft())
        numbers = [before, *(number for number, _ in tail)]
        apart = [number > above + 1 for above, number in pairwise(numbers)]
        n_footers = footer_rows([cells for _, cells in tail], apart)
        for i, row in enumerate(tail):
            if i >= len(tail) - n_footers:
                self._hold(row, Code.FOOTER_LINE)
            else:
                self._take(row)
        self._flush()
        self._out.last_line = numbers[-1]
        return self._out

    def _take(self, row: Row) -> None:
        number, cells = row
        text = "".join(cells)
        if len(text) * 4 + 3 * len(cells) > self._limits.max_record_bytes:
            n_bytes = len(text.encode()) + text.count('"') + 3 * len(cells)
            if n_bytes > self._limits.max_record_bytes:
                self._hold(row, Code.RECORD_TOO_LONG, found=n_bytes, expected=self._limits.max_record_bytes)
                return
        if "\x00" in text:  # a mark of damage; XML has none, the older format may
            column = next(i for i, cell in enumerate(cells) if "\x00" in cell)
            self._hold(row, Code.NUL_BYTE, column=self._header.header[column])
            return
        if cells[0].strip() == self._first and self._repeats(cells):
            self._hold(row, Code.REPEATED_HEADER)
            return
        self._out.multiline = self._out.multiline or "\n" in text
        self._batch.append([number, *cells])
        self._out.n_records += 1
        if len(self._batch) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._sheet.writerows(self._batch)
        self._batch.clear()

    def _repeats(self, cells: list[str]) -> bool:
        pairs = zip(cells, self._header.header, strict=True)
        return all(headings.cleaned_text(" ".join(cell.split())) == heading for cell, heading in pairs)

    def _hold(self, row: Row, reason: Code, column: str = "", found: int = 0, expected: int = 0) -> None:
        out = self._out
        number = out.n_records + len(out.problems) + 1
        out.problems.append(RowProblem(number, row[0], column, shown(row[1]), reason, found, expected))
        if len(out.problems) > self._limits.max_held_back:
            first = out.problems[0]
            raise IntakeError(
                Code.TOO_MANY_BROKEN_ROWS,
                tuple(out.problems[:1000]),
                file=self._name,
                found=len(out.problems),
                allowed=self._limits.max_held_back,
                line=first.line,
                reason=first.reason.value,
            )


def _n_filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _across(row: Row, merged: Sequence[Merged]) -> list[Merged]:
    """The merged ranges of several columns that start in a row."""
    return [one for one in merged if one[0] == row[0] - 1 and one[3] > one[1]]


def _is_upper_level(row: Row, below: Row, merged: Sequence[Merged]) -> bool:
    """Whether a row holds headings over groups of columns: below it each group has headings, and no other cell."""
    groups = _across(row, merged)
    if not groups or below[0] != row[0] + 1:
        return False
    grouped = {column for _, first, _, last in groups for column in range(first, last + 1)}
    for column, (above, cell) in enumerate(zip(row[1], below[1], strict=True)):
        if column in grouped:
            continue
        if above.strip() and cell.strip():
            return False
    return all(sum(1 for cell in below[1][first : last + 1] if cell.strip()) >= 2 for _, first, _, last in groups)


def _spread(row: Row, merged: Sequence[Merged]) -> list[str]:
    """The cells of a row with every merged one written under all its columns."""
    cells = list(row[1])
    for _, first, _, last in _across(row, merged):
        cells[first : last + 1] = [cells[first]] * len(cells[first : last + 1])
    return cells


def _with_column_merges(line: int, cells: list[str], above: list[Row], merged: Sequence[Merged]) -> list[str]:
    """The headings, with those written down from merged cells that begin in the rows above."""
    texts = list(cells)
    by_number = {number - 1: row for number, row in above}
    for top, first, bottom, last in merged:
        if first == last < len(texts) and top < line - 1 <= bottom and top in by_number and not texts[first].strip():
            texts[first] = by_number[top][first]
    return texts


def _told_apart(header: tuple[str, ...], upper: Sequence[str]) -> tuple[str, ...]:
    """Headings that occur twice get the name of their group in front, where there is one."""
    if not upper:
        return header
    keys = [heading.casefold() for heading in header]
    return (
        tuple(
            f"{' '.join(group.split())} {heading}" if heading and group.strip() and keys.count(key) > 1 else heading
            for heading, key, group in zip(header, keys, upper, strict=False)
        )
        + header[len(upper) :]
    )

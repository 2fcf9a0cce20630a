"""What stands below the last record: totals, copyright lines, report remarks.

Detected conservatively: only in the last lines of a file, and only by shape (totals) or by words (remarks).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dashboard.intake.readers.lines import Line, LineSource
from dashboard.intake.readers.records import RecordGrammar

_TAIL_BYTES: Final = 64 << 10
#: Rows at the end among which footers are looked for: a report of Salesforce has up to seven.
TAIL_RECORDS: Final = 10
_TOTAL: Final = re.compile(
    r"(?:(?:grand|sub|report)?[ -]?totals?|sum(?:me)?|gesamt(?:summe)?|totale?s?"
    r"|合\s*计|总\s*计|小\s*计|汇\s*总|共\s*计)"
    r"\s*(?:[(（][^)）]*[)）])?\s*[:：]?",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(
    r"copyright|©|\(c\)\s*\d{4}|all rights reserved|confidential information"
    r"|(?:generated|exported) (?:by|on|at)"
    r"|report (?:generated|created|run)|end of (?:report|file)|records? (?:shown|exported|found)|salesforce\.com, inc"
    r"|^\W*\d+ (?:records?|rows?)\W*$|^共\s*\d+\s*[条行笔个]"
    r"|导出(?:时间|人|日期|于)|制表|打印时间|^\W*(?:grand |sub)?totals?\b|^[合总小]\s*计",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(r"[-+(]?\s*[¥￥$€£]?\s*[\d,. ]*\d\s*[%)万亿元]?|\d+ (?:records?|rows?)|-+", re.IGNORECASE)


def is_total(cells: list[str]) -> bool:
    """Whether a row as wide as the table is a totals row: a total word first, then nothing but amounts."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2 or not _TOTAL.fullmatch(filled[0]):
        return False
    return all(_AMOUNT.fullmatch(cell) for cell in filled[1:])


def is_remark(cells: list[str]) -> bool:
    """Whether a row has one filled cell whose words are those of a report footer."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) == 1 and _REMARK.search(filled[0]) is not None


def footer_rows(rows: Sequence[list[str]], apart: Sequence[bool]) -> int:
    """How many of the last rows are footers. ``rows``: the last non-blank ones; ``apart``: whether each is set off
    from what stands above it, by a blank row or by being too short for a record.

    Totals and remarks tell themselves. A row of a single cell, such as the title of the report, goes with those: below
    one of them always, above them when it is set off from the records.
    """
    n_certain = n_loose = 0
    for n, (cells, is_apart) in enumerate(zip(reversed(rows), reversed(apart), strict=True), 1):
        if is_total(cells) or is_remark(cells):
            n_certain = n
        elif sum(1 for cell in cells if cell.strip()) != 1:
            break
        elif is_apart:
            n_loose = n
    return max(n_certain, n_loose) if n_certain else 0


def footer_offsets(path: Path, rules: RecordGrammar, data_offset: int) -> frozenset[int]:
    """Byte offsets of the lines that end ``path`` (UTF-8) as footer rows; looks at the last 64 KiB only.

    Walks upwards from the end and stops at the first row that is neither footer nor blank.
    """
    size = path.stat().st_size
    start = max(data_offset, size - _TAIL_BYTES)
    with path.open("rb") as handle:
        handle.seek(start)
        source = LineSource(handle, _TAIL_BYTES, offset=start)
        lines: list[Line] = []
        while (line := source.peek()) is not None:
            lines.append(line)
            source.advance()
    if start > data_offset:
        lines = lines[1:]  # the first may be cut
    filled = [line for line in lines if not rules.is_blank(line.text)][-TAIL_RECORDS:]
    if any(rules.delimiter not in line.text and line.text.count(b'"') % 2 for line in filled):
        # The end of a record over several lines: only what stands below it can be a footer.
        last = max(i for i, line in enumerate(filled) if line.text.count(b'"') % 2)
        filled = filled[last + 1 :]
    n_footers = footer_rows(
        [_cells(line, rules) for line in filled], [rules.delimiter not in line.text for line in filled]
    )
    return frozenset(line.offset for line in filled[len(filled) - n_footers :])


def _cells(line: Line, rules: RecordGrammar) -> list[str]:
    mark = rules.delimiter.decode("utf-8", "replace")
    text = line.text.decode("utf-8", "replace")
    if '"' not in text:
        return text.split(mark)
    quoted = re.findall(r'\s*(?:"((?:[^"]|"")*)"|([^' + re.escape(mark) + r"]*))(?:" + re.escape(mark) + r"|$)", text)
    return [left or right for left, right in quoted]

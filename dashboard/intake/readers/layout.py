"""Where the table is in the file: separator, title lines, heading record, first data line, footer rows."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Final

from dashboard.intake.problem import Code, IntakeError, RowProblem, excerpt
from dashboard.intake.readers import headings
from dashboard.intake.readers.limits import Limits
from dashboard.intake.readers.lines import Line, LineSource
from dashboard.intake.readers.records import Record, RecordGrammar, fitted

BOM: Final = b"\xef\xbb\xbf"
_CANDIDATES: Final = (b",", b"\t", b";", b"|")
_SEP_LINE: Final = re.compile(rb'"?sep=(\\t|.)"?[ ,;\t|]*', re.IGNORECASE)
_DECIMAL_COMMA: Final = re.compile(rb"(?<=[0-9]),(?=[0-9])")
_SAMPLE_RECORDS: Final = 60
_MAX_TITLE_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Layout:
    """The table's place. Offsets and lines count from the start of the UTF-8 file, its mark included."""

    delimiter: bytes
    header: tuple[str, ...]
    header_line: bytes  # the raw line of the headings, to recognise a repetition
    data_line: int  # 1-based physical line at which data starts
    data_offset: int  # byte at which data starts
    plain: bool  # the head is simple enough for a reader that skips data_line - 1 lines
    problems: tuple[RowProblem, ...]  # title lines

    @property
    def width(self) -> int:
        """Columns of the table."""
        return len(self.header)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One candidate separator tried on the head: where the headings are and how well the records agree."""

    delimiter: bytes
    score: float
    title_lines: int
    header: Record


def grammar(delimiter: bytes, limits: Limits) -> RecordGrammar:
    """The record grammar for a separator under the limits."""
    return RecordGrammar(delimiter, limits.max_record_bytes, limits.max_record_lines)


def find_layout(head: bytes, complete: bool, name: str, limits: Limits) -> Layout:
    """Read the head (UTF-8, whole lines) of a file; ``complete`` says that it is the whole file.

    Raises IntakeError: empty_file, one_column, too_many_columns, header_unreadable, headerless, header_only,
    duplicate_heading.
    """
    start = len(BOM) if head.startswith(BOM) else 0
    body = head[start:]
    if not body.strip(b" \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise IntakeError(Code.EMPTY_FILE, file=name, size=len(head))
    first = next((line for line in body[:4096].splitlines() if line.strip()), b"")
    announced = _SEP_LINE.fullmatch(first.strip(b" ")) if body.startswith(first) else None
    n_lead = 1 if announced else 0
    candidates = (announced.group(1).replace(b"\\t", b"\t"),) if announced else _CANDIDATES
    trials = [trial for mark in candidates if (trial := _try(body, mark, n_lead, limits)) is not None]
    if not trials:
        raise IntakeError(Code.ONE_COLUMN, file=name, column=excerpt(first)[:80], line=1 + n_lead)
    best = max(trials, key=lambda trial: trial.score)
    return _placed(head, start, complete, best, n_lead + best.title_lines, name, limits)


def _source(body: bytes, limits: Limits) -> LineSource:
    return LineSource(io.BytesIO(body), limits.max_line_bytes)


def _try(body: bytes, mark: bytes, n_lead: int, limits: Limits) -> _Trial | None:
    rules = grammar(mark, limits)
    source = _source(body, limits)
    n_title, n_filled, header = n_lead, 0, None
    source.advance(n_lead)
    while (line := source.peek()) is not None and n_title - n_lead <= _MAX_TITLE_LINES:
        record = rules.read(source)
        if sum(1 for cell in record.fields if cell.strip()) >= 2 or record.defect is Code.STRAY_QUOTE:
            header = record
            break
        n_lines = record.n_lines if record.defect is None else 1
        source.advance(n_lines)
        n_title += n_lines
        n_filled += not rules.is_blank(line.text)
    if header is None or line is None or len(header.fields) < 2:
        return None
    likely = _likelihood(mark, line.text, source.peek(header.n_lines))
    source.advance(header.n_lines)
    width = len(_bare(header.fields))
    n_seen = n_fit = 0
    while n_seen < _SAMPLE_RECORDS and (line := source.peek()) is not None:
        if rules.is_blank(line.text):
            source.advance()
            continue
        record = rules.read(source)
        n_seen += 1
        n_fit += record.defect is None and len(fitted(record.fields, width)) == width
        source.advance(record.n_lines if record.defect is None else 1)
    agreement = (n_fit + 0.5) / (n_seen + 0.5)
    score = likely * agreement * (1 - 1 / width) * (0.7 if n_filled else 1.0) if width > 1 else 0.0
    return _Trial(mark, score, n_title - n_lead, header)


def _likelihood(mark: bytes, heading: bytes, below: Line | None) -> float:
    """How far the places of a mark speak for its being the separator rather than a part of "Amount, EUR" or "1,5"."""
    n_marks = heading.count(mark)
    likely = 0.6 if n_marks and heading.count(mark + b" ") == n_marks else 1.0
    if mark == b"," and below is not None and b"," in below.text:
        n_decimal = len(_DECIMAL_COMMA.findall(below.text))
        likely *= 0.95 if n_decimal == below.text.count(b",") else 1.0
    return likely


def _bare(fields: list[bytes]) -> list[bytes]:
    width = len(fields)
    while width > 1 and not fields[width - 1].strip():
        width -= 1
    return fields[:width]


def _placed(
    head: bytes, start: int, complete: bool, trial: _Trial, n_skipped: int, name: str, limits: Limits
) -> Layout:
    rules = grammar(trial.delimiter, limits)
    source = _source(head[start:], limits)
    problems = []
    for _ in range(n_skipped):
        line = source.peek()
        if line is not None and not rules.is_blank(line.text) and not _SEP_LINE.fullmatch(line.text.strip(b" ")):
            problems.append(RowProblem(0, line.number, "", excerpt(line.text), Code.TITLE_LINE))
        source.advance()
    line = source.peek()
    if line is None or trial.header.defect is not None or b"\x00" in b"".join(trial.header.fields):
        raise IntakeError(Code.HEADER_UNREADABLE, file=name, line=n_skipped + 1)
    if len(trial.header.fields) > limits.max_columns:
        raise IntakeError(Code.TOO_MANY_COLUMNS, file=name, found=len(trial.header.fields), allowed=limits.max_columns)
    try:
        header = headings.without_tail(tuple(headings.cleaned(cell) for cell in trial.header.fields))
    except UnicodeDecodeError:
        raise IntakeError(Code.HEADER_UNREADABLE, file=name, line=n_skipped + 1) from None
    if len(header) < 2:
        raise IntakeError(Code.ONE_COLUMN, file=name, column=header[0] if header else "", line=n_skipped + 1)
    header_line = line.text
    source.advance(trial.header.n_lines)
    after = source.peek()
    rows = _rows_below(source, rules)
    betrayed = headings.looks_like_data(header, rows)
    if betrayed is not None:
        raise IntakeError(Code.HEADERLESS, file=name, line=n_skipped + 1, text=betrayed[:80])
    if complete and not rows:
        raise IntakeError(Code.HEADER_ONLY, file=name, columns=len(header))
    headings.refuse_duplicates(header, name, limits)
    return Layout(
        delimiter=trial.delimiter,
        header=header,
        header_line=header_line,
        data_line=n_skipped + trial.header.n_lines + 1,
        data_offset=start + after.offset if after else len(head),
        plain=trial.header.n_lines == 1
        and not trial.header.loose
        and not any('"' in problem.text for problem in problems)
        and b"\r" not in head[start : start + (after.offset if after else 0)].replace(b"\r\n", b"\n"),
        problems=tuple(problems),
    )


def _rows_below(source: LineSource, rules: RecordGrammar) -> list[list[str]]:
    rows: list[list[str]] = []
    ahead = 0
    while len(rows) < 20 and (line := source.peek(ahead)) is not None:
        if rules.is_blank(line.text):
            ahead += 1
            continue
        record = rules.read(source, ahead)
        rows.append([cell.decode("utf-8", "replace").strip() for cell in record.fields])
        ahead += record.n_lines if record.defect is None else 1
    return rows

"""The repair path: every record looked at, good ones copied with their line number, broken ones held back.

A stray quote must not swallow the rows behind it: when a quoted field runs away or breaks the column count, reading
resumes at the first following line that reads as a record, or is wide enough to be one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from dashboard.intake.problem import TEXT_LIMIT, Code, IntakeError, RowProblem, excerpt
from dashboard.intake.readers import headings
from dashboard.intake.readers.footers import footer_offsets, is_remark
from dashboard.intake.readers.layout import Layout, grammar
from dashboard.intake.readers.limits import Limits
from dashboard.intake.readers.lines import Line, LineSource
from dashboard.intake.readers.records import Record, fitted
from dashboard.intake.readers.regular import RegularBlock, regular_block
from dashboard.intake.readers.utf8 import is_utf8

#: Heading of the first column of a rewritten file.
LINE_COLUMN: Final = "__line"
_LINE_DIGITS: Final = 12
#: Bytes tried at once on the fast lane; small behind a broken record, where more of them may follow.
_SMALLEST_STEP: Final = 1 << 13
_LARGEST_STEP: Final = 1 << 18


@dataclass(slots=True)
class Rewrite:
    """The outcome of the repair path; ``problems`` in file order."""

    n_records: int = 0
    n_blank: int = 0
    multiline: bool = False
    problems: list[RowProblem] = field(default_factory=list)


class Rewriter:
    """One pass over the data lines of a UTF-8 file (which may contain bad bytes), into ``target``."""

    def __init__(self, layout: Layout, name: str, limits: Limits) -> None:
        self._layout = layout
        self._name = name
        self._limits = limits
        self._rules = grammar(layout.delimiter, limits)
        self._whole = self._rules.whole_record(layout.width)
        self._first_heading = layout.header[0].encode()
        self._out = Rewrite()
        self._last_good_line = 0

    def run(self, path: Path, target: Path, progress: Callable[[int], None]) -> Rewrite:
        """Write ``target``; ``progress`` gets the byte offset reached now and then. Raises IntakeError
        too_many_broken_rows, OSError when the disk is full."""
        layout = self._layout
        footers = footer_offsets(path, self._rules, layout.data_offset)
        regular_until = min(footers, default=path.stat().st_size)
        with path.open("rb") as handle, target.open("wb") as sink:
            sink.write(self._rules.render(_heading_line(layout.header)) + b"\n")
            offset, line, step = layout.data_offset, layout.data_line, _LARGEST_STEP
            while True:
                handle.seek(offset)
                block = regular_block(handle.read(max(0, min(step, regular_until - offset))), line, layout)
                if block is not None and step <= self._limits.max_record_bytes:
                    self._copy(block, sink)
                    offset, line = offset + block.n_bytes, line + block.n_lines
                    step = min(2 * step, _LARGEST_STEP)
                else:
                    handle.seek(offset)
                    following = self._take_until(handle, sink, line, offset, offset + step, footers)
                    if following is None:
                        break
                    offset, line, step = following.offset, following.number, _SMALLEST_STEP
                progress(offset)
        self._name_trailing_remarks()
        return self._out

    def _copy(self, block: RegularBlock, sink: BinaryIO) -> None:
        numbered = b"%d" + self._layout.delimiter.replace(b"%", b"%%") + b"%b\n"
        sink.write(b"".join([numbered % pair for pair in zip(block.lines, block.rows, strict=True)]))
        self._out.n_records += len(block.rows)
        self._out.n_blank += block.n_blank
        self._out.multiline = self._out.multiline or block.multiline
        if block.lines:
            self._last_good_line = block.lines[-1]

    def _take_until(
        self, handle: BinaryIO, sink: BinaryIO, line: int, offset: int, until: int, footers: frozenset[int]
    ) -> Line | None:
        """Look at every record from ``offset`` on; the first line at or behind ``until``, or None at the end."""
        limit = min(self._limits.max_line_bytes, self._limits.max_record_bytes)
        source = LineSource(handle, limit, line, offset)
        while (following := source.peek()) is not None and following.offset < until:
            self._take(following, source, sink, following.offset in footers)
        return following

    def _take(self, line: Line, source: LineSource, sink: BinaryIO, is_footer: bool) -> None:
        text, layout = line.text, self._layout
        if self._rules.is_blank(text) and line.size == len(text):
            self._out.n_blank += 1
            source.advance()
        elif is_footer:
            self._hold(source, 1, Code.FOOTER_LINE)
        elif line.size > len(text) or line.size > self._limits.max_record_bytes:
            self._hold(source, 1, Code.RECORD_TOO_LONG, found=line.size, expected=self._limits.max_record_bytes)
        elif (
            is_utf8(text)
            and b"\x00" not in text
            and not text.lstrip(b' "').startswith(self._first_heading)
            and (
                text.count(layout.delimiter) == layout.width - 1
                if b'"' not in text
                else self._whole.fullmatch(text) is not None
            )
        ):
            self._write(sink, line, text, 1)
            source.advance()
        else:
            self._take_slowly(line, source, sink)

    def _take_slowly(self, line: Line, source: LineSource, sink: BinaryIO) -> None:
        width = self._layout.width
        record = self._rules.read(source)
        if record.defect is not None:
            n_lines = self._broken_span(source, record)
            self._hold(source, n_lines, record.defect)
            if n_lines >= self._limits.max_record_lines:
                self._step_over_narrow(source)
            return
        fields = fitted(record.fields, width)
        if len(fields) != width:
            n_lines = self._broken_span(source, record)
            if n_lines < record.n_lines:
                # The quote swallowed following rows: the quote is the fault, not the number of cells.
                self._hold(source, n_lines, Code.STRAY_QUOTE)
                return
            reason = Code.TOO_MANY_FIELDS if len(fields) > width else Code.TOO_FEW_FIELDS
            last = source.peek(n_lines - 1)
            if reason is Code.TOO_FEW_FIELDS and last and not last.ended and source.peek(n_lines) is None:
                reason = Code.TRUNCATED_RECORD
            self._hold(source, n_lines, reason, found=len(fields), expected=width)
            return
        reason_in_cells = self._fault_in_cells(fields)
        rendered = b"" if reason_in_cells else self._rules.render(fields)
        if reason_in_cells:
            self._hold(source, record.n_lines, reason_in_cells[0], column=reason_in_cells[1])
        elif len(rendered) + _LINE_DIGITS > self._limits.max_record_bytes:
            allowed = self._limits.max_record_bytes
            self._hold(source, record.n_lines, Code.RECORD_TOO_LONG, found=len(rendered), expected=allowed)
        else:
            self._write(sink, line, rendered, record.n_lines)
            source.advance(record.n_lines)

    def _fault_in_cells(self, fields: list[bytes]) -> tuple[Code, str] | None:
        header = self._layout.header
        for position, cell in enumerate(fields):
            if b"\x00" in cell:
                return Code.NUL_BYTE, header[position]
            try:
                cell.decode("utf-8")
            except UnicodeDecodeError:
                return Code.BAD_BYTES, header[position]
        if all(headings.cleaned(cell) == heading for cell, heading in zip(fields, header, strict=True)):
            return Code.REPEATED_HEADER, ""
        return None

    def _broken_span(self, source: LineSource, record: Record) -> int:
        """Physical lines of the broken record: up to where reading may resume."""
        width, mark = self._layout.width, self._layout.delimiter
        n_lines = record.n_lines
        if record.defect is Code.UNCLOSED_QUOTE:
            while n_lines < self._limits.max_record_lines and source.peek(n_lines) is not None:
                n_lines += 1
        for ahead in range(1, n_lines):
            line = source.peek(ahead)
            if line is None:
                return ahead
            wide = line.text.count(mark) >= width - 1
            if b'"' not in line.text:
                if line.text.count(mark) == width - 1 or (wide and record.defect is not None):
                    return ahead
                continue
            attempt = self._rules.read(source, ahead)
            if attempt.loose:
                continue  # amid a broken record, a quote inside a plain field is more likely that record's own
            whole = attempt.defect is None and len(fitted(attempt.fields, width)) == width
            if whole or (wide and record.defect is not None):
                return ahead
        return n_lines

    def _step_over_narrow(self, source: LineSource) -> None:
        """The rest of a runaway field: lines too narrow to be records of their own belong to the one held back."""
        while (line := source.peek()) is not None and line.text.count(self._layout.delimiter) < self._layout.width - 1:
            source.advance()

    def _write(self, sink: BinaryIO, line: Line, rendered: bytes, n_lines: int) -> None:
        sink.write(b"%d%b%b\n" % (line.number, self._layout.delimiter, rendered))
        self._out.n_records += 1
        self._last_good_line = line.number
        if n_lines > 1:
            self._out.multiline = True

    def _hold(
        self, source: LineSource, n_lines: int, reason: Code, column: str = "", found: int = 0, expected: int = 0
    ) -> None:
        """Set the next ``n_lines`` lines aside as one record and step over them."""
        out = self._out
        lines = list(_ahead(source, n_lines))
        raw = b"\n".join(line.text for line in lines[:TEXT_LIMIT])
        number = out.n_records + len(out.problems) + 1
        out.problems.append(RowProblem(number, lines[0].number, column, excerpt(raw), reason, found, expected))
        source.advance(len(lines))
        if len(out.problems) > self._limits.max_held_back:
            raise IntakeError(
                Code.TOO_MANY_BROKEN_ROWS,
                tuple(out.problems[:1000]),
                file=self._name,
                found=len(out.problems),
                allowed=self._limits.max_held_back,
                line=out.problems[0].line,
                reason=out.problems[0].reason.value,
            )

    def _name_trailing_remarks(self) -> None:
        """Short rows behind the last good record are a footer when their words say so."""
        problems = self._out.problems
        short = (Code.TOO_FEW_FIELDS, Code.TRUNCATED_RECORD)
        mark = self._layout.delimiter.decode("utf-8", "replace")
        for index in range(len(problems) - 1, -1, -1):
            problem = problems[index]
            if problem.line < self._last_good_line:
                return
            if problem.reason in short and is_remark([cell.strip('"') for cell in problem.text.split(mark)]):
                problems[index] = RowProblem(problem.record, problem.line, "", problem.text, Code.FOOTER_LINE)


def _ahead(source: LineSource, count: int) -> Iterator[Line]:
    for index in range(count):
        line = source.peek(index)
        if line is not None:
            yield line


def remove_quietly(path: Path) -> None:
    """Delete a working copy that may be gone already."""
    with suppress(FileNotFoundError):
        path.unlink()


def _heading_line(header: tuple[str, ...]) -> list[bytes]:
    """The headings of a rewritten file, on one physical line whatever they hold, so that skip_lines stays 1."""
    return [LINE_COLUMN.encode(), *(" ".join(heading.split()).encode() for heading in header)]

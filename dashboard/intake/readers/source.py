"""The result of reading one upload: a clean UTF-8 file plus everything known about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.intake.problem import Code, IntakeError, RowProblem


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One table, ready for a strict CSV reader.

    Conservation: data records in the original = ``n_records + n_held_back``; blank lines (``n_blank``) come on top.
    A ZIP member or a sheet that was not read has ``refused`` set, no header, and one problem that names it.
    """

    name: str  # as given by the user ("export.zip/Account.csv", "book.xlsx / Sheet1"); data only, never opened
    path: Path  # UTF-8; a BOM may remain in front of the heading line, which skip_lines removes
    encoding: str  # of the original: utf-8, utf-8-sig, utf-16, utf-32, gb18030, cp1252; xlsx, xls, ods
    delimiter: str
    quote: str
    header: tuple[str, ...]  # cleaned headings; without the line column of has_line_column
    skip_lines: int  # physical lines in path before the first data record
    n_records: int  # data records in path, counted without DuckDB
    n_blank: int  # empty or white lines after the headings
    n_held_back: int  # records left out of path, each listed in problems
    problems: tuple[RowProblem, ...]  # held-back rows in file order, and title lines (record = 0)
    has_line_column: bool  # path starts each record with its 1-based line in the original
    multiline: bool  # some record spans several physical lines
    size: int  # bytes of the original
    sha256: str  # of the original bytes, hex
    refused: Code | None = None  # ZIP members and sheets only: why it was not read


def refused_file(name: str, job: Path, code: Code, error: IntakeError | None = None) -> SourceFile:
    """The stand-in for a ZIP member or a sheet that was not read; ``error``: the reason in full, where there is one."""
    problem = RowProblem(0, int(error.facts.get("line", 0)) if error else 0, "", name, code)
    return SourceFile(
        name=name,
        path=job,
        encoding="",
        delimiter="",
        quote="",
        header=(),
        skip_lines=0,
        n_records=0,
        n_blank=0,
        n_held_back=0,
        problems=(problem, *(error.problems if error else ())),
        has_line_column=False,
        multiline=False,
        size=0,
        sha256="",
        refused=code,
    )

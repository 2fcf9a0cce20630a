"""What the reader tests share: write bytes, read them, count the outcome by DuckDB."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import duckdb
import pytest

from dashboard.intake.problem import CODES, Code, IntakeError, RowProblem
from dashboard.intake.readers import Limits, SourceFile, read_upload

#: One for all: opening a database costs more than reading these files. Tests run in one thread.
CONNECTION = duckdb.connect(config={"threads": 1})
#: As much as may be spent on saying no.
SECONDS, MEGABYTES = 5.0, 500
BASE = b"Id,Name,Amount\n1,Acme,10\n2,Beta,20\n"


def read_bytes(data: bytes, job: Path, limits: Limits | None = None, name: str = "x.csv") -> list[SourceFile]:
    """The tables of an upload holding ``data``."""
    path = job / "upload"
    path.write_bytes(data)
    return read_upload(path, name, job, limits or Limits())


def read_one(data: bytes, job: Path, limits: Limits | None = None) -> SourceFile:
    """The single table of an upload; its count is checked against DuckDB's."""
    (file,) = read_bytes(data, job, limits)
    assert file.n_held_back == sum(1 for problem in file.problems if problem.record)
    assert count_by_duckdb(file) == file.n_records
    return file


def rows_by_duckdb(file: SourceFile) -> list[tuple[str | None, ...]]:
    """All rows as DuckDB's strict CSV reader sees them."""
    columns = {f"c{i}": "VARCHAR" for i in range(len(file.header) + file.has_line_column)}
    sql = (
        "select * from read_csv(?, all_varchar=true, auto_detect=false, header=false, skip=?, delim=?, quote=?,"
        f" escape=?, columns={columns}, strict_mode=true, null_padding=false)"
    )
    cursor = CONNECTION.execute(sql, [str(file.path), file.skip_lines, file.delimiter, file.quote, file.quote])
    return cursor.fetchall()


def count_by_duckdb(file: SourceFile) -> int:
    """How many records DuckDB's strict CSV reader finds."""
    return len(rows_by_duckdb(file))


def refused(data: bytes, job: Path, limits: Limits | None = None, name: str = "x.csv") -> IntakeError:
    """The error that reading ``data`` ends in."""
    with pytest.raises(IntakeError) as caught:
        read_bytes(data, job, limits, name)
    assert str(caught.value.facts["file"]).startswith(name)  # a sheet is named behind its workbook
    assert caught.value.code in CODES
    return caught.value


def reasons(problems: tuple[RowProblem, ...]) -> list[tuple[int, Code]]:
    """(line, reason) of each problem."""
    return [(problem.line, problem.reason) for problem in problems]


class Frugal:
    """Asserts that what runs inside takes little time and memory."""

    def __enter__(self) -> None:
        self._began, self._peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def __exit__(self, *_: object) -> None:
        assert time.process_time() - self._began < SECONDS
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self._peak) / 1024 < MEGABYTES

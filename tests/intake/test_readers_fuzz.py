"""Five hundred mangled files: every one ends as counted tables or one named error, and no record disappears."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.intake.problem import CODES, Code, IntakeError
from dashboard.intake.readers import SourceFile, line_numbers, repair
from tests.intake.readers_bench import count_by_duckdb, read_bytes, rows_by_duckdb

CELL = st.one_of(
    st.sampled_from(
        ["", "a", "Acme, Inc.", 'say "hi"', "one\ntwo", "上海某公司", "Müller", "1,234.50", "=cmd|x", " x "]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12),
)
QUIET = settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
HEAD = ["Id", "Name", "Note", "City"]
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12)
DIALECT = st.tuples(st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]), st.booleans())


def table(rows: list[list[str]], dialect: tuple[str, str, bool]) -> list[bytes]:
    """Records of a well-formed file, the headings first, each with its line break."""
    delimiter, newline, all_quoted = dialect
    records = []
    for row in [HEAD, *([f"K{i}", *row] for i, row in enumerate(rows, 1))]:
        sink = io.StringIO()
        csv.writer(
            sink,
            delimiter=delimiter,
            lineterminator=newline,
            quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
        ).writerow(row)
        records.append(sink.getvalue().encode())
    return records


def outcome(data: bytes, check: Callable[[SourceFile], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = read_bytes(data, Path(folder))
        except IntakeError as error:
            assert error.code in CODES and str(error)
            return
        for file in files:
            assert file.n_held_back == sum(1 for problem in file.problems if problem.record)
            assert count_by_duckdb(file) == file.n_records
            mended = repair(file, Path(folder))
            assert (mended.n_records, mended.n_blank, mended.n_held_back) == (
                file.n_records,
                file.n_blank,
                file.n_held_back,
            )
            assert count_by_duckdb(mended) == mended.n_records
            everything = range(1, file.n_records + 1)
            lines = line_numbers(file, everything)
            assert list(lines) == list(everything) and sorted(lines.values()) == list(lines.values())
            assert lines == line_numbers(mended, everything)
            check(file)


@QUIET
@given(ROWS, DIALECT)
def test_well_formed_files_lose_nothing(rows: list[list[str]], dialect: tuple[str, str, bool]) -> None:
    def whole(file: SourceFile) -> None:
        assert (file.n_records, file.n_held_back, file.n_blank) == (len(rows), 0, 0)
        if not file.has_line_column and dialect[1] == "\n":
            read = [tuple(cell or "" for cell in row) for row in rows_by_duckdb(file)]
            assert read == [(f"K{i}", *row) for i, row in enumerate(rows, 1)]

    outcome(b"".join(table(rows, dialect)), whole)


MANGLE = st.sampled_from([b"K9", b"K9%1", b"K9%x%y%z%w%v", b"K9%a\x00b%c%d", b"K9%\x81%c%d", b'K9%"a"b%c%d'])


@QUIET
@given(ROWS, DIALECT, MANGLE, st.integers(0, 12), st.integers(0, 2))
def test_one_broken_row_costs_one_row(
    rows: list[list[str]], dialect: tuple[str, str, bool], broken: bytes, place: int, n_blank: int
) -> None:
    newline = dialect[1].encode()
    records = table(rows, dialect)
    at = 1 + min(place, len(rows))
    records[at:at] = [newline] * n_blank + [broken.replace(b"%", dialect[0].encode()) + newline]

    def one_lost(file: SourceFile) -> None:
        assert (file.n_records, file.n_held_back, file.n_blank) == (len(rows), 1, n_blank)
        assert file.problems[0].record == at
        assert file.problems[0].line == 1 + b"".join(records[: at + n_blank]).count(b"\n")

    outcome(b"".join(records), one_lost)


@QUIET
@given(ROWS, DIALECT, st.data())
def test_mangled_files_end_well(rows: list[list[str]], dialect: tuple[str, str, bool], data: st.DataObject) -> None:
    content = bytearray(b"".join(table(rows, dialect)))
    piece = st.one_of(
        st.sampled_from([b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xd6", b"\n\n", b"\t"]),
        st.binary(min_size=1, max_size=4),
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 6))
        content[at : at + cut] = data.draw(piece)

    outcome(bytes(content), lambda file: None)


@QUIET
@given(st.binary(max_size=300))
def test_any_bytes_end_well(content: bytes) -> None:
    outcome(content, lambda file: None)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"PK\x03\x04", b"PK\x05\x06"]))
def test_any_container_ends_well(content: bytes, magic: bytes) -> None:
    outcome(magic + content, lambda file: None)


def test_codes_are_a_closed_list() -> None:
    assert {code.value for code in Code} == CODES and len(CODES) == len(Code)

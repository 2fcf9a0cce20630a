"""Mangled workbooks: every one ends as counted tables or one named error, and what is read adds up."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.intake.problem import CODES, IntakeError
from dashboard.intake.readers import line_numbers
from tests.intake.readers_bench import count_by_duckdb, read_bytes, rows_by_duckdb
from tests.intake.test_readers_hostile_workbook import ODS_ROWS, open_document, packed, parts
from tests.intake.test_readers_older_workbook import older_workbook
from tests.intake.test_readers_workbook import workbook

CELL = st.one_of(
    st.sampled_from(["", "a", "Acme, Inc.", 'say "hi"', "one\ntwo", "上海某公司", "=1+1", " x ", "1,234.50"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cc", "Cs"]), max_size=12),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.none(),
)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12)
QUIET = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
PIECE = st.one_of(
    st.sampled_from([b"\x00", b"\xff\xff\xff\x7f", b"<", b'"', b"9999999", b"&e;"]), st.binary(max_size=4)
)


def ends_well(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            files = read_bytes(data, Path(folder), name="book.xlsx")
        except IntakeError as error:
            assert error.code in CODES and str(error)
            return
        for file in files:
            assert file.refused or count_by_duckdb(file) == file.n_records
            assert file.n_held_back == sum(1 for problem in file.problems if problem.record)


def mangled(content: bytes, data: st.DataObject) -> bytes:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed)))
        changed[at : at + data.draw(st.integers(0, 6))] = data.draw(PIECE)
    return bytes(changed)


@QUIET
@given(ROWS, st.integers(0, 3), st.integers(0, 3))
def test_well_formed_sheets_lose_nothing(rows: list[list[Any]], top: int, left: int) -> None:
    table: list[list[Any]] = [["Id", "Name", "Note", "City"], *([f"K{i}", *row] for i, row in enumerate(rows))]
    data = workbook(S=[[None]] * top + [[None] * left + row for row in table])
    with tempfile.TemporaryDirectory() as folder:
        (file,) = read_bytes(data, Path(folder), name="book.xlsx")
        assert (file.n_records, file.n_held_back, file.header) == (len(rows), 0, ("Id", "Name", "Note", "City"))
        shown = {True: "true", False: "false"}
        expected = [
            tuple(
                (shown[cell] if isinstance(cell, bool) else str(cell)) if cell not in (None, "") else None
                for cell in row
            )
            for row in table[1:]
        ]
        assert [tuple(cell or None for cell in row[1:]) for row in rows_by_duckdb(file)] == expected
        first = top + 2
        assert line_numbers(file, range(1, len(rows) + 1)) == {i + 1: first + i for i in range(len(rows))}


@QUIET
@given(ROWS, st.data())
def test_mangled_parts_end_well(rows: list[list[Any]], data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(S=[["Id", "Name", "Note"], *rows]))) as container:
        members = {name: container.read(name) for name in container.namelist()}
    name = data.draw(st.sampled_from(sorted(members)))
    ends_well(packed(members | {name: mangled(members[name], data)}))


@QUIET
@given(st.sampled_from(sorted(parts())), st.data())
def test_mangled_hand_made_parts_end_well(name: str, data: st.DataObject) -> None:
    members = {key: text.encode() for key, text in parts().items()}
    ends_well(packed(members | {name: mangled(members[name], data)}))


@QUIET
@given(st.data())
def test_mangled_containers_end_well(data: st.DataObject) -> None:
    ends_well(mangled(packed(parts()), data))


@QUIET
@given(st.booleans(), st.data())
def test_mangled_older_workbooks_end_well(is_short: bool, data: st.DataObject) -> None:
    ends_well(mangled(older_workbook([["Id", "Name"], ["1", "a"], ["2", 5.0]], is_short=is_short), data))


@QUIET
@given(st.data())
def test_mangled_open_documents_end_well(data: st.DataObject) -> None:
    members = {key: text.encode() for key, text in open_document(ODS_ROWS).items()}
    ends_well(packed(members | {"content.xml": mangled(members["content.xml"], data)}))

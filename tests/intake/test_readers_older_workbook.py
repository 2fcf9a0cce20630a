"""Workbooks of the older kind (.xls): the same table, its records written here byte by byte."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from dashboard.intake.problem import Code
from dashboard.intake.readers import SourceFile, line_numbers
from tests.intake.readers_bench import Frugal, count_by_duckdb, read_bytes, refused, rows_by_duckdb

Cell = str | float | bool | None


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def older_workbook(
    rows: list[list[Cell]],
    sheet: str = "Deals",
    date_columns: tuple[int, ...] = (),
    more: bytes = b"",
    listings: int = 1,
    is_short: bool = False,
) -> bytes:
    """A workbook of one sheet, ``more`` records in it, listed ``listings`` times. Numbers of ``date_columns`` are
    shown as days."""
    name = sheet.encode("utf-16-le")
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x42, struct.pack("<H", 1200))
    styles = b"".join(record(0xE0, struct.pack("<HH", 0, form).ljust(20, b"\x00")) for form in (0, 14))
    place = len(head) + len(styles) + listings * (4 + 8 + len(name)) + 4
    listed = record(0x85, struct.pack("<IBBBB", place, 0, 0, len(sheet), 1) + name) * listings
    body = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            style = 1 if j in date_columns else 0
            if isinstance(cell, bool):
                body += record(0x205, struct.pack("<HHHBB", i, j, style, cell, 0))
            elif isinstance(cell, str):
                body += record(0x204, struct.pack("<HHHHB", i, j, 0, len(cell), 1) + cell.encode("utf-16-le"))
            elif cell is not None:
                body += record(0x203, struct.pack("<HHHd", i, j, style, cell))
    return container(head + styles + listed + record(0x0A) + body + more + record(0x0A), is_short)


def container(stream: bytes, is_short: bool = False) -> bytes:
    """An OLE container with the stream "Workbook", padded to be a long one or left to lie among the short ones."""
    stream = stream.ljust(0 if is_short else 4096, b"\x00")
    n_sectors = -(-len(stream) // 512)
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\x00"))
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", head, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head[80:512] = b"\xff" * 432
    n_pieces = -(-len(stream) // 64) if is_short else 0
    if is_short:
        struct.pack_into("<II", head, 60, n_sectors + 2, 1)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, n_sectors + 2), 0xFFFFFFFE, *([0xFFFFFFFE] * is_short)]
    assert len(table) <= 128
    directory = b""
    root = (2, n_sectors * 512) if is_short else (0xFFFFFFFE, 0)
    book = (0 if is_short else 2, len(stream))
    for text, kind, child, (start, size) in (("Root Entry", 5, 1, root), ("Workbook", 2, -1, book)):
        raw = text.encode("utf-16-le")
        entry = bytearray(raw.ljust(128, b"\x00"))
        struct.pack_into("<HBBiii", entry, 64, len(raw) + 2, kind, 1, -1, -1, child)
        struct.pack_into("<II", entry, 116, start, size)
        directory += bytes(entry)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    pieces = struct.pack(f"<{n_pieces}I", *range(1, n_pieces), 0xFFFFFFFE) if is_short else b""
    sectors = stream.ljust(n_sectors * 512, b"\x00") + (pieces.ljust(512, b"\xff") if is_short else b"")
    return bytes(head) + fat + directory.ljust(512, b"\x00") + sectors


#: A number in the farthest cell.
CORNER = record(0x203, struct.pack("<HHHd", 65535, 255, 0, 1.0))


def read(data: bytes, job: Path) -> SourceFile:
    (file,) = read_bytes(data, job, name="book.xls")
    assert count_by_duckdb(file) == file.n_records
    return file


@pytest.mark.parametrize("title", [[], [["Deals of the quarter"], [None]]])
def test_an_older_workbook(title: list[list[Cell]], tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["编号", "Name", "Amount", "Won", "Day"],
        ["00123", "上海某公司", 12.5, True, 45631.0],
        ["2", "line 1\nline 2", 20.0, False, 45631.75],
    ]
    file = read(older_workbook([*title, *rows], "销售机会", (4,)), tmp_path)
    assert (file.name, file.encoding) == ("book.xls / 销售机会", "xls")
    assert [row[1:] for row in rows_by_duckdb(file)] == [
        ("00123", "上海某公司", "12.5", "true", "2024-12-05"),
        ("2", "line 1\nline 2", "20", "false", "2024-12-05 18:00:00"),
    ]
    assert line_numbers(file, [1, 2]) == {1: len(title) + 2, 2: len(title) + 3}


@pytest.mark.parametrize("more", [b"", CORNER])
def test_a_workbook_among_the_short_streams(more: bytes, tmp_path: Path) -> None:
    data = older_workbook([["Id", "Name"], ["1", "a"]], more=more, is_short=True)
    if more:
        assert refused(data, tmp_path, name="book.xls").code == Code.WORKBOOK_TOO_MANY_CELLS
    else:
        assert [row[1:] for row in rows_by_duckdb(read(data, tmp_path))] == [("1", "a")]


def test_a_zero_byte_holds_its_row_back(tmp_path: Path) -> None:
    file = read(older_workbook([["Id", "Name"], ["1", "a\x00b"], ["2", "c"]]), tmp_path)
    assert (file.n_records, file.n_held_back) == (1, 1)
    assert (file.problems[0].line, file.problems[0].column, file.problems[0].reason) == (2, "Name", "nul_byte")


ERRORS = [("#REF!", 23), ("#N/A", 42), ("#DIV/0!", 7)]


@pytest.mark.parametrize(("shown", "number"), ERRORS)
@pytest.mark.parametrize("is_formula", [True, False])
def test_errors_are_not_blanks(shown: str, number: int, is_formula: bool, tmp_path: Path) -> None:
    result = struct.pack("<BBBBHH", 2, 0, number, 0, 0, 0xFFFF)
    cell = (
        record(0x06, struct.pack("<HHH", 2, 1, 0) + result + bytes(8))
        if is_formula
        else record(0x205, struct.pack("<HHHBB", 2, 1, 0, number, 1))
    )
    file = read(older_workbook([["Id", "Amount"], ["1", 5.0], ["2"]], more=cell), tmp_path)
    assert [row[1:] for row in rows_by_duckdb(file)] == [("1", "5"), ("2", shown)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (older_workbook([["Id", "Name"], ["1", "a"]], more=CORNER), Code.WORKBOOK_TOO_MANY_CELLS),
        (
            older_workbook([["Id"], ["1"]], more=record(0xBD, struct.pack("<HHHIH", 65535, 0, 0, 0, 255))),
            Code.WORKBOOK_TOO_MANY_CELLS,
        ),
        (
            older_workbook([["Id", "Name"]], more=record(0x203, struct.pack("<HHHd", 65535, 99, 0, 1.0)), listings=20),
            Code.WORKBOOK_TOO_MANY_CELLS,
        ),
        (older_workbook([["Id", "Name"]], listings=251), Code.WORKBOOK_TOO_MANY_SHEETS),
        (older_workbook([["Id", "Name"]], more=record(0x2F, bytes(54))), Code.WORKBOOK_ENCRYPTED),
        (older_workbook([["Id", "Name"], ["1", "a"]])[:1400], Code.WORKBOOK_BROKEN),
        (older_workbook([["Id", "Name"]])[:512] + struct.pack("<128I", 0, *[2] * 127), Code.WORKBOOK_BROKEN),
    ],
)
def test_hostile_older_workbooks(data: bytes, code: Code, tmp_path: Path) -> None:
    with Frugal():
        assert refused(data, tmp_path, name="book.xls").code == code

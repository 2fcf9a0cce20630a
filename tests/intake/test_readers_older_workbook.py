"""Workbooks of the older kind (.xls): the same table, its records written here byte by byte."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from dashboard.intake.readers import SourceFile, line_numbers
from tests.intake.readers_bench import count_by_duckdb, read_bytes, rows_by_duckdb

Cell = str | float | bool | None


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def older_workbook(rows: list[list[Cell]], sheet: str = "Deals", date_columns: tuple[int, ...] = ()) -> bytes:
    """A workbook of one sheet. Numbers of ``date_columns`` are shown as days."""
    name = sheet.encode("utf-16-le")
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x42, struct.pack("<H", 1200))
    styles = b"".join(record(0xE0, struct.pack("<HH", 0, form).ljust(20, b"\x00")) for form in (0, 14))
    place = len(head) + len(styles) + 4 + 8 + len(name) + 4
    listed = record(0x85, struct.pack("<IBBBB", place, 0, 0, len(sheet), 1) + name)
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
    return container(head + styles + listed + record(0x0A) + body + record(0x0A))


def container(stream: bytes) -> bytes:
    """An OLE container with the stream "Workbook"."""
    stream = stream.ljust(4096, b"\x00")
    n_sectors = -(-len(stream) // 512)
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\x00"))
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", head, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head[80:512] = b"\xff" * 432
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, n_sectors + 2), 0xFFFFFFFE]
    directory = b""
    for text, kind, child, start, size in (("Root Entry", 5, 1, 0xFFFFFFFE, 0), ("Workbook", 2, -1, 2, len(stream))):
        raw = text.encode("utf-16-le")
        entry = bytearray(raw.ljust(128, b"\x00"))
        struct.pack_into("<HBBiii", entry, 64, len(raw) + 2, kind, 1, -1, -1, child)
        struct.pack_into("<II", entry, 116, start, size)
        directory += bytes(entry)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return bytes(head) + fat + directory.ljust(512, b"\x00") + stream.ljust(n_sectors * 512, b"\x00")


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


def test_a_zero_byte_holds_its_row_back(tmp_path: Path) -> None:
    file = read(older_workbook([["Id", "Name"], ["1", "a\x00b"], ["2", "c"]]), tmp_path)
    assert (file.n_records, file.n_held_back) == (1, 1)
    assert (file.problems[0].line, file.problems[0].column, file.problems[0].reason) == (2, "Name", "nul_byte")

"""Workbooks: every sheet with a table, its rows by their numbers, its cells as the sheet shows them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import Limits, SourceFile, line_numbers, repair
from tests.intake.readers_bench import count_by_duckdb, read_bytes, reasons, refused, rows_by_duckdb

Fill = Callable[[Any, Any], None]

HEAD = ["Id", "Name", "Amount"]
ROWS = [["1", "Acme", 10], ["2", "Beta", 20.5]]


def workbook(**sheets: Fill | list[list[Any]]) -> bytes:
    """A workbook of sheets by name: rows from A1 on, or a function that fills (workbook, sheet)."""
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "nan_inf_to_errors": True})
    for name, content in sheets.items():
        sheet = book.add_worksheet(name)
        if callable(content):
            content(book, sheet)
        else:
            write(sheet, content)
    book.close()
    return sink.getvalue()


def write(sheet: Any, rows: list[list[Any]], top: int = 0, left: int = 0) -> None:
    """Rows of cells from a corner on; text stays text, None stays empty."""
    for i, row in enumerate(rows, top):
        for j, cell in enumerate(row, left):
            if isinstance(cell, str):
                sheet.write_string(i, j, cell)
            elif cell is not None:
                sheet.write(i, j, cell)


def one(data: bytes, job: Path, limits: Limits | None = None) -> SourceFile:
    """The single table of a workbook, checked against DuckDB's count and its own accounting."""
    (file,) = read_bytes(data, job, limits, "book.xlsx")
    assert count_by_duckdb(file) == file.n_records
    assert file.n_held_back == sum(1 for problem in file.problems if problem.record)
    return file


def cells(file: SourceFile) -> list[tuple[str | None, ...]]:
    """The records without their row numbers."""
    return [row[1:] for row in rows_by_duckdb(file)]


def test_every_sheet_with_a_table_is_a_file(tmp_path: Path) -> None:
    data = workbook(Deals=[HEAD, *ROWS], 客户=[["编号", "名称"], ["c1", "上海某公司"]], Empty=[])
    files = read_bytes(data, tmp_path, name="book.xlsx")
    assert [file.name for file in files] == ["book.xlsx / Deals", "book.xlsx / 客户"]
    assert [(file.n_records, file.encoding, file.size) for file in files] == [
        (2, "xlsx", len(data)),
        (1, "xlsx", len(data)),
    ]
    assert cells(files[0]) == [("1", "Acme", "10"), ("2", "Beta", "20.5")]
    assert all(repair(file, tmp_path) is file for file in files)


def test_hidden_sheets_are_named_and_not_read(tmp_path: Path) -> None:
    def hidden(book: Any, sheet: Any) -> None:
        write(sheet, [HEAD, *ROWS])
        sheet.hide()

    def very_hidden(book: Any, sheet: Any) -> None:
        write(sheet, [["only one cell"]])
        sheet.very_hidden()

    files = read_bytes(workbook(Deals=[HEAD, *ROWS], Lists=hidden, hiddenSheet=very_hidden), tmp_path, name="b.xlsx")
    assert [(file.name, file.refused) for file in files] == [
        ("b.xlsx / Deals", None),
        ("b.xlsx / Lists", Code.HIDDEN_SHEET),
        ("b.xlsx / hiddenSheet", Code.HIDDEN_SHEET),
    ]
    assert files[1].problems[0].text == "b.xlsx / Lists"


def test_a_sheet_of_remarks_does_not_stop_the_others(tmp_path: Path) -> None:
    files = read_bytes(workbook(About=[["How to read this"], ["…"]], Deals=[HEAD, *ROWS]), tmp_path, name="b.xlsx")
    assert [(file.name, file.refused) for file in files] == [
        ("b.xlsx / About", Code.ONE_COLUMN),
        ("b.xlsx / Deals", None),
    ]


def test_charts_are_passed_over(tmp_path: Path) -> None:
    def with_chart(book: Any, sheet: Any) -> None:
        write(sheet, [HEAD, *ROWS])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Deals!$C$2:$C$3"})
        book.add_chartsheet("Chart").set_chart(chart)

    assert one(workbook(Deals=with_chart), tmp_path).n_records == 2


# --- where the table is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "n_titles"),
    [
        ([["Deals of the quarter"]], 1),
        ([["Deals"], [None], ["As of", "2026-05-01"], [None]], 2),
        ([[None], [None], ["销售机会", None, None, None, None, "第 1 页"]], 1),
    ],
)
def test_titles_above_the_headings(title: list[list[Any]], n_titles: int, tmp_path: Path) -> None:
    wide: list[list[Any]] = [
        ["Id", "Name", "Stage", "Amount", "Owner", "Close date"],
        ["1", "Acme", "Won", 10, "Ann", "2026-01-02"],
    ]
    file = one(workbook(Deals=[*title, *wide, wide[1]]), tmp_path)
    assert file.header == tuple(wide[0])
    assert [problem.reason for problem in file.problems] == [Code.TITLE_LINE] * n_titles
    first = len(title) + 2
    assert (file.n_records, line_numbers(file, [1, 2])) == (2, {1: first, 2: first + 1})


def test_the_table_may_start_anywhere(tmp_path: Path) -> None:
    file = one(workbook(Deals=lambda book, sheet: write(sheet, [HEAD, *ROWS], top=4, left=3)), tmp_path)
    assert (file.header, line_numbers(file, [1, 2])) == (("Id", "Name", "Amount"), {1: 6, 2: 7})
    assert cells(file)[1] == ("2", "Beta", "20.5")


def test_blank_rows_and_columns(tmp_path: Path) -> None:
    rows = [["Id", None, "Name"], ["1", None, "a"], [], [" ", None, ""], ["2", None, "b"]]
    file = one(workbook(Deals=rows), tmp_path)
    assert (file.header, file.n_records, file.n_blank) == (("Id", "", "Name"), 2, 2)
    assert line_numbers(file, [1, 2]) == {1: 2, 2: 5}


def test_text_beside_the_table_costs_no_record(tmp_path: Path) -> None:
    file = one(workbook(Deals=[HEAD, [*ROWS[0], None, "call back!"], ROWS[1]]), tmp_path)
    assert (file.header, file.n_records) == (("Id", "Name", "Amount", "", ""), 2)
    assert cells(file)[0] == ("1", "Acme", "10", None, "call back!")


@pytest.mark.parametrize(
    ("footer", "n_held_back"),
    [
        ([["Total", None, 30.5]], 1),
        ([[None], ["合计", None, 30.5]], 1),
        (
            [
                ["Grand Totals (2 records)"],
                [None],
                ["My pipeline"],
                ["Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."],
                ["Confidential Information - Do Not Distribute"],
                ["Generated By:  Ann Lee  11/23/2026 3:04 PM"],
                ["Example Ltd"],
            ],
            6,
        ),
    ],
)
def test_footers_below_the_records(footer: list[list[Any]], n_held_back: int, tmp_path: Path) -> None:
    file = one(workbook(Deals=[HEAD, *ROWS, *footer]), tmp_path)
    assert (file.n_records, file.n_held_back) == (2, n_held_back)
    assert {problem.reason for problem in file.problems} == {Code.FOOTER_LINE}


@pytest.mark.parametrize("row", [["3", "Total", 30], ["Total", "France", 30], ["3", None, None], [None, "Late", None]])
def test_records_like_footers_stay(row: list[Any], tmp_path: Path) -> None:
    assert one(workbook(Deals=[HEAD, *ROWS, row]), tmp_path).n_records == 3


def test_repeated_headings_are_held_back_with_their_cells(tmp_path: Path) -> None:
    file = one(workbook(Deals=[HEAD, ROWS[0], HEAD, ROWS[1]]), tmp_path)
    assert reasons(file.problems) == [(3, Code.REPEATED_HEADER)]
    assert (file.problems[0].record, file.problems[0].text) == (2, "Id\tName\tAmount")


def test_two_levels_of_headings(tmp_path: Path) -> None:
    def merged(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 1, 0, "Id")
        sheet.merge_range(0, 1, 1, 1, "Name")
        sheet.merge_range(0, 2, 0, 3, "Plan")
        sheet.merge_range(0, 4, 0, 5, "Actual")
        write(sheet, [["Amount", "Date", "Amount", "Date"]], top=1, left=2)
        write(sheet, [["1", "Acme", 10, "2026-01-01", 11, "2026-01-02"]], top=2)

    file = one(workbook(Deals=merged), tmp_path)
    assert file.header == ("Id", "Name", "Plan Amount", "Plan Date", "Actual Amount", "Actual Date")
    assert (file.n_records, line_numbers(file, [1])) == (1, {1: 3})


def test_a_merged_title_is_a_title(tmp_path: Path) -> None:
    def merged(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 2, "Deals")
        write(sheet, [HEAD, *ROWS], top=1)

    file = one(workbook(Deals=merged), tmp_path)
    assert (file.header, reasons(file.problems)) == (("Id", "Name", "Amount"), [(1, Code.TITLE_LINE)])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["Id", "Name", "name "], ["1", "a", "b"]], Code.DUPLICATE_HEADING),
        ([["1", "Acme", 10], ["2", "Beta", 20], ["3", "C", 30]], Code.HEADERLESS),
        ([HEAD], Code.HEADER_ONLY),
        ([["Name"], ["a"], ["b"]], Code.ONE_COLUMN),
        ([HEAD, HEAD], Code.ALL_ROWS_HELD_BACK),
    ],
)
def test_sheets_without_a_usable_table(rows: list[list[Any]], code: Code, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read_bytes(workbook(Deals=rows), tmp_path, name="book.xlsx")
    assert caught.value.code == code
    assert caught.value.facts["file"] == "book.xlsx / Deals"
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


# --- cells ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (45631, "yyyy-mm-dd", "2024-12-05"),
        (45631.123456, "yyyy/m/d h:mm", "2024-12-05 02:57:46.598000"),
        (45631.75, "m/d/yy h:mm AM/PM", "2024-12-05 18:00:00"),
        (45292.99999999, "yyyy-mm-dd hh:mm:ss", "2024-01-02 00:00:00"),
        (45631, '[$-804]yyyy"年"m"月"d"日"', "2024-12-05"),
        (45631, None, "45631"),
        (0.5, "hh:mm", "12:00:00"),
        (1.75, "[h]:mm:ss", "42:00:00"),
        (0.6, "0%", "0.6"),
        (5, None, "5"),
        (-3, None, "-3"),
        (0.1 + 0.2, None, "0.3"),
        (1234.1 - 1000, None, "234.1"),
        (1e-7, None, "0.0000001"),
        (53000, "#,##0.00", "53000"),
        (4000000000000123, None, "4000000000000123"),
        (1234567890123456789, None, "1.23456789012346E+18"),
        (True, None, "true"),
        (False, None, "false"),
    ],
)
def test_cells_as_the_sheet_shows_them(value: Any, style: str | None, text: str, tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(sheet, [["Id", "Value"], ["a"]])
        sheet.write(1, 1, value, book.add_format({"num_format": style}) if style else None)

    assert cells(one(workbook(S=fill), tmp_path)) == [("a", text)]


def test_text_cells_stay_text(tmp_path: Path) -> None:
    texts = ["00123", " x ", "1.23457E+15", "line 1\nline 2", 'say "hi", ok', "=1+1", "a\r\nb", "客户\t备注", "0.10"]
    file = one(workbook(S=[["Id", "Text"], *([str(i), text] for i, text in enumerate(texts))]), tmp_path)
    assert [row[1] for row in cells(file)] == [text.replace("\r\n", "\n") for text in texts]
    assert list(line_numbers(file, range(1, 10)).values()) == list(range(2, 11))
    assert file.multiline


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!"])
def test_errors_are_not_blanks(error: str, tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(sheet, [["Id", "Amount"], ["a", 1], ["b"], ["c", 3]], top=2, left=2)
        sheet.write_formula(4, 3, "=1/0", None, error)

    assert cells(one(workbook(S=fill), tmp_path)) == [("a", "1"), ("b", error), ("c", "3")]


def test_the_other_calendar(tmp_path: Path) -> None:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True, "date_1904": True})
    sheet = book.add_worksheet("S")
    write(sheet, [["Id", "Day"], ["a"]])
    sheet.write_datetime(1, 1, dt.datetime(2024, 12, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    assert cells(one(sink.getvalue(), tmp_path)) == [("a", "2024-12-05")]


# --- workbooks in archives -----------------------------------------------------------------------------------------


def test_workbooks_and_text_in_one_archive(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as container:
        container.writestr("data/book.xlsx", workbook(Deals=[HEAD, *ROWS], Users=[["id", "name"], ["u1", "Ann"]]))
        container.writestr("b.csv", "Id,Name\n1,a\n")
        container.writestr("broken.xlsx", b"PK\x03\x04 no workbook")
        container.writestr("none.xlsx", workbook(S=[]))
    files = {file.name: file for file in read_bytes(sink.getvalue(), tmp_path, name="e.zip")}
    assert {name: (file.n_records, file.refused) for name, file in files.items()} == {
        "e.zip/data/book.xlsx / Deals": (2, None),
        "e.zip/data/book.xlsx / Users": (1, None),
        "e.zip/b.csv": (1, None),
        "e.zip/broken.xlsx": (0, Code.ZIP_BROKEN),
        "e.zip/none.xlsx": (0, Code.EMPTY_FILE),
    }
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("member-") and path.suffix == ".xlsx"]
    used = {file.path for file in files.values() if not file.refused}
    assert set(tmp_path.iterdir()) == used | {tmp_path / "upload"}


def test_an_empty_workbook(tmp_path: Path) -> None:
    assert refused(workbook(A=[], B=[]), tmp_path, name="book.xlsx").code == Code.EMPTY_FILE


def test_a_name_that_lies_is_no_matter(tmp_path: Path) -> None:
    files = read_bytes(workbook(Deals=[HEAD, *ROWS]), tmp_path, name="export.csv")
    assert [file.n_records for file in files] == [2]

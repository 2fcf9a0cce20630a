"""Exports carry the rows and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from dashboard.ui.export import as_csv, as_xlsx, neutral

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "\u00a0=1", "\u3000＝1", "x\n=1"]


@pytest.mark.parametrize("text", [*FORMULAS, "＋1a", "－1a", "＠x"])
def test_formulas_are_neutralised(text):
    assert neutral(text).startswith("'")


@pytest.mark.parametrize("text", ["-12", "+8613800138000", "-1,234.50", "3-4", "张三", "a=b", "", "-5%"])
def test_numbers_and_plain_text_stay_as_they_are(text):
    assert neutral(text) == text


def test_csv_opens_in_excel_with_chinese():
    data = as_csv(["客户", "=金额"], [["=x", Decimal("-1.50")], [None, dt.date(2026, 10, 31)]])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [["客户", "'=金额"], ["'=x", "-1.50"], ["", "2026-10-31"]]


def test_xlsx_keeps_types_and_holds_no_formula_or_link():
    when = dt.datetime(2026, 10, 31, 9)
    data = as_xlsx(["a", "b"], [["=1+1", 5], ["http://evil.test", Decimal("-1.5")], [when, True], [None, "00123"]])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[1:] == [["'=1+1", 5.0], ["http://evil.test", -1.5], [when, True], ["", "00123"]]

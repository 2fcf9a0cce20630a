"""Exports: rows as CSV or XLSX, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: A cell that a spreadsheet may take for a formula: after blanks of any kind, also at the start of an inner line.
_FORMULA = re.compile(r"(?:^|[\r\n])[\s\u00a0\u3000\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]")
_NUMERIC = re.compile(r"[+\-]?\d[\d,]*(?:\.\d+)?%?")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def neutral(value: Any) -> Any:
    """A cell that stays text: an apostrophe goes before what would start a formula; numbers keep their sign."""
    if not isinstance(value, str):
        return value
    text = _FORBIDDEN.sub("", value)
    return "'" + text if _FORMULA.search(text) and not _NUMERIC.fullmatch(text) else text


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV in UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([neutral(head) for head in heads])
    writer.writerows([_flat(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet, the first row fixed; text cells are written as text, never as formulas."""
    import xlsxwriter  # only an export needs it, and no page should wait for it

    out = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, settings)
    sheet = book.add_worksheet("1")
    day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    widths = [min(max(12, 2 * len(head)), 40) for head in heads]
    for x, head in enumerate(heads):
        sheet.write_string(0, x, neutral(head), bold)
        sheet.set_column(x, x, widths[x])
    for y, row in enumerate(rows, start=1):
        for x, value in enumerate(row):
            _put(sheet, y, x, value, day)
    book.close()
    return out.getvalue()


def _flat(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return neutral(value)


def _put(sheet: Any, y: int, x: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(y, x, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(y, x, float(value))
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(y, x, value.replace(tzinfo=None), day)
    elif isinstance(value, dt.date):
        sheet.write_datetime(y, x, dt.datetime.combine(value, dt.time()), day)
    else:
        sheet.write_string(y, x, neutral(str(value))[:32_767])


#: Kind -> (MIME type, writer).
KINDS = {"csv": (CSV, as_csv), "xlsx": (XLSX, as_xlsx)}

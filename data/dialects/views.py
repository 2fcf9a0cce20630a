"""How Dynamics 365 writes a view: as a workbook or as CSV."""

from __future__ import annotations

import csv
import html
import io
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

Cell = str | int | float | date | datetime | None
Record = dict[str, Cell]
#: Columns of money, which a CSV writes with its sign, separators and a blank behind.
_MONEY = (
    "Est. Revenue",
    "Actual Revenue",
    "Total Amount",
    "Price Per Unit",
    "List Price",
    "Standard Cost",
    "Target",
)


def marked_up(text: str) -> str:
    """A text as the editor of descriptions stores it."""
    return f"<div>{html.escape(text, quote=False).replace(chr(10), '<br>')}</div>" if text else ""


def write_workbook(path: Path, rows: list[Record]) -> None:
    """The view as a static worksheet, with real dates and numbers."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        formats = {date: book.add_format({"num_format": "m/d/yyyy"}), datetime: book.add_format({"num_format": 22})}
        for column, heading in enumerate(rows[0]):
            sheet.write_string(0, column, heading)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row.values()):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, formats[type(cell)])
                elif isinstance(cell, (int, float)):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, cell)


def write_text(path: Path, rows: list[Record]) -> None:
    """The view as CSV, in the forms of an American office."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([_written(heading, cell) for heading, cell in row.items()] for row in rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _written(heading: str, cell: Cell) -> str:
    """A cell as the locale of an American office shows it."""
    if isinstance(cell, datetime):
        return f"{cell.month}/{cell.day}/{cell.year} {cell.hour}:{cell:%M}"
    if isinstance(cell, date):
        return f"{cell.month}/{cell.day}/{cell.year}"
    if isinstance(cell, (int, float)) and heading in _MONEY:
        return f"${cell:,.2f} "
    return "" if cell is None else str(cell)

"""Output of the command line: rows as an aligned table, CSV or JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dashboard.ui.export import neutral

FORMATS = ("table", "csv", "json")

#: Columns of the screen that one cell may take in a table.
_WIDTH = 60

Row = Mapping[str, Any]


def written(columns: Sequence[str], rows: Sequence[Row], form: str) -> str:
    """The rows in one of FORMATS, ending with a line break; the headings are there also when there are no rows."""
    writers = {"table": as_table, "csv": as_csv, "json": as_json}
    return writers[form](columns, rows)


def as_table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Columns aligned by what they take on a screen, numbers to the right, nothing that steers a terminal."""
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    numeric = [
        bool(rows) and all(_is_number(row.get(name)) or row.get(name) is None for row in rows) for name in columns
    ]
    widths = [max([_width(name), *(_width(line[i]) for line in cells)]) for i, name in enumerate(columns)]
    lines = [list(columns), ["-" * width for width in widths], *cells]
    return "".join(
        "  ".join(_padded(cell, widths[i], numeric[i]) for i, cell in enumerate(line)).rstrip() + "\n" for line in lines
    )


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """CSV with nothing in it that a spreadsheet would run; dates in ISO form, empty for null."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([neutral(name) for name in columns])
    writer.writerows([neutral(_text(row.get(name))) for name in columns] for row in rows)
    return out.getvalue()


def as_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A JSON list of objects; dates in ISO form, decimals as numbers with all their digits."""
    objects = ["{" + ", ".join(f"{json.dumps(name)}: {_json(row.get(name))}" for name in columns) + "}" for row in rows]
    return "[" + "".join(f"\n  {text}{',' * (i < len(objects))}" for i, text in enumerate(objects, 1)) + "\n]\n"


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else "null"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if isinstance(value, dt.date | dt.datetime):
        return json.dumps(value.isoformat())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(k), ensure_ascii=False)}: {_json(v)}" for k, v in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | Mapping):
        return _json(value)
    return str(value)


def _cell(value: Any) -> str:
    shown = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in _text(value))
    while _width(shown) > _WIDTH:
        shown = shown[: len(shown) - max(1, (_width(shown) - _WIDTH) // 2) - 1] + "…"
    return shown


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _width(text: str) -> int:
    """Places on a screen: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap

"""Tables: rows to act on, each of which can open the page behind it, and leave as CSV or XLSX."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from dashboard.text import formats
from dashboard.text import has as has_text
from dashboard.text.formats import Count
from dashboard.ui import columns as columns_
from dashboard.ui.navigation import BY_CODE

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Rows shown; the export has them all.
LIMIT = 200

KINDS = ("text", "money", "count", "percent", "days", "date", "flag", "ratio", "number", "progress")

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Column:
    """One column: its name in the rows, its kind, and the text key of its heading.

    kind: text, money (reporting currency), count, percent and progress (0 to 1), days, date, flag, ratio, number.
    label: text key; by default `<page>.col.<name>`, else `ui.col.<name>`. codes: text key prefix for a column of
    codes (each value is said as `<codes>.<value>` where there is such a sentence). width: small, medium, large.
    """

    name: str
    kind: str = "text"
    label: str | None = None
    codes: str | None = None
    width: str | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Target:
    """Where clicks lead: the page, the name of its parameter, and the parameter's value for each row shown."""

    page: str
    name: str
    values: Sequence[str]


def draw(
    view: View,
    rows: pa.Table | Records,
    columns: Sequence[Column],
    *,
    query: str | Sequence[str],
    key: str,
    opens: tuple[str, str] | None = None,
    cells: Mapping[str, tuple[str, str]] | None = None,
    total: int | None = None,
    empty: str = "ui.table.empty",
    height: int | None = None,
) -> None:
    """The table. opens = (page, column): a click on a row opens the page about the deal or person whose id stands in
    that column; cells: the same for clicks on single columns, by their name.

    total: number of rows there are when the query itself is limited.
    """
    records = _records(rows)
    if not records:
        st.caption(view.say(empty))
        return
    shown = records[:LIMIT]
    state = f"table.{view.page}.{key}"
    heads = {column.name: heading(view, column) for column in columns}
    table, config = _arrow(view, shown, columns, heads)
    targets = {
        column: target(page, name, shown)
        for column, (page, name) in {**({"": opens} if opens else {}), **(cells or {})}.items()
    }
    on_select: Any = (lambda: view.follow(state, targets)) if targets else "ignore"
    st.dataframe(
        table,
        key=state,
        hide_index=True,
        column_config=config,
        on_select=on_select,
        selection_mode="single-cell",
        placeholder=formats.NONE,
        height=height or "auto",
    )
    count = max(total or 0, len(records))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        view.about(query, key=key, export=(records, columns, heads))
        words = []
        if count > len(shown):
            words.append(view.say("ui.table.limited", shown=Count(len(shown)), total=Count(count)))
        if opens:
            words.append(view.say("ui.table.click", name=view.plain(f"nav.{opens[0]}")))
        if words:
            st.caption(" ".join(words))


def target(page: str, column: str, rows: Records) -> Target:
    """Where clicks on these rows lead: the page, by its own parameter, whatever the rows call the id."""
    values = ["" if row.get(column) is None else str(row[column]) for row in rows]
    return Target(page, BY_CODE[page].about or column, values)


def heading(view: View, column: Column) -> str:
    """The column's heading in the reader's language, plain text."""
    for key in (column.label, f"{view.page}.col.{column.name}", f"ui.col.{column.name}"):
        if key and has_text(key):
            return view.plain(key)
    raise KeyError(f"no heading for column {column.name} of {view.page}")


def cell(view: View, column: Column, value: Any) -> Any:
    """A value as it goes into an export: codes said in words, all else as it is."""
    if column.codes and value is not None and has_text(f"{column.codes}.{value}"):
        return view.plain(f"{column.codes}.{value}")
    return value


def _records(rows: pa.Table | Records) -> Records:
    if isinstance(rows, pa.Table):
        listed: Records = rows.to_pylist()
        return listed
    return rows


def _arrow(
    view: View, records: Sequence[Mapping[str, Any]], columns: Sequence[Column], heads: Mapping[str, str]
) -> tuple[pa.Table, dict[str, Any]]:
    arrays, names, config = [], [], {}
    for column in columns:
        values = [record.get(column.name) for record in records]
        array, setting = _column(view, column, values, heads[column.name])
        arrays.append(array)
        names.append(column.name)
        config[column.name] = setting
    return pa.Table.from_arrays(arrays, names=names), config


def _column(view: View, column: Column, values: list[Any], head: str) -> tuple[pa.Array, Any]:
    kind = column.kind
    known: dict[str, Any] = {"label": head, "width": column.width, "pinned": column.pinned or None}
    if kind == "text" or column.codes:
        said = [None if v is None else str(cell(view, column, v)) for v in values]
        return columns_.texts(said), st.column_config.TextColumn(**known)
    if kind == "flag":
        return columns_.flags(values), st.column_config.CheckboxColumn(**known)
    if kind == "date":
        days = [v.date() if isinstance(v, dt.datetime) else v for v in values]
        form = "YYYY年M月D日" if view.lang == "zh" else "D MMM YYYY"
        return columns_.days(days), st.column_config.DateColumn(format=form, **known)
    numbers = [None if v is None else float(v) for v in values]
    if kind == "progress":
        shares = columns_.numbers([None if v is None else 100 * v for v in numbers])
        return shares, st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100, **known)
    scale, form = number_format(kind, numbers, view.lang, view.currency)
    scaled = columns_.numbers([None if v is None else v / scale for v in numbers])
    return scaled, st.column_config.NumberColumn(format=form, **known)


def number_format(kind: str, numbers: Sequence[float | None], lang: str, currency: str | None) -> tuple[float, str]:
    """(divisor, printf format) for a column: one unit for the whole column, so that its numbers can be compared."""
    largest = max((abs(v) for v in numbers if v is not None), default=0.0)
    if kind == "money":
        sign = formats.symbol(currency).replace("%", "%%")
        if lang == "zh" and largest >= 100_000:
            return 10_000.0, f"{sign}%,.1f万"
        return 1.0, f"{sign}%,.0f"
    if kind == "percent":
        small = any(0 < abs(v) < 0.1 for v in numbers if v is not None)
        return 0.01, "%.1f%%" if small else "%.0f%%"
    if kind == "days":
        return 1.0, "%,.0f天" if lang == "zh" else "%,.0f d"
    if kind == "ratio":
        return 1.0, "%.1f倍" if lang == "zh" else "%.1f×"
    return 1.0, "%,.1f" if kind == "number" else "%,.0f"


def picked(selection: Mapping[str, Any] | None, values: Sequence[str]) -> str | None:
    """The value of the row that was clicked, from the table's selection state; None when none was."""
    chosen = (selection or {}).get("selection") or {}
    rows = [row for row, *_ in chosen.get("cells") or []] or list(chosen.get("rows") or [])
    return values[rows[0]] or None if rows and 0 <= rows[0] < len(values) else None


def picked_column(selection: Mapping[str, Any] | None) -> str:
    """Name of the column that was clicked; '' when only the row is known."""
    cells = ((selection or {}).get("selection") or {}).get("cells") or []
    return str(cells[0][1]) if cells and len(cells[0]) > 1 else ""


__all__ = ["KINDS", "LIMIT", "Column", "Target", "cell", "draw", "heading", "number_format", "picked", "picked_column"]

"""Calendars: one square per day or per cell of a grid, darker where there is more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dashboard.charts import base
from dashboard.charts.base import Figure, Number

#: Faint to full, readable on either background.
SCALE = [[0.0, "rgba(128,142,160,0.14)"], [0.0001, "rgba(47,111,237,0.25)"], [1.0, "#2f6fed"]]


def calendar(
    days: Sequence[dt.date],
    values: Sequence[Number],
    *,
    alt: str,
    weekdays: Sequence[str],
    texts: Sequence[str],
    months: Sequence[str] | None = None,
) -> Figure:
    """Weeks across, Monday to Sunday down. days: any order, gaps are empty squares; weekdays: 7 short names.

    texts: one per day, shown on hover; months: one label per day, written where the month begins.
    """
    if not days:
        return grid([], list(weekdays), [], alt=alt)
    first = min(days) - dt.timedelta(days=min(days).weekday())
    weeks = (max(days) - first).days // 7 + 1
    cells: list[list[Number | None]] = [[None] * weeks for _ in range(7)]
    hovers = [[""] * weeks for _ in range(7)]
    marks: dict[str, int] = {}
    for i in sorted(range(len(days)), key=lambda i: days[i]):
        week, row = (days[i] - first).days // 7, days[i].weekday()
        cells[row][week] = values[i]
        hovers[row][week] = texts[i]
        if months is not None:
            marks.setdefault(months[i], week)
    figure = grid([""] * weeks, list(weekdays), cells, alt=alt, hovers=hovers, height=44 + 7 * 19)
    ticks = {"tickmode": "array", "tickvals": list(marks.values()), "ticktext": [base.short(m) for m in marks]}
    figure["layout"]["xaxis"] |= ticks | {"side": "top"}
    return figure


def grid(
    columns: Sequence[object],
    rows: Sequence[object],
    cells: Sequence[Sequence[Number | None]],
    *,
    alt: str,
    hovers: Sequence[Sequence[str]] | None = None,
    texts: Sequence[Sequence[str]] | None = None,
    height: int | None = None,
) -> Figure:
    """A grid of cells (rows × columns), first row on top. texts: written in the cells; hovers: shown on hover."""
    trace = {
        "type": "heatmap",
        "z": [list(row) for row in cells],
        "x": list(range(len(columns))),
        "y": list(range(len(rows))),
        "colorscale": SCALE,
        "zmin": 0,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hoverongaps": False,
        "hoverinfo": "skip" if hovers is None and texts is None else "text",
    }
    if texts is not None:
        trace |= {"text": [base.hover(row) for row in texts], "texttemplate": "%{text}"}
    shown = hovers if hovers is not None else texts
    if shown is not None:
        trace |= {"hovertext": [base.hover(row) for row in shown], "hovertemplate": "%{hovertext}<extra></extra>"}
    axes = {"xaxis": base.label_axis(columns), "yaxis": base.label_axis(rows, autorange="reversed")}
    return {
        "data": [trace],
        "layout": base.layout(alt, height or base.FRAME_PX + base.ROW_PX * max(1, len(rows)), **axes),
    }

"""Timelines: several courses of one thing, lane above lane, on one axis of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure

#: Height of the room between two lanes, where the lower one's title stands, in pixels.
_GAP_PX = 34


@dataclass(frozen=True)
class Course:
    """One course in a lane: values that count from a day on (a step line), or single marks.

    `values`: numbers or days, one per day of `days`. `texts`: shown on hover.
    """

    name: str
    days: Sequence[dt.date]
    values: Sequence[Any]
    texts: Sequence[str]
    colour: str = base.BLUE
    is_marks: bool = False
    is_hollow: bool = False
    is_quiet: bool = False


@dataclass(frozen=True)
class Lane:
    """One lane with its title and courses. `ticks`: places on its axis and their names, None for the values' own."""

    title: str
    courses: Sequence[Course]
    ticks: tuple[Sequence[Any], Sequence[str]] | None = None
    height: int = 90


def timeline(lanes: Sequence[Lane], *, alt: str, until: dt.date | None = None) -> Figure:
    """Lanes from top to bottom over the same days; until: a day marked by an upright line through all of them."""
    drawn = sum(lane.height for lane in lanes)
    height = drawn + _GAP_PX * len(lanes) + 40
    inside = height - 40
    axes: dict[str, Any] = {}
    data: list[dict[str, Any]] = []
    titles: list[dict[str, Any]] = []
    top = inside
    for number, lane in enumerate(lanes, 1):
        top -= _GAP_PX
        mark = "" if number == 1 else str(number)
        titles.append(_title(lane, (top + 4) / inside))
        axes[f"yaxis{mark}"] = _axis(lane, ((top - lane.height) / inside, top / inside))
        data += [_trace(course, f"y{mark}") for course in lane.courses]
        top -= lane.height
    line = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    day = until.isoformat() if until else None
    now = [line | {"x0": day, "x1": day, "line": {"color": base.QUIET, "width": 1, "dash": "dot"}}] if day else []
    return {
        "data": data,
        "layout": base.layout(
            alt,
            height,
            xaxis=base.value_axis(type="date", tickformat="%Y-%m", hoverformat="%Y-%m-%d", anchor="free", position=0),
            annotations=titles,
            shapes=now,
            hovermode="closest",
            **axes,
        ),
    }


def _title(lane: Lane, y: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": y, "xanchor": "left", "yanchor": "bottom"}
    return {"text": base.short(lane.title, 90), "showarrow": False, "font": {"size": 12}, **place}


def _axis(lane: Lane, domain: tuple[float, float]) -> dict[str, Any]:
    axis = base.value_axis(domain=[max(0.0, domain[0]), domain[1]], zeroline=False)
    if lane.ticks is not None:
        values, names = lane.ticks
        axis |= {
            "tickmode": "array",
            "tickvals": [_plain(value) for value in values],
            "ticktext": [base.short(name, 16) for name in names],
        }
        if values and not isinstance(values[0], dt.date):
            axis["range"] = [min(values) - 0.5, max(values) + 0.5]
    else:
        axis["nticks"] = 4
    return axis


def _trace(course: Course, axis: str) -> dict[str, Any]:
    colour = base.QUIET if course.is_quiet else course.colour
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers" if course.is_marks else "lines+markers",
        "name": base.short(course.name, 40),
        "x": [day.isoformat() for day in course.days],
        "y": [_plain(value) for value in course.values],
        "yaxis": axis,
        "hovertext": base.hover(course.texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"size": 9 if course.is_marks else 6, "color": colour},
        "cliponaxis": False,
    }
    if course.is_marks:
        trace["marker"]["symbol"] = "circle-open" if course.is_hollow else "circle"
    else:
        trace["line"] = {"shape": "hv", "color": colour, "width": 2.5, "dash": "dot" if course.is_quiet else "solid"}
    return trace


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value

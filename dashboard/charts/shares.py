"""Shares: what has become of a group by its age, in parts of a whole, with how far each may be off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number

#: Ages between two marks on the axis, the first that leaves no more than so many marks.
_STEPS, _MOST = (1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730, 1825), 6
_FILLS = ("rgba(18,165,148,0.50)", "rgba(128,142,160,0.22)", "rgba(214,67,110,0.50)")


@dataclass(frozen=True)
class Part:
    """One end: its share at each age, 0 to 1, and the band around it (None where there is none)."""

    name: str
    values: Sequence[Number]
    low: Sequence[Number | None]
    high: Sequence[Number | None]


def by_age(
    days: Sequence[Number],
    bottom: Part,
    top: Part,
    middle: str,
    *,
    watched: Sequence[int],
    texts: Sequence[str],
    alt: str,
    x_title: str,
    earlier: tuple[str, Sequence[Number], Sequence[Number]] | None = None,
) -> Figure:
    """The share of the bottom part growing from below, of the top part from above, and what is left between them.

    days: ages at which anything changed, from 0; watched: how many were still watched there, written under the
    axis; texts: one per age, shown on hover; earlier: (name, days, shares) of another group's
    bottom part, dashed as far as the ages go.
    """
    ceiling = [1 - value for value in top.values]
    common = {"type": "scatter", "mode": "lines", "x": list(days)}
    said = {"hovertext": base.hover(texts), "hovertemplate": "%{hovertext}<extra></extra>"}
    parts = ((bottom.name, bottom.values, base.GOOD), (middle, ceiling, base.BAD), (top.name, [1] * len(days), None))
    data: list[dict[str, Any]] = []
    for i, (name, values, colour) in enumerate(parts):
        line = {"width": 1.5 if colour else 0, "shape": "hv", "color": colour or _FILLS[i]}
        fill = {"fill": "tozeroy" if i == 0 else "tonexty", "fillcolor": _FILLS[i]}
        data.append(common | said | {"name": base.short(name, 40), "y": list(values), "line": line, **fill})
    data += _band(days, bottom.low, bottom.high)
    data += _band(days, [_rest(value) for value in top.high], [_rest(value) for value in top.low])
    if earlier is not None:
        name, ages, values = earlier
        dashed = {"color": base.QUIET, "width": 2, "dash": "dash", "shape": "hv"}
        data.append(
            {"type": "scatter", "mode": "lines", "name": base.short(name, 40), "x": list(ages), "y": list(values)}
            | {"line": dashed, "hoverinfo": "skip"}
        )
    last = max(days, default=1) or 1
    marks = _marks(last)
    return {
        "data": data,
        "layout": base.layout(
            alt,
            360,
            xaxis=base.value_axis(
                range=[0, last],
                tickmode="array",
                tickvals=marks,
                showgrid=False,
                title={"text": base.short(x_title, 80), "standoff": 34, "font": {"size": 12}},
            ),
            yaxis=base.value_axis(range=[0, 1], tickformat=".0%", nticks=6),
            annotations=[_count(mark, _watched_at(mark, days, watched)) for mark in marks],
            showlegend=True,
            legend=base.legend(),
            hovermode="closest",
            margin={"l": 8, "r": 24, "t": 36, "b": 8, "pad": 4},
        ),
    }


def _band(days: Sequence[Number], low: Sequence[Number | None], high: Sequence[Number | None]) -> list[dict[str, Any]]:
    """A veil between two courses, over the ages at which both are known."""
    known = [(day, a, b) for day, a, b in zip(days, low, high, strict=True) if a is not None and b is not None]
    edge: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": [day for day, _, _ in known], "hoverinfo": "skip"}
    edge |= {"showlegend": False, "line": {"width": 0, "shape": "hv"}}
    fill = {"fill": "tonexty", "fillcolor": "rgba(128,142,160,0.35)"}
    return [edge | {"y": [a for _, a, _ in known]}, edge | {"y": [b for _, _, b in known]} | fill]


def _rest(value: Number | None) -> Number | None:
    return None if value is None else 1 - value


def _marks(last: Number) -> list[int]:
    step = next((step for step in _STEPS if last / step < _MOST), _STEPS[-1])
    return list(range(0, int(last) + 1, step))


def _watched_at(mark: int, days: Sequence[Number], watched: Sequence[int]) -> int:
    """How many were still watched at an age: those of the first age listed from then on."""
    return next((n for day, n in zip(days, watched, strict=True) if day >= mark), 0)


def _count(mark: int, n: int) -> dict[str, Any]:
    place = {"x": mark, "xref": "x", "y": 0, "yref": "paper", "yanchor": "top", "yshift": -24, "showarrow": False}
    return place | {"text": f"{n:,}", "font": {"size": 11, "color": base.QUIET}}

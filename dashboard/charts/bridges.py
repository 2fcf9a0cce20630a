"""Bridges: from one sum to another over lying bars, each with a colour of its own and room for its name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number

#: Where all levels lie above this share of the highest, the axis begins below them instead of at nothing.
_FAR = 0.4
#: The axis is this many times as long as the bars, and a bar longer than this share of them holds its own words.
_WIDTH, _LONG = 1.12, 0.5


def bridge(
    labels: Sequence[object],
    values: Sequence[Number],
    *,
    alt: str,
    texts: Sequence[str],
    colours: Sequence[str],
    ids: Sequence[Any] | None = None,
) -> Figure:
    """The first value is a sum, the last the sum it comes to, those between are the changes; the first on top.

    texts: written beside the bars; ids: what a click on a bar reports.
    """
    rows = list(range(len(labels)))
    last = len(labels) - 1
    after = [float(value) for value in accumulate(values[:last])] + [float(values[last])]
    before = [0.0, *after[: last - 1], 0.0]
    levels = [*after, *before[1:last]]
    start = begins_at(levels)
    low = [start if row in (0, last) else min(before[row], after[row]) for row in rows]
    high = [after[row] if row in (0, last) else max(before[row], after[row]) for row in rows]
    room = max([*high, 0.0]) - start or 1.0
    sides = [_side((foot - start) / room, (top - start) / room) for foot, top in zip(low, high, strict=True)]
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        # Words stand outside at the end of a bar, so one that is drawn from right to left has them on its left.
        "base": [top if side == "left" else foot for foot, top, side in zip(low, high, sides, strict=True)],
        "x": [foot - top if side == "left" else top - foot for foot, top, side in zip(low, high, sides, strict=True)],
        "y": rows,
        "marker": {"color": list(colours), "cornerradius": 3},
        "text": base.hover(texts),
        "textposition": ["inside" if side == "inside" else "outside" for side in sides],
        "insidetextanchor": "end",
        "insidetextfont": {"color": "#ffffff"},
        "textangle": 0,
        "cliponaxis": False,
        "hovertext": base.hover([f"{label}: {text}" for label, text in zip(labels, texts, strict=True)]),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if ids is not None:
        trace["customdata"] = list(ids)
    joints = [
        {"type": "line", "layer": "below", "x0": after[row], "x1": after[row], "y0": row, "y1": row + 1}
        | {"line": {"color": base.QUIET, "width": 1, "dash": "dot"}}
        for row in rows[:-1]
    ]
    return {
        "data": [trace],
        "layout": base.layout(
            alt,
            base.FRAME_PX + base.ROW_PX * len(labels),
            xaxis=base.value_axis(range=[start, start + _WIDTH * room], showticklabels=False, zeroline=False),
            yaxis=base.label_axis(labels, range=[len(labels) - 0.5, -0.5]),
            bargap=0.3,
            shapes=joints,
        ),
    }


def begins_at(levels: Sequence[float]) -> float:
    """Where the axis begins: at nothing, or below the lowest level where the changes would else be too small to see."""
    lowest, highest = min(levels, default=0.0), max(levels, default=0.0)
    if lowest <= _FAR * highest or lowest == highest:
        return min(0.0, lowest)
    return max(0.0, lowest - 0.6 * (highest - lowest))


def _side(foot: float, top: float) -> str:
    """Where a bar's words have most room: left, right or inside it; its ends as shares of the longest."""
    if top - foot > _LONG:
        return "inside"
    return "left" if foot > _WIDTH - top else "right"

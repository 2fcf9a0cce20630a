"""Arcs: moves between places in a fixed order that do not go to the next one: ahead on one side, back on the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure

_POINTS = 48
_THICKEST_PX = 12.0
#: Between a place and the ends of its arcs, so that those that come and those that go don't meet in one point; and
#: between an arc and its number.
_GAP = 0.12


@dataclass(frozen=True)
class Arc:
    """So many that went from one place to another (positions in the order); text is shown on hover."""

    start: int
    end: int
    n: int
    shown: str
    text: str


def jumps(places: Sequence[object], arcs: Sequence[Arc], *, ahead: str, back: str, alt: str) -> Figure:
    """Places one below the other; an arc to the right for each jump ahead, to the left for each way back."""
    most = max((arc.n for arc in arcs), default=1)
    sides = {side: [arc for arc in arcs if (arc.end > arc.start) is (side > 0)] for side in (1, -1)}
    data: list[dict[str, Any]] = []
    for side, name, colour in ((1, ahead, base.AMBER), (-1, back, base.ROSE)):
        for i, arc in enumerate(sorted(sides[side], key=lambda arc: -arc.n)):
            data += _drawn(arc, side, most, name if i == 0 else "", colour)
    nodes = {"type": "scatter", "mode": "markers", "x": [0] * len(places), "y": list(range(len(places)))}
    data.append(
        nodes
        | {"marker": {"size": 14, "color": base.BLUE}, "hoverinfo": "skip", "showlegend": False, "cliponaxis": False}
    )
    reach = max((abs(arc.end - arc.start) for arc in arcs), default=1)
    widest = _width(reach) + 0.3
    return {
        "data": data,
        "layout": base.layout(
            alt,
            base.FRAME_PX + 36 + 52 * len(places),
            xaxis={
                "range": [-widest if sides[-1] else -0.3, widest if sides[1] else 0.3],
                "visible": False,
                "fixedrange": True,
            },
            yaxis=base.label_axis(places, range=[len(places) - 0.6, -0.4]),
            showlegend=True,
            legend=base.legend(),
            hovermode="closest",
            margin={"l": 8, "r": 16, "t": 36, "b": 8, "pad": 4},
        ),
    }


def _drawn(arc: Arc, side: int, most: int, name: str, colour: str) -> list[dict[str, Any]]:
    """Half an ellipse from just past the one place to just before the other, its number at the outermost point."""
    angles = [math.pi * i / _POINTS for i in range(_POINTS + 1)]
    middle, radius = (arc.start + arc.end) / 2, (arc.end - arc.start) / 2 - side * _GAP
    x = [side * _width(abs(arc.end - arc.start)) * math.sin(angle) for angle in angles]
    y = [middle - radius * math.cos(angle) for angle in angles]
    said = {"hovertext": base.hover([arc.text] * len(x)), "hovertemplate": "%{hovertext}<extra></extra>"}
    line = {"type": "scatter", "mode": "lines", "x": x, "y": y, "opacity": 0.75, "cliponaxis": False, **said}
    line |= {
        "line": {"color": colour, "shape": "spline", "width": max(1.5, _THICKEST_PX * math.sqrt(arc.n / most))},
        "name": base.short(name, 40),
        "showlegend": bool(name),
    }
    apex = _POINTS // 2
    beside = x[apex] + side * _GAP
    mark = {"type": "scatter", "mode": "text", "x": [beside], "y": [y[apex]], "text": base.hover([arc.shown])}
    mark |= {"textposition": "middle right" if side > 0 else "middle left", "hoverinfo": "skip"}
    return [line, {**mark, "showlegend": False, "cliponaxis": False}]


def _width(span: int) -> float:
    """How far an arc over so many places stands out: longer ones further, so that they do not lie on one another."""
    return 0.3 + 0.7 * span

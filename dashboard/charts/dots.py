"""Dots: a rate and how far it may be off, one per line, beside what it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number


def intervals(
    labels: Sequence[object],
    values: Sequence[Number | None],
    low: Sequence[Number | None],
    high: Sequence[Number | None],
    *,
    name: str,
    alt: str,
    texts: Sequence[str],
    others: Sequence[tuple[str, str, Sequence[Number | None], Sequence[str]]] = (),
    ids: Sequence[Any] | None = None,
    colours: Sequence[str] | str = base.BLUE,
    reference: Number | None = None,
) -> Figure:
    """One dot with its interval per label, the first on top; shares from 0 to 1, the axis from where there is any.

    others: further marks on the same lines, each (name, Plotly symbol, values, hover texts); ids: what a click on a
    dot reports; reference: a dashed line across all.
    """
    lines = list(range(len(labels)))
    main: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": base.short(name, 40),
        "x": list(values),
        "y": lines,
        "marker": {"size": 12, "color": colours if isinstance(colours, str) else list(colours)},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": _gaps(values, high),
            "arrayminus": _gaps(low, values),
            "color": base.QUIET,
            "thickness": 2,
            "width": 0,
        },
        "hovertext": base.hover(texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    if ids is not None:
        main["customdata"] = list(ids)
    data = [main, *(_mark(*other, lines) for other in others)]
    shapes = []
    if reference is not None:
        line = {"type": "line", "x0": reference, "x1": reference, "y0": 0, "y1": 1, "yref": "paper"}
        shapes = [line | {"line": {"color": base.QUIET, "width": 1.5, "dash": "dash"}}]
    return {
        "data": data,
        "layout": base.layout(
            alt,
            base.FRAME_PX + 28 + base.ROW_PX * max(1, len(labels)),
            xaxis=base.value_axis(range=[_start(low), 1.02], tickformat=".0%", nticks=6, zeroline=False),
            yaxis=base.label_axis(labels, range=[len(labels) - 0.5, -0.5]),
            showlegend=True,
            legend=base.legend(),
            margin={"l": 8, "r": 16, "t": 36, "b": 8, "pad": 4},
            shapes=shapes,
        ),
    }


def spans(
    labels: Sequence[object],
    start: Sequence[Number | None],
    end: Sequence[Number | None],
    *,
    name: str,
    alt: str,
    texts: Sequence[str],
    others: Sequence[tuple[str, str, Sequence[Number | None], Sequence[str]]] = (),
) -> Figure:
    """One bar from start to end per label, the first on top, in any unit from 0; no bar where either is not known.

    others: marks on the same lines, as in `intervals`.
    """
    lines = list(range(len(labels)))
    whole = [a is not None and b is not None for a, b in zip(start, end, strict=True)]
    main = {
        "type": "bar",
        "orientation": "h",
        "name": base.short(name, 40),
        "base": [a if known else None for a, known in zip(start, whole, strict=True)],
        "x": [(b or 0) - (a or 0) if known else None for a, b, known in zip(start, end, whole, strict=True)],
        "y": lines,
        "width": 0.42,
        "marker": {"color": base.BLUE, "opacity": 0.55, "cornerradius": 4},
        "hovertext": base.hover(texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return {
        "data": [main, *(_mark(*other, lines) for other in others)],
        "layout": base.layout(
            alt,
            base.FRAME_PX + 28 + base.ROW_PX * max(1, len(labels)),
            xaxis=base.value_axis(rangemode="tozero", nticks=7, zeroline=False),
            yaxis=base.label_axis(labels, range=[len(labels) - 0.5, -0.5]),
            showlegend=True,
            legend=base.legend(),
            margin={"l": 8, "r": 16, "t": 36, "b": 8, "pad": 4},
        ),
    }


def _mark(
    name: str, symbol: str, values: Sequence[Number | None], texts: Sequence[str], lines: Sequence[int]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": base.short(name, 40),
        "x": list(values),
        "y": list(lines),
        "marker": {"size": 10, "symbol": symbol, "color": base.QUIET, "line": {"width": 2, "color": base.QUIET}},
        "hovertext": base.hover(texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _start(low: Sequence[Number | None]) -> float:
    """A round tenth below the lowest mark: dots show places, not lengths, so the axis need not begin at nothing."""
    return max(0.0, (min((v for v in low if v is not None), default=0) * 10 // 1 - 1) / 10)


def _gaps(start: Sequence[Number | None], end: Sequence[Number | None]) -> list[Number]:
    return [max(0, b - a) if a is not None and b is not None else 0 for a, b in zip(start, end, strict=True)]

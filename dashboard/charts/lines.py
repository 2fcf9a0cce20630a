"""Lines: a course over time, with a band where it is uncertain; and clouds of points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number

X = Sequence[dt.date] | Sequence[Number] | Sequence[str]


def line(
    x: X,
    series: Mapping[str, Sequence[Number | None]],
    *,
    alt: str,
    texts: Mapping[str, Sequence[str]] | None = None,
    band: tuple[Sequence[Number | None], Sequence[Number | None]] | None = None,
    colours: Sequence[str] = base.PALETTE,
    ids: Sequence[Any] | None = None,
    is_step: bool = False,
    height: int = 280,
    tickformat: str | None = None,
    x_title: str | None = None,
) -> Figure:
    """One line per series (name -> values at x). band: (low, high) around the first; texts: shown on hover."""
    across = [v.isoformat() if isinstance(v, dt.date) else v for v in x]
    data = _band(across, band, colours[0]) if band else []
    for i, (name, values) in enumerate(series.items()):
        trace: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines+markers" if len(across) <= 40 and not is_step else "lines",
            "name": base.short(name, 40),
            "x": across,
            "y": list(values),
            "line": {"color": colours[i % len(colours)], "width": 2.5, "shape": "hv" if is_step else "linear"},
            "marker": {"size": 6},
            "connectgaps": False,
        }
        if texts and name in texts:
            trace |= {"hovertext": base.hover(texts[name]), "hovertemplate": "%{hovertext}<extra></extra>"}
        if ids is not None:
            trace["customdata"] = list(ids)
        data.append(trace)
    shown = {"tickformat": tickformat} if tickformat else {}
    heading = {"title": {"text": base.short(x_title, 60)}} if x_title else {}
    return {
        "data": data,
        "layout": base.layout(
            alt,
            height,
            xaxis=base.value_axis(showgrid=False, **heading),
            yaxis=base.value_axis(rangemode="tozero", **shown),
            showlegend=len(series) > 1,
            legend=base.legend(),
            hovermode="closest",
            margin={"l": 8, "r": 16, "t": 36 if len(series) > 1 else 12, "b": 8, "pad": 4},
        ),
    }


def spark(values: Sequence[Number | None], *, alt: str, colour: str = base.BLUE) -> Figure:
    """A course without axes."""
    trace = {
        "type": "scatter",
        "mode": "lines",
        "y": list(values),
        "line": {"color": colour, "width": 2},
        "hoverinfo": "skip",
    }
    hidden = {"visible": False, "fixedrange": True}
    bare = {"l": 0, "r": 0, "t": 2, "b": 2}
    return {"data": [trace], "layout": base.layout(alt, 48, xaxis=hidden, yaxis=hidden, margin=bare)}


def points(
    x: Sequence[Number | None],
    y: Sequence[Number | None],
    *,
    labels: Sequence[object],
    alt: str,
    sizes: Sequence[Number | None] | None = None,
    texts: Sequence[str] | None = None,
    ids: Sequence[Any] | None = None,
    colours: Sequence[str] | str = base.BLUE,
    x_title: str = "",
    y_title: str = "",
    middle: tuple[Number, Number] | None = None,
    x_format: str | None = None,
    y_format: str | None = None,
    height: int = 380,
) -> Figure:
    """One named point each; sizes: area of the bubble; middle: where the lines of a four-field map cross."""
    largest = max((s for s in sizes or () if s), default=1)
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": list(x),
        "y": list(y),
        "text": [base.short(label, 14) for label in labels],
        "textposition": "top center",
        "textfont": {"size": 11},
        "marker": {
            "color": colours if isinstance(colours, str) else list(colours),
            "opacity": 0.75,
            "size": [max(0, s or 0) for s in sizes] if sizes else 12,
            "sizemode": "area",
            "sizeref": 2 * largest / 40**2,
            "sizemin": 5,
        },
        "hovertext": base.hover(texts if texts is not None else [str(label) for label in labels]),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "cliponaxis": False,
    }
    if ids is not None:
        trace["customdata"] = list(ids)
    across = base.value_axis(title={"text": base.short(x_title, 60)}, **({"tickformat": x_format} if x_format else {}))
    along = base.value_axis(title={"text": base.short(y_title, 60)}, **({"tickformat": y_format} if y_format else {}))
    return {"data": [trace], "layout": base.layout(alt, height, xaxis=across, yaxis=along, shapes=_cross(middle))}


def _band(x: Sequence[Any], band: tuple[Sequence[Number | None], Sequence[Number | None]], colour: str) -> list[Figure]:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    low, high = band
    fill = {"fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.18)"}
    return [edge | {"y": list(low)}, edge | {"y": list(high)} | fill]


def _cross(middle: tuple[Number, Number] | None) -> list[dict[str, Any]]:
    if middle is None:
        return []
    style = {"type": "line", "line": {"color": base.QUIET, "width": 1, "dash": "dot"}}
    upright = {"x0": middle[0], "x1": middle[0], "y0": 0, "y1": 1, "yref": "paper"}
    lying = {"y0": middle[1], "y1": middle[1], "x0": 0, "x1": 1, "xref": "paper"}
    return [style | upright, style | lying]

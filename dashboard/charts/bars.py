"""Bars: upright, lying, with intervals, in parts, and as the steps of a funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number


def upright(
    labels: Sequence[object],
    values: Sequence[Number | None],
    *,
    alt: str,
    texts: Sequence[str] | None = None,
    ids: Sequence[Any] | None = None,
    colours: Sequence[str] | str = base.BLUE,
    height: int = 280,
) -> Figure:
    """One bar per label. texts: written on the bars; ids: what a click on a bar reports."""
    trace = _bar(values, texts, ids, colours) | {"x": list(range(len(labels))), "y": list(values)}
    return {
        "data": [trace | _hover(labels, texts, values)],
        "layout": base.layout(
            alt, height, xaxis=base.label_axis(labels), yaxis=base.value_axis(showticklabels=texts is None), bargap=0.35
        ),
    }


def lying(
    labels: Sequence[object],
    values: Sequence[Number | None],
    *,
    alt: str,
    texts: Sequence[str] | None = None,
    low: Sequence[Number | None] | None = None,
    high: Sequence[Number | None] | None = None,
    ids: Sequence[Any] | None = None,
    colours: Sequence[str] | str = base.BLUE,
    reference: Number | None = None,
    reference_text: str = "",
    tickformat: str | None = None,
) -> Figure:
    """One lying bar per label, the first on top. low, high: interval of each value; reference: a dashed line."""
    trace = _bar(values, texts, ids, colours) | {
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(labels))),
        "textposition": "inside" if low is not None else _beside(values),
        "insidetextanchor": "start",
    }
    if low is not None and high is not None:
        trace["error_x"] = {
            "type": "data",
            "symmetric": False,
            "array": _gaps(values, high),
            "arrayminus": _gaps(low, values),
            "color": base.QUIET,
            "thickness": 1.5,
            "width": 4,
        }
    shown = {"tickformat": tickformat} if tickformat else {}
    return {
        "data": [trace | _hover(labels, texts, values)],
        "layout": base.layout(
            alt,
            _height(labels),
            xaxis=base.value_axis(rangemode="tozero", showticklabels=bool(tickformat), **shown),
            yaxis=base.label_axis(labels, autorange="reversed"),
            bargap=0.35,
            **_reference(reference, reference_text),
        ),
    }


def stacked(
    labels: Sequence[object],
    parts: Mapping[str, Sequence[Number | None]],
    *,
    alt: str,
    texts: Mapping[str, Sequence[str]] | None = None,
    colours: Sequence[str] = base.PALETTE,
    ids: Sequence[Any] | None = None,
    is_lying: bool = True,
    height: int | None = None,
    is_grouped: bool = False,
) -> Figure:
    """Bars made of parts (name -> values), in the order given, with a legend above; grouped = side by side."""
    along, across = ("x", "y") if is_lying else ("y", "x")
    data = []
    for i, (name, values) in enumerate(parts.items()):
        written = (texts or {}).get(name)
        trace = _bar(values, written, ids, colours[i % len(colours)]) | {
            "name": base.short(name, 40),
            "orientation": "h" if is_lying else "v",
            along: list(values),
            across: list(range(len(labels))),
            "textposition": "inside",
            "insidetextanchor": "middle",
        }
        data.append(trace | _hover(labels, written, values, name))
    names = base.label_axis(labels, **({"autorange": "reversed"} if is_lying else {}))
    amounts = base.value_axis(showticklabels=not texts)
    return {
        "data": data,
        "layout": base.layout(
            alt,
            height or (_height(labels) + 28 if is_lying else 300),
            barmode="group" if is_grouped else "stack",
            bargap=0.32,
            showlegend=True,
            legend=base.legend(),
            margin={"l": 8, "r": 16, "t": 36, "b": 8, "pad": 4},
            **{f"{along}axis": amounts, f"{across}axis": names},
        ),
    }


def funnel(
    labels: Sequence[object],
    passed: Sequence[Number],
    still_open: Sequence[Number],
    lost: Sequence[Number],
    *,
    names: tuple[str, str, str],
    alt: str,
    texts: tuple[Sequence[str], Sequence[str], Sequence[str]] | None = None,
    ids: Sequence[Any] | None = None,
) -> Figure:
    """The steps of a funnel: of those that entered each stage, how many passed, are still there, were lost."""
    parts = dict(zip(names, (passed, still_open, lost), strict=True))
    written = dict(zip(names, texts, strict=True)) if texts else None
    return stacked(labels, parts, alt=alt, texts=written, ids=ids, colours=(base.BLUE, base.QUIET, base.ROSE))


def _bar(
    values: Sequence[Number | None],
    texts: Sequence[str] | None,
    ids: Sequence[Any] | None,
    colours: Sequence[str] | str,
) -> dict[str, Any]:
    trace: dict[str, Any] = {
        "type": "bar",
        "marker": {"color": colours if isinstance(colours, str) else list(colours), "cornerradius": 4},
        "cliponaxis": False,
    }
    if texts is not None:
        trace["text"] = base.hover(texts)
        trace["textposition"] = "auto"
        trace["textangle"] = 0
    if ids is not None:
        trace["customdata"] = list(ids)
    return trace


def _hover(
    labels: Sequence[object], texts: Sequence[str] | None, values: Sequence[Number | None], part: str = ""
) -> dict[str, Any]:
    shown = texts if texts is not None else ["" if v is None else f"{v:,.10g}" for v in values]
    lead = f"{part} · " if part else ""
    lines = [f"{label}: {lead}{text}" for label, text in zip(labels, shown, strict=True)]
    return {"hovertext": base.hover(lines), "hovertemplate": "%{hovertext}<extra></extra>"}


def _beside(values: Sequence[Number | None]) -> list[str]:
    """Where a lying bar's text goes: beside bars too short to hold it."""
    largest = max((abs(v) for v in values if v is not None), default=0)
    return ["inside" if v is not None and abs(v) > 0.2 * largest else "outside" for v in values]


def _gaps(from_: Sequence[Number | None], to: Sequence[Number | None]) -> list[Number]:
    return [max(0, b - a) if a is not None and b is not None else 0 for a, b in zip(from_, to, strict=True)]


def _height(labels: Sequence[object]) -> int:
    return base.FRAME_PX + base.ROW_PX * max(1, len(labels))


def _reference(value: Number | None, text: str) -> dict[str, Any]:
    if value is None:
        return {}
    line = {"type": "line", "x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper"}
    note = {"x": value, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "text": base.short(text, 40)}
    return {
        "shapes": [line | {"line": {"color": base.QUIET, "width": 1.5, "dash": "dash"}}],
        "annotations": [note | {"font": {"size": 12}}] if text else [],
        "margin": {"l": 8, "r": 16, "t": 28 if text else 12, "b": 8, "pad": 4},
    }

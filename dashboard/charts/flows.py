"""Flows: what goes from where to where, and what a sum is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.charts import base
from dashboard.charts.base import Figure, Number


def sankey(
    nodes: Sequence[object],
    sources: Sequence[int],
    targets: Sequence[int],
    values: Sequence[Number],
    *,
    alt: str,
    texts: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    link_colours: Sequence[str] | None = None,
    height: int = 360,
) -> Figure:
    """Flows between nodes: sources and targets are positions in nodes, values their widths."""
    shown = texts if texts is not None else [f"{nodes[s]} → {nodes[t]}" for s, t in zip(sources, targets, strict=True)]
    trace: dict[str, Any] = {
        "type": "sankey",
        "node": {
            "label": [base.short(node) for node in nodes],
            "color": list(colours) if colours else [base.PALETTE[i % len(base.PALETTE)] for i in range(len(nodes))],
            "pad": 18,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": list(sources),
            "target": list(targets),
            "value": list(values),
            "color": list(link_colours) if link_colours else base.FAINT,
            "customdata": base.hover(shown),
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }
    return {"data": [trace], "layout": base.layout(alt, height)}


def waterfall(
    labels: Sequence[object],
    values: Sequence[Number],
    *,
    totals: Sequence[int],
    alt: str,
    texts: Sequence[str] | None = None,
    ids: Sequence[Any] | None = None,
    height: int = 320,
) -> Figure:
    """From one sum to another: values are changes, except at the positions in totals, where they are sums."""
    trace: dict[str, Any] = {
        "type": "waterfall",
        "x": list(range(len(labels))),
        "y": list(values),
        "measure": ["absolute" if i in totals else "relative" for i in range(len(labels))],
        "increasing": {"marker": {"color": base.GOOD}},
        "decreasing": {"marker": {"color": base.BAD}},
        "totals": {"marker": {"color": base.BLUE}},
        "connector": {"line": {"color": base.FAINT, "width": 1}},
        "textposition": "outside",
        "cliponaxis": False,
    }
    if texts is not None:
        trace["text"] = base.hover(texts)
        lines = [f"{label}: {text}" for label, text in zip(labels, texts, strict=True)]
        trace |= {"hovertext": base.hover(lines), "hovertemplate": "%{hovertext}<extra></extra>"}
    if ids is not None:
        trace["customdata"] = list(ids)
    axes = {"xaxis": base.label_axis(labels), "yaxis": base.value_axis(showticklabels=texts is None)}
    return {"data": [trace], "layout": base.layout(alt, height, **axes, margin={"l": 8, "r": 16, "t": 28, "b": 8})}

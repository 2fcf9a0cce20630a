"""What all charts share: colours that read in light and dark, room for Chinese labels, no chrome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.text.escape import escape_label

Figure = dict[str, Any]
Number = float | int

#: Each has at least 3:1 contrast against both white and the dark background.
BLUE, TEAL, AMBER, VIOLET, ROSE, SLATE, OLIVE, CLAY = (
    "#2f6fed",
    "#12a594",
    "#d9821a",
    "#8e5bd6",
    "#d6436e",
    "#6b84a3",
    "#7aa60f",
    "#c2703d",
)
PALETTE = (BLUE, TEAL, AMBER, VIOLET, ROSE, SLATE, OLIVE, CLAY)
GOOD, BAD, QUIET = TEAL, ROSE, "#8a97a8"
#: Marks that stand behind others: visible on both backgrounds, never loud.
FAINT = "rgba(128,142,160,0.35)"
GRID = "rgba(128,142,160,0.18)"
CLEAR = "rgba(0,0,0,0)"
FONT = "'Source Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif"

#: Height of one horizontal bar with its gap, and of what stands around the bars, in pixels.
ROW_PX, FRAME_PX = 34, 56


def layout(alt: str, height: int, **more: Any) -> dict[str, Any]:
    """A bare, transparent layout; alt is the sentence for those who can't see the picture."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 12, "b": 8, "pad": 4},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": FONT, "size": 13},
        "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
        "showlegend": False,
        "dragmode": False,
        "meta": {"alt": alt},
        **more,
    }


def legend() -> dict[str, Any]:
    """A legend above the plot, one line, that a click does not change."""
    return {
        "orientation": "h",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "xanchor": "left",
        "itemclick": False,
        "itemdoubleclick": False,
        "traceorder": "normal",
    }


def value_axis(**more: Any) -> dict[str, Any]:
    """An axis of numbers: thin grid, no frame."""
    return {"gridcolor": GRID, "zerolinecolor": GRID, "automargin": True, "fixedrange": True, "title": None, **more}


def label_axis(labels: Sequence[object], **more: Any) -> dict[str, Any]:
    """An axis of names: positions 0, 1, 2, … so that equal names stay two marks."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": [short(label) for label in labels],
        "automargin": True,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "title": None,
        **more,
    }


def short(label: object, limit: int = 22) -> str:
    """A label that can't push the plot away, escaped for Plotly; Chinese signs count double."""
    text = str(label)
    kept: list[str] = []
    room = limit
    for sign in text:
        room -= 2 if ord(sign) > 0x2E7F else 1
        if room < 0:
            return escape_label("".join(kept)) + "…"
        kept.append(sign)
    return escape_label(text)


def hover(lines: Sequence[str]) -> list[str]:
    """Hover texts, escaped; the figure sets `hovertemplate` so that only they are shown."""
    return [escape_label(line) for line in lines]

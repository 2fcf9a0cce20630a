"""Charts on a page: the picture, its words for those who can't see it, and its definition."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from dashboard.ui.page import View

_CONFIG = {"displayModeBar": False, "responsive": True, "doubleClick": False, "scrollZoom": False}


def draw(
    view: View,
    figure: Mapping[str, Any],
    *,
    query: str | Sequence[str],
    key: str,
    picks: Callable[[Any], None] | None = None,
) -> None:
    """The chart and its definition. picks is called with the `customdata` of the point that was clicked."""
    state = f"chart.{view.page}.{key}"
    if "pandas" in sys.modules:
        # Plotly takes it from there as it is: importing waits until another session's thread is through with it.
        importlib.import_module("pandas")
    st.plotly_chart(
        dict(figure),
        key=state,
        on_select=(lambda: _pick(state, picks)) if picks else "ignore",
        selection_mode="points",
        config=_CONFIG,
        alt=(figure["layout"].get("meta") or {}).get("alt"),
    )
    view.about(query, key=key)


def _pick(state: str, picks: Callable[[Any], None]) -> None:
    points = picked(st.session_state.get(state))
    if points:
        picks(points[0])


def picked(selection: Mapping[str, Any] | None) -> list[Any]:
    """`customdata` of the points that were clicked (their x where a chart carries none)."""
    points = ((selection or {}).get("selection") or {}).get("points") or []
    return [point.get("customdata", point.get("x")) for point in points]

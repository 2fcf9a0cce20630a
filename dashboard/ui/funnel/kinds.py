"""Kinds of funnel: three ways to count a stage, of which one is shown and named, never two mixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.text.formats import Span
from dashboard.ui.choice import choose

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Deals created in the period; deals in the stage at any time of it; deals there at its end. The first is the default.
KINDS = ("entered", "active", "snapshot")


def chosen(view: View) -> str:
    """Code of the funnel that the address names, else the default."""
    asked = view.param("funnel")
    return asked if asked in KINDS else KINDS[0]


def switch(view: View, kind: str) -> None:
    """The choice between the three, and what the one shown counts."""
    choose(view, "funnel", KINDS, kind)
    if kind != KINDS[0]:
        start, end, *_ = view.filters.window(view.lens.as_of)
        view.note(f"funnel.funnel.{kind}_counts", period=Span(start, end))
        return
    view.note("funnel.funnel.entered_counts")

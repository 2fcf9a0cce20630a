"""Kinds of funnel: three ways to count a stage, of which one is shown and named, never two mixed."""

from __future__ import annotations

import datetime as dt
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


def elapsed(view: View) -> Span:
    """The chosen period as far as it has gone by the day of the snapshot."""
    start, end, *_ = view.lens.window
    return Span(start, max(start, min(end, view.lens.as_of + dt.timedelta(days=1))))


def switch(view: View, kind: str) -> None:
    """The choice between the three, and what the one shown counts."""
    choose(view, "funnel", KINDS, kind)
    start, end, *_ = view.lens.window
    facts = {"active": {"period": elapsed(view)}, "snapshot": {"period": Span(start, end)}}
    view.note(f"funnel.funnel.{kind}_counts", **facts.get(kind, {}))

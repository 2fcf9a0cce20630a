"""What changed since the last snapshot: the terms of the page on pipeline changes, each with its deals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.text.formats import Count, Money
from dashboard.ui.changes import sections
from dashboard.ui.changes.answer import LOOK_FIRST, Waterfall
from dashboard.ui.changes.compared import Compared
from dashboard.ui.choice import choose

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Open deals put off: no term of the waterfall, as no amount changes, but what a boss asks first.
SLIPPED = "slipped"


def draw(view: View) -> None:
    """What happened to the deals since the snapshot before, and the way to the whole picture."""
    previous = view.lens.previous
    if previous is None:
        view.note("desk.changes.first")
        return
    compared = Compared(view, previous, view.lens.snapshot, "all")
    if not compared.is_one_currency():
        then, now = compared.currencies
        view.note("changes.answer.currency", then=then, now=now)
        return
    fall = Waterfall(compared.rows("waterfall"))
    put_off = compared.rows("slipped", which="since")
    happened = {kind: (fall.n(kind), abs(fall.amount(kind))) for kind in fall.terms}
    if put_off:
        happened[SLIPPED] = (len(put_off), put_off[0]["all_amount"])
    if not happened:
        view.note("desk.changes.none", day=previous.as_of)
        return
    grid = st.grid(4, min_column_width=158, gap="small")
    for kind, (n, amount) in happened.items():
        grid.metric(
            view.say(f"changes.kind.{kind}"),
            view.safe(view.show(Money(amount))),
            delta=view.plain("desk.changes.n", n=Count(n)),
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    view.about(("changes/waterfall", "changes/slipped"), key="changes")
    first = next((kind for kind in (SLIPPED, *LOOK_FIRST) if kind in happened), next(iter(happened)))
    kind = choose(view, "change", list(happened), first, lambda code: view.say(f"changes.kind.{code}"))
    if kind == SLIPPED:
        sections.put_off(compared, put_off, can_open=True)
    else:
        sections.deals(compared, kind, can_open=True)
    view.link("changes", view.say("desk.changes.whole"), icon=":material/swap_vert:")

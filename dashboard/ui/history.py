"""History: how it is known when deals moved, said where a page rests on it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

from dashboard.text import Count, Days, Percent
from dashboard.ui import session

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Where fewer of the moves than this are inferred, they move no figure.
SOME = 0.05


def note(view: View) -> bool:
    """One quiet line where moves between stages come from comparing snapshots: from how many, and how precise.

    Returns whether there was something to say.
    """
    known = view.lens.row("data/history_source")
    if not known or known["n_inferred"] < SOME * known["n_moves"] or not known["n_inferred"]:
        return False
    days = _days(view)
    gap = max(((after - before) for before, after in pairwise(days)), default=None)
    is_all = known["n_inferred"] == known["n_moves"]
    view.note(
        "quality.history.all" if is_all else "quality.history.some",
        n=Count(len(days)),
        days=Days(gap.days if gap else None),
        share=Percent(known["n_inferred"] / known["n_moves"]),
        first=days[0] if days else known["first_on"],
    )
    return True


def _days(view: View) -> list[dt.date]:
    """Days of the snapshots of this series up to the one shown, oldest first."""
    shown = view.lens.snapshot
    return sorted({s.as_of for s in session.store().list(shown.series) if s.as_of <= shown.as_of})

"""The two snapshots that the page compares: what may be asked of them, and what has to be said before anything else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import queryfile
from dashboard.snapshots.likeness import unlike
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.text.formats import Count, Days, Money
from dashboard.ui import explanation, session
from dashboard.ui.data import likeness
from dashboard.ui.data.snapshot_words import is_outdated

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Snapshots further apart than this hide much of what happened in between.
FAR_DAYS = 100
#: How many last days of a period are looked at for edits.
LATE_DAYS = 3
#: A CRM whose new deals carry the end of their month of creation as closing date until somebody says otherwise.
DATES_BY_ITSELF = "hubspot"

_OVER = {"this_month": "last_month", "this_quarter": "last_quarter", "this_year": "last_year"}


class Compared:
    """Two snapshots of one series, the earlier and the later, through the page's filters."""

    def __init__(self, view: View, before: Snapshot, after: Snapshot, reach: str) -> None:
        self.view, self.before, self.after, self.reach = view, before, after, reach
        self.lens = view.lens

    def rows(self, name: str, **own: Any) -> list[dict[str, Any]]:
        """Rows of a query of this page; what two snapshots say about themselves is filled in."""
        known = {
            "before_on": self.before.as_of,
            "currency": self.lens.currency,
            "reach": self.reach,
            "kind": "",
            "course": "",
            "detail": "total",
            "has_default_dates": self.after.profile.lower().startswith(DATES_BY_ITSELF),
            "first_on": self.late_period[0],
            "end_on": self.late_period[1],
            "n_days": LATE_DAYS,
            **own,
        }
        asked = f"changes/{name}"
        return self.lens.rows(asked, **{p: known[p] for p in queryfile.load(asked).parameters if p in known})

    @cached_property
    def late_period(self) -> tuple[dt.date, dt.date]:
        """The last period of the chosen kind whose last days have come: first day, first day after it."""
        filters, as_of = self.lens.filters, self.lens.as_of
        start, end, _, _ = filters.window(as_of)
        if end - dt.timedelta(days=LATE_DAYS) > as_of and filters.period in _OVER:
            start, end, _, _ = replace(filters, period=_OVER[filters.period]).window(as_of)
        return start, end

    @cached_property
    def currencies(self) -> tuple[str, str]:
        """Reporting currencies then and now; '' where the export does not say."""
        then = session.engine().lens(self.before.id, self.view.viewer)
        return then.currency, self.lens.currency

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the comparison has to do without: the row of changes/comparability."""
        return self.rows("comparability")[0]

    def is_one_currency(self) -> bool:
        """Whether both snapshots count in one currency, as far as they say."""
        then, now = self.currencies
        return not then or not now or then == now

    def is_possible(self) -> bool:
        """Whether amounts may be held against each other at all; says why not."""
        then, now = self.currencies
        if not self.is_one_currency():
            self.view.answer("changes.answer.currency", then=then, now=now)
            self.view.note("changes.note.currency")
            return False
        if not self.facts["n_before"] and not self.facts["n_after"]:
            self.view.answer("changes.answer.none")
            return False
        if not self.facts["n_before"] and not self.rows("waterfall"):
            self.view.answer("changes.answer.nothing_then", before=self.before.as_of)
            return False
        return True

    def warn(self) -> None:
        """What makes the comparison less than it seems: another firm's data, a long way between, no amounts."""
        view, facts = self.view, self.facts
        counts = {name: facts[name] for name in ("n_before", "n_after", "n_common")}
        likeness.warn(view, unlike([{"table_name": "opportunities", **counts}], self.before.as_of))
        days = (self.after.as_of - self.before.as_of).days
        if facts["n_without_id"]:
            view.note("changes.note.ids", n=Count(facts["n_without_id"]))
        if days > FAR_DAYS:
            view.note("changes.note.far", days=Days(days))
        if not days:
            view.note("changes.note.same_day", day=self.after.as_of)
        if facts["n_unvalued_before"] or facts["n_unvalued_after"]:
            n = {name: Count(facts[f"n_unvalued_{name}"]) for name in ("before", "after")}
            view.note("changes.note.unvalued", **n, nothing=Money(0))


def of(view: View, before: Snapshot, after: Snapshot, reach: str) -> Compared | None:
    """The comparison, or None with the reason said: one snapshot twice, an outdated or a damaged one."""
    if before.id == after.id:
        view.answer("changes.answer.equal")
        return None
    if is_outdated(before) or is_outdated(after):
        view.answer("changes.answer.outdated")
        view.link("data", view.say("ui.missing.upload"), icon=":material/database:")
        return None
    try:
        view.look_between(before.id, after.id)
        made = Compared(view, before, after, reach)
        made.currencies  # noqa: B018 - opens both files, so that a damaged one is told here
    except SnapshotError as error:
        st.error(explanation.problem(view, error), icon=":material/error:")
        return None
    return made

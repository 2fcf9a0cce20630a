"""The parts of the desk: cards, scorecard, changes and freshness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.ui import session
from dashboard.ui.card import Card
from dashboard.ui.desk import answer as desk_answer
from dashboard.ui.facts import Count, Days, Money, Ratio

if TYPE_CHECKING:
    from dashboard.engine import Lens
    from dashboard.ui.page import View

Row = Mapping[str, Any]


class Figures:
    """The desk's headline figures of the snapshot, and of the one before over the same period."""

    NAMES = ("won", "collected", "coverage", "forecast", "win_rate", "cycle", "contacts", "overdue")
    #: Asked of another page's queries, so that both pages show the same figure.
    ELSEWHERE: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "coverage": ("forecast/coverage", {}),
        "forecast": ("forecast/outlook", {"dimension": "all"}),
    }

    def __init__(self, view: View) -> None:
        lens = view.lens
        self.now = {name: self._row(lens, name) for name in self.NAMES}
        self.before: dict[str, Row] = {}
        if lens.previous is not None:
            earlier = session.engine().lens(lens.previous.id, view.viewer, view.filters)
            start, end, _, _ = lens.window
            period = {"period_start": start, "period_end": end}
            for name in self.NAMES:
                asked = period if name != "overdue" else {}
                self.before[name] = self._row(earlier, name, **asked)
        self.trend = lens.rows("desk/trend")

    def _row(self, lens: Lens, name: str, **asked: Any) -> Row:
        query, own = self.ELSEWHERE.get(name, (f"desk/{name}", {}))
        return lens.row(query, **own, **asked)

    def compared(self, view: View, name: str, column: str, own: str) -> Any:
        """The figure to hold against: the comparison period's, or the snapshot before's where that was chosen."""
        if view.comparison == "snapshot":
            return self.earlier(name, column)
        return self.now[name][own]

    def earlier(self, name: str, column: str) -> Any:
        """The figure in the snapshot before; None when there is none."""
        return self.before.get(name, {}).get(column)

    def course(self, column: str) -> list[Any]:
        """The figure month by month, oldest first."""
        return [month[column] for month in self.trend]


def cards(view: View, figures: Figures) -> list[Card]:
    """The eight headline figures; one whose table was not exported says so."""
    now, against = figures.now, figures.compared
    won, collected, coverage, forecast = now["won"], now["collected"], now["coverage"], now["forecast"]
    rate, cycle, contacts, overdue = now["win_rate"], now["cycle"], now["contacts"], now["overdue"]
    snapshot = "ui.against.snapshot"
    made = [
        Card(
            "won_amount",
            won["won_amount"],
            against(view, "won", "won_amount", "compare_amount"),
            won["target_amount"],
            won["n_won"],
            spark=figures.course("won_amount"),
            opens=("salesperson", {}),
        ),
        Card(
            "collected_amount",
            collected["collected_amount"],
            against(view, "collected", "collected_amount", "compare_amount"),
            collected["target_amount"],
            collected["n_payments"],
            spark=figures.course("collected_amount"),
            note=None if view.lens.has("payments") else view.say("desk.card.no_payments"),
        ),
        Card(
            "forecast_amount",
            forecast["expected_amount"],
            figures.earlier("forecast", "expected_amount"),
            won["target_amount"],
            forecast["n_open"],
            forecast["low_amount"],
            forecast["high_amount"],
            against=snapshot,
            opens=("forecast", {}),
            note=view.say("desk.card.thin") if forecast["state"] == "thin" else None,
        ),
        Card(
            "coverage",
            coverage["multiple"],
            n=coverage["n_open"],
            note=_coverage(view, coverage),
            opens=("forecast", {}),
        ),
        Card(
            "win_rate",
            rate["win_rate"],
            against(view, "win_rate", "win_rate", "compare_rate"),
            None,
            rate["n_decided"],
            rate["low_rate"],
            rate["high_rate"],
            spark=figures.course("win_rate"),
            opens=("funnel", {}),
        ),
        Card("cycle_days", cycle["cycle_days"], against(view, "cycle", "cycle_days", "compare_days"), n=cycle["n_won"]),
        Card(
            "effective_contacts",
            contacts["n_effective"],
            against(view, "contacts", "n_effective", "n_compare"),
            spark=figures.course("n_effective"),
            note=_contacts(view, contacts),
            opens=("salesperson", {}),
        ),
        Card(
            "overdue_amount",
            overdue["overdue_amount"] if overdue["n_invoices"] else None,
            figures.earlier("overdue", "overdue_amount") if overdue["n_invoices"] else None,
            note=_overdue(view, overdue, figures.earlier("overdue", "overdue_amount") is not None),
        ),
    ]
    if not view.lens.has("activities"):
        made[6] = replace(made[6], value=None, compare=None, spark=())
    return made


def _coverage(view: View, row: Row) -> str:
    facts = {"needed": Ratio(row["needed_multiple"]), "open": Money(row["open_amount"]), "n": Count(row["n_open"])}
    if row["target_amount"] is None:
        form = "no_target"
    elif not row["remaining_amount"]:
        form = "target_reached"
    else:
        form = "needed" if row["needed_multiple"] else "open"
    words = view.say(f"desk.card.{form}", **facts)
    if row["n_stale"]:
        words += " · " + view.say("desk.card.stale", stale=Money(row["stale_amount"]), n=Count(row["n_stale"]))
    return words


def _contacts(view: View, row: Row) -> str:
    if not view.lens.has("activities"):
        return view.say("desk.card.no_activities")
    return view.say(
        "desk.card.per_rep", rate=round(row["per_rep_week"] or 0, 1), before=round(row["compare_per_rep_week"] or 0, 1)
    )


def _overdue(view: View, row: Row, is_compared: bool) -> str:
    if not row["n_invoices"]:
        return view.say("desk.card.no_invoices")
    facts = {"n": Count(row["n_overdue"]), "old": Money(row["overdue_90_amount"])}
    words = view.say("desk.card.overdue", **facts)
    return f"{view.say('ui.against.snapshot')} · {words}" if is_compared else words


def scorecard(view: View, rows: Sequence[Row]) -> None:
    """People, money, goods and tasks, each against its own best quarter."""
    grid = st.grid(4, min_column_width=200, gap="small")
    for row in rows:
        factor, facts = row["factor"], desk_answer.score_facts(row)
        with grid.cell().container(border=True, height="stretch"):
            mark = f" :red-badge[{view.say('desk.score.weakest')}]" if row["is_weakest"] else ""
            st.markdown(f"**{view.say(f'desk.factor.{factor}')}**{mark}")
            if row["level"] is None:
                st.caption(view.say("desk.score.no_payments" if factor == "money" else "desk.score.nothing"))
                continue
            st.markdown(view.say(f"desk.score.{factor}", **facts))
            if row["best"] is None:
                st.caption(view.say("desk.score.few", **facts))
                continue
            st.progress(min(1.0, max(0.0, row["ratio"] or 0.0)))
            at_best = "best" if not row["worth_amount"] else "worth" if row["is_clear"] else "unclear"
            st.caption(view.say(f"desk.score.{at_best}", **facts))
    view.about("desk/scorecard", key="scorecard")


def freshness(view: View) -> None:
    """How old what is shown is, and what it came from."""
    snapshot, previous = view.lens.snapshot, view.lens.previous
    n_rows = snapshot.n_rows.get("opportunities", 0), snapshot.n_rows.get("activities", 0)
    facts = {"day": snapshot.as_of, "deals": Count(n_rows[0]), "contacts": Count(n_rows[1])}
    if previous is None:
        view.note("desk.fresh.first", **facts)
    else:
        age = Days((snapshot.as_of - previous.as_of).days)
        view.note("desk.fresh.next", previous=previous.as_of, age=age, **facts)

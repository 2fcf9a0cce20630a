"""The page's evidence: the deals behind a bar, slips, people, rewritten history, late edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.text.formats import Count, Days, Money, Percent, Span
from dashboard.ui.changes import figures
from dashboard.ui.changes.answer import ENDS, LOOK_FIRST, Waterfall
from dashboard.ui.changes.compared import LATE_DAYS, Compared
from dashboard.ui.choice import choose
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Terms whose deals are not seen in the later snapshot and so have no page to open.
CLOSED = ("vanished", "transferred_out")
#: Terms in whose lists it matters whose a deal was.
HANDED = ("transferred_in", "transferred_out", "vanished")
COURSES = ("slipped", "down", "idle", "mixed", "up")
#: With fewer pushed deals in all, a picture of who pushes would be a picture of chance.
FEWEST = 5


def waterfall(compared: Compared, fall: Waterfall, can_open: bool) -> None:
    """The picture, and the deals of the bar that was clicked."""
    view = compared.view
    kinds = [*fall.terms, *(end for end in ENDS if fall.n(end))]
    if not kinds:
        return
    usual = next((kind for kind in LOOK_FIRST if kind in kinds), kinds[0])
    asked = view.param("kind")
    kind = asked if asked in kinds else usual
    view.figure(
        figures.waterfall(view, fall, kind),
        query="changes/waterfall",
        key="waterfall",
        picks=lambda picked: view.set_param("kind", str(picked)),
    )
    view.note("changes.note.closes_cropped" if figures.is_cropped(fall) else "changes.note.closes")
    choose(view, "kind", kinds, usual)
    deals(compared, kind, can_open)


def deals(compared: Compared, kind: str, can_open: bool) -> None:
    """The deals of one term, as they stood then and as they stand now."""
    columns = [
        Column("name", label="ui.col.name", pinned=True, width="medium"),
        *_columns("account_name"),
        Column("amount", "money", label="changes.col.change"),
        *_columns("old_amount:money", "new_amount:money", "old_stage", "stage", "old_close_on:date", "close_on:date"),
        *(_columns("old_owner") if kind in HANDED else []),
        Column("owner", label="ui.col.owner"),
    ]
    opens = ("deal", "opportunity_id") if can_open and kind not in CLOSED else None
    rows = compared.rows("waterfall", detail="deal", kind=kind)
    compared.view.table(rows, columns, query="changes/waterfall", key="deals", opens=opens)


def put_off(compared: Compared, rows: Sequence[Row], can_open: bool, empty: str = "ui.table.empty") -> None:
    """Deals whose expected closing was put off."""
    columns = [
        Column("name", label="ui.col.name", pinned=True, width="medium"),
        *_columns("account_name"),
        Column("owner", label="ui.col.owner"),
        Column("amount", "money", label="ui.col.amount"),
        *_columns(
            "n_pushes:count", "days_pushed:days", "days_since:days", "old_close_on:date", "close_on:date", "stage"
        ),
    ]
    compared.view.table(
        rows,
        columns,
        query="changes/slipped",
        key="slipped",
        opens=("deal", "opportunity_id") if can_open else None,
        cells={"owner": ("salesperson", "owner_id")},
        empty=empty,
    )


def slips(compared: Compared, slip: Row | None, since: Sequence[Row], can_open: bool) -> None:
    """Who is put off again and again, how far, and whose deals slip."""
    view = compared.view
    start, end, _, _ = compared.lens.window
    if slip is not None and slip["n_due"]:
        st.markdown(
            view.say(
                "changes.slip.rate",
                day=compared.before.as_of,
                period=Span(start, end),
                due=Money(slip["due_amount"]),
                n=Count(slip["n_due"]),
                pushed=Money(slip["pushed_amount"]),
                m=Count(slip["n_pushed"]),
                share=Percent(slip["amount_rate"]),
                low=Percent(slip["rate_low"]),
                high=Percent(slip["rate_high"]),
            )
        )
    else:
        view.note("changes.slip.none_due", day=compared.before.as_of, period=Span(start, end))
    often = compared.rows("slipped", which="often")
    which = choose(view, "which", ("often", "since"), "often" if often else "since")
    rows = often if which == "often" else since
    if rows:
        first = rows[0]
        facts = {
            "n": Count(len(rows)),
            "amount": Money(first["all_amount"]),
            "name": first["name"] or first["opportunity_id"],
        }
        times, days = Count(first["n_pushes"]), Days(first["days_pushed"])
        view.note(f"changes.slip.{which}", **facts, times=times, days=days, day=first["close_on"])
    put_off(compared, rows, can_open, f"changes.slip.empty_{which}")


def courses(compared: Compared, can_open: bool) -> None:
    """Which deals moved on, back, or not at all."""
    view = compared.view
    totals = {row["course"]: row for row in compared.rows("trend")}
    if not totals:
        view.note("changes.course.none")
        return
    grid = st.grid(5, min_column_width=130, gap="small")
    for course in ("up", "mixed", "idle", "down", "slipped"):
        row = totals.get(course, {"n": 0, "amount": 0})
        grid.metric(
            view.say(f"changes.course.{course}"),
            view.safe(view.show(Count(row["n"]))),
            delta=view.show(Money(row["amount"])),
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
    view.about("changes/trend", key="courses")
    offered = [course for course in COURSES if course in totals]
    course = choose(view, "course", offered, offered[0])
    columns = [
        Column("name", label="ui.col.name", pinned=True, width="medium"),
        Column("owner"),
        *_columns("old_amount:money", "new_amount:money", "old_stage", "stage", "old_close_on:date", "close_on:date"),
    ]
    opens = ("deal", "opportunity_id") if can_open else None
    rows = compared.rows("trend", detail="deal", course=course)
    view.table(rows, columns, query="changes/trend", key="course-deals", opens=opens)


def people(compared: Compared) -> None:
    """Each salesperson's own waterfall in a row, which closes too; and how the deals of each slip."""
    view = compared.view
    terms = compared.rows("waterfall", detail="owner")
    trends = compared.rows("trend", detail="owner")
    by_owner: dict[Any, dict[str, Any]] = {}
    for row in terms:
        none = {"owner_id": row["owner_id"], "owner": row["owner_name"], **dict.fromkeys(ENDS, 0)}
        line = by_owner.setdefault(row["owner_id"], none)
        line[row["kind"]] = row["amount"]
    for row in trends:
        if row["owner_id"] in by_owner:
            by_owner[row["owner_id"]][f"n_{row['course']}"] = row["n"]
    lines = sorted(by_owner.values(), key=lambda line: (-line["closing"], str(line["owner_id"])))
    for line in lines:
        line["owner"] = line["owner"] or view.plain("changes.nobody")
    order = list(dict.fromkeys(row["kind"] for row in sorted(terms, key=lambda row: row["position"])))
    kinds = ["opening", *(kind for kind in order if kind not in ENDS), "closing"]
    columns = [Column("owner", pinned=True)]
    columns += [Column(kind, "money", label=f"changes.kind.{kind}") for kind in kinds]
    counted = [f"n_{course}" for course in COURSES if any(f"n_{course}" in line for line in lines)]
    columns += [Column(name, "count", label=f"changes.course.{name[2:]}") for name in counted]
    view.table(
        lines,
        columns,
        query=("changes/waterfall", "changes/trend"),
        key="people",
        opens=("salesperson", "owner_id"),
    )
    slip_rates(compared)


def slip_rates(compared: Compared) -> None:
    """Whose deals slip, as far as anybody's do; drawn where there are enough cases to see anything but chance."""
    view = compared.view
    rates = compared.rows("slip_rate", detail="owner")
    if not any(row["n_pushed"] for row in rates):
        return
    judged = [row for row in rates if not row["too_few"]]
    if sum(row["n_pushed"] for row in rates) >= FEWEST and len(judged) > 1:
        st.markdown(view.say(f"changes.slip.{'told' if any(r['is_different'] for r in judged) else 'level'}"))
        view.figure(figures.slip_rates(view, judged), query="changes/slip_rate", key="slip-rates")
    shown = [
        {**row, "owner": row["owner_name"] or view.plain("changes.nobody"), "verdict": figures.verdict(row)}
        for row in rates
    ]
    columns = [
        Column("owner", pinned=True),
        Column("n_due", "count"),
        Column("due_amount", "money"),
        Column("n_pushed", "count"),
        Column("pushed_amount", "money"),
        Column("amount_rate", "percent"),
        Column("rate", "percent"),
        Column("shrunk_rate", "percent"),
        Column("verdict", codes="changes.verdict"),
    ]
    view.table(shown, columns, query="changes/slip_rate", key="slip-table", opens=("salesperson", "owner_id"))


def rewritten(compared: Compared, can_open: bool) -> None:
    """Whatever the later snapshot tells otherwise about days before the earlier one."""
    view = compared.view
    rows = compared.rows("rewritten")
    if not rows:
        view.note("changes.rewritten.none", day=compared.before.as_of)
        return
    view.note("changes.rewritten.note", n=Count(len(rows)), day=compared.before.as_of)
    n = {row["kind"]: row["n"] for row in rows}
    words = lambda kind: view.say(f"changes.rewritten.{kind}", n=Count(n[kind]))  # noqa: E731 - a label
    kind = choose(view, "past", list(n), next(iter(n)), words)
    told = [_told(view, row) for row in rows if row["kind"] == kind]
    columns = [
        Column("name", label="ui.col.name", pinned=True, width="medium"),
        Column("owner"),
        Column("said_then"),
        Column("says_now"),
        Column("amount", "money"),
        Column("is_other_month", "flag"),
    ]
    opens = ("deal", "opportunity_id") if can_open and kind != "decided_gone" else None
    view.table(told, columns, query="changes/rewritten", key="rewritten", opens=opens)


def _told(view: View, row: Row) -> dict[str, Any]:
    """A row with what was said then and what is said now, in words."""
    kind = row["kind"]
    said: list[str] = []
    for side, prefix in (("then", "old"), ("now", "new")):
        outcome = row["old_outcome" if side == "then" else "outcome"]
        facts = {
            "outcome": view.plain(f"changes.outcome.{outcome or 'gone'}"),
            "amount": Money(row[f"{prefix}_amount"]),
            "day": row[f"{prefix}_on"],
            "n": Count(row["n_old_moves" if side == "then" else "n_moves"]),
        }
        said.append(view.plain(f"changes.said.{kind}_{side}", **facts))
    return {**row, "said_then": said[0], "says_now": said[1]}


def late_edits(compared: Compared, can_open: bool) -> None:
    """Closing dates changed in the last days of a period."""
    view = compared.view
    start, end = compared.late_period
    span, days = Span(start, end), Days(LATE_DAYS)
    if not compared.facts["n_told"] and compared.facts["n_inferred"]:
        view.note("changes.late.untold", period=span)
        return
    rows = compared.rows("late_edits")
    if not rows:
        view.note("changes.late.none", period=span, days=days)
        return
    first = rows[0]
    st.markdown(
        view.say(
            "changes.late.some",
            period=span,
            days=days,
            n=Count(first["n_late"]),
            leaving=Count(first["n_leaving"]),
            total=Count(first["n_edits"]),
            share=Percent(first["late_share"]),
            even=Percent(first["even_share"]),
        )
    )
    columns = [
        Column("name", label="ui.col.name", pinned=True, width="medium"),
        Column("owner"),
        Column("amount", "money"),
        Column("changed_on", "date"),
        Column("from_on", "date"),
        Column("to_on", "date"),
        Column("days_moved", "days"),
        Column("leaves_period", "flag"),
    ]
    opens = ("deal", "opportunity_id") if can_open else None
    view.table(rows, columns, query="changes/late_edits", key="late", opens=opens)


def _columns(*named: str) -> list[Column]:
    """Columns called as this page calls them, on whatever page they stand; each `name` or `name:kind`."""
    parts = [one.partition(":") for one in named]
    return [Column(name, kind or "text", label=f"changes.col.{name}") for name, _, kind in parts]

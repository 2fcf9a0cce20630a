"""The deal page's sections: what is drawn under each heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.text.formats import Count, Money, Percent
from dashboard.ui import history
from dashboard.ui.deal import figures as figures
from dashboard.ui.deal import timeline as time_axis
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = figures.Row


def facts(view: View, deal: Row) -> None:
    """Whose deal it is, what the customer needs, and the ways back."""
    if deal["user_id"]:
        owner = deal["user_name"] or deal["user_id"]
        links = [("salesperson", view.say("deal.to_rep", name=owner), {"user_id": deal["user_id"]})]
        if deal["outcome"] == "open" and deal["stage_position"] is not None:
            place = {"position": str(deal["stage_position"])}
            links.append(("funnel", view.say("deal.to_stage", stage=deal["stage"]), place))
        view.links(links)
    owner = deal["user_name"] or deal["user_id"]
    view.note("deal.facts", account=deal["account_name"], owner=owner, created=deal["created_on"])


def background(view: View, deal: Row) -> None:
    """Its other warnings, and what the customer needs and who else is there, as far as it was noted."""
    if others := figures.besides(view, deal):
        st.markdown(view.say("deal.also", flags=others))
    for name in ("need", "competitor"):
        if deal[name]:
            view.note(f"deal.{name}", text=deal[name])


def honesty(view: View, rows: Sequence[Row]) -> None:
    """What the salesman says beside what the records say."""
    bad, n = sum(row["verdict"] == "contradicts" for row in rows), Count(len(rows))
    st.markdown(view.say("deal.honesty.count", bad=Count(bad), n=n) if bad else view.say("deal.honesty.good", n=n))
    columns = [
        Column("statement", width="small"),
        Column("verdict", width="small"),
        Column("said", width="medium"),
        Column("found", width="large"),
    ]
    view.table(figures.honesty(view, rows), columns, query="deal/honesty", key="honesty")


def timeline(view: View, deal: Row, points: Sequence[Row], rules: Sequence[Row]) -> None:
    """What was claimed, what the records carried, and what was done, day by day."""
    drawn = time_axis.figure(view, deal, points, rules)
    if drawn is None:
        view.note("deal.timeline.empty")
        return
    view.figure(drawn, query=("deal/timeline", "deal/milestones"), key="timeline")


def trail(view: View, visits: Sequence[Row], moves: Sequence[Row]) -> None:
    """The way through the stages, and of the closing date."""
    if not any(visit["outcome"] == "open" for visit in visits):
        view.note("deal.trail.empty")
    else:
        view.figure(figures.trail(view, visits), query="deal/stage_trail", key="trail")
        if all(visit["is_derived"] for visit in visits) and not history.note(view):
            view.note("deal.trail.derived")
    if moves:
        first = next((move["from_on"] for move in moves if move["from_on"]), moves[0]["to_on"])
        st.markdown(view.say("deal.trail.moved", n=Count(len(moves)), first=first, last=moves[-1]["to_on"]))
        view.about("deal/close_dates", key="close_dates")


def course(view: View, rows: Sequence[Row]) -> None:
    """Stage, amount and closing date as they were claimed at each snapshot; nothing while there is only one."""
    if len(rows) < 2:
        return
    view.section("deal.course.title")
    columns = [
        Column("as_of", "date"),
        Column("stage"),
        Column("amount", "money"),
        Column("expected_close_on", "date"),
        Column("probability", "percent"),
        Column("days_silent", "days"),
    ]
    view.table(rows, columns, query="deal/course", key="course")


def milestones(view: View, rows: Sequence[Row]) -> None:
    """What the stage demands, and what is there."""
    columns = [Column("rule"), Column("state"), Column("from_stage"), Column("since_on", "date")]
    view.table(figures.milestones(view, rows), columns, query="deal/milestones", key="milestones")


def people(view: View, rows: Sequence[Row]) -> None:
    """Who is there at the customer, and whom we know."""
    if any(row["is_decider"] for row in rows) and not any(row["is_decider"] and row["n_effective"] for row in rows):
        st.markdown(view.say("deal.people.no_decider"))
    columns = [
        Column("name", label="ui.col.name", pinned=True),
        Column("title"),
        Column("buying_role", codes="deal.role"),
        Column("n_effective", "count"),
        Column("last_on", "date"),
        Column("last_on_all", "date"),
    ]
    view.table(rows, columns, query="deal/people", key="people", empty="deal.people.empty")


def touches(view: View, deal: Row, rows: Sequence[Row]) -> None:
    """Everything that was done, newest first; a subject that only repeats the deal's name is left out."""
    name = deal["name"] or "\0"
    said = [
        {**row, "what": row["note"] if row["note"] and name in (row["subject"] or name) else _joined(row)}
        for row in rows
    ]
    columns = [
        Column("happened_on", "date", pinned=True),
        Column("kind", codes="salesperson.kind", width="small"),
        Column("outcome", codes="deal.outcome", width="small"),
        Column("who", width="small"),
        Column("person", width="small"),
        Column("what", width="large"),
        Column("minutes", "count"),
    ]
    view.table(said, columns, query="deal/touches", key="touches", empty="deal.touches.empty")


def _joined(row: Row) -> str | None:
    return " · ".join(part for part in (row["subject"], row["note"]) if part) or None


def lines(view: View, rows: Sequence[Row]) -> None:
    """What is sold, at which price and margin."""
    if margins := [row for row in rows if row["margin"] is not None]:
        amount, margin = sum(row["amount"] for row in margins), sum(row["margin"] for row in margins)
        rate = Percent(float(margin) / float(amount) if amount else None)
        st.markdown(view.say("deal.money.margin", amount=Money(amount), margin=Money(margin), rate=rate))
    columns = [
        Column("product_name", pinned=True),
        Column("quantity", "count"),
        Column("unit_price", "money"),
        Column("discount", "percent"),
        Column("amount", "money"),
        Column("margin", "money"),
        Column("margin_rate", "percent"),
    ]
    view.table(rows, columns, query="deal/lines", key="lines", empty="deal.money.lines_empty")


def payments(view: View, rows: Sequence[Row]) -> None:
    """Orders, instalments and receipts in the order of their dates."""
    columns = [
        Column("on_date", "date"),
        Column("item", codes="deal.item"),
        Column("amount", "money"),
        Column("status", codes="deal.status"),
        Column("open_amount", "money"),
        Column("days_overdue", "days"),
        Column("item_id"),
    ]
    view.table(rows, columns, query="deal/money", key="money", empty="deal.money.plan_empty")

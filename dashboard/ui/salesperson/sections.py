"""The salesperson page's sections: what is drawn under each heading."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.snapshots.manifest import Snapshot
from dashboard.text.formats import Count, Money
from dashboard.ui.salesperson import figures as figures
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = figures.Row

#: Where this share of the open deals has no owner, nobody is called calm or needy.
MOST_OWNERLESS = 0.5


def chooser(view: View, head: Row) -> None:
    """Who this is, the way back to all, and the way to another one."""
    names = {row["user_id"]: row["name"] or row["user_id"] for row in view.lens.rows("salesperson/roster")}
    names.setdefault(head["user_id"], head["name"] or head["user_id"])
    state = "salesperson.chosen"
    st.session_state[state] = head["user_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        view.link("salesperson", view.say("salesperson.all"), icon=":material/group:")
        st.selectbox(
            view.plain("salesperson.choose"),
            list(names),
            format_func=lambda user_id: names[user_id],
            key=state,
            on_change=lambda: view.set_param("user_id", st.session_state[state]),
            label_visibility="collapsed",
            width=220,
        )
        if head["team"] and head["hired_on"]:
            view.note(
                "salesperson.new" if head["is_new"] else "salesperson.since", team=head["team"], hired=head["hired_on"]
            )
        elif head["team"]:
            view.note("salesperson.team_only", team=head["team"])


def without_owners(view: View) -> bool:
    """Whether the data leave open who owns most of the open deals; if so says it, and what to export."""
    found = next((row for row in view.lens.rows("data/ownerless") if row["table_name"] == "opportunities"), None)
    if found is None or found["ownerless_rate"] < MOST_OWNERLESS:
        return False
    n, total = Count(found["n_ownerless"]), Count(found["n_rows"])
    view.answer("quality.no_owners.answer", n=n, total=total, amount=Money(found["amount"]))
    st.markdown(view.say("quality.no_owners.action"))
    view.about("data/ownerless", key="ownerless")
    view.link("data", view.say("quality.no_owners.records"), icon=":material/database:", room="quality", part="records")
    return True


def pipeline(view: View, deals: Sequence[Row]) -> None:
    """The open deals, each with its warnings in words."""
    rows = [
        {**deal, "deal": deal["name"] or deal["opportunity_id"], "flags": figures.flags(view, deal)} for deal in deals
    ]
    columns = [
        Column("deal", pinned=True),
        Column("flags", width="medium"),
        Column("amount", "money"),
        Column("account_name"),
        Column("stage"),
        Column("days_in_stage", "days"),
        Column("days_silent", "days"),
        Column("win_odds", "percent"),
        Column("expected_close_on", "date"),
    ]
    view.table(
        rows,
        columns,
        query="salesperson/pipeline",
        key="pipeline",
        opens=("deal", "opportunity_id"),
        empty="salesperson.pipeline.empty",
    )


def queue(view: View, rows: Sequence[Row]) -> None:
    """Whom to contact next, why, on which channel, and where the last talk stopped."""
    if rows:
        view.note(
            "salesperson.queue.text", n=Count(len(rows)), amount=Money(sum(row["stake_amount"] or 0 for row in rows))
        )
    columns = [
        Column("name", label="ui.col.name", pinned=True),
        Column("reason", codes="salesperson.reason"),
        Column("days_over", "days"),
        Column("stake_amount", "money"),
        Column("channel", codes="salesperson.kind", width="small"),
        Column("last_person", width="small"),
        Column("last_on", "date"),
        Column("last_said", width="large"),
        Column("next_step", width="medium"),
        Column("item", codes="salesperson.item", width="small"),
    ]
    view.table(
        rows,
        columns,
        query="salesperson/queue",
        key="queue",
        opens=("deal", "opportunity_id"),
        empty="salesperson.queue.empty",
    )


def funnel(view: View, head: Row, rows: Sequence[Row]) -> None:
    """How many get past each stage, beside the team and the firm; a click opens that stage of the funnel."""
    if not rows:
        view.note("salesperson.funnel.empty")
        return
    st.markdown(figures.funnel_words(view, rows))
    view.note("salesperson.funnel.text")
    figure = figures.funnel(view, rows, head["name"] or head["user_id"])
    pick = lambda position: view.go("funnel", position=str(position))  # noqa: E731 - a callback
    view.figure(figure, query="salesperson/funnel", key="funnel", picks=pick)


def calendar(view: View, rows: Sequence[Row]) -> None:
    """Half a year of contacts, and the longest silence in it."""
    view.note("salesperson.contacts.calendar")
    view.figure(figures.calendar(view, rows), query="salesperson/calendar", key="calendar")
    if found := figures.silence(rows):
        view.note("salesperson.contacts.silence", days=found[1], **{"from": found[0]})


def targets(view: View, rows: Sequence[Row]) -> None:
    """Target and result per month, one picture per measure."""
    if not rows:
        view.note("salesperson.targets.empty")
        return
    by_measure = [(measure, list(found)) for measure, found in groupby(rows, key=lambda row: str(row["measure"]))]
    by_measure.sort(key=lambda found: figures.MEASURES.index(found[0]) if found[0] in figures.MEASURES else 99)
    tabs = st.tabs([view.say(f"salesperson.measure.{measure}") for measure, _ in by_measure])
    for tab, (measure, found) in zip(tabs, by_measure, strict=True):
        with tab:
            view.figure(figures.targets(view, found), query="salesperson/targets", key=f"targets-{measure}")


def trend(view: View, history: Sequence[tuple[Snapshot, list[dict[str, Any]]]]) -> None:
    """His figures snapshot by snapshot, and what changed since the last one."""
    rows = [{**row, "as_of": snapshot.as_of} for snapshot, found in history for row in found]
    if len(rows) < 2:
        view.note("salesperson.trend.one")
    else:
        before, now = rows[-2], rows[-1]
        gaps = {
            "open": Money(now["open_amount"] - before["open_amount"]),
            "silent": Count(now["n_silent"] - before["n_silent"]),
        }
        st.markdown(view.say("salesperson.trend.text", day=before["as_of"], **gaps))
    columns = [
        Column("as_of", "date"),
        Column("open_amount", "money"),
        Column("n_open", "count"),
        Column("n_silent", "count"),
        *([Column("n_pushed", "count")] if view.needs("close_date_changes", draw=False) else []),
        Column("won_amount_365", "money"),
        Column("win_rate", "percent"),
        Column("n_effective_90", "count"),
    ]
    view.table(rows, columns, query="salesperson/trend", key="trend")

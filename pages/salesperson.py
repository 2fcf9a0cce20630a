"""Salesperson: one rep's pipeline, and who needs what from his manager."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.ui import history
from dashboard.ui.facts import Count, Money
from dashboard.ui.page import Column, View, open_page
from dashboard.ui.salesperson import figures as figures
from dashboard.ui.salesperson import outlook as outlook
from dashboard.ui.salesperson import sections as sections


def draw_roster(view: View) -> None:
    """Everybody in one list: who needs what."""
    rows = view.lens.rows("salesperson/roster")
    if is_unowned := sections.without_owners(view):
        rows = [row for row in rows if row["n_open"]]
        if not rows:
            return
    if not rows:
        view.answer("salesperson.roster.empty")
        return
    top, n = figures.neediest(rows), Count(sum(row["need"] != "left_behind" for row in rows))
    if is_unowned:
        view.section("salesperson.roster.owned", n=n)
    elif top is None:
        view.answer("salesperson.roster.calm", n=n)
    else:
        need = view.plain(f"salesperson.need.{top['need']}", n=Count(top["n_need"]))
        key = "salesperson.roster.behind" if top["need"] == "behind_target" else "salesperson.roster.answer"
        view.answer(key, n=n, name=top["name"] or top["user_id"], need=need, amount=Money(top["need_amount"]))
    view.note(
        "salesperson.roster.others",
        amount=Money(sum(row["open_amount"] for row in rows)),
        risk=Money(sum(row["at_risk_amount"] for row in rows)),
        n_calm=Count(sum(row["need"] == "none" for row in rows)),
    )
    for told in (figures.habits(view, view.lens.rows("salesperson/habits")), *figures.left_behind(view, rows)):
        if told:
            st.markdown(told)
    if any(row["open_amount"] for row in rows):
        view.section("salesperson.roster.chart")
        pick = lambda user_id: view.set_param("user_id", user_id)  # noqa: E731 - a callback
        view.figure(figures.roster(view, rows), query="salesperson/roster", key="roster", picks=pick)
    view.section("salesperson.roster.table")
    columns = [
        Column("name", pinned=True),
        Column("team"),
        Column("need", codes="salesperson.need_code"),
        Column("need_amount", "money"),
        Column("n_open", "count"),
        Column("open_amount", "money"),
        Column("n_at_risk", "count"),
        Column("at_risk_amount", "money"),
        Column("won_amount", "money"),
        Column("target_amount", "money"),
        Column("attainment", "percent"),
    ]
    view.table(rows, columns, query="salesperson/roster", key="people", opens=("salesperson", "user_id"))


def draw_person(view: View, user_id: str) -> None:
    """One salesperson: result, warnings, what to talk about, whom to contact, how he sells."""

    def ask(name: str) -> list[dict[str, Any]]:
        return view.lens.rows(f"salesperson/{name}", user_id=user_id)

    found = ask("headline")
    if not found:
        view.answer("salesperson.not_found")
        view.link("salesperson", view.say("salesperson.all"), icon=":material/group:")
        return
    (head,), points = found, ask("coaching")
    sections.chooser(view, head)
    st.markdown(f"#### {figures.result(view, head)}")
    st.markdown(figures.burden(view, head, points))
    view.cards(figures.cards(view, head), columns=5)

    view.section("salesperson.coaching.title")
    with st.container(border=True):
        for line in figures.coaching(view, points) or [view.say("salesperson.coaching.none")]:
            st.markdown(line)
        view.about("salesperson/coaching", key="coaching")

    view.section("salesperson.outlook.title")
    outlook.draw(view, user_id)

    view.section("salesperson.pipeline.title")
    sections.pipeline(view, ask("pipeline"))
    view.section("salesperson.queue.title")
    sections.queue(view, ask("queue"))

    view.section("salesperson.funnel.title")
    sections.funnel(view, head, figures.largest_pipeline(ask("funnel")))
    history.note(view)

    view.section("salesperson.contacts.title")
    if view.needs("activities"):
        view.cards(figures.contact_cards(ask("contacts")[0]), columns=5)
        sections.calendar(view, ask("calendar"))

    view.section("salesperson.targets.title")
    if view.needs("targets"):
        sections.targets(view, ask("targets"))
    view.section("salesperson.trend.title")
    sections.trend(view, view.lens.history("salesperson/trend", user_id=user_id))


view = open_page("salesperson")
if chosen := view.param("user_id"):
    draw_person(view, chosen)
else:
    draw_roster(view)

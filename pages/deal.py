"""Deal: where does it really stand, and what next?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.ui.deal import figures as figures
from dashboard.ui.deal import sections as sections
from dashboard.ui.page import View, open_page


def draw_deal(view: View, opportunity_id: str) -> None:
    """One deal: the answer, what is said against what is recorded, and everything behind it."""

    def ask(name: str) -> list[dict[str, Any]]:
        return view.lens.rows(f"deal/{name}", opportunity_id=opportunity_id)

    found = ask("summary")
    if not found:
        view.answer("deal.not_found")
        view.link("salesperson", view.say("deal.people_of"), icon=":material/group:")
        return
    course = [
        {**row, "as_of": snapshot.as_of}
        for snapshot, rows in view.lens.history("deal/course", opportunity_id=opportunity_id)
        for row in rows
    ]
    deal, rules, money = found[0], ask("milestones"), ask("money")
    sections.facts(view, deal)
    key, facts = figures.answer(view, deal, rules, money)
    view.answer(key, **facts)
    sections.background(view, deal)
    view.cards(figures.cards(view, deal), columns=6)

    view.section("deal.honesty.title")
    sections.honesty(view, ask("honesty"))

    view.section("deal.timeline.title")
    sections.timeline(view, deal, ask("timeline"), rules)

    left, right = st.columns(2, gap="large")
    with left:
        view.section("deal.trail.title")
        sections.trail(view, ask("stage_trail"), ask("close_dates"))
    with right:
        view.section("deal.milestones.title")
        if view.needs("activities"):
            sections.milestones(view, rules)

    sections.course(view, course)

    view.section("deal.touches.title")
    if view.needs("activities"):
        sections.touches(view, deal, ask("touches"))
    view.section("deal.people.title")
    if view.needs("contacts"):
        sections.people(view, ask("people"))
    view.section("deal.money.title")
    if view.needs("line_items"):
        sections.lines(view, ask("lines"))
    if deal["outcome"] == "won":
        view.section("deal.money.plan")
        sections.payments(view, money)


view = open_page("deal", has_filters=False)
if chosen := view.param("opportunity_id"):
    draw_deal(view, chosen)
else:
    view.answer("deal.none")
    view.link("salesperson", view.say("deal.people_of"), icon=":material/group:")

"""Funnel: where do deals get lost?"""

from __future__ import annotations

from dashboard.ui import history
from dashboard.ui.choice import choose
from dashboard.ui.funnel import answer as answers
from dashboard.ui.funnel import kinds, period, rooms, sections
from dashboard.ui.page import View, open_page

ROOMS = {
    "steps": rooms.steps,
    "groups": rooms.groups,
    "times": rooms.times,
    "losses": rooms.losses,
    "leads": rooms.leads,
}


def draw_entered(view: View) -> None:
    """The deals created in the period: how far each came until today, and where it was lost."""
    cohort = answers.Cohort(view)
    steps = answers.steps(cohort)
    if not steps:
        view.answer("funnel.answer.none")
        kinds.switch(view, "entered")
        return
    total, rework = cohort.ask("summary")[0], cohort.ask("rework")[0]
    worst = answers.worst(steps)
    key, facts = answers.answer(steps, total, worst)
    view.answer(key, **facts)
    teams = cohort.ask("by_group", "group_id", dimension="team", position=worst["position"])
    by = "team" if len([row for row in teams if row["group_id"]]) > 1 else "owner"
    sections.where(
        view,
        teams if by == "team" else cohort.ask("by_group", "group_id", dimension="owner", position=worst["position"]),
    )
    kinds.switch(view, "entered")
    cohort.say()
    if cohort.is_young:
        choose(view, "window", ("year", "period"), "year")
    view.cards(answers.cards(total, rework))
    history.note(view)

    chosen = {str(step["position"]): step for step in steps}.get(view.param("position") or "", worst)
    seen = rooms.Seen(cohort, steps, chosen, rework, by)
    tabs = view.rooms(tuple(ROOMS))
    for code, draw in ROOMS.items():
        if tabs[code].open:
            with tabs[code]:
                draw(view, seen)


view = open_page("funnel")
kind = kinds.chosen(view)
if kind == "entered":
    draw_entered(view)
elif kind == "active":
    period.draw_active(view)
else:
    period.draw_snapshot(view)

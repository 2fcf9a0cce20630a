"""Milestones: does what is done match the stage claimed?"""

from __future__ import annotations

from dashboard.ui.choice import choose
from dashboard.ui.milestones import answer as answers
from dashboard.ui.milestones import editor as editor
from dashboard.ui.milestones import sections as sections
from dashboard.ui.page import View, open_page

ROOMS = ("evidence", "past", "playbook")


def draw_evidence(view: View) -> None:
    """What the records carry now: figures, people, stages, milestones, deals to act on."""
    if not total["n_judged"]:
        if view.needs("activities") and total["n_behind"]:
            view.section("milestones.section.deals")
            sections.deals(view, total)
        return
    view.cards(answers.cards(total, answers.before(view)), columns=5)
    answers.say_value(view, total)

    view.section("milestones.section.groups")
    dimension = choose(view, "dimension", ("owner", "team"), "owner")
    rows = people if dimension == "owner" else view.lens.rows("milestones/by_group", dimension=dimension)
    sections.groups(view, rows, dimension)
    view.section("milestones.section.deals")
    sections.deals(view, total)
    view.section("milestones.section.rules")
    sections.rules(view, rules)
    view.section("milestones.section.stages")
    sections.stages(view, stages)
    view.section("milestones.section.times")
    sections.times(view, stages)


view = open_page("milestones")
total = view.lens.row("milestones/summary")
people = view.lens.rows("milestones/by_group", dimension="owner")
stages, rules = view.lens.rows("milestones/by_stage"), view.lens.rows("milestones/rules")
key, facts = answers.answer(view, total, people, stages, rules)
view.answer(key, **facts)
answers.say_standard(view, rules)
rooms = view.rooms(ROOMS)
if rooms["evidence"].open and total["n_open"]:
    with rooms["evidence"]:
        draw_evidence(view)
if rooms["past"].open:
    with rooms["past"]:
        view.section("milestones.section.past")
        sections.past(view, view.lens.rows("milestones/validation"))
if rooms["playbook"].open:
    with rooms["playbook"]:
        editor.draw(view)

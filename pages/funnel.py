"""Funnel: where do deals get lost?"""

from __future__ import annotations

import streamlit as st

from dashboard.ui import history
from dashboard.ui.choice import choose
from dashboard.ui.facts import Count
from dashboard.ui.funnel import answer as answers
from dashboard.ui.funnel import figures as figures
from dashboard.ui.funnel import sections as sections
from dashboard.ui.page import open_page

DIMENSIONS = ("team", "owner", "region", "source", "product_family", "size_band")
OUTCOMES = ("now", "lost", "open", "forward", "all")

view = open_page("funnel")
cohort = answers.Cohort(view)
steps = answers.steps(cohort)
if not steps:
    view.answer("funnel.answer.none")
    st.stop()

total, rework = cohort.ask("summary")[0], cohort.ask("rework")[0]
worst = answers.worst(steps)
key, facts = answers.answer(steps, total, worst)
view.answer(key, **facts)
teams = cohort.ask("by_group", "group_id", dimension="team", position=worst["position"])
first = "team" if len([row for row in teams if row["group_id"]]) > 1 else "owner"
culprits = teams if first == "team" else cohort.ask("by_group", dimension="owner", position=worst["position"])
sections.where(view, culprits)
cohort.say()
if cohort.is_young:
    choose(view, "window", ("year", "period"), "year")
view.cards(answers.cards(total, rework))
history.note(view)

view.section("funnel.section.steps")
stages = {str(step["position"]): view.safe(step["stage"]) for step in steps}
chosen = view.param("position") or ""
position = int(chosen if chosen in stages else worst["position"])
pick = lambda place: view.set_param("position", str(place))  # noqa: E731 - a callback
left, right = st.columns([3, 2])
with left:
    view.figure(figures.stages(view, steps), query="funnel/conversion", key="stages", picks=pick)
with right:
    asked = ("funnel/conversion", "funnel/conversion_estimate")
    view.figure(figures.rates(view, steps, position), query=asked, key="rates", picks=pick)
    view.note("funnel.rates.note")
if steps[0]["n_lost_unknown"]:
    view.note("funnel.history.unknown", n=Count(steps[0]["n_lost_unknown"]))
choose(view, "position", tuple(stages), str(position), stages.__getitem__)
step = steps[position - 1]

view.section("funnel.section.step", stage=step["stage"], next=step["next_stage"])
outcome = choose(view, "outcome", OUTCOMES, "now")
deals = cohort.ask("stage_deals", position=position, outcome=outcome, usual_days=step["usual_days"])
sections.deals(view, deals, outcome)

view.section("funnel.section.groups")
dimension = choose(view, "dimension", DIMENSIONS, first)
reach = choose(view, "reach", ("step", "whole"), "step")
groups = cohort.ask("by_group", "group_id", dimension=dimension, position=position if reach == "step" else 0)
sections.groups(view, groups, dimension)

view.section("funnel.section.conversion")
sections.conversion(view, steps)
view.section("funnel.section.times")
sections.times(view, steps)

left, right = st.columns(2)
with left:
    view.section("funnel.section.reasons")
    sections.reasons(view, cohort.ask("loss_reasons"), steps)
with right:
    view.section("funnel.section.flow")
    sections.flow(view, cohort.ask("moves"), steps, rework)

view.section("funnel.section.leads")
if view.needs("leads"):
    sections.leads(view, cohort.rows("leads", "source"))

"""The rooms of the entry cohort: its steps, its groups, its times, its losses, its leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.text.formats import Count
from dashboard.ui.choice import choose
from dashboard.ui.funnel import ages, figures, sections
from dashboard.ui.funnel.answer import Cohort
from dashboard.ui.funnel.figures import Row

if TYPE_CHECKING:
    from dashboard.ui.page import View

DIMENSIONS = ("team", "owner", "region", "source", "product_family", "size_band")
OUTCOMES = ("now", "late", "lost", "open", "forward", "all")


@dataclass(frozen=True)
class Seen:
    """What is already known of the cohort: its steps, the one looked at, its rework, and the first way to group it."""

    cohort: Cohort
    steps: Sequence[Row]
    step: Row
    rework: Row
    by: str


def steps(view: View, seen: Seen) -> None:
    """How far deals come and where they stop; the deals of a stage; what lifting each step is worth."""
    position = seen.step["position"]
    pick = lambda place: view.set_param("position", str(place))  # noqa: E731 - a callback
    view.section("funnel.section.steps")
    left, right = st.columns([3, 2])
    with left:
        view.figure(figures.stages(view, seen.steps), query="funnel/conversion", key="stages", picks=pick)
    with right:
        asked = ("funnel/conversion", "funnel/conversion_estimate")
        view.figure(figures.rates(view, seen.steps, position), query=asked, key="rates", picks=pick)
        view.note("funnel.rates.note")
    if seen.steps[0]["n_lost_unknown"]:
        view.note("funnel.history.unknown", n=Count(seen.steps[0]["n_lost_unknown"]))
    choose_stage(view, seen)

    view.section("funnel.section.step", stage=seen.step["stage"], next=seen.step["next_stage"])
    outcome = choose(view, "outcome", OUTCOMES, "now")
    usual = seen.step["usual_days"]
    sections.deals(view, seen.cohort.ask("stage_deals", position=position, outcome=outcome, usual_days=usual), outcome)
    view.section("funnel.section.conversion")
    sections.conversion(view, seen.steps)


def groups(view: View, seen: Seen) -> None:
    """Who gets through and who does not, where that can be told apart."""
    reach = choose(view, "reach", ("step", "whole"), "step")
    if reach == "step":
        choose_stage(view, seen)
        view.section("funnel.section.step", stage=seen.step["stage"], next=seen.step["next_stage"])
    dimension = choose(view, "dimension", DIMENSIONS, seen.by)
    position = seen.step["position"] if reach == "step" else 0
    sections.groups(view, seen.cohort.ask("by_group", "group_id", dimension=dimension, position=position), dimension)


def times(view: View, seen: Seen) -> None:
    """What becomes of deals with age, how long they stay in each stage, and who has stayed too long."""
    view.section("funnel.section.ages")
    ages.course(view, seen.cohort, seen.steps)
    view.section("funnel.section.times")
    ages.stays(view, seen.steps)


def losses(view: View, seen: Seen) -> None:
    """Why deals are lost, and the way they took."""
    view.section("funnel.section.reasons")
    sections.reasons(view, seen.cohort.ask("loss_reasons", "position", "reason"), seen.steps)
    view.section("funnel.section.flow")
    sections.flow(view, seen.cohort.ask("moves"), seen.steps, seen.rework)


def leads(view: View, seen: Seen) -> None:
    """What became of the leads."""
    view.section("funnel.section.leads")
    if view.needs("leads"):
        sections.leads(view, seen.cohort.rows("leads", "is_total", "source"))


def choose_stage(view: View, seen: Seen) -> None:
    """The stage looked at; the address keeps it."""
    names = {str(step["position"]): view.safe(step["stage"]) for step in seen.steps}
    choose(view, "position", tuple(names), str(seen.step["position"]), names.__getitem__)

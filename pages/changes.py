"""Pipeline changes: what moved since the last snapshot?"""

from __future__ import annotations

import streamlit as st

from dashboard.ui import history, pair, session
from dashboard.ui.changes import answer as answers
from dashboard.ui.changes import compared as comparison
from dashboard.ui.changes import sections as sections
from dashboard.ui.choice import choose
from dashboard.ui.facts import Span
from dashboard.ui.page import View, open_page

REACHES = ("all", "period")


def draw(view: View, compared: comparison.Compared) -> None:
    """The answer, the waterfall with its deals, and what to ask about."""
    start, end, _, _ = view.lens.window
    if compared.reach == "period":
        view.note("changes.note.period", period=Span(start, end))
    if not compared.is_possible():
        return
    fall = answers.Waterfall(compared.rows("waterfall"))
    key, facts = answers.sentence(compared, fall)
    view.answer(key, **facts)
    if left := answers.leaving(fall):
        st.markdown(view.say(left[0], **left[1]))
    compared.warn()
    slip = next(iter(compared.rows("slip_rate")), None)
    since = compared.rows("slipped", which="since")
    view.cards(answers.cards(fall, slip, since), columns=5)
    can_open = pair.offer_switch(view, compared.after)

    view.section("changes.section.waterfall")
    sections.waterfall(compared, fall, can_open)
    view.section("changes.section.slipped")
    sections.slips(compared, slip, since, can_open)
    history.note(view)
    view.section("changes.section.courses")
    sections.courses(compared, can_open)
    view.section("changes.section.people")
    sections.people(compared)
    view.section("changes.section.rewritten")
    sections.rewritten(compared, can_open)
    view.section("changes.section.late")
    sections.late_edits(compared, can_open)
    view.link("forecast", view.say("changes.to_forecast"), icon=":material/query_stats:")


view = open_page("changes")
snapshots = session.store().list(view.lens.snapshot.series)
if not view.lens.has("opportunities"):
    view.answer("changes.answer.none")
    view.needs("opportunities")
elif len(snapshots) < 2:
    view.answer("changes.answer.one", day=view.lens.as_of)
    view.note("changes.note.one")
    view.link("data", view.say("changes.upload_next"), icon=":material/upload_file:")
else:
    before, after = pair.choose_pair(view, snapshots)
    reach = choose(view, "reach", REACHES, "all")
    if found := comparison.of(view, before, after, reach):
        draw(view, found)

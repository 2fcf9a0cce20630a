"""Forecast: what will this period bring, and how far may I trust that?"""

from __future__ import annotations

import streamlit as st

from dashboard.ui import history
from dashboard.ui.desk.answer import together
from dashboard.ui.forecast import answer as answers
from dashboard.ui.forecast import figures as figures
from dashboard.ui.forecast import sections as sections
from dashboard.ui.page import open_page

view = open_page("forecast")
if not view.lens.has("opportunities"):
    view.answer("forecast.answer.none")
    view.needs("opportunities")
    st.stop()

looks = view.lens.rows("forecast/outlook", dimension="all")
now, cover = looks[0], view.lens.row("forecast/coverage")
key, facts = answers.answer(view, now)
view.answer(key, **facts)
said = answers.parts(view, now), answers.trust(view, now), answers.cover(view, cover)
st.markdown(together(view, *said))
view.cards(sections.cards(view, now, cover))
if now["state"] == "over":
    view.note("forecast.over")
    st.stop()

if any(look["is_tested"] for look in looks):
    view.section("forecast.section.course")
    view.figure(figures.course(view, looks), query="forecast/outlook", key="course")
    view.note("forecast.course.note")

rooms = view.rooms(("deals", "people", "claims", "odds"))
if rooms["deals"].open:
    with rooms["deals"]:
        sections.deals(view, view.lens.rows("forecast/deals"))
if rooms["people"].open:
    with rooms["people"]:
        sections.people(view)
if rooms["claims"].open:
    with rooms["claims"]:
        sections.claims(view, answers.present(view, now), answers.earlier(view, "all").get("", ()))
        sections.claims_by_person(view, answers.earlier(view, "owner"))
if rooms["odds"].open:
    with rooms["odds"]:
        sections.odds(view)
history.note(view)

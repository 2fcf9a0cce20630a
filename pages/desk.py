"""Desk: are we on course, and what needs me today?"""

from __future__ import annotations

import streamlit as st

from dashboard.ui import history
from dashboard.ui.desk import actions as actions
from dashboard.ui.desk import answer as answers
from dashboard.ui.desk import changes as changes
from dashboard.ui.desk import sections as sections
from dashboard.ui.page import open_page

view = open_page("desk")
if not view.lens.has("opportunities"):
    view.answer("desk.answer.none")
    view.needs("opportunities")
    st.stop()

figures = sections.Figures(view)
scorecard = view.lens.rows("desk/scorecard")
key, facts = answers.answer(view, figures.now["won"], figures.now["forecast"])
view.answer(key, **facts)
now = figures.now
told = answers.orders(view, now["won"]), answers.money(view, now["collected"], now["overdue"])
st.markdown(answers.together(view, *told, answers.weakest(view, scorecard)))
view.cards(sections.cards(view, figures))

view.section("desk.section.actions")
actions.draw(view)

view.section("desk.section.scorecard")
sections.scorecard(view, scorecard)

view.section("desk.section.changes")
changes.draw(view)

history.note(view)
sections.freshness(view)

"""Likeness: what is odd about an upload is asked before it becomes a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.intake.job import Inspection
from dashboard.snapshots import likeness
from dashboard.snapshots.likeness import Doubt
from dashboard.text import Count
from dashboard.ui import session
from dashboard.ui.data import snapshot_change

if TYPE_CHECKING:
    from dashboard.ui.page import View


def draw(view: View, found: Inspection, as_of: dt.date | None = None, *, series: str = "main") -> bool:
    """Says that the files are there already, and asks about what is odd beside the earlier snapshots.

    `as_of`: the day chosen, else the one proposed. True when the import may go on: nothing was asked, or the user has
    confirmed it. That the same files are there already is no question: a second copy does no harm.
    """
    _same(view, found)
    day = as_of or found.proposed_as_of
    n_records = likeness.records_by_table(found.files)
    asked = likeness.doubts(session.store(), series, day, n_records) if day else []
    if not asked:
        return True
    st.warning("\n".join(f"- {words(view, doubt)}" for doubt in asked), icon=":material/help:")
    # Another day or another file raises other questions: a confirmation counts for those it was given to.
    mark = "+".join(f"{doubt.code}.{doubt.facts.get('table', '')}" for doubt in asked)
    return st.checkbox(view.say("snapshots.doubt.anyway"), key=f"likeness.{mark}")


def words(view: View, doubt: Doubt) -> str:
    """One doubt as a sentence, as markdown."""
    return view.say(f"snapshots.doubt.{doubt.code}", **_facts(view, doubt))


def warn(view: View, doubts: Sequence[Doubt]) -> None:
    """Doubts that need no answer."""
    if doubts:
        st.warning("\n".join(f"- {words(view, doubt)}" for doubt in doubts), icon=":material/help:")


def _facts(view: View, doubt: Doubt) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name, value in doubt.facts.items():
        is_table = name == "table"
        facts[name] = (
            view.plain(f"ui.table_name.{value}") if is_table else Count(value) if type(value) is int else value
        )
    return facts


def _same(view: View, found: Inspection) -> None:
    store = session.store()
    same = likeness.same_uploads(store, [str(file.get("sha256") or "") for file in found.files])
    if same is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        made = same.created_at.astimezone().date()
        st.markdown(
            f":material/content_copy: {view.say('snapshots.same.text', as_of=same.as_of, made=made)}", width="stretch"
        )
        current = store.current()
        if current is None or current.id != same.id:
            st.button(
                view.say("snapshots.same.use"),
                key=f"likeness.use.{same.id}",
                on_click=snapshot_change.attempt,
                args=(lambda: store.activate(same.id), lambda: view.change("snapshot", ())),
            )

"""Snapshots: the list of uploads, which one is shown, what may be done with each, and a delete that can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.intake import job
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.succession import out_of_step
from dashboard.text import Count, Listing
from dashboard.ui import explanation, session
from dashboard.ui.data import snapshot_menu, trash, upload
from dashboard.ui.data.snapshot_change import ask, attempt, failure, forget_undo, just_deleted, what_was_asked
from dashboard.ui.data.snapshot_words import describe, is_outdated

if TYPE_CHECKING:
    from dashboard.ui.page import View


def draw(view: View) -> None:
    """All snapshots, newest first; what was deleted stands below and can be brought back."""
    store = session.store()
    if error := failure():
        st.error(explanation.problem(view, error), icon=":material/error:")
    if gone := just_deleted():
        _undo(view, gone)
    damaged(view)
    if asked := what_was_asked():
        _carry_out(view, asked)
    snapshots = store.list()
    if not snapshots:
        st.caption(view.say("data.snapshot.none"))
    for series in dict.fromkeys(snapshot.series for snapshot in snapshots):
        _out_of_step(view, series)
    current = store.current()
    for snapshot in snapshots:
        _row(view, snapshot, is_current=current is not None and snapshot.id == current.id)
    trash.draw(view)


def damaged(view: View) -> None:
    """Names the snapshots whose files were found damaged and set aside."""
    for snapshot in session.store().set_aside():
        st.warning(view.say("data.snapshot.damaged", as_of=snapshot.as_of), icon=":material/report:")


def _row(view: View, snapshot: Snapshot, *, is_current: bool) -> None:
    is_shown = view.snapshot is not None and snapshot.id == view.snapshot.id
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(describe(view, snapshot), width="stretch")
        if is_current or is_shown:
            st.badge(
                view.say("data.snapshot.current" if is_current else "data.snapshot.shown"),
                icon=":material/check:",
                color="green" if is_current else "blue",
            )
        if is_outdated(snapshot):
            st.button(
                view.say("data.snapshot.rebuild"),
                key=f"rebuild.{snapshot.id}",
                icon=":material/construction:",
                type="primary",
                help=view.say("data.snapshot.rebuild_help"),
                on_click=ask,
                args=("rebuild",),
                kwargs={"id": snapshot.id},
            )
        if not is_current:
            st.button(
                view.say("data.snapshot.activate"),
                key=f"activate.{snapshot.id}",
                on_click=attempt,
                args=(lambda: session.store().activate(snapshot.id), lambda: view.change("snapshot", ())),
            )
        snapshot_menu.draw(view, snapshot)


def _out_of_step(view: View, series: str) -> None:
    """Says which snapshots of a series should be rebuilt and why, and offers to do it in order."""
    waiting = out_of_step(session.store(), series)
    if not waiting:
        return
    old = [snapshot for snapshot in waiting if is_outdated(snapshot)]
    moved = [snapshot for snapshot in waiting if not is_outdated(snapshot)]
    with st.container(border=True):
        st.markdown(f":material/update: **{view.say('snapshots.step.title', n=Count(len(waiting)))}**")
        for key, snapshots in (("version", old), ("why", moved)):
            if snapshots:
                days = Listing([snapshot.as_of for snapshot in snapshots])
                st.caption(view.say(f"snapshots.step.{key}", days=days))
        st.button(
            view.say("snapshots.step.go"),
            key=f"step.{series}",
            icon=":material/construction:",
            on_click=ask,
            args=("step",),
            kwargs={"series": series},
        )


def _carry_out(view: View, asked: tuple[str, dict[str, Any]]) -> None:
    """Do what was asked for. After a rebuild the old snapshots are in the trash, and what is shown stays shown."""
    kind, facts = asked
    store = session.store()
    if kind == "reopen":
        with st.spinner(view.say("data.upload.looking")):
            upload.reopen(view, store.get(facts["id"]))
        view.set_param("room", "upload")
        st.rerun()
    if kind == "rebuild":
        made = upload.run(view, lambda heard: job.rebuild(store, facts["id"], heard, as_of=facts.get("as_of")))
    else:
        made = upload.run(view, lambda heard: job.rebuild_all(store, facts["series"], heard))
    for snapshot in store.deleted():
        session.engine().forget(snapshot.id)
    if made is None:
        return
    shown = view.state.get("snapshot", ())
    if shown and shown[0] == facts.get("id"):
        view.change("snapshot", (made.snapshot.id,))
    elif shown and all(snapshot.id != shown[0] for snapshot in store.list()):
        view.change("snapshot", ())
    st.rerun()


def _undo(view: View, gone: Snapshot) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(view.say("data.snapshot.deleted", as_of=gone.as_of, days=Count(trash.days())), width="stretch")
        st.button(
            view.say("data.snapshot.undo"),
            key="undo",
            type="primary",
            icon=":material/undo:",
            on_click=attempt,
            args=(lambda: session.store().restore(gone.id), lambda: forget_undo([gone.id])),
        )

"""Snapshots: the list of uploads, which one is shown, and a delete that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.intake import job
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.text import Count, has
from dashboard.text.formats import file_size
from dashboard.ui import session, upload

if TYPE_CHECKING:
    from dashboard.ui.page import View

_DELETED, _FAILED, _REBUILD = "snapshots.deleted", "snapshots.failed", "snapshots.rebuild"


def draw(view: View) -> None:
    """All snapshots, newest first; what was deleted stands below and can be brought back."""
    store = session.store()
    if error := st.session_state.pop(_FAILED, None):
        st.error(upload.problem(view, error), icon=":material/error:")
    if gone := st.session_state.get(_DELETED):
        _undo(view, gone)
    damaged(view)
    if asked := st.session_state.pop(_REBUILD, None):
        _rebuild(view, asked)
    snapshots = store.list()
    if not snapshots:
        st.caption(view.say("data.snapshot.none"))
    current = store.current()
    for snapshot in snapshots:
        _row(view, snapshot, is_current=current is not None and snapshot.id == current.id)
    deleted = store.deleted()
    if deleted:
        with st.expander(view.say("data.snapshot.trash", n=Count(len(deleted)))):
            for snapshot in deleted:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.caption(describe(view, snapshot))
                    st.button(
                        view.say("data.snapshot.restore"),
                        key=f"restore.{snapshot.id}",
                        type="tertiary",
                        on_click=_try,
                        args=(lambda id=snapshot.id: session.store().restore(id), None),
                    )


def damaged(view: View) -> None:
    """Names the snapshots whose files were found damaged and set aside."""
    for snapshot in session.store().set_aside():
        st.warning(view.say("data.snapshot.damaged", as_of=snapshot.as_of), icon=":material/report:")


def describe(view: View, snapshot: Snapshot) -> str:
    """One line about a snapshot, as markdown."""
    key = f"data.snapshot.{snapshot.series}"
    series = view.plain(key) if has(key) else snapshot.series
    source = upload.source_name(view, snapshot.profile)
    words = view.say(
        "data.snapshot.line",
        as_of=snapshot.as_of,
        n_rows=Count(sum(snapshot.n_rows.values())),
        size=file_size(_bytes(snapshot)),
        series=" · ".join(part for part in (series, source) if part),
    )
    return f"{words} · {view.safe(snapshot.label)}" if snapshot.label else words


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
        if not is_current:
            st.button(
                view.say("data.snapshot.activate"),
                key=f"activate.{snapshot.id}",
                on_click=_try,
                args=(lambda: session.store().activate(snapshot.id), lambda: view.change("snapshot", ())),
            )
        st.button(
            view.say("data.snapshot.rebuild"),
            key=f"rebuild.{snapshot.id}",
            icon=":material/construction:",
            type="primary" if is_outdated(snapshot) else "tertiary",
            help=view.say("data.snapshot.rebuild_help"),
            on_click=st.session_state.__setitem__,
            args=(_REBUILD, snapshot.id),
        )
        st.button(
            view.say("data.snapshot.delete"),
            key=f"delete.{snapshot.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_delete,
            args=(view, snapshot),
        )


def is_outdated(snapshot: Snapshot) -> bool:
    """Whether the snapshot was built by a version whose tables had another shape."""
    return snapshot.schema_version != SCHEMA_VERSION


def _rebuild(view: View, snapshot_id: str) -> None:
    """Import the kept uploads of a snapshot again; the old one goes to the trash."""
    session.engine().forget(snapshot_id)
    if upload.run(view, lambda heard: job.rebuild(session.store(), snapshot_id, heard)) is None:
        return
    if view.state.get("snapshot") == (snapshot_id,):
        view.change("snapshot", ())
    st.rerun()


def _undo(view: View, gone: Snapshot) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(view.say("data.snapshot.deleted", as_of=gone.as_of), width="stretch")
        st.button(
            view.say("data.snapshot.undo"),
            key="undo",
            type="primary",
            icon=":material/undo:",
            on_click=_try,
            args=(lambda: session.store().restore(gone.id), lambda: st.session_state.pop(_DELETED, None)),
        )


def _delete(view: View, snapshot: Snapshot) -> None:
    def after() -> None:
        st.session_state[_DELETED] = snapshot
        if view.state.get("snapshot") == (snapshot.id,):
            view.change("snapshot", ())

    session.engine().forget(snapshot.id)
    _try(lambda: session.store().delete(snapshot.id), after)


def _try(change: Callable[[], object], after: Callable[[], object] | None) -> None:
    """Callback: change the store; a refusal is said at the next run."""
    try:
        change()
    except SnapshotError as error:
        st.session_state[_FAILED] = error
        return
    if after:
        after()


def _bytes(snapshot: Snapshot) -> int:
    path = session.store().data_path(snapshot.id)
    return path.stat().st_size if path.is_file() else 0

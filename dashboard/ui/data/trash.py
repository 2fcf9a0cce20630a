"""The trash: what takes room on the disk, what can be brought back and for how long, and removing it for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.snapshots import space
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.sweep import deleted_at
from dashboard.text import Count
from dashboard.text.formats import file_size
from dashboard.ui import session
from dashboard.ui.data import snapshot_change
from dashboard.ui.data.snapshot_words import describe

if TYPE_CHECKING:
    from dashboard.ui.page import View

_KEEP = "trash.keep"


def days() -> int:
    """Days that a deleted snapshot can be brought back."""
    return session.settings().trash_days


def draw(view: View) -> None:
    """Disk use, and below it the trash with its own settings; nothing where there is nothing to tell."""
    store = session.store()
    deleted, damaged = store.deleted(), store.set_aside()
    use = space.usage(store)
    if not (deleted or damaged or store.list()):
        return
    sizes = {"total": use.total, "snapshots": use.snapshots, "trash": use.trash, "free": use.free}
    st.caption(view.say("snapshots.disk.use", **{name: file_size(n) for name, n in sizes.items()}))
    if not (deleted or damaged):
        return
    n = Count(len(deleted) + len(damaged))
    size = file_size(use.trash + sum(space.of(store, snapshot.id).total for snapshot in damaged))
    box = st.expander(view.say("snapshots.trash.title", n=n, size=size), key="trash", on_change="rerun")
    if not box.open:
        return
    with box:
        _keep(view)
        for snapshot in deleted:
            _row(view, snapshot, is_damaged=False)
        for snapshot in damaged:
            _row(view, snapshot, is_damaged=True)
        if deleted:
            ids = [snapshot.id for snapshot in deleted]
            words = view.say("snapshots.trash.empty_ask", n=Count(len(ids)), size=file_size(use.trash))
            _confirm(view, "empty", view.say("snapshots.trash.empty"), words, ids, session.store().empty_trash)


def _row(view: View, snapshot: Snapshot, *, is_damaged: bool) -> None:
    store = session.store()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_damaged:
            state = view.say("snapshots.trash.damaged")
        else:
            age = dt.datetime.now(dt.UTC) - deleted_at(store.trash / snapshot.id)
            state = view.say("snapshots.trash.left", days=Count(max(0, days() - age.days)))
        st.caption(f"{describe(view, snapshot)} · {state}", width="stretch")
        if not is_damaged:
            st.button(
                view.say("data.snapshot.restore"),
                key=f"restore.{snapshot.id}",
                icon=":material/undo:",
                type="tertiary",
                on_click=snapshot_change.attempt,
                args=(lambda: store.restore(snapshot.id), lambda: snapshot_change.forget_undo([snapshot.id])),
            )
        label, words = view.say("snapshots.trash.purge"), view.say("snapshots.trash.purge_ask", as_of=snapshot.as_of)
        _confirm(view, snapshot.id, label, words, [snapshot.id], lambda: store.purge(snapshot.id))


def _confirm(view: View, name: str, label: str, words: str, ids: Sequence[str], remove: Callable[[], object]) -> None:
    """A button that asks first: what is removed here cannot be brought back."""
    key = f"ask.{name}"
    box = st.popover(label, icon=":material/delete_forever:", type="tertiary", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(words)
        st.button(
            view.say("snapshots.trash.sure"),
            key=f"purge.{name}",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_purge,
            args=(key, ids, remove),
        )


def _purge(key: str, ids: Sequence[str], remove: Callable[[], object]) -> None:
    """Callback: close the files first, so that no open handle keeps the bytes; answers go from the cache too."""
    st.session_state[key] = False
    for snapshot_id in ids:
        session.engine().forget(snapshot_id)
    snapshot_change.attempt(remove, lambda: snapshot_change.forget_undo(ids))


def _keep(view: View) -> None:
    st.session_state[_KEEP] = days()
    st.number_input(
        view.say("snapshots.trash.keep"),
        0,
        3650,
        key=_KEEP,
        help=view.say("snapshots.trash.keep_help"),
        on_change=lambda: session.settings().set("trash_days", int(st.session_state[_KEEP])),
        width=240,
    )

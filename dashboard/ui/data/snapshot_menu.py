"""The menu of one snapshot: its name, its day, a rebuild, and the way to the trash. Filled only while it is open."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.snapshots import space
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.store import LABEL
from dashboard.text import Count
from dashboard.text.formats import file_size
from dashboard.ui import session
from dashboard.ui.data import snapshot_change, trash
from dashboard.ui.data.snapshot_words import is_outdated

if TYPE_CHECKING:
    from dashboard.ui.page import View


def draw(view: View, snapshot: Snapshot) -> None:
    """A button that opens what may be done with a snapshot."""
    key = f"menu.{snapshot.id}"
    box = st.popover(view.say("snapshots.menu.label"), icon=":material/more_vert:", key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        size = space.of(session.store(), snapshot.id)
        sizes = {"total": size.total, "data": size.data, "originals": size.originals}
        st.caption(view.say("snapshots.menu.size", **{name: file_size(n) for name, n in sizes.items()}))
        _name(view, snapshot)
        if snapshot.originals:
            _day(view, snapshot)
        st.divider()
        if snapshot.originals and not is_outdated(snapshot):
            st.button(
                view.say("data.snapshot.rebuild"),
                key=f"rebuild.{snapshot.id}",
                icon=":material/construction:",
                type="tertiary",
                help=view.say("snapshots.menu.rebuild_help"),
                on_click=_close_and_ask,
                args=("rebuild", snapshot),
            )
            st.button(
                view.say("snapshots.menu.reopen"),
                key=f"reopen.{snapshot.id}",
                icon=":material/table_edit:",
                type="tertiary",
                help=view.say("snapshots.menu.reopen_help"),
                on_click=_close_and_ask,
                args=("reopen", snapshot),
            )
        st.button(
            view.say("data.snapshot.delete"),
            key=f"delete.{snapshot.id}",
            icon=":material/delete:",
            type="tertiary",
            help=view.say("snapshots.menu.delete_help", days=Count(trash.days())),
            on_click=snapshot_change.delete,
            args=(view, snapshot),
        )
        if snapshot.n_untold and any(s.as_of > snapshot.as_of for s in session.store().list(snapshot.series)):
            st.caption(view.say("snapshots.menu.followers"))


def _name(view: View, snapshot: Snapshot) -> None:
    key = f"label.{snapshot.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            view.say("snapshots.menu.name"),
            snapshot.label,
            max_chars=LABEL,
            placeholder=view.plain("snapshots.menu.name_hint"),
            key=key,
            width=240,
        )
        st.button(
            view.say("snapshots.menu.rename"), key=f"rename.{snapshot.id}", on_click=_rename, args=(snapshot, key)
        )


def _day(view: View, snapshot: Snapshot) -> None:
    key = f"day.{snapshot.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input(
            view.say("snapshots.menu.day"),
            snapshot.as_of,
            key=key,
            format="YYYY-MM-DD",
            help=view.say("snapshots.menu.redate_help"),
            width=240,
        )
        is_other = isinstance(day, dt.date) and day != snapshot.as_of
        st.button(
            view.say("snapshots.menu.redate"),
            key=f"redate.{snapshot.id}",
            disabled=not is_other,
            on_click=_close_and_ask,
            args=("rebuild", snapshot),
            kwargs={"as_of": day} if is_other else {},
        )


def _rename(snapshot: Snapshot, key: str) -> None:
    label = str(st.session_state.get(key) or "")
    st.session_state[f"menu.{snapshot.id}"] = False
    snapshot_change.attempt(lambda: session.store().rename(snapshot.id, label))


def _close_and_ask(kind: str, snapshot: Snapshot, **facts: object) -> None:
    st.session_state[f"menu.{snapshot.id}"] = False
    snapshot_change.ask(kind, id=snapshot.id, **facts)

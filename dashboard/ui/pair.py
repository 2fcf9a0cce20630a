"""Pair: the two snapshots of one series that a page holds against each other, as the address says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.snapshots.manifest import Snapshot

if TYPE_CHECKING:
    from dashboard.ui.page import View


def choose_pair(view: View, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, Snapshot]:
    """The earlier and the later of two snapshots: as the address says, else the one shown and the one before that.

    `snapshots`: at least two, newest first. Draws two boxes; both may name the same snapshot.
    """
    assert view.snapshot is not None
    by_id = {snapshot.id: snapshot for snapshot in snapshots}
    after = by_id.get(view.param("after") or "", by_id.get(view.snapshot.id, snapshots[0]))
    older = [snapshot for snapshot in snapshots if snapshot.as_of < after.as_of]
    usual = older[0] if older else next(snapshot for snapshot in snapshots if snapshot.id != after.id)
    found = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for name, default in (("after", after), ("before", usual)):
            key = f"compare.{name}"
            found.append(by_id.get(view.param(name) or "", default))
            st.session_state[key] = found[-1].id
            st.selectbox(
                view.say(f"snapshots.compare.{name}"),
                list(by_id),
                format_func=lambda id: _called(view, by_id[id], snapshots),
                key=key,
                width=240,
                on_change=_choose,
                args=(view, name, key),
            )
    before, after = sorted(found, key=lambda snapshot: snapshot.age_order)
    return before, after


def offer_switch(view: View, after: Snapshot) -> bool:
    """Whether the later snapshot is the one that all pages show, so that its deals can be opened; else a way there."""
    if view.snapshot is not None and after.id == view.snapshot.id:
        return True
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(view.say("snapshots.compare.elsewhere"))
        st.button(
            view.say("snapshots.compare.show", as_of=after.as_of),
            key="compare.show",
            type="tertiary",
            on_click=view.change,
            args=("snapshot", (after.id,)),
        )
    return False


def _choose(view: View, name: str, key: str) -> None:
    view.set_param(name, st.session_state[key])


def _called(view: View, snapshot: Snapshot, all_: Sequence[Snapshot]) -> str:
    """A snapshot in a list of choices; those of one day are told apart by when they were imported."""
    is_alone = sum(other.as_of == snapshot.as_of for other in all_) == 1
    made = "" if is_alone else f"{snapshot.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return " · ".join(part for part in (view.show(snapshot.as_of), snapshot.label, made) if part)

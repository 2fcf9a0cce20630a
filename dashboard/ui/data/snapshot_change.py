"""Changes to snapshots that a click asks for: callbacks, and what they leave for the next run to say or to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.ui import session

if TYPE_CHECKING:
    from dashboard.ui.page import View

_DELETED, _FAILED, _ASKED = "snapshots.deleted", "snapshots.failed", "snapshots.asked"


def attempt(change: Callable[[], object], after: Callable[[], object] | None = None) -> None:
    """Callback: change the store; a refusal is said at the next run."""
    try:
        change()
    except SnapshotError as error:
        st.session_state[_FAILED] = error
        return
    if after:
        after()


def ask(kind: str, **facts: Any) -> None:
    """Callback: have something that takes its time done at the next run, where its progress can be shown.

    kind: rebuild (facts: id, and as_of for another day), step (series), reopen (id: show how its files were read).
    """
    st.session_state[_ASKED] = (kind, facts)


def delete(view: View, snapshot: Snapshot) -> None:
    """Callback: move a snapshot to the trash and offer to undo it."""

    def after() -> None:
        st.session_state[_DELETED] = snapshot
        if view.state.get("snapshot") == (snapshot.id,):
            view.change("snapshot", ())

    session.engine().forget(snapshot.id)
    attempt(lambda: session.store().delete(snapshot.id), after)


def forget_undo(ids: Sequence[str]) -> None:
    """Stop offering to undo a delete: the snapshot is back, or gone for good."""
    gone = st.session_state.get(_DELETED)
    if gone is not None and gone.id in ids:
        del st.session_state[_DELETED]


def failure() -> SnapshotError | None:
    """Why the last change was refused; said once."""
    error: SnapshotError | None = st.session_state.pop(_FAILED, None)
    return error


def just_deleted() -> Snapshot | None:
    """The snapshot whose delete can be undone by one click."""
    gone: Snapshot | None = st.session_state.get(_DELETED)
    return gone


def what_was_asked() -> tuple[str, dict[str, Any]] | None:
    """What `ask` left to be done; done once."""
    asked: tuple[str, dict[str, Any]] | None = st.session_state.pop(_ASKED, None)
    return asked

"""What the server holds once: the snapshot store and the engine that reads it."""

from __future__ import annotations

import gc
from pathlib import Path

import streamlit as st

from dashboard.engine import Engine
from dashboard.places import default_home
from dashboard.settings import Settings
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError
from dashboard.snapshots.store import Store


def store() -> Store:
    """The snapshot store of the user's folder."""
    return _store(str(default_home()))


def settings() -> Settings:
    """The settings of the user's folder."""
    return Settings(default_home())


def engine() -> Engine:
    """The one engine of this process."""
    return _engine(str(default_home()))


@st.cache_resource(show_spinner=False)
def _store(home: str) -> Store:
    made = Store(Path(home))
    made.sweep()  # what a killed import left behind
    return made


@st.cache_resource(show_spinner=False)
def _engine(home: str) -> Engine:
    made = Engine(_store(home))
    # Streamlit collects garbage after every run; what the imports left is never garbage, and most of that cost.
    gc.collect()
    gc.freeze()
    return made


def snapshot(asked: str = "") -> Snapshot | None:
    """The snapshot asked for by id, else the current one; None when there is none at all."""
    held = store()
    if asked:
        try:
            return held.get(asked)
        except SnapshotError:
            pass
    return held.current()

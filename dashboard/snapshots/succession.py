"""Succession: which snapshot stands before which, and which were built over one that has changed since.

Where an export tells no history, the moves of deals are what differs between a snapshot and the one before. Such a
snapshot is out of step once another stands before it than when it was built: one was put between, took another day,
was rebuilt or deleted.
"""

from __future__ import annotations

import datetime as dt

from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.store import Snapshot, Store


def earlier(store: Store, series: str, without: str = "") -> list[Snapshot]:
    """What a new snapshot of the series may be compared with, newest first; of several for a day the last made.

    `without`: id of one that the new snapshot takes the place of.
    """
    last_of_day: dict[dt.date, Snapshot] = {}
    for snapshot in store.list(series):
        if snapshot.id != without:
            last_of_day.setdefault(snapshot.as_of, snapshot)
    return list(last_of_day.values())


def before(snapshots: list[Snapshot], as_of: dt.date) -> Snapshot | None:
    """Of `earlier` snapshots the one that a snapshot of that day is compared with."""
    return next((snapshot for snapshot in snapshots if snapshot.as_of < as_of), None)


def out_of_step(store: Store, series: str) -> list[Snapshot]:
    """Snapshots to rebuild, in the order to do it: those of an older version, and those whose derived history would
    now come out differently, directly or because it rests on one of these."""
    waiting: list[Snapshot] = []
    days = earlier(store, series)
    for snapshot in reversed(store.list(series)):
        now = before(days, snapshot.as_of)
        has_changed = snapshot.before is not None and snapshot.before != (now.id if now else "")
        if snapshot.schema_version != SCHEMA_VERSION or (snapshot.n_untold and (has_changed or now in waiting)):
            waiting.append(snapshot)
    return waiting

"""Likeness: whether an upload looks like what is there already, or like too little of it.

All of it is said before anything is published, and none of it forbids the import: a firm may well have lost half of
its open cases, and a boss may well bring in an old export.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dashboard.snapshots.store import Snapshot, Store
from dashboard.snapshots.succession import before, earlier

#: A table with less than this share of its former rows has shrunk.
SHRUNK = 0.5

#: Two tables of at least so many ids, of which less than this share is common, are hardly the same firm's.
FOREIGN, FOREIGN_FROM = 0.1, 10


@dataclass(frozen=True)
class Doubt:
    """Something to ask before an upload counts. ``code``: older (facts: as_of, newest), shrunk (table, n_before,
    n_after, day), absent (table, n_before, day), foreign (table, n_before, n_after, n_common)."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))


def same_uploads(store: Store, digests: Iterable[str]) -> Snapshot | None:
    """The newest snapshot made of exactly the files with these SHA-256 digests, however they were named or packed."""
    wanted = {digest for digest in digests if digest}
    if not wanted:
        return None
    return next((s for s in store.list() if {file.get("sha256") for file in s.files} - {None, ""} == wanted), None)


def records_by_table(files: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Data records per canonical table, from the files of an inspection or of a manifest.

    A file that fills several tables counts for each: this is a yardstick between two uploads, not a number of rows.
    """
    n_records: dict[str, int] = {}
    for file in files:
        named = file.get("targets") or ()
        targets = named.split(",") if isinstance(named, str) else named
        for table in targets if not file.get("refused") else ():
            n_records[table] = n_records.get(table, 0) + int(file.get("n_records") or 0)
    return n_records


def doubts(store: Store, series: str, as_of: dt.date, n_rows: Mapping[str, int], *, replaces: str = "") -> list[Doubt]:
    """What to ask before an upload that shows this day becomes a snapshot of the series.

    `n_rows`: records per table as `records_by_table` counts them. `replaces`: id of a snapshot that is only rebuilt.
    """
    there = earlier(store, series, without=replaces)
    found = []
    if there and as_of < there[0].as_of:
        found.append(Doubt("older", {"as_of": as_of, "newest": there[0].as_of}))
    if last := before(there, as_of):
        day = {"day": last.as_of}
        known = records_by_table(last.files) or {name: n for name, n in last.n_rows.items() if name in n_rows}
        for table, n_before in sorted(known.items()):
            n_after = n_rows.get(table, 0)
            if n_before and not n_after:
                found.append(Doubt("absent", {"table": table, "n_before": n_before, **day}))
            elif n_after < SHRUNK * n_before:
                found.append(Doubt("shrunk", {"table": table, "n_before": n_before, "n_after": n_after, **day}))
    return found


def unlike(tables: Iterable[Mapping[str, Any]], day: dt.date) -> list[Doubt]:
    """What to doubt about two snapshots, from the rows of data/compare_tables; `day`: of the earlier one."""
    found = []
    for row in tables:
        n_before, n_after, n_common = row["n_before"], row["n_after"], row["n_common"]
        facts = {"table": row["table_name"], "n_before": n_before, "n_after": n_after, "day": day}
        if n_before and not n_after:
            found.append(Doubt("absent", {name: value for name, value in facts.items() if name != "n_after"}))
        elif n_after < SHRUNK * n_before:
            found.append(Doubt("shrunk", facts))
        fewer = min(n_before, n_after)
        if n_common is not None and fewer >= FOREIGN_FROM and n_common < FOREIGN * fewer:
            found.append(Doubt("foreign", {**facts, "n_common": n_common}))
    return found

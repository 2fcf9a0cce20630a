"""The engine: the only room that asks snapshots anything. One per process, shared by all sessions and threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dashboard import queryfile
from dashboard.access import BOSS, Viewer, visible_users
from dashboard.engine.cache import AnswerCache
from dashboard.engine.filters import Filters, Options
from dashboard.engine.instance import Instances
from dashboard.engine.lens import Lens
from dashboard.engine.people import USERS_SQL, User
from dashboard.engine.problem import QueryError
from dashboard.engine.scope import reads_previous
from dashboard.playbook import to_rows
from dashboard.settings import Settings
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.store import Snapshot, SnapshotError, Store

_FACTS_SQL = "select name, value from {side}.main.snapshot_facts"


class Engine:
    """Makes lenses over the snapshots of a store.

    `deadline`: seconds a query may take. `memory`, `threads`: limits of each open instance; `n_open`: how many unused
    instances stay open.
    """

    def __init__(
        self,
        store: Store,
        *,
        deadline: float = 30.0,
        memory: str = "1GB",
        threads: int = 2,
        n_open: int = 8,
        cache: AnswerCache | None = None,
    ) -> None:
        self.store, self.deadline = store, deadline
        self.cache = cache if cache is not None else AnswerCache()
        self.instances = Instances(store, limit=n_open, memory=memory, threads=threads)
        self._settings = Settings(store.home)
        self._known: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def lens(
        self, snapshot_id: str, viewer: Viewer = BOSS, filters: Filters | None = None, *, against: str = ""
    ) -> Lens:
        """One snapshot as one viewer sees it; `against`: id of the snapshot that stands before it, instead of the one
        that does in the series. Raises SnapshotError unknown_snapshot or corrupt."""
        snapshot = self.store.verify(snapshot_id)
        chosen = filters if filters is not None else Filters()
        if chosen.fiscal_start is None:
            chosen = replace(chosen, fiscal_start=self._settings.fiscal_start)
        before = self.store.verify(against) if against else self._before(snapshot)
        return Lens(self, snapshot, before, viewer, chosen, to_rows(self._settings.playbook()))

    def options(self, snapshot_id: str, viewer: Viewer = BOSS) -> Options:
        """The values that the global filters can take in a snapshot, for one viewer."""
        return self.lens(snapshot_id, viewer).options

    def forget(self, snapshot_id: str) -> None:
        """Drop all answers, and close the files of a snapshot that was or will be deleted."""
        self.cache.clear()
        self.instances.forget(snapshot_id)
        with self._lock:
            self._known = {key: value for key, value in self._known.items() if key[0] != snapshot_id}

    def close(self) -> None:
        """Close all files."""
        self.instances.close()

    # --- for lenses --------------------------------------------------------------------------------------------------

    def visible(self, snapshot: Snapshot, viewer: Viewer) -> frozenset[str] | None:
        """Ids of the users whose rows the viewer sees: by the hierarchy of the series' current snapshot, whatever the
        snapshot he looks at, so that who no longer leads a team no longer sees its past."""
        if viewer.role == "boss":
            return None
        rights = self.store.current(snapshot.series) or snapshot
        return visible_users(viewer, self.users(rights, None))

    def users(self, snapshot: Snapshot, previous: Snapshot | None) -> Sequence[User]:
        """All users of a snapshot."""
        found: Sequence[User] = self._fact("users", snapshot, snapshot, previous, USERS_SQL)
        return found

    def users_before(self, snapshot: Snapshot, previous: Snapshot) -> Sequence[User]:
        """All users of the snapshot before."""
        found: Sequence[User] = self._fact("users", previous, snapshot, previous, USERS_SQL)
        return found

    def facts(self, snapshot: Snapshot, previous: Snapshot | None) -> dict[str, str]:
        """What the snapshot says about itself, by name."""
        return {r["name"]: r["value"] for r in self._fact("facts", snapshot, snapshot, previous, _FACTS_SQL)}

    def earlier(self, lens: Lens, query: str) -> Iterator[Lens]:
        """Lenses like this one over the series up to its snapshot, oldest first, one per day; those alone that this
        version built."""
        try:
            tables = queryfile.load(query).tables
        except KeyError:
            raise QueryError("unknown_query", query=query) from None
        compares = reads_previous(tables)
        last_of_day: dict[Any, Snapshot] = {}
        for snapshot in reversed(self.store.list(lens.snapshot.series)):
            if snapshot.age_order <= lens.snapshot.age_order and snapshot.schema_version == SCHEMA_VERSION:
                last_of_day[snapshot.as_of] = snapshot
        for snapshot in last_of_day.values():
            if snapshot.id == lens.snapshot.id:
                yield lens
                continue
            try:
                self.store.verify(snapshot.id)
            except SnapshotError:
                continue
            before = self._before(snapshot) if compares else None
            yield Lens(self, snapshot, before, lens.viewer, lens.filters, lens.playbook)

    def _before(self, snapshot: Snapshot) -> Snapshot | None:
        """The snapshot before, passing over damaged ones; None where another version built it: it has other tables."""
        while (previous := self.store.previous_of(snapshot.id)) is not None:
            try:
                found = self.store.verify(previous.id)
                return found if found.schema_version == SCHEMA_VERSION else None
            except SnapshotError as error:
                if error.code != "corrupt":
                    raise
        return None

    def _fact(self, kind: str, of: Snapshot, this: Snapshot, previous: Snapshot | None, sql: str) -> Any:
        """Rows about a whole snapshot, read once: snapshots never change."""
        key = (of.id, kind)
        if key not in self._known:
            with self.instances.use(this, previous) as instance:
                found = instance.rows(sql, of.id)
            with self._lock:
                self._known[key] = found
        return self._known[key]

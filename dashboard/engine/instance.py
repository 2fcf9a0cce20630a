"""Instances of DuckDB: one per snapshot and the one before it, locked down, opened on demand, closed when unused.

An instance can read the two files it was opened with and nothing else: no other file, no network, no extension, and no
statement can change that. A new snapshot therefore gets a new instance (some 15 ms), not a place in an open one.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dashboard.engine.session import Session
from dashboard.snapshots.store import Snapshot, Store


class Instance:
    """An open snapshot with the one before it, the idle sessions on them, and the facts that scopes are made from."""

    def __init__(self, store: Store, this: Snapshot, previous: Snapshot | None, temp: Path, memory: str, threads: int):
        self.this, self.previous = this, previous
        self.aliases = {s.id: f"s_{secrets.token_hex(8)}" for s in (this, previous) if s is not None}
        self.n_users = 0
        self._temp = temp
        self._idle: OrderedDict[object, list[Session]] = OrderedDict()
        self._lock = threading.Lock()
        config: dict[str, Any] = {
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(temp),
            "max_temp_directory_size": "4GB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
        self._con = duckdb.connect(":memory:", config=config)
        try:
            for snapshot_id, alias in self.aliases.items():
                path = str(store.data_path(snapshot_id)).replace("'", "''")
                self._con.execute(f"attach '{path}' as {alias} (read_only)")
            self._con.execute("set enable_external_access = false")
            self._con.execute("set lock_configuration = true")
        except BaseException:
            self._con.close()
            raise

    def rows(self, sql: str, snapshot_id: str) -> list[dict[str, Any]]:
        """Rows of one of the engine's own statements about a whole snapshot; {side} stands for its name."""
        with self._con.cursor() as cursor:
            table = cursor.sql(sql.replace("{side}", self.aliases[snapshot_id])).to_arrow_table()
        found: list[dict[str, Any]] = table.to_pylist()
        return found

    @contextmanager
    def session(self, scope: object, idle_limit: int = 24) -> Iterator[Session]:
        """A session whose views belong to `scope`: an idle one, or a new one. One that failed is thrown away."""
        with self._lock:
            waiting = self._idle.get(scope)
            session = waiting.pop() if waiting else None
        if session is None:
            before = self.previous
            session = Session(
                self._con.cursor(),
                (self.aliases[self.this.id], self.this.as_of),
                (self.aliases[before.id], before.as_of) if before else None,
            )
        try:
            yield session
        except BaseException:
            session.close()
            raise
        with self._lock:
            self._idle.setdefault(scope, []).append(session)
            self._idle.move_to_end(scope)
            while sum(map(len, self._idle.values())) > idle_limit:
                oldest = next(iter(self._idle))
                for dropped in self._idle.pop(oldest):
                    dropped.close()

    def close(self) -> None:
        """Close the files. Nobody may be using the instance."""
        for sessions in self._idle.values():
            for session in sessions:
                session.close()
        self._con.close()
        shutil.rmtree(self._temp, ignore_errors=True)


class Instances:
    """The open instances, at most `limit` that nobody uses; those in use are closed once they are free."""

    def __init__(self, store: Store, limit: int = 8, memory: str = "1GB", threads: int = 2) -> None:
        self._store, self._limit, self._memory, self._threads = store, limit, memory, threads
        self._open: OrderedDict[tuple[str, str], Instance] = OrderedDict()
        self._lock = threading.Lock()
        self._temp = Path(tempfile.mkdtemp(prefix="sales-cockpit-"))  # 0700, like every mkdtemp
        self._clean = weakref.finalize(self, shutil.rmtree, self._temp, ignore_errors=True)

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def use(self, this: Snapshot, previous: Snapshot | None) -> Iterator[Instance]:
        """The instance of a snapshot and the one before it, kept open while in use.

        Raises SnapshotError when the checksum of either file is wrong.
        """
        instance = self._take(this, previous)
        try:
            yield instance
        finally:
            with self._lock:
                instance.n_users -= 1
                surplus = self._surplus()
            for closed in surplus:
                closed.close()

    def _take(self, this: Snapshot, previous: Snapshot | None) -> Instance:
        key = (this.id, previous.id if previous else "")
        for snapshot in (this, previous):
            if snapshot is not None:
                self._store.verify(snapshot.id)
        with self._lock:
            instance = self._open.get(key)
            if instance is None:
                temp = self._temp / secrets.token_hex(8)
                temp.mkdir(mode=0o700)
                instance = Instance(self._store, this, previous, temp, self._memory, self._threads)
                self._open[key] = instance
            self._open.move_to_end(key)
            instance.n_users += 1
        return instance

    def _surplus(self) -> list[Instance]:
        free = [key for key, instance in self._open.items() if instance.n_users == 0]
        return [self._open.pop(key) for key in free[: max(0, len(self._open) - self._limit)]]

    def forget(self, snapshot_id: str) -> None:
        """Close the files of a snapshot that is being deleted, as far as nobody is reading them."""
        with self._lock:
            free = [key for key, instance in self._open.items() if snapshot_id in key and instance.n_users == 0]
            closed = [self._open.pop(key) for key in free]
        for instance in closed:
            instance.close()

    def close(self) -> None:
        """Close everything."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()
        self._clean()

"""The store: publishes, lists, activates, deletes and brings back snapshots in the user's folder.

A snapshot exists from the moment its manifest is in place, which is the last thing written but for the `current`
pointer: kill the process at any moment and either the whole snapshot is there or none of it. No id is ever reused,
because an open process goes on serving the old file under a name that was replaced.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.settings import Settings
from dashboard.snapshots import disk, manifest, sweep
from dashboard.snapshots.manifest import Snapshot
from dashboard.snapshots.problem import SnapshotError, disk_problems

__all__ = ["Snapshot", "SnapshotError", "Store"]

#: Longest name of a snapshot, in characters.
LABEL = 80

#: Seconds after which a file is compared with its checksum again though nothing has touched it.
_DAY = 86_400

Step = Callable[[str], None]


def _touch(state: os.stat_result) -> list[int]:
    """What changes whenever a file is written or replaced."""
    return [state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns]


class Store:
    """The snapshots of one user's folder. Safe to use from several threads and processes at once."""

    def __init__(self, home: Path) -> None:
        with disk_problems("open"):
            self.home = disk.private_folder(Path(home))
            self.snapshots = disk.private_folder(self.home / "snapshots")
            self.originals = disk.private_folder(self.home / "originals")
            self.trash = disk.private_folder(self.home / "trash")
            self.jobs = disk.private_folder(self.home / "jobs")
        self._verified: dict[str, tuple[int, int]] = {}
        self._verifying = threading.Lock()

    # --- reading -------------------------------------------------------------------------------------------------

    def list(self, series: str | None = None) -> list[Snapshot]:
        """All snapshots, or those of one series, newest first."""
        found = (manifest.read(path) for path in self.snapshots.glob("*.json"))
        wanted = [s for s in found if s is not None and series in (None, s.series) and self.data_path(s.id).is_file()]
        return sorted(wanted, key=lambda s: s.age_order, reverse=True)

    def get(self, snapshot_id: str) -> Snapshot:
        """The snapshot of that id. Raises SnapshotError unknown_snapshot."""
        found = manifest.read(self._manifest_path(snapshot_id)) if sweep.is_id(snapshot_id) else None
        if found is None or found.id != snapshot_id or not self.data_path(snapshot_id).is_file():
            raise SnapshotError("unknown_snapshot", id=snapshot_id)
        return found

    def current(self, series: str | None = None) -> Snapshot | None:
        """The snapshot that pages show: of the series in use, or of the one named. None when there is none.

        Where the pointer names nothing that exists, the newest snapshot of that series stands in.
        """
        pointer = self._pointer()
        wanted = series or pointer["active"]
        snapshot_id = pointer["series"].get(wanted)
        if snapshot_id is not None:
            try:
                return self.get(snapshot_id)
            except SnapshotError:
                pass
        rest = self.list(wanted) or ([] if series else self.list())
        return rest[0] if rest else None

    def previous_of(self, snapshot_id: str) -> Snapshot | None:
        """The latest snapshot of the same series that shows an earlier day; of several for that day, the last made."""
        this = self.get(snapshot_id)
        return next((s for s in self.list(this.series) if s.as_of < this.as_of), None)

    def data_path(self, snapshot_id: str) -> Path:
        """Where the DuckDB file of a snapshot is."""
        return self.snapshots / f"{snapshot_id}.duckdb"

    def original_paths(self, snapshot_id: str) -> tuple[Path, ...]:
        """The kept uploads (zstd), in the order of the snapshot's `originals`."""
        return tuple(sorted((self.originals / snapshot_id).glob("*.zst")))

    # --- publishing ----------------------------------------------------------------------------------------------

    def new_job(self) -> Path:
        """A private folder of this process for building in; swept away once the process is dead."""
        with disk_problems("new_job"):
            job = disk.private_folder(self.jobs / f"{os.getpid()}-{secrets.token_hex(8)}")
        return job

    def publish(
        self,
        building: Path,
        facts: Mapping[str, Any],
        originals: Sequence[Path] = (),
        step: Step = lambda name: None,
        replaces: str = "",
    ) -> Snapshot:
        """Make a finished DuckDB file (checkpointed, closed) the current snapshot of its series.

        `facts`: as_of and schema_version, and as known series ('main'), profile, label, files, accounting, n_rows,
        recipe, before, n_untold, original_names (the user's names of `originals`). The file is moved, the originals
        are copied compressed. `replaces`: id of a snapshot that goes to the trash for this one, which takes its label
        and becomes current only where it was. `step` hears hashed, originals, moved, written, current. Raises
        SnapshotError; then nothing has changed and `building` may be lost, the originals never.
        """
        if not building.is_file() or building.with_name(f"{building.name}.wal").exists():
            raise SnapshotError("unfinished_build", file=building.name)
        with disk_problems("publish"), disk.exclusive(self.home / ".lock"):
            self._finish_replacing()
            old = self.get(replaces) if replaces else None
            checksum = disk.sha256(building)
            step("hashed")
            now = dt.datetime.now(dt.UTC)
            made = manifest.from_facts(
                {"series": "main", **facts},
                id="",
                sha256=checksum,
                created_at=now,
                originals=facts.get("original_names") or [Path(p).name for p in originals],
            )
            made = replace(made, id=self._new_id(made), label=old.label if old else made.label)
            try:
                self._keep_originals(made.id, originals)
                step("originals")
                disk.sync_file(building)
                building.chmod(0o400)
                os.replace(building, self.data_path(made.id))
                disk.sync_folder(self.snapshots)
                step("moved")
                if old:  # a start after a kill finds here what to bring to its end
                    disk.write_json(self.home / "replacing", {"old": old.id, "new": made.id})
                disk.write_json(self._manifest_path(made.id), manifest.to_json(made))
            except OSError:
                self._forget(made.id)
                raise
            step("written")
            if old:
                self._finish_replacing()
            else:
                self._point(made)
            step("current")
        return made

    def _finish_replacing(self) -> None:
        """Give the new snapshot the place of the one it replaces; again after a kill, as far as it had come."""
        note = self.home / "replacing"
        try:
            noted = json.loads(note.read_text(encoding="utf-8"))
            old, new = self.get(str(noted["old"])), self.get(str(noted["new"]))
        except (OSError, ValueError, KeyError, TypeError, SnapshotError):
            pass  # nothing was being replaced, or one of the two is not there: nothing is left to do
        else:
            pointer = self._pointer()
            if pointer["series"].get(old.series) == old.id:
                disk.write_json(self.home / "current", {**pointer, "series": {**pointer["series"], old.series: new.id}})
            self._bin(old)
        note.unlink(missing_ok=True)

    def _keep_originals(self, snapshot_id: str, originals: Sequence[Path]) -> None:
        aside = disk.private_folder(self.originals / f"{snapshot_id}{disk.BUILDING}")
        for number, path in enumerate(originals):
            disk.compress(path, aside / f"{number:03}.zst")
        disk.sync_folder(aside)
        os.replace(aside, self.originals / snapshot_id)
        disk.sync_folder(self.originals)

    def _new_id(self, made: Snapshot) -> str:
        taken = {path.name.partition(".")[0] for path in (*self.snapshots.iterdir(), *self.trash.iterdir())}
        mark = made.sha256[:8]
        while True:
            snapshot_id = f"{made.as_of:%Y%m%d}-{made.created_at:%H%M%S}-{mark}"
            if snapshot_id not in taken:
                return snapshot_id
            mark = secrets.token_hex(4)

    def _forget(self, snapshot_id: str) -> None:
        for path in self.snapshots.glob(f"{snapshot_id}.*"):
            path.unlink(missing_ok=True)
        for path in self.originals.glob(f"{snapshot_id}*"):
            shutil.rmtree(path, ignore_errors=True)

    # --- changing ------------------------------------------------------------------------------------------------

    def activate(self, snapshot_id: str) -> Snapshot:
        """Make a snapshot the one that pages show, and its series the one in use."""
        with disk_problems("activate"), disk.exclusive(self.home / ".lock"):
            chosen = self.get(snapshot_id)
            self._point(chosen)
        return chosen

    def rename(self, snapshot_id: str, label: str) -> Snapshot:
        """Give a snapshot another label: one line of at most LABEL characters."""
        with disk_problems("rename"), disk.exclusive(self.home / ".lock"):
            renamed = replace(self.get(snapshot_id), label=" ".join(label.split())[:LABEL])
            disk.write_json(self._manifest_path(snapshot_id), manifest.to_json(renamed))
        return renamed

    def delete(self, snapshot_id: str) -> None:
        """Move a snapshot to the trash, whence `restore` brings it back for as many days as the settings say.

        Deleting the current one makes the newest that is left of its series current.
        """
        with disk_problems("delete"), disk.exclusive(self.home / ".lock"):
            deleted = self.get(snapshot_id)
            self._bin(deleted)
            self._drop_pointer(deleted)

    def _bin(self, snapshot: Snapshot) -> None:
        bin_ = disk.private_folder(self.trash / snapshot.id)
        disk.write_json(bin_ / "deleted.json", {"deleted_at": dt.datetime.now(dt.UTC).isoformat()})
        os.replace(self._manifest_path(snapshot.id), bin_ / "manifest.json")
        sweep.finish_delete(self, snapshot.id)

    def restore(self, snapshot_id: str) -> Snapshot:
        """Bring a deleted snapshot back, without making it current unless its series has no other."""
        with disk_problems("restore"), disk.exclusive(self.home / ".lock"):
            bin_ = self.trash / snapshot_id
            found = manifest.read(bin_ / "manifest.json") if sweep.is_id(snapshot_id) else None
            if found is None or not (bin_ / "data.duckdb").is_file():
                raise SnapshotError("unknown_snapshot", id=snapshot_id)
            if (bin_ / "originals").is_dir():
                os.replace(bin_ / "originals", self.originals / snapshot_id)
            os.replace(bin_ / "data.duckdb", self.data_path(snapshot_id))
            os.replace(bin_ / "manifest.json", self._manifest_path(snapshot_id))
            disk.sync_folder(self.snapshots)
            shutil.rmtree(bin_, ignore_errors=True)
            if found.series not in self._pointer()["series"]:
                self._point(found)
        return found

    def deleted(self) -> Sequence[Snapshot]:
        """Snapshots in the trash that can be brought back, newest first."""
        found = (manifest.read(path) for path in self.trash.glob("*/manifest.json") if sweep.is_id(path.parent.name))
        return sorted((s for s in found if s is not None), key=lambda s: s.age_order, reverse=True)

    def purge(self, snapshot_id: str) -> None:
        """Remove a deleted or damaged snapshot for good: data, log, originals, manifest. Nothing brings it back.

        Raises SnapshotError unknown_snapshot for any other, one that is in use among them.
        """
        with disk_problems("purge"), disk.exclusive(self.home / ".lock"):
            bin_, damaged = self.trash / snapshot_id, self._manifest_path(snapshot_id).with_suffix(".json.corrupt")
            is_here = sweep.is_id(snapshot_id) and not self._manifest_path(snapshot_id).exists()
            if not is_here or not (bin_.is_dir() or damaged.is_file()):
                raise SnapshotError("unknown_snapshot", id=snapshot_id)
            self._forget(snapshot_id)
            sweep.erase(bin_)
            self._write_compared({name: entry for name, entry in self._compared().items() if name != snapshot_id})

    def empty_trash(self) -> Sequence[str]:
        """Remove all deleted snapshots for good; returns their ids."""
        ids = sorted(path.name for path in self.trash.iterdir() if sweep.is_id(path.name))
        for snapshot_id in ids:
            self.purge(snapshot_id)
        return ids

    # --- checking ------------------------------------------------------------------------------------------------

    def verify(self, snapshot_id: str) -> Snapshot:
        """The snapshot, after comparing its file with the published checksum (once a day and file state).

        A file that differs is set aside, the newest other one of the series becomes current, and SnapshotError
        corrupt is raised with `id` and `replaced_by` (empty when none is left).
        """
        snapshot = self.get(snapshot_id)
        path = self.data_path(snapshot_id)
        with disk_problems("verify"), self._verifying:
            state = path.stat()
            mark = (state.st_mtime_ns, state.st_size)
            stale = path.with_name(f"{path.name}.wal").exists()
            if not stale and self._verified.get(snapshot_id) == mark:
                return snapshot
            if not stale and self._compared_lately(snapshot_id, state):
                self._verified[snapshot_id] = mark
                return snapshot
            if not stale and disk.sha256(path) == snapshot.sha256:
                self._verified[snapshot_id] = mark
                self._remember_compared(snapshot_id, state)
                return snapshot
        other = self._set_aside(snapshot)
        raise SnapshotError("corrupt", id=snapshot_id, replaced_by=other.id if other else "")

    def _compared_lately(self, snapshot_id: str, state: os.stat_result) -> bool:
        """Whether another process compared the file within a day and nothing has touched it since.

        The system's own time of change can't be set back by a write; where there is none (Windows), no is the answer.
        """
        entry = self._compared().get(snapshot_id)
        return (
            os.name == "posix"
            and entry is not None
            and list(entry[:-1]) == _touch(state)
            and time.time() - entry[-1] < _DAY
        )

    def _remember_compared(self, snapshot_id: str, state: os.stat_result) -> None:
        there = {name: entry for name, entry in self._compared().items() if self.data_path(name).is_file()}
        self._write_compared({**there, snapshot_id: [*_touch(state), int(time.time())]})

    def _write_compared(self, entries: Mapping[str, Sequence[int]]) -> None:
        disk.write_json(self.home / "compared", entries)

    def _compared(self) -> dict[str, Sequence[int]]:
        try:
            read = json.loads((self.home / "compared").read_text(encoding="utf-8"))
            return {str(name): [int(value) for value in entry] for name, entry in read.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def set_aside(self) -> Sequence[Snapshot]:
        """Snapshots whose file was found damaged, newest first; their originals are kept."""
        found = (manifest.read(path) for path in self.snapshots.glob("*.json.corrupt"))
        return sorted((s for s in found if s is not None), key=lambda s: s.age_order, reverse=True)

    def _set_aside(self, snapshot: Snapshot) -> Snapshot | None:
        path = self._manifest_path(snapshot.id)
        with disk_problems("verify"), disk.exclusive(self.home / ".lock"):
            if path.exists():
                os.replace(path, path.with_name(f"{path.name}.corrupt"))
            self._drop_pointer(snapshot)
        return self.current(snapshot.series)

    def sweep(self) -> Sequence[str]:
        """Bring to its end or remove what dead processes left half-done, and trash past its time; returns the names of
        what was removed."""
        days = Settings(self.home).trash_days
        with disk_problems("sweep"), disk.exclusive(self.home / ".lock"):
            self._finish_replacing()
            return sweep.run(self, days)

    # --- the pointer ---------------------------------------------------------------------------------------------

    def _manifest_path(self, snapshot_id: str) -> Path:
        return self.snapshots / f"{snapshot_id}.json"

    def _pointer(self) -> dict[str, Any]:
        try:
            read = json.loads((self.home / "current").read_text(encoding="utf-8"))
            return {"active": str(read["active"]), "series": dict(read["series"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {"active": "main", "series": {}}

    def _point(self, snapshot: Snapshot) -> None:
        pointer = self._pointer()
        series = {**pointer["series"], snapshot.series: snapshot.id}
        disk.write_json(self.home / "current", {"active": snapshot.series, "series": series})

    def _drop_pointer(self, gone: Snapshot) -> None:
        """Let the newest that is left of the series stand in for a snapshot that is gone."""
        pointer = self._pointer()
        if pointer["series"].get(gone.series) != gone.id:
            return
        rest = self.list(gone.series)
        series = {name: value for name, value in pointer["series"].items() if name != gone.series}
        if rest:
            series[gone.series] = rest[0].id
        active = pointer["active"]
        if active not in series:
            others = self.list()
            active = others[0].series if others else "main"
        disk.write_json(self.home / "current", {"active": active, "series": series})

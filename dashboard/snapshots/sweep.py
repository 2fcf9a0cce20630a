"""The sweep at start: what a killed process left half-done is removed or brought to its end."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from pathlib import Path
from typing import Protocol

from dashboard.snapshots import disk, manifest

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


class Folders(Protocol):
    """The folders of a store."""

    home: Path
    snapshots: Path
    originals: Path
    trash: Path
    jobs: Path


def is_id(text: str) -> bool:
    """Whether a text has the shape of a snapshot's id: nothing else ever becomes part of a path."""
    return _ID.fullmatch(text) is not None


def run(store: Folders, trash_days: int) -> list[str]:
    """Sweep a store whose lock the caller holds; returns the names of what was removed, sorted."""
    removed = [path for path in store.jobs.iterdir() if not _has_owner(path)]
    for folder in (store.home, store.snapshots, store.originals, store.trash):
        removed += [path for path in folder.iterdir() if path.name.endswith((disk.BUILDING, f"{disk.BUILDING}.wal"))]
    for path in removed:
        _remove(path)
    removed += _unpublished(store)
    removed += _old_trash(store, trash_days)
    return sorted(path.name for path in removed)


def finish_delete(store: Folders, snapshot_id: str) -> None:
    """Move the file and originals of a snapshot whose manifest already lies in the trash after it."""
    bin_ = store.trash / snapshot_id
    data = store.snapshots / f"{snapshot_id}.duckdb"
    if data.exists():
        os.replace(data, bin_ / "data.duckdb")
    if (store.originals / snapshot_id).is_dir():
        os.replace(store.originals / snapshot_id, bin_ / "originals")
    disk.sync_folder(store.snapshots)


def erase(bin_: Path) -> None:
    """Remove a folder of the trash for good, so that a kill leaves it as it was or to the next sweep."""
    if bin_.is_dir():
        going = bin_.with_name(f"{bin_.name}{disk.BUILDING}")
        os.replace(bin_, going)
        shutil.rmtree(going)


def deleted_at(bin_: Path) -> dt.datetime:
    """The moment that a snapshot came into its folder of the trash."""
    try:
        noted = json.loads((bin_ / "deleted.json").read_text(encoding="utf-8"))
        return dt.datetime.fromisoformat(noted["deleted_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return dt.datetime.fromtimestamp(bin_.stat().st_mtime, dt.UTC)


def _has_owner(job: Path) -> bool:
    pid = job.name.partition("-")[0]
    return pid.isdecimal() and disk.is_alive(int(pid))


def _unpublished(store: Folders) -> list[Path]:
    """Remove files without a manifest: published half, or deleted half; the latter go on to the trash."""
    for bin_ in store.trash.iterdir():
        if (bin_ / "manifest.json").exists():
            finish_delete(store, bin_.name)
    removed = [path for path in store.snapshots.glob("*.json") if manifest.read(path) is None]
    for path in removed:
        _remove(path)
    known = {path.name.partition(".")[0] for path in store.snapshots.glob("*.json*")}
    for path in (*store.snapshots.iterdir(), *store.originals.iterdir()):
        is_log = path.name.endswith(".wal")
        if is_log or path.name.partition(".")[0] not in known:
            _remove(path)
            removed.append(path)
    return removed


def _old_trash(store: Folders, days: int) -> list[Path]:
    limit = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    old = [bin_ for bin_ in store.trash.iterdir() if deleted_at(bin_) < limit]
    for bin_ in old:
        _remove(bin_)
    return old


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)

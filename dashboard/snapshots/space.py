"""Space: what snapshots take on the disk, and whether there is room for another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dashboard.snapshots.problem import SnapshotError
from dashboard.snapshots.store import Store

#: Bytes that an import takes at its height for each byte uploaded: copies that were mended or unpacked, what spills,
#: the new file and the kept originals.
PER_BYTE = 3

#: Bytes that have to stay free whatever is imported.
RESERVE = 32_000_000


@dataclass(frozen=True)
class Size:
    """What one snapshot takes, in bytes: its data and its kept originals."""

    data: int
    originals: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.data + self.originals


@dataclass(frozen=True)
class Usage:
    """What the user's folder takes, in bytes: snapshots (damaged ones among them), trash, all, and what is free."""

    snapshots: int
    trash: int
    total: int
    free: int


def of(store: Store, snapshot_id: str) -> Size:
    """What a snapshot takes, whether it is in use, damaged or in the trash."""
    bin_ = store.trash / snapshot_id
    data = (*store.snapshots.glob(f"{snapshot_id}.duckdb*"), bin_ / "data.duckdb")
    return Size(sum(map(_bytes, data)), _below(store.originals / snapshot_id) + _below(bin_ / "originals"))


def usage(store: Store) -> Usage:
    """What all of it takes."""
    trash = _below(store.trash)
    snapshots = _below(store.snapshots) + _below(store.originals)
    return Usage(snapshots, trash, _below(store.home), shutil.disk_usage(store.home).free)


def require_room(store: Store, sizes: Iterable[int]) -> None:
    """Raise SnapshotError no_room when the disk has less free than an import of files of these sizes may take."""
    needed = RESERVE + PER_BYTE * sum(sizes)
    free = shutil.disk_usage(store.home).free
    if free < needed:
        raise SnapshotError("no_room", needed=_megabytes(needed), free=_megabytes(free))


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1_000_000:,.0f} MB"


def _below(folder: Path) -> int:
    return sum(_bytes(Path(place) / name) for place, _, names in os.walk(folder) for name in names)


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # another process has just removed it
        return 0

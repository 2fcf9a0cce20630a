"""The manifest of a snapshot: what it is, where it came from, and the checksum of its file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Snapshot:
    """One published snapshot.

    ``as_of``: the day the export shows. ``created_at``: UTC moment of publication. ``files``: one dict per uploaded
    file with its row accounting. ``accounting``: totals over the files. ``n_rows``: rows per table.
    ``originals``: the user's names of the kept uploads, in the order of their numbered copies.
    ``recipe``: what the user decided for the import, so that it can be repeated: source, mappings, date_order, decimal.
    ``before``: id of the snapshot it was compared with when it was built, '' = there was none, None = not noted.
    ``n_untold``: deals whose moves no export tells, so that they are taken from the snapshots before.
    """

    id: str
    series: str
    as_of: dt.date
    created_at: dt.datetime
    sha256: str
    schema_version: int
    profile: str = ""
    label: str = ""
    files: tuple[dict[str, Any], ...] = ()
    accounting: dict[str, Any] = field(default_factory=dict)
    n_rows: dict[str, int] = field(default_factory=dict)
    originals: tuple[str, ...] = ()
    recipe: dict[str, Any] = field(default_factory=dict)
    before: str | None = None
    n_untold: int = 0

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def age_order(self) -> tuple[dt.date, dt.datetime, str]:
        """Sorts snapshots from oldest to newest: by day shown, then by moment of publication."""
        return self.as_of, self.created_at, self.id


def from_facts(facts: Mapping[str, Any], **more: Any) -> Snapshot:
    """A snapshot from a builder's facts or a parsed manifest; unknown names are left out, dates may be ISO text.

    Raises KeyError, TypeError or ValueError when a needed one is missing or malformed.
    """
    known = {f.name for f in dataclasses.fields(Snapshot)}
    values = {name: value for name, value in {**facts, **more}.items() if name in known}
    if isinstance(values["as_of"], str):
        values["as_of"] = dt.date.fromisoformat(values["as_of"])
    if isinstance(values["created_at"], str):
        values["created_at"] = dt.datetime.fromisoformat(values["created_at"])
    for name in ("files", "originals"):
        values[name] = tuple(values.get(name) or ())
    for name in ("profile", "label"):
        values[name] = values.get(name) or ""
    for name in ("accounting", "n_rows", "recipe"):
        values[name] = dict(values.get(name) or {})
    return Snapshot(**values)


def to_json(snapshot: Snapshot) -> dict[str, Any]:
    """The manifest as plain JSON values."""
    values = dataclasses.asdict(snapshot)
    return {**values, "as_of": snapshot.as_of.isoformat(), "created_at": snapshot.created_at.isoformat()}


def read(path: Path) -> Snapshot | None:
    """The snapshot a manifest file describes, or None when the file is missing, half-written or not a manifest.

    Parsed once per state of the file: manifests are replaced, never written to.
    """
    try:
        state = path.stat()
        return _read(path, state.st_ino, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=4096)
def _read(path: Path, inode: int, changed_at: int, size: int) -> Snapshot:
    return from_facts(json.loads(path.read_text(encoding="utf-8")))

"""Small exports for tests: text in, a built snapshot file out, without the child process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dashboard.intake.build import build
from dashboard.intake.order import Order

TODAY = dt.date(2026, 11, 1)


class Built:
    """A snapshot file just built: its manifest facts and its rows."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        self.facts = facts
        self.con = duckdb.connect(str(path), read_only=True)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        return self.con.execute(sql).fetchall()

    def account(self, name: str) -> tuple[int, int, int, int]:
        """Records, kept, merged and rejected of a file."""
        file = next(file for file in self.facts["files"] if file["name"] == name)
        return file["n_records"], file["n_kept"], file["n_merged"], file["n_rejected"]


def build_from(folder: Path, files: Mapping[str, str | bytes], **wishes: Any) -> Built:
    """Write the files, build them into one snapshot file, open it."""
    uploads = []
    for i, (name, content) in enumerate(files.items()):
        path = folder / f"upload-{i}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        uploads.append((name, path))
    job = folder / "job"
    job.mkdir()
    order = Order(uploads=uploads, folder=job, target=job / "snapshot.duckdb", today=TODAY, **wishes)
    return Built(order.target, build(order, lambda step, share, detail: None))

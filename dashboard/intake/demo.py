"""The sample data that comes with the product, brought in like any upload."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from dashboard.intake.job import ImportResult, Listener, Progress, run_import
from dashboard.places import DATA
from dashboard.snapshots.store import Store

#: The firms of the sample data, by language.
FIRMS = ("zh", "en")


def series_of(firm: str) -> str:
    """The series that a sample firm's snapshots stand in."""
    return f"demo-{firm}"


def import_demo(home: Path, firm: str, progress: Listener | None = None) -> list[ImportResult]:
    """Bring in the snapshots of a sample firm that are not there yet, oldest first; the last becomes current."""
    if firm not in FIRMS:
        raise KeyError(firm)
    store = Store(home)
    there = {snapshot.as_of for snapshot in store.list(series_of(firm))}
    wanted = [path for path in sorted((DATA / firm).glob("*.zip")) if dt.date.fromisoformat(path.stem) not in there]
    made = []
    for i, path in enumerate(wanted):

        def heard(event: Progress, i: int = i) -> None:
            if progress:
                progress(Progress(event.step, (i + event.share) / len(wanted), event.detail))

        made.append(
            run_import([path], home, as_of=dt.date.fromisoformat(path.stem), series=series_of(firm), progress=heard)
        )
    newest = store.list(series_of(firm))
    if newest:
        store.activate(newest[0].id)
    return made

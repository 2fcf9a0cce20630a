"""Jobs: an import from the outside. Starts the worker, passes its progress on, and publishes what it built.

Nothing is visible until the store has published the finished file: a job that fails or is killed leaves the current
snapshot as it was, and only a folder that the next start sweeps away.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.profile import from_file
from dashboard.settings import Settings
from dashboard.snapshots import disk, likeness, space, succession
from dashboard.snapshots.likeness import Doubt
from dashboard.snapshots.store import Snapshot, Store

#: Default memory of the engine in the worker, in MB; SALES_COCKPIT_IMPORT_MB overrides it.
MEMORY_MB = 512

Upload = Path | tuple[str, Path]


@dataclass(frozen=True)
class Progress:
    """Where a job is: a step code (read, dates, load, derive, marts, finish, publish), 0 to 1, and what it works on."""

    step: str
    share: float
    detail: str


@dataclass(frozen=True)
class ImportResult:
    """What an import made: the snapshot, the accounting of each file, and codes of what the user should know.

    ``same``: the snapshot that the very same files had made before. ``doubts``: what was odd beside the others.
    """

    snapshot: Snapshot
    files: list[dict[str, Any]]
    notes: list[str]
    same: Snapshot | None = None
    doubts: Sequence[Doubt] = ()


@dataclass(frozen=True)
class Inspection:
    """What uploads are, before they are imported.

    `files`: per file name, encoding, n_records, profile, label, object, targets, confidence, columns (heading, fields,
    samples, and what `proposal.Column` holds), words (what the texts of choice fields are taken for), problems,
    refused. `ask`: a question about how cells are to be read (kind date_order or decimal, file, column, found), None
    when there is none; inspect again with its answer for the next one. `own`: the user's own mapping
    for these files, proposals for unknown ones among it. `unusable`: numbers of the uploads (from 0) that an import
    would refuse. `rehearsal`: what an import would give; None when too large
    to be tried unasked.
    """

    files: list[dict[str, Any]]
    ask: dict[str, Any] | None
    proposed_as_of: dt.date | None
    own: dict[str, Any] = field(default_factory=dict)
    unusable: Sequence[int] = ()
    rehearsal: dict[str, Any] | None = None


@dataclass(frozen=True)
class Wish:
    """What the user decided about an import, as far as he did."""

    as_of: dt.date | None = None
    source: str = "auto"
    mappings: Sequence[Path] = ()
    date_order: str | None = None
    decimal: str | None = None
    earlier: Sequence[tuple[dt.date, Path]] = ()
    today: dt.date = field(default_factory=dt.date.today)
    is_rehearsed: bool | None = None


Listener = Callable[[Progress], None]


def inspect(
    files: Sequence[Upload],
    home: Path,
    *,
    source: str = "auto",
    mappings: Sequence[Path] = (),
    date_order: str | None = None,
    decimal: str | None = None,
    is_rehearsed: bool | None = None,
) -> Inspection:
    """Recognise uploads without importing them; small ones are rehearsed too. Raises IntakeError for an unreadable one.

    `is_rehearsed`: True rehearses whatever the size, False never.
    """
    store = Store(home)
    with _job_folder(store) as folder:
        known = [*mappings, *_remembered(store, folder)]
        wish = Wish(None, source, known, date_order, decimal, is_rehearsed=is_rehearsed)
        found = _work("inspect", _named(files), folder, wish, None)
    as_of = found["as_of"]
    return Inspection(
        files=found["files"],
        ask=found["ask"],
        proposed_as_of=dt.date.fromisoformat(as_of) if as_of else None,
        own=found["own"],
        unusable=found["unusable"],
        rehearsal=found["rehearsal"],
    )


def run_import(
    files: Sequence[Upload],
    home: Path,
    *,
    as_of: dt.date | None = None,
    source: str = "auto",
    mappings: Sequence[Path] = (),
    date_order: str | None = None,
    decimal: str | None = None,
    series: str = "main",
    label: str | None = None,
    progress: Listener | None = None,
    replaces: str = "",
) -> ImportResult:
    """Import uploads as one new snapshot and make it current.

    `mappings` are asked before those remembered from earlier uploads, and these before the profiles; what an import
    used is kept with the snapshot. `replaces`: id of the snapshot that goes to the trash for it; then it is current
    only where that one was. Raises IntakeError with one reason when any file cannot be used, SnapshotError when it
    cannot be stored.
    """
    store = Store(home)
    uploads = _named(files)
    space.require_room(store, [path.stat().st_size for _, path in uploads])
    there = succession.earlier(store, series, without=replaces)
    earlier = [(snapshot.as_of, store.data_path(snapshot.id)) for snapshot in there]
    with _job_folder(store) as folder:
        known = [*mappings, *_remembered(store, folder)]
        wish = Wish(as_of, source, known, date_order, decimal, earlier)
        facts = _work("build", uploads, folder, wish, progress)
        if progress:
            progress(Progress("publish", 0.98, ""))
        totals = {
            name: sum(file[name] for file in facts["files"])
            for name in ("n_records", "n_kept", "n_merged", "n_rejected", "n_cells_blanked")
        }
        recipe = {
            "source": source,
            "mappings": [known[i].read_text(encoding="utf-8") for i in facts["mappings_used"]],
            "date_order": date_order,
            "decimal": decimal,
        }
        day = dt.date.fromisoformat(facts["as_of"])
        before = succession.before(there, day)
        same = None if replaces else likeness.same_uploads(store, [file["sha256"] for file in facts["files"]])
        doubts = likeness.doubts(store, series, day, likeness.records_by_table(facts["files"]), replaces=replaces)
        snapshot = store.publish(
            folder / "snapshot.duckdb",
            {
                **facts,
                "before": before.id if before else "",
                "series": series,
                "label": label or "",
                "accounting": totals,
                "n_rows": facts["rows"],
                "recipe": recipe,
                "original_names": [name for name, _ in uploads],
            },
            [path for _, path in uploads],
            replaces=replaces,
        )
    notes = sorted({file["note"] for file in facts["files"] if file["note"]})
    return ImportResult(snapshot, facts["files"], notes, same, doubts)


def rebuild(
    store: Store, snapshot_id: str, progress: Listener | None = None, *, as_of: dt.date | None = None
) -> ImportResult:
    """Import the kept originals of a snapshot again by the same decisions, for the same day or another.

    The new snapshot takes the old one's place and label; the old one goes to the trash.
    """
    old = store.get(snapshot_id)
    with _job_folder(store) as folder:
        uploads = unpacked(store, snapshot_id, folder)
        mappings = []
        for number, text in enumerate(old.recipe.get("mappings", ())):
            mappings.append(folder / f"kept-{number:03}.toml")
            mappings[-1].write_text(text, encoding="utf-8")
        result = run_import(
            uploads,
            store.home,
            as_of=as_of or old.as_of,
            source=old.recipe.get("source", "auto"),
            mappings=mappings,
            date_order=old.recipe.get("date_order"),
            decimal=old.recipe.get("decimal"),
            series=old.series,
            progress=progress,
            replaces=snapshot_id,
        )
    return result


def unpacked(store: Store, snapshot_id: str, folder: Path) -> list[Upload]:
    """The kept uploads of a snapshot as they came, unpacked into a folder, by the names they had."""
    uploads: list[Upload] = []
    names = store.get(snapshot_id).originals
    for number, (name, packed) in enumerate(zip(names, store.original_paths(snapshot_id), strict=True)):
        path = folder / f"original-{number:03}"
        disk.decompress(packed, path)
        uploads.append((name, path))
    return uploads


def rebuild_all(store: Store, series: str, progress: Listener | None = None) -> list[Snapshot]:
    """Rebuild all snapshots of a series that are out of step, oldest first; returns the new ones.

    Raises what `rebuild` raises; those before the one that failed are done.
    """
    made = []
    for _ in store.list(series):
        waiting = succession.out_of_step(store, series)
        if not waiting:
            break
        made.append(rebuild(store, waiting[0].id, progress).snapshot)
    return made


def _remembered(store: Store, folder: Path) -> list[Path]:
    """The mappings that earlier uploads left behind, as files of the job; one that no longer reads is forgotten."""
    settings, paths = Settings(store.home), []
    for number, (signature, text) in enumerate(settings.mappings().items()):
        path = folder / f"remembered-{number:03}.toml"
        path.write_text(text, encoding="utf-8")
        try:
            from_file(path)
        except IntakeError:
            settings.forget_mapping(signature)
        else:
            paths.append(path)
    return paths


def _named(files: Sequence[Upload]) -> list[tuple[str, Path]]:
    """Uploads by name; a folder stands for the tables below it."""
    named: list[tuple[str, Path]] = []
    for file in files:
        name, path = (file.name, file) if isinstance(file, Path) else file
        if path.is_dir():
            from dashboard.intake.readers.folder import tables_below  # loads the readers, which the server needs not

            named += tables_below(path)
        else:
            named.append((name, path))
    for name, path in named:
        if not path.is_file():
            raise IntakeError(Code.FILE_MISSING, file=name)
        if not os.access(path, os.R_OK):
            raise IntakeError(Code.FILE_UNREADABLE, file=name)
    return named


@contextmanager
def _job_folder(store: Store) -> Iterator[Path]:
    folder = store.new_job()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _work(
    task: str, uploads: Sequence[tuple[str, Path]], folder: Path, wish: Wish, progress: Listener | None
) -> dict[str, Any]:
    """Run the worker to its end. Raises IntakeError with the worker's reason, or too_slow, or worker_died."""
    spec = {
        "task": task,
        "uploads": [(name, str(path.resolve())) for name, path in uploads],
        "folder": str(folder),
        "target": str(folder / "snapshot.duckdb"),
        "as_of": wish.as_of.isoformat() if wish.as_of else None,
        "today": wish.today.isoformat(),
        "source": wish.source,
        "mappings": [str(path.resolve()) for path in wish.mappings],
        "is_rehearsed": wish.is_rehearsed,
        "date_order": wish.date_order,
        "decimal": wish.decimal,
        "earlier": [(day.isoformat(), str(path.resolve())) for day, path in wish.earlier],
        "memory_mb": int(os.environ.get("SALES_COCKPIT_IMPORT_MB", MEMORY_MB)),
    }
    size = sum(path.stat().st_size for _, path in uploads)
    seconds = 120 + size / 500_000
    child = subprocess.Popen(
        [sys.executable, "-m", "dashboard.intake.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(),
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )
    assert child.stdin is not None and child.stdout is not None
    late = threading.Timer(seconds, child.kill)
    late.start()
    try:
        child.stdin.write(json.dumps(spec) + "\n")
        child.stdin.close()
        outcome = _listen(child.stdout, progress)
        code = child.wait()
    except BrokenPipeError:
        outcome, code = None, child.wait()
    finally:
        in_time = late.is_alive()
        late.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()
    if outcome is None:
        cpu_spent = code == -24  # SIGXCPU
        # A library that finds no memory aborts: SIGABRT.
        died = Code.OUT_OF_MEMORY if code == -6 else Code.WORKER_DIED
        reason = Code.TOO_SLOW if cpu_spent or not in_time else died
        raise IntakeError(reason, file=", ".join(name for name, _ in uploads[:3]))
    if outcome["kind"] == "error":
        facts = {"file": ", ".join(name for name, _ in uploads[:3]), **outcome["facts"]}
        raise IntakeError(Code(outcome["code"]), **facts)
    value: dict[str, Any] = outcome["value"]
    return value


def _environment() -> dict[str, str]:
    """All that the worker gets to know: where the modules are, and what the system cannot do without."""
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    modules = os.pathsep.join(path for path in sys.path if path)
    # Few memory arenas keep the address space small enough to be limited.
    return {**needed, "PYTHONPATH": modules, "PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "2"}


def _listen(lines: Iterator[str], progress: Listener | None) -> dict[str, Any] | None:
    outcome = None
    for line in lines:
        message = json.loads(line)
        if message["kind"] != "progress":
            outcome = message
        elif progress:
            progress(Progress(message["step"], message["share"], message["detail"]))
    return outcome

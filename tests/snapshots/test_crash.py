"""Kill -9 while publishing and deleting, and publishing under readers: a snapshot is whole or it is not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.snapshots.store import SnapshotError, Store
from tests.snapshots.test_store import publish

STEPS = ("hashed", "originals", "moved", "written", "current")

#: Publishes and stops at one step for good, after saying so.
PUBLISHER = """
import sys
from pathlib import Path
from dashboard.snapshots.store import Store

home, upload, stop_at, replaces = sys.argv[1:]
store = Store(Path(home))
building = store.new_job() / "built"
building.write_text("new")

def step(name):
    if name == stop_at:
        print(name, flush=True)
        sys.stdin.read()

store.publish(building, {"as_of": "2026-02-28", "schema_version": 1}, [Path(upload)], step, replaces)
"""

#: Reads the current snapshot over and over until told to stop; fails when it is ever not what its manifest says.
READER = """
import hashlib, select, sys
from pathlib import Path
from dashboard.snapshots.store import Store

store, seen = Store(Path(sys.argv[1])), set()
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    current = store.current()
    content = store.data_path(current.id).read_bytes()
    assert hashlib.sha256(content).hexdigest() == current.sha256, "mixed"
    seen.add(current.id)
print(len(seen), flush=True)
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdin=pipe, stdout=pipe, text=True, env=env)


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_publishing(tmp_path: Path, step: str) -> None:
    store = Store(tmp_path / "home")
    before = publish(store, "2026-01-31")
    upload = tmp_path / "upload.csv"
    upload.write_text("a\n1\n")
    with child(PUBLISHER, str(store.home), str(upload), step, "") as publisher:
        assert publisher.stdout is not None
        assert publisher.stdout.readline().strip() == step
        publisher.send_signal(signal.SIGKILL)

    store = Store(store.home)  # also: the dead process holds no lock
    store.sweep()
    assert {job.name.partition("-")[0] for job in store.jobs.iterdir()} == {str(os.getpid())}
    is_there = STEPS.index(step) >= STEPS.index("written")
    is_current = step == "current"
    ids = [s.id for s in store.list()]
    assert len(ids) == 1 + is_there
    current = store.current()
    assert current is not None
    assert (current.id != before.id) == is_current
    for snapshot_id in ids:
        assert store.verify(snapshot_id).id == snapshot_id
    assert {p.name.partition(".")[0] for p in store.snapshots.iterdir()} == set(ids)
    assert {p.name for p in store.originals.iterdir()} == set(ids)
    assert upload.read_text() == "a\n1\n"
    assert publish(store, "2026-03-31") == store.current()


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_replacing_leaves_the_old_one_or_the_new_one(tmp_path: Path, step: str) -> None:
    store = Store(tmp_path / "home")
    old = publish(store, "2026-01-31")
    store.rename(old.id, "the review")
    upload = tmp_path / "upload.csv"
    upload.write_text("a\n1\n")
    with child(PUBLISHER, str(store.home), str(upload), step, old.id) as publisher:
        assert publisher.stdout is not None
        assert publisher.stdout.readline().strip() == step
        publisher.send_signal(signal.SIGKILL)

    store = Store(store.home)
    store.sweep()
    (left,) = store.list()
    is_new = STEPS.index(step) >= STEPS.index("written")
    assert (left.id != old.id) == is_new
    assert left.label == "the review"
    assert store.current() == left == store.verify(left.id)
    assert [s.id for s in store.deleted()] == [old.id] * is_new
    assert {p.name.partition(".")[0] for p in store.snapshots.iterdir()} == {left.id}
    assert {p.name for p in store.originals.iterdir()} == {left.id}
    assert not (store.home / "replacing").exists()


@pytest.mark.parametrize("step", ("written", "current"))
def test_the_next_replacement_ends_what_a_kill_cut_short(tmp_path: Path, step: str) -> None:
    store = Store(tmp_path / "home")
    old = publish(store, "2026-01-31")
    upload = tmp_path / "upload.csv"
    upload.write_text("a\n1\n")
    with child(PUBLISHER, str(store.home), str(upload), step, old.id) as publisher:
        assert publisher.stdout is not None
        publisher.stdout.readline()
        publisher.send_signal(signal.SIGKILL)
    first = next(s for s in store.list() if s.id != old.id)
    second = publish(store, "2026-03-31", replaces=first.id)  # without a sweep between
    assert store.list() == [second] == [store.current()]
    assert {s.id for s in store.deleted()} == {old.id, first.id}


def test_renaming_beside_publishing_and_replacing_loses_nothing(tmp_path: Path) -> None:
    """Each rename finds its snapshot or is refused, and whatever takes a place takes the label with it."""
    store = Store(tmp_path / "home")
    named = publish(store, "2026-01-31", "0")
    done = threading.Event()

    def rename() -> set[str]:
        mine, refused = Store(store.home), set()
        while not done.is_set():
            for snapshot in mine.list()[-2:]:
                try:
                    mine.rename(snapshot.id, f"label of {snapshot.as_of}")
                except SnapshotError as error:  # replaced between the look and the touch
                    refused.add(error.code)
        return refused

    with ThreadPoolExecutor(1) as pool:
        renaming = pool.submit(rename)
        for number in range(15):
            publish(store, "2026-02-28", f"{number}")
            named = publish(store, "2026-01-31", f"again {number}", replaces=named.id)
            assert store.current() is not None
        done.set()
        assert renaming.result() <= {"unknown_snapshot"}
    assert len(store.list()) == 16
    store.rename(named.id, "last word")
    assert publish(store, "2026-01-30", replaces=named.id).label == "last word"


def test_a_hundred_publishes_under_readers(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    publish(store, "2026-01-31", "0")
    readers = [child(READER, str(store.home)) for _ in range(2)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
    for number in range(1, 101):
        publish(store, "2026-01-31", str(number))
    for reader in readers:
        out, _ = reader.communicate("stop\n", timeout=30)
        assert reader.returncode == 0
        assert int(out) >= 1
    assert len(store.list()) == 101

"""The store: what is published, which is current, what comes back from the trash."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import stat
from pathlib import Path

import pytest

from dashboard.settings import Settings
from dashboard.snapshots import disk
from dashboard.snapshots.store import LABEL, Snapshot, SnapshotError, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def publish(
    store: Store,
    as_of: str,
    content: str = "",
    series: str = "main",
    originals: tuple[Path, ...] = (),
    replaces: str = "",
    **facts: object,
) -> Snapshot:
    building = store.new_job() / "built"
    building.write_text(content or as_of, encoding="utf-8")
    known = {"as_of": as_of, "schema_version": 1, "series": series, **facts}
    return store.publish(building, known, originals, replaces=replaces)


def test_an_empty_home_has_no_snapshot_and_is_closed_to_others(store: Store) -> None:
    assert store.current() is None
    assert store.list() == []
    for folder in (store.home, store.snapshots, store.originals, store.trash, store.jobs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_published_snapshot_is_current_and_carries_its_facts(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "客户.csv"
    upload.write_text("a,b\n1,2\n", encoding="utf-8")
    made = publish(store, "2026-03-31", "data", originals=(upload,))
    day, _, mark = made.id.split("-")
    assert (day, mark) == ("20260331", disk.sha256(store.data_path(made.id))[:8])
    assert store.current() == made == store.get(made.id) == store.verify(made.id)
    assert store.data_path(made.id).read_text() == "data"
    assert stat.S_IMODE(store.data_path(made.id).stat().st_mode) == 0o400
    assert stat.S_IMODE((store.home / "current").stat().st_mode) == 0o600
    assert made.originals == ("客户.csv",)
    (kept,) = store.original_paths(made.id)
    disk.decompress(kept, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == upload.read_bytes()


def test_equal_content_published_twice_gets_two_ids(store: Store) -> None:
    made = [publish(store, "2026-03-31", "same").id for _ in range(3)]
    assert len(set(made)) == 3
    store.delete(made[0])
    assert publish(store, "2026-03-31", "same").id not in made


def test_a_file_with_a_log_beside_it_is_not_published(store: Store) -> None:
    building = store.new_job() / "built"
    building.write_text("x")
    building.with_name("built.wal").write_text("not yet written")
    with pytest.raises(SnapshotError, match="unfinished_build"):
        store.publish(building, {"as_of": "2026-03-31", "schema_version": 1})
    assert store.list() == []


def test_previous_is_the_latest_earlier_day_of_the_series_and_of_several_the_last_made(store: Store) -> None:
    january = publish(store, "2026-01-31", "a")
    first, second = publish(store, "2026-02-28", "b"), publish(store, "2026-02-28", "c")
    other = publish(store, "2026-02-28", series="demo-en")
    march = publish(store, "2026-03-31")
    assert store.previous_of(march.id) == second
    assert store.previous_of(first.id) == store.previous_of(second.id) == january
    assert store.previous_of(january.id) is None
    assert store.previous_of(other.id) is None


def test_activating_names_the_series_in_use(store: Store) -> None:
    mine, demo = publish(store, "2026-01-31"), publish(store, "2026-02-28", series="demo-zh")
    assert store.current() == demo
    store.activate(mine.id)
    assert store.current() == mine
    assert store.current("demo-zh") == demo
    assert store.current("demo-en") is None


def test_deleting_the_current_activates_the_newest_left_and_undo_brings_it_back(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "a.csv"
    upload.write_text("a\n1\n")
    old, middle = publish(store, "2026-01-31"), publish(store, "2026-02-28", originals=(upload,))
    new = publish(store, "2026-03-31")
    store.activate(middle.id)
    store.delete(middle.id)
    assert store.current() == new
    assert [s.id for s in store.list()] == [new.id, old.id]
    assert [s.id for s in store.deleted()] == [middle.id]
    with pytest.raises(SnapshotError, match="unknown_snapshot"):
        store.get(middle.id)

    assert store.restore(middle.id) == middle
    assert store.current() == new
    assert store.verify(middle.id) == middle
    assert len(store.original_paths(middle.id)) == 1
    assert store.deleted() == []


def test_deleting_all_leaves_none_and_a_restored_one_becomes_current(store: Store) -> None:
    only = publish(store, "2026-01-31")
    store.delete(only.id)
    assert store.current() is None
    store.restore(only.id)
    assert store.current() == only


def test_deleting_the_last_of_a_series_turns_to_another_series(store: Store) -> None:
    demo, mine = publish(store, "2026-02-28", series="demo-zh"), publish(store, "2026-01-31")
    store.delete(mine.id)
    assert store.current() == demo


@pytest.mark.parametrize(
    "name", ["", "nothing", "../../etc/passwd", "20260331-000000-00000000", "20260331-000000-0000000/"]
)
def test_an_id_that_is_not_ours_is_unknown(store: Store, name: str) -> None:
    acts = (store.get, store.activate, store.delete, store.restore, store.verify, store.previous_of, store.purge)
    for act in acts:
        with pytest.raises(SnapshotError, match="unknown_snapshot"):
            act(name)


def test_a_label_can_be_changed(store: Store) -> None:
    made = publish(store, "2026-01-31")
    assert store.rename(made.id, "一月 / January").label == "一月 / January"
    assert store.verify(made.id).label == "一月 / January"
    assert store.rename(made.id, " two\nlines\t").label == "two lines"
    assert store.rename(made.id, "长" * 100).label == "长" * LABEL
    assert [p.name for p in store.snapshots.glob("*.json*")] == [f"{made.id}.json"]


def test_a_snapshot_that_is_replaced_leaves_label_and_place_to_the_new_one(store: Store) -> None:
    old, current = publish(store, "2026-01-31"), publish(store, "2026-02-28")
    store.rename(old.id, "一月")
    new = publish(store, "2026-01-15", replaces=old.id)
    assert (new.label, store.current()) == ("一月", current)
    assert [s.id for s in store.list()] == [current.id, new.id]
    assert [s.id for s in store.deleted()] == [old.id]
    assert publish(store, "2026-02-27", replaces=current.id) == store.current()
    assert store.restore(old.id).label == "一月"


def test_replacing_in_another_series_does_not_change_what_is_shown(store: Store) -> None:
    mine, demo = publish(store, "2026-01-31"), publish(store, "2026-02-28", series="demo-zh")
    new = publish(store, "2026-01-30", replaces=mine.id)
    assert store.current() == demo
    assert store.current("main") == new


def test_what_was_deleted_meanwhile_is_not_replaced(store: Store) -> None:
    old, other = publish(store, "2026-01-31"), publish(store, "2026-02-28")
    store.delete(old.id)
    with pytest.raises(SnapshotError, match="unknown_snapshot"):
        publish(store, "2026-01-15", replaces=old.id)
    assert store.list() == [other]
    assert not (store.home / "replacing").exists()


def test_a_changed_file_is_set_aside_and_the_one_before_becomes_current(store: Store) -> None:
    old, new = publish(store, "2026-01-31"), publish(store, "2026-02-28")
    path = store.data_path(new.id)
    path.chmod(0o600)
    path.write_text("20x6-02-28")
    fresh = Store(store.home)
    with pytest.raises(SnapshotError, match="corrupt") as caught:
        fresh.verify(new.id)
    assert caught.value.facts == {"id": new.id, "replaced_by": old.id}
    assert fresh.current() == old
    assert [s.id for s in fresh.set_aside()] == [new.id]
    assert [s.id for s in fresh.list()] == [old.id]
    fresh.sweep()
    assert [s.id for s in fresh.set_aside()] == [new.id]


def test_a_file_is_read_for_its_checksum_once_per_process(store: Store) -> None:
    made = publish(store, "2026-01-31")
    store.verify(made.id)
    path = store.data_path(made.id)
    state = path.stat()
    path.chmod(0o600)
    path.write_text("2026-01-32")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert store.verify(made.id) == made  # same size and time: not read again
    with pytest.raises(SnapshotError, match="corrupt"):
        Store(store.home).verify(made.id)


def test_a_file_that_nothing_touched_is_read_again_only_when_a_day_is_over(store: Store) -> None:
    made = publish(store, "2026-01-31")
    store.verify(made.id)
    manifest = store.snapshots / f"{made.id}.json"
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**facts, "sha256": "0" * 64}))  # whoever reads the file now finds it wrong
    assert Store(store.home).verify(made.id).id == made.id
    compared = json.loads((store.home / "compared").read_text())
    compared[made.id][-1] -= 86_401
    (store.home / "compared").write_text(json.dumps(compared))
    with pytest.raises(SnapshotError, match="corrupt"):
        Store(store.home).verify(made.id)


def test_a_log_beside_a_snapshot_is_never_replayed(store: Store) -> None:
    made = publish(store, "2026-01-31")
    store.data_path(made.id).with_name(f"{made.id}.duckdb.wal").write_text("stale")
    with pytest.raises(SnapshotError, match="corrupt"):
        store.verify(made.id)


def test_the_sweep_removes_what_dead_processes_left_and_nothing_else(store: Store) -> None:
    made, deleted = publish(store, "2026-01-31"), publish(store, "2026-02-28")
    store.delete(deleted.id)
    mine, dead = store.new_job(), store.jobs / "999999999-00"
    dead.mkdir()
    (dead / "snapshot.duckdb").write_text("half")
    leftovers = [
        store.snapshots / "20260101-000000-00000000.duckdb",
        store.snapshots / "20260101-000000-00000000.json.1.building",
        store.snapshots / f"{made.id}.duckdb.wal",
        store.snapshots / "20260101-000000-00000001.json",
        store.home / "current.77.building",
    ]
    for path in leftovers:
        path.write_text('{"id": "half')
    (store.originals / "20260101-000000-00000000").mkdir()
    (store.originals / f"20260101-000000-00000002{disk.BUILDING}").mkdir()
    removed = store.sweep()
    assert sorted({*(p.name for p in leftovers), dead.name, "20260101-000000-00000000"}) == sorted(
        {*removed} - {f"20260101-000000-00000002{disk.BUILDING}"}
    )
    assert not any(p.exists() for p in (*leftovers, dead))
    assert mine.is_dir()
    assert store.current() == made
    assert store.sweep() == []
    assert store.restore(deleted.id) == deleted


def test_trash_goes_after_thirty_days(store: Store) -> None:
    made = [publish(store, "2026-01-31"), publish(store, "2026-02-28")]
    for snapshot, days in zip(made, (29, 31), strict=True):
        store.delete(snapshot.id)
        when = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        (store.trash / snapshot.id / "deleted.json").write_text(json.dumps({"deleted_at": when.isoformat()}))
    assert store.sweep() == [made[1].id]
    assert [s.id for s in store.deleted()] == [made[0].id]


def test_the_user_says_how_long_deleted_snapshots_are_kept(store: Store) -> None:
    made = [publish(store, "2026-01-31"), publish(store, "2026-02-28")]
    for snapshot, days in zip(made, (6, 8), strict=True):
        store.delete(snapshot.id)
        when = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        (store.trash / snapshot.id / "deleted.json").write_text(json.dumps({"deleted_at": when.isoformat()}))
    Settings(store.home).set("trash_days", 7)
    assert store.sweep() == [made[1].id]
    Settings(store.home).set("trash_days", -1)  # nonsense counts as the usual thirty
    assert store.sweep() == []
    assert [s.id for s in store.deleted()] == [made[0].id]


def test_purged_means_gone(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "a.csv"
    upload.write_text("secret\n")
    kept, gone = publish(store, "2026-01-31"), publish(store, "2026-02-28", "secret rows", originals=(upload,))
    store.verify(kept.id)
    store.verify(gone.id)
    with pytest.raises(SnapshotError, match="unknown_snapshot"):
        store.purge(gone.id)  # in use: it has to be deleted first
    store.delete(gone.id)
    (store.snapshots / f"{gone.id}.duckdb.wal").write_text("secret log")
    store.purge(gone.id)
    left = [path for path in store.home.rglob("*") if path.is_file()]
    assert not any(gone.id in str(path.relative_to(store.home)) for path in store.home.rglob("*"))
    assert not any(gone.id.encode() in path.read_bytes() or b"secret" in path.read_bytes() for path in left)
    assert store.deleted() == []
    with pytest.raises(SnapshotError, match="unknown_snapshot"):
        store.restore(gone.id)
    assert store.verify(kept.id) == kept == store.current()


def test_a_damaged_snapshot_can_be_purged_too(store: Store) -> None:
    made = publish(store, "2026-01-31")
    store.data_path(made.id).chmod(0o600)
    store.data_path(made.id).write_text("rotten")
    with pytest.raises(SnapshotError, match="corrupt"):
        store.verify(made.id)
    store.purge(made.id)
    assert store.set_aside() == []
    assert not [path for path in store.home.rglob("*") if made.id in path.name]


def test_emptying_the_trash_leaves_what_is_in_use(store: Store) -> None:
    made = [publish(store, f"2026-0{month}-28") for month in (1, 2, 3)]
    for snapshot in made[:2]:
        store.delete(snapshot.id)
    assert store.empty_trash() == sorted(s.id for s in made[:2])
    assert list(store.trash.iterdir()) == []
    assert store.list() == [made[2]]
    assert store.empty_trash() == []


def test_a_purge_cut_short_is_brought_to_its_end(store: Store) -> None:
    made = publish(store, "2026-01-31")
    store.delete(made.id)
    os.replace(store.trash / made.id, store.trash / f"{made.id}{disk.BUILDING}")  # killed while its files went
    assert store.deleted() == []
    store.sweep()
    assert list(store.trash.iterdir()) == []


def test_a_delete_cut_short_is_brought_to_its_end(store: Store) -> None:
    made = publish(store, "2026-01-31")
    bin_ = store.trash / made.id
    bin_.mkdir()
    os.replace(store.snapshots / f"{made.id}.json", bin_ / "manifest.json")  # killed right after this
    store.sweep()
    assert store.list() == []
    assert store.restore(made.id) == made
    assert store.verify(made.id) == made


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "not_permitted"), (errno.EIO, "disk_error")]
)
def test_a_refusing_disk_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    before = publish(store, "2026-01-31")
    upload = tmp_path / "a.csv"
    upload.write_text("a\n1\n")

    def refuse(path: Path, value: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(disk, "write_json", refuse)
    with pytest.raises(SnapshotError) as caught:
        publish(store, "2026-02-28", originals=(upload,))
    monkeypatch.undo()
    assert caught.value.code == code
    assert store.current() == before
    assert store.list() == [before]
    assert sorted(p.name for p in store.snapshots.iterdir()) == [f"{before.id}.duckdb", f"{before.id}.json"]
    assert [p.name for p in store.originals.iterdir()] == [before.id]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_apart() -> None:
    with pytest.raises(OSError) as caught, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert caught.value.errno == errno.ENOSPC

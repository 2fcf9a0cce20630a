"""What is odd about an upload beside what is there, and whether it is there already."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from dashboard.snapshots import likeness, space
from dashboard.snapshots.likeness import Doubt
from dashboard.snapshots.problem import SnapshotError
from dashboard.snapshots.store import Store
from tests.snapshots.test_store import publish

MARCH = dt.date(2026, 3, 31)
FILES: tuple[dict[str, Any], ...] = (
    {"sha256": "aa", "targets": "opportunities", "n_records": 100},
    {"sha256": "bb", "targets": "activities,tasks", "n_records": 40},
    {"sha256": "cc", "targets": None, "n_records": 7},
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def said(doubts: list[Doubt]) -> list[tuple[str, str]]:
    return [(doubt.code, doubt.facts.get("table", "")) for doubt in doubts]


def test_the_very_same_files_are_known_whatever_their_names(store: Store) -> None:
    made = publish(store, "2026-02-28", files=FILES)
    assert likeness.same_uploads(store, ["cc", "aa", "bb", "aa"]) == made
    again = publish(store, "2026-03-31", files=FILES)
    assert likeness.same_uploads(store, ["aa", "bb", "cc"]) == again
    assert likeness.same_uploads(store, ["aa", "bb"]) is None  # only some of them
    assert likeness.same_uploads(store, ["aa", "bb", "cc", "dd"]) is None
    assert likeness.same_uploads(store, []) is likeness.same_uploads(store, [""]) is None
    store.delete(again.id)
    store.delete(made.id)
    assert likeness.same_uploads(store, ["aa", "bb", "cc"]) is None


def test_records_are_counted_alike_for_inspections_and_manifests() -> None:
    inspected = [
        {"targets": ["opportunities"], "n_records": 60, "refused": None},
        {"targets": ["opportunities"], "n_records": 40, "refused": None},
        {"targets": ["activities", "tasks"], "n_records": 40, "refused": None},
        {"targets": ["accounts"], "n_records": 9, "refused": "header_only"},
        {"targets": [], "n_records": 7, "refused": None},
    ]
    wanted = {"opportunities": 100, "activities": 40, "tasks": 40}
    assert likeness.records_by_table(inspected) == likeness.records_by_table(FILES) == wanted


@pytest.mark.parametrize(
    ("n_rows", "wanted"),
    [
        ({"opportunities": 100, "activities": 40, "tasks": 40}, []),
        ({"opportunities": 50, "activities": 20, "tasks": 20}, []),  # half is not less than half
        ({"opportunities": 49, "activities": 400, "tasks": 40}, [("shrunk", "opportunities")]),
        ({"opportunities": 100}, [("absent", "activities"), ("absent", "tasks")]),
        ({"opportunities": 0, "activities": 1, "tasks": 40}, [("shrunk", "activities"), ("absent", "opportunities")]),
    ],
)
def test_less_than_half_of_a_table_is_asked_about(
    store: Store, n_rows: dict[str, int], wanted: list[tuple[str, str]]
) -> None:
    publish(store, "2026-01-31", files=({"targets": "accounts", "n_records": 9999},))  # not the one before
    publish(store, "2026-02-28", files=FILES)
    assert said(likeness.doubts(store, "main", MARCH, n_rows)) == wanted
    assert likeness.doubts(store, "demo-zh", MARCH, n_rows) == []


def test_an_export_older_than_the_newest_is_asked_about(store: Store) -> None:
    publish(store, "2026-02-28", files=FILES)
    (asked,) = likeness.doubts(store, "main", dt.date(2026, 2, 27), {"opportunities": 1})
    assert asked == Doubt("older", {"as_of": dt.date(2026, 2, 27), "newest": dt.date(2026, 2, 28)})
    assert likeness.doubts(store, "main", dt.date(2026, 2, 28), {"opportunities": 1}) == []


def test_a_rebuild_is_not_compared_with_what_it_replaces(store: Store) -> None:
    old = publish(store, "2026-02-28", files=FILES)
    assert likeness.doubts(store, "main", dt.date(2026, 1, 31), {}, replaces=old.id) == []


def row(n_before: int, n_after: int, n_common: int | None) -> dict[str, Any]:
    return {"table_name": "accounts", "n_before": n_before, "n_after": n_after, "n_common": n_common}


@pytest.mark.parametrize(
    ("tables", "wanted"),
    [
        (row(100, 60, 60), []),
        (row(100, 49, 49), ["shrunk"]),
        (row(100, 0, 0), ["absent"]),
        (row(100, 90, 8), ["foreign"]),
        (row(100, 90, 9), []),
        (row(100, 40, 1), ["shrunk", "foreign"]),
        (row(9, 9, 0), []),  # too few to tell
        (row(100, 90, None), []),  # no ids to compare
        (row(0, 90, 0), []),
    ],
)
def test_two_snapshots_that_hardly_look_alike(tables: dict[str, Any], wanted: list[str]) -> None:
    assert [doubt.code for doubt in likeness.unlike([tables], MARCH)] == wanted


def test_what_snapshots_take_and_whether_there_is_room(store: Store, tmp_path: Path) -> None:
    upload = tmp_path / "a.csv"
    upload.write_bytes(b"x" * 1000)
    made = publish(store, "2026-01-31", "y" * 500, originals=(upload,))
    size = space.of(store, made.id)
    assert size.data == 500 and 0 < size.originals < 1000 and size.total == size.data + size.originals
    store.delete(made.id)
    assert space.of(store, made.id) == size
    use = space.usage(store)
    assert use.snapshots == 0 and use.trash > size.total and use.total >= use.trash and use.free > 0
    store.purge(made.id)
    assert space.of(store, made.id).total == space.usage(store).trash == 0
    space.require_room(store, [1000])
    with pytest.raises(SnapshotError, match="no_room") as caught:
        space.require_room(store, [10**18])
    assert caught.value.facts["needed"] == "3,000,000,000,032 MB"

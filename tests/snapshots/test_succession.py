"""Which snapshot stands before which, and which have to be rebuilt once that has changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.store import Snapshot, Store
from dashboard.snapshots.succession import before, earlier, out_of_step
from tests.snapshots.test_store import publish


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def told(store: Store, as_of: str, n_untold: int = 1, replaces: str = "") -> Snapshot:
    """A snapshot built as the import builds it, over the one that stands before it now."""
    base = before(earlier(store, "main", without=replaces), dt.date.fromisoformat(as_of))
    facts: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "before": base.id if base else "", "n_untold": n_untold}
    return publish(store, as_of, replaces=replaces, **facts)


def waiting(store: Store) -> list[str]:
    return [snapshot.as_of.isoformat() for snapshot in out_of_step(store, "main")]


def test_of_several_for_a_day_the_last_made_stands_for_it(store: Store) -> None:
    first, second = publish(store, "2026-01-31", "a"), publish(store, "2026-01-31", "b")
    march = publish(store, "2026-03-31")
    publish(store, "2026-02-28", series="demo-en")
    assert earlier(store, "main") == [march, second]
    assert earlier(store, "main", without=second.id) == [march, first]
    assert before(earlier(store, "main"), dt.date(2026, 3, 31)) == second
    assert before(earlier(store, "main"), dt.date(2026, 1, 31)) is None


def test_in_order_nothing_is_out_of_step(store: Store) -> None:
    for day in ("2026-01-31", "2026-02-28", "2026-03-31"):
        told(store, day)
        assert waiting(store) == []


def test_an_older_export_between_two_touches_all_after_it(store: Store) -> None:
    for day in ("2026-01-31", "2026-03-31", "2026-04-30"):
        told(store, day)
    told(store, "2026-02-28")
    assert waiting(store) == ["2026-03-31", "2026-04-30"]  # April rests on March


def test_an_exported_history_needs_no_snapshot_before(store: Store) -> None:
    told(store, "2026-01-31")
    told(store, "2026-03-31", n_untold=0)
    told(store, "2026-02-28")
    assert waiting(store) == []


def test_deleting_one_in_the_middle_touches_those_after_it_until_it_is_back(store: Store) -> None:
    made = [told(store, day) for day in ("2026-01-31", "2026-02-28", "2026-03-31")]
    store.delete(made[1].id)
    assert waiting(store) == ["2026-03-31"]
    store.restore(made[1].id)
    assert waiting(store) == []


def test_another_day_touches_those_that_it_passes(store: Store) -> None:
    made = [told(store, day) for day in ("2026-01-31", "2026-02-28", "2026-03-31")]
    told(store, "2026-02-27", replaces=made[1].id)  # same place, but another file
    assert waiting(store) == ["2026-03-31"]


def test_rebuilding_in_the_order_given_ends(store: Store) -> None:
    for day in ("2026-02-28", "2026-03-31", "2026-04-30"):
        told(store, day)
    told(store, "2026-01-31")
    order = []
    while out := out_of_step(store, "main"):
        order.append(out[0].as_of.month)
        told(store, out[0].as_of.isoformat(), replaces=out[0].id)
    assert order == [2, 3, 4]


def test_what_an_older_version_built_is_out_of_step_and_what_was_not_noted_is_not(store: Store) -> None:
    publish(store, "2026-01-31", schema_version=SCHEMA_VERSION)  # before the note was kept
    publish(store, "2026-02-28", schema_version=SCHEMA_VERSION - 1)
    publish(store, "2026-03-31", schema_version=SCHEMA_VERSION)
    assert waiting(store) == ["2026-02-28"]

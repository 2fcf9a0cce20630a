"""Deals side by side in two snapshots: what is told across the cut of a viewer, and that it is no more than that."""

from __future__ import annotations

import pytest

from dashboard import queryfile
from dashboard.engine import Engine, Filters, QueryError
from dashboard.engine.scope import WHOLE
from dashboard.places import QUERIES
from dashboard.snapshots.store import Snapshot
from tests.engine.firm import PEOPLE, canary
from tests.engine.test_scope import VIEWERS, whole

VIEWS = sorted(path.stem for path in (QUERIES / "views").glob("*.sql"))


@pytest.mark.parametrize("role", VIEWERS)
@pytest.mark.parametrize("view", VIEWS)
def test_no_foreign_deal_stands_in_the_pairs(engine: Engine, march: Snapshot, view: str, role: str) -> None:
    viewer, allowed = VIEWERS[role]
    lens = engine.lens(march.id, viewer)
    rows = whole(lens, view).to_pylist()
    text = repr(rows)
    assert {person for person in (*PEOPLE, "nobody") if canary(person) in text} <= allowed
    assert len(rows) == whole(lens, "opportunities").num_rows
    assert all(row["is_seen"] and row["was_seen"] and row["is_there"] and row["was_there"] for row in rows)


def test_without_an_earlier_snapshot_there_is_nothing_on_the_other_side(engine: Engine) -> None:
    first = min(engine.store.list(), key=lambda shot: shot.age_order)
    for filters in (Filters(), Filters(team=("north",))):
        rows = whole(engine.lens(first.id, filters=filters), "deal_pairs").to_pylist()
        assert rows and not any(row["was_there"] or row["was_seen"] or row["has_previous"] for row in rows)


def test_uncut_tables_are_for_the_engine_alone(engine: Engine, march: Snapshot) -> None:
    for table in ("whole_opportunities", "whole_previous_opportunities"):
        with pytest.raises(QueryError) as refused:
            whole(engine.lens(march.id), table)
        assert refused.value.code == "missing_table"
    asked = {table for name in queryfile.page_queries() for table in queryfile.load(name).tables}
    assert not [table for table in asked if table.startswith(WHOLE)]

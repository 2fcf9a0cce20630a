"""What has changed between two snapshots, against answers worked by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dashboard.engine import Engine, Lens
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot

USERS = [{"user_id": "u1", "name": "甲"}, {"user_id": "u2", "name": "乙"}]
OPEN = {"pipeline": "p", "stage": "沟通", "outcome": "open", "created_at": "2026-01-01", "owner_id": "u1"}


def deal(key: str, amount: int | None = 100, **more: Any) -> dict[str, Any]:
    return {**OPEN, "opportunity_id": key, "name": f"商机{key}", "amount": amount, **more}


BEFORE = [
    deal("same"),
    deal("wins", 200),
    deal("loses", 30),
    deal("back", 40, outcome="lost", stage="输单", closed_at="2026-01-20"),
    deal("goes", 70),
    deal("moves", 10),
    deal("grows", None),
    deal("shrinks", 500),
    deal("handed", 60),
    deal("slips", 90, expected_close_on="2026-03-01"),
]
AFTER = [  # in another order, so that the keys differ
    deal("comes", 11),
    deal("comes won", 12, outcome="won", stage="赢单", closed_at="2026-03-02"),
    deal("slips", 90, expected_close_on="2026-04-01"),
    deal("handed", 60, owner_id="u2"),
    deal("shrinks", 450),
    deal("grows", 20),
    deal("moves", 10, stage="报价"),
    deal("back", 40),
    deal("loses", 30, outcome="lost", stage="输单", closed_at="2026-03-01"),
    deal("wins", 210, outcome="won", stage="赢单", closed_at="2026-03-01"),
    deal("same"),
]


@pytest.fixture(scope="module")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Lens:
    home = tmp_path_factory.mktemp("compare") / "home"
    called = {"kind": "call", "owner_id": "u1", "happened_at": "2026-01-05"}
    first = build_snapshot(
        home,
        {
            "users": USERS,
            "opportunities": BEFORE,
            "accounts": [{"account_id": "a", "city": "北京"}, {"account_id": "b"}],
            "activities": [{**called, "activity_id": None}, {**called, "activity_id": None}],
        },
        "2026-01-31",
    )
    build_snapshot(home, {"users": USERS, "opportunities": AFTER[:1]}, "2026-02-28")  # stands between, is not asked
    last = build_snapshot(
        home,
        {
            "users": list(reversed(USERS)),
            "opportunities": AFTER,
            "accounts": [{"account_id": "b"}, {"account_id": "a", "city": "上海"}, {"account_id": "c"}],
            "activities": [{**called, "activity_id": None}],
        },
        "2026-03-31",
    )
    return Engine(Store(home)).lens(last.id, against=first.id)


def test_the_tables(lens: Lens) -> None:
    rows = {row["table_name"]: list(row.values())[2:] for row in lens.rows("data/compare_tables")}
    #                     before, after, common, new, gone, changed
    assert rows["users"] == [2, 2, 2, 0, 0, 0]
    assert rows["accounts"] == [2, 3, 2, 1, 0, 1]
    # changed: wins, loses, back, moves, grows, shrinks, slips; another owner is a reference and not compared here
    assert rows["opportunities"] == [10, 11, 9, 2, 1, 7]
    assert rows["activities"] == [2, 1, None, None, None, None]  # no ids to go by
    assert "contacts" not in rows


WANTED = {
    "new": (["comes won", "comes"], 23),
    "won": (["wins", "comes won"], 222),
    "lost": (["loses"], 30),
    "reopened": (["back"], 40),
    "gone": (["goes"], 70),
    "stage": (["moves"], 10),
    "amount": (["shrinks", "grows", "wins"], -20),  # - 50 + 20 + 10
    "owner": (["handed"], 60),
    "close_date": (["slips"], 90),
}


def test_the_kinds_of_change(lens: Lens) -> None:
    rows = {row["kind"]: (row["n"], row["amount"]) for row in lens.rows("data/compare_deals")}
    assert rows == {kind: (len(ids), Decimal(amount)) for kind, (ids, amount) in WANTED.items()}


@pytest.mark.parametrize("kind", WANTED)
def test_the_deals_of_a_kind_and_their_sum(lens: Lens, kind: str) -> None:
    rows = lens.rows("data/compare_deal_list", kind=kind)
    ids, amount = WANTED[kind]
    assert [row["opportunity_id"] for row in rows] == ids
    assert sum(row["change"] for row in rows) == amount


def test_before_and_after_stand_side_by_side(lens: Lens) -> None:
    (handed,) = lens.rows("data/compare_deal_list", kind="owner")
    assert (handed["old_owner"], handed["owner"]) == ("甲", "乙")
    (moved,) = lens.rows("data/compare_deal_list", kind="stage")
    assert (moved["old_stage"], moved["stage"]) == ("沟通", "报价")
    (gone,) = lens.rows("data/compare_deal_list", kind="gone")
    assert (gone["name"], gone["old_amount"], gone["amount"], gone["owner"]) == ("商机goes", 70, None, None)


def test_the_order_of_the_question_decides_what_is_new(lens: Lens) -> None:
    engine, previous = lens._engine, lens.previous
    assert previous is not None
    turned = engine.lens(previous.id, against=lens.snapshot.id)
    rows = {row["kind"]: row["n"] for row in turned.rows("data/compare_deals")}
    assert (rows["new"], rows["gone"], rows["won"], rows["reopened"]) == (1, 2, 0, 2)

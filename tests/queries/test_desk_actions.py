"""Each rule of the desk's actions on a firm where it must speak, and one where it must not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.queries.desk_firm import AS_OF, at, built, deal, people, rows


def day(back: int) -> dt.date:
    return AS_OF - dt.timedelta(days=back)


def moment(back: int) -> dt.datetime:
    return at(day(back).isoformat())


def open_deal(key: str, amount: int, **more: Any) -> dict[str, Any]:
    """Created 20 days ago, closing in 30 days, next step in a week: nothing to say about it."""
    plain = {"expected_close_on": day(-30), "next_step_on": day(-7), "created_at": moment(20)}
    return deal(key, amount, "2026-04-25") | plain | more


def spoke(opportunity: str | None, back: int, account: str = "a1", kind: str = "call") -> dict[str, Any]:
    return {
        "owner_id": "r1",
        "account_id": account,
        "opportunity_id": opportunity,
        "kind": kind,
        "outcome": "reached",
        "happened_at": moment(back),
    }


def actions(deals: list[dict[str, Any]], previous: list[dict[str, Any]] | None = None, **tables: Any) -> dict[str, Any]:
    """Actions by key."""
    # One deal won, and many small ones to be larger than.
    base = [deal("W0", 10, "2026-01-01", "2026-02-01")] + [open_deal(f"s{i}", 1 + i) for i in range(9)]
    talks = [spoke(d["opportunity_id"], 2) for d in base] + tables.pop("activities", [])
    given = people() | {"opportunities": base + deals, "activities": talks} | tables
    with built(given, previous) as con:
        found = {a["action_key"]: a for a in rows(con, "desk/actions")}
    return {key: a for key, a in found.items() if ":s" not in key}


def test_calm_firm_has_no_actions() -> None:
    assert actions([open_deal("d1", 1000)], activities=[spoke("d1", 3)]) == {}


def test_silent_deal() -> None:
    # Too few gaps are known in a firm with one won deal, so that the limit is 30 days.
    found = actions([open_deal("d1", 1000, created_at=moment(60))], activities=[spoke("d1", 31)])
    action = found["silent_deal:d1"]
    assert (action["days"], action["number"], action["amount"]) == (31, 30, 1000)
    assert (action["name"], action["account_name"], action["owner_name"], action["user_id"]) == (
        "商机d1",
        "客户1",
        "甲",
        "r1",
    )
    assert actions([open_deal("d1", 1000, created_at=moment(60))], activities=[spoke("d1", 30)]) == {}


def test_small_silent_deal_is_left_to_its_owner() -> None:
    assert actions([open_deal("d1", 1, created_at=moment(60))]) == {}


def test_slipped_deal() -> None:
    pushed = [
        {"opportunity_id": "d1", "changed_at": moment(15), "from_on": day(10), "to_on": day(5)},
        {"opportunity_id": "d1", "changed_at": moment(9), "from_on": day(5), "to_on": day(-9)},
    ]
    found = actions(
        [open_deal("d1", 1000, expected_close_on=day(-9))], activities=[spoke("d1", 3)], close_date_changes=pushed
    )
    assert list(found) == ["slipped_deal:d1"]
    assert (found["slipped_deal:d1"]["number"], found["slipped_deal:d1"]["days"]) == (2, None)
    late = actions([open_deal("d1", 1000, expected_close_on=day(4))], activities=[spoke("d1", 3)])
    assert (late["slipped_deal:d1"]["number"], late["slipped_deal:d1"]["days"]) == (0, 4)


def test_large_deal_pushed_since_the_previous_snapshot() -> None:
    before = [open_deal("d1", 1000, expected_close_on=day(-1)), open_deal("d2", 1, expected_close_on=day(-1))]
    talks = [spoke("d1", 3), spoke("d2", 3)]
    found = actions([open_deal("d1", 1000), open_deal("d2", 1)], before, activities=talks)
    assert list(found) == ["slipped_deal:d1"]
    assert found["slipped_deal:d1"]["number"] == 1


def test_ahead_deal() -> None:
    # Stage 3 of 4 asks for a quote, which others have; this one was only rung up: evidence carries to stage 1 of 4,
    # as stage 2 stands at half the way and asks for a meeting.
    talks = [spoke("d1", 3), spoke("s1", 3, kind="visit"), spoke("s1", 3, kind="quote")]
    found = actions([open_deal("d1", 1000, stage="报价")], activities=talks)
    assert list(found) == ["ahead_deal:d1"]
    assert found["ahead_deal:d1"]["number"] == 2


def test_stepless_deal() -> None:
    found = actions([open_deal("d1", 1000, next_step_on=day(6))], activities=[spoke("d1", 3)])
    assert found["stepless_deal:d1"]["days"] == 6
    bare = actions([open_deal("d1", 1000, next_step_on=None)], activities=[spoke("d1", 3)])
    assert bare["stepless_deal:d1"]["days"] is None


def test_one_line_per_deal_names_the_others() -> None:
    found = actions([open_deal("d1", 1000, expected_close_on=day(80), next_step_on=None)], activities=[spoke("d1", 3)])
    assert list(found) == ["slipped_deal:d1"]
    assert found["slipped_deal:d1"]["also"] == "stepless_deal"


def test_late_task() -> None:
    tasks = [
        {"task_id": "t1", "owner_id": "r1", "opportunity_id": "d1", "status": "open", "due_on": day(5)},
        {"task_id": "t2", "owner_id": "r1", "opportunity_id": "d1", "status": "open", "due_on": day(0)},
    ]
    found = actions([open_deal("d1", 1000)], activities=[spoke("d1", 3)], tasks=tasks)
    assert (found["late_task:d1"]["days"], found["late_task:d1"]["number"]) == (5, 1)


def bill(key: str, amount: int, back: int, account: str = "a2") -> dict[str, Any]:
    return {"invoice_id": key, "account_id": account, "owner_id": "r1", "amount": amount, "due_on": day(back)}


def test_overdue_bill_is_the_largest_of_its_customer() -> None:
    found = actions([], invoices=[bill("i1", 100, 10), bill("i2", 300, 5), bill("i3", 900, -5)])
    assert list(found) == ["overdue_bill:i2"]
    action = found["overdue_bill:i2"]
    assert (action["amount"], action["days"], action["number"], action["account_id"]) == (300, 5, 2, "a2")


def test_customer_that_stopped_paying() -> None:
    # Paid on four days, 30 days apart; the last one 100 days ago.
    paid = [{"payment_id": f"p{i}", "account_id": "a2", "amount": 50, "paid_on": day(100 + 30 * i)} for i in range(4)]
    found = actions([], invoices=[bill("i1", 100, 70), bill("i2", 300, 40)], payments=paid)
    assert list(found) == ["stopped_paying:a2"]  # and no line for each of its bills
    action = found["stopped_paying:a2"]
    assert (action["amount"], action["days"], action["number"], action["fact_on"]) == (400, 100, 30, day(100))
    lately = [{"payment_id": "p9", "account_id": "a2", "amount": 50, "paid_on": day(44)}]
    assert list(actions([], invoices=[bill("i1", 100, 70)], payments=paid + lately)) == ["overdue_bill:i1"]


def test_silent_core_customer() -> None:
    won = deal("W9", 900, "2025-10-01", "2025-12-01", account_id="a3")
    # Six contact days, 10 days apart, then nothing for 40 days.
    talks = [spoke(None, 40 + 10 * i, "a3") for i in range(6)]
    found = actions([won], activities=talks)
    action = found["silent_customer:a3"]
    assert (action["amount"], action["days"], action["number"]) == (900, 40, 10)
    assert actions([won], activities=[*talks, spoke(None, 20, "a3")]) == {}  # twice the gap is not yet more than twice


def test_product_sold_below_cost() -> None:
    tables = {
        "products": [
            {"product_id": "p1", "name": "相机", "unit_cost": 12},
            {"product_id": "p2", "name": "支架", "unit_cost": 1},
        ],
        "orders": [{"order_id": "o1", "account_id": "a1", "amount": 100, "ordered_on": day(30)}],
        "line_items": [
            {"order_id": "o1", "product_id": "p1", "quantity": 10, "unit_price": 10},
            {"order_id": "o1", "product_id": "p2", "quantity": 10, "unit_price": 2},
        ],
    }
    found = actions([], **tables)
    assert list(found) == ["loss_product:p1"]
    action = found["loss_product:p1"]
    assert (action["name"], action["amount"], action["number"], action["user_id"]) == ("相机", 20, 10, None)

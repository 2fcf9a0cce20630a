"""A firm small enough to work every figure of the salesperson and deal pages by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from dashboard import queryfile
from dashboard.snapshots import assembly
from tests.builders import insert_rows

AS_OF = dt.date(2026, 3, 31)
WINDOW: dict[str, Any] = {
    "as_of": AS_OF,
    "period_start": dt.date(2026, 1, 1),
    "period_end": dt.date(2026, 4, 1),
    "compare_start": dt.date(2025, 10, 1),
    "compare_end": dt.date(2026, 1, 1),
}

STAGES = [("需求", "open"), ("方案", "open"), ("报价", "open"), ("谈判", "open"), ("赢单", "won"), ("输单", "lost")]


def _deal(number: int, owner: str, account: str, stage: str, amount: int, created: str, **more: Any) -> dict[str, Any]:
    outcome = {"赢单": "won", "输单": "lost"}.get(stage, "open")
    return {
        "opportunity_id": f"d{number}",
        "name": f"商机{number}",
        "owner_id": owner,
        "account_id": account,
        "pipeline": "main",
        "stage": stage,
        "outcome": outcome,
        "amount": amount,
        "created_at": f"{created} 09:00:00",
        **more,
    }


def _touch(
    number: int, owner: str, deal: str, account: str, day: str, kind: str, outcome: str, **more: Any
) -> dict[str, Any]:
    return {
        "activity_id": f"x{number}",
        "owner_id": owner,
        "opportunity_id": deal,
        "account_id": account,
        "happened_at": f"{day} 10:00:00",
        "kind": kind,
        "direction": "out",
        "outcome": outcome,
        **more,
    }


def _move(deal: str, source: str | None, target: str, day: str, record: int, **more: Any) -> dict[str, Any]:
    return {
        "opportunity_id": deal,
        "from_stage": source,
        "to_stage": target,
        "changed_at": f"{day} 09:00:00",
        "source_record": record,
        **more,
    }


FIRM: dict[str, list[dict[str, Any]]] = {
    "users": [
        {"user_id": "ann", "name": "安", "role": "rep", "team": "North", "manager_id": "max"},
        {"user_id": "bo", "name": "柏", "role": "rep", "team": "North", "manager_id": "max"},
        {"user_id": "cy", "name": "岑", "role": "rep", "team": "South", "manager_id": "max"},
        {"user_id": "max", "name": "马", "role": "manager", "team": "North"},
        {"user_id": "old", "name": "欧", "role": "rep", "team": "North", "left_on": "2025-12-31"},
    ],
    "accounts": [
        {"account_id": "a1", "name": "一厂", "owner_id": "ann"},
        {"account_id": "a2", "name": "二厂", "owner_id": "ann"},
        {"account_id": "a3", "name": "三厂", "owner_id": "bo"},
        {"account_id": "a4", "name": "四厂", "owner_id": "ann"},
    ],
    "contacts": [
        {"contact_id": "c1", "account_id": "a1", "name": "周总", "title": "总经理", "buying_role": "decider"},
        {"contact_id": "c2", "account_id": "a1", "name": "吴工", "buying_role": "user"},
        {"contact_id": "c3", "account_id": "a2", "name": "郑姐"},
        {"contact_id": "c4", "account_id": "a2", "name": "王工"},
    ],
    "stages": [
        {"pipeline": "main", "stage": stage, "position": number, "outcome": outcome}
        for number, (stage, outcome) in enumerate(STAGES, 1)
    ],
    "opportunities": [
        # Claims the last stage with nothing done; its closing date has passed.
        _deal(1, "ann", "a4", "谈判", 1000, "2026-01-01", expected_close_on="2026-03-01", probability=0.9),
        # In order but for the one person it hangs on.
        _deal(
            2, "ann", "a1", "方案", 500, "2026-03-01",
            expected_close_on="2026-05-01", next_step="发方案", next_step_on="2026-04-05", probability=0.5,
        ),
        _deal(
            3, "ann", "a2", "赢单", 2000, "2025-12-01", closed_at="2026-02-10 12:00:00",
            expected_close_on="2026-02-15",
        ),
        _deal(4, "ann", "a4", "输单", 300, "2025-11-01", closed_at="2026-01-15 12:00:00"),
        _deal(5, "bo", "a3", "需求", 400, "2026-03-20", next_step_on="2026-04-02"),
        _deal(6, "bo", "a3", "赢单", 700, "2025-10-01", closed_at="2025-12-10 12:00:00"),
        _deal(7, "bo", "a3", "赢单", 900, "2026-01-04", closed_at="2026-03-05 12:00:00"),
        _deal(8, "cy", "a3", "输单", 100, "2025-12-20", closed_at="2026-02-01 12:00:00"),
    ],
    "stage_changes": [
        _move("d3", None, "需求", "2025-12-01", 1),
        _move("d3", "需求", "方案", "2025-12-12", 2),
        _move("d3", "方案", "报价", "2026-01-15", 3),
        _move("d3", "报价", "方案", "2026-01-18", 4),
        _move("d3", "方案", "谈判", "2026-01-25", 5),
        _move("d3", "谈判", "赢单", "2026-02-10", 6),
    ],
    "close_date_changes": [
        {"opportunity_id": "d3", "changed_at": "2026-01-02 09:00:00", "from_on": "2026-01-20", "to_on": "2026-02-20"},
        {"opportunity_id": "d3", "changed_at": "2026-02-01 09:00:00", "from_on": "2026-02-20", "to_on": "2026-02-15"},
    ],
    "activities": [
        _touch(1, "ann", "d3", "a2", "2025-12-01", "call", "reached", contact_id="c3"),
        _touch(2, "ann", "d3", "a2", "2025-12-11", "call", "reached", contact_id="c3"),
        _touch(3, "ann", "d3", "a2", "2025-12-21", "meeting", "positive", contact_id="c4"),
        _touch(4, "ann", "d3", "a2", "2026-01-10", "quote", "positive", contact_id="c3", note="价格还要降三个点"),
        _touch(5, "ann", "d1", "a4", "2026-02-15", "call", "no_answer"),
        _touch(6, "ann", "d2", "a1", "2026-03-21", "meeting", "positive", contact_id="c1", minutes=60),
        _touch(7, "bo", "d5", "a3", "2026-03-30", "call", "reached", minutes=5),
    ],
    "tasks": [
        {"task_id": "t1", "owner_id": "ann", "opportunity_id": "d2", "account_id": "a1", "subject": "寄样品",
         "created_at": "2026-03-02 09:00:00", "due_on": "2026-03-25", "status": "open"},
    ],
    "approvals": [
        {"approval_id": "p1", "kind": "discount", "opportunity_id": "d2", "requested_by_id": "ann",
         "requested_at": "2026-03-28 09:00:00", "decision": "pending"},
    ],
    "products": [{"product_id": "g1", "name": "泵", "family": "泵", "list_price": 1250}],
    "line_items": [
        {"line_id": "l1", "opportunity_id": "d3", "product_id": "g1", "quantity": 2, "unit_price": 1000,
         "discount": 0.2, "unit_cost": 700},
    ],
    "orders": [
        {"order_id": "o1", "opportunity_id": "d3", "account_id": "a2", "owner_id": "ann", "amount": 2000,
         "status": "active", "ordered_on": "2026-02-11"},
    ],
    "invoices": [
        {"invoice_id": "i1", "order_id": "o1", "account_id": "a2", "owner_id": "ann", "amount": 800,
         "due_on": "2026-02-28"},
        {"invoice_id": "i2", "order_id": "o1", "account_id": "a2", "owner_id": "ann", "amount": 1200,
         "due_on": "2026-03-21"},
    ],
    "payments": [
        {"payment_id": "q1", "order_id": "o1", "account_id": "a2", "owner_id": "ann", "amount": 900,
         "paid_on": "2026-02-20"},
    ],
    "targets": [
        *({"owner_id": "ann", "month": f"2026-{month:02}-01", "measure": "revenue", "value": 1000}
          for month in (1, 2, 3, 4)),
        {"owner_id": "ann", "month": "2026-03-01", "measure": "activities", "value": 10},
        {"owner_id": "ann", "month": "2026-02-01", "measure": "new_customers", "value": 2},
        {"owner_id": "ann", "month": "2026-02-01", "measure": "collected", "value": 1000},
        {"owner_id": "ann", "month": "2026-02-01", "measure": "margin", "value": 800},
    ],
}  # fmt: skip


def build(con: duckdb.DuckDBPyConnection, tables: dict[str, list[dict[str, Any]]], as_of: dt.date = AS_OF) -> None:
    """Fill the connection's default database with these rows, derived and summarised."""
    assembly.create_tables(con)
    insert_rows(con, tables)
    assembly.derive(con, as_of)
    assembly.build_marts(con, as_of)


def ask(con: duckdb.DuckDBPyConnection, name: str, **params: Any) -> list[dict[str, Any]]:
    """Rows of one figure, with the columns and types that its header promises."""
    query = queryfile.load(name)
    given = {**WINDOW, **params}
    result = con.execute(query.sql, {key: given[key] for key in query.parameters})
    promised = {key: column.type.replace(" ", "") for key, column in query.columns.items()}
    assert {d[0]: str(d[1]).lower() for d in result.description or ()} == promised, name
    assert [d[0] for d in result.description or ()] == list(promised), name
    return [dict(zip(promised, row, strict=True)) for row in result.fetchall()]

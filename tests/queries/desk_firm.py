"""Small firms for the desk's figures, whose right answers fit in a comment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from dashboard import queryfile
from dashboard.snapshots import assembly
from tests.builders import insert_rows

AS_OF = dt.date(2026, 5, 15)
WINDOW = {
    "as_of": AS_OF,
    "period_start": dt.date(2026, 4, 1),
    "period_end": dt.date(2026, 7, 1),
    "compare_start": dt.date(2026, 1, 1),
    "compare_end": dt.date(2026, 2, 16),  # as the engine gives it: the first quarter up to 15 February
}
STAGES = [
    {"pipeline": "main", "stage": name, "position": i, "outcome": outcome}
    for i, (name, outcome) in enumerate(
        [("沟通", "open"), ("需求", "open"), ("报价", "open"), ("谈判", "open"), ("赢单", "won"), ("输单", "lost")], 1
    )
]


def at(day: str) -> dt.datetime:
    """Noon of a day."""
    return dt.datetime.fromisoformat(f"{day}T12:00")


def deal(
    key: str, amount: float | None, created: str, closed: str = "", stage: str = "沟通", **more: Any
) -> dict[str, Any]:
    """A deal of r1 with a1; closed as the first letter of its id says: W won, L lost."""
    outcome = {"W": "won", "L": "lost"}.get(key[0], "open")
    return {
        "opportunity_id": key,
        "name": f"商机{key}",
        "owner_id": "r1",
        "account_id": "a1",
        "pipeline": "main",
        "stage": {"won": "赢单", "lost": "输单"}.get(outcome, stage),
        "outcome": outcome,
        "amount": amount,
        "created_at": at(created),
        "closed_at": at(closed) if closed else None,
        **more,
    }


def people() -> dict[str, list[dict[str, Any]]]:
    """Two salespeople and three customers."""
    return {
        "users": [
            {"user_id": "r1", "name": "甲", "team": "北"},
            {"user_id": "r2", "name": "乙", "team": "北"},
        ],
        "accounts": [{"account_id": f"a{i}", "name": f"客户{i}", "owner_id": "r1"} for i in (1, 2, 3)],
        "stages": STAGES,
    }


def built(
    tables: dict[str, list[dict[str, Any]]], previous: list[dict[str, Any]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that holds the snapshot's tables, and those of the previous one under previous_ names."""
    con = duckdb.connect(":memory:")
    con.execute("set threads = 1")
    assembly.create_tables(con)
    con.execute("create table previous_opportunities as from opportunities")
    if previous:
        insert_rows(con, people() | {"opportunities": previous})
        con.execute("insert into previous_opportunities from opportunities")
        for table in ("opportunities", "users", "accounts", "stages"):
            con.execute(f"delete from {table}")
    insert_rows(con, tables)
    assembly.derive(con, AS_OF)
    assembly.build_marts(con, AS_OF)
    return con


def rows(con: duckdb.DuckDBPyConnection, name: str, **own: Any) -> list[dict[str, Any]]:
    """The answer of a query file over such a snapshot."""
    query = queryfile.load(name)
    values = {p: own[p] if p in own else WINDOW[p] for p in query.parameters}
    answer = con.sql(query.sql, params=values)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def row(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """The one row of an answer."""
    (only,) = rows(con, name)
    return only

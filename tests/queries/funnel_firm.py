"""A firm small enough to work its funnel out by hand, and the queries asked of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import duckdb

from dashboard import queryfile
from dashboard.snapshots import assembly
from tests.builders import Row, insert_rows

AS_OF = dt.date(2026, 6, 30)
STAGES = ["确认", "需求", "报价", "谈判"]
WINDOW = {
    "period_start": dt.date(2026, 1, 1),
    "period_end": dt.date(2026, 4, 1),
    "compare_start": dt.date(2025, 10, 1),
    "compare_end": dt.date(2026, 1, 1),
    "as_of": AS_OF,
    "pipeline": "标准",
}


def deal(number: int, created: str, path: str, amount: int, **more: Any) -> dict[str, Any]:
    """A deal and the way it took: '1 2 3 W' moves every ten days, ending open, (W)on or (L)ost."""
    steps = path.split()
    start = dt.datetime.fromisoformat(created)
    names = {"W": "赢单", "L": "输单", **{str(i): name for i, name in enumerate(STAGES, 1)}}
    outcome = {"W": "won", "L": "lost"}.get(steps[-1], "open")
    moves = [(names[a], names[b], start + dt.timedelta(days=10 * i)) for i, (a, b) in enumerate(pairwise(steps), 1)]
    return {
        "deal": {
            "opportunity_id": f"d{number}",
            "name": f"商机{number}",
            "pipeline": "标准",
            "stage": names[steps[-1]],
            "outcome": outcome,
            "amount": amount,
            "created_at": start,
            "closed_at": moves[-1][2] if outcome != "open" and moves else None,
            "owner_id": "u1",
            **more,
        },
        "moves": [
            {"opportunity_id": f"d{number}", "from_stage": a, "to_stage": b, "changed_at": at, "source_record": i}
            for i, (a, b, at) in enumerate(moves)
        ],
    }


def firm_of(
    con: duckdb.DuckDBPyConnection, deals: Sequence[Mapping[str, Any]], **tables: Sequence[Row]
) -> duckdb.DuckDBPyConnection:
    """The connection with a snapshot of these deals of two salespeople, derived and summarised."""
    assembly.create_tables(con)
    con.execute("insert into snapshot_facts values ('currency', 'CNY')")
    insert_rows(
        con,
        {
            "users": [
                {"user_id": "u1", "name": "安", "team": "华东"},
                {"user_id": "u2", "name": "白", "team": "华南"},
            ],
            "stages": [
                *(
                    {"pipeline": "标准", "stage": stage, "position": i, "outcome": "open"}
                    for i, stage in enumerate(STAGES, 1)
                ),
                {"pipeline": "标准", "stage": "赢单", "position": 5, "outcome": "won"},
                {"pipeline": "标准", "stage": "输单", "position": 6, "outcome": "lost"},
            ],
            "opportunities": [d["deal"] for d in deals],
            "stage_changes": [move for d in deals for move in d["moves"]],
            **tables,
        },
    )
    assembly.derive(con, AS_OF)
    assembly.build_marts(con, AS_OF)
    return con


def ask(con: duckdb.DuckDBPyConnection, name: str, **more: Any) -> list[dict[str, Any]]:
    query = queryfile.load(f"funnel/{name}")
    values = {**WINDOW, **more}
    rows = con.execute(query.sql, {key: values[key] for key in query.parameters})
    columns = [column[0] for column in rows.description or ()]
    assert columns == list(query.columns)
    return [dict(zip(columns, row, strict=True)) for row in rows.fetchall()]


# One stay each: days, how it ended.
STAYS = [(2, "forward"), (3, "lost"), (4, "open"), (5, "forward"), (7, "open")]


def with_stays(firm: duckdb.DuckDBPyConnection, stays: Sequence[tuple[float | None, str]]) -> duckdb.DuckDBPyConnection:
    """A cursor whose stage_entries are these stays in 报价."""
    con = firm.cursor()
    con.execute("create or replace temp table stage_entries as select * from memory.main.stage_entries limit 0")
    con.executemany(
        "insert into temp.stage_entries (opportunity_key, pipeline, position, stage, days, exit, is_skipped, "
        "created_on) values (?, '标准', 3, '报价', ?, ?, false, date '2026-02-01')",
        [[i, days, exit] for i, (days, exit) in enumerate(stays)],
    )
    return con

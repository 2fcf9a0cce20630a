"""Small snapshots for tests: rows as dicts in, a published snapshot out.

    build_snapshot(home, {
        "users": [{"user_id": "u1", "name": "Ann", "team": "North"}],
        "accounts": [{"account_id": "a1", "owner_id": "u1"}],
        "opportunities": [{"opportunity_id": "d1", "owner_id": "u1", "account_id": "a1", "amount": 100}],
    }, as_of="2026-03-31")

Columns left out are null. Join keys are numbered in the order of the rows; a reference is given as the text id of the
row it means (`owner_id`, `manager_id`, `account_id`, …) and must exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dashboard.snapshots import assembly
from dashboard.snapshots.store import Snapshot, Store

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

#: Table that a reference column points to, by the column's stem; `owner_key` and `owner_id` have the stem `owner`.
TARGETS = {
    "user": "users",
    "owner": "users",
    "manager": "users",
    "requested_by": "users",
    "decided_by": "users",
    "changed_by": "users",
    "assigned_by": "users",
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "order": "orders",
    "invoice": "invoices",
    "product": "products",
}

#: Stem of a table's own key and natural id, where it is not simply the singular of its name.
STEMS = {
    "opportunities": "opportunity",
    "activities": "activity",
    "line_items": "line",
    **{name: name.removesuffix("s") for name in ("users", "accounts", "contacts", "leads", "products", "orders")},
    **{name: name.removesuffix("s") for name in ("invoices", "payments", "tasks", "cases", "expenses", "approvals")},
}


def build_snapshot(
    home: Path, tables: Tables, as_of: dt.date | str, series: str = "main", currency: str = "CNY", label: str = ""
) -> Snapshot:
    """Build, derive, summarise and publish a snapshot of these rows; it becomes the current one of its series."""
    day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    store = Store(home)
    path = store.new_job() / "snapshot.duckdb"
    with duckdb.connect(":memory:") as con:
        con.execute(f"attach '{path}' as snapshot (storage_version 'v1.0.0')")
        con.execute("use snapshot")
        assembly.create_tables(con)
        insert_rows(con, tables)
        facts = {"as_of": day, "schema_version": assembly.SCHEMA_VERSION, "currency": currency, "series": series}
        con.executemany("insert into snapshot_facts values (?, ?)", [[k, str(v)] for k, v in facts.items()])
        assembly.derive(con, day)
        assembly.build_marts(con, day)
        names = [name for (name,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        n_rows = {name: con.execute(f"select count(*) from {name}").fetchall()[0][0] for name in names}
        con.execute("checkpoint snapshot")
        con.execute("use memory")
        con.execute("detach snapshot")
    described = {"as_of": day, "schema_version": assembly.SCHEMA_VERSION, "series": series, "label": label}
    return store.publish(path, {**described, "n_rows": n_rows, "profile": "test"})


def insert_rows(con: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Number the rows, resolve their references and insert them into the connection's canonical tables."""
    keys = {
        name: {row[f"{stem}_id"]: number for number, row in enumerate(tables.get(name, ()), 1) if f"{stem}_id" in row}
        for name, stem in STEMS.items()
    }
    for name, rows in tables.items():
        for number, row in enumerate(rows, 1):
            resolved = _resolve(name, number, row, keys)
            columns, marks = ", ".join(resolved), ", ".join("?" * len(resolved))
            con.execute(f"insert into {name} ({columns}) values ({marks})", list(resolved.values()))


def _resolve(table: str, number: int, row: Row, keys: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    stem = STEMS.get(table)
    resolved: dict[str, Any] = {f"{stem}_key": number, f"{stem}_id": f"{stem}-{number}"} if stem else {}
    for column, value in row.items():
        referred = column.removesuffix("_id")
        if not column.endswith("_id") or referred == stem or referred not in TARGETS:
            resolved[column] = value
        elif value is not None:
            resolved[f"{referred}_key"] = keys[TARGETS[referred]][value]
    return resolved

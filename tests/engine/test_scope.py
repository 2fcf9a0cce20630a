"""No query returns another owner's row: every file in queries/ is run as each role, over rows that name their owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest

from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters
from dashboard.engine import scope as scope_rules
from dashboard.engine.lens import STANDARD, Lens
from dashboard.engine.scope import Kinds, declared, mart_sql, table_of
from dashboard.queryfile import load, page_queries, tables_of
from dashboard.snapshots import assembly
from dashboard.snapshots.store import Snapshot, Store
from tests.engine.firm import PEOPLE, canary

#: Whose marks each viewer may meet. The name of one's own manager is not a secret.
VIEWERS = {
    "boss": (BOSS, {*PEOPLE, "nobody", "file"}),
    "manager": (Viewer("mia", "manager"), {"mia", "ann", "ben", "max"}),
    "rep": (Viewer("ann", "rep"), {"ann", "mia"}),
    "stranger": (Viewer("nobody-knows", "rep"), set()),
}
SECRETS = {*PEOPLE, "nobody", "file"}

#: Values tried for the queries' own parameters; everything else by type.
TRIED: dict[str, list[Any]] = {
    "user_id": ["ann", "ben", "mia"],
    "opportunity_id": ["ann-open", "ann-won", "ben-open", "zoe-open", "orphan"],
    "pipeline": ["new", "renewal"],
    "position": [1, 2],
    "dimension": ["owner", "rep", "team", "source", "region", "size_band", "product_family", "customer"],
    "detail": ["deal", "owner", "total"],
    "which": ["since", "often"],
    "reach": ["all", "period"],
}
BY_TYPE: dict[str, list[Any]] = {
    "varchar": [""],
    "integer": [1],
    "bigint": [1],
    "double": [1.0],
    "boolean": [True],
    "date": [dt.date(2026, 3, 31)],
}


def calls(name: str) -> list[dict[str, Any]]:
    """Parameters to try a query with: each own parameter in turn takes all its values, the others their first."""
    own = {
        parameter: TRIED.get(parameter) or BY_TYPE[column.type.partition("(")[0]]
        for parameter, column in load(name).parameters.items()
        if parameter not in STANDARD
    }
    first = {parameter: values[0] for parameter, values in own.items()}
    tried = [first | {parameter: value} for parameter, values in own.items() for value in values]
    return tried or [{}]


def marks(lens: Lens, name: str, n_calls: int | None = None) -> set[str]:
    """Whose canaries stand anywhere in the answers to a query."""
    found = set()
    for parameters in calls(name)[:n_calls]:
        text = repr(lens.rows(name, **parameters))
        found |= {person for person in SECRETS if canary(person) in text}
    return found


@pytest.mark.parametrize("name", page_queries())
def test_no_foreign_row(engine: Engine, march: Snapshot, name: str) -> None:
    for role, (viewer, allowed) in VIEWERS.items():
        assert marks(engine.lens(march.id, viewer), name) <= allowed, role


@pytest.mark.parametrize("name", page_queries())
def test_no_foreign_row_under_filters(engine: Engine, march: Snapshot, name: str) -> None:
    filters = Filters(pipeline=("new",), family=("Pumps",), region=("north-land", "south-land"), tier=("A", "B", "C"))
    for viewer, allowed in VIEWERS.values():
        assert marks(engine.lens(march.id, viewer, filters), name, 1) <= allowed
    north = Filters(team=("north",))
    assert marks(engine.lens(march.id, BOSS, north), name, 1) <= {"mia", "ann", "ben", "max"} | {"file"}


@pytest.mark.parametrize("name", page_queries())
def test_the_answer_has_the_columns_of_the_header(engine: Engine, march: Snapshot, name: str) -> None:
    lens = engine.lens(march.id, VIEWERS["stranger"][0])
    assert lens.ask(name, **calls(name)[0]).column_names == list(load(name).columns)


@pytest.mark.parametrize("previous", ["", "previous_"])
@pytest.mark.parametrize("table", sorted(declared()))
def test_every_table_is_cut(engine: Engine, march: Snapshot, table: str, previous: str) -> None:
    for role, (viewer, allowed) in VIEWERS.items():
        lens = engine.lens(march.id, viewer)
        text = repr(whole(lens, previous + table).to_pylist())
        assert {person for person in SECRETS if canary(person) in text} <= allowed, role


def test_what_a_viewer_may_see_is_there(engine: Engine, march: Snapshot) -> None:
    seen = {
        role: {
            table: whole(engine.lens(march.id, viewer), table).num_rows
            for table in (
                "users",
                "accounts",
                "contacts",
                "opportunities",
                "activities",
                "line_items",
                "deal_facts",
                "targets",
            )
        }
        for role, (viewer, _) in VIEWERS.items()
    }
    # manager: his manager's name beside the three; four goals = three people and their whole team
    assert seen == {
        "boss": dict(
            users=5, accounts=6, contacts=5, opportunities=16, activities=10, line_items=5, deal_facts=16, targets=7
        ),
        "manager": dict(
            users=4, accounts=3, contacts=3, opportunities=9, activities=6, line_items=3, deal_facts=9, targets=4
        ),
        "rep": dict(
            users=2, accounts=1, contacts=1, opportunities=3, activities=2, line_items=1, deal_facts=3, targets=1
        ),
        "stranger": dict.fromkeys(seen["rep"], 0),
    }


def test_of_the_own_manager_only_the_name_is_shown(engine: Engine, march: Snapshot) -> None:
    rows = whole(engine.lens(march.id, Viewer("ann", "rep")), "users").to_pylist()
    manager = next(row for row in rows if row["user_id"] == "mia")
    assert {name: value for name, value in manager.items() if value is not None} == {
        "user_key": 2,
        "user_id": "mia",
        "name": canary("mia"),
        "role": "manager",
    }


def test_every_mart_and_table_is_declared_with_columns_that_it_has(home: Any) -> None:
    store = Store(home)
    with duckdb.connect(str(store.data_path(store.list()[0].id)), read_only=True) as con:
        rows = con.execute("select table_name, column_name from duckdb_columns() where not internal").fetchall()
    columns: dict[str, set[str]] = {}
    for table, column in rows:
        columns.setdefault(table, set()).add(column)
    assert [t for t in (*assembly.schema_tables(), *assembly.marts()) if table_of(t) is None] == []
    for name, table in declared().items():
        used = {table.owner, table.account, table.deal, table.order, table.product, table.region, table.team} - {""}
        assert used <= columns[name], name
        is_cut = bool(used - {table.product}) or table.open or table.boss or bool(mart_sql(name))
        assert is_cut, f"{name} says nothing about whose its rows are"
        if mart_sql(name):
            assert all(table_of(read) is not None or read not in columns for read in tables_of(mart_sql(name))), name


def test_a_table_that_is_not_declared_is_not_there(engine: Engine, march: Snapshot) -> None:
    assert scope_rules.plan(frozenset({"duckdb_tables", "main.users", "sqlite_master"}), Kinds()).statements == ()


def whole(lens: Lens, table: str) -> Any:
    """All rows of one view, as a query would read them."""
    sql = f"select * from {table}"
    return lens._answer("test", sql, tables_of(sql), {})

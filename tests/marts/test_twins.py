"""Every mart against its twin: the same question asked of the canonical tables in another way."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dashboard.places import QUERIES
from dashboard.snapshots import assembly
from tests.marts.invented import invented_firm

TWINS = Path(__file__).parent / "twins"
AS_OF = dt.date(2026, 3, 31)


@pytest.fixture(scope="module", params=[1, 2])
def firm(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """An invented firm of a few thousand rows with every kind of dirt a CRM delivers."""
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 2")
        assembly.create_tables(con)
        for table, rows in invented_firm(random.Random(request.param), AS_OF).items():
            fill(con, table, rows)
        assembly.derive(con, AS_OF)
        assembly.build_marts(con, AS_OF)
        yield con


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows that already carry their keys."""
    con.register("invented", pa.Table.from_pylist(rows))
    con.execute(f"insert into {table} by name select * from invented")
    con.unregister("invented")


@pytest.mark.parametrize("name", sorted(path.stem for path in TWINS.glob("*.sql")))
def test_mart_equals_its_twin(name: str, firm: duckdb.DuckDBPyConnection) -> None:
    twin = (TWINS / f"{name}.sql").read_text(encoding="utf-8")
    described = firm.execute(f"describe {name}").fetchall()
    # Great sums differ in their last digits with the order of adding.
    rounded = "if(abs({0}) < 1e4, round({0}, 9), cast(cast({0} as float) as double)) as {0}"
    shown = ", ".join(rounded.format(c) if kind == "DOUBLE" else c for c, kind, *_ in described)
    firm.execute(f"create or replace temp table twin as {twin}", {"as_of": AS_OF} if "$as_of" in twin else {})
    assert [row[:2] for row in firm.execute("describe twin").fetchall()] == [row[:2] for row in described]
    for mine, other in ((name, "twin"), ("twin", name)):
        rows = firm.execute(f"select {shown} from {mine} except all select {shown} from {other} limit 3").fetchall()
        assert rows == [], f"only in {mine}"
    assert firm.execute(f"select count(*) from {name}").fetchall()[0][0] > 0


def test_the_odds_of_a_deal_are_those_of_its_stage(firm: duckdb.DuckDBPyConnection) -> None:
    assert firm.execute(
        """
        select count(*) from deal_facts as d
        join firm_stage_odds as o on o.pipeline = d.pipeline and o.position = d.reached_position
        where d.outcome = 'open' and abs(d.win_odds - o.odds) > 1e-12
        """
    ).fetchall() == [(0,)]


def test_every_mart_of_this_room_has_a_twin_or_reads_only_marts() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (QUERIES / "marts").glob("*.sql")}
    named = {"deal_facts", "stage_entries", "rep_days", "invoice_facts", "account_facts", "product_facts"}
    named |= {"deal_evidence", "deal_milestones", "firm_stage_odds", "firm_close_odds", "firm_funnel"}
    named |= {"rep_looks", "rep_summary"}
    assert named <= texts.keys()
    assert named == {path.stem for path in TWINS.glob("*.sql")}

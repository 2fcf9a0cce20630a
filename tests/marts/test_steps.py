"""A mart made in steps holds what its one SELECT says."""

from __future__ import annotations

import datetime as dt
import random

import duckdb

from dashboard.places import QUERIES
from dashboard.queryfile import bound
from dashboard.snapshots import assembly
from tests.marts.invented import invented_firm
from tests.marts.test_twins import fill

AS_OF = dt.date(2026, 3, 31)

TEXT = """
-- What: how many calls each deal of a large customer had.
with large as (
    select key from customers
),
calls as ( -- made first
    select deal, count(*) as n
    from activities
    group by deal
),
deals as ( -- made first
    select d.deal from deals_of_all as d semi join large using (key)
)
select deal, n from deals left join calls using (deal)
"""


def test_a_part_made_first_leaves_the_select_and_stands_on_those_before_it() -> None:
    first, last = assembly.in_steps(TEXT)
    assert list(first) == ["calls", "deals"]
    assert "calls as (" in first["calls"] and first["calls"].endswith(")\nselect * from calls")
    assert "large as (" in first["deals"] and "calls as (" not in first["deals"]
    assert last.endswith("select key from customers\n)\nselect deal, n from deals left join calls using (deal)")


def test_a_select_without_such_parts_stays_whole() -> None:
    assert assembly.in_steps("select 1;\n") == ({}, "select 1")


def test_marts_made_in_steps_hold_what_their_select_says() -> None:
    stepped = []
    with duckdb.connect(":memory:") as con:
        assembly.create_tables(con)
        for table, rows in invented_firm(random.Random(3), AS_OF).items():
            fill(con, table, rows)
        assembly.derive(con, AS_OF)
        assembly.build_marts(con, AS_OF)
        for name in assembly.marts():
            whole = (QUERIES / "marts" / f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")
            if not assembly.in_steps(whole)[0]:
                continue
            stepped.append(name)
            con.execute(f"create temp table whole as\n{whole}", bound(whole, {"as_of": AS_OF}))
            # Sums of doubles differ in their last digit with the order of adding.
            described = con.execute(f"describe {name}").fetchall()
            columns = ", ".join(f"cast({c[0]} as real)" if c[1] == "DOUBLE" else c[0] for c in described)
            for one, other in ((name, "whole"), ("whole", name)):
                rest = f"select {columns} from {one} except all select {columns} from {other} limit 3"
                assert con.execute(rest).fetchall() == []
            con.execute("drop table whole")
        left = con.execute("select table_name from duckdb_tables() where temporary").fetchall()
    assert stepped
    assert not {name for (name,) in left} & {"touches", "moves", "pushes"}

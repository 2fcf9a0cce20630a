"""Every page query stays inside the portable subset and delivers the columns that its header promises."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import duckdb
import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

from dashboard import queryfile
from dashboard.engine import scope
from dashboard.snapshots import assembly
from tests.queries.portability import faults

QUERIES = queryfile.page_queries()
DAY = dt.date(2026, 3, 31)
VALUES = {"date": DAY, "varchar": "x", "integer": 1, "bigint": 1, "double": 0.5, "boolean": True}


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    """A snapshot without a row, and as empty a previous one."""
    with duckdb.connect(":memory:") as con:
        assembly.create_tables(con)
        assembly.derive(con, DAY)
        assembly.build_marts(con, DAY)
        for (name,) in con.execute("select table_name from duckdb_tables() where not temporary").fetchall():
            con.execute(f"create table previous_{name} as from {name}")
        con.execute("create view whole_opportunities as from opportunities")
        con.execute("create view whole_previous_opportunities as from previous_opportunities")
        con.execute(f"create view deal_pairs as {scope.view_sql('deal_pairs')}")
        yield con


@pytest.mark.parametrize("name", QUERIES)
def test_stays_in_the_subset(name: str) -> None:
    sql = queryfile.load(name).sql
    assert [f"{name}.sql:{line}: {what}" for line, what in faults(sql)] == []


@pytest.mark.parametrize("name", QUERIES)
def test_translates_to_spark(name: str) -> None:
    assert sqlglot.transpile(queryfile.load(name).sql, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE)


@pytest.mark.parametrize("name", QUERIES)
def test_uses_the_parameters_it_declares(name: str) -> None:
    query = queryfile.load(name)
    used = set(re.findall(r"\$([a-z_]+)", re.sub(r"--[^\n]*", "", query.sql)))
    assert used == set(query.parameters)


@pytest.mark.parametrize("name", QUERIES)
def test_delivers_the_columns_it_declares(name: str, empty: duckdb.DuckDBPyConnection) -> None:
    query = queryfile.load(name)
    result = empty.sql(query.sql, params={n: VALUES[p.type] for n, p in query.parameters.items()})
    found = {column: str(kind).lower() for column, kind in zip(result.columns, result.types, strict=True)}
    assert found == {column: declared.type.replace(", ", ",") for column, declared in query.columns.items()}
    assert list(found) == list(query.columns)


@pytest.mark.parametrize("name", QUERIES)
def test_many_rows_come_in_order(name: str) -> None:
    query = queryfile.load(name)
    if not query.row.startswith("exactly one row"):
        assert sqlglot.parse_one(query.sql, read="duckdb").args.get("order"), "rows in no order"


@pytest.mark.parametrize(
    "sql",
    [
        "select a / b as r from t",
        "select count(*) / nullif(count(b), 0) as r from t",
        "select median(a) as m from t",
        "select a from t where b < current_date",
        "select a from t where b < now()",
        "select random() as r",
        "select a, sum(b) as b from t group by all",
        "select * replace (1 as a) from t",
        "select * exclude (a) from t",
        "select a from t asof join u on t.a >= u.a",
        "select a from t positional join u",
        "pivot t on a using sum(b)",
        "select cast(a / nullif(b, 0) as integer) as c from t",
        "select len(a) as n from t",
        "select list(a order by a desc) as l from t",
        "select list(a) as l from t",
        "select regexp_extract(a, 'x(y)') as r from t",
        "select regexp_replace(a, 'x', 'y') as r from t",
        "select a from t limit 5",
        "select a from t order by 1",
        "select a from t order by b",
        "select a + 1 as c from t where c > 2",
        "select row_number() over (partition by a) as n from t",
        "select dayofweek(a) as d from t",
        "select *, row_number() over (order by a) as n from t qualify n = 1",
        "select cast(unnest(a) as date) as d from t",
        "select a from t union all by name select a from u",
        "select hash(a) as h from t",
        "select a // 2 as h from t",
        "select a from t; select b from t",
        "drop table t",
    ],
)
def test_refuses(sql: str) -> None:
    assert faults(sql)


def test_says_where() -> None:
    assert faults("select\n    a,\n    median(b) as m\nfrom t\norder by a")[0][0] == 3
    assert faults("select\n    a,\n    -- median(b)\n    'now()' as m,\n    c / b as r\nfrom t\norder by a")[0][0] == 5

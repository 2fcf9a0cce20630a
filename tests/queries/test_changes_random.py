"""Whatever happened to the deals between two snapshots: the waterfall closes to the cent, for everybody who looks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import queryfile
from dashboard.engine import scope
from dashboard.snapshots import assembly

START, END = dt.date(2026, 4, 1), dt.date(2026, 7, 1)
THEN = dt.date(2026, 4, 15)
PEOPLE = [1, 2, 3, 4]
TEAMS = [(1, 2), (3, 4), (1, 2, 3), (4,)]

days = st.sampled_from([dt.date(2026, 3, 31), START, THEN, dt.date(2026, 5, 1), dt.date(2026, 6, 30), END, None])
amounts = st.one_of(st.none(), st.decimals(-50, 10**9, places=2), st.sampled_from([Decimal(0), Decimal("0.01")]))
state = st.fixed_dictionaries(
    {
        "owner_key": st.sampled_from([*PEOPLE, None]),
        "outcome": st.sampled_from(["open", "open", "open", "won", "lost"]),
        "amount": amounts,
        "currency": st.sampled_from([None, "CNY", "USD"]),
        "expected_close_on": days,
        "closed_on": days,
    }
)
#: A deal then and now; None = not in that snapshot.
deals = st.lists(st.tuples(st.none() | state, st.none() | state), max_size=14)

COLUMNS = (
    "opportunity_key",
    "opportunity_id",
    "owner_key",
    "outcome",
    "amount",
    "currency",
    "expected_close_on",
    "closed_at",
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two snapshots cut to the owners in the table `seen`, as the engine lays views over them."""
    with duckdb.connect(":memory:") as made:
        made.execute("set threads = 1")
        assembly.create_tables(made)
        made.execute("create table previous_users as from users")
        made.execute("create table seen (owner_key integer)")
        made.execute("create table everybody (yes boolean)")
        for mark, shift in (("", 0), ("previous_", 10)):
            # People have other keys in the other snapshot.
            made.execute(
                f"insert into {mark}users (user_key, user_id) select i + {shift}, 'u' || i from range(1, 5) as t(i)"
            )
            made.execute(f"create table whole_{mark}opportunities as from opportunities")
        made.execute("drop table opportunities")
        for mark, shift in (("", 0), ("previous_", 10)):
            made.execute(
                f"create view {mark}opportunities as select * from whole_{mark}opportunities"
                f" where (select yes from everybody) or owner_key - {shift} in (select owner_key from seen)"
            )
        made.execute(f"create view deal_pairs as {scope.view_sql('deal_pairs')}")
        yield made


def fill(con: duckdb.DuckDBPyConnection, pairs: list[tuple[dict[str, Any] | None, dict[str, Any] | None]]) -> None:
    for side, mark, shift in ((0, "previous_", 10), (1, "", 0)):
        con.execute(f"delete from whole_{mark}opportunities")
        rows = []
        for number, pair in enumerate(pairs):
            one = pair[side]
            if one is not None:
                owner = None if one["owner_key"] is None else one["owner_key"] + shift
                closed = None if one["outcome"] == "open" else one["closed_on"]
                rest = [one[name] for name in ("outcome", "amount", "currency", "expected_close_on")]
                rows.append([number * 3 + side, f"d{number}", owner, *rest, closed])
        if rows:
            marks = ", ".join("?" * len(COLUMNS))
            con.executemany(f"insert into whole_{mark}opportunities ({', '.join(COLUMNS)}) values ({marks})", rows)


def ask(
    con: duckdb.DuckDBPyConnection, owners: tuple[int, ...] | None, reach: str, detail: str
) -> list[tuple[Any, ...]]:
    """(kind, whose, which deal, n, amount) of the waterfall as these owners' viewer gets it; None = everybody's."""
    con.execute("delete from everybody; delete from seen")
    con.execute("insert into everybody values (?)", [owners is None])
    con.execute("insert into seen select unnest(?)", [list(owners or ())])
    known = {"detail": detail, "kind": "", "reach": reach, "before_on": THEN, "currency": "CNY"}
    known |= {"period_start": START, "period_end": END}
    answer = con.sql(queryfile.load("changes/waterfall").sql, params=known)
    places = [answer.columns.index(name) for name in ("kind", "owner_id", "opportunity_id", "n", "amount")]
    return [tuple(row[place] for place in places) for row in answer.fetchall()]


def added(rows: list[tuple[Any, ...]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for kind, _, _, _, amount in rows:
        found[kind] += amount
    return found


def assert_closes(rows: list[tuple[Any, ...]]) -> None:
    found = added(rows)
    closing = found.pop("closing", Decimal(0))
    assert sum(found.values(), Decimal(0)) == closing


def standing(pairs: Any, side: int, owners: tuple[int, ...] | None, reach: str) -> Decimal:
    """The pipeline on one side, counted independently."""
    total = Decimal(0)
    for pair in pairs:
        one = pair[side]
        if one is None or one["outcome"] != "open" or (owners is not None and one["owner_key"] not in owners):
            continue
        due = one["expected_close_on"]
        if reach == "all" or (due is not None and START <= due < END):
            total += one["amount"] or 0
    return total


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=deals, reach=st.sampled_from(["all", "period"]))
def test_it_closes_for_everybody(con: duckdb.DuckDBPyConnection, pairs: Any, reach: str) -> None:
    fill(con, pairs)
    is_compared = any(then is not None for then, _ in pairs)
    whole = ask(con, None, reach, "total")
    if not is_compared:
        assert whole == []
        return
    for owners in (None, *TEAMS, *((one,) for one in PEOPLE)):
        rows = ask(con, owners, reach, "total")
        found = added(rows)
        assert_closes(rows)
        assert found["opening"] == standing(pairs, 0, owners, reach)
        assert found["closing"] == standing(pairs, 1, owners, reach)
    by_deal = ask(con, None, reach, "deal")
    assert added(by_deal) == added(whole)
    for deal in {row[2] for row in by_deal}:
        assert_closes([row for row in by_deal if row[2] == deal])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=deals, reach=st.sampled_from(["all", "period"]))
def test_each_salespersons_row_closes_and_all_rows_are_the_firms(
    con: duckdb.DuckDBPyConnection, pairs: Any, reach: str
) -> None:
    fill(con, pairs)
    whole, rows = added(ask(con, None, reach, "total")), ask(con, None, reach, "owner")
    for person in {row[1] for row in rows}:
        assert_closes([row for row in rows if row[1] == person])
    people = added(rows)
    assert people.pop("transferred_in", 0) + people.pop("transferred_out", 0) == 0
    assert people == whole


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=deals, reach=st.sampled_from(["all", "period"]))
def test_teams_that_share_all_deals_add_up_to_the_firm(con: duckdb.DuckDBPyConnection, pairs: Any, reach: str) -> None:
    owned = [
        tuple(None if one is None else {**one, "owner_key": one["owner_key"] or 1} for one in pair) for pair in pairs
    ]
    fill(con, owned)  # type: ignore[arg-type]
    whole, both = (
        added(ask(con, None, reach, "total")),
        added([row for team in TEAMS[:2] for row in ask(con, team, reach, "total")]),
    )
    assert both.pop("transferred_in", 0) + both.pop("transferred_out", 0) == 0
    assert both == whole

"""The engine: answers, filters, the snapshot before, caches, threads, deadlines and locked doors."""

from __future__ import annotations

import datetime as dt
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dashboard import queryfile
from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters, QueryError
from dashboard.engine.cache import AnswerCache
from dashboard.engine.lens import Lens
from dashboard.settings import Settings
from dashboard.snapshots.store import Snapshot, SnapshotError, Store
from tests.builders import build_snapshot
from tests.engine import firm
from tests.engine.firm import AMOUNTS

OPEN_AMOUNT = "select cast(sum(amount) as bigint) as amount from {table} where outcome = 'open'"


def ask(lens: Lens, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Rows of a statement of the test's own, as if it stood in a query file."""
    rows: list[dict[str, Any]] = lens._answer("test", sql, queryfile.tables_of(sql), parameters).to_pylist()
    return rows


def open_amount(lens: Lens, table: str = "opportunities") -> int | None:
    """Sum of the open deals' amounts as the lens sees them."""
    amount: int | None = ask(lens, OPEN_AMOUNT.format(table=table))[0]["amount"]
    return amount


def of(*people: str) -> int:
    return sum(AMOUNTS[person] for person in people)


# --- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), of(*AMOUNTS) + 700000),
        (Filters(team=("north",)), of("mia", "ann", "ben")),
        (Filters(team=("north", "south")), of("mia", "ann", "ben", "zoe")),
        (Filters(region=("south-land",)), of("zoe")),
        (Filters(pipeline=("renewal",)), of("ben")),
        (Filters(pipeline=("new",)), of("max", "mia", "ann", "zoe") + 700000),
        (Filters(pipeline=("new",), team=("north",), region=("north-land",)), of("mia", "ann")),
        (Filters(team=("elsewhere",)), None),
    ],
)
@pytest.mark.parametrize("table", ["opportunities", "deal_facts", "previous_opportunities", "previous_deal_facts"])
def test_filters_cut_deals(engine: Engine, march: Snapshot, table: str, filters: Filters, expected: int | None) -> None:
    assert open_amount(engine.lens(march.id, BOSS, filters), table) == expected


def test_a_family_leaves_the_deals_and_orders_with_a_line_of_it(engine: Engine, march: Snapshot) -> None:
    lens = engine.lens(march.id, BOSS, Filters(family=("Pumps",)))
    won = [{"id": "ann-won"}, {"id": "zoe-won"}]
    assert ask(lens, "select opportunity_id as id from opportunities order by id") == won
    assert ask(lens, "select cast(sum(amount) as bigint) as n from orders") == [{"n": of("ann", "zoe")}]
    assert ask(lens, "select cast(sum(amount) as bigint) as n from invoices") == [{"n": of("ann", "zoe")}]
    assert ask(lens, "select product_id from products") == [{"product_id": "p1"}]
    assert ask(lens, "select count(*) as n from line_items") == [{"n": 2}]
    assert ask(lens, "select count(*) as n from accounts") == [{"n": 6}]  # what a customer is does not hang on a deal


def test_a_tier_leaves_its_customers(engine: Engine, march: Snapshot) -> None:
    lens = engine.lens(march.id)
    rows = ask(
        lens, "select a.account_id, f.tier from accounts a inner join account_facts f on f.account_key = a.account_key"
    )
    tier = {row["account_id"]: row["tier"] for row in rows}["zoe"]
    within = engine.lens(march.id, BOSS, Filters(tier=(tier,)))
    expected = sorted(row["account_id"] for row in rows if row["tier"] == tier)
    assert [row["account_id"] for row in ask(within, "select account_id from accounts order by account_id")] == expected
    assert {row["name"] for row in ask(within, "select name from contacts")} == {firm.canary(a) for a in expected}


def test_a_mart_without_the_column_is_computed_anew(engine: Engine, march: Snapshot) -> None:
    touches = "select cast(coalesce(sum(n_touches), 0) as bigint) as n from rep_days"
    assert ask(engine.lens(march.id), touches) == [{"n": 10}]
    assert ask(engine.lens(march.id, BOSS, Filters(region=("south-land",))), touches) == [{"n": 2}]
    assert ask(engine.lens(march.id, BOSS, Filters(pipeline=("renewal",))), touches) == [{"n": 2}]
    assert ask(engine.lens(march.id, Viewer("mia", "manager"), Filters(pipeline=("new",))), touches) == [{"n": 4}]
    before = touches.replace("rep_days", "previous_rep_days")
    assert ask(engine.lens(march.id, BOSS, Filters(pipeline=("renewal",))), before) == [{"n": 0}]  # all came in March
    sold = "select cast(sum(revenue_365) as bigint) as n from product_facts"
    assert ask(engine.lens(march.id), sold) == [{"n": of(*AMOUNTS)}]
    assert ask(engine.lens(march.id, Viewer("ann", "rep")), sold) == [{"n": of("ann")}]


def test_a_whole_teams_goal_is_seen_by_those_who_see_the_whole_team(engine: Engine, march: Snapshot) -> None:
    teams = "select team from targets where owner_key is null order by team"
    assert ask(engine.lens(march.id), teams) == [{"team": "north"}, {"team": "south"}]
    assert ask(engine.lens(march.id, Viewer("mia", "manager")), teams) == [{"team": "north"}]
    assert ask(engine.lens(march.id, Viewer("ann", "rep")), teams) == []
    assert ask(engine.lens(march.id, BOSS, Filters(team=("south",))), teams) == [{"team": "south"}]


def test_options_are_those_of_the_viewer(engine: Engine, march: Snapshot) -> None:
    boss = engine.options(march.id)
    assert (boss.team, boss.family, boss.pipeline) == (
        ("board", "north", "south"),
        ("Pumps", "Valves"),
        ("new", "renewal"),
    )
    rep = engine.options(march.id, Viewer("ann", "rep"))
    assert (rep.team, rep.region, rep.pipeline) == (("north",), ("north-land",), ("new",))
    filtered = engine.lens(march.id, BOSS, Filters(team=("south",)))
    assert filtered.options == boss


# --- parameters and answers ----------------------------------------------------------------------------------------


def write_query(folder: Path, name: str, parameters: dict[str, str], sql: str) -> None:
    path = folder / f"{name}.sql"
    path.parent.mkdir(exist_ok=True)
    listed = "".join(f"--   {parameter} {type_}: x\n" for parameter, type_ in parameters.items())
    head = f"-- What: x\n-- Row: x\n-- Definition: x\n-- Parameters:\n{listed}-- Columns:\n--   x integer: x\n"
    path.write_text(head + sql, encoding="utf-8")


@pytest.fixture
def queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of query files of the test's own."""
    monkeypatch.setattr(queryfile, "QUERIES", tmp_path)
    queryfile.load.cache_clear()
    return tmp_path


def test_standard_parameters_are_filled_in_and_own_ones_typed(engine: Engine, march: Snapshot, queries: Path) -> None:
    window = ("as_of", "period_start", "period_end", "compare_start", "compare_end")
    columns = ", ".join(
        f"typeof(${name}) || ' ' || ${name} as {name}" for name in (*window, "n", "on_day", "share", "word")
    )
    own = {"n": "integer", "on_day": "date", "share": "double", "word": "varchar", "unused": "varchar"}
    write_query(queries, "desk/x", dict.fromkeys(window, "date") | own, f"select {columns}")
    lens = engine.lens(march.id, BOSS, Filters(fiscal_start=1))
    given = {"n": "7", "on_day": "2026-01-02", "share": 1, "word": 5, "unused": None}
    assert list(lens.row("desk/x", **given).values()) == [
        "DATE 2026-03-31",
        "DATE 2026-01-01",
        "DATE 2026-04-01",
        "DATE 2025-10-01",
        "DATE 2026-01-01",
        "INTEGER 7",
        "DATE 2026-01-02",
        "DOUBLE 1.0",
        "VARCHAR 5",
    ]
    assert lens.row("desk/x", **given, as_of=dt.date(2026, 3, 1))["as_of"] == "DATE 2026-03-01"


def test_the_fiscal_year_comes_from_the_settings(home: Path, march: Snapshot) -> None:
    settings = Settings(home)
    settings.set("fiscal_year_start_month", 2)
    try:
        assert Engine(Store(home)).lens(march.id).window[:2] == (dt.date(2026, 2, 1), dt.date(2026, 5, 1))
    finally:
        settings.set("fiscal_year_start_month", None)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "missing_parameter"),
        ({"n": 1, "m": 2}, "unknown_parameter"),
        ({"n": "x"}, "bad_parameter"),
        ({"n": []}, "bad_parameter"),
    ],
)
def test_wrong_parameters(
    engine: Engine, march: Snapshot, queries: Path, parameters: dict[str, Any], code: str
) -> None:
    write_query(queries, "desk/x", {"n": "integer"}, "select $n as x")
    with pytest.raises(QueryError) as caught:
        engine.lens(march.id).ask("desk/x", **parameters)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["desk/nope", "nope", "../settings/settings", "schema/users/x", ""])
def test_unknown_queries(engine: Engine, march: Snapshot, name: str) -> None:
    with pytest.raises(QueryError, match="unknown_query"):
        engine.lens(march.id).ask(name)
    with pytest.raises(QueryError, match="unknown_query"):
        engine.lens(march.id).history(name)


def test_answers_keep_types_and_headings(engine: Engine, march: Snapshot, queries: Path) -> None:
    write_query(
        queries, "desk/x", {}, "select amount, cast(created_at as date) as on_day from opportunities where false"
    )
    lens = engine.lens(march.id)
    assert lens.ask("desk/x").schema == pa.schema([("amount", pa.decimal128(18, 2)), ("on_day", pa.date32())])
    assert (lens.rows("desk/x"), lens.row("desk/x")) == ([], {})
    write_query(queries, "desk/y", {}, "select amount from opportunities where opportunity_id = 'ann-open'")
    assert lens.row("desk/y") == {"amount": Decimal("300.00")}


def test_an_error_tells_neither_sql_nor_data(engine: Engine, march: Snapshot, queries: Path) -> None:
    write_query(queries, "desk/x", {}, "select cast(name as integer) as x from accounts")
    write_query(queries, "desk/y", {}, "select * from no_such_table")
    for name, code in (("desk/x", "failed"), ("desk/y", "missing_table")):
        with pytest.raises(QueryError) as caught:
            engine.lens(march.id).ask(name)
        assert caught.value.code == code
        assert "canary" not in repr(caught.value) + str(caught.value)
        assert "select" not in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert open_amount(engine.lens(march.id)) == of(*AMOUNTS) + 700000  # the next one is not affected


def test_a_slow_query_is_stopped_and_others_go_on(home: Path, march: Snapshot) -> None:
    engine = Engine(Store(home), deadline=0.2)
    lens = engine.lens(march.id)
    with pytest.raises(QueryError, match="too_slow"):
        ask(lens, "select count(*) from range(100000000) a, range(1000000) b where a.range * b.range % 7 = 3")
    assert open_amount(lens) == of(*AMOUNTS) + 700000
    engine.close()


def test_memory_is_bounded(home: Path, march: Snapshot) -> None:
    engine = Engine(Store(home), memory="50MB")
    with pytest.raises(QueryError, match="out_of_memory"):
        ask(engine.lens(march.id), "select list(range || 'xxxxxxxxxxxxxxxx') from range(20000000)")
    engine.close()


def test_facts_about_the_snapshot(engine: Engine, march: Snapshot) -> None:
    lens = engine.lens(march.id, Viewer("ann", "rep"))
    assert (lens.as_of, lens.currency) == (dt.date(2026, 3, 31), "CNY")
    assert lens.snapshot == march
    assert lens.previous is not None and lens.previous.as_of == dt.date(2026, 2, 28)
    assert (lens.has("payments"), lens.has("campaigns"), lens.has("stages")) == (True, False, True)


# --- snapshots -----------------------------------------------------------------------------------------------------


def person(user_id: str, team: str = "t", manager_id: str | None = None) -> dict[str, Any]:
    return {"user_id": user_id, "name": user_id, "team": team, "manager_id": manager_id}


def deal(owner_id: str, amount: int) -> dict[str, Any]:
    at = {"created_at": "2026-01-01", "pipeline": "p", "stage": "s", "outcome": "open"}
    return {"opportunity_id": f"d-{owner_id}", "owner_id": owner_id, "amount": amount, **at}


def test_the_snapshot_before_is_cut_by_people_not_by_keys(tmp_path: Path) -> None:
    # In January 'a' had the key that 'b' has in February; 'gone' has left the CRM since.
    users = [person("a"), person("b", "other"), person("gone")]
    build_snapshot(
        tmp_path, {"users": users, "opportunities": [deal("a", 1), deal("b", 20), deal("gone", 300)]}, "2026-01-31"
    )
    users = [person("b"), person("a")]
    now = build_snapshot(tmp_path, {"users": users, "opportunities": [deal("b", 4000), deal("a", 50000)]}, "2026-02-28")
    engine = Engine(Store(tmp_path))
    rep = engine.lens(now.id, Viewer("a", "rep"))
    assert (open_amount(rep), open_amount(rep, "previous_opportunities")) == (50000, 1)
    team = engine.lens(now.id, BOSS, Filters(team=("t",)))
    assert (open_amount(team), open_amount(team, "previous_opportunities")) == (54000, 321)
    engine.close()


def test_rights_follow_the_hierarchy_of_the_current_snapshot(tmp_path: Path) -> None:
    deals = [deal("m", 1), deal("a", 20), deal("b", 300)]
    old = build_snapshot(
        tmp_path, {"users": [person("m"), person("a", "x", "m"), person("b")], "opportunities": deals}, "2026-01-31"
    )
    build_snapshot(
        tmp_path, {"users": [person("m"), person("a"), person("b", "x", "m")], "opportunities": deals}, "2026-02-28"
    )
    engine = Engine(Store(tmp_path))
    assert open_amount(engine.lens(old.id, Viewer("m", "manager"))) == 301
    engine.close()


def test_without_a_snapshot_before_its_tables_are_empty_and_typed(tmp_path: Path) -> None:
    only = build_snapshot(tmp_path, {"users": [person("a")], "opportunities": [deal("a", 1)]}, "2026-01-31")
    engine = Engine(Store(tmp_path))
    for viewer in (BOSS, Viewer("a", "rep")):
        lens = engine.lens(only.id, viewer, Filters(pipeline=("p",)))
        assert lens.previous is None
        assert open_amount(lens, "previous_opportunities") is None
        assert ask(lens, "select count(n_touches) as n, sum(n_touches) as s from previous_rep_days") == [
            {"n": 0, "s": None}
        ]
    engine.close()


def test_history_counts_each_snapshot_from_its_own_day(
    home: Path, engine: Engine, march: Snapshot, queries: Path
) -> None:
    write_query(
        queries,
        "desk/x",
        {"as_of": "date"},
        "select $as_of as day, cast(sum(amount) as bigint) as n from opportunities",
    )
    trend = engine.lens(march.id, Viewer("ann", "rep")).history("desk/x")
    days = [dt.date(2026, 2, 28), dt.date(2026, 3, 31)]
    assert [(s.as_of, rows) for s, rows in trend] == [(day, [{"day": day, "n": 900}]) for day in days]
    write_query(queries, "desk/y", {}, "select count(*) as n from previous_users")
    assert [rows[0]["n"] for _, rows in engine.lens(march.id).history("desk/y")] == [0, 5]


def test_a_new_snapshot_is_seen_and_the_old_one_stays_as_it_was(tmp_path: Path) -> None:
    engine = Engine(Store(tmp_path), n_open=2)
    made = []
    for number in range(1, 6):
        tables = {"users": [person("a")], "opportunities": [deal("a", number)]}
        made.append(build_snapshot(tmp_path, tables, f"2026-0{number}-28"))
        current = engine.store.current()
        assert current == made[-1]
        assert open_amount(engine.lens(current.id)) == number
    assert [open_amount(engine.lens(s.id)) for s in made] == [1, 2, 3, 4, 5]
    assert len(engine.instances) <= 2
    engine.forget(made[-1].id)
    engine.store.delete(made[-1].id)
    with pytest.raises(SnapshotError, match="unknown_snapshot"):
        engine.lens(made[-1].id)
    engine.close()


def test_a_damaged_snapshot_before_is_passed_over(tmp_path: Path) -> None:
    tables = {"users": [person("a")], "opportunities": [deal("a", 1)]}
    first, broken, last = (build_snapshot(tmp_path, tables, f"2026-0{n}-28") for n in (1, 2, 3))
    path = Store(tmp_path).data_path(broken.id)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    engine = Engine(Store(tmp_path))
    assert engine.lens(last.id).previous == first
    with pytest.raises(SnapshotError, match=r"corrupt|unknown_snapshot"):
        engine.lens(broken.id)
    engine.close()


# --- caches and threads --------------------------------------------------------------------------------------------


def test_answers_are_shared_exactly_where_scope_and_snapshot_agree(home: Path, march: Snapshot) -> None:
    engine = Engine(Store(home))
    viewers = [BOSS, *(Viewer(p, "rep") for p in AMOUNTS), Viewer("mia", "manager")]
    expected = [of(*AMOUNTS) + 700000, *AMOUNTS.values(), of("mia", "ann", "ben")]
    for _ in range(2):
        assert [open_amount(engine.lens(march.id, viewer)) for viewer in viewers] == expected
    assert len(engine.cache) == len(viewers)
    february = engine.store.list()[1]
    open_amount(engine.lens(february.id))
    assert len(engine.cache) == len(viewers) + 1
    # What a query does not read makes no difference: the stages are the same for all, whatever the filters.
    for viewer in viewers:
        for filters in (Filters(), Filters(team=("north",), period="last_year")):
            ask(engine.lens(march.id, viewer, filters), "select stage from stages order by stage")
    assert len(engine.cache) == len(viewers) + 2
    engine.close()


def test_the_cache_is_bounded_and_drops_the_longest_unused() -> None:
    cache = AnswerCache(max_entries=3, max_bytes=8 * 8000)
    small = pa.table({"x": pa.array([1], pa.int64())})
    for key in "abc":
        cache.put(key, small)
    cache.get("a")
    cache.put("d", small)
    assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]
    large = pa.table({"x": pa.array(range(1000), pa.int64())})
    for number in range(20):
        cache.put(number, large)
    assert len(cache) == 3
    cache.put("huge", pa.table({"x": pa.array(range(1001), pa.int64())}))
    assert cache.get("huge") is None
    cache.put(19, small)
    assert cache.n_bytes == 2 * large.nbytes + small.nbytes
    cache.clear()
    assert (len(cache), cache.n_bytes) == (0, 0)


def test_eight_threads_with_different_owners_never_meet(home: Path, march: Snapshot) -> None:
    engine = Engine(Store(home), cache=AnswerCache(max_entries=0))  # every question goes to the database
    february = engine.store.list()[1]
    whose = {f"o{person}": amount for person, amount in AMOUNTS.items()}
    start = threading.Barrier(8)

    def visit(seed: int) -> int:
        order = random.Random(seed)
        start.wait()
        wrong = 0
        for _ in range(25):
            person = order.choice(sorted(AMOUNTS))
            lens = engine.lens(order.choice((march, february)).id, Viewer(person, "rep"))
            wrong += open_amount(lens, order.choice(("opportunities", "deal_facts"))) != whose[f"o{person}"]
            names = {row["name"] for row in ask(lens, "select name from accounts")}
            wrong += names != {firm.canary(person)}
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(visit, range(8))) == [0] * 8
    engine.close()


# --- locked doors --------------------------------------------------------------------------------------------------

HOSTILE = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "copy (select 1) to '{home}/stolen.csv'",
    "copy (select 1) to '{home}/snapshots/stolen.csv'",
    "copy opportunities from '/etc/passwd'",
    "export database '{home}/stolen'",
    "attach '{home}/stolen.duckdb' as stolen",
    "attach '{home}/settings.sqlite' as stolen (type sqlite)",
    "attach '{other}' as other (read_only)",
    "install httpfs",
    "load httpfs",
    "select * from read_csv('https://example.com/x.csv')",
    "set enable_external_access = true",
    "set memory_limit = '100GB'",
    "set allowed_directories = ['/']",
    "set lock_configuration = false",
    "reset memory_limit",
    "pragma enable_logging",
    "create table {alias}.main.t as select 1",
    "drop table {alias}.main.users",
    "delete from {alias}.main.users",
    "update {alias}.main.users set name = 'x'",
    "insert into {alias}.main.users (name) values ('x')",
    "create secret (type s3, key_id 'x', secret 'y')",
]


@pytest.mark.parametrize("statement", HOSTILE)
def test_hostile_statements_are_refused(home: Path, engine: Engine, march: Snapshot, statement: str) -> None:
    lens = engine.lens(march.id)
    open_amount(lens)
    files = sorted(home.rglob("*"))
    with engine.instances.use(march, lens.previous) as instance, instance._con.cursor() as cursor:
        text = statement.format(home=home, alias=instance.aliases[march.id], other=engine.store.data_path("x"))
        with pytest.raises(duckdb.Error):
            cursor.execute(text).fetchall()
    assert sorted(home.rglob("*")) == files


def test_values_are_bound_never_pasted_in(engine: Engine, march: Snapshot) -> None:
    for text in ("' or 1=1 --", "x'); drop table users; --", "$as_of", "{this}", "{side}"):
        lens = engine.lens(march.id, Viewer(text, "rep"), Filters(team=(text,), region=(text,), pipeline=(text,)))
        assert open_amount(lens) is None
        assert ask(engine.lens(march.id), "select $x as x", x=text) == [{"x": text}]


def test_spilling_stays_in_a_private_folder(engine: Engine, march: Snapshot) -> None:
    with engine.instances.use(march, None) as instance, instance._con.cursor() as cursor:
        row = cursor.execute("select current_setting('temp_directory')").fetchone()
    assert row is not None
    folder = Path(row[0])
    assert folder.is_dir() and folder.stat().st_mode & 0o077 == 0

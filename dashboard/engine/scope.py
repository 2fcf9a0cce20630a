"""Scope: for a viewer and filters, the statements that put cut views in the place of a snapshot's tables.

A query names tables; what it gets are temporary views of these names. `plan` says, from the table of scope.toml, which
views and which sets of keys (temporary tables) have to be made, in which order, and which choices they depend on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from dashboard.places import QUERIES
from dashboard.queryfile import tables_of

#: Tables of the snapshot before have this in front of their names.
PREVIOUS = "previous_"
#: In queries/views, uncut tables have this in front of theirs.
WHOLE = "whole_"
#: Marts that rest on the user's own playbook, made anew for the whole firm, have this in front of theirs.
PLAYED = "played_"
_OWN_PLAYBOOK = "own_playbook"


@dataclass(frozen=True)
class Table:
    """Which columns of one table say whose row a row is; see scope.toml."""

    owner: str = ""
    account: str = ""
    deal: str = ""
    order: str = ""
    product: str = ""
    region: str = ""
    team: str = ""
    open: bool = False
    boss: bool = False


@dataclass(frozen=True)
class Kinds:
    """What is being cut, without the values: this and a query's tables decide the shape of its views."""

    is_boss: bool = True
    owner: bool = False
    region: bool = False
    tier: bool = False
    family: bool = False
    pipeline: bool = False
    has_previous: bool = False
    has_playbook: bool = False

    @property
    def account(self) -> bool:
        """Whether customers are cut by what they are."""
        return self.region or self.tier

    @property
    def deal(self) -> bool:
        """Whether deals are cut by what they are."""
        return self.family or self.pipeline


@dataclass(frozen=True)
class Statement:
    """One temporary view or table to make.

    In the text, {this} stands for the snapshot, {side} for the one it reads (this or the one before) and {as_of} for
    the latter's day.
    ``choice``: name of the values it binds as $values, or ''. ``needs``: names of what has to be there first.
    ``substitute``: what to make instead where the snapshot before lacks the table, or ''.
    """

    name: str
    sql: str
    previous: bool
    choice: str = ""
    substitute: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Statements in order of their needs, and the names of the choices they depend on."""

    statements: tuple[Statement, ...]
    choices: frozenset[str]


@cache
def declared() -> Mapping[str, Table]:
    """The tables of scope.toml by name."""
    text = (Path(__file__).parent / "scope.toml").read_text(encoding="utf-8")
    return {name: Table(**entry) for name, entry in tomllib.loads(text).items()}


def table_of(name: str) -> Table | None:
    """What is declared of a table, without its `previous_`; None for a table that no query may read."""
    if name.startswith("firm_"):
        return Table(open=True)
    return declared().get(name)


@cache
def mart_sql(name: str) -> str:
    """The SELECT that defines a mart, without its header; '' for a table that is none."""
    path = QUERIES / "marts" / f"{name}.sql"
    return path.read_text(encoding="utf-8").strip().rstrip(";") if path.is_file() else ""


@cache
def view_sql(name: str) -> str:
    """The SELECT of queries/views that puts two snapshots side by side under this name; '' where there is none."""
    path = QUERIES / "views" / f"{name}.sql"
    return path.read_text(encoding="utf-8").strip().rstrip(";") if path.is_file() else ""


def reads_previous(tables: Iterable[str]) -> bool:
    """Whether any of these tables is, or rests on, one of the snapshot before."""
    return any(name.startswith(PREVIOUS) or view_sql(name) for name in tables)


@lru_cache(maxsize=2048)
def plan(tables: frozenset[str], kinds: Kinds) -> Plan:
    """What has to be made before a query that reads these tables can run. Tables not declared are left out."""
    made: dict[str, Statement] = {}
    for name in sorted(tables):
        if PLAYED not in name:
            _add(name, kinds, made)
    choices = {s.choice for s in made.values() if s.choice}
    if any((t := table_of(name.removeprefix(PREVIOUS))) and t.boss for name in tables):
        choices.add("is_boss")
    return Plan(tuple(made.values()), frozenset(choices))


def _add(name: str, kinds: Kinds, made: dict[str, Statement]) -> None:
    """Add the statement for a view or set, after those it needs."""
    if name in made:
        return
    previous = name.startswith(PREVIOUS)
    bare = name.removeprefix(PREVIOUS)
    if bare in _SETS:
        statement = _set(bare, previous, kinds)
    elif bare.startswith(PLAYED):
        statement = _played(bare.removeprefix(PLAYED), previous)
    else:
        statement = _paired(name, kinds) if view_sql(name) else _view(bare, previous, kinds)
    if statement is None:
        return
    for need in statement.needs:
        _add(need, kinds, made)
    made[name] = statement


# --- views ---------------------------------------------------------------------------------------------------------


def _view(name: str, previous: bool, kinds: Kinds) -> Statement | None:
    table = table_of(name)
    if table is None:
        return None
    mark = PREVIOUS * previous
    head = f"create temp view {mark}{name} as "
    empty = f"{head}select * from {{this}}.main.{name} where false"
    if previous and not kinds.has_previous:
        return Statement(mark + name, empty, previous)
    needs: tuple[str, ...] = ()
    where = " and ".join(_conditions(table, kinds, mark)) or "true"
    if name == "users" and kinds.owner:
        body = _users(mark)
    elif _is_recomputed(name, kinds):
        body = f"{_recomputed(name, mark)} where {where}"
        needs = tuple(mark + read for read in sorted(tables_of(mart_sql(name))) if table_of(read) is not None)
    elif kinds.has_playbook and is_played(name):
        body = f"select * from {mark}{PLAYED}{name} where {where}"
        needs = (f"{mark}{PLAYED}{name}",)
    else:
        body = f"select * from {{side}}.main.{name} where {where}"
    return Statement(mark + name, head + body, previous, substitute=empty * previous, needs=needs + _sets_in(body))


def _paired(name: str, kinds: Kinds) -> Statement:
    """A view over both snapshots: its own tables are the cut ones, those that it names whole_ are not cut."""
    sql = view_sql(name)
    needs = tuple(sorted(table for table in tables_of(sql) if not table.startswith(WHOLE)))
    before = "{side}.main.{0}" if kinds.has_previous else "(select * from {this}.main.{0} where false)"
    sql = re.sub(rf"\b{WHOLE}{PREVIOUS}(\w+)", lambda found: before.replace("{0}", found[1]), sql)
    sql = re.sub(rf"\b{WHOLE}(\w+)", lambda found: f"{{this}}.main.{found[1]}", sql)
    return Statement(name, f"create temp view {name} as {sql}", previous=True, needs=needs)


def _conditions(table: Table, kinds: Kinds, mark: str) -> list[str]:
    """What a row must meet to be seen, as SQL over the sets of keys."""

    def among(column: str, kind: str, which: str) -> str:
        return f"{column} in (select key from {mark}{which}_{kind}s)"

    if table.boss:
        return [] if kinds.is_boss else ["false"]
    found = []
    deal = [(table.deal, "deal")] if table.deal else []
    order = [(table.order, "order")] if table.order else []
    if table.owner:
        if kinds.owner:
            mine = among(table.owner, "owner", "scope")
            whole_team = f"({table.owner} is null and {among(table.team, 'team', 'scope')})" if table.team else ""
            found.append(f"({mine} or {whole_team})" if whole_team else mine)
        if kinds.account and table.account:
            found.append(among(table.account, "account", "filter"))
        if (kinds.deal or (kinds.account and not table.account)) and (deal or order):
            found.append("(" + " or ".join(among(column, kind, "filter") for column, kind in deal + order) + ")")
    elif deal or order:
        if kinds.owner or kinds.account or kinds.deal:
            found.append("(" + " or ".join(among(column, kind, "scope") for column, kind in deal + order) + ")")
    elif table.account and (kinds.owner or kinds.account):
        found.append(among(table.account, "account", "scope"))
    if table.product and kinds.family:
        found.append(among(table.product, "product", "filter"))
    if table.region and kinds.region:
        found.append(among(table.region, "region", "filter"))
    return found


def _is_recomputed(name: str, kinds: Kinds) -> bool:
    """Whether a mart has no column for something that is being cut, so that its rows would say too much."""
    table = table_of(name)
    if table is None or table.open or not mart_sql(name):
        return False
    by_deal = bool(table.deal or table.order)
    by_account = bool(table.account) or by_deal
    by_owner = bool(table.owner) or by_account
    return (kinds.owner and not by_owner) or (kinds.account and not by_account) or (kinds.deal and not by_deal)


def _recomputed(name: str, mark: str) -> str:
    """The mart's own definition over the cut views; those of the snapshot before take the names it asks for."""
    sql = _dated(mart_sql(name))
    if not mark:
        return f"select * from (\n{sql}\n) as mart"
    names = sorted(table for table in tables_of(sql) if table_of(table) is not None)
    inputs = ", ".join(f"{table} as (select * from {mark}{table})" for table in names)
    return f"with {inputs} select * from (\n{sql}\n) as mart"


@cache
def is_played(name: str) -> bool:
    """Whether a mart rests on the playbook, so that the user's own one changes it."""
    return name == _OWN_PLAYBOOK or any(mart_sql(read) and is_played(read) for read in tables_of(mart_sql(name)))


def _played(name: str, previous: bool) -> Statement:
    """A mart of the whole firm over the user's own playbook, whose rows are bound as values; kept by the session."""
    mark = PREVIOUS * previous
    head = f"create temp table {mark}{PLAYED}{name} as "
    if name == _OWN_PLAYBOOK:
        columns = "r[1] as pipeline, r[2] as stage, r[3] as measure, cast(r[4] as integer) as at_least, "
        columns += "cast(r[5] as double) as expected_days, cast(r[6] as double) as expected_touches"
        sql = f"{head}select {columns} from (select unnest(cast($values as varchar[][])) as r)"
        return Statement(f"{mark}{PLAYED}{name}", sql, previous, choice="playbook")
    read = sorted(table for table in tables_of(mart_sql(name)) if table_of(table) is not None)
    sources = {table: f"{mark}{PLAYED}{table}" if is_played(table) else f"{{side}}.main.{table}" for table in read}
    inputs = ", ".join(f"{table} as (select * from {source})" for table, source in sources.items())
    body = f"with {inputs} select * from (\n{_dated(mart_sql(name))}\n) as mart"
    empty = f"{head}select * from {{this}}.main.{name} where false"
    needs = tuple(source for table, source in sources.items() if is_played(table))
    return Statement(f"{mark}{PLAYED}{name}", head + body, previous, substitute=empty * previous, needs=needs)


def _dated(sql: str) -> str:
    """A mart's SELECT with the snapshot's day in it, as a view can bind nothing."""
    return re.sub(r"\$as_of\b", "cast('{as_of}' as date)", sql)


def _users(mark: str) -> str:
    """The visible users, and of their managers nothing but the name and role that explain a line of command."""
    people = "{side}.main.users"
    mine = f"(select key from {mark}scope_owners)"
    return (
        f"select * from {people} where user_key in {mine} union all by name "
        f"select user_key, user_id, name, role from {people} where user_key not in {mine} "
        f"and user_key in (select manager_key from {people} where user_key in {mine})"
    )


# --- sets of keys --------------------------------------------------------------------------------------------------


def _set(name: str, previous: bool, kinds: Kinds) -> Statement | None:
    mark = PREVIOUS * previous
    choice, body = _SETS[name](kinds, mark)
    sql = f"create temp table {mark}{name} as {body}"
    return Statement(mark + name, sql, previous, choice=choice, needs=_sets_in(body))


def _sets_in(body: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\b(?:previous_)?(?:scope|filter)_[a-z]+\b", body)))


def _bound(choice: str, type_: str) -> Callable[[Kinds, str], tuple[str, str]]:
    """A set given by the caller. People have other keys in the snapshot before; texts are the same."""
    is_own = choice in ("owners", "teams")
    return lambda kinds, mark: (mark * is_own + choice, f"select unnest(cast($values as {type_}[])) as key")


def _where(parts: list[str]) -> str:
    return " where " + " and ".join(parts) if parts else ""


def _products(kinds: Kinds, mark: str) -> tuple[str, str]:
    return "", (
        f"select product_key as key from {{side}}.main.products where family in (select key from {mark}filter_families)"
    )


def _filter_accounts(kinds: Kinds, mark: str) -> tuple[str, str]:
    parts = []
    if kinds.region:
        parts.append(f"region in (select key from {mark}filter_regions)")
    if kinds.tier:
        tiers = f"(select key from {mark}filter_tiers)"
        parts.append(f"account_key in (select account_key from {{side}}.main.account_facts where tier in {tiers})")
    return "", f"select account_key as key from {{side}}.main.accounts{_where(parts)}"


def _scope_accounts(kinds: Kinds, mark: str) -> tuple[str, str]:
    parts = []
    if kinds.account:
        parts.append(f"account_key in (select key from {mark}filter_accounts)")
    if kinds.owner:
        mine = f"owner_key in (select key from {mark}scope_owners)"
        parts.append(
            f"({mine} or account_key in (select account_key from {{side}}.main.opportunities where {mine})"
            f" or account_key in (select account_key from {{side}}.main.orders where {mine}))"
        )
    return "", f"select account_key as key from {{side}}.main.accounts{_where(parts)}"


def _deals(kinds: Kinds, mark: str, by_owner: bool) -> tuple[str, str]:
    parts = []
    if kinds.account:
        parts.append(f"account_key in (select key from {mark}filter_accounts)")
    if kinds.pipeline:
        parts.append(f"pipeline in (select key from {mark}filter_pipelines)")
    if kinds.family:
        parts.append(
            f"opportunity_key in (select coalesce(l.opportunity_key, o.opportunity_key) "
            f"from {{side}}.main.line_items as l left join {{side}}.main.orders as o on o.order_key = l.order_key "
            f"where l.product_key in (select key from {mark}filter_products))"
        )
    if by_owner and kinds.owner:
        parts.append(f"owner_key in (select key from {mark}scope_owners)")
    return "", f"select opportunity_key as key from {{side}}.main.opportunities{_where(parts)}"


def _orders(kinds: Kinds, mark: str, by_owner: bool) -> tuple[str, str]:
    parts = []
    if kinds.account:
        parts.append(f"account_key in (select key from {mark}filter_accounts)")
    if kinds.pipeline:
        parts.append(
            "opportunity_key in (select opportunity_key from {side}.main.opportunities "
            f"where pipeline in (select key from {mark}filter_pipelines))"
        )
    if kinds.family:
        parts.append(
            f"(opportunity_key in (select key from {mark}filter_deals) or order_key in "
            "(select order_key from {side}.main.line_items "
            f"where product_key in (select key from {mark}filter_products)))"
        )
    if by_owner and kinds.owner:
        parts.append(f"owner_key in (select key from {mark}scope_owners)")
    return "", f"select order_key as key from {{side}}.main.orders{_where(parts)}"


#: Sets of keys: `scope_` is what the viewer may see within the filters, `filter_` what the filters alone leave.
_SETS: Mapping[str, Callable[[Kinds, str], tuple[str, str]]] = {
    "scope_owners": _bound("owners", "integer"),
    "scope_teams": _bound("teams", "varchar"),
    "filter_regions": _bound("region", "varchar"),
    "filter_tiers": _bound("tier", "varchar"),
    "filter_families": _bound("family", "varchar"),
    "filter_pipelines": _bound("pipeline", "varchar"),
    "filter_products": _products,
    "filter_accounts": _filter_accounts,
    "scope_accounts": _scope_accounts,
    "filter_deals": lambda kinds, mark: _deals(kinds, mark, by_owner=False),
    "scope_deals": lambda kinds, mark: _deals(kinds, mark, by_owner=True),
    "filter_orders": lambda kinds, mark: _orders(kinds, mark, by_owner=False),
    "scope_orders": lambda kinds, mark: _orders(kinds, mark, by_owner=True),
}

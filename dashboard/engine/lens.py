"""The lens: one snapshot as one viewer sees it through the global filters. Pages ask it their questions."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dashboard import queryfile
from dashboard.access import Viewer
from dashboard.engine import people, scope
from dashboard.engine.filters import Filters, Options, Window
from dashboard.engine.problem import QueryError
from dashboard.playbook import Row
from dashboard.queryfile import QueryFile
from dashboard.snapshots.store import Snapshot

if TYPE_CHECKING:
    from dashboard.engine.engine import Engine

#: What the engine itself fills in when a query declares it.
STANDARD = ("as_of", "period_start", "period_end", "compare_start", "compare_end")

_OPTIONS = {
    "team": "select distinct team as value from users where team is not null order by value",
    "region": "select distinct region as value from accounts where region is not null order by value",
    "family": "select distinct family as value from products where family is not null order by value",
    "tier": "select distinct tier as value from account_facts where tier is not null order by value",
    "pipeline": "select distinct pipeline as value from opportunities where pipeline is not null order by value",
}


class Lens:
    """Answers questions about one snapshot. Holds no connection: make one per run, throw it away freely."""

    def __init__(
        self,
        engine: Engine,
        snapshot: Snapshot,
        previous: Snapshot | None,
        viewer: Viewer,
        filters: Filters,
        playbook: tuple[Row, ...] = (),
    ) -> None:
        self._engine = engine
        self.snapshot, self.previous, self.viewer, self.filters = snapshot, previous, viewer, filters
        self.playbook = playbook

    @property
    def as_of(self) -> dt.date:
        """The day that counts as today."""
        return self.snapshot.as_of

    @cached_property
    def window(self) -> Window:
        """(period_start, period_end, compare_start, compare_end), both ends exclusive."""
        return self.filters.window(self.as_of)

    @cached_property
    def currency(self) -> str:
        """ISO code of the reporting currency of all amounts; '' when the export does not say."""
        return self._engine.facts(self.snapshot, self.previous).get("currency", "")

    @cached_property
    def options(self) -> Options:
        """The values that the filters can take, for this viewer; whatever is filtered now."""
        plain = replace(self.filters, team=(), region=(), family=(), tier=(), pipeline=())
        lens = Lens(self._engine, self.snapshot, self.previous, self.viewer, plain, self.playbook)
        found = {}
        for name, sql in _OPTIONS.items():
            try:
                answer = lens._answer(f"options/{name}", sql, queryfile.tables_of(sql), {})
            except QueryError as error:
                if error.code != "missing_table":
                    raise
                continue  # a snapshot without that mart offers no such filter
            found[name] = tuple(answer.column("value").to_pylist())
        return Options(**found)

    def before(self) -> Lens | None:
        """The snapshot before through the same filters and playbook; None where there is none to ask."""
        if self.previous is None:
            return None
        return Lens(self._engine, self.previous, None, self.viewer, self.filters, self.playbook)

    def by_default(self) -> Lens:
        """The same under the default playbook, whatever the user's own says."""
        return Lens(self._engine, self.snapshot, self.previous, self.viewer, self.filters)

    def has(self, table: str) -> bool:
        """Whether a table of the snapshot has any row at all, seen or not."""
        return self.snapshot.n_rows.get(table, 0) > 0

    def ask(self, name: str, **parameters: Any) -> pa.Table:
        """The answer to the query file `name`, columns as its header says, also when there is no row.

        `parameters`: the query's own, by name; texts are read as the type in the header. Raises QueryError.
        """
        try:
            query = queryfile.load(name)
        except KeyError:
            raise QueryError("unknown_query", query=name) from None
        return self._answer(name, query.sql, query.tables, self._bound(query, parameters))

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """The answer as one dict per row, with Python's dates, decimals and numbers."""
        rows: list[dict[str, Any]] = self.ask(name, **parameters).to_pylist()
        return rows

    def row(self, name: str, **parameters: Any) -> dict[str, Any]:
        """The first row of the answer, {} when there is none."""
        first: list[dict[str, Any]] = self.ask(name, **parameters).slice(0, 1).to_pylist()
        return first[0] if first else {}

    def history(self, name: str, **parameters: Any) -> list[tuple[Snapshot, list[dict[str, Any]]]]:
        """The answers of all snapshots of the series up to this one, oldest first; one snapshot per day, the last made.

        Each counts its days and periods from its own day. Damaged snapshots and those that another version
        built are left out.
        """
        return [(lens.snapshot, lens.rows(name, **parameters)) for lens in self._engine.earlier(self, name)]

    # -----------------------------------------------------------------------------------------------------------------

    def _answer(self, name: str, sql: str, tables: frozenset[str], parameters: Mapping[str, Any]) -> pa.Table:
        plan = scope.plan(tables, self._kinds)
        reads_previous = scope.reads_previous(tables)
        before = self.previous.id if self.previous and reads_previous else ""
        chosen = tuple((choice, self._choices[choice]) for choice in sorted(plan.choices))
        key = (self.snapshot.id, before, _digest(sql), chosen, tuple(sorted(parameters.items())))
        answer = self._engine.cache.get(key)
        if answer is None:
            with (
                self._engine.instances.use(self.snapshot, self.previous) as instance,
                instance.session((self._kinds, *sorted(self._choices.items()))) as session,
            ):
                answer = session.ask(name, sql, parameters, plan, self._choices, self._engine.deadline)
            self._engine.cache.put(key, answer)
        return answer

    @cached_property
    def _visible(self) -> frozenset[str] | None:
        return self._engine.visible(self.snapshot, self.viewer)

    @cached_property
    def _kinds(self) -> scope.Kinds:
        cuts = self.filters.cuts
        return scope.Kinds(
            is_boss=self._visible is None,
            owner=self._visible is not None or "team" in cuts,
            region="region" in cuts,
            tier="tier" in cuts,
            family="family" in cuts,
            pipeline="pipeline" in cuts,
            has_previous=self.previous is not None,
            has_playbook=bool(self.playbook),
        )

    @cached_property
    def _choices(self) -> dict[str, tuple[Any, ...]]:
        """Values of the choices that plans depend on, by name."""
        choices: dict[str, tuple[Any, ...]] = {"is_boss": (self._visible is None,), **self.filters.cuts}
        choices.pop("team", None)
        if self.playbook:
            choices["playbook"] = self.playbook
        if not self._kinds.owner:
            return choices
        teams = self.filters.team
        users = self._engine.users(self.snapshot, self.previous)
        choices["owners"] = people.owners_of(users, self._visible, teams)
        choices["teams"] = people.whole_teams(users, choices["owners"])
        if self.previous is not None:
            before = self._engine.users_before(self.snapshot, self.previous)
            choices["previous_owners"] = people.owners_of(before, self._visible, teams, today=users)
            choices["previous_teams"] = people.whole_teams(before, choices["previous_owners"])
        return choices

    def _bound(self, query: QueryFile, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the query's parameters, typed as its header says; the standard ones filled in."""
        for name in given:
            if name not in query.parameters:
                raise QueryError("unknown_parameter", query=query.name, name=name)
        standard = dict(zip(STANDARD, (self.as_of, *self.window), strict=True))
        bound = {}
        for name, column in query.parameters.items():
            if name not in given and name not in standard:
                raise QueryError("missing_parameter", query=query.name, name=name)
            if name not in queryfile.parameters_of(query.sql):
                continue
            value = given.get(name, standard.get(name))
            try:
                bound[name] = _typed(value, column.type)
            except (ValueError, TypeError, InvalidOperation):
                raise QueryError("bad_parameter", query=query.name, name=name, type=column.type) from None
        return bound


@cache
def _digest(sql: str) -> bytes:
    return hashlib.sha256(sql.encode()).digest()


def _typed(value: Any, type_: str) -> Any:
    """A parameter as the Python value of its SQL type; null stays null."""
    kind = type_.partition("(")[0]
    if value is None:
        return None
    if kind == "date":
        return value if type(value) is dt.date else dt.date.fromisoformat(str(value))
    if kind in ("integer", "bigint", "smallint"):
        return int(value)
    if kind == "double":
        return float(value)
    if kind == "decimal":
        return Decimal(str(value))
    if kind == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}[str(value).lower()]
    if kind == "timestamp":
        return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return str(value)

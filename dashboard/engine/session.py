"""Sessions: one cursor with the views of one scope. Its temporary objects are invisible to every other cursor."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from dashboard.engine.problem import QueryError
from dashboard.engine.scope import Plan, Statement

_log = logging.getLogger("dashboard.engine")

#: Name of an attached snapshot and its day.
Side = tuple[str, dt.date]


class Session:
    """Runs queries over the views it has made so far. Used by one thread at a time."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, this: Side, previous: Side | None) -> None:
        self._cursor, self._this, self._previous = cursor, this, previous
        self._made: set[str] = set()
        self._turn = 0
        self._lock = threading.Lock()

    def ask(
        self,
        name: str,
        sql: str,
        parameters: Mapping[str, Any],
        plan: Plan,
        choices: Mapping[str, Sequence[Any]],
        seconds: float,
    ) -> pa.Table:
        """The answer to one SELECT. Raises QueryError; what the database said goes to the debug log only."""
        timer = self._deadline(seconds)
        try:
            for statement in plan.statements:
                if statement.name not in self._made:
                    self._make(statement, choices)
            return self._cursor.sql(sql, params=dict(parameters)).to_arrow_table()
        except duckdb.Error as error:
            _log.debug("query %s failed", name, exc_info=True)
            raise _problem(name, error, seconds) from None
        finally:
            timer.cancel()
            with self._lock:
                self._turn += 1

    def close(self) -> None:
        """Give up the cursor and its temporary objects."""
        self._cursor.close()

    def _make(self, statement: Statement, choices: Mapping[str, Sequence[Any]]) -> None:
        bound = {"values": list(choices[statement.choice])} if statement.choice else None
        try:
            self._cursor.execute(self._filled(statement.sql, statement.previous), bound)
        except (duckdb.CatalogException, duckdb.BinderException):
            if statement.substitute:
                self._cursor.execute(self._filled(statement.substitute, statement.previous))
            # Otherwise the snapshot lacks the table or a column of it: a query that reads it will fail by name.
        self._made.add(statement.name)

    def _filled(self, sql: str, previous: bool) -> str:
        alias, as_of = (previous and self._previous) or self._this
        return sql.replace("{this}", self._this[0]).replace("{side}", alias).replace("{as_of}", as_of.isoformat())

    def _deadline(self, seconds: float) -> threading.Timer:
        turn = self._turn

        def stop() -> None:
            with self._lock:
                if self._turn == turn:  # the query that this clock was set for still runs
                    self._cursor.interrupt()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        return timer


def _problem(name: str, error: duckdb.Error, seconds: float) -> QueryError:
    if isinstance(error, duckdb.InterruptException):
        return QueryError("too_slow", query=name, seconds=seconds)
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError("out_of_memory", query=name)
    if isinstance(error, duckdb.CatalogException):
        return QueryError("missing_table", query=name)
    return QueryError("failed", query=name, kind=type(error).__name__)

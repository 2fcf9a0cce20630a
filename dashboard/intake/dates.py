"""Dates: the day that an export speaks of, by the latest date on which something was recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import duckdb

from dashboard.intake.conventions import Conventions
from dashboard.intake.expression import Scope
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match
from dashboard.intake.records import records_sql

#: Files up to this many bytes are asked for the latest date on which a row was recorded.
_SMALL = 256 * 1024 * 1024

#: Columns that only ever hold what has happened.
_PAST = {
    "opportunities": ("created_at",),
    "stage_changes": ("changed_at",),
    "accounts": ("created_at",),
    "leads": ("created_at", "converted_at"),
    "payments": ("paid_on",),
    "cases": ("opened_at", "closed_at"),
    "approvals": ("requested_at", "decided_at"),
    "tasks": ("created_at", "completed_at"),
}


def latest_recorded(
    con: duckdb.DuckDBPyConnection, found: Iterable[tuple[SourceFile, Match, Conventions]], today: dt.date
) -> dt.date | None:
    """The latest date not after today on which the CRM says it recorded a row of one of these files."""
    seen = [_latest_in(con, file, match, how.date_order, today) for file, match, how in found]
    return max((day for day in seen if day is not None), default=None)


def _latest_in(
    con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match, order: str, today: dt.date
) -> dt.date | None:
    scope = Scope(file.header, match.profile.words)
    columns = [column for text in match.object.recorded for column in scope.present(text)]
    if not columns or file.size > _SMALL:
        return None
    reads = ", ".join(f"cast(to_timestamp_{order}({column}) as date) as d_{column}" for column in columns)
    latest = ", ".join(f"max(d_{column}) filter (d_{column} <= $today)" for column in columns)
    row = con.execute(
        f"with records as ({records_sql(file)}), days as (select {reads} from records) select {latest} from days",
        {"path": str(file.path), "today": today},
    ).fetchone()
    assert row is not None
    return max((value for value in row if value is not None), default=None)


def latest_loaded(con: duckdb.DuckDBPyConnection, today: dt.date) -> dt.date | None:
    """The latest date not after today in columns that hold the past; contacts only where there is nothing else."""
    for places in (_PAST, {"activities": ("happened_at",)}):
        parts = [
            f"select max(cast({column} as date)) as d from {table} where cast({column} as date) <= $today"
            for table, columns in places.items()
            for column in columns
        ]
        row = con.execute(f"select max(d) from ({' union all '.join(parts)})", {"today": today}).fetchone()
        if row and row[0] is not None:
            return row[0]  # type: ignore[no-any-return]
    return None

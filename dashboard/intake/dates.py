"""The order of day and month, proven from whole columns or asked; and the date that an export speaks of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from dashboard.intake.canonical import tables
from dashboard.intake.expression import Scope, headings_used
from dashboard.intake.loading import records_sql
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match

#: Records that are looked at before a whole column is.
_SAMPLE = 20_000

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


def orders(con: duckdb.DuckDBPyConnection, found: Sequence[tuple[SourceFile, Match]], told: str | None) -> list[str]:
    """For each file the order of its dates: mdy, dmy, or ymd (none needed: only what reads one way is taken).

    Raises IntakeError date_order_unknown when a column needs an order that nothing in the upload proves.
    """
    evidence = [_evidence(con, file, match, told) for file, match in found]
    proven = {order for order, _, _ in evidence if order in ("mdy", "dmy")}
    decided = []
    for (file, _), (order, column, example) in zip(found, evidence, strict=True):
        if order == "ask" and len(proven) == 1:
            order = next(iter(proven))
        if order == "ask":
            raise IntakeError(Code.DATE_ORDER_UNKNOWN, file=file.name, column=column, found=example)
        decided.append(order)
    return decided


def _evidence(con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match, told: str | None) -> tuple[str, str, str]:
    """The order a file proves (or `ask`), with the column and an example where it does not."""
    columns = date_columns(file, match)
    if told or not columns:
        return told or "ymd", "", ""
    for limit in (f" limit {_SAMPLE}", ""):
        parts = ", ".join(
            f"count(*) filter (needs_order({c})), count(*) filter (proves_month_first({c})),"
            f" count(*) filter (proves_day_first({c})), min({c}) filter (needs_order({c}))"
            for c in columns
        )
        row = con.execute(
            f"with records as ({records_sql(file)}{limit}) select {parts} from records", {"path": str(file.path)}
        ).fetchone()
        assert row is not None
        seen = [row[i : i + 4] for i in range(0, len(row), 4)]
        n_month, n_day = sum(one[1] for one in seen), sum(one[2] for one in seen)
        if not any(one[0] for one in seen) or (n_month and n_day):
            return "ymd", "", ""
        if n_month or n_day:
            return ("mdy" if n_month else "dmy"), "", ""
    doubtful = next(i for i, one in enumerate(seen) if one[0])
    heading = file.header[int(columns[doubtful][1:])]
    return match.profile.date_order or "ask", heading, str(seen[doubtful][3])


def date_columns(file: SourceFile, match: Match) -> list[str]:
    """The columns of a file that dates are read from."""
    scope = Scope(file.header, match.profile.words)
    known = {
        column
        for into in match.object.into
        for name, value in into.fields.items()
        if (field := tables()[into.table].fields.get(name)) and field.kind in ("date", "timestamp", "month")
        for column in headings_used(value, scope.unfold(into))
    }
    return sorted(known, key=lambda column: int(column[1:]))


def latest_recorded(
    con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match, order: str, today: dt.date
) -> dt.date | None:
    """The latest date not after today on which the CRM says it recorded a row of this file."""
    scope = Scope(file.header, match.profile.words)
    columns = [column for text in match.object.recorded for column in scope.present(text)]
    if not columns or file.size > _SMALL:
        return None
    stamps = ", ".join(f"max(case when {read} <= $today then {read} end)" for read in _reads(columns, order))
    row = con.execute(
        f"with records as ({records_sql(file)}) select {stamps} from records",
        {"path": str(file.path), "today": today},
    ).fetchone()
    assert row is not None
    return max((value for value in row if value is not None), default=None)


def _reads(columns: Sequence[str], order: str) -> list[str]:
    return [f"cast(to_timestamp_{order}(nullif(trim({column}), '')) as date)" for column in columns]


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

"""Memory: what the snapshot before tells, beside the one being built, about how deals moved in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import duckdb

#: What is copied from the snapshot before: table, its columns, and whose derived rows they are ('' = the deals).
_COPIED = (
    ("earlier_deals", "o.opportunity_id, o.stage, o.outcome, o.expected_close_on", ""),
    (
        "earlier_moves",
        "o.opportunity_id, m.from_stage, m.to_stage, m.changed_at, m.amount, m.expected_close_on",
        "stage_changes",
    ),
    ("earlier_close_dates", "o.opportunity_id, m.changed_at, m.from_on, m.to_on", "close_date_changes"),
)


def remember(con: duckdb.DuckDBPyConnection, earlier: Sequence[tuple[dt.date, Path]], as_of: dt.date) -> None:
    """Copy into temporary tables what the latest of these snapshots (day, file) before the day `as_of` knows.

    Nothing is made when there is none: queries/derive makes do with empty tables.
    """
    before = max(((day, path) for day, path in earlier if day < as_of), default=None)
    if before is None:
        return
    path = str(before[1]).replace("'", "''")
    con.execute(f"attach '{path}' as earlier (read_only)")
    for name, columns, table in _COPIED:
        joined = f" join earlier.main.{table} as m using (opportunity_key) where m.is_derived" if table else ""
        con.execute(
            f"create or replace temp table {name} as select {columns} from earlier.main.opportunities as o{joined}"
        )
    con.execute("detach earlier")

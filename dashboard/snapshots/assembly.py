"""Assembly: the statements that make, complete and summarise a snapshot's tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import duckdb

from dashboard.places import QUERIES
from dashboard.queryfile import bound, tables_of

#: Raised whenever a table or mart changes shape, so that an older snapshot is rebuilt from its originals.
SCHEMA_VERSION = 3

Progress = Callable[[str], None]

_MADE_FIRST = re.compile(r"^(?P<name>\w+) as \( -- made first\n.*?^\),?\n", re.MULTILINE | re.DOTALL)


def schema_tables() -> tuple[str, ...]:
    """Names of all canonical tables and of the tables that say where they come from."""
    return tuple(sorted(path.stem for path in (QUERIES / "schema").glob("*.sql")))


def marts() -> tuple[str, ...]:
    """Names of the derived tables, each after those it reads."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((QUERIES / "marts").glob("*.sql"))}
    needs = {name: tables_of(text) & texts.keys() - {name} for name, text in texts.items()}
    order: list[str] = []
    while needs:
        ready = sorted(name for name, wanted in needs.items() if wanted <= set(order))
        if not ready:
            raise ValueError(f"marts need one another in a circle: {sorted(needs)}")
        order += ready
        needs = {name: wanted for name, wanted in needs.items() if name not in ready}
    return tuple(order)


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the empty canonical tables in the connection's default database."""
    for name in schema_tables():
        con.execute((QUERIES / "schema" / f"{name}.sql").read_text(encoding="utf-8"))


def derive(con: duckdb.DuckDBPyConnection, as_of: dt.date) -> None:
    """Fill in what the export leaves out but the rows imply: stages, outcomes, moves, effective contacts."""
    for path in sorted((QUERIES / "derive").glob("*.sql")):
        _run_all(con, path, as_of)


def build_marts(con: duckdb.DuckDBPyConnection, as_of: dt.date, progress: Progress = lambda name: None) -> None:
    """Create one table per file of queries/marts, in the order of their needs."""
    for name in marts():
        progress(name)
        path = QUERIES / "marts" / f"{name}.sql"
        first, sql = in_steps(path.read_text(encoding="utf-8"))
        for part, made in first.items():
            con.execute(f"create or replace temp table {part} as\n{made}", bound(made, {"as_of": as_of}))
        con.execute(f"create table {name} as\n{sql}", bound(sql, {"as_of": as_of}))
        for part in first:
            con.execute(f"drop table temp.{part}")


def n_untold(con: duckdb.DuckDBPyConnection) -> int:
    """Deals whose moves no export tells: only the snapshots before can say how they moved."""
    told = "select opportunity_key from stage_changes where is_derived is distinct from true"
    row = con.execute(
        f"select count(*) from opportunities where opportunity_key not in ({told} and opportunity_key is not null)"
    ).fetchone()
    return int(row[0]) if row else 0


def in_steps(text: str) -> tuple[dict[str, str], str]:
    """A mart's SELECT in steps: what to make first as temporary tables, by name, and the SELECT that then reads them.

    A part whose opening line ends in `-- made first` becomes a table of its own: one statement for everything would
    keep the hash tables of all its joins and groups at once, more than an import's memory holds.
    """
    last = text.strip().rstrip(";")
    first: dict[str, str] = {}
    while found := _MADE_FIRST.search(last):
        head, tail = last[: found.start()], last[found.end() :]
        first[found["name"]] = f"{head}{found[0].rstrip().rstrip(',')}\nselect * from {found['name']}"
        last = head + tail if found[0].rstrip().endswith(",") else head.rstrip().rstrip(",") + "\n" + tail
    return first, last


def _run_all(con: duckdb.DuckDBPyConnection, path: Path, as_of: dt.date) -> None:
    for statement in con.extract_statements(path.read_text(encoding="utf-8")):
        con.execute(statement, bound(statement.query, {"as_of": as_of}))

"""Rehearsal: the uploads brought in for a trial, so that what would come of them can be seen and mended beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import duckdb

from dashboard.intake.build import accounting, bring_in, connect, counts
from dashboard.intake.canonical import tables
from dashboard.intake.loading import Recognised
from dashboard.intake.order import Order, Report
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match

#: Bytes of uploads that are rehearsed without being asked for: a second or two.
QUICK = 64 * 1024 * 1024

#: References without a target that are listed, names among which a likely one is looked for, names to choose from.
_LISTED, _CANDIDATES, _OFFERED = 200, 20_000, 1000


def rehearse(
    order: Order,
    files: Sequence[SourceFile],
    matches: Sequence[Match | None],
    sources: list[Recognised],
    report: Report,
) -> dict[str, Any]:
    """What an import of these files would give; `sources`: the useful ones of them.

    `stages`: pipeline, stage, position, outcome, n (deals); `missing`: table, field, reference, reason, n, target,
    suggestion; `names`: for each table that is missed there, the names it has (the first thousand); `derived`: tables
    made from names alone; `notes`: rows of import_notes; `files`: the accounting of each; `rows`. Where it
    would fail, only `error` (code) and `facts`.
    """
    target = order.folder / "rehearsal.duckdb"
    trial = replace(order, target=target)
    con = connect(trial)
    try:
        bring_in(con, trial, files, matches, sources, report)
        return {
            "stages": _rows(con, _STAGES),
            **_missing(con),
            "derived": _derived(con),
            "notes": _rows(con, "select * from import_notes order by source_file, code, column_name"),
            "files": accounting(con),
            "rows": counts(con),
        }
    except IntakeError as error:
        return {"error": str(error.code), "facts": dict(error.facts)}
    except duckdb.OutOfMemoryException:
        return {"error": str(Code.OUT_OF_MEMORY), "facts": {"limit": order.memory_limit}}
    finally:
        con.close()
        for left in (target, target.with_name(f"{target.name}.wal")):
            left.unlink(missing_ok=True)


_STAGES = """
select s.pipeline, s.stage, s.position, s.outcome, count(o.opportunity_key) as n
from stages as s left join opportunities as o on o.pipeline = s.pipeline and o.stage = s.stage
group by all order by s.pipeline, s.position
"""

_MISSING = f"""
select table_name as "table", column_name as field, reference, reason, count(*) as n
from missing_references group by all order by n desc, reference limit {_LISTED}
"""


def _missing(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """References without a target, the most frequent first, each with the name that was probably meant."""
    found = _rows(con, _MISSING)
    known: dict[str, dict[str, str]] = {}
    for one in found:
        target = tables()[one["table"]].fields[one["field"]].refers_to
        if target not in known:
            known[target] = _names(con, target)
        one["target"] = target
        one["suggestion"] = _likely(str(one["reference"]), known[target]) if one["reason"] == "absent" else None
    names = {target: sorted(bare.values())[:_OFFERED] for target, bare in known.items()}
    for one in found:
        if one["suggestion"] and one["suggestion"] not in names[one["target"]]:
            names[one["target"]].append(one["suggestion"])
    return {"missing": found, "names": names}


def _names(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The names of a table by their bare letters and digits."""
    if "name" not in tables()[table].fields:
        return {}
    rows = con.execute(f"select distinct name from {table} where name is not null limit {_CANDIDATES}").fetchall()
    return {_bare(str(row[0])): str(row[0]) for row in rows}


def _likely(reference: str, names: dict[str, str]) -> str | None:
    bare = _bare(reference)
    if bare in names:
        return names[bare]
    close = get_close_matches(bare, names, n=1, cutoff=0.82) if len(bare) > 3 else []
    return names[close[0]] if close else None


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _derived(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute("select name from snapshot_facts where name like 'derived_%'").fetchall()
    return [str(row[0]).removeprefix("derived_") for row in rows]


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

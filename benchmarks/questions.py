"""Q1 and Q3: eight questions of the pages, asked of the marts and of the canonical tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks import meter
from benchmarks.generate import END
from benchmarks.report import Figure

HERE = Path(__file__).resolve().parent
#: canonical/<name>.sql and marts/<name>.sql give the same rows.
NAMES = ("funnel", "quality", "touches", "ageing", "pareto", "rep_trend", "rep_pipeline", "by_region")
#: scans/<name>.sql reads the columns that canonical/<name>.sql reads, and the target of their ratio.
SCANNED = {"quality": 6, "touches": 4, "funnel": 3}


def attached(snapshot: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads one snapshot, as the product does it."""
    con = duckdb.connect(":memory:")
    con.execute(f"attach '{snapshot}' as snapshot (read_only)")
    con.execute("use snapshot")
    return con


def ask(con: duckdb.DuckDBPyConnection, kind: str, name: str) -> pa.Table:
    """The answer of one file (`canonical`, `marts` or `scans`) as of the end of the invented world."""
    sql = (HERE / kind / f"{name}.sql").read_text(encoding="utf-8")
    parameters = {"as_of": END} if "$as_of" in sql else {}
    table: pa.Table = con.sql(sql, params=parameters).to_arrow_table()
    return table


def run(snapshot: Path, rounds: int, only: set[str]) -> list[Figure]:
    """Warm CPU of each question, the kinds interleaved, the median of the rounds."""
    con = attached(snapshot)
    kinds = {name: ("canonical", "marts", *(("scans",) if name in SCANNED else ())) for name in NAMES}
    asked = [(kind, name) for name in NAMES for kind in kinds[name] if "Q1" in only or name in SCANNED]
    readings: dict[tuple[str, str], list[meter.Reading]] = {one: [] for one in asked}
    for round_number in range(rounds + 1):
        for kind, name in asked:
            reading = meter.of_call(lambda kind=kind, name=name: ask(con, kind, name))  # type: ignore[misc]
            if round_number:  # the first round only warms
                readings[kind, name].append(reading)
    con.close()
    cpu = {one: meter.median(taken).cpu * 1000 for one, taken in readings.items()}
    return (_q1(cpu) if "Q1" in only else []) + (_q3(cpu) if "Q3" in only else [])


def _q1(cpu: dict[tuple[str, str], float]) -> list[Figure]:
    marts = sum(cpu["marts", name] for name in NAMES)
    canonical = sum(cpu["canonical", name] for name in NAMES)
    detail: dict[str, float | str] = {
        name: f"marts {cpu['marts', name]:8.1f}   canonical {cpu['canonical', name]:8.1f} CPU ms" for name in NAMES
    }
    return [
        Figure(
            "Q1",
            "eight page questions on the marts",
            marts,
            "CPU ms",
            marts / canonical,
            "canonical",
            "1/40 (0.025)",
            detail,
        )
    ]


def _q3(cpu: dict[tuple[str, str], float]) -> list[Figure]:
    return [
        Figure(
            "Q3",
            f"{name} on the canonical tables",
            cpu["canonical", name],
            "CPU ms",
            cpu["canonical", name] / cpu["scans", name],
            "plain scan",
            str(target),
        )
        for name, target in SCANNED.items()
    ]

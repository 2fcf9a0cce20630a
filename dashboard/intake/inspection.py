"""Inspection: what uploads are, before anything is built from them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import duckdb

from dashboard.intake import dates
from dashboard.intake.build import Order, Report, connect, matches_of, read
from dashboard.intake.expression import Scope, headings_used
from dashboard.intake.loading import records_sql
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match


def inspect(order: Order, report: Report) -> dict[str, Any]:
    """What the files are, before anything is built: for each its match and columns; the as-of date to propose."""
    files = read(order, report)
    matches = matches_of(files, order)
    con = connect(order)
    try:
        shown = [_describe(con, file, match) for file, match in zip(files, matches, strict=True)]
        known = [(file, match) for file, match in zip(files, matches, strict=True) if match and match.object.into]
        try:
            told = dates.orders(con, known, order.date_order)
        except IntakeError as error:
            if error.code is not Code.DATE_ORDER_UNKNOWN:
                raise
            return {"files": shown, "date_order": "ask", "ask": dict(error.facts), "as_of": None}
        seen = [
            dates.latest_recorded(con, file, match, o, order.today)
            for (file, match), o in zip(known, told, strict=True)
        ]
        as_of = max((day for day in seen if day is not None), default=None)
        orders = sorted(set(told) - {"ymd"}) or ["ymd"]
        return {
            "files": shown,
            "date_order": orders[0],
            "ask": None,
            "as_of": as_of.isoformat() if as_of else None,
        }
    finally:
        con.close()


def _describe(con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match | None) -> dict[str, Any]:
    samples: list[tuple[Any, ...]] = []
    if file.header:
        samples = con.execute(
            f"with records as ({records_sql(file)} limit 5) select * exclude (record) from records",
            {"path": str(file.path)},
        ).fetchall()
    offset = 1 if file.has_line_column else 0
    scope = Scope(file.header, match.profile.words if match else {})
    fields: dict[str, str] = {}
    for into in match.object.into if match else ():
        for name, value in into.fields.items():
            for column in headings_used(value, scope):
                fields.setdefault(column, f"{into.table}.{name}")
    return {
        "name": file.name,
        "sha256": file.sha256,
        "encoding": file.encoding,
        "n_records": file.n_records + file.n_held_back,
        "n_held_back": file.n_held_back,
        "refused": str(file.refused) if file.refused else None,
        "profile": match.profile.name if match else None,
        "label": match.profile.label if match else None,
        "object": match.object.name if match else None,
        "targets": list(dict.fromkeys(into.table for into in match.object.into)) if match else [],
        "confidence": match.confidence if match else None,
        "columns": [
            {
                "heading": heading,
                "field": fields.get(f"c{i}"),
                "samples": [str(row[i + offset])[:60] for row in samples if row[i + offset]][:3],
            }
            for i, heading in enumerate(file.header)
        ],
        "problems": [{**asdict(problem), "reason": str(problem.reason)} for problem in file.problems[:20]],
    }

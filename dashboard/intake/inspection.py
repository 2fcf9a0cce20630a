"""Inspection: what uploads are, before anything is built from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import duckdb

from dashboard.intake import conventions, dates, mapping, profile
from dashboard.intake.build import connect, matches_of, read, recognised, useful
from dashboard.intake.canonical import tables
from dashboard.intake.expression import Scope, headings_used, text_of
from dashboard.intake.order import Order, Report
from dashboard.intake.proposal import Column, propose
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match, recognise
from dashboard.intake.records import records_sql
from dashboard.intake.rehearsal import QUICK, rehearse
from dashboard.queryfile import bound

#: Records by which the columns of a file are judged, and texts of a column that are listed.
_SAMPLE, _LISTED = 20_000, 60


def inspect(order: Order, report: Report) -> dict[str, Any]:
    """What the files are: their matches and columns, proposals for those unknown, and what an import would give."""
    unusable: list[int] = []
    files = read(order, report, unusable)
    matches = matches_of(files, order)
    con = connect(order)
    try:
        facts = [_facts(con, file) for file in files]
        own, matches = _with_proposals(_own(order, files), files, matches, facts)
        shown = [_describe(con, file, match, seen) for file, match, seen in zip(files, matches, facts, strict=True)]
        found: dict[str, Any] = {
            "files": shown,
            "own": own,
            "unusable": unusable,
            "as_of": None,
            "ask": None,
            "rehearsal": None,
        }
        known = useful(files, matches)
        written, questions = conventions.decide(con, [(file, match) for _, file, match in known], order.answers)
        if questions:
            return {**found, "ask": asdict(questions[0])}
        sources = recognised(known, written)
        as_of = dates.latest_recorded(con, ((s.file, s.match, s.conventions) for s in sources), order.today)
        found["as_of"] = as_of.isoformat() if as_of else None
    finally:
        con.close()
    is_quick = sum(file.size for file in files) <= QUICK
    if known and (is_quick if order.is_rehearsed is None else order.is_rehearsed):
        # No figure of a rehearsal depends on the day: the one just proposed spares looking for it again.
        found["rehearsal"] = rehearse(replace(order, as_of=as_of), files, matches, sources, report)
    return found


def _own(order: Order, files: Sequence[SourceFile]) -> dict[str, Any]:
    """What the user's mappings know of these files, as one mapping."""
    raws = [mapping.parse(path.read_text(encoding="utf-8")) for path in order.mappings]
    layouts = {mapping.signature(file.header) for file in files}
    for raw in raws:
        raw["object"] = [one for one in raw.get("object", []) if mapping.signature(one.get("headings", [])) in layouts]
    return mapping.joined_up(raw for raw in raws if raw["object"])


def _with_proposals(
    own: dict[str, Any],
    files: Sequence[SourceFile],
    matches: Sequence[Match | None],
    facts: Sequence[Sequence[Column]],
) -> tuple[dict[str, Any], list[Match | None]]:
    """Take unknown files for what they probably are, unless a CRM's own files came with them: then they stay out."""
    made = list(matches)
    if any(match and match.profile.name != mapping.NAME for match in matches):
        return own, made
    for i, (file, seen) in enumerate(zip(files, facts, strict=True)):
        if made[i] is None and not file.refused and (proposed := propose(seen)):
            own = mapping.put(own, proposed.object)
            match = recognise(file.header, profile.from_raw(own))
            made[i] = Match(match.profile, match.object, proposed.confidence) if match else None
    return own, made


def _facts(con: duckdb.DuckDBPyConnection, file: SourceFile) -> list[Column]:
    """What stands in the columns of a file, by its first records."""
    if not file.header or file.refused:
        return []
    names = [f"c{i}" for i in range(len(file.header))]
    parts = ", ".join(
        f"count({c}), approx_count_distinct({c}), count(*) filter (is_date_text({c})),"
        f" count(*) filter (is_number_text({c})), approx_top_k(left({c}, 100), {_LISTED})"
        for c in names
    )
    cells = ", ".join(f"nullif(trim({c}), '') as {c}" for c in names)
    row = con.execute(
        f"with records as ({records_sql(file)} limit {_SAMPLE}), cells as (select {cells} from records)\n"
        f"select count(*), {parts} from cells",
        {"path": str(file.path)},
    ).fetchone()
    assert row is not None
    found = []
    for i, heading in enumerate(file.header):
        filled, distinct, n_dates, n_numbers, texts = row[1 + 5 * i : 6 + 5 * i]
        share = max(1, filled)
        few = distinct < _LISTED and distinct <= max(2, 0.5 * filled)
        found.append(
            Column(
                heading,
                round(filled / max(1, row[0]), 4),
                round(min(1.0, distinct / share), 4),
                round(n_dates / share, 4),
                round(n_numbers / share, 4),
                dict.fromkeys((str(text) for text in texts or ()), 0) if few else {},
            )
        )
    return found


def _describe(
    con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match | None, facts: Sequence[Column]
) -> dict[str, Any]:
    samples: list[tuple[Any, ...]] = []
    if file.header:
        samples = con.execute(
            f"with records as ({records_sql(file)} limit 5) select * exclude (record) from records",
            {"path": str(file.path)},
        ).fetchall()
    offset = 1 if file.has_line_column else 0
    scope = Scope(file.header, match.profile.words if match else {})
    fields: dict[str, list[str]] = {}
    for into in match.object.into if match else ():
        for name, value in into.fields.items():
            for column in headings_used(value, scope):
                fields.setdefault(column, []).append(f"{into.table}.{name}")
    return {
        "name": file.name,
        "sha256": file.sha256,
        "header": list(file.header),
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
                **asdict(facts[i]),
                "fields": fields.get(f"c{i}", []),
                "samples": [str(row[i + offset])[:60] for row in samples if row[i + offset]][:3],
            }
            for i in range(len(facts))
        ],
        "words": _words(con, file, match) if match and file.size <= QUICK else [],
        "adopted": mapping.adopt(mapping.empty(), file.header, match) if match else None,
        "problems": [{**asdict(problem), "reason": str(problem.reason)} for problem in file.problems[:20]],
    }


def _words(con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match) -> list[dict[str, Any]]:
    """For each choice field that a column fills: its texts, how often each stands there, what it is taken for."""
    found = []
    for into in match.object.into:
        for name, value in into.fields.items():
            field = tables()[into.table].fields.get(name)
            scope = Scope(file.header, match.profile.words)
            used = headings_used(value, scope)
            if field is None or field.kind != "choice" or not used or into.unpivot:
                continue
            text, raw = text_of(value, scope), f"nullif(trim({used[0]}), '')"
            sql = (
                f"with records as ({records_sql(file)})\n"
                f"select {raw} as raw, lower(any_value({text})) as word, count(*) as n from records\n"
                f"where {raw} is not null group by all order by n desc, raw limit {_LISTED}"
            )
            rows = con.execute(sql, bound(sql, {**scope.parameters, "path": str(file.path)})).fetchall()
            found.append(
                {
                    "target": f"{into.table}.{name}",
                    "heading": file.header[int(used[0][1:])],
                    "choices": list(field.choices),
                    "texts": [
                        {"text": str(raw)[:100], "word": word if word in field.choices else None, "n": n}
                        for raw, word, n in rows
                    ],
                }
            )
    return found

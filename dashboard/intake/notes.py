"""Notes: what the user should know about a file though no row was lost by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from dashboard.intake.canonical import tables
from dashboard.intake.expression import headings_used, text_of
from dashboard.intake.loading import Recognised, joined_id
from dashboard.intake.profile import Into
from dashboard.intake.records import records_sql
from dashboard.intake.survey import DATES, Seen
from dashboard.queryfile import bound

#: Files up to this many bytes are asked how often they name a record instead of giving its id.
_ASKED = 200 * 1024 * 1024

#: Records that are looked at first: where none of them refers by name, the file is taken to refer by id.
_SAMPLE = 20_000

#: Rounded ids are told of where they are this many times as frequent as chance would have them.
_BEYOND_CHANCE = 3

#: code, column, cells concerned, example
Note = tuple[str, str, int, str]


def write(con: duckdb.DuckDBPyConnection, sources: Sequence[Recognised]) -> None:
    """Fill import_notes for files that have been loaded and whose look-ups are still there."""
    for source in sources:
        found = [*_of_cells(source), *_of_names(con, source), *_of_rows(con, source)]
        for code, column, n, example in found:
            con.execute(
                "insert into import_notes values ($1, $2, $3, $4, $5)",
                [source.number, code, source.file.header[int(column[1:])], n, example[:100]],
            )


def _of_cells(source: Recognised) -> Iterator[Note]:
    how = source.conventions
    for column, seen in how.seen.items():
        mark = how.decimals.get(column, "")
        if mark == "comma" and seen.n_comma + seen.n_needs_decimal:
            yield "decimal_comma", column, seen.n_comma + seen.n_needs_decimal, seen.with_comma or seen.mark
        yield from _of_fractions(column, seen, mark)
        if seen.kind in DATES and seen.n_day_numbers:
            yield "day_numbers", column, seen.n_day_numbers, seen.day_number
        if seen.n_html:
            yield "html_stripped", column, seen.n_html, seen.html
        if column in how.pointed:
            yield "ids_pointed", column, seen.n_pointed, seen.pointed
        if how.folds and seen.n_short:
            yield "ids_folded", column, seen.n_short, seen.short
        if seen.n_rounded > _BEYOND_CHANCE * seen.n_rounded_by_chance:
            yield "ids_rounded", column, seen.n_rounded, seen.rounded


def _of_fractions(column: str, seen: Seen, mark: str) -> Iterator[Note]:
    if seen.kind == "amount" and mark == "point" and seen.n_fine_point:
        yield "sub_cent", column, seen.n_fine_point, seen.fine_point
    if seen.kind == "amount" and mark == "comma" and seen.n_fine_comma:
        yield "sub_cent", column, seen.n_fine_comma, seen.fine_comma


def _of_rows(con: duckdb.DuckDBPyConnection, source: Recognised) -> Iterator[Note]:
    """The records that gave several rows: a history that stands in columns, goals of more than a month."""
    told: dict[str, Note] = {}
    for into in source.match.object.into:
        scope = source.scope().unfold(into)
        columns = list(scope.cells) if into.unpivot else headings_used(list(into.months), scope)
        if not columns:
            continue
        row = con.execute(
            f"select count(*), count(distinct source_record) from {into.table} where source_file = $1", [source.number]
        ).fetchone()
        assert row is not None
        if into.unpivot and row[0]:
            told["history_from_columns"] = ("history_from_columns", columns[0], row[0], scope.heading(columns[0]))
        elif row[0] > row[1]:
            told["spread_over_months"] = ("spread_over_months", columns[0], row[0], "")
    yield from told.values()


def _of_names(con: duckdb.DuckDBPyConnection, source: Recognised) -> Iterator[Note]:
    """The columns that name records of other tables instead of giving their ids, with how often."""
    if source.file.size > _ASKED:
        return
    told: dict[str, Note] = {}
    for into in source.match.object.into:
        if into.unfolds:
            continue
        for limit in (f" limit {_SAMPLE}", ""):
            seen = _named(con, source, into, limit)
            if not seen:
                break
        for column, n, example in seen:
            told.setdefault(column, ("joined_by_name", column, n, example))
    yield from told.values()


def _named(con: duckdb.DuckDBPyConnection, source: Recognised, into: Into, limit: str) -> list[tuple[str, int, str]]:
    scope = source.scope()
    columns: list[str] = []
    texts, joins, counts = [], [], []
    for name, value in into.fields.items():
        field = tables()[into.table].fields.get(name)
        used = headings_used(value, scope)
        text = text_of(value, scope)
        if field is None or field.kind != "ref" or text is None or not used:
            continue
        i = len(columns)
        columns.append(used[0])
        texts.append(f"{joined_id(text, value, source, scope)} as x{i}")
        joins.append(f" left join lookup_{field.refers_to} as l{i} on l{i}.reference = x{i}")
        by_name = f"filter (l{i}.is_name and l{i}.key is not null)"
        counts.append(f"count(*) {by_name}, min(x{i}) {by_name}")
    if not columns:
        return []
    sql = (
        f"with records as ({records_sql(source.file)}{limit}), texts as (select {', '.join(texts)} from records)\n"
        f"select {', '.join(counts)} from texts{''.join(joins)}"
    )
    row = con.execute(sql, bound(sql, {**scope.parameters, "path": str(source.file.path)})).fetchone()
    assert row is not None
    return [(column, int(row[2 * i]), str(row[2 * i + 1])) for i, column in enumerate(columns) if row[2 * i]]

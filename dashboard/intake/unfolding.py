"""Unfolding: records that stand for several rows, such as one column for each stage, or one goal for a quarter."""

from __future__ import annotations

from dashboard.intake.expression import Scope, text_of
from dashboard.intake.profile import Into

#: A span of more months than this is a slip of the key.
_MOST_MONTHS = 120


def unfolded_sql(records: str, into: Into, scope: Scope, order: str) -> str:
    """SQL of the rows that the records stand for: `records` itself, or with what an expression may use beside it.

    An unpivoted record gives a row per filled cell, with its text (cell), its heading (cell_heading) and what the
    pattern named in the heading (part_0, part_1, …); a span gives a row per month, with its first day (month), its
    number from 1 (month_number) and how many there are (n_months). `order` is that of the file's dates.
    """
    if into.unpivot:
        return _by_column(records, scope)
    if into.months:
        return _by_month(records, into, scope, order)
    return records


def filled_sql(into: Into, scope: Scope) -> str:
    """SQL that is true for the records which give at least one row."""
    if not into.unpivot:
        return "true"
    return " or ".join(f"trim({column}) <> ''" for column in scope.cells) or "false"


def _by_column(records: str, scope: Scope) -> str:
    # Headings come from the file: they are bound, like any other word of others.
    structs = [
        "{"
        + ", ".join(
            [
                f"'text': {column}",
                f"'heading': {scope.bind(scope.heading(column))}",
                *(f"'part_{i}': {scope.bind(part)}" for i, part in enumerate(parts)),
            ]
        )
        + "}"
        for column, parts in scope.cells.items()
    ]
    n_parts = max((len(parts) for parts in scope.cells.values()), default=0)
    named = "".join(f", nullif(one.part_{i}, '') as part_{i}" for i in range(n_parts))
    return (
        f"select * exclude (one), nullif(trim(one.text), '') as cell, one.heading as cell_heading{named}\n"
        f"from (select *, unnest([{', '.join(structs)}]) as one from ({records})) where trim(one.text) <> ''"
    )


def _by_month(records: str, into: Into, scope: Scope, order: str) -> str:
    first, last = (text_of(one, scope) or "cast(null as varchar)" for one in into.months)
    start, end = (f"date_trunc('month', to_timestamp_{order}({text}))" for text in (first, last))
    last_start = f"least(greatest(coalesce({end}, {start}), {start}), {start} + interval {_MOST_MONTHS - 1} month)"
    return (
        "select * exclude (months, span_text), coalesce(strftime(unnest(months), '%Y-%m-%d'), span_text) as month,\n"
        "    generate_subscripts(months, 1) as month_number, len(months) as n_months\n"
        f"from (select *, {first} as span_text, case when {start} is null then [cast(null as timestamp)]"
        f" else generate_series({start}, {last_start}, interval 1 month) end as months from ({records}))"
    )

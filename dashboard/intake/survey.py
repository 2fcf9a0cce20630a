"""The survey: what the cells of a file's dates, numbers, texts and ids look like, counted before they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from dashboard.intake.canonical import tables
from dashboard.intake.expression import Scope, headings_used
from dashboard.intake.profile import Expression
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match
from dashboard.intake.records import records_sql

#: Files up to this many bytes are looked at whole; of larger ones the first records, and all where these leave a doubt.
_WHOLE, _SAMPLE = 4 * 1024 * 1024, 20_000

#: Kinds of fields whose cells are dates, and numbers.
DATES = frozenset({"date", "timestamp", "month"})
NUMBERS = frozenset({"amount", "number", "integer", "share"})
_IDS = frozenset({"id", "ref"})
_WATCHED = DATES | NUMBERS | _IDS | {"text"}

#: What may be said beside a source without making another text of an id.
_KEEPS_ID = {"from", "starts", "where", "default", "maybe"}


@dataclass(frozen=True)
class Seen:
    """What stands in one column, by counts of cells; examples as uploaded, empty where there is none.

    Dates and numbers: cells of other than the plainest shape. Dates: cells that need an order, or prove the month or
    the day first, and day numbers. Numbers: cells that need a decimal mark, or prove the point or the comma; with more
    than two decimals behind a point, behind a comma; with a comma in them. Texts: cells with HTML. Ids: cells filled,
    written 123.0, with 15 and 18 characters as Salesforce does, with digits lost, and how many of these chance would
    give.
    """

    kind: str
    n_odd: int = 1
    n_needs_order: int = 0
    n_month_first: int = 0
    n_day_first: int = 0
    order: str = ""
    n_day_numbers: int = 0
    day_number: str = ""
    n_needs_decimal: int = 0
    n_point: int = 0
    n_comma: int = 0
    mark: str = ""
    n_fine_point: int = 0
    fine_point: str = ""
    n_fine_comma: int = 0
    fine_comma: str = ""
    with_comma: str = ""
    n_html: int = 0
    html: str = ""
    n_filled: int = 0
    n_pointed: int = 0
    pointed: str = ""
    n_short: int = 0
    short: str = ""
    long: str = ""
    n_rounded: int = 0
    rounded: str = ""
    n_rounded_by_chance: float = 0

    @property
    def is_doubtful(self) -> bool:
        """Whether more cells may tell what these do not: no order or mark proven, or something to count."""
        order = self.n_needs_order and not (self.n_month_first or self.n_day_first)
        mark = self.n_needs_decimal and not (self.n_point or self.n_comma)
        told = self.n_day_numbers or self.n_comma or self.n_fine_point or self.n_html
        return bool(order or mark or told or self.n_pointed or self.n_short or self.n_rounded)

    @property
    def is_plain(self) -> bool:
        """Whether every cell has the plainest shape of a date or a number."""
        return self.kind in DATES | NUMBERS and self.n_odd == 0

    @property
    def is_pointed(self) -> bool:
        """Whether every id of the column is written 123.0."""
        return bool(self.n_pointed) and self.n_pointed == self.n_filled


#: What is told of each cell x of a column, by groups of kinds: every test stands once, or to plan it would take longer
#: than to run it.
_TOLD = {
    "dates": {"r": "parts_first({x})", "p": "is_plain_date({x})", "s": "is_day_number({x})"},
    "numbers": {"r": "readings({x})", "p": "is_plain_number({x})", "s": "fine_mark({x})"},
    "texts": {"s": "has_html({x})"},
    "ids": {"s": "id_shape({x})", "n": "chance_of_zeros({x})"},
}

#: What is counted of that: the fields of `Seen`.
_COUNTS = {
    "dates": {
        "n_odd": "count(*) filter (not p_{x})",
        "n_needs_order": "count(*) filter (r_{x}.a <> '')",
        "n_month_first": "count(*) filter (proves_month_first(r_{x}))",
        "n_day_first": "count(*) filter (proves_day_first(r_{x}))",
        "order": "min({x}) filter (r_{x}.a <> '')",
        "n_day_numbers": "count(*) filter (s_{x})",
        "day_number": "min({x}) filter (s_{x})",
    },
    "numbers": {
        "n_odd": "count(*) filter (not p_{x})",
        "n_needs_decimal": "count(*) filter (needs_decimal(r_{x}))",
        "n_point": "count(*) filter (proves_point(r_{x}))",
        "n_comma": "count(*) filter (proves_comma(r_{x}))",
        "mark": "min({x}) filter (needs_decimal(r_{x}))",
        "n_fine_point": "count(*) filter (s_{x} = '.' and r_{x} is not null)",
        "fine_point": "min({x}) filter (s_{x} = '.' and r_{x} is not null)",
        "n_fine_comma": "count(*) filter (s_{x} = ',' and r_{x} is not null)",
        "fine_comma": "min({x}) filter (s_{x} = ',' and r_{x} is not null)",
        "with_comma": "min({x}) filter (contains({x}, ','))",
    },
    "texts": {"n_html": "count(*) filter (s_{x})", "html": "min({x}) filter (s_{x})"},
    "ids": {
        "n_filled": "count({x})",
        **{f"n_{shape}": f"count(*) filter (s_{{x}} = '{shape}')" for shape in ("pointed", "short", "rounded")},
        **{shape: f"min({{x}}) filter (s_{{x}} = '{shape}')" for shape in ("pointed", "short", "long", "rounded")},
        "n_rounded_by_chance": "sum(n_{x})",
    },
}


def of(con: duckdb.DuckDBPyConnection, file: SourceFile, match: Match) -> dict[str, Seen]:
    """What stands in the columns of a file that a look is worth, by their numbered names, in the order of the file."""
    kinds = columns(file, match)
    if not kinds:
        return {}
    if file.size <= _WHOLE:
        return _look(con, file, kinds, "")
    first = _look(con, file, kinds, f" limit {_SAMPLE}")
    again = {column: kinds[column] for column, seen in first.items() if seen.is_doubtful}
    guessed = {column: replace(seen, n_odd=seen.n_odd or 1) for column, seen in first.items()}
    return {**guessed, **(_look(con, file, again, "") if again else {})}


def columns(file: SourceFile, match: Match) -> dict[str, str]:
    """The columns of a file whose cells are worth a look, each with the kind of the first field that it fills."""
    found: dict[str, str] = {}
    for into in match.object.into:
        scope = Scope(file.header, match.profile.words).unfold(into)
        for name, value in into.fields.items():
            field = tables()[into.table].fields.get(name)
            kind = field.kind if field else "number"
            for part, part_kind in _parts(value, kind):
                for column in headings_used(part, scope) if part_kind in _WATCHED else ():
                    found.setdefault(column, part_kind)
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


def _parts(value: Expression, kind: str) -> Iterator[tuple[Expression, str]]:
    """The parts of an expression that are read from cells, with their kinds: numbers that are reckoned with, ids."""
    if isinstance(value, list):
        for part in value:
            yield from _parts(part, kind)
    elif isinstance(value, dict) and "id" in value:
        yield from _parts(value["id"], kind)
    elif isinstance(value, dict) and {"multiply", "complement", "each_month"} & value.keys():
        yield value, "number"
    elif isinstance(value, dict) and kind in _IDS and not value.keys() <= _KEEPS_ID:
        return
    else:
        yield value, kind


def _look(con: duckdb.DuckDBPyConnection, file: SourceFile, kinds: Mapping[str, str], limit: str) -> dict[str, Seen]:
    groups = {column: _group(kind) for column, kind in kinds.items()}
    cells = [f"bare({column}) as {column}" if group == "ids" else column for column, group in groups.items()]
    told = [
        f"{test.format(x=column)} as {name}_{column}"
        for column, group in groups.items()
        for name, test in _TOLD[group].items()
    ]
    counts = [count.format(x=column) for column, group in groups.items() for count in _COUNTS[group].values()]
    row = con.execute(
        f"with records as ({records_sql(file)}{limit}), cells as (select {', '.join(cells)} from records),\n"
        f"told as (select *, {', '.join(told)} from cells)\nselect {', '.join(counts)} from told",
        {"path": str(file.path)},
    ).fetchone()
    assert row is not None
    values = iter(row)
    found = {}
    for column, group in groups.items():
        counted: dict[str, Any] = {name: next(values) for name in _COUNTS[group]}
        found[column] = Seen(kinds[column], **{name: value for name, value in counted.items() if value is not None})
    return found


def _group(kind: str) -> str:
    return "dates" if kind in DATES else "numbers" if kind in NUMBERS else "ids" if kind in _IDS else "texts"


def mixes_id_lengths(con: duckdb.DuckDBPyConnection, views: Sequence[Mapping[str, Seen]]) -> bool:
    """Whether the upload has Salesforce's ids both in 15 and in 18 characters."""
    everything = [seen for view in views for seen in view.values()]
    if not any(seen.n_short for seen in everything):
        return False
    long = [seen.long for seen in everything if seen.long]
    row = con.execute("select bool_or(is_long_id(x)) from (select unnest($1::varchar[]) as x)", [long]).fetchone()
    return bool(row and row[0])

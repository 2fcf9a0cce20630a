"""Loading: one recognised file into the canonical tables that it fills, in one pass per table.

The pass reads all cells as text, types them by the macros of queries/intake/cells.sql, resolves references to keys and
writes what it could not read into the row's `problem`. Rows that must be held back leave the table afterwards
(`ledger.settle`); nothing is dropped on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from dashboard.intake.canonical import Field, Table, tables
from dashboard.intake.conventions import Conventions
from dashboard.intake.expression import Scope, condition_of, decimal_of, headings_used, may_miss, name_of, text_of
from dashboard.intake.profile import Expression, Into
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match
from dashboard.intake.records import records_sql as records_sql
from dashboard.intake.survey import DATES
from dashboard.intake.unfolding import filled_sql, unfolded_sql
from dashboard.queryfile import bound

#: Between two problems of a row, and between the parts of one.
RECORD_MARK, UNIT_MARK = "\x1e", "\x1f"

#: Reasons that hold back the row whatever the field.
HOLDING = frozenset({"missing_id", "damaged_id"})

#: Reasons that never do: a reference without target, and what a system writes where it has no date.
SPARING = frozenset({"absent", "ambiguous", "no_date"})

_TYPED = {
    "amount": ("to_amount_{decimal}({})", "bad_amount"),
    "number": ("to_number_{decimal}({})", "bad_number"),
    "integer": ("to_integer_{decimal}({})", "bad_number"),
    "share": ("to_share_{decimal}({})", "bad_share"),
    "flag": ("to_flag({})", "bad_flag"),
    "date": ("cast(to_timestamp_{order}({}) as date)", "bad_date"),
    "timestamp": ("to_timestamp_{order}({})", "bad_date"),
    "month": (
        "cast(date_trunc('month', to_timestamp_{order}("
        "regexp_replace({}, '^([0-9]{{4}})[-/]([0-9]{{1,2}})$', '\\1-\\2-01'))) as date)",
        "bad_date",
    ),
}

#: How the cells of a column are read that all have the plainest shape: the same values at less cost.
_PLAIN = {
    "amount": "try_cast({} as decimal(18,2))",
    "number": "try_cast({} as double)",
    "integer": "cast(round(try_cast({} as double)) as integer)",
    "share": "to_share_point({})",
    "date": "cast(plain_moment({}) as date)",
    "timestamp": "plain_moment({})",
}


@dataclass(frozen=True)
class Recognised:
    """A file that the profiles know: its number in source_files, its match, and how it writes."""

    number: int
    file: SourceFile
    match: Match
    conventions: Conventions

    @property
    def date_order(self) -> str:
        """mdy, dmy, or ymd."""
        return self.conventions.date_order

    def scope(self) -> Scope:
        """A fresh scope for the expressions of this file."""
        profile = self.match.profile
        return Scope(self.file.header, profile.words, profile.empty_ids, decimals=self.conventions.decimals)

    def skip_rules(self) -> list[dict[str, Any]]:
        """The profile's rules for leaving records out that this file has the column for."""
        scope = self.scope()
        return [rule for rule in self.match.object.skip if scope.present(str(rule["column"]))]

    @property
    def takes_all(self) -> bool:
        """Whether every record of the file goes into one table."""
        intos = self.match.object.into
        return len(intos) == 1 and not intos[0].where and not intos[0].unfolds and not self.skip_rules()


def load(con: duckdb.DuckDBPyConnection, source: Recognised, into: Into) -> int:
    """Insert the file's rows into one table. Returns how many went in; raises duckdb.Error for a file out of shape."""
    table = tables()[into.table]
    scope = source.scope().unfold(into)
    if into.unpivot and not scope.cells:
        return 0
    sql = _insert(table, source, into, scope)
    base = con.execute(f"select coalesce(max({table.key}), 0) from {table.name}").fetchone() if table.key else (0,)
    assert base is not None
    parameters = {**scope.parameters, "path": str(source.file.path), "base": base[0], "file": source.number}
    inserted = con.execute(sql, bound(sql, parameters)).fetchone()
    assert inserted is not None
    return int(inserted[0])


def condition(into: Into, scope: Scope, skip: Sequence[dict[str, Any]]) -> str:
    """SQL for the rows of a file that one table takes: any of its conditions, none of the rules for leaving out."""
    either = " or ".join(f"({condition_of(where, scope)})" for where in into.where) or "true"
    skipped = [condition_of([rule], scope) for rule in skip]
    return f"({either}) and ({filled_sql(into, scope)})" + "".join(f" and not ({one})" for one in skipped)


def _insert(table: Table, source: Recognised, into: Into, scope: Scope) -> str:
    raws = {name: text for name, value in into.fields.items() if (text := _raw(table, name, value, scope)) is not None}
    if table.id:
        raws[table.id] = _id_text(table, raws, into, scope)
    raws = {name: text for name, text in raws.items() if name in table.fields or name == "seconds_in_stage"}
    fields = {name: table.fields.get(name, Field(name, "number")) for name in raws}
    # A reference by an id and a name: where no row has the id, the name is asked.
    second = {name: text for name in raws if (text := name_of(into.fields.get(name, ""), scope)) is not None}
    keys = {
        name: f"coalesce(ref_{name}.key, alt_{name}.key)" if name in second else f"ref_{name}.key"
        for name, field in fields.items()
        if field.kind == "ref"
    }
    for name, field in fields.items():
        if field.kind in ("id", "ref"):
            raws[name] = joined_id(raws[name], into.fields.get(name, ""), source, scope)
    typed = {name: _typed(field, into.fields.get(name, ""), source, scope) for name, field in fields.items()}
    if "amount" in fields and "currency" in table.fields:
        named = f"named_currency(r_amount, {scope.bind(source.match.profile.currency)})"
        typed["currency"] = f"coalesce(r_currency, {named})" if "currency" in fields else named
        fields["currency"] = table.fields["currency"]
    checks = [_problem(table, field, source, into, scope) for field in fields.values()]
    problems = [problem for problem in checks if problem]
    targets = [field.column for field in fields.values()]
    values = [keys.get(name, f"t_{name}") for name in fields]
    if "currency" in fields and "amount" in fields:
        targets.append("original_amount")
        values.append("case when t_currency is not null then t_amount end")
    if table.name == "stage_changes":
        targets.append("is_derived")
        values.append("false")
    if table.name == "activities":
        told = [f"t_{name}" if name in fields else "null" for name in ("outcome", "direction", "kind", "minutes")]
        person = keys.get("contact_id", "null")
        targets.append("is_effective")
        values.append(f"made_contact({', '.join(told)}, {person})")
    if table.key:
        targets.insert(0, table.key)
        values.insert(0, "cast(row_number() over () as integer) + $base" if into.unfolds else "record + $base")
    joins = "".join(
        f"\n    left join lookup_{field.refers_to} as ref_{field.name} on ref_{field.name}.reference = r_{field.name}"
        for field in fields.values()
        if field.kind == "ref"
    ) + "".join(
        f"\n    left join lookup_{fields[name].refers_to} as alt_{name} on alt_{name}.reference = n_{name}"
        for name in second
    )
    any_bad = " or ".join(bad for bad, _ in problems) or "false"
    texts = ", ".join(f"case when {bad} then {text} end" for bad, text in problems) or "null"
    read = [f"{raw} as r_{name}" for name, raw in raws.items()] + [f"{raw} as n_{name}" for name, raw in second.items()]
    read += ["cell_heading"] if into.unpivot else []
    records = unfolded_sql(records_sql(source.file), into, scope, source.date_order)
    return (
        f"insert into {table.name} ({', '.join(targets)}, source_file, source_record, problem)\n"
        f"with records as ({records}),\n"
        f"raws as (select record, {', '.join(read)} from records"
        f" where {condition(into, scope, source.skip_rules())}),\n"
        f"typed as (select *, {', '.join(f'{sql} as t_{name}' for name, sql in typed.items())} from raws)\n"
        f"select {', '.join(values)}, cast($file as smallint), record,\n"
        f"    case when {any_bad} then concat_ws('{RECORD_MARK}', {texts}) end\nfrom typed{joins}"
    )


def _raw(table: Table, name: str, value: Expression, scope: Scope) -> str | None:
    """SQL for a field's text; cells whose macros trim for themselves come as they are."""
    field = table.fields.get(name)
    if isinstance(value, str) and field is not None and field.kind in {*_TYPED, "choice"}:
        columns = scope.present(value)
        if len(columns) == 1:
            return columns[0]
    return text_of(value, scope)


def _id_text(table: Table, raws: dict[str, str], into: Into, scope: Scope) -> str:
    """The natural id: as exported; else the name of what is known by name; else a digest of what lasts, or of all."""
    if table.id in raws and any(headings_used(into.fields[table.id], scope)):
        return raws[table.id]
    if "name" in raws and table.name in ("users", "accounts", "products"):
        return raws["name"]
    told = [text for one in into.identity if (text := text_of(one, scope)) is not None]
    if not into.identity and set(table.identity[:1]) & raws.keys():
        told = [raws[name] for name in table.identity if name in raws]
    if told:
        # Two records that share all of it are still two: the second gets a number.
        parts = ", ".join(f"lower(coalesce({text}, ''))" for text in told)
        digest = f"md5(concat_ws('{UNIT_MARK}', {parts}))"
        number = f"row_number() over (partition by {digest} order by record)"
        return f"{digest} || case when {number} = 1 then '' else '-' || {number} end"
    parts = ", ".join(f"coalesce({text}, '')" for name, text in sorted(raws.items()) if name != table.id)
    return f"md5(concat_ws('{UNIT_MARK}', {parts}))"


def joined_id(raw: str, value: Expression, source: Recognised, scope: Scope) -> str:
    """SQL for an id as it is joined: without what spreadsheets add to it, null where it stands for nobody."""
    if not source.conventions.pointed.isdisjoint(headings_used(value, scope)):
        raw = f"unpointed_id({raw})"
    if source.conventions.folds:
        raw = f"folded_id({raw})"
    for empty in scope.empty_ids:
        raw = f"nullif({raw}, {scope.bind(empty)})"
    return raw


def _minutes(offset: str) -> int:
    """An offset from UTC such as +08:00, in minutes."""
    hours, minutes = offset[1:].split(":")
    return (int(hours) * 60 + int(minutes)) * (-1 if offset.startswith("-") else 1)


def _is_plain(field: Field, value: Expression, source: Recognised, scope: Scope) -> bool:
    columns = headings_used(value, scope) if isinstance(value, str) else []
    return field.kind in _PLAIN and len(columns) == 1 and columns[0] in source.conventions.plain


def _typed(field: Field, value: Expression, source: Recognised, scope: Scope) -> str:
    raw = f"r_{field.name}"
    if field.kind in _TYPED:
        if _is_plain(field, value, source, scope):
            return _PLAIN[field.kind].format(raw)
        read = _TYPED[field.kind][0].format(raw, order=source.date_order, decimal=decimal_of(value, scope))
        offset = source.match.profile.utc_offset
        if offset and field.kind in DATES - {"month"}:
            moved = f"at_offset({read.removeprefix('cast(').removesuffix(' as date)')}, {raw}, {_minutes(offset)})"
            return f"cast({moved} as date)" if field.kind == "date" else moved
        return read
    if field.kind == "choice":
        words = ", ".join(f"'{word}'" for word in field.choices)
        low = f"lower(trim({raw}))"
        # Looked up in an enum, a word costs a third of what IN takes.
        return f"coalesce({_among(words, raw)}, {_among(words, low)})"
    return f"to_text({raw})" if field.kind == "text" else raw


def _among(words: str, text: str) -> str:
    return f"cast(try_cast({text} as enum ({words})) as varchar)"


def _problem(table: Table, field: Field, source: Recognised, into: Into, scope: Scope) -> tuple[str, str] | None:
    """SQL for "this cell is bad" and for the text that says so; None for a cell that cannot be bad."""
    raw, typed = f"r_{field.name}", f"t_{field.name}"
    # By cases, for the engine works out all parts of an "and" for every row.
    unread = f"case when {typed} is null and {raw} is not null then not is_placeholder({raw}) else false end"
    shown = raw
    if field.name == table.id:
        bad = f"{raw} is null or is_digits_lost({raw})"
        reason = f"case when {raw} is null then 'missing_id' else 'damaged_id' end"
    elif field.kind == "ref":
        places = [f"ref_{field.name}"]
        if name_of(into.fields.get(field.name, ""), scope) is not None:
            places.append(f"alt_{field.name}")
            shown = f"case when alt_{field.name}.reference is null then {raw} else n_{field.name} end"
        bad = f"{raw} is not null and " + " and ".join(f"{place}.key is null" for place in places)
        missing = " and ".join(f"{place}.reference is null" for place in places)
        reason = f"case when {missing} then 'absent' else 'ambiguous' end"
        if may_miss(into.fields.get(field.name, "")):
            bad += f" and not ({missing})"
    elif field.kind in _TYPED:
        bad = unread
        reason = f"'{_TYPED[field.kind][1]}'"
        if _is_plain(field, into.fields.get(field.name, ""), source, scope):
            bad = f"{typed} is null and trim({raw}) <> ''"
        elif field.kind in DATES:
            odd = f"when is_no_date({raw}) then 'no_date' when needs_order({raw}) then 'ambiguous_date'"
            reason = f"case {odd} else {reason} end"
        elif decimal_of(into.fields.get(field.name, ""), scope) == "either":
            reason = f"case when needs_decimal(readings({raw})) then 'ambiguous_amount' else {reason} end"
    elif field.kind == "choice":
        bad, reason = unread, "'unknown_word'"
    else:
        return None
    used = headings_used(into.fields.get(field.name, ""), scope)
    heading = scope.bind(scope.heading(used[0]) if used else field.name)
    if into.unpivot and used and set(used) <= scope.cells.keys():
        heading = "cell_heading"
    return (
        f"({bad})",
        f"concat_ws('{UNIT_MARK}', '{field.name}', {heading}, {reason}, left(coalesce({shown}, ''), 500))",
    )


def make_lookup(con: duckdb.DuckDBPyConnection, name: str, sources: Sequence[Recognised]) -> None:
    """Make lookup_<table>: every text by which a row of the table may be referred to, with its key.

    Ids win over other texts; a text that stands for several rows has no key, so that nobody is picked silently.
    `is_name` marks what is only a name.
    """
    table = tables()[name]
    con.execute("create or replace temp table alternate (reference varchar, key integer, is_name boolean)")
    for column in table.alternates:
        is_name = "true" if column == "name" else "false"
        con.execute(
            f"insert into alternate select {column}, {table.key}, {is_name} from {name} where {column} is not null"
        )
    for source in sources:
        for into in source.match.object.into:
            if into.table == name:
                _read_alternates(con, source, into, table)
    for suffix in {suffix for source in sources for suffix in source.match.profile.name_suffixes}:
        if name == "users":
            for column in ("name", "user_id"):
                con.execute(f"insert into alternate select {column} || $1, user_key, true from users", [suffix])
            con.execute(
                "insert into alternate select left(name, length(name) - length($1)), user_key, true from users"
                " where ends_with(name, $1)",
                [suffix],
            )
    con.execute(
        f"create or replace temp table lookup_{name} as\n"
        f"with ids as (select {table.id} as reference, max({table.key}) as key from {name}"
        f" where {table.id} is not null group by {table.id})\n"
        "select reference, key, false as is_name from ids union all\n"
        "select a.reference, case when count(distinct a.key) = 1 then min(a.key) end as key,"
        " bool_or(a.is_name) as is_name from alternate as a\n"
        "anti join ids on ids.reference = a.reference group by a.reference"
    )
    con.execute("drop table alternate")


def _read_alternates(con: duckdb.DuckDBPyConnection, source: Recognised, into: Into, table: Table) -> None:
    scope = source.scope()
    texts = []
    for one in into.alternates:
        if one == into.fields.get("name"):  # has been loaded: no need to read the file once more
            con.execute(
                f"insert into alternate select name, {table.key}, true from {table.name}"
                " where source_file = $1 and name is not null",
                [source.number],
            )
        else:
            parts = scope.present(one) if isinstance(one, str) else [text_of(one, scope)]
            texts += [f"bare({part})" for part in parts if part is not None]
    for text in dict.fromkeys(texts):
        sql = (
            f"insert into alternate\nwith records as (select record, {text} as reference from"
            f" ({records_sql(source.file)}))\n"
            f"select records.reference, t.{table.key}, false from records\n"
            f"join {table.name} as t on t.source_file = $file and t.source_record = records.record\n"
            "where records.reference is not null"
        )
        con.execute(sql, bound(sql, {**scope.parameters, "path": str(source.file.path), "file": source.number}))

"""Derivation: rows made from the names by which other files refer to them, where they have no file of their own."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dashboard.intake.canonical import tables
from dashboard.intake.expression import headings_used, may_miss, name_of, text_of
from dashboard.intake.loading import Recognised, joined_id
from dashboard.intake.records import records_sql
from dashboard.queryfile import bound


def name_managers(con: duckdb.DuckDBPyConnection, sources: Sequence[Recognised]) -> None:
    """Make people of the managers that a list of people without numbers names and does not list."""
    con.execute("create or replace temp table named (reference varchar)")
    for source in sources:
        for into in source.match.object.into:
            scope = source.scope()
            if into.table != "users" or headings_used(into.fields.get("user_id", ""), scope):
                continue
            value = into.fields.get("manager_id", "")
            if (text := text_of(value, scope)) is not None:
                text = joined_id(text, value, source, scope)
                sql = f"with records as ({records_sql(source.file)}) select distinct {text} from records"
                con.execute(f"insert into named {sql}", bound(sql, {**scope.parameters, "path": str(source.file.path)}))
    con.execute(
        "insert into users (user_key, user_id, name, role)\n"
        "with last as (select coalesce(max(user_key), 0) as key from users)\n"
        "select cast(last.key + row_number() over (order by n.reference) as integer), n.reference, n.reference,"
        " 'manager'\n"
        "from (select distinct reference from named where reference is not null) as n, last\n"
        "where not exists (select 1 from users as u where u.name = n.reference or u.user_id = n.reference)"
    )


def derive_names(con: duckdb.DuckDBPyConnection, name: str, sources: Sequence[Recognised]) -> None:
    """Make the rows of a table that has no file of its own from the names by which others refer to it."""
    table = tables()[name]
    con.execute("create or replace temp table named (reference varchar, name varchar)")
    for source in sources:
        for into in source.match.object.into:
            for field_name, value in into.fields.items():
                target = tables()[into.table].fields.get(field_name)
                if target is None or target.refers_to != name or may_miss(value):
                    continue
                scope = source.scope()
                text = text_of(value, scope)
                if text is None:
                    continue
                text = joined_id(text, value, source, scope)
                # a name that stands in for its id says nothing more
                label = f"nullif({label}, {text})" if (label := name_of(value, scope)) else "null"
                sql = f"with records as ({records_sql(source.file)}) select distinct {text}, {label} from records"
                con.execute(f"insert into named {sql}", bound(sql, {**scope.parameters, "path": str(source.file.path)}))
    empty = [e for source in sources for e in source.match.profile.empty_ids]
    # People who left are one person with and without the mark behind the name.
    for suffix in {suffix for source in sources for suffix in source.match.profile.name_suffixes}:
        if name == "users":
            con.execute(
                "update named set name = reference, reference = trim(left(reference, length(reference) - length($1)))"
                " where name is null and ends_with(reference, $1)",
                [suffix],
            )
    con.execute(
        f"insert into {name} ({table.key}, {table.id}, name)\n"
        "with known as (\n"
        "    select reference, max(name) filter (name <> reference) as name from named"
        " where reference is not null and not list_contains($empty, reference) group by reference\n"
        ")\n"
        "select cast(row_number() over (order by reference) as integer), reference, coalesce(name, reference)\n"
        # who is called by the bare name elsewhere is the one with that name
        "from known where name is not null or reference not in (select name from known where name is not null)",
        {"empty": empty},
    )
    con.execute("insert into snapshot_facts values ($1, 'true')", [f"derived_{name}"])

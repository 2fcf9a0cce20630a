"""The ledger: after a table is loaded, what is held back, what is merged, and where every record went.

Law, asserted for each file: records = kept + merged + held back + left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from dashboard.intake.canonical import Table, tables
from dashboard.intake.expression import condition_of
from dashboard.intake.loading import HOLDING, RECORD_MARK, SPARING, UNIT_MARK, Recognised, condition
from dashboard.intake.readers import SourceFile, line_numbers
from dashboard.intake.records import records_sql

_PROVENANCE = ("source_file", "source_record", "problem")


def open_ledger(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables that follow each record."""
    con.execute("create temp table held (table_name varchar, source_file smallint, source_record integer)")
    con.execute("create temp table merged (table_name varchar, source_file smallint, source_record integer)")
    con.execute("create temp table left_out (source_file smallint, source_record integer, reason varchar)")
    con.execute(
        "create temp table found (table_name varchar, row_id varchar, source_file smallint, source_record integer,"
        " field varchar, heading varchar, reason varchar, content varchar, is_row_kept boolean)"
    )


def settle(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Take the rows that must be held back out of a loaded table, list what is wrong, and merge its duplicates."""
    table = tables()[name]
    row_id = table.id or "cast(null as varchar)"
    holding = [field.name for field in table.fields.values() if field.holds_row]
    marks = ", ".join(f"'{reason}'" for reason in sorted(HOLDING))
    fields = ", ".join(f"'{field}'" for field in holding) or "''"
    light = ", ".join(f"'{reason}'" for reason in sorted(SPARING))
    con.execute(
        "insert into found\n"
        "with listed as (\n"
        f"    select {row_id} as row_id, source_file, source_record,"
        f" unnest(string_split(problem, '{RECORD_MARK}')) as one\n"
        f"    from {name} where problem is not null\n"
        "),\n"
        "parted as (\n"
        "    select row_id, source_file, source_record,"
        + ", ".join(
            f" split_part(one, '{UNIT_MARK}', {i}) as {part}"
            for i, part in enumerate(("field", "heading", "reason", "content"), start=1)
        )
        + " from listed\n"
        ")\n"
        f"select '{name}', row_id, source_file, source_record, field, heading, reason, content,"
        f" not (reason in ({marks}) or (field in ({fields}) and reason not in ({light}))) from parted"
    )
    con.execute(
        f"insert into held select distinct table_name, source_file, source_record from found"
        f" where table_name = '{name}' and not is_row_kept"
    )
    con.execute(
        f"delete from {name} where problem is not null and (source_file, source_record) in"
        f" (select (source_file, source_record) from held where table_name = '{name}')"
    )
    _merge(con, table)


def _merge(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make one row of all rows with one id: the later record wins, its blanks filled from the earlier ones.

    The first record counts as kept, the later ones as merged into it.
    """
    same = [table.id] if table.id else list(table.unique)
    digest = f"hash({', '.join(same)})" if table.id else f"hash(row({', '.join(same)}))"
    con.execute(
        f"create or replace temp table doubled as select {digest} as digest from {table.name}"
        f" group by all having count(*) > 1"
    )
    if con.execute("select 1 from doubled limit 1").fetchone() is None:
        return
    age = "cast(source_file as bigint) * 4294967296 + source_record"
    columns = [str(row[0]) for row in con.execute(f"select column_name from (describe {table.name})").fetchall()]
    con.execute(
        f"create or replace temp table extra as select *, {age} as age from {table.name}"
        f" where {digest} in (select digest from doubled)"
    )
    picked = [
        column
        if column in same
        else f"max({column}) as {column}"
        if column == table.key
        else f"arg_min({column}, age) as {column}"
        if column in _PROVENANCE
        else f"arg_max({column}, age) filter (where {column} is not null) as {column}"
        for column in columns
    ]
    group = ", ".join(same)
    con.execute(
        f"insert into merged select '{table.name}', source_file, source_record from extra"
        f" qualify row_number() over (partition by {group} order by age) > 1"
    )
    con.execute(f"delete from {table.name} where {digest} in (select digest from doubled)")
    con.execute(
        f"insert into {table.name} ({', '.join(columns)}) select {', '.join(picked)} from extra group by {group}"
    )


def collapse_history(con: duckdb.DuckDBPyConnection, files: Sequence[int]) -> None:
    """Keep of a field history only the moves between stages; the moves of the closing date go to their own table."""
    if not files:
        return
    con.execute(
        "create or replace temp table history as\n"
        "select *, lag(to_stage) over trail as stage_before, lag(expected_close_on) over trail as close_before,\n"
        "    row_number() over trail as step\n"
        "from stage_changes where list_contains($files, source_file)\n"
        "window trail as (partition by opportunity_key order by changed_at, source_record)",
        {"files": list(files)},
    )
    con.execute(
        "insert into close_date_changes (opportunity_key, changed_at, from_on, to_on, is_derived)\n"
        "select opportunity_key, changed_at, close_before, expected_close_on, false\n"
        "from history where close_before <> expected_close_on and opportunity_key is not null"
    )
    con.execute(
        "insert into merged select 'stage_changes', source_file, source_record from history"
        " where step > 1 and to_stage is not distinct from stage_before and opportunity_key is not null"
    )
    con.execute(
        "delete from stage_changes where (source_file, source_record) in"
        " (select (source_file, source_record) from merged where table_name = 'stage_changes')"
    )
    con.execute(
        # what a history cut off at its start says of the stage before is kept
        "update stage_changes set from_stage = coalesce(h.stage_before, nullif(h.from_stage, h.to_stage))"
        " from history as h"
        " where h.source_file = stage_changes.source_file and h.source_record = stage_changes.source_record"
    )


def note_left_out(con: duckdb.DuckDBPyConnection, source: Recognised) -> None:
    """List the records that no table takes: skipped by a rule of the profile, or of a kind that none asks for."""
    if source.takes_all:
        return
    rules = source.skip_rules()
    intos = source.match.object.into
    scope = source.scope()
    taken = " or ".join(f"({condition(into, scope.unfold(into), rules)})" for into in intos)
    cases = " ".join(f"when {condition_of([rule], scope)} then {scope.bind(str(rule['reason']))}" for rule in rules)
    reason = f"case {cases} else 'not_for_any_table' end" if cases else "'not_for_any_table'"
    con.execute(
        f"insert into left_out\nwith records as ({records_sql(source.file)})\n"
        f"select $file, record, {reason} from records where not ({taken})",
        {**scope.parameters, "path": str(source.file.path), "file": source.number},
    )


def write_rejects(con: duckdb.DuckDBPyConnection, files: Iterable[tuple[int, SourceFile]]) -> None:
    """Fill rejects and missing_references from what was found, with the physical line of each record."""
    con.execute(
        "insert into missing_references select table_name, row_id, field, content, reason from found"
        " where is_row_kept and reason in ('absent', 'ambiguous')"
    )
    con.execute("delete from found where is_row_kept and reason in ('absent', 'ambiguous')")
    for number, file in files:
        records = [
            int(row[0])
            for row in con.execute(
                "select source_record from found where source_file = $1 union"
                " select source_record from left_out where source_file = $1 order by 1",
                [number],
            ).fetchall()
        ]
        lines = _lines(con, file, records)
        con.register("line_of", pa.table({"record": list(lines), "line": list(lines.values())}, schema=_LINES))
        con.execute(
            "insert into rejects\n"
            "select f.source_file, $name, l.line, f.heading, f.content, f.reason, f.is_row_kept from found as f\n"
            "join line_of as l on l.record = f.source_record where f.source_file = $number\n"
            "union all\n"
            "select o.source_file, $name, l.line, '', '', o.reason, false from left_out as o\n"
            "join line_of as l on l.record = o.source_record where o.source_file = $number",
            {"name": file.name, "number": number},
        )
        con.unregister("line_of")
        for problem in file.problems:
            con.execute(
                "insert into rejects values ($1, $2, $3, $4, $5, $6, $7)",
                [number, file.name, problem.line, problem.column, problem.text, str(problem.reason), False],
            )


_LINES = pa.schema([("record", pa.int32()), ("line", pa.int64())])


def _lines(con: duckdb.DuckDBPyConnection, file: SourceFile, records: Sequence[int]) -> dict[int, int]:
    if not records:
        return {}
    if file.has_line_column:
        rows = con.execute(
            f"with records as ({records_sql(file)})\n"
            "select record, cast(line as bigint) from records where list_contains($records, record)",
            {"path": str(file.path), "records": list(records)},
        ).fetchall()
        return {int(record): int(line) for record, line in rows}
    return line_numbers(file, records)


def account(con: duckdb.DuckDBPyConnection, source: Recognised) -> dict[str, int]:
    """Where the records of a file went: n_kept, n_merged, n_rejected, n_cells_blanked. Raises ValueError on a gap."""
    targets = [into.table for into in source.match.object.into]
    unfolds = any(into.unfolds for into in source.match.object.into)
    places = [f"select source_record from {name} where source_file = $file" for name in dict.fromkeys(targets)]
    seen = " union ".join(places)
    if unfolds:  # a record is one, however many rows it gives
        seen = f"select distinct source_record from ({seen})"
    parameters = {"file": source.number}

    def count(sql: str) -> int:
        row = con.execute(sql, parameters if "$file" in sql else None).fetchone()
        assert row is not None
        return int(row[0])

    # A record that feeds several tables is counted once; of one table what is dropped has left it.
    kept = count(f"select count(*) from ({seen})")
    con.execute(
        "create or replace temp table dropped as select source_record, min(rank) as rank from (\n"
        "    select source_record, 1 as rank from merged where source_file = $file union all\n"
        "    select source_record, 2 as rank from held where source_file = $file union all\n"
        "    select source_record, 2 as rank from left_out where source_file = $file\n"
        ") group by source_record",
        parameters,
    )
    if len(places) > 1 or unfolds:
        seen_dropped = f"select source_record from dropped semi join ({seen}) as s using (source_record)"
        con.execute(f"delete from dropped where source_record in ({seen_dropped})", parameters)
    merged = count("select count(*) from dropped where rank = 1")
    rejected = count("select count(*) from dropped where rank = 2")
    if kept + merged + rejected != source.file.n_records:
        raise ValueError(f"{kept} + {merged} + {rejected} records of {source.file.n_records}")
    return {
        "n_kept": kept,
        "n_merged": merged,
        "n_rejected": rejected + source.file.n_held_back,
        "n_cells_blanked": count(
            "select count(*) from found where source_file = $file and is_row_kept"
            " and reason not in ('absent', 'ambiguous')"
        ),
    }

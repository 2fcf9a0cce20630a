"""The build: uploads in, one finished snapshot file out. Runs in the child process that job.py starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashboard.intake import conventions, dates, ledger, notes, profile
from dashboard.intake.canonical import tables
from dashboard.intake.derivation import derive_names, name_managers
from dashboard.intake.loading import Recognised, load, make_lookup
from dashboard.intake.memory import remember
from dashboard.intake.order import Order, Report
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import Limits, SourceFile, read_upload, refused_file, repair
from dashboard.intake.recognition import Match, recognise
from dashboard.places import QUERIES
from dashboard.snapshots import assembly

#: Tables that can be made from the names other files mention, when no file of their own was brought.
_DERIVABLE = ("users", "accounts", "products")

#: Tables that rows of others refer to.
_REFERRED = frozenset(field.refers_to for table in tables().values() for field in table.fields.values())


def build(order: Order, report: Report) -> dict[str, Any]:
    """Build the snapshot file `order.target`. Returns the facts of its manifest; raises IntakeError with one reason."""
    report("read", 0.0, "")
    files = read(order, report)
    matches = matches_of(files, order)
    con = connect(order)
    try:
        return _fill(con, order, files, matches, report)
    except duckdb.OutOfMemoryException as error:
        raise IntakeError(Code.OUT_OF_MEMORY, limit=order.memory_limit) from error
    finally:
        con.close()


def connect(order: Order) -> duckdb.DuckDBPyConnection:
    """A private engine with the cell macros, which may touch nothing but its job folder and the uploads."""
    spill = order.folder / "spill"
    spill.mkdir(mode=0o700, exist_ok=True)
    con = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": order.memory_limit,
            "threads": order.threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            # What is free goes back to the system at once: kept for later, it would add an eighth to the limit.
            "allocator_flush_threshold": "8MB",
            "allocator_bulk_deallocation_flush_threshold": "8MB",
        },
    )
    _fence(con, order)
    # The size of a CSV is unknown to the optimiser, which takes it for tiny: it would build its hash tables from the
    # file instead of the look-up, and keep the whole file in memory.
    con.execute("set disabled_optimizers = 'join_order,build_side_probe_side,in_clause'")
    for path in (
        *(QUERIES / "intake" / f"{name}.sql" for name in ("cells", "amounts", "moments", "ids", "kinds")),
        QUERIES / "derive" / "0_contact_rule.sql",
    ):
        for statement in con.extract_statements(path.read_text(encoding="utf-8")):
            con.execute(statement)
    return con


def _fence(con: duckdb.DuckDBPyConnection, order: Order) -> None:
    con.execute(f"set allowed_directories = [{_quoted(order.folder)}]")
    paths = [path for _, path in (*order.uploads, *order.earlier)]
    paths += [path.with_name(f"{path.name}.wal") for _, path in order.earlier]  # looked for by every attach
    con.execute(f"set allowed_paths = [{', '.join(_quoted(path) for path in paths)}]")
    con.execute("set enable_external_access = false")


def _quoted(path: Path) -> str:
    """A path as an SQL literal, for the statements that take no parameter."""
    return "'" + str(path).replace("'", "''") + "'"


def read(order: Order, report: Report, unusable: list[int] | None = None) -> list[SourceFile]:
    """The tables in the uploads, members of archives included.

    Raises IntakeError at the first upload that cannot be used; with `unusable`, one among others stands for itself as
    a refused file, and its number (from 0) is added there.
    """
    files: list[SourceFile] = []
    limits = Limits(may_repeat=frozenset(text for one in profile.profiles().values() for text in one.may_repeat))
    for i, (name, path) in enumerate(order.uploads):
        report("read", 0.1 * i / len(order.uploads), name)
        try:
            files += read_upload(path, name, order.folder, limits)
        except IntakeError as error:
            if unusable is None or len(order.uploads) == 1 or error.code is Code.DISK_FULL:
                raise
            unusable.append(i)
            files.append(refused_file(name, order.folder, error.code, error))
    return files


def matches_of(files: Sequence[SourceFile], order: Order) -> list[Match | None]:
    """What each file is: by the user's own mappings first, then by the profiles; None when it is nothing we know."""
    return [None if file.refused else _match(file, [*order.own, order.source]) for file in files]


def _match(file: SourceFile, known: Sequence[str | profile.Profile]) -> Match | None:
    return next((match for source in known if (match := recognise(file.header, source))), None)


Useful = list[tuple[int, SourceFile, Match]]


def useful(files: Sequence[SourceFile], matches: Sequence[Match | None]) -> Useful:
    """The files that fill something, each with its number from 1 and its match."""
    numbered = enumerate(zip(files, matches, strict=True), 1)
    return [(number, file, match) for number, (file, match) in numbered if match and match.object.is_of_use]


def recognised(known: Useful, written: Sequence[conventions.Conventions]) -> list[Recognised]:
    """These files, ready to be loaded, with how each of them writes."""
    return [Recognised(n, file, match, how) for (n, file, match), how in zip(known, written, strict=True)]


@dataclass(frozen=True)
class Loaded:
    """What has been brought into the target: the files that were of use, the day they stand for, their currency."""

    sources: list[Recognised]
    as_of: dt.date
    currency: str


def bring_in(
    con: duckdb.DuckDBPyConnection,
    order: Order,
    files: Sequence[SourceFile],
    matches: Sequence[Match | None],
    sources: list[Recognised],
    report: Report,
) -> Loaded:
    """Load `sources`, the useful ones of the files, into `order.target` and derive what follows from them.

    All canonical tables are there then, and no marts yet. Leaves the target attached as `snapshot`, the default
    database of the connection.
    """
    _open_target(con, order.target)
    assembly.create_tables(con)
    ledger.open_ledger(con)
    sources = _load_all(con, order, sources, report)
    if not any(_count(con, name) for name in ("opportunities", "orders", "users", "accounts", "leads")):
        raise IntakeError(Code.NOTHING_KEPT, file=", ".join(source.file.name for source in sources[:3]))
    as_of = order.as_of or _proposed(con, order, sources)
    currency = _currency(con, sources)
    _write_provenance(con, files, matches, sources, as_of, currency)
    # The texts stand in rejects now. Dropped, unlike blanked, they leave room in the file for what follows.
    for name in tables():
        con.execute(f"alter table {name} drop column problem")
    con.execute("reset disabled_optimizers")
    report("derive", 0.7, "")
    _stage_order(con, sources)
    remember(con, order.earlier, as_of)
    assembly.derive(con, as_of)
    return Loaded(sources, as_of, currency)


def _fill(
    con: duckdb.DuckDBPyConnection,
    order: Order,
    files: list[SourceFile],
    matches: list[Match | None],
    report: Report,
) -> dict[str, Any]:
    known = useful(files, matches)
    if not known:
        raise IntakeError(Code.NOT_RECOGNISED, file=", ".join(file.name for file in files[:3]))
    report("dates", 0.1, "")
    written = conventions.required(con, [(file, match) for _, file, match in known], order.answers)
    made = bring_in(con, order, files, matches, recognised(known, written), report)
    assembly.build_marts(con, made.as_of, lambda name: report("marts", 0.8, name))
    rows = counts(con)
    files_accounted = accounting(con)
    n_untold = assembly.n_untold(con)
    report("finish", 0.95, "")
    con.execute("use memory")
    con.execute("checkpoint snapshot")
    con.execute("detach snapshot")
    profiles = {source.match.profile.name for source in made.sources}
    return {
        "as_of": made.as_of.isoformat(),
        "currency": made.currency,
        "schema_version": assembly.SCHEMA_VERSION,
        "profile": "+".join(sorted(profiles)),
        "rows": rows,
        "files": files_accounted,
        "mappings_used": _used(order, made.sources),
        "n_untold": n_untold,
    }


def _used(order: Order, sources: Sequence[Recognised]) -> list[int]:
    """Which of the mappings of the order know one of the files."""
    return [i for i, one in enumerate(order.own) if any(source.match.profile is one for source in sources)]


def _open_target(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    con.execute(f"attach {_quoted(target)} as snapshot (storage_version 'v1.0.0')")
    con.execute("use snapshot")


def _load_all(
    con: duckdb.DuckDBPyConnection, order: Order, sources: list[Recognised], report: Report
) -> list[Recognised]:
    current = {source.number: source for source in sources}
    for name in tables():
        con.execute(f"create or replace temp table lookup_{name} (reference varchar, key integer, is_name boolean)")
    total = len(tables())
    for i, name in enumerate(tables()):
        report("load", 0.15 + 0.5 * i / total, name)
        filled = [n for n, source in current.items() if any(into.table == name for into in source.match.object.into)]
        if not filled and name in _DERIVABLE:
            derive_names(con, name, list(current.values()))
        if name == "users" and filled:
            # People refer to people: a first round only tells who there is.
            for number in filled:
                _load_file(con, order, current, number, name)
            name_managers(con, [current[n] for n in filled])
            make_lookup(con, name, [current[n] for n in filled])
            con.execute("delete from users")
        for number in filled:
            _load_file(con, order, current, number, name)
        if name == "users" and filled:
            name_managers(con, [current[n] for n in filled])
        if filled:
            ledger.settle(con, name)
        if name == "stage_changes":
            collapsing = [
                n for n in filled if any(into.collapse for into in current[n].match.object.into if into.table == name)
            ]
            ledger.collapse_history(con, collapsing)
        if name in _REFERRED:
            make_lookup(con, name, [current[n] for n in filled] or list(current.values()))
    for source in current.values():
        ledger.note_left_out(con, source)
    notes.write(con, list(current.values()))
    for name in tables():  # the marts want the memory
        con.execute(f"drop table temp.lookup_{name}")
    return list(current.values())


def _load_file(
    con: duckdb.DuckDBPyConnection, order: Order, current: dict[int, Recognised], number: int, table: str
) -> None:
    """Load one file; when the strict reader stumbles or a record is missing, repair the file and load it again."""
    source = current[number]
    intos = [into for into in source.match.object.into if into.table == table]
    try:
        n_loaded = sum(load(con, source, into) for into in intos)
        if not source.takes_all or n_loaded == source.file.n_records:
            return
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        if source.file.has_line_column:
            raise
    if source.file.has_line_column:
        raise IntakeError(Code.RECORDS_LOST, file=source.file.name)
    mended = repair(source.file, order.folder)
    current[number] = Recognised(number, mended, source.match, source.conventions)
    con.execute(f"delete from {table} where source_file = {int(number)}")
    for into in intos:
        load(con, current[number], into)


def _proposed(con: duckdb.DuckDBPyConnection, order: Order, sources: Sequence[Recognised]) -> dt.date:
    # Under our own headings the dates of recording are columns that have just been loaded.
    foreign = [source for source in sources if source.match.profile.name != "canonical"]
    seen = (
        dates.latest_recorded(con, ((s.file, s.match, s.conventions) for s in foreign), order.today),
        dates.latest_loaded(con, order.today),
    )
    return max((day for day in seen if day is not None), default=order.today)


def _currency(con: duckdb.DuckDBPyConnection, sources: Sequence[Recognised]) -> str:
    for table in ("opportunities", "orders"):
        con.execute(
            f"with written as (select distinct currency from {table} where currency is not null),\n"
            "known as (select currency as written, to_currency(currency) as code from written)\n"
            f"update {table} set currency = known.code from known"
            f" where known.code <> known.written and {table}.currency = known.written"
        )
    row = con.execute(
        "with named as (select currency from opportunities union all select currency from orders)"
        " select currency, count(*) from named where currency is not null group by 1 order by 2 desc, 1 limit 1"
    ).fetchone()
    if row:
        return str(row[0])
    return next((s.match.profile.currency for s in sources if s.match.profile.currency), "CNY")


def _stage_order(con: duckdb.DuckDBPyConnection, sources: Sequence[Recognised]) -> None:
    used = [source.match.profile for source in sources]
    names = list(dict.fromkeys(name for one in used for name in one.stages))
    ends = {stage: outcome for one in reversed(used) for stage, outcome in one.stage_outcomes.items()}
    con.execute("create or replace temp table stage_order (stage varchar, position integer, outcome varchar)")
    for i, stage in enumerate(dict.fromkeys([*names, *ends])):
        position = i if stage in names else None
        con.execute("insert into stage_order values ($1, $2, $3)", [stage, position, ends.get(stage)])


def _write_provenance(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[SourceFile],
    matches: Sequence[Match | None],
    sources: Sequence[Recognised],
    as_of: dt.date,
    currency: str,
) -> None:
    facts = {"as_of": as_of.isoformat(), "schema_version": str(assembly.SCHEMA_VERSION), "currency": currency}
    for name, value in facts.items():
        con.execute("insert into snapshot_facts values ($1, $2)", [name, value])
    by_number = {source.number: source for source in sources}
    for number, (file, match) in enumerate(zip(files, matches, strict=True), 1):
        source = by_number.get(number)
        used = source.file if source else file
        n_records = used.n_records + used.n_held_back
        if source:
            try:
                account = ledger.account(con, source)
            except ValueError as error:
                raise IntakeError(Code.RECORDS_LOST, file=file.name) from error
        else:
            account = {"n_kept": 0, "n_merged": 0, "n_rejected": n_records, "n_cells_blanked": 0}
        note = None if source else str(file.refused or ("object_not_used" if match else "not_recognised"))
        con.execute(
            "insert into source_files values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)",
            [
                number,
                file.name,
                file.sha256,
                file.size,
                file.encoding,
                file.delimiter,
                match.profile.name if match else None,
                match.object.name if match else None,
                ",".join(dict.fromkeys(into.table for into in match.object.into)) if match else None,
                match.confidence if match else None,
                n_records,
                used.n_blank,
                account["n_kept"],
                account["n_merged"],
                account["n_rejected"],
                account["n_cells_blanked"],
                note,
            ],
        )
        if note and not file.refused:
            con.execute("insert into rejects values ($1,$2,1,'','',$3,false)", [number, file.name, note])
    everything = [(n, by_number[n].file if n in by_number else file) for n, file in enumerate(files, 1)]
    ledger.write_rejects(con, everything)


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of each canonical table."""
    return {name: _count(con, name) for name in tables()}


def accounting(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Where the records of each file went, a row of source_files each."""
    cursor = con.execute("select * from source_files order by source_file")
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"select count(*) from {name}").fetchone()
    assert row is not None
    return int(row[0])

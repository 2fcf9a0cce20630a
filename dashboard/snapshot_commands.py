"""The command line's part about snapshots: list, name, re-date, rebuild, compare, delete, bring back, purge."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard import output
from dashboard.refusal import Refusal

if TYPE_CHECKING:
    from dashboard.intake.job import ImportResult, Progress
    from dashboard.snapshots.store import Snapshot, Store

Note = Callable[..., None]  # key of a sentence under cli, and its facts

#: Kinds of change in queries/data/compare_deals.sql.
KINDS = ("new", "won", "lost", "reopened", "gone", "stage", "amount", "owner", "close_date")

_LISTED = ("id", "series", "as_of", "created_at", "n_records", "bytes", "label", "state")
_COMPARED = ("part", "name", "n_before", "n_after", "n_new", "n_gone", "n_changed", "amount")


def add(
    commands: Any, day: Callable[[str], Any], shared: Sequence[argparse.ArgumentParser], forms: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """Add `snapshots` and its actions to the parser of all commands; `day` reads a date, the others are options."""
    shots: argparse.ArgumentParser = commands.add_parser(
        "snapshots", parents=shared, help="list, compare and change snapshots"
    )
    actions = shots.add_subparsers(required=True, metavar="ACTION", dest="action")
    actions.add_parser("list", parents=[*shared, forms], help="all snapshots, newest first")
    for action, what in (
        ("activate", "show it"),
        ("delete", "move it to the trash"),
        ("restore", "bring it back"),
    ):
        actions.add_parser(action, parents=shared, help=what).add_argument("id", metavar="ID")
    rename = actions.add_parser("rename", parents=shared, help="give it another name")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("label", metavar="LABEL")
    date = actions.add_parser("date", parents=shared, help="rebuild it for another day")
    date.add_argument("id", metavar="ID")
    date.add_argument("day", metavar="DATE", type=day)
    rebuild = actions.add_parser("rebuild", parents=shared, help="import its kept files again")
    purge = actions.add_parser("purge", parents=shared, help="remove a deleted one for good")
    for parser, what in ((rebuild, "all that are out of step, in order"), (purge, "empty the trash")):
        parser.add_argument("id", metavar="ID", nargs="?", default="")
        parser.add_argument("--all", action="store_true", help=what)
    compare = actions.add_parser("compare", parents=[*shared, forms], help="what has changed in the data")
    for number in ("first", "second"):
        compare.add_argument(number, metavar="ID")
    compare.add_argument("--deals", metavar="KIND", choices=KINDS, help=f"list the deals: {', '.join(KINDS)}")
    return shots


def run(options: argparse.Namespace, store: Store, note: Note, heard: Callable[[Progress], None], lang: str) -> None:
    """Do what `options.action` says. Raises Refusal, SnapshotError, IntakeError."""
    action = options.action
    if action == "list":
        _list(options, store)
    elif action == "compare":
        _compare(options, store, note, lang)
    elif action in ("date", "rebuild"):
        _rebuild(options, store, note, heard)
    elif action == "purge":
        _purge(options, store, note)
    elif action == "rename":
        note("renamed", id=options.id, label=store.rename(options.id, options.label).label)
    else:
        _move(options, store, note)


def say_likeness(result: ImportResult, note: Note, lang: str) -> None:
    """What an import noticed about its files: they are there already, or look odd beside the earlier snapshots."""
    if result.same:
        note("same_files", id=result.same.id, as_of=result.same.as_of)
    _say_doubts(result.doubts, note, lang)


def say_out_of_step(store: Store, series: str, note: Note) -> None:
    """How many snapshots of a series should be rebuilt."""
    from dashboard.snapshots.succession import out_of_step
    from dashboard.text import Count

    if n := len(out_of_step(store, series)):
        note("out_of_step", n=Count(n))


def _list(options: argparse.Namespace, store: Store) -> None:
    from dashboard.snapshots import space

    current = store.current()
    rows = [(s, "current" if current and s.id == current.id else "") for s in store.list()]
    rows += [(s, "damaged") for s in store.set_aside()] + [(s, "deleted") for s in store.deleted()]
    listed = [{**_listed(snapshot, state), "bytes": space.of(store, snapshot.id).total} for snapshot, state in rows]
    sys.stdout.write(output.written(_LISTED, listed, options.format))


def _listed(snapshot: Snapshot, state: str) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "series": snapshot.series,
        "as_of": snapshot.as_of,
        "created_at": snapshot.created_at.replace(microsecond=0),
        "n_records": snapshot.accounting.get("n_records"),
        "label": snapshot.label,
        "state": state,
    }


def _move(options: argparse.Namespace, store: Store, note: Note) -> None:
    from dashboard.settings import Settings
    from dashboard.text import Count

    act: Mapping[str, tuple[Callable[[str], object], str]] = {
        "activate": (store.activate, "activated"),
        "delete": (store.delete, "deleted"),
        "restore": (store.restore, "restored"),
    }
    do, said = act[options.action]
    series = store.get(options.id).series if options.action == "delete" else ""
    do(options.id)
    note(said, id=options.id, **({"days": Count(Settings(store.home).trash_days)} if said == "deleted" else {}))
    if options.action != "activate":
        say_out_of_step(store, series or store.get(options.id).series, note)


def _rebuild(options: argparse.Namespace, store: Store, note: Note, heard: Callable[[Progress], None]) -> None:
    from dashboard.intake import job
    from dashboard.snapshots.succession import out_of_step

    store.sweep()
    if options.action == "rebuild" and options.all:
        waiting = [s.series for s in store.list() if s in out_of_step(store, s.series)]
        for series in dict.fromkeys(waiting):
            for made in job.rebuild_all(store, series, heard):
                note("published", id=made.id, as_of=made.as_of)
        if not waiting:
            note("in_step")
        return
    if not options.id:
        raise Refusal("which", is_wrong_use=True)
    new = job.rebuild(store, options.id, heard, as_of=getattr(options, "day", None)).snapshot
    note("replaced", id=new.id, old=options.id, as_of=new.as_of)
    say_out_of_step(store, new.series, note)


def _purge(options: argparse.Namespace, store: Store, note: Note) -> None:
    from dashboard.text import Count

    if bool(options.id) == options.all:
        raise Refusal("which", is_wrong_use=True)
    if options.all:
        note("emptied", n=Count(len(store.empty_trash())))
    else:
        store.purge(options.id)
        note("purged", id=options.id)


def _compare(options: argparse.Namespace, store: Store, note: Note, lang: str) -> None:
    from dashboard.engine import Engine, Filters
    from dashboard.snapshots.assembly import SCHEMA_VERSION
    from dashboard.snapshots.likeness import unlike

    pair = sorted((store.get(options.first), store.get(options.second)), key=lambda snapshot: snapshot.age_order)
    before, after = pair
    if before.id == after.id:
        raise Refusal("equal", is_wrong_use=True)
    if before.series != after.series:
        raise Refusal("other_series", is_wrong_use=True)
    for snapshot in pair:
        if snapshot.schema_version != SCHEMA_VERSION:
            raise Refusal("outdated", id=snapshot.id)
    engine = Engine(store)
    try:
        lens = engine.lens(after.id, filters=Filters(), against=before.id)
        if options.deals:
            answer = lens.ask("data/compare_deal_list", kind=options.deals)
            sys.stdout.write(output.written(answer.column_names, answer.to_pylist(), options.format))
            return
        tables, kinds = lens.rows("data/compare_tables"), lens.rows("data/compare_deals")
    finally:
        engine.close()
    rows = [{"part": "table", "name": row["table_name"], **row} for row in tables]
    rows += [{"part": "deals", "name": row["kind"], "n_changed": row["n"], "amount": row["amount"]} for row in kinds]
    sys.stdout.write(output.written(_COMPARED, rows, options.format))
    _say_doubts(unlike(tables, before.as_of), note, lang)


def _say_doubts(doubts: Sequence[Any], note: Note, lang: str) -> None:
    from dashboard import text
    from dashboard.text import Count

    for doubt in doubts:
        facts = {name: Count(value) if type(value) is int else value for name, value in doubt.facts.items()}
        if "table" in facts:
            facts["table"] = text.plain(f"ui.table_name.{facts['table']}", lang)
        note("doubt", text=text.plain(f"snapshots.doubt.{doubt.code}", lang, **facts))

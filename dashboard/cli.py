"""The command line: the same things without a browser. `sales-cockpit --help` lists them.

Exit codes: 0 done; 1 the job failed, its reason on stderr; 2 wrong use, unknown names among it. Everything that takes
time to load is imported where it is used, so that --help answers at once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard import output, snapshot_commands
from dashboard.refusal import Refusal

if TYPE_CHECKING:
    from dashboard.engine import Engine, Viewer
    from dashboard.intake.job import ImportResult, Progress
    from dashboard.snapshots.store import Snapshot

LANGUAGES = ("zh", "en")
_ACCOUNTS = ("name", "profile", "object", "n_records", "n_kept", "n_merged", "n_rejected")
#: Codes of refusals that are the caller's: a name that does not exist, a value that cannot be.
_WRONG_USE = frozenset(
    {
        *("unknown_snapshot", "unknown_query", "missing_parameter", "unknown_parameter", "bad_parameter"),
        *("file_missing", "unknown_source"),
    }
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Wrong options end the process with 2, as argparse does."""
    options = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        options.do(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        code, sentence = _explained(error, _language(options))
        print(sentence, file=sys.stderr)
        return code
    return 0


# --- commands --------------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> None:
    from dashboard.snapshots.store import Store

    Store(_home(options)).sweep()
    os.environ["SALES_COCKPIT_HOME"] = str(_home(options))
    has_screen = sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    headless = options.no_browser or not has_screen
    _note(options, "serving", url=f"http://localhost:{options.port}")
    from streamlit.web import cli as streamlit

    app = Path(__file__).resolve().parent / "app.py"
    flags = {"server.port": options.port, "server.headless": str(headless).lower(), "server.showEmailPrompt": "false"}
    streamlit.main(
        ["run", str(app), *(f"--{name}={value}" for name, value in flags.items())], prog_name="sales-cockpit"
    )


def _demo(options: argparse.Namespace) -> None:
    from dashboard.intake.demo import import_demo, series_of
    from dashboard.snapshots.store import Store

    store = Store(_home(options))
    store.sweep()
    firms = LANGUAGES if options.lang in (None, "both") else (options.lang,)
    for firm in firms:
        _note(options, "sample", firm=firm)
        for result in import_demo(store.home, firm, _listener(options)):
            _note(options, "published", id=result.snapshot.id, as_of=result.snapshot.as_of)
    shown = next((found[0] for firm in firms if (found := store.list(series_of(firm)))), None)
    if shown is None:
        raise Refusal("no_samples")
    store.activate(shown.id)
    if not options.no_run:
        _run(options)


def _import(options: argparse.Namespace) -> None:
    from dashboard.intake.job import run_import
    from dashboard.snapshots.store import Store

    store = Store(_home(options))
    store.sweep()
    result: ImportResult = run_import(
        options.files,
        _home(options),
        as_of=options.as_of,
        source=options.source,
        mappings=options.mapping,
        date_order=options.date_order,
        decimal=options.decimal,
        series=options.series,
        label=options.label,
        progress=_listener(options),
    )
    sys.stdout.write(output.written(_ACCOUNTS, result.files, options.format))
    _note(options, "published", id=result.snapshot.id, as_of=result.snapshot.as_of)
    snapshot_commands.say_likeness(result, partial(_note, options), _language(options))
    snapshot_commands.say_out_of_step(store, options.series, partial(_note, options))


def _mapping(options: argparse.Namespace) -> None:
    """Print what the files are taken for, as a mapping to be edited and given to `import --mapping`."""
    from dashboard.intake import mapping
    from dashboard.intake.job import inspect

    found = inspect(options.files, _home(options), source=options.source, mappings=options.mapping)
    known = [file["adopted"] for file in found.files if file["adopted"] and file["targets"]]
    sys.stdout.write(mapping.text(mapping.joined_up([found.own, *known])))
    for file in found.files:
        tables = ", ".join(file["targets"]) or "-"
        _note(options, "mapped", file=file["name"], tables=tables, confidence=f"{file['confidence'] or 0:.0%}")
    for one in (found.rehearsal or {}).get("missing", [])[:20]:
        _note(options, f"missing_{one['reason']}", **{name: one[name] for name in ("table", "field", "reference", "n")})


def _snapshots(options: argparse.Namespace) -> None:
    from dashboard.snapshots.store import Store

    store, lang = Store(_home(options)), _language(options)
    snapshot_commands.run(options, store, partial(_note, options), _listener(options), lang)


def _queries(options: argparse.Namespace) -> None:
    from dashboard.queryfile import load, page_queries

    queries = [load(name) for name in page_queries()]
    if options.format != "table":
        rows = [
            {
                "name": q.name,
                "what": q.what,
                "row": q.row,
                "definition": q.definition,
                "parameters": {name: column.type for name, column in q.parameters.items()},
                "columns": {name: column.type for name, column in q.columns.items()},
                "leaves_out": q.leaves_out,
            }
            for q in queries
        ]
        sys.stdout.write(output.written(tuple(rows[0]) if rows else (), rows, options.format))
        return
    for q in queries:
        own = " ".join(f"{name}:{column.type}" for name, column in q.parameters.items())
        print("\n  ".join([q.name, q.what, q.definition, *([f"({own})"] if own else [])]), end="\n\n")


def _query(options: argparse.Namespace) -> None:
    from dashboard.engine import Engine
    from dashboard.snapshots.store import Store

    parameters = {}
    for given in options.param:
        name, equals, value = given.partition("=")
        if not equals or not name:
            raise Refusal("malformed_parameter", is_wrong_use=True, text=given)
        parameters[name] = value
    store = Store(_home(options))
    snapshot = store.get(options.snapshot) if options.snapshot else store.current()
    if snapshot is None:
        raise Refusal("no_snapshot")
    engine = Engine(store)
    try:
        lens = engine.lens(snapshot.id, _viewer(engine, snapshot, options.viewer))
        answer = lens.ask(options.name, **parameters)
    finally:
        engine.close()
    sys.stdout.write(output.written(answer.column_names, answer.to_pylist(), options.format))


# --- their parts -----------------------------------------------------------------------------------------------------


def _viewer(engine: Engine, snapshot: Snapshot, wanted: str | None) -> Viewer:
    """The viewer named by user id, or by a name or e-mail address that only one user has; nobody named = the boss."""
    from dashboard import access

    if wanted is None:
        return access.BOSS
    users = engine.users(snapshot, None)
    named = wanted.strip().casefold()
    found = [u for u in users if u["user_id"] == wanted] or [
        u for u in users if named in ((u["name"] or "").casefold(), (u["email"] or "").casefold())
    ]
    if len(found) != 1:
        raise Refusal("ambiguous_user" if found else "unknown_user", is_wrong_use=True, text=wanted)
    return access.viewer_as(found[0], users)


def _listener(options: argparse.Namespace) -> Callable[[Progress], None]:
    """Progress on stderr: one line that is written over on a terminal, a line for each new step elsewhere."""
    last = ""

    def heard(event: Progress) -> None:
        nonlocal last
        if sys.stderr.isatty():
            end = "\n" if event.share >= 1 else ""
            print(f"\r\033[K{event.share:4.0%} {event.step} {event.detail[:50]}", end=end, file=sys.stderr, flush=True)
        elif event.step != last:
            print(event.step, file=sys.stderr, flush=True)
        last = event.step

    return heard


def _explained(error: Exception, lang: str) -> tuple[int, str]:
    """Exit code and the sentence for a refusal, whatever room it comes from."""
    from dashboard import text

    code, facts = getattr(error, "code", None), dict(getattr(error, "facts", {}))
    if code is None:
        return 1, text.plain("cli.unexpected", lang, kind=type(error).__name__)
    code = str(getattr(code, "value", code))
    is_wrong_use = getattr(error, "is_wrong_use", False) or code in _WRONG_USE
    from_intake = type(error).__module__.startswith("dashboard.intake")
    key = f"intake.{code}" if from_intake else f"cli.{code}"
    try:
        sentence = text.plain(key, lang, **facts)
    except KeyError:
        sentence = text.plain("cli.import_refused", lang, code=code)
    return (2 if is_wrong_use else 1), sentence


def _note(options: argparse.Namespace, key: str, **facts: object) -> None:
    from dashboard import text

    print(text.plain(f"cli.{key}", _language(options), **facts), file=sys.stderr, flush=True)


def _language(options: argparse.Namespace) -> str:
    """Of the messages: --lang, else the environment's, else English."""
    if getattr(options, "lang", None) in LANGUAGES:
        return str(options.lang)
    named = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(name))), "")
    return "zh" if named.lower().startswith("zh") else "en"


def _home(options: argparse.Namespace) -> Path:
    if getattr(options, "home", None):
        return Path(options.home).expanduser()
    from dashboard.places import default_home

    return default_home()


# --- options ---------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    # A default on the inner parser would write over what stands before the command; SUPPRESS leaves it alone.
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help="folder of snapshots and settings")
    spoken = argparse.ArgumentParser(add_help=False)
    spoken.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help="language of messages")
    forms = argparse.ArgumentParser(add_help=False)
    forms.add_argument("--format", choices=output.FORMATS, default="table")
    served = argparse.ArgumentParser(add_help=False)
    served.add_argument("--port", type=_port, default=8501)
    served.add_argument("--no-browser", action="store_true", help="do not open a browser")

    parser = argparse.ArgumentParser(prog="sales-cockpit", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.set_defaults(home=None, lang=None)
    parser.add_argument("--home", metavar="DIR", help="folder of snapshots and settings")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of messages")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", parents=[shared, spoken, served], help="open the cockpit in a browser")
    run.set_defaults(do=_run)

    demo = commands.add_parser("demo", parents=[shared, served], help="bring in the sample firms and open the cockpit")
    demo.add_argument("--lang", choices=(*LANGUAGES, "both"), default=argparse.SUPPRESS, help="which sample firm")
    demo.add_argument("--no-run", action="store_true", help="bring them in only")
    demo.set_defaults(do=_demo)

    bring = commands.add_parser("import", parents=[shared, spoken, forms], help="make a snapshot of exported files")
    bring.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="CSV, Excel or ZIP, or a folder of such with all below it"
    )
    bring.add_argument("--as-of", type=_day, metavar="DATE", help="day the export shows (YYYY-MM-DD)")
    bring.add_argument("--source", default="auto", metavar="NAME", help="CRM it comes from (default: recognised)")
    bring.add_argument(
        "--mapping", type=Path, metavar="FILE", action="append", default=[], help="mapping of headings of your own"
    )
    bring.add_argument("--date-order", choices=("mdy", "dmy"), help="how 3/4/2025 is read where no cell proves it")
    bring.add_argument("--decimal", choices=("point", "comma"), help="how 1.234 is read where no cell proves it")
    bring.add_argument("--series", default="main", help="series that the snapshot belongs to")
    bring.add_argument("--label", help="name shown for the snapshot")
    bring.set_defaults(do=_import)

    layout = commands.add_parser(
        "mapping", parents=[shared, spoken], help="print what files are taken for, to be edited and used by import"
    )
    layout.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exported files")
    layout.add_argument("--source", default="auto", metavar="auto|NAME", help="profile of the CRM")
    layout.add_argument(
        "--mapping", type=Path, metavar="FILE", action="append", default=[], help="mapping to start from"
    )
    layout.set_defaults(do=_mapping)

    snapshot_commands.add(commands, _day, [shared, spoken], forms).set_defaults(do=_snapshots)

    queries = commands.add_parser("queries", parents=[shared, spoken, forms], help="list all figures and their meaning")
    queries.set_defaults(do=_queries)

    query = commands.add_parser("query", parents=[shared, spoken, forms], help="the rows behind one figure")
    query.add_argument("name", metavar="NAME")
    query.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    query.add_argument("--snapshot", metavar="ID", help="default: the current one")
    query.add_argument(
        "--as", dest="viewer", metavar="USER", help="see only what this user may see (id, name or e-mail)"
    )
    query.set_defaults(do=_query)
    return parser


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it like 2026-03-31") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

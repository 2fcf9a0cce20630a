"""The import as a job: a child process that may be killed or choke, and nothing half-done to be seen afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dashboard.intake.job import Progress, inspect, rebuild, run_import
from dashboard.intake.problem import IntakeError
from dashboard.snapshots.store import Store

USERS = "user_id,name,email\nu1,Ann,ann@example.com\n"
DEALS = "opportunity_id,name,owner_id,stage,outcome,amount,created_at\nd1,One,u1,Offer,open,10,2026-09-01\n"


def upload(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fingerprint(home: Path) -> dict[str, str]:
    """Every file under the folder of snapshots, and the pointer, with the hash of its bytes."""
    files = [*(home / "snapshots").glob("*"), home / "current"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


def test_progress_runs_to_the_end_and_the_snapshot_becomes_current(tmp_path: Path) -> None:
    heard: list[Progress] = []
    files = [upload(tmp_path, "u.csv", USERS), upload(tmp_path, "d.csv", DEALS)]
    result = run_import(files, tmp_path / "home", progress=heard.append)
    store = Store(tmp_path / "home")
    current = store.current()
    assert current is not None and current.id == result.snapshot.id
    assert heard[0].step == "read" and heard[-1].step == "publish"
    shares = [event.share for event in heard]
    assert shares == sorted(shares)
    assert not list(store.jobs.iterdir())


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04nonsense", "zip_broken"),
        (b"<html><body>please sign in</body></html>", "html_page"),
        (b"day,rain\n2026-01-01,3\n", "not_recognised"),
        (b"opportunity_id,name,stage\n", "header_only"),
    ],
)
def test_a_bad_file_is_one_reason_and_changes_nothing(tmp_path: Path, content: bytes, code: str) -> None:
    home = tmp_path / "home"
    run_import([upload(tmp_path, "u.csv", USERS), upload(tmp_path, "d.csv", DEALS)], home)
    before = fingerprint(home)
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(IntakeError) as refused:
        run_import([bad], home)
    assert (str(refused.value.code), refused.value.facts["file"]) == (code, "bad.csv")
    assert fingerprint(home) == before


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refused:
        run_import([tmp_path / "nowhere.csv"], tmp_path / "home")
    assert str(refused.value.code) == "file_missing"


@pytest.mark.parametrize("step", ["read", "load", "derive", "marts", "finish", "publish"])
def test_kill_9_at_any_step_loses_nothing_and_shows_nothing(tmp_path: Path, step: str) -> None:
    home = tmp_path / "home"
    run_import([upload(tmp_path, "u.csv", USERS), upload(tmp_path, "d.csv", DEALS)], home)
    before = fingerprint(home)
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from dashboard.intake.job import run_import\n"
        "def heard(event):\n"
        "    if event.step == sys.argv[3]:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "run_import([Path(sys.argv[1])], Path(sys.argv[2]), progress=heard)\n"
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "d.csv"), str(home), step],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert fingerprint(home) == before
    store = Store(home)
    store.sweep()
    assert not list(store.jobs.iterdir())
    assert run_import([tmp_path / "d.csv"], home).snapshot.n_rows["opportunities"] == 1


def test_inspection_names_each_file_and_what_its_columns_become(tmp_path: Path) -> None:
    found = inspect([upload(tmp_path, "x.csv", DEALS)], tmp_path / "home")
    (file,) = found.files
    assert (file["profile"], file["targets"], file["n_records"]) == ("canonical", ["opportunities"], 1)
    column = next(column for column in file["columns"] if column["heading"] == "amount")
    assert (column["fields"], column["samples"], column["numbers"]) == (["opportunities.amount"], ["10"], 1.0)
    assert not list((tmp_path / "home" / "snapshots").iterdir())


def test_a_snapshot_is_rebuilt_from_its_originals(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = run_import([upload(tmp_path, "u.csv", USERS), upload(tmp_path, "d.csv", DEALS)], home, label="May")
    for path in tmp_path.glob("*.csv"):
        path.unlink()
    again = rebuild(Store(home), first.snapshot.id).snapshot
    assert again.id != first.snapshot.id
    assert (again.as_of, again.label, again.n_rows) == (first.snapshot.as_of, "May", first.snapshot.n_rows)
    assert [snapshot.id for snapshot in Store(home).list()] == [again.id]


def test_a_mapping_of_ones_own_brings_in_what_no_profile_knows(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nlabel = { zh = "我的表", en = "my sheet" }\ndate_order = "ymd"\n'
        '[[object]]\nname = "Angebote"\nsignature = ["Vorgang", "Summe"]\n'
        '[[object.into]]\ntable = "opportunities"\n'
        '[object.into.fields]\nopportunity_id = "Vorgang"\nname = "Titel"\namount = "Summe"\nowner_id = "Wer"\n'
        'stage = "Stand"\noutcome = { from = "Stand", values = { "gewonnen" = "won" }, default = "open" }\n',
        encoding="utf-8",
    )
    rows = upload(tmp_path, "angebote.csv", "Vorgang,Titel,Summe,Wer,Stand\n7,Anlage,1000,Eva,gewonnen\n")
    result = run_import([rows], tmp_path / "home", mappings=[mapping])
    assert result.snapshot.n_rows["opportunities"] == 1
    assert result.files[0]["profile"] == "mine"


@pytest.mark.parametrize(
    "text",
    [
        "not toml [",
        'name = "x"\n',
        'name = "x"\nlabel = {}\n[[object]]\nname = "a"\nsignature = ["b"]\n'
        '[[object.into]]\ntable = "no_such"\nfields = {}\n',
        'name = "x"\nlabel = { zh = "a", en = "b" }\n[[object]]\nname = "a"\nsignature = ["opportunity_id"]\n'
        '[[object.into]]\ntable = "opportunities"\nfields = { outcome = { from = "stage", words = "nope" } }\n',
        'name = "x"\nlabel = { zh = "a", en = "b" }\n[[object]]\nname = "a"\nsignature = ["opportunity_id"]\n'
        '[[object.into]]\ntable = "opportunities"\nwhere = [{ column = "stage" }]\nfields = { stage = "stage" }\n',
    ],
)
def test_a_broken_mapping_is_named(tmp_path: Path, text: str) -> None:
    mapping = upload(tmp_path, "mine.toml", text)
    with pytest.raises(IntakeError) as refused:
        run_import([upload(tmp_path, "d.csv", DEALS)], tmp_path / "home", mappings=[mapping])
    assert (str(refused.value.code), refused.value.facts["file"]) == ("bad_mapping", "mine.toml")


def test_what_differs_between_two_uploads_is_a_move_where_no_history_was_exported(tmp_path: Path) -> None:
    head = "opportunity_id,name,stage,outcome,amount,expected_close_on,created_at\n"
    months = {
        "2026-08-31": "d1,One,Offer,open,10,2026-09-30,2026-08-01\nd2,Two,Offer,open,5,2026-09-30,2026-08-01\n",
        "2026-09-30": "d1,One,Offer,open,10,2026-10-31,2026-08-01\nd2,Two,Talks,open,5,2026-09-30,2026-08-01\n",
        "2026-10-31": "d1,One,Offer,open,10,2026-11-30,2026-08-01\nd2,Two,Talks,won,5,2026-10-12,2026-08-01\n",
    }
    home = tmp_path / "home"
    for day, rows in months.items():
        made = run_import([upload(tmp_path, "d.csv", head + rows)], home, as_of=dt.date.fromisoformat(day))
    with duckdb.connect(str(Store(home).data_path(made.snapshot.id)), read_only=True) as con:
        pushes = con.execute(
            "select opportunity_id, changed_at::date, from_on, to_on, is_derived from close_date_changes"
            " join opportunities using (opportunity_key) order by changed_at"
        ).fetchall()
        moves = con.execute(
            "select opportunity_id, from_stage, to_stage, changed_at::date, is_derived from stage_changes"
            " join opportunities using (opportunity_key)"
        ).fetchall()
    on = dt.date
    assert pushes == [
        ("d1", on(2026, 9, 30), on(2026, 9, 30), on(2026, 10, 31), True),
        ("d1", on(2026, 10, 31), on(2026, 10, 31), on(2026, 11, 30), True),
    ]
    assert moves == [("d2", "Offer", "Talks", on(2026, 9, 30), True)]


def test_the_worker_lives_under_limits_that_it_cannot_lift(tmp_path: Path) -> None:
    """The limits are set before the first byte of an upload is looked at."""
    import resource

    script = (
        "import json, resource, sys\n"
        "from dashboard.intake import worker\n"
        "worker._limit({'memory_mb': 64, 'uploads': [['x', sys.argv[1]]]})\n"
        "kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)\n"
        "print(json.dumps([resource.getrlimit(kind) for kind in kinds]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    said = subprocess.run(
        [sys.executable, "-c", script, str(upload(tmp_path, "d.csv", DEALS))],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    memory, seconds, written, core = json.loads(said.stdout)
    assert memory == [(64 + 3072) * 1024 * 1024] * 2
    assert resource.RLIM_INFINITY not in (*memory, *seconds, *written)
    assert core == [0, 0]


def test_the_words_of_a_mapping_are_never_part_of_a_statement(tmp_path: Path) -> None:
    mapping = upload(
        tmp_path,
        "mine.toml",
        'name = "mine"\nlabel = { zh = "表", en = "sheet" }\ndate_order = "ymd"\n'
        '[[object]]\nname = "Deals"\nsignature = ["Nr", "Gone"]\n'
        'skip = [{ column = "Gone", in = ["yes"], reason = "it\'s gone" }]\n'
        '[[object.into]]\ntable = "opportunities"\n[object.into.fields]\nopportunity_id = "Nr"\nname = "Nr"\n',
    )
    rows = upload(tmp_path, "deals.csv", "Nr,Gone\n1,no\n2,yes\n")
    made = run_import([rows], tmp_path / "home", mappings=[mapping]).snapshot
    with duckdb.connect(str(Store(tmp_path / "home").data_path(made.id)), read_only=True) as con:
        assert con.execute("select line, reason from rejects").fetchall() == [(3, "it's gone")]

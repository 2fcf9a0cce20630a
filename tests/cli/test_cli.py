"""The command line: exit codes, one sentence on stderr, and output that other programmes can read."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard import cli, output
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "salesforce_devorg"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "home"
    users = [
        {"user_id": "u1", "name": "王芳", "email": "wang@x.cn", "team": "北区", "role": "rep"},
        {"user_id": "u2", "name": "=1+1", "email": "evil@x.cn", "team": "南区", "role": "rep"},
        {"user_id": "u3", "name": "王芳", "team": "南区"},
    ]
    deal = {"pipeline": "p", "stage": "赢单", "outcome": "won", "created_at": "2026-01-01", "closed_at": "2026-03-01"}
    deals = [
        {**deal, "opportunity_id": "d1", "owner_id": "u1", "amount": "1234.50"},
        {**deal, "opportunity_id": "d2", "owner_id": "u2", "amount": "0.10"},
    ]
    build_snapshot(path, {"users": users, "opportunities": deals}, "2026-02-28", label="二月")
    build_snapshot(path, {"users": users, "opportunities": deals}, "2026-03-31")
    return path


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(tmp_path / "default"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of one command."""
    try:
        code = cli.main([str(a) for a in arguments])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_home_stands_before_or_after_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = run(capsys, "--home", home, "snapshots", "list", "--format", "json")
    assert before == run(capsys, "snapshots", "list", "--home", home, "--format", "json")
    assert before == run(capsys, "snapshots", "--home", home, "list", "--format", "json")
    rows = json.loads(before[1])
    assert [(r["as_of"], r["label"], r["state"]) for r in rows] == [
        ("2026-03-31", "", "current"),
        ("2026-02-28", "二月", ""),
    ]


def test_query_as_the_boss_and_as_a_user(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    won = ("--home", home, "query", "desk/won", "--format", "json")
    code, out, _ = run(capsys, *won)
    assert code == 0
    assert '"won_amount": 1234.60' in out  # a number with all its digits
    assert json.loads(run(capsys, *won, "--as", "u1")[1])[0]["n_won"] == 1
    assert '"won_amount": 0.10' in run(capsys, *won, "--as", "EVIL@x.cn")[1]
    assert json.loads(run(capsys, *won, "--param", "period_end=2026-02-01")[1])[0]["n_won"] == 0
    first = run(capsys, "--home", home, "snapshots", "list", "--format", "csv")[1].splitlines()[2].split(",")[0]
    assert run(capsys, *won, "--snapshot", first)[0] == 0


def test_csv_runs_nothing_in_a_spreadsheet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--home", home, "query", "salesperson/roster", "--format", "csv")
    assert "'=1+1" in out and ",=1+1" not in out
    assert out.splitlines()[0].startswith("user_id,name,team,")


WRONG_USE = [
    ("query", "desk/nope"),
    ("query", "desk/won", "--param", "nonsense=1"),
    ("query", "desk/won", "--param", "nonsense"),
    ("query", "desk/won", "--param", "as_of=yesterday"),
    ("query", "salesperson/headline"),
    ("query", "desk/won", "--snapshot", "20260101-000000-00000000"),
    ("query", "desk/won", "--as", "nobody"),
    ("query", "desk/won", "--as", "王芳"),
    ("query", "desk/won", "--format", "xml"),
    ("snapshots", "activate", "nope"),
    ("snapshots", "delete", "../../etc"),
    ("snapshots", "restore", "20260101-000000-00000000"),
    ("import", "no-such-file.csv"),
    ("import", "x.csv", "--as-of", "31.03.2026"),
    ("run", "--port", "70000"),
    ("nonsense",),
    (),
]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_ends_with_two_and_a_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, "--home", home, *arguments)
    assert (code, out) == (2, "")
    assert err.strip() and "Traceback" not in err


def test_a_failed_job_ends_with_one_and_a_sentence_in_the_users_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = run(capsys, "--home", tmp_path / "new", "query", "desk/won")
    assert (code, out) == (1, "")
    assert "There is no snapshot yet" in err
    assert "还没有快照" in run(capsys, "--home", tmp_path / "new", "--lang", "zh", "query", "desk/won")[2]
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "还没有快照" in run(capsys, "--home", tmp_path / "new", "query", "desk/won")[2]
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code, out, err = run(capsys, "--home", blocked, "snapshots", "list", "--lang", "en")
    assert (code, out) == (1, "") and err.count("\n") == 1


def test_a_refused_file_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "空.csv"
    empty.write_bytes(b"")
    code, _, err = run(capsys, "--home", tmp_path / "home", "import", empty)
    assert code == 1
    assert err.splitlines()[-1].startswith("“空.csv” is empty")
    assert Store(tmp_path / "home").list() == []


def test_what_nothing_proves_is_asked_and_the_answer_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text("opportunity_id,name,stage,amount,created_at\nd1,One,Offer,1.234,2026-03-01\n", encoding="utf-8")
    home = ("--home", tmp_path / "home")
    code, _, err = run(capsys, *home, "import", deals, "--lang", "en")
    assert code == 1 and "“1.234”" in err.splitlines()[-1]
    assert run(capsys, *home, "import", deals, "--decimal", "comma")[0] == 0
    (snapshot,) = Store(tmp_path / "home").list()
    assert snapshot.recipe["decimal"] == "comma"


def test_import_to_query_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the sample exports are not beside this checkout")
    files = sorted(SAMPLES.glob("*.csv"))
    home = ("--home", tmp_path / "home")
    code, out, err = run(capsys, *home, "import", *files, "--as-of", "2026-03-31", "--format", "json")
    assert code == 0
    accounts = json.loads(out)
    assert {a["name"] for a in accounts} == {f.name for f in files}
    assert all(a["n_records"] == a["n_kept"] + a["n_merged"] + a["n_rejected"] for a in accounts)
    assert "publish" in err.splitlines()
    assert "as of 31 Mar 2026" in err.splitlines()[-1]

    (listed,) = json.loads(run(capsys, *home, "snapshots", "list", "--format", "json")[1])
    assert run(capsys, *home, "snapshots", "delete", listed["id"])[0] == 0
    assert run(capsys, *home, "query", "desk/won")[0] == 1
    assert [r["state"] for r in json.loads(run(capsys, *home, "snapshots", "list", "--format", "json")[1])] == [
        "deleted"
    ]
    assert run(capsys, *home, "snapshots", "restore", listed["id"])[0] == 0
    assert run(capsys, *home, "snapshots", "activate", listed["id"])[0] == 0
    assert run(capsys, *home, "query", "desk/won")[0] == 0


def test_queries_are_listed_with_their_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["name"]: row for row in json.loads(run(capsys, "queries", "--format", "json")[1])}
    assert rows["desk/won"]["parameters"]["as_of"] == "date"
    assert all(row["what"] and row["definition"] for row in rows.values())
    text = run(capsys, "queries")[1]
    assert rows["desk/won"]["definition"] in text


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom dashboard import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True).stdout
    assert not {"duckdb", "pyarrow", "streamlit", "pandas", "numpy", "platformdirs"} & set(out.splitlines()[-1].split())


# --- output --------------------------------------------------------------------------------------------------------

COLUMNS = ("name", "amount", "on_day", "flag", "list")
ROWS: list[dict[str, Any]] = [
    {
        "name": "王芳",
        "amount": Decimal("-12.30"),
        "on_day": dt.date(2026, 3, 31),
        "flag": True,
        "list": [1, Decimal("2.50")],
    },
    {"name": "=cmd|' /C calc'!A0", "amount": None, "on_day": None, "flag": None, "list": None},
    {
        "name": "-5\x1b[31m",
        "amount": Decimal("1E+3"),
        "on_day": dt.datetime(2026, 3, 31, 8, 5),
        "flag": False,
        "list": [],
    },
]


def test_table() -> None:
    assert output.as_table(COLUMNS, ROWS).splitlines() == [
        "name                amount  on_day               flag   list",
        "------------------  ------  -------------------  -----  ---------",
        "王芳                -12.30  2026-03-31           true   [1, 2.50]",
        "=cmd|' /C calc'!A0",
        "-5 [31m               1000  2026-03-31T08:05:00  false  []",
    ]
    assert output.as_table(("a", "b"), []) == "a  b\n-  -\n"
    long = output.as_table(("x",), [{"x": "长" * 100}]).splitlines()[2]
    assert long.endswith("…") and len(long) <= 31


def test_csv() -> None:
    assert output.as_csv(COLUMNS, ROWS).splitlines() == [
        "name,amount,on_day,flag,list",
        '王芳,-12.30,2026-03-31,true,"[1, 2.50]"',
        "'=cmd|' /C calc'!A0,,,,",
        "'-5[31m,1000,2026-03-31T08:05:00,false,[]",
    ]
    assert output.as_csv(("a",), []) == "a\n"


@pytest.mark.parametrize("text", ["=1", "+1a", "-a", "@x", "\tx", "\rx", "＝1", " =1", "x\n=1"])
def test_csv_neutralises_formulas(text: str) -> None:
    assert output.as_csv(("a",), [{"a": text}]).splitlines()[1].lstrip('"').startswith("'")


@pytest.mark.parametrize("text", ["-5", "+8613800000000", "1,234.50", "-0.5%", "a=b", "x@y.cn"])
def test_csv_leaves_numbers_and_words(text: str) -> None:
    assert output.as_csv(("a",), [{"a": text}]).splitlines()[1].strip('"') == text


def test_json() -> None:
    text = output.as_json(COLUMNS, ROWS)
    assert '"amount": -12.30, "on_day": "2026-03-31", "flag": true, "list": [1, 2.50]' in text
    assert '"amount": 1000' in text
    assert json.loads(text)[2]["on_day"] == "2026-03-31T08:05:00"
    assert json.loads(output.as_json(("x",), [{"x": float("nan")}, {"x": Decimal("NaN")}])) == [{"x": None}] * 2
    assert json.loads(output.as_json(("x",), [])) == []

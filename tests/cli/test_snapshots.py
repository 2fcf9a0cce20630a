"""The command line's part about snapshots: names, days, rebuilds, comparisons, and what is gone for good."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.intake.job import run_import
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot
from tests.cli.test_cli import english, run

__all__ = ["english"]

HEAD = "opportunity_id,name,stage,outcome,amount,created_at\n"
MONTHS = {
    "2026-01-31": "d1,One,Talk,open,10,2026-01-05\nd2,Two,Talk,open,20,2026-01-06\n",
    "2026-02-28": "d1,One,Offer,open,10,2026-01-05\nd2,Two,Talk,open,20,2026-01-06\n",
    "2026-03-31": "d1,One,Offer,open,15,2026-01-05\nd3,Three,Talk,open,30,2026-03-06\n",
}


def export(folder: Path, day: str) -> Path:
    path = folder / f"deals {day}.csv"
    path.write_text(HEAD + MONTHS[day], encoding="utf-8")
    return path


def listed(home: Path) -> dict[str, str]:
    """Day of each snapshot -> id."""
    return {snapshot.as_of.isoformat(): snapshot.id for snapshot in Store(home).list()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """January and March, built of rows."""
    for day in ("2026-01-31", "2026-03-31"):
        names = HEAD.strip().split(",")
        deals = [dict(zip(names, line.split(","), strict=True)) for line in MONTHS[day].splitlines()]
        build_snapshot(tmp_path / "home", {"opportunities": deals}, day)
    return tmp_path / "home"


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January, March and then February, uploaded in this order."""
    folder = tmp_path_factory.mktemp("uploaded")
    for day in ("2026-01-31", "2026-03-31", "2026-02-28"):
        run_import([export(folder, day)], folder / "home", as_of=dt.date.fromisoformat(day))
    return folder / "home"


def test_rename_and_purge(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = listed(home)
    code, out, err = run(capsys, "--home", home, "snapshots", "rename", ids["2026-01-31"], "the  January review")
    assert (code, out) == (0, "") and "the January review" in err
    assert Store(home).get(ids["2026-01-31"]).label == "the January review"
    assert run(capsys, "--home", home, "snapshots", "purge", ids["2026-01-31"])[0] == 2  # not deleted yet
    for wrong in ((), (ids["2026-01-31"], "--all")):
        assert run(capsys, "--home", home, "snapshots", "purge", *wrong)[0] == 2
    assert "within 30 days" in run(capsys, "--home", home, "snapshots", "delete", ids["2026-01-31"])[2]
    assert run(capsys, "--home", home, "snapshots", "purge", ids["2026-01-31"])[0] == 0
    assert run(capsys, "--home", home, "snapshots", "restore", ids["2026-01-31"])[0] == 2
    run(capsys, "--home", home, "snapshots", "delete", ids["2026-03-31"])
    assert "1 snapshot gone" in run(capsys, "--home", home, "snapshots", "purge", "--all")[2]
    assert [path for folder in ("snapshots", "originals", "trash") for path in (home / folder).iterdir()] == []


def test_the_list_says_what_each_takes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(run(capsys, "--home", home, "snapshots", "list", "--format", "json")[1])
    assert all(row["bytes"] > 1000 for row in rows)


def test_an_older_export_between_two_is_noted_and_rebuilding_mends_the_history(
    uploaded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # March was compared with January: it dates the move to Offer by itself, a month too late
    moves = ("--home", uploaded, "query", "deal/stage_trail", "--param", "opportunity_id=d1", "--format", "json")
    late = run(capsys, *moves, "--snapshot", listed(uploaded)["2026-03-31"])[1]
    assert "2026-03-31" in late and "2026-02-28" not in late
    january, february = listed(uploaded)["2026-01-31"], listed(uploaded)["2026-02-28"]
    Store(uploaded).rename(january, "review")
    code, _, err = run(capsys, "--home", uploaded, "snapshots", "date", january, "2026-01-30")
    assert code == 0 and "30 Jan 2026" in err and "2 snapshots tell stage moves" in err
    store = Store(uploaded)
    assert [(s.as_of.isoformat(), s.label) for s in store.list()][-1] == ("2026-01-30", "review")
    assert (current := store.current()) is not None and current.id == february  # as it was
    assert run(capsys, "--home", uploaded, "snapshots", "rebuild", "--all")[0] == 0
    ids = listed(uploaded)
    assert list(ids) == ["2026-03-31", "2026-02-28", "2026-01-30"]
    right = run(capsys, *moves, "--snapshot", ids["2026-03-31"])[1]
    assert "2026-02-28" in right
    assert "No snapshot needs rebuilding" in run(capsys, "--home", uploaded, "snapshots", "rebuild", "--all")[2]
    assert run(capsys, "--home", uploaded, "snapshots", "date", ids["2026-03-31"], "31.03.2026")[0] == 2


def test_what_an_import_notices_is_said(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deals = [{"opportunity_id": f"d{n}"} for n in range(30)]
    build_snapshot(home, {"opportunities": deals}, "2026-04-30")
    older = ("--home", home, "import", export(tmp_path, "2026-01-31"), "--as-of", "2026-04-15")
    assert "there is a snapshot of 30 Apr 2026 already" in run(capsys, *older)[2]
    made = listed(home)["2026-04-15"]
    code, _, err = run(capsys, *older[:-1], "2026-05-31")
    assert code == 0
    assert f"already snapshot {made}" in err
    assert "2 rows of deals; the snapshot of 30 Apr 2026 had 30" in err


def test_compare(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = listed(home)
    pair = (ids["2026-03-31"], ids["2026-01-31"])
    code, out, _ = run(capsys, "--home", home, "snapshots", "compare", *pair, "--format", "json")
    rows: list[dict[str, Any]] = json.loads(out)
    assert code == 0
    deals = next(row for row in rows if (row["part"], row["name"]) == ("table", "opportunities"))
    assert [deals[name] for name in ("n_before", "n_after", "n_new", "n_gone", "n_changed")] == [2, 2, 1, 1, 1]
    kinds = {row["name"]: (row["n_changed"], row["amount"]) for row in rows if row["part"] == "deals"}
    assert (kinds["new"], kinds["gone"], kinds["stage"], kinds["amount"]) == ((1, 30), (1, 20), (1, 15), (1, 5))
    same = run(capsys, "--home", home, "snapshots", "compare", *reversed(pair), "--format", "json")
    assert same[1] == out  # the later one comes after, however they are named
    gone = run(capsys, "--home", home, "snapshots", "compare", *pair, "--deals", "gone", "--format", "csv")[1]
    assert gone.splitlines()[1].startswith("d2,Two,20")
    table = run(capsys, "--home", home, "snapshots", "compare", *pair)[1]
    assert table.splitlines()[0].split() == [
        *("part", "name", "n_before", "n_after", "n_new", "n_gone", "n_changed", "amount")
    ]


def test_what_cannot_be_compared(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = listed(home)["2026-03-31"]
    other = build_snapshot(home, {"users": [{"user_id": "u1"}]}, "2026-03-31", series="demo-en").id
    for pair in ((mine, mine), (mine, other), (mine, "20260101-000000-00000000")):
        code, out, err = run(capsys, "--home", home, "snapshots", "compare", *pair)
        assert (code, out) == (2, "") and err.strip()


def test_two_firms_hardly_overlap(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for day, mark in (("2026-04-30", "a"), ("2026-05-31", "b")):
        build_snapshot(home, {"opportunities": [{"opportunity_id": f"{mark}{n}"} for n in range(20)]}, day)
    ids = listed(home)
    err = run(capsys, "--home", home, "snapshots", "compare", ids["2026-04-30"], ids["2026-05-31"])[2]
    assert "The ids of deals hardly overlap" in err

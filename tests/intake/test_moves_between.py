"""Moves that only successive snapshots tell, and when an exported history is believed instead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from dashboard.intake.job import run_import
from dashboard.snapshots.store import Store

DEALS = "opportunity_id,name,stage,outcome,amount,expected_close_on,created_at\n"
MOVES = "opportunity_id,from_stage,to_stage,changed_at\nd1,,Talks,2026-08-01\nd1,Talks,Offer,2026-08-20\n"
DATED = "opportunity_id,from_stage,to_stage,changed_at,expected_close_on\nd1,,Offer,2026-08-01,2026-09-30\n"
MONTHS = {"2026-08-31": "2026-09-30", "2026-09-30": "2026-10-31"}


def pushes(tmp_path: Path, history: str) -> list[tuple[object, ...]]:
    """Moves of the closing date of d1 after two imports a month apart, each with this history of stages."""
    home = tmp_path / "home"
    for day, closing in MONTHS.items():
        files = []
        for name, text in (
            ("deals.csv", f"{DEALS}d1,One,Offer,open,10,{closing},2026-08-01\n"),
            ("moves.csv", history),
        ):
            if text:
                (tmp_path / name).write_text(text, encoding="utf-8")
                files.append(tmp_path / name)
        made = run_import(files, home, as_of=dt.date.fromisoformat(day))
    with duckdb.connect(str(Store(home).data_path(made.snapshot.id)), read_only=True) as con:
        return con.execute("select changed_at::date, from_on, to_on, is_derived from close_date_changes").fetchall()


FOUND = [(dt.date(2026, 9, 30), dt.date(2026, 9, 30), dt.date(2026, 10, 31), True)]


def test_without_a_history_the_snapshots_are_one(tmp_path: Path) -> None:
    assert pushes(tmp_path, "") == FOUND


def test_a_history_of_stages_alone_says_nothing_of_closing_dates(tmp_path: Path) -> None:
    assert pushes(tmp_path, MOVES) == FOUND


def test_a_history_that_tells_of_closing_dates_is_believed(tmp_path: Path) -> None:
    """It knows of one date only, so there was no move; that the deal says another is for the next history to tell."""
    assert pushes(tmp_path, DATED) == []

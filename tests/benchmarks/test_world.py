"""The invented firm is the same every time, on any day of its world, and as dirty as a real export."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from benchmarks.generate import FILES, SCALES, generate


@pytest.fixture(scope="module")
def export(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    generate(SCALES["XS"], folder)
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_bytes_are_the_same_every_time(export: Path, tmp_path: Path) -> None:
    again = generate(SCALES["XS"], tmp_path)
    assert [path.read_bytes() for path in again] == [(export / f"{name}.csv").read_bytes() for name in FILES]


def test_an_earlier_day_shows_less_of_the_same_world(export: Path, tmp_path: Path) -> None:
    generate(SCALES["XS"], tmp_path, dt.date(2025, 6, 30))
    then = {row["opportunity_id"]: row for row in rows(tmp_path, "opportunities")}
    now = {row["opportunity_id"]: row for row in rows(export, "opportunities")}
    assert set(then) < set(now)
    assert all(then[key]["name"] == now[key]["name"] for key in then)
    assert {row["outcome"] for row in then.values()} == {"open", "won", "lost"}
    decided = [key for key, row in then.items() if row["outcome"] != "open"]
    assert decided and all(then[key]["outcome"] == now[key]["outcome"] for key in decided)


def test_the_dirt_of_real_exports_is_there(export: Path) -> None:
    activities = rows(export, "activities")
    ids = [row["activity_id"] for row in activities]
    assert len(ids) - len(set(ids)) >= 20 and "" in ids
    amounts = {row["amount"] for row in rows(export, "opportunities")}
    assert all(any(mark in one for one in amounts) for mark in ("¥", "万", "(", "待定"))
    moments = {row["happened_at"] for row in activities}
    assert all(any(mark in one for one in moments) for mark in ("年", "/", "T", "-", "待定"))
    assert any("\n" in row["note"] for row in activities)
    assert any(row["owner_id"].startswith("UGONE") for row in activities)

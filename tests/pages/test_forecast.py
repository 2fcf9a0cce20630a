"""The forecast page as a boss opens it: with history, with too little, without targets or deals, in both languages."""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.engine import Engine, Filters, QueryError
from dashboard.places import PAGES
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot

AS_OF = dt.date(2026, 5, 31)
BEFORE = dt.date(2026, 4, 30)
STAGES = ["初步接触", "需求确认", "方案报价", "商务谈判"]


def firm(as_of: dt.date, months: int = 24, *, with_history: bool = True, target: int = 0) -> dict[str, Any]:
    """Deals of four salespeople up to a day, some forty a month; a third of them are won within two months."""
    chance = random.Random(5)
    first = AS_OF - dt.timedelta(days=months * 30)
    deals: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    for number in range(months * 20):
        start = dt.datetime.combine(first, dt.time()) + dt.timedelta(days=number * 1.5)
        ends = [start + dt.timedelta(days=12 * i + chance.randrange(1, 12)) for i in range(4)]
        n_stages = 4 if chance.random() < 0.35 else chance.randrange(1, 4)
        outcome, closed = ("won" if n_stages == 4 else "lost"), ends[n_stages - 1]
        if start.date() > as_of:
            continue
        passed = [i for i in range(1, n_stages) if ends[i - 1].date() <= as_of]
        is_open = closed.date() > as_of
        stage = STAGES[len(passed)] if is_open else {"won": "赢单", "lost": "输单"}[outcome]
        deals.append(
            {
                "opportunity_id": f"d{number}",
                "name": f"[商机]({number})",
                "owner_id": f"u{number % 4}",
                "stage": stage,
                "outcome": "open" if is_open else outcome,
                "amount": 10_000 + 1_000 * (number % 30),
                "probability": 0.5 if with_history else None,
                "forecast_category": "Commit" if with_history and number % 3 == 0 else None,
                "created_at": start,
                "closed_at": None if is_open else closed,
                "expected_close_on": closed.date(),
            }
        )
        for i in passed:
            move = {"from_stage": STAGES[i - 1], "to_stage": STAGES[i], "changed_at": ends[i - 1]}
            moves.append({"opportunity_id": f"d{number}", **move})
    goals = [
        {"owner_id": f"u{i}", "month": dt.date(2026, month, 1), "measure": "revenue", "value": target / 12}
        for i in range(4)
        for month in (4, 5, 6)
    ]
    return {
        "users": [{"user_id": f"u{i}", "name": f"业务{i}", "team": ["东", "西"][i % 2]} for i in range(4)],
        "stages": [
            {"stage": name, "position": i, "outcome": {"赢单": "won", "输单": "lost"}.get(name, "open")}
            for i, name in enumerate([*STAGES, "赢单", "输单"], 1)
        ],
        "opportunities": deals,
        "stage_changes": moves if with_history else [],
        "targets": goals if target else [],
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the firm on two days a month apart, built once; pages only read it."""
    folder = tmp_path_factory.mktemp("full")
    for day in (BEFORE, AS_OF):
        build_snapshot(folder, firm(day, target=2_000_000), day)
    return folder


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Engines of one test do not outlive it."""
    yield
    st.cache_resource.clear()


@pytest.fixture
def firm_home(full: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(full, monkeypatch)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(tmp_path, monkeypatch)


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(folder))
    return folder


def opened(page_name: str = "forecast", **params: str) -> AppTest:
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.switch_page(f"../pages/{page_name}.py")
    page.run()
    assert not page.exception and not page.error
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.info])


def answered(page: AppTest) -> str:
    return next(element.value for element in page.markdown if element.value.startswith("#### "))


def card(page: AppTest, label: str) -> str:
    return next(str(metric.value) for metric in page.metric if metric.label == label)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_answers_with_a_range_the_target_and_how_often_it_was_right(firm_home: Path, lang: str) -> None:
    page = opened(lang=lang)
    answer = answered(page)
    assert answer.count("¥") >= 4 and "%" in answer
    assert ("把握" if lang == "zh" else "8 of 10 cases") in answer
    told = words(page)
    assert ("过去 12 个月每月同一天这样预测" if lang == "zh" else "same day of 12 earlier months") in told
    assert ("离目标还差" if lang == "zh" else "missing to the target") in told


def test_the_desk_shows_the_same_forecast_and_coverage(firm_home: Path) -> None:
    here, desk = opened(lang="en"), opened("desk", lang="en")
    for label in ("Forecast", "Pipeline coverage"):
        assert card(here, label) == card(desk, label)


@pytest.mark.parametrize(
    "lang, room, n_tables",
    [("zh", "deals", 1), ("en", "people", 1), ("zh", "claims", 2), ("en", "claims", 2), ("en", "odds", 0)],
)
def test_every_room_has_its_evidence(firm_home: Path, lang: str, room: str, n_tables: int) -> None:
    page = opened(lang=lang, room=room)
    assert len(page.dataframe) == n_tables
    if room == "claims":  # what was said on 30 April of May, and what came
        table = page.dataframe[0].value
        assert {"ours", "stated", "commit", "best", "came"} <= set(table.columns) and len(table) == 1
        each = page.dataframe[1].value
        assert each["came"].sum() == table["came"][0]


def test_by_team_and_by_salesperson(firm_home: Path) -> None:
    people = opened(lang="zh", room="people").dataframe[0].value
    assert set(people["group_name"]) == {f"业务{i}" for i in range(4)}
    teams = opened(lang="zh", room="people", dimension="team").dataframe[0].value
    assert set(teams["group_name"]) == {"东", "西"}


def test_under_a_filter_the_forecast_is_that_of_the_part(firm_home: Path) -> None:
    store = Store(firm_home)
    engine = Engine(store)
    try:
        whole = engine.lens(store.list()[0].id)
        parts = [engine.lens(store.list()[0].id, filters=Filters(team=(team,))) for team in ("东", "西")]
        hoped = [lens.row("forecast/outlook", dimension="all")["hoped_amount"] for lens in (whole, *parts)]
        assert float(hoped[0]) == pytest.approx(float(hoped[1] + hoped[2]), abs=0.02)
    finally:
        engine.close()


@pytest.mark.parametrize(
    "period, told", [("last_quarter", "已经结束"), ("this_month", "已经结束"), ("this_year", "预计")]
)
def test_periods(firm_home: Path, period: str, told: str) -> None:
    """On the last day of a month nothing of it is left."""
    assert told in answered(opened(lang="zh", period=period))


@pytest.mark.parametrize(
    "own", [{"room": "<b>", "line": "99"}, {"room": "people", "dimension": "x", "period": "never"}]
)
def test_nonsense_in_the_address_falls_back(firm_home: Path, own: dict[str, str]) -> None:
    opened(lang="zh", **own)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_targets_history_or_calls_it_says_so(home: Path, lang: str) -> None:
    build_snapshot(home, firm(AS_OF, with_history=False), AS_OF)
    assert ("没有上传目标" if lang == "zh" else "No target was uploaded") in words(opened(lang=lang))
    claims = words(opened(lang=lang, room="claims"))
    for zh, en in (
        ("CRM 没有导出在谈商机的赢率", "exports no probabilities"),
        ("CRM 没有导出预测类别", "no forecast category"),
        ("还没有可以比的更早的快照", "no earlier snapshot to compare"),
    ):
        assert (zh if lang == "zh" else en) in claims
    assert ("CRM 没有导出阶段变化" if lang == "zh" else "exports no stage changes") in words(
        opened(lang=lang, room="odds")
    )


def test_a_snapshot_of_an_older_version_is_not_asked(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lacks what newer questions stand on: neither it nor the change since is shown, and every page opens."""
    folder = at_home(tmp_path / "home", monkeypatch)
    shutil.copytree(full, folder)
    (old,) = [shot for shot in Store(folder).list() if shot.as_of == BEFORE]
    manifest = folder / "snapshots" / f"{old.id}.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**facts, "schema_version": 0}), encoding="utf-8")
    assert "no earlier snapshot to compare" in words(opened(lang="en", room="claims"))
    opened("desk", lang="en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_too_little_history_gives_no_number(home: Path, lang: str) -> None:
    build_snapshot(home, firm(AS_OF, months=1), AS_OF)
    page = opened(lang=lang)
    assert ("不可信" if lang == "zh" else "none is given") in answered(page)
    assert card(page, "期末预测" if lang == "zh" else "Forecast") == "—"
    opened("desk", lang=lang)


def test_without_deals_it_names_the_export(home: Path) -> None:
    build_snapshot(home, {"users": [{"user_id": "u1", "name": "甲"}]}, AS_OF)
    assert "没有商机" in answered(opened(lang="zh"))


def test_without_any_snapshot_it_shows_the_way(home: Path) -> None:
    opened(lang="zh")


def test_an_unknown_dimension_is_the_whole(firm_home: Path) -> None:
    store = Store(firm_home)
    engine = Engine(store)
    try:
        lens = engine.lens(store.list()[0].id)
        assert lens.row("forecast/outlook", dimension="?")["group_id"] == ""
        with pytest.raises(QueryError):
            lens.row("forecast/outlook")
    finally:
        engine.close()

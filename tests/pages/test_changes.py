"""The page on pipeline changes as a boss opens it: two snapshots, one, none, tables missing, both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.places import PAGES
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot
from tests.queries.test_changes import AFTER, BEFORE, NOW, STAGES, THEN, USERS, Rows

SOME: dict[str, Rows] = {"users": USERS, "stages": STAGES}


@pytest.fixture(scope="module")
def pair_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the hand-worked pair and a snapshot before it."""
    home = tmp_path_factory.mktemp("changes-page")
    build_snapshot(home, {**SOME, "opportunities": BEFORE[:4]}, dt.date(2025, 12, 1))
    edits = [{"opportunity_id": "same", "changed_at": "2026-03-30", "from_on": "2026-03-31", "to_on": "2026-06-30"}]
    build_snapshot(home, {**SOME, "opportunities": BEFORE}, THEN)
    build_snapshot(home, {**SOME, "opportunities": AFTER, "close_date_changes": edits}, NOW)
    return home


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Engines of one test do not outlive it."""
    yield
    st.cache_resource.clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def at_pair(pair_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(pair_home))
    return Store(pair_home)


def opened(**params: str) -> AppTest:
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.switch_page("../pages/changes.py")
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    told = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in told)


def table(page: AppTest, column: str) -> Any:
    return next(found.value for found in page.dataframe if column in found.value.columns)


def labels(page: AppTest) -> set[str]:
    return {metric.label for metric in page.metric}


@pytest.mark.parametrize(
    ("lang", "kind", "direction"), [("zh", "“换了币种”", "降到"), ("en", "Won", "fell from ¥2,500 to ¥1,892")]
)
def test_says_what_moved_most(at_pair: Store, lang: str, kind: str, direction: str) -> None:
    page = opened(lang=lang)
    answer = next(
        element.value for element in page.markdown if element.value.startswith("####") and "¥" in element.value
    )
    assert direction in answer
    assert ("赢单" if lang == "zh" else kind) in answer  # 375, more than any other
    assert "¥70" in words(page)  # what vanished
    assert len(page.metric) == 5 + 5
    assert ("没填金额" if lang == "zh" else "none stated") in words(page)


def test_the_address_says_which_bar_reach_and_list(at_pair: Store) -> None:
    page = opened(lang="en", reach="period", kind="slipped_in", which="since", course="mixed", past="created_before")
    assert list(table(page, "new_amount")["name"]) == ["商机drags"]
    assert "expected to close in the period" in words(page)
    assert set(table(page, "n_pushes")["name"]) == {"商机pushed", "商机drags"}
    assert list(table(page, "said_then")["name"]) == ["商机entered late"]
    people = table(page, "opening")
    assert list(people["owner"]) == ["甲", "乙"]
    assert "transferred_in" in people.columns


@pytest.mark.parametrize("name", ["kind", "reach", "which", "course", "past", "before", "after", "period"])
def test_nonsense_in_the_address_falls_back(at_pair: Store, name: str) -> None:
    assert "¥1,892" in words(opened(lang="en", **{name: "<b>nonsense</b>"}))


def test_any_two_snapshots_in_whatever_order(at_pair: Store) -> None:
    newest, middle, oldest = at_pair.list()
    page = opened(lang="en", after=oldest.id, before=newest.id)
    assert "1 Dec 2025 to 15 May 2026" in words(page) and "165 days apart" in words(page)
    page = opened(lang="en", after=middle.id)
    assert "1 Dec 2025 to 15 Apr 2026" in words(page)
    # Another snapshot than the one shown: its deals can't be opened from here.
    assert "Another snapshot is being shown" in words(page)
    assert "the same snapshot" in words(opened(lang="en", after=newest.id, before=newest.id))


def test_one_snapshot_says_to_upload_the_next(home: Path) -> None:
    build_snapshot(home, {**SOME, "opportunities": AFTER}, NOW)
    assert "只有一份快照" in words(opened(lang="zh"))
    page = opened(lang="en")
    assert "Upload the next export to see what moved" in words(page) and not page.metric


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_snapshot_and_no_deals(home: Path, lang: str) -> None:
    assert not opened(lang=lang).metric
    build_snapshot(home, {"users": USERS}, THEN)
    build_snapshot(home, {"users": USERS}, NOW)
    assert ("没有商机" if lang == "zh" else "There are no deals") in words(opened(lang=lang))


def test_a_snapshot_without_deals_is_nothing_to_compare_with(home: Path) -> None:
    build_snapshot(home, SOME, THEN)
    build_snapshot(home, {**SOME, "opportunities": AFTER}, NOW)
    said = words(opened(lang="en"))
    assert "holds no deals to compare with" in said and "nothing moved" not in said


def test_deals_of_nobody_without_stages_or_history(home: Path) -> None:
    def alone(rows: Rows) -> Rows:
        return [{**row, "owner_id": None} for row in rows]

    build_snapshot(home, {"opportunities": alone(BEFORE)}, THEN)
    build_snapshot(home, {"opportunities": alone(AFTER)}, NOW)
    page = opened(lang="en")
    assert "¥1,892" in words(page)
    assert list(table(page, "opening")["owner"]) == ["Nobody"]


def test_nothing_moved(home: Path) -> None:
    for day in (THEN, NOW):
        build_snapshot(home, {**SOME, "opportunities": BEFORE[:3]}, day)
    page = opened(lang="en")
    assert "nothing moved" in words(page) and "nothing was changed after the fact" in words(page)
    assert "Nobody changed a closing date" in words(page)


def test_deals_without_an_amount_that_come_are_no_standstill(home: Path) -> None:
    worthless = [{**row, "amount": None} for row in BEFORE[:3]]
    build_snapshot(home, {**SOME, "opportunities": worthless[:1]}, THEN)
    build_snapshot(home, {**SOME, "opportunities": worthless}, NOW)
    said = words(opened(lang="en"))
    assert "nothing moved" not in said and "without an amount moved; most of all: New, 2 deals" in said


def test_two_currencies_are_not_subtracted(home: Path) -> None:
    build_snapshot(home, {**SOME, "opportunities": BEFORE}, THEN, currency="USD")
    build_snapshot(home, {**SOME, "opportunities": AFTER}, NOW)
    page = opened(lang="en")
    assert "different currencies (USD then, CNY now)" in words(page) and not page.metric


def test_snapshots_of_different_firms_are_doubted(home: Path) -> None:
    def named(prefix: str) -> Rows:
        return [{**BEFORE[0], "opportunity_id": f"{prefix}{number}"} for number in range(12)]

    build_snapshot(home, {**SOME, "opportunities": named("a")}, THEN)
    build_snapshot(home, {**SOME, "opportunities": named("b")}, NOW)
    assert opened(lang="en").warning


def test_hostile_names_stay_text(home: Path) -> None:
    hostile = {**BEFORE[0], "name": "![x](http://evil.test) <b>"}
    build_snapshot(home, {**SOME, "opportunities": [{**hostile, "expected_close_on": "2026-04-20"}]}, THEN)
    build_snapshot(home, {**SOME, "opportunities": [{**hostile, "expected_close_on": "2026-06-20"}]}, NOW)
    said = words(opened(lang="en", which="since"))
    assert "\\!\\[x\\]" in said and "![x](" not in said

"""The desk as a boss opens it: with data, without, with tables missing, in both languages, and working off its list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.places import PAGES
from dashboard.settings import Settings
from dashboard.ui.desk.answer import course
from tests.builders import build_snapshot
from tests.queries.desk_firm import AS_OF, deal, people
from tests.queries.test_desk import BEFORE, DEALS, bill, touch

HOSTILE = "![x](http://a.example/x.png) **商机**"


def firm(*, is_whole: bool = True, goal: int = 60_000) -> dict[str, list[dict[str, Any]]]:
    """The small firm of the query tests, in thousands; whole = with targets, payments, bills, tasks and contacts."""
    deals = [d | {"amount": d["amount"] * 100 if d["amount"] else None} for d in DEALS]
    deals += [deal("O9", 300_000, "2026-02-01", name=HOSTILE, expected_close_on=dt.date(2026, 4, 30))]
    tables = people() | {"opportunities": deals}
    if is_whole:
        tables |= {
            "targets": [{"owner_id": "r1", "month": dt.date(2026, 4, 1), "measure": "revenue", "value": goal}],
            "payments": [{"payment_id": "p1", "account_id": "a1", "amount": 7_000, "paid_on": dt.date(2026, 4, 5)}],
            "invoices": [bill("i1", 20_000, "2026-01-10")],
            "tasks": [{"task_id": "t1", "owner_id": "r1", "status": "open", "due_on": dt.date(2026, 5, 1)}],
            "activities": [touch("r1", "2026-04-02"), touch("r2", "2026-05-10")],
        }
    return tables


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(tmp_path))
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


def opened(**params: str) -> AppTest:
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.switch_page("../pages/desk.py")
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.info])


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize(
    ("lang", "answer", "weak"),
    [("zh", "本季度落后了", "看不出人财物事"), ("en", "This quarter: behind", "Too few deals")],
)
def test_answers_first(home: Path, lang: str, answer: str, weak: str) -> None:
    build_snapshot(home, firm(goal=120_000), AS_OF)
    said = words(opened(lang=lang))
    # 40,000 of 120,000 with 45 of 91 days gone
    assert answer in said and weak in said
    assert "33%" in said and "49%" in said


@pytest.mark.parametrize(
    ("won", "elapsed", "code"), [(9, 0.9, "on"), (10, 0.5, "reached"), (10, 1, "kept"), (9, 1, "over")]
)
def test_a_period_that_is_over_is_not_told_as_one_that_runs(won: int, elapsed: float, code: str) -> None:
    assert course({"target_amount": Decimal(10), "won_amount": Decimal(won), "elapsed_share": elapsed}) == code


@pytest.mark.parametrize(
    ("goal", "course"), [(30_000, "目标已经完成"), (60_000, "跑在前面"), (82_000, "进度正常"), (120_000, "落后了")]
)
def test_knows_the_course(home: Path, goal: int, course: str) -> None:
    build_snapshot(home, firm(goal=goal), AS_OF)
    assert course in words(opened(lang="zh"))


def test_cards_show_the_eight_figures(home: Path) -> None:
    build_snapshot(home, firm(), AS_OF)
    shown = figures(opened(lang="en"))
    assert {"Won", "Collected", "Forecast", "Pipeline coverage", "Win rate", "Sales cycle", "Overdue"} <= shown.keys()
    assert shown["Won"] == "¥40K" and shown["Overdue"] == "¥20K" and shown["Sales cycle"] == "55 days"
    assert shown["Effective contacts"] == "2"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_missing_tables_are_named_and_the_rest_works(home: Path, lang: str) -> None:
    build_snapshot(home, firm(is_whole=False), AS_OF)
    page = opened(lang=lang)
    said = words(page) + "".join(str(metric.proto) for metric in page.metric)
    expected = (
        ["没有目标", "没有上传回款", "没有上传跟进"]
        if lang == "zh"
        else ["no target", "no receipts", "no contact records"]
    )
    for sentence in expected:
        assert sentence in said
    assert list(figures(page).values()).count("—") >= 3


def test_empty_states(home: Path) -> None:
    assert not opened(lang="zh").metric  # no snapshot at all
    build_snapshot(home, people(), AS_OF)
    assert "没有商机" in words(opened(lang="zh"))


def test_list_is_worked_off_and_kept(home: Path) -> None:
    snapshot = build_snapshot(home, firm(), AS_OF)
    page = opened(lang="en")
    done = [button for button in page.button if button.key and button.key.startswith("desk.done.")]
    assert 2 <= len(done) <= 10
    key = str(done[0].key).removeprefix("desk.done.")
    done[0].click().run()
    assert not page.exception
    assert Settings(home).dismissed(snapshot.series) == {key: "done"}
    assert f"desk.done.{key}" not in {button.key for button in page.button}
    # Another day, another visit: it stays done, and can be brought back.
    again = opened(lang="en")
    again.button(f"desk.restore.{key}").click().run()
    assert Settings(home).dismissed(snapshot.series) == {}
    assert f"desk.done.{key}" in {button.key for button in again.button}


def test_says_what_changed_and_lists_the_deals(home: Path) -> None:
    build_snapshot(home, people() | {"opportunities": BEFORE}, dt.date(2026, 4, 15))
    build_snapshot(home, people() | {"opportunities": DEALS}, AS_OF)
    page = opened(lang="en", change="grown")
    # O1 grew by 100, and W2 was won at 300 instead of 250
    assert figures(page)["Grown"] == "¥150" and figures(page)["Vanished"] == "¥70"
    assert list(page.dataframe[0].value["name"]) == ["商机O1", "商机W2"]
    page = opened(lang="en", change="nonsense", compare="snapshot")
    assert list(page.dataframe[0].value["name"]) == ["商机O1"]  # slipped


def test_first_snapshot_says_that_there_is_nothing_to_compare(home: Path) -> None:
    build_snapshot(home, firm(), AS_OF)
    assert "This is the first snapshot" in words(opened(lang="en"))


@pytest.mark.parametrize("period", ["last_quarter", "this_month", "last_12_months", "last_year"])
def test_every_period_has_an_answer(home: Path, period: str) -> None:
    build_snapshot(home, firm(), AS_OF)
    assert figures(opened(lang="zh", period=period, compare="last_year"))["赢单"].startswith("¥")


def test_text_of_the_crm_stays_text(home: Path) -> None:
    build_snapshot(home, firm(), AS_OF)
    said = words(opened(lang="zh"))
    assert "a.example" in said.replace("\\", "") and "![x](http" not in said

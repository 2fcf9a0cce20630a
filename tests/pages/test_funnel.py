"""The funnel page as a boss opens it: with data, without, with tables missing, in both languages."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.places import PAGES
from dashboard.ui.funnel.answer import compared
from tests.builders import build_snapshot

AS_OF = dt.date(2026, 6, 30)
STAGES = ["初步接触", "需求确认", "方案报价", "商务谈判"]


def firm(n_deals: int = 240, *, with_history: bool = True, with_leads: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Deals of two teams over two years; 华南 loses most of its deals out of 方案报价."""
    chance = random.Random(7)
    teams = ["华东", "华南"]
    users = [{"user_id": f"u{i}", "name": f"业务{i}", "team": teams[i % 2], "role": "rep"} for i in range(8)]
    deals: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    for number in range(n_deals):
        owner = number % 8
        start = dt.datetime(2024, 8, 1) + dt.timedelta(days=number * 660 / n_deals)
        position, at, outcome = 1, start, "open"
        while outcome == "open":
            at += dt.timedelta(days=chance.randrange(3, 25))
            if at.date() >= AS_OF:
                break
            pass_rate = 0.3 if (position, owner % 2) == (3, 1) else 0.85
            if chance.random() > pass_rate:
                outcome, to = "lost", "输单"
            elif position == 4:
                outcome, to = "won", "赢单"
            else:
                to = STAGES[position]
            moves.append(
                {"opportunity_id": f"d{number}", "from_stage": STAGES[position - 1], "to_stage": to, "changed_at": at}
            )
            position += outcome == "open"
        stage = {"won": "赢单", "lost": "输单", "open": STAGES[position - 1]}[outcome]
        deals.append(
            {
                "opportunity_id": f"d{number}",
                "name": f"[商机]({number})",
                "owner_id": f"u{owner}",
                "stage": stage,
                "outcome": outcome,
                "amount": 10_000 + 1_000 * (number % 30),
                "source": ["展会", "官网"][number % 2],
                "created_at": start,
                "closed_at": at if outcome != "open" else None,
                "loss_reason": chance.choice(["价格", "竞品", None]) if outcome == "lost" else None,
            }
        )
    stages = [*STAGES, "赢单", "输单"]
    leads = [{"lead_id": f"l{i}", "source": "展会", "created_at": dt.datetime(2026, 1, 1 + i)} for i in range(9)]
    return {
        "users": users,
        "stages": [
            {"stage": name, "position": i, "outcome": {"赢单": "won", "输单": "lost"}.get(name, "open")}
            for i, name in enumerate(stages, 1)
        ],
        "opportunities": deals,
        "stage_changes": moves if with_history else [],
        "leads": leads if with_leads else [],
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the whole firm, built once; pages only read it."""
    folder = tmp_path_factory.mktemp("full")
    build_snapshot(folder, firm(), AS_OF)
    return folder


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Engines of one test do not outlive it."""
    yield
    st.cache_resource.clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(tmp_path, monkeypatch)


@pytest.fixture
def firm_home(full: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(full, monkeypatch)


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(folder))
    return folder


def opened(**params: str) -> AppTest:
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=30)
    for name, value in params.items():
        page.query_params[name] = value
    page.switch_page("../pages/funnel.py")
    page.run()
    assert not page.exception and not page.error
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.info])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_the_step_its_rival_and_what_lifting_it_is_worth(firm_home: Path, lang: str) -> None:
    page = opened(lang=lang)
    answer = next(element.value for element in page.markdown if "→" in element.value)
    assert "方案报价 → 商务谈判" in answer
    # The rate of the step, that of the other team, and money.
    assert "华东" in answer and answer.count("%") >= 3 and "¥" in answer
    assert "华南" in words(page)  # whose step it is


def test_a_young_quarter_is_widened_and_can_be_narrowed(firm_home: Path) -> None:
    assert "12 months" in words(opened(lang="en"))
    assert "12 months" not in words(opened(lang="en", window="period"))


def test_the_address_says_which_stage_deals_and_group(firm_home: Path) -> None:
    page = opened(lang="en", position="2", outcome="lost", dimension="owner", reach="whole")
    assert "需求确认 → 方案报价" in words(page)
    deals = next(table.value for table in page.dataframe if "loss_reason" in table.value.columns)
    assert len(deals) > 0 and set(deals["outcome"]) == {"lost"}
    page = opened(lang="en", room="groups", dimension="owner", reach="whole")
    groups = next(table.value for table in page.dataframe if "verdict" in table.value.columns)
    assert set(groups["group_name"]) == {f"业务{i}" for i in range(8)}


@pytest.mark.parametrize(
    "lang, room, said",
    [
        # Two teams, one of which loses most of its deals at this step: told apart, in words.
        ("zh", "groups", "明显低于其余：华南"),
        ("en", "groups", "Clearly below the rest: 华南"),
        ("zh", "times", "没有一单比惯常久"),
        ("en", "losses", "carry no reason"),
        ("zh", "leads", "变成了商机"),
    ],
)
def test_every_room_has_its_evidence(firm_home: Path, lang: str, room: str, said: str) -> None:
    page = opened(lang=lang, room=room, period="this_year")
    assert said in words(page)
    assert len(page.dataframe) == 1


def test_level_groups_are_said_to_be_so_and_not_ranked(firm_home: Path) -> None:
    # A deal is won or lost whatever its size.
    page = opened(lang="zh", room="groups", dimension="size_band")
    assert "无法区分" in words(page)
    groups = next(table.value for table in page.dataframe if "verdict" in table.value.columns)
    assert set(groups["verdict"]) == {"无法区分"}


def test_shares_by_age_are_said_and_drawn(firm_home: Path) -> None:
    said = words(opened(lang="en", room="times"))
    assert "after creation" in said and "are won" in said
    assert "gone forward" in words(opened(lang="en", room="times", course="3"))


@pytest.mark.parametrize(
    "funnel, lang, counted",
    [
        ("active", "zh", "在这个阶段待过的商机"),
        ("active", "en", "stood in a stage"),
        ("snapshot", "en", "stand in each"),
    ],
)
def test_the_other_funnels_say_what_they_count(firm_home: Path, funnel: str, lang: str, counted: str) -> None:
    page = opened(lang=lang, funnel=funnel)
    assert counted in words(page)
    assert len(page.dataframe) == 2  # the stages, and the deals of one


@pytest.mark.parametrize("funnel", ["active", "snapshot"])
def test_a_period_that_is_over_is_counted_at_its_end(firm_home: Path, funnel: str) -> None:
    page = opened(lang="en", funnel=funnel, period="last_quarter")
    assert "31 Mar 2026" in words(page)


@pytest.mark.parametrize(
    "name, value", [("position", "99"), ("position", "x"), ("outcome", "<b>"), ("funnel", "1;"), ("course", "9")]
)
def test_nonsense_in_the_address_falls_back(firm_home: Path, name: str, value: str) -> None:
    opened(lang="zh", **{name: value})


def test_a_click_on_a_stage_changes_the_address(firm_home: Path) -> None:
    page = opened(lang="en")
    page.button_group("choice.funnel.position").set_value("1").run()
    assert not page.exception
    assert page.query_params["position"] == "1"
    assert "初步接触 → 需求确认" in words(page)


def test_without_history_the_page_says_what_it_cannot_know(home: Path) -> None:
    build_snapshot(home, firm(90, with_history=False), AS_OF)
    assert "no stage history" in words(opened(lang="en", room="losses"))
    assert "carry no word on the stage" in words(opened(lang="en"))
    assert "nothing can be said by age" in words(opened(lang="en", room="times", course="2"))
    active = words(opened(lang="en", funnel="active"))
    assert "no history tells their stage" in active


def test_without_leads_the_rest_works(home: Path) -> None:
    build_snapshot(home, firm(90, with_leads=False), AS_OF)
    assert "leads" in words(opened(lang="en", room="leads"))
    page = opened(lang="en", room="groups")
    assert any("verdict" in table.value.columns for table in page.dataframe)


def test_without_deals_or_snapshot_the_page_says_so(home: Path) -> None:
    assert not opened(lang="zh").dataframe
    build_snapshot(home, firm(0), AS_OF)
    assert "没有新建的商机" in words(opened(lang="zh"))
    assert "看不到哪个商机" in words(opened(lang="zh", funnel="active"))
    assert "没有停着的商机" in words(opened(lang="zh", funnel="snapshot"))


def test_compared_with_the_previous_snapshot(home: Path) -> None:
    build_snapshot(home, firm(70), dt.date(2026, 5, 31))
    build_snapshot(home, firm(90), AS_OF)
    for funnel in ("entered", "active", "snapshot"):
        opened(lang="en", compare="snapshot", funnel=funnel)
    for room in ("times", "losses"):
        opened(lang="en", compare="snapshot", room=room)


def test_text_of_the_crm_stays_text(home: Path) -> None:
    rows = firm(90)
    for row in [*rows["opportunities"], *rows["stages"]]:
        if row["stage"] == "方案报价":
            row["stage"] = "![x](http://a.example/x.png) *报价*"
    for move in rows["stage_changes"]:
        for side in ("from_stage", "to_stage"):
            if move[side] == "方案报价":
                move[side] = "![x](http://a.example/x.png) *报价*"
    build_snapshot(home, rows, AS_OF)
    for params in ({}, {"room": "groups"}, {"room": "times", "course": "3"}, {"funnel": "active"}):
        assert "![x](http" not in words(opened(lang="en", position="3", **params))


def test_one_deal_is_a_funnel_too(home: Path) -> None:
    rows = firm(1, with_history=False, with_leads=False)
    alone = {**rows["opportunities"][0], "stage": STAGES[0], "outcome": "open", "closed_at": None}
    build_snapshot(home, rows | {"opportunities": [{**alone, "created_at": dt.datetime(2026, 6, 1)}]}, AS_OF)
    assert "None of these deals has been lost" in words(opened(lang="en"))


def test_the_last_step_leads_to_winning_where_no_stage_is_named_for_it(home: Path) -> None:
    rows = firm(120)
    rows["stages"] = [stage for stage in rows["stages"] if stage["outcome"] != "won"]
    for deal in rows["opportunities"]:
        deal["stage"] = None if deal["outcome"] == "won" else deal["stage"]
    build_snapshot(home, rows, AS_OF)
    said = words(opened(lang="en", position="4"))
    assert "商务谈判 → Won" in said and "→ —" not in said


def test_figures_of_two_snapshots_are_matched_by_all_their_keys() -> None:
    rows: list[dict[str, object]] = [
        {"stage": 1, "reason": reason, "n": 3, "compare_n": 0} for reason in ("价格", None)
    ]
    earlier: list[dict[str, object]] = [{"stage": 1, "reason": None, "n": 5}, {"stage": 2, "reason": "价格", "n": 7}]
    found = compared(rows, earlier, ("stage", "reason"))
    assert [row["compare_n"] for row in found] == [None, 5]

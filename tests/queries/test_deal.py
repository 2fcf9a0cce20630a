"""The deal page's figures: answers worked by hand on the firm of salesperson_firm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.queries.salesperson_firm import FIRM, ask, build

Con = duckdb.DuckDBPyConnection
FIGURES = (
    "summary",
    "stage_trail",
    "touches",
    "people",
    "milestones",
    "lines",
    "money",
    "close_dates",
    "honesty",
    "course",
    "timeline",
)


@pytest.fixture(scope="module")
def firm() -> Iterator[Con]:
    with duckdb.connect(":memory:") as con:
        build(con, FIRM)
        yield con


def test_summary_of_a_deal_that_outruns_its_evidence(firm: Con) -> None:
    (row,) = ask(firm, "deal/summary", opportunity_id="d1")
    assert (row["name"], row["account_name"], row["user_id"], row["user_name"]) == ("商机1", "四厂", "ann", "安")
    assert (row["stage"], row["evidence_stage"], row["stage_position"], row["evidence_position"]) == (
        "谈判",
        "需求",
        4,
        1,
    )
    assert (row["age_days"], row["days_silent"], row["last_effective_on"]) == (89, 89, None)
    assert (row["n_touches"], row["n_effective"], row["n_flags"], row["advice"]) == (1, 0, 4, "ahead")
    assert row["win_odds"] == pytest.approx(15 / 23)
    assert float(row["weighted_amount"]) == pytest.approx(1000 * 15 / 23, abs=0.01)


@pytest.mark.parametrize(
    ("deal", "advice"), [("d2", "single_threaded"), ("d3", "won"), ("d4", "lost"), ("d5", "on_course")]
)
def test_advice(firm: Con, deal: str, advice: str) -> None:
    assert ask(firm, "deal/summary", opportunity_id=deal)[0]["advice"] == advice


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        ({"stage": "需求"}, "never"),
        ({"stage": "需求", "created_at": "2026-03-30 09:00:00", "next_step_on": "2026-03-30"}, "step_overdue"),
        ({"stage": "需求", "created_at": "2026-03-30 09:00:00", "next_step_on": None}, "past_due"),
        ({"stage": "需求", "created_at": "2026-03-30 09:00:00", "expected_close_on": "2026-06-01"}, "no_next_step"),
    ],
)
def test_advice_takes_the_first_trouble_that_holds(more: dict[str, str], advice: str) -> None:
    deals = [{**FIRM["opportunities"][0], **more}, *FIRM["opportunities"][1:]]
    with duckdb.connect(":memory:") as con:
        build(con, {**FIRM, "opportunities": deals})
        assert ask(con, "deal/summary", opportunity_id="d1")[0]["advice"] == advice


def test_stage_trail_keeps_the_step_back(firm: Con) -> None:
    rows = ask(firm, "deal/stage_trail", opportunity_id="d3")
    assert [(r["stage"], r["days"], r["is_backward"]) for r in rows] == [
        ("需求", 11, False),
        ("方案", 34, False),
        ("报价", 3, False),
        ("方案", 7, True),
        ("谈判", 16, False),
        ("赢单", None, False),
    ]
    assert (rows[0]["entered_on"], rows[0]["left_on"], rows[-1]["left_on"]) == (
        dt.date(2025, 12, 1),
        dt.date(2025, 12, 12),
        None,
    )
    # stays that ended: 11 days here (d3); d1, d4, d6, d7 and d8 have no history to take days from
    assert rows[0]["expected_days"] == 11


def test_timeline_says_what_counted_from_which_day(firm: Con) -> None:
    rows = ask(firm, "deal/timeline", opportunity_id="d3")
    lanes: dict[str, list[tuple[str, Any]]] = {}
    for r in rows:
        value = {"stage": r["position"], "amount": r["amount"], "close": r["close_on"], "touch": r["kind"]}[r["lane"]]
        lanes.setdefault(r["lane"], []).append((r["happened_on"].isoformat(), value))
    # created 1 Dec in 需求, back from 报价 to 方案 on 18 Jan, won (behind the four open stages) on 10 Feb: its last day
    assert lanes["stage"] == [
        ("2025-12-01", 1),
        ("2025-12-12", 2),
        ("2026-01-15", 3),
        ("2026-01-18", 2),
        ("2026-01-25", 4),
        ("2026-02-10", 5),
        ("2026-02-10", 5),
    ]
    # 20 Jan was expected from the creation on; on 2 Jan it became 20 Feb, on 1 Feb 15 Feb, which the deal still says
    assert [(day, value.isoformat()) for day, value in lanes["close"]] == [
        ("2025-12-01", "2026-01-20"),
        ("2026-01-02", "2026-02-20"),
        ("2026-02-01", "2026-02-15"),
        ("2026-02-10", "2026-02-15"),
    ]
    assert [(day, float(value)) for day, value in lanes["amount"]] == [("2026-02-10", 2000.0)]
    assert len(lanes["touch"]) == len(
        [r for r in ask(firm, "deal/touches", opportunity_id="d3") if r["item"] == "activity"]
    )


def test_touches_are_one_thread_newest_first(firm: Con) -> None:
    rows = ask(firm, "deal/touches", opportunity_id="d2")
    assert [(r["item"], r["kind"], r["outcome"], r["happened_on"].isoformat()) for r in rows] == [
        ("approval", "discount", "pending", "2026-03-28"),
        ("task", "task", "overdue", "2026-03-25"),
        ("activity", "meeting", "positive", "2026-03-21"),
    ]
    assert (rows[2]["who"], rows[2]["person"], rows[2]["minutes"], rows[2]["is_effective"]) == ("安", "周总", 60, True)


def test_notes_are_cut(firm: Con) -> None:
    touches = [{**FIRM["activities"][0], "note": "长" * 1000, "subject": "题" * 500}]
    with duckdb.connect(":memory:") as con:
        build(con, {**FIRM, "activities": touches})
        (row,) = [r for r in ask(con, "deal/touches", opportunity_id="d3") if r["item"] == "activity"]
        assert (len(row["note"]), len(row["subject"])) == (300, 120)


def test_people_shows_who_was_never_reached(firm: Con) -> None:
    rows = ask(firm, "deal/people", opportunity_id="d2")
    assert [(r["name"], r["buying_role"], r["is_decider"], r["n_effective"], r["last_on"]) for r in rows] == [
        ("周总", "decider", True, 1, dt.date(2026, 3, 21)),
        ("吴工", "user", False, 0, None),
    ]


def test_milestones_say_what_is_demanded_and_since_when_it_holds(firm: Con) -> None:
    def rules(deal: str) -> list[tuple[object, ...]]:
        rows = ask(firm, "deal/milestones", opportunity_id=deal)
        return [(r["measure"], r["from_position"], r["is_demanded"], r["holds"], r["since_on"]) for r in rows]

    assert rules("d1") == [
        ("contact", 2, True, False, None),
        ("meeting", 2, True, False, None),
        ("offer", 3, True, False, None),
        ("decider", 4, True, False, None),
    ]
    assert rules("d2") == [
        ("contact", 2, True, True, dt.date(2026, 3, 21)),
        ("meeting", 2, True, True, dt.date(2026, 3, 21)),
        ("offer", 3, False, False, None),
        ("decider", 4, False, True, dt.date(2026, 3, 21)),
    ]
    # no roles are known at its customer, so two persons stand for the one who decides
    assert rules("d3")[3] == ("decider", 4, True, True, dt.date(2025, 12, 21))


def test_milestones_say_which_stage_the_records_carried_from_which_day(firm: Con) -> None:
    def carried(deal: str) -> set[tuple[object, ...]]:
        rows = ask(firm, "deal/milestones", opportunity_id=deal)
        return {(r["since_on"], r["carried_position"], r["carried_stage"]) for r in rows if r["since_on"]}

    assert carried("d1") == set()
    # one meeting with the decider on 21 March; without an offer it carries 方案 (2), as 报价 (3) demands one
    assert carried("d2") == {(dt.date(2026, 3, 21), 2, "方案")}
    # a call on the day of its creation, no meeting; then the meeting; the quote was the last that was missing
    assert carried("d3") == {
        (dt.date(2025, 12, 1), 1, "需求"),
        (dt.date(2025, 12, 21), 2, "方案"),
        (dt.date(2026, 1, 10), 4, "谈判"),
    }


def test_milestones_agree_with_the_evidence_of_the_mart(firm: Con) -> None:
    facts = (
        "select opportunity_id, evidence_position, n_stages from deal_evidence join deal_facts using (opportunity_key)"
    )
    for deal, evidence, n_stages in firm.execute(facts).fetchall():
        missing = [
            r["from_position"]
            for r in ask(firm, "deal/milestones", opportunity_id=deal)
            if r["from_position"] and r["holds"] is False
        ]
        assert evidence == min([*(position - 1 for position in missing), n_stages]), deal


def test_lines_and_margin(firm: Con) -> None:
    (row,) = ask(firm, "deal/lines", opportunity_id="d3")
    assert (row["product_name"], row["quantity"], row["amount"], row["margin"]) == ("泵", 2, 2000, 600)
    assert row["margin_rate"] == pytest.approx(0.3)


def test_money_goes_to_the_oldest_instalment_first(firm: Con) -> None:
    rows = ask(firm, "deal/money", opportunity_id="d3")
    assert [(r["item"], r["on_date"].isoformat(), r["amount"], r["open_amount"], r["status"]) for r in rows] == [
        ("order", "2026-02-11", 2000, None, "active"),
        ("payment", "2026-02-20", 900, None, "received"),
        ("instalment", "2026-02-28", 800, 0, "paid"),
        ("instalment", "2026-03-21", 1200, 1100, "overdue"),
    ]
    assert rows[-1]["days_overdue"] == 10


def test_close_dates(firm: Con) -> None:
    rows = ask(firm, "deal/close_dates", opportunity_id="d3")
    assert [(r["move"], r["days_moved"]) for r in rows] == [(1, 31), (2, -5)]


def test_course(firm: Con) -> None:
    (row,) = ask(firm, "deal/course", opportunity_id="d1")
    assert (row["stage"], row["amount"], row["expected_close_on"], row["days_silent"]) == (
        "谈判",
        1000,
        dt.date(2026, 3, 1),
        89,
    )


def test_honesty_of_a_deal_that_is_none(firm: Con) -> None:
    rows = {r["code"]: r for r in ask(firm, "deal/honesty", opportunity_id="d1")}
    assert {code: r["verdict"] for code, r in rows.items()} == {
        "stage": "contradicts",
        "close_date": "contradicts",  # it has passed
        "odds": "contradicts",  # 90 % said, 65 % by the firm's record
        "contact": "contradicts",
        "next_step": "contradicts",
        "people": "agrees",  # nobody at all is silence, said one line above
        "amount": "unknown",
    }
    assert (rows["stage"]["said_text"], rows["stage"]["found_text"]) == ("谈判", "需求")
    assert (rows["odds"]["said_number"], rows["odds"]["found_number"]) == (0.9, pytest.approx(15 / 23))
    assert rows["contact"]["found_number"] == 89


def test_contacts_that_are_tied_to_customers_alone_say_nothing_of_a_deal() -> None:
    """HubSpot exports them so: nobody may be told that he has not talked to the customer."""
    touches = [{**touch, "opportunity_id": None} for touch in FIRM["activities"]]
    with duckdb.connect(":memory:") as con:
        build(con, {**FIRM, "activities": touches})
        (deal,) = ask(con, "deal/summary", opportunity_id="d1")
        assert not deal["is_silent"] and deal["advice"] != "never"
        verdicts = {row["code"]: row["verdict"] for row in ask(con, "deal/honesty", opportunity_id="d1")}
        assert verdicts["contact"] == "unknown"


def test_honesty_of_a_won_deal_asks_for_the_money(firm: Con) -> None:
    rows = ask(firm, "deal/honesty", opportunity_id="d3")
    assert [(r["code"], r["verdict"], r["said_number"], r["found_number"]) for r in rows] == [
        ("amount", "agrees", 2000, 2000),
        ("paid", "contradicts", 2000, 900),
    ]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("opportunity_id", ["nothing", "", "d1' or '1'='1"])
def test_unknown_deal_has_no_rows(firm: Con, name: str, opportunity_id: str) -> None:
    assert ask(firm, f"deal/{name}", opportunity_id=opportunity_id) == []


def test_a_deal_alone_answers_everything() -> None:
    """Users and opportunities are all that a snapshot needs."""
    with duckdb.connect(":memory:") as con:
        build(
            con,
            {"users": [{"user_id": "u"}], "opportunities": [{"opportunity_id": "d", "owner_id": "u", "stage": "x"}]},
        )
        answers = {name: ask(con, f"deal/{name}", opportunity_id="d") for name in FIGURES}
        (row,) = answers["summary"]
        assert (row["outcome"], row["is_ahead"], row["n_flags"]) == ("open", False, 0)
        assert all(r["holds"] is None for r in answers["milestones"])
        assert "contradicts" not in {r["verdict"] for r in answers["honesty"]}

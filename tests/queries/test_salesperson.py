"""The salesperson page's figures: answers worked by hand, then laws that hold for any firm."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.queries.salesperson_firm import AS_OF, FIRM, STAGES, ask, build

Con = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def firm() -> Iterator[Con]:
    with duckdb.connect(":memory:") as con:
        build(con, FIRM)
        yield con


def test_roster_lists_the_reps_with_the_heaviest_need_of_each(firm: Con) -> None:
    rows = ask(firm, "salesperson/roster")
    assert [(r["user_id"], r["n_open"], r["open_amount"], r["n_won"], r["won_amount"]) for r in rows] == [
        ("ann", 2, 1500, 1, 2000),
        ("bo", 1, 400, 1, 900),
        ("cy", 0, 0, 0, 0),  # a rep without anything is on the list; the manager and the one who left are not
    ]
    ann = rows[0]
    assert (ann["target_amount"], ann["target_to_date"]) == (3000, 3000)
    assert ann["attainment"] == pytest.approx(2 / 3)
    # d1: silent, slipped, ahead, no next step; d2: single-threaded
    assert (ann["n_at_risk"], ann["at_risk_amount"], ann["n_flags"]) == (1, 1000, 5)
    # one deal proves nothing about a person; 2,000 of 3,000 does
    assert (ann["need"], ann["need_amount"], ann["n_need"]) == ("behind_target", 1000, 0)
    assert (rows[1]["need"], rows[1]["target_amount"]) == ("none", None)


def test_roster_names_who_left_deals_behind() -> None:
    deals = [{**deal, "owner_id": "old"} if deal["opportunity_id"] == "d5" else deal for deal in FIRM["opportunities"]]
    with duckdb.connect(":memory:") as con:
        build(con, {**FIRM, "opportunities": deals})
        rows = {r["user_id"]: r for r in ask(con, "salesperson/roster")}
    assert (rows["old"]["need"], rows["old"]["need_amount"], rows["old"]["n_need"]) == ("left_behind", 400, 1)


def test_roster_waits_with_the_target_until_half_of_it_is_due(firm: Con) -> None:
    assert ask(firm, "salesperson/roster", period_end=dt.date(2027, 1, 1))[0]["target_to_date"] == 3000
    early = ask(firm, "salesperson/roster", period_start=dt.date(2026, 4, 1), period_end=dt.date(2026, 7, 1))
    assert {row["need"] for row in early} == {"none"}


def test_roster_counts_the_running_month_of_the_target_by_its_days(firm: Con) -> None:
    ann = ask(firm, "salesperson/roster", period_end=dt.date(2026, 5, 1))[0]
    assert (ann["target_amount"], ann["target_to_date"]) == (4000, 3000)


def test_headline(firm: Con) -> None:
    (row,) = ask(firm, "salesperson/headline", user_id="ann")
    assert (row["won_amount"], row["n_won"], row["compare_won_amount"], row["target_amount"]) == (2000, 1, 0, 3000)
    assert (row["n_open"], row["open_amount"], row["n_at_risk"], row["at_risk_amount"]) == (2, 1500, 1, 1000)
    assert (row["n_won_365"], row["n_decided_365"], row["win_rate"]) == (1, 2, 0.5)
    assert (row["win_low"], row["win_high"]) == (pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4))
    assert row["firm_win_rate"] == pytest.approx(3 / 5)
    assert row["win_shrunk"] == pytest.approx((1 + 20 * 0.6) / 22)
    assert (row["cycle_days"], row["n_cycle"], row["firm_cycle_days"]) == (71, 1, 70)
    # three deals won of three that got past the first stage, drawn to the firm's 3 of 5
    assert float(row["weighted_amount"]) == pytest.approx(1500 * (3 + 20 * 0.6) / 23, abs=0.01)


def test_headline_of_someone_without_decided_deals_has_no_rate(firm: Con) -> None:
    (row,) = ask(firm, "salesperson/headline", user_id="max")
    assert (row["win_rate"], row["win_low"], row["win_high"], row["target_amount"]) == (None, None, None, None)
    assert row["win_shrunk"] == pytest.approx(0.6)


def test_pipeline_flags(firm: Con) -> None:
    names = ("is_silent", "is_slipped", "is_ahead", "is_single_threaded", "has_no_next_step", "is_discounted")
    rows = ask(firm, "salesperson/pipeline", user_id="ann")
    assert {r["opportunity_id"]: [n for n in names if r[n]] for r in rows} == {
        "d1": ["is_silent", "is_slipped", "is_ahead", "has_no_next_step"],
        "d2": ["is_single_threaded"],
    }
    d1, d2 = rows
    assert (d1["days_silent"], d1["evidence_position"], d1["stage_position"]) == (89, 1, 4)
    assert (d2["days_silent"], d2["evidence_position"], d2["account_name"]) == (10, 2, "一厂")


def test_funnel_counts_what_passed_of_what_was_decided(firm: Con) -> None:
    rows = ask(firm, "salesperson/funnel", user_id="ann")
    assert [(r["position"], r["n_entered"], r["n_forward"], r["n_lost"], r["n_open"]) for r in rows] == [
        (1, 4, 3, 1, 0),
        (2, 3, 2, 0, 1),
        (3, 2, 2, 0, 0),
        (4, 2, 1, 0, 1),
    ]
    assert (rows[0]["forward_rate"], rows[0]["firm_rate"], rows[0]["firm_n"]) == (0.75, pytest.approx(5 / 7), 7)
    assert (rows[0]["team_rate"], rows[0]["team_n"]) == (None, 0)  # two colleagues are not a team to compare with


def test_calendar(firm: Con) -> None:
    rows = ask(firm, "salesperson/calendar", user_id="ann")
    assert (rows[0]["day"], rows[-1]["day"], len(rows)) == (dt.date(2025, 10, 6), AS_OF, 177)
    assert rows[0]["weekday"] == 1
    touched = {r["day"].isoformat(): (r["n_touches"], r["n_effective"]) for r in rows if r["n_touches"]}
    assert touched == {
        "2025-12-01": (1, 1),
        "2025-12-11": (1, 1),
        "2025-12-21": (1, 1),
        "2026-01-10": (1, 1),
        "2026-02-15": (1, 0),
        "2026-03-21": (1, 1),
    }


def test_contacts_against_the_firm(firm: Con) -> None:
    (row,) = ask(firm, "salesperson/contacts", user_id="ann")
    assert (row["n_touches"], row["n_effective"], row["effective_per_4_weeks"]) == (3, 2, pytest.approx(8 / 13))
    assert row["effective_share"] == pytest.approx(2 / 3)
    assert (row["n_judged"], row["n_progressed"], row["progress_rate"]) == (1, 1, 1)  # quote of 10 Jan, move of 15 Jan
    assert row["minutes_per_week"] == pytest.approx(60 / 13)
    assert (row["n_accounts"], row["coverage"]) == (3, pytest.approx(2 / 3))
    assert (row["firm_n_reps"], row["firm_effective_per_4_weeks"]) == (2, pytest.approx(12 / 26))
    assert (row["firm_effective_share"], row["firm_n_touches"]) == (pytest.approx(3 / 4), 4)
    assert row["firm_coverage"] == pytest.approx(3 / 4)


def test_contacts_of_someone_without_any_has_no_rates(firm: Con) -> None:
    (row,) = ask(firm, "salesperson/contacts", user_id="cy")
    assert (row["n_touches"], row["effective_per_4_weeks"], row["effective_share"]) == (0, 0, None)
    assert (row["effective_low"], row["progress_high"], row["coverage"]) == (None, None, None)


def test_targets(firm: Con) -> None:
    rows = ask(firm, "salesperson/targets", user_id="ann")
    assert {(r["measure"], r["month"].month): (r["target"], r["actual"]) for r in rows} == {
        ("activities", 3): (10, 1),
        ("collected", 2): (1000, 900),
        ("margin", 2): (800, 600),
        ("new_customers", 2): (2, 1),
        ("revenue", 1): (1000, 0),
        ("revenue", 2): (1000, 2000),
        ("revenue", 3): (1000, 0),
    }
    assert not any(r["is_running"] for r in rows)  # the last day of March was in the snapshot


def test_queue_says_why_and_where_the_last_talk_stopped(firm: Con) -> None:
    rows = ask(firm, "salesperson/queue", user_id="ann")
    assert [(r["item"], r["item_id"], r["reason"], r["due_on"].isoformat(), r["days_over"]) for r in rows] == [
        ("deal", "d1", "never", "2026-01-08", 82),
        ("customer", "a2", "rhythm", "2026-01-20", 70),  # usually every 10 days, silent for 80
    ]
    deal, customer = rows
    assert (deal["channel"], deal["last_on"], deal["opportunity_id"]) == ("call", None, "d1")
    assert float(deal["stake_amount"]) == pytest.approx(1000 * 15 / 23, abs=0.01)
    assert (customer["stake_amount"], customer["opportunity_id"]) == (500, None)
    assert (customer["last_said"], customer["last_person"], customer["channel"]) == ("价格还要降三个点", "郑姐", "call")


def test_coaching_talks_about_money_and_stays_silent_on_noise(firm: Con) -> None:
    rows = ask(firm, "salesperson/coaching", user_id="ann")
    assert {(r["code"], r["severity"], r["n"], r["n_of"], r["amount"]) for r in rows} == {
        ("silent", 2, 1, 2, 1000),
        ("slipped", 2, 1, 2, 1000),
        ("ahead", 2, 1, 2, 1000),
        ("no_next_step", 2, 1, 2, 1000),
        ("single_threaded", 2, 1, 2, 500),
        ("behind_target", 2, 1, 1, 1000),
    }
    assert ask(firm, "salesperson/coaching", user_id="bo") == []


def test_trend(firm: Con) -> None:
    (row,) = ask(firm, "salesperson/trend", user_id="ann")
    assert (row["n_open"], row["open_amount"], row["won_amount_365"], row["win_rate"]) == (2, 1500, 2000, 0.5)
    assert (row["n_effective_90"], row["n_silent"], row["n_pushed"]) == (2, 1, 0)


PERSONAL = ("headline", "pipeline", "funnel", "contacts", "targets", "queue", "trend")


@pytest.mark.parametrize("name", PERSONAL)
@pytest.mark.parametrize("user_id", ["nobody", "", "' or 1=1 --"])
def test_unknown_person_has_no_rows(firm: Con, name: str, user_id: str) -> None:
    assert ask(firm, f"salesperson/{name}", user_id=user_id) == []


@pytest.fixture(scope="module")
def large() -> Iterator[Con]:
    """A firm of six reps: one silent, one who hardly ever gets on, four like one another."""
    with duckdb.connect(":memory:") as con:
        build(con, _random_firm())
        yield con


def _random_firm() -> dict[str, list[dict[str, Any]]]:
    dice = random.Random(7)
    reps = [f"r{number}" for number in range(6)]
    names = [stage for stage, _ in STAGES]
    deals: list[dict[str, Any]] = []
    touches: list[dict[str, Any]] = []
    for number in range(96):
        owner = reps[number % 6]
        stage = dice.choice([*names[:4], "赢单", "输单"])
        created = AS_OF - dt.timedelta(days=dice.randint(60, 300))
        closed = created + dt.timedelta(days=dice.randint(20, 55))
        deals.append(
            {
                "opportunity_id": f"d{number}",
                "owner_id": owner,
                "account_id": f"a{number % 40}",
                "pipeline": "main",
                "stage": stage,
                "amount": dice.randint(1, 99) * 1000,
                "created_at": created,
                "closed_at": closed if stage in ("赢单", "输单") else None,
                "next_step_on": dice.choice([None, AS_OF + dt.timedelta(days=5)]),
                "expected_close_on": AS_OF + dt.timedelta(days=dice.randint(-20, 90)),
            }
        )
        until = 90 if owner == "r0" else 2
        for age in range(120, until, -12):
            day = AS_OF - dt.timedelta(days=age)
            if day < created:
                continue
            touch: dict[str, Any] = {
                "activity_id": f"x{len(touches)}",
                "owner_id": owner,
                "opportunity_id": f"d{number}",
                "account_id": f"a{number % 40}",
                "contact_id": f"c{number % 40}",
                "kind": "call",
                "direction": "out",
                "happened_at": dt.datetime.combine(day, dt.time(9)),
                "outcome": dice.choice(["reached", "no_answer"]),
                "minutes": 5,
            }
            touches.append(touch)
            if owner != "r1" and dice.random() < 0.6:
                reply = {"activity_id": f"x{len(touches)}", "direction": "in", "outcome": "reached"}
                touches.append({**touch, **reply, "happened_at": touch["happened_at"] + dt.timedelta(days=2)})
    return {
        "users": [{"user_id": rep, "name": rep, "role": "rep", "team": "Six"} for rep in reps],
        "accounts": [{"account_id": f"a{number}", "owner_id": reps[number % 6]} for number in range(40)],
        "contacts": [{"contact_id": f"c{number}", "account_id": f"a{number}"} for number in range(40)],
        "stages": FIRM["stages"],
        "opportunities": deals,
        "activities": touches,
    }


def test_coaching_finds_the_silent_and_the_stuck(large: Con) -> None:
    def points(user_id: str) -> dict[str, int]:
        return {r["code"]: r["severity"] for r in ask(large, "salesperson/coaching", user_id=user_id)}

    needs = {r["user_id"]: r["need"] for r in ask(large, "salesperson/roster")}
    assert needs["r0"] == "silent"
    assert "silent" not in [need for user_id, need in needs.items() if user_id != "r0"]
    assert points("r0")["silent"] == 3
    assert points("r0")["few_contacts"] == 3
    assert points("r1")["low_progress"] == 3
    for user_id in ("r2", "r3", "r4", "r5"):
        assert points(user_id).get("silent", 0) < 3
        assert "low_progress" not in points(user_id)


def test_rates_lie_inside_their_intervals(large: Con) -> None:
    for user_id in (f"r{number}" for number in range(6)):
        (head,) = ask(large, "salesperson/headline", user_id=user_id)
        (contacts,) = ask(large, "salesperson/contacts", user_id=user_id)
        assert 0 <= head["win_low"] <= head["win_rate"] <= head["win_high"] <= 1
        assert (
            min(head["win_rate"], head["firm_win_rate"])
            <= head["win_shrunk"]
            <= max(head["win_rate"], head["firm_win_rate"])
        )
        if contacts["progress_rate"] is not None:
            assert 0 <= contacts["progress_low"] <= contacts["progress_rate"] <= contacts["progress_high"] <= 1
        low, high = _wilson(head["n_won_365"], head["n_decided_365"])
        assert (head["win_low"], head["win_high"]) == (pytest.approx(low), pytest.approx(high))


def test_the_parts_add_up(large: Con) -> None:
    roster = {r["user_id"]: r for r in ask(large, "salesperson/roster")}
    (firm_flags,) = large.execute("select n_open, n_silent, n_flagged from firm_flags where team is null").fetchall()
    assert firm_flags[0] == sum(r["n_open"] for r in roster.values())
    assert firm_flags[2] <= sum(r["n_flags"] for r in roster.values())
    total = 0
    for user_id, row in roster.items():
        pipeline = ask(large, "salesperson/pipeline", user_id=user_id)
        (head,) = ask(large, "salesperson/headline", user_id=user_id)
        assert len({r["opportunity_id"] for r in pipeline}) == len(pipeline) == row["n_open"] == head["n_open"]
        assert sum(r["amount"] for r in pipeline) == row["open_amount"] == head["open_amount"]
        assert sum(r["n_flags"] for r in pipeline) == row["n_flags"]
        assert sum(r["n_flags"] >= 3 for r in pipeline) == row["n_at_risk"] == head["n_at_risk"]
        total += sum(r["is_silent"] for r in pipeline)
        for r in ask(large, "salesperson/funnel", user_id=user_id):
            assert r["n_entered"] == r["n_forward"] + r["n_lost"] + r["n_open"]
            assert r["team_rate"] == pytest.approx(r["firm_rate"])  # one team is the whole firm here
    assert total == firm_flags[1]


def test_calendar_holds_every_contact_of_its_span(large: Con) -> None:
    rows = ask(large, "salesperson/calendar", user_id="r2")
    counted = large.execute(
        "select sum(n_touches), sum(n_effective) from rep_days join users on user_key = owner_key "
        "where user_id = 'r2' and day >= ?",
        [rows[0]["day"]],
    ).fetchall()[0]
    assert (sum(r["n_touches"] for r in rows), sum(r["n_effective"] for r in rows)) == counted


def test_queue_is_ranked_bounded_and_without_doubles(large: Con) -> None:
    rows = ask(large, "salesperson/queue", user_id="r0")
    assert 0 < len(rows) <= 60
    assert len({(r["item"], r["item_id"]) for r in rows}) == len(rows)
    assert [r["stake_amount"] for r in rows] == sorted((r["stake_amount"] for r in rows), reverse=True)


def test_an_empty_snapshot_answers_with_nothing() -> None:
    with duckdb.connect(":memory:") as con:
        build(con, {"users": [{"user_id": "ann", "name": "安"}], "opportunities": []})
        (row,) = ask(con, "salesperson/headline", user_id="ann")
        assert (row["n_open"], row["win_rate"], row["win_shrunk"]) == (0, None, None)
        assert ask(con, "salesperson/coaching", user_id="ann") == []
        assert ask(con, "salesperson/roster")[0]["need"] == "none"


def _wilson(n_won: int, n: int) -> tuple[float, float]:
    z, p = 1.96, n_won / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def test_newcomers_are_not_measured_against_the_firm(large: Con) -> None:
    large.execute("begin")
    large.execute("update users set hired_on = date '2026-01-15' where user_id = 'r0'")
    codes = {r["code"] for r in ask(large, "salesperson/coaching", user_id="r0")}
    assert ask(large, "salesperson/headline", user_id="r0")[0]["is_new"]
    large.execute("rollback")
    assert "silent" in codes and not codes & {"few_contacts", "low_win_rate", "low_progress", "low_reach"}


def test_habits(firm: Con) -> None:
    rows = {r["code"]: (r["n"], r["n_open"], r["is_habit"]) for r in ask(firm, "salesperson/habits")}
    assert rows["silent"] == (1, 3, False)
    assert rows["discount"] == (0, 3, False)

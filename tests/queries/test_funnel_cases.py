"""Ways that real deals take, worked out by hand: each deal is counted once, each event as itself."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest

from tests.queries.funnel_firm import ask, deal, firm_of

#: The second quarter of 2026, whose last day is the as-of date.
QUARTER = {
    "period_start": dt.date(2026, 4, 1),
    "period_end": dt.date(2026, 7, 1),
    "compare_start": dt.date(2026, 1, 1),
    "compare_end": dt.date(2026, 4, 1),
}
Con = duckdb.DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect(":memory:") as con:
        yield con


def told(deals: list[dict[str, Any]], con: Con) -> dict[str, Any]:
    """What the figures say of a firm of these deals: by stage, and over all."""
    firm_of(con, deals)
    steps = ask(con, "conversion", **QUARTER)
    active = {row["position"]: row for row in ask(con, "active", **QUARTER)}
    (rework,) = ask(con, "rework", **QUARTER)
    return {
        "entered": [row["n_entered"] for row in steps],
        "forward": [row["n_forward"] for row in steps[:-1]],
        "lost": [row["n_lost"] for row in steps[:-1]],
        "open": [row["n_open"] for row in steps[:-1]],
        **{
            name: [active[place][f"n_{name}"] for place in range(1, 5)]
            for name in ("active", "still", "back", "skipped")
        },
        "exits": [active[place]["n_forward"] for place in range(1, 5)],
        "losses": [active[place]["n_lost"] for place in range(1, 5)],
        "n_back": rework["n_back"],
        "n_skipped_over": rework["n_skipped"],
        "moves": {
            (row["kind"], row["from_position"], row["to_position"]): (row["n_deals"], row["n_moves"])
            for row in ask(con, "moves", **QUARTER)
        },
    }


def shares(con: Con, position: int = 0, **window: Any) -> dict[float, Any]:
    """Share won (forward), lost, open at each age."""
    rows = ask(con, "by_age", position=position, **{**QUARTER, **window})
    return {
        row["days"]: (row["forward_share"], row["lost_share"], row["open_share"])
        for row in rows
        if not row["is_compared"]
    }


def test_a_deal_that_comes_back_to_a_stage_enters_it_once(con: Con) -> None:
    # 确认 1 April, 需求 11, 报价 21, back in 需求 1 May, 报价 11, 需求 21 again, where it stands.
    seen = told([deal(1, "2026-04-01", "1 2 3 2 3 2", 100)], con)
    assert seen["entered"] == [1, 1, 1, 0, 0]
    assert seen["open"] == [0, 0, 1, 0]  # the furthest it ever came
    assert seen["active"] == [1, 1, 1, 0]
    # It stands in 需求; 报价 it last left backwards.
    assert (seen["still"], seen["back"], seen["exits"]) == ([0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0])
    assert seen["n_back"] == 1
    assert seen["moves"][("back", 3, 2)] == (1, 2)  # one deal, two moves
    # 需求 twice ten days and 40 since 21 May; 报价 twice ten days.
    entries = con.execute("select position, days, n_visits from stage_entries order by position").fetchall()
    assert entries == [(1, 10, 1), (2, 60, 3), (3, 20, 2)]


def test_a_skipped_stage_is_passed_and_nobody_stood_in_it(con: Con) -> None:
    seen = told([deal(1, "2026-04-01", "1 4 W", 100)], con)
    assert seen["entered"] == [1, 1, 1, 1, 1]
    assert seen["forward"] == [1, 1, 1, 1]
    assert seen["active"] == [1, 0, 0, 1]
    assert seen["skipped"] == [1, 0, 0, 0]
    assert (seen["n_skipped_over"], seen["n_back"]) == (1, 0)
    assert seen["moves"] == {("skip", 1, 4): (1, 1), ("won", 4, None): (1, 1)}
    # A skipped stage is passed on day 0.
    assert shares(con, position=2) == {0.0: (1.0, 0.0, pytest.approx(0))}


def test_a_step_back_does_not_undo_what_was_reached(con: Con) -> None:
    seen = told([deal(1, "2026-04-01", "1 2 3 1 L", 100)], con)
    assert seen["entered"] == [1, 1, 1, 0, 0]
    assert seen["lost"] == [0, 0, 1, 0]  # lost at the highest stage it had reached
    assert seen["losses"] == [1, 0, 0, 0]  # the stage it was really lost from
    assert (seen["back"], seen["n_back"]) == ([0, 0, 1, 0], 1)
    assert seen["moves"][("back", 3, 1)] == (1, 1)


def test_a_deal_reopened_after_it_was_lost_is_open_again(con: Con) -> None:
    # Lost out of 需求 on 21 April, reopened there on 1 May, 报价 since 11 May.
    seen = told([deal(1, "2026-04-01", "1 2 L 2 3", 100)], con)
    assert (seen["entered"], seen["lost"], seen["open"]) == ([1, 1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0])
    assert (seen["active"], seen["still"], seen["losses"]) == ([1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0])
    assert seen["n_back"] == 0
    # Open for 90 days, whatever happened between; in 需求 for twice ten.
    assert shares(con) == {0.0: (0.0, 0.0, 1.0), 90.0: (0.0, 0.0, 1.0)}
    assert con.execute("select days from stage_entries where position = 2").fetchall() == [(20.0,)]


def test_a_deal_reopened_and_lost_again_is_lost_once(con: Con) -> None:
    seen = told([deal(1, "2026-04-01", "1 2 L 2 L", 100)], con)
    assert (seen["lost"], seen["losses"]) == ([0, 1, 0, 0], [0, 1, 0, 0])
    # Lost on 11 May, 40 days old.
    assert shares(con) == {0.0: (0.0, 0.0, 1.0), 40.0: (0.0, 1.0, pytest.approx(0))}


def test_a_deal_open_at_the_as_of_date_is_censored_at_its_age(con: Con) -> None:
    deals = [deal(1, "2026-06-30", "1", 100), deal(2, "2026-06-20", "1 2", 100), deal(3, "2026-06-01", "1 L", 100)]
    seen = told(deals, con)
    assert (seen["entered"], seen["open"]) == ([3, 1, 0, 0, 0], [1, 1, 0, 0])
    assert seen["still"] == [1, 1, 0, 0]
    # The one created today says nothing of later days: at ten days two were watched, one of them lost.
    assert shares(con) == {0.0: (0.0, 0.0, 1.0), 10.0: (0.0, 0.5, 0.5)}
    rows = ask(con, "by_age", position=0, **QUARTER)
    assert [(row["days"], row["n_at_risk"]) for row in rows] == [(0, 3), (10, 2)]


def test_a_deal_created_and_won_on_one_day_is_won_at_age_nothing(con: Con) -> None:
    one = deal(1, "2026-05-05", "1 2 3 4 W", 100)
    moments = [dt.datetime(2026, 5, 5, 9 + i) for i in range(4)]
    one["moves"] = [{**move, "changed_at": at} for move, at in zip(one["moves"], moments, strict=True)]
    one["deal"]["closed_at"] = moments[-1]
    seen = told([one], con)
    assert seen["entered"] == [1, 1, 1, 1, 1]
    assert (seen["active"], seen["exits"], seen["skipped"]) == ([1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0])
    assert shares(con) == {0.0: (1.0, 0.0, pytest.approx(0))}
    assert [row["median_days"] for row in ask(con, "time_in_stage", **QUARTER)] == [0, 0, 0, 0]


def test_a_stage_that_the_pipeline_does_not_know_is_counted_apart(con: Con) -> None:
    strange = deal(1, "2026-05-01", "1", 100)
    strange["deal"]["stage"] = "试用"
    moved = deal(2, "2026-05-01", "1 2", 50)
    moved["moves"].append({"opportunity_id": "d2", "from_stage": "需求", "to_stage": "试用",
                           "changed_at": dt.datetime(2026, 6, 1), "source_record": 9})  # fmt: skip
    moved["deal"]["stage"] = "试用"
    firm_of(con, [strange, moved])
    steps = ask(con, "conversion", **QUARTER)
    # Both entered the funnel; one is known to have come to 需求.
    assert [row["n_entered"] for row in steps] == [2, 1, 0, 0, 0]
    rows = {row["position"]: row for row in ask(con, "active", **QUARTER)}
    # 试用 has a row of its own, so that who stands where adds up.
    assert (rows[None]["n_still"], rows[None]["still_amount"]) == (2, 150)
    assert (rows[2]["n_active"], rows[2]["n_unplaced"], rows[2]["n_still"]) == (1, 1, 0)
    assert sum(row["n_still"] for row in rows.values()) == 2


@pytest.mark.parametrize("tells_from", [True, False])
def test_two_moves_in_one_second_are_taken_in_the_order_of_the_file(con: Con, tells_from: bool) -> None:
    one = deal(1, "2026-05-01", "1 2 3", 100)
    same = dt.datetime(2026, 5, 11, 10, 0, 0)
    one["moves"] = [{**move, "changed_at": same} for move in one["moves"]]
    if not tells_from:
        # Many a CRM tells only the stage entered; the stage left is derived.
        first = {"opportunity_id": "d1", "to_stage": "确认", "changed_at": dt.datetime(2026, 5, 1), "source_record": -1}
        one["moves"] = [first, *({**move, "from_stage": None} for move in one["moves"])]
    seen = told([one], con)
    assert seen["entered"] == [1, 1, 1, 0, 0]
    assert (seen["active"], seen["exits"], seen["still"]) == ([1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 0])
    assert (seen["n_back"], seen["n_skipped_over"]) == (0, 0)
    assert con.execute("select days from stage_entries order by position").fetchall() == [(10,), (0,), (50,)]


def test_a_deal_in_another_currency_counts_as_a_deal_and_not_as_money(con: Con) -> None:
    deals = [
        deal(1, "2026-05-01", "1 2 L", 300, currency="CNY", loss_reason="价格"),
        deal(2, "2026-05-01", "1 2 L", 900, currency="USD", original_amount=900, loss_reason="价格"),
    ]
    firm_of(con, deals)
    step = ask(con, "conversion", **QUARTER)[1]
    assert (step["n_lost"], step["lost_amount"]) == (2, 300)
    (reason,) = ask(con, "loss_reasons", **QUARTER)
    assert (reason["n"], reason["amount"], reason["reason_share"]) == (2, 300, 1)
    (active,) = (row for row in ask(con, "active", **QUARTER) if row["position"] == 2)
    assert (active["n_lost"], active["lost_amount"]) == (2, 300)


def test_a_deal_handed_over_counts_once_and_for_who_holds_it(con: Con) -> None:
    # The moves were made by one, the deal is now the other's.
    deals = [deal(1, "2026-05-01", "1 2 3", 100, owner_id="u2"), deal(2, "2026-05-01", "1 L", 100)]
    for move in deals[0]["moves"]:
        move["changed_by_id"] = "u1"
    firm_of(con, deals)
    groups = {row["group_id"]: row for row in ask(con, "by_group", dimension="owner", position=1, **QUARTER)}
    assert {name: (row["n_entered"], row["n_forward"], row["n_lost"]) for name, row in groups.items()} == {
        "u1": (1, 0, 1),
        "u2": (1, 1, 0),
    }
    held = ask(con, "active_deals", position=1, outcome="all", **QUARTER)
    assert [(row["opportunity_id"], row["user_id"]) for row in held] == [("d1", "u2"), ("d2", "u1")]


def test_the_period_asked_for_is_the_one_counted(con: Con) -> None:
    # Created in January, 需求 since 5 February, 报价 since 10 April; won on 15 May.
    one = deal(1, "2026-01-06", "1 2 3 W", 100)
    days = [dt.datetime(2026, 2, 5), dt.datetime(2026, 4, 10), dt.datetime(2026, 5, 15)]
    one["moves"] = [{**move, "changed_at": at} for move, at in zip(one["moves"], days, strict=True)]
    one["deal"]["closed_at"] = days[-1]
    firm_of(con, [one])
    rows = ask(con, "active", **QUARTER)
    # In the quarter it stood in 需求 until 10 April and in 报价 until it was won, over 谈判.
    assert [(row["n_active"], row["n_forward"], row["n_still"], row["n_skipped"]) for row in rows] == [
        (0, 0, 0, 0), (1, 1, 0, 0), (1, 1, 0, 1), (0, 0, 0, 0),
    ]  # fmt: skip
    # In the quarter before it left 确认, and stood in 需求 at the end of March.
    assert [(row["compare_n_active"], row["compare_n_still"]) for row in rows] == [(1, 0), (1, 1), (0, 0), (0, 0)]
    (deal_there,) = ask(con, "active_deals", position=2, outcome="all", **QUARTER)
    assert (deal_there["exit"], deal_there["to_stage"], deal_there["days_in_stage"]) == ("forward", "报价", 64)
    assert (deal_there["entered_on"], deal_there["left_on"]) == (dt.date(2026, 2, 5), dt.date(2026, 4, 10))


def test_deals_without_history_stand_where_they_stand_and_nowhere_before(con: Con) -> None:
    deals = [deal(i, "2026-05-01", "2", 10) for i in range(1, 5)] + [deal(5, "2026-05-01", "L", 10)]
    deals[4]["deal"]["closed_at"] = dt.datetime(2026, 6, 1)
    firm_of(con, deals)
    rows = {row["position"]: row for row in ask(con, "active", **QUARTER)}
    assert (rows[2]["n_active"], rows[2]["n_still"], rows[1]["n_active"]) == (4, 4, 0)
    assert (rows[2]["n_deals"], rows[2]["n_unknown"]) == (4, 1)
    # A month before, nobody knows.
    earlier = ask(con, "active", **{**QUARTER, "period_end": dt.date(2026, 6, 1)})
    assert sum(row["n_active"] for row in earlier) == 0
    assert earlier[0]["n_unknown"] == 5


@pytest.mark.parametrize("told_at_the_end", ["赢单", "谈判"])
def test_a_deal_won_between_two_snapshots_passed_on_a_way_unknown(con: Con, told_at_the_end: str) -> None:
    # 需求 in one snapshot, won by the next; some CRMs call it by its last stage then. No skip: nobody saw the way.
    one = deal(1, "2026-05-01", "2 W", 100)
    (move,) = one["moves"]
    one["moves"] = [{**move, "to_stage": told_at_the_end, "is_derived": True}]
    one["deal"]["stage"] = told_at_the_end
    firm_of(con, [one])
    rows = ask(con, "active", **QUARTER)
    seen = [tuple(row[f"n_{name}"] for name in ("active", "forward", "skipped")) for row in rows]
    assert seen == [(0, 0, 0), (1, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert rows[0]["n_deals"] == 1


def random_deals(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    deals = []
    for number in range(60):
        path = ["1"]
        while len(path) < 9 and path[-1] not in "WL" and chance.random() < 0.85:
            path.append(chance.choice([p for p in "1234WL" if p != path[-1]]))
        start = dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(90))
        deals.append(deal(number, start.isoformat(), " ".join(path), chance.randrange(1, 100)))
    return deals


@pytest.mark.parametrize("seed", range(4))
def test_invariants_over_random_ways(con: Con, seed: int) -> None:
    firm_of(con, random_deals(seed))
    year: Mapping[str, Any] = {**QUARTER, "period_start": dt.date(2026, 1, 1)}
    steps = ask(con, "conversion", **year)
    entered = [row["n_entered"] for row in steps]
    assert entered == sorted(entered, reverse=True)
    for row in steps[:-1]:
        assert row["n_entered"] == row["n_forward"] + row["n_lost"] + row["n_lost_unknown"] + row["n_open"]
    for window in (QUARTER, year):
        rows = ask(con, "active", **window)
        for row in rows:
            parts = [row[f"n_{exit}"] for exit in ("still", "forward", "back", "lost", "unplaced")]
            assert row["n_active"] == sum(parts)
            assert row["n_skipped"] <= row["n_forward"]
            for exit in ("still", "forward", "back", "lost", "all"):
                listed = ask(con, "active_deals", position=row["position"], outcome=exit, **window)
                assert len(listed) == (row["n_active"] if exit == "all" else row[f"n_{exit}"])
        # Who stands there at the end is who is open today, each in one place.
        open_now = ask(con, "time_in_stage", **window)
        assert [row["n_still"] for row in rows] == [row["n_residents"] for row in open_now]
        for row in open_now:
            known = [row[f"n_{part}"] for part in ("within", "beyond", "long", "ageless")]
            assert row["n_residents"] == sum(known)
            assert row["n_overstayed"] == row["n_beyond"] + row["n_long"]
    for dimension in ("team", "owner", "size_band"):
        groups = ask(con, "by_group", dimension=dimension, position=2, **year)
        for part in ("n_forward", "n_lost", "n_open"):
            assert sum(group[part] for group in groups) == steps[1][part]

"""The funnel's figures against answers worked by hand, and the invariants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb
import pytest

from dashboard.snapshots import assembly
from tests.queries.funnel_firm import AS_OF, ask, deal, firm_of

DEALS = [
    deal(1, "2026-01-05", "1 2 3 4 W", 100),
    deal(2, "2026-01-06", "1 3 4 W", 200, source="展会", owner_id="u2"),  # skips 需求
    deal(3, "2026-01-07", "1 2 3 L", 300, loss_reason="价格", source="展会"),
    deal(4, "2026-02-01", "1 L", 50, loss_reason="价格"),
    deal(5, "2026-02-02", "1 2", 70),
    deal(6, "2026-03-31", "1 2 3 2", 80, owner_id="u2"),  # one step back: reached 报价, stands in 需求
    deal(7, "2026-03-01", "L", 40, closed_at=dt.datetime(2026, 4, 2)),  # lost, and no history tells where
    deal(8, "2025-10-05", "1 2 L", 10, loss_reason="无预算"),
    deal(9, "2025-11-05", "1 2 3 4 W", 20),
    deal(10, "2026-05-05", "1", 5),  # after the period
]


LEADS = [
    {"lead_id": "l1", "source": "展会", "created_at": dt.datetime(2026, 1, 1), "opportunity_id": "d1",
     "converted_at": dt.datetime(2026, 1, 5)},
    {"lead_id": "l2", "source": "展会", "created_at": dt.datetime(2026, 1, 2), "opportunity_id": "d4",
     "converted_at": dt.datetime(2026, 1, 12)},
    {"lead_id": "l3", "source": "官网", "created_at": dt.datetime(2026, 1, 3)},
    {"lead_id": "l4", "source": "展会", "created_at": dt.datetime(2025, 12, 3)},
]  # fmt: skip


@pytest.fixture(scope="module")
def firm() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        yield firm_of(con, DEALS, leads=LEADS)


def test_conversion_by_highest_stage_reached(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(firm, "conversion")
    seen = [
        tuple(r[k] for k in ("stage", "n_entered", "n_forward", "n_lost", "n_lost_unknown", "n_open")) for r in rows
    ]
    assert seen == [
        ("确认", 7, 5, 1, 1, 0),
        ("需求", 5, 4, 0, 0, 1),
        ("报价", 4, 2, 1, 0, 1),
        ("谈判", 2, 2, 0, 0, 0),
        ("赢单", 2, None, None, None, None),
    ]
    first, _, quote, _, won = rows
    # Wilson for 5 of 6: centre (0.8333 + 3.8415/12) / 1.6402 = 0.7032, half width 0.4375 / 1.6402 = 0.2667.
    assert first["decided_rate"] == pytest.approx(5 / 6)
    assert (first["decided_low"], first["decided_high"]) == pytest.approx((0.4365, 0.9699), abs=1e-4)
    assert (quote["forward_rate"], quote["decided_rate"]) == pytest.approx((2 / 4, 2 / 3))
    assert (quote["lost_amount"], quote["open_amount"], quote["forward_amount"]) == (300, 80, 300)
    assert (won["is_won"], won["entered_amount"], won["share_of_first"]) == (True, 300, pytest.approx(2 / 7))
    assert [r["compare_n_entered"] for r in rows] == [2, 2, 1, 1, 1]
    assert [r["compare_decided_rate"] for r in rows] == [1.0, 0.5, 1.0, 1.0, None]


def test_a_funnel_never_grows_and_its_parts_make_the_whole(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(firm, "conversion")
    entered = [r["n_entered"] for r in rows]
    assert entered == sorted(entered, reverse=True)
    for row, following in pairwise(rows):
        assert row["n_entered"] == row["n_forward"] + row["n_lost"] + row["n_lost_unknown"] + row["n_open"]
        assert row["n_forward"] == following["n_entered"]
    for dimension in ("source", "team", "owner", "region", "product_family", "size_band"):
        whole = ask(firm, "by_group", dimension=dimension, position=0)
        assert sum(r["n_entered"] for r in whole) == entered[0]
        assert sum(r["n_forward"] for r in whole) == entered[-1]
        for row in rows[:-1]:
            groups = ask(firm, "by_group", dimension=dimension, position=row["position"])
            for part in ("n_forward", "n_lost", "n_open"):
                assert sum(r[part] for r in groups) == row[part]
    lost = ask(firm, "loss_reasons")
    assert sum(r["n"] for r in lost) == sum(r["n_lost"] + r["n_lost_unknown"] for r in rows[:-1])


def test_the_deals_behind_a_stage_are_as_many_as_the_funnel_says(firm: duckdb.DuckDBPyConnection) -> None:
    for row in ask(firm, "conversion"):
        place = {"position": row["position"], "usual_days": None}
        assert len(ask(firm, "stage_deals", outcome="all", **place)) == row["n_entered"]
        if not row["is_won"]:
            for outcome in ("forward", "lost", "open"):
                assert len(ask(firm, "stage_deals", outcome=outcome, **place)) == row[f"n_{outcome}"]
    unknown = ask(firm, "stage_deals", outcome="unknown", position=1, usual_days=None)
    assert [d["opportunity_id"] for d in unknown] == ["d7"]
    now = ask(firm, "stage_deals", outcome="now", position=2, usual_days=60.0)
    # d6 came back to 需求 on 2026-04-30, 61 days ago; d5 entered on 2026-02-12, 138 days ago.
    assert [(d["opportunity_id"], d["days_in_stage"], d["is_overstayed"], d["n_deals"]) for d in now] == [
        ("d6", 61, True, 2),
        ("d5", 138, True, 2),
    ]


def test_moves_flow_in_and_out_of_each_stage_alike(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(firm, "moves")
    seen = {(r["kind"], r["from_position"], r["to_position"]): r["n_deals"] for r in rows}
    assert seen == {
        ("step", 1, 2): 4, ("skip", 1, 3): 1, ("lost", 1, None): 1,
        ("step", 2, 3): 3, ("open", 2, None): 1,
        ("step", 3, 4): 2, ("lost", 3, None): 1, ("open", 3, None): 1, ("back", 3, 2): 1,
        ("won", 4, None): 2,
    }  # fmt: skip
    for position in (2, 3, 4):
        came = sum(n for (kind, _, to), n in seen.items() if to == position and kind != "back")
        left = sum(n for (kind, start, _), n in seen.items() if start == position and kind != "back")
        assert came == left


def test_rework_and_skips(firm: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(firm, "rework")
    assert (row["n_deals"], row["n_with_history"], row["n_back"], row["n_skipped"]) == (7, 6, 1, 1)
    assert row["back_rate"] == pytest.approx(1 / 6)
    assert (row["back_low"], row["back_high"]) == pytest.approx((1 - 0.9699, 1 - 0.4365), abs=1e-4)
    assert row["won_rate_without_back"] == pytest.approx(2 / 4)
    assert row["compare_back_rate"] == 0


def test_loss_reasons_keep_what_the_export_does_not_say(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(firm, "loss_reasons")
    assert [(r["position"], r["reason"], r["n"], r["amount"], r["compare_n"]) for r in rows] == [
        (1, "价格", 1, 50, 0),
        (3, "价格", 1, 300, 0),
        (None, None, 1, 40, 0),
        (2, "无预算", 0, 0, 1),
    ]


def test_leads_sum_first_then_by_source(firm: duckdb.DuckDBPyConnection) -> None:
    total, fair, web = ask(firm, "leads")
    assert [total[k] for k in ("is_total", "n_leads", "n_converted", "n_opportunities", "n_won", "won_amount")] == [
        True, 3, 2, 2, 1, 100,
    ]  # fmt: skip
    assert total["median_days_to_convert"] == 7
    assert (fair["source"], fair["n_leads"], fair["compare_n_leads"]) == ("展会", 2, 1)
    assert (web["source"], web["n_leads"], web["converted_rate"]) == ("官网", 1, 0)


def test_small_groups_are_shrunk_to_the_average_and_not_judged(firm: duckdb.DuckDBPyConnection) -> None:
    rows = {r["group_id"]: r for r in ask(firm, "by_group", dimension="owner", position=0)}
    # 2 of 5 decided deals were won: u1 1 of 4, u2 1 of 1. Nobody has five, so 20 of the average: (1 + 20 × 0.4) / 24.
    assert (rows["u1"]["group_name"], rows["u1"]["n_forward"], rows["u1"]["n_lost"]) == ("安", 1, 3)
    assert rows["u1"]["shrunk_rate"] == pytest.approx(9 / 24)
    assert rows["u2"]["shrunk_rate"] == pytest.approx(9 / 21)
    assert all(r["too_few"] and r["verdict"] == "few" and r["luck_chance"] is None for r in rows.values())


def test_a_period_with_few_decisions_is_young(firm: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(firm, "cohort")
    # d1 to d7 in the quarter, five of them decided; twelve months from 2025-07-01 hold all ten.
    assert (row["n_in_period"], row["n_decided_in_period"], row["n_in_year"], row["n_decided_in_year"]) == (7, 5, 10, 7)
    assert row["is_young"]
    (year,) = ask(firm, "cohort", period_start=dt.date(2025, 7, 1), period_end=dt.date(2026, 7, 1))
    assert not year["is_young"]


def test_residents_are_those_who_stand_in_the_stage_now(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(firm, "time_in_stage")
    assert [(r["stage"], r["n_residents"], r["resident_amount"]) for r in rows] == [
        ("确认", 1, 5), ("需求", 2, 150), ("报价", 0, 0), ("谈判", 0, 0),
    ]  # fmt: skip
    # d5 138 days, d6 61 days since it came back.
    assert rows[1]["resident_median_days"] == pytest.approx((138 + 61) / 2)


def with_levels(firm: duckdb.DuckDBPyConnection, own: tuple[int, int], teams: dict[str, tuple[int, int]]) -> Any:
    """A cursor with `own` = (forward, lost) deals at 报价, the forward ones won, and the levels of the teams there."""
    con = firm.cursor()
    con.execute("create or replace temp table deal_facts as select * from memory.main.deal_facts limit 0")
    con.execute("create or replace temp table firm_funnel as select * from memory.main.firm_funnel limit 0")
    con.execute("create or replace temp table firm_stage_odds as select * from memory.main.firm_stage_odds limit 0")
    forward, lost = own
    insert = (
        "insert into temp.deal_facts (opportunity_key, pipeline, outcome, reached_position, amount, created_on, "
        "is_loss_stage_known) select range, '标准', ?, ?, 1000, date '2026-02-01', true from range(?)"
    )
    con.execute(insert, ["won", 5, forward])
    con.execute(insert, ["lost", 3, lost])
    total = (sum(t[0] for t in teams.values()), sum(t[1] for t in teams.values()))
    for team, (n_forward, n_lost) in [(None, total), *teams.items()]:
        con.execute(
            "insert into temp.firm_funnel values ('标准', ?, 3, '报价', ?, ?, ?, 0)",
            [team, n_forward + n_lost, n_forward, n_lost],
        )
    con.execute("insert into temp.firm_stage_odds values ('标准', 4, '谈判', 100, 80, 0.8)")
    return con


def test_the_weakest_step_is_priced_against_the_best_team(firm: duckdb.DuckDBPyConnection) -> None:
    levels = {"华东": (60, 20), "华南": (30, 70), "小组": (9, 1)}
    rows = ask(with_levels(firm, (90, 90), levels), "weakest_step")
    weakest = next(r for r in rows if r["is_weakest"])
    # The team of 10 decided deals is too small; 华东 has 75 %, shrunk by 20 deals of the firm's 99/190.
    lifted = (60 + 20 * 99 / 190) / 100
    assert (weakest["stage"], weakest["next_stage"], weakest["benchmark_name"]) == ("报价", "谈判", "华东")
    assert (weakest["rate"], weakest["lifted_rate"]) == pytest.approx((0.5, lifted))
    assert weakest["extra_forward"] == pytest.approx(180 * (lifted - 0.5))
    # Four fifths of them would be won, at 1,000 each.
    assert float(weakest["worth_amount"]) == pytest.approx(180 * (lifted - 0.5) * 0.8 * 1000, abs=0.01)
    assert weakest["is_certain"]
    assert sum(r["is_weakest"] for r in rows) == 1


def test_a_step_that_fell_goes_before_one_that_is_worth_more(firm: duckdb.DuckDBPyConnection) -> None:
    con = with_levels(firm, (90, 90), {"华东": (60, 20), "华南": (30, 70)})
    # 需求 lets 180 of 200 through; a team gets all through, and so did the cohort before, 50 of 50.
    insert = (
        "insert into temp.deal_facts (opportunity_key, pipeline, outcome, reached_position, amount, created_on, "
        "is_loss_stage_known) select range, '标准', ?, ?, 1000, cast(? as date), true from range(?)"
    )
    con.execute(insert, ["lost", 2, "2026-02-01", 20])
    con.execute(insert, ["open", 3, "2025-11-01", 50])
    con.executemany(
        "insert into temp.firm_funnel values ('标准', ?, 2, '需求', ?, ?, ?, 0)",
        [[None, 200, 180, 20], ["华东", 100, 100, 0], ["华南", 100, 80, 20]],
    )
    con.execute("insert into temp.firm_stage_odds values ('标准', 3, '报价', 180, 90, 0.5)")
    rows = {row["stage"]: row for row in ask(con, "weakest_step")}
    # Pooled 230 of 250: (1 − 0.9) against 1.645 × √(0.92 × 0.08 × (1/200 + 1/50)) = 0.0706.
    assert rows["需求"]["is_fallen"] and not rows["报价"]["is_fallen"]
    assert rows["需求"]["is_certain"] and rows["报价"]["is_certain"]
    assert rows["需求"]["worth_amount"] < rows["报价"]["worth_amount"]
    assert [stage for stage, row in rows.items() if row["is_weakest"]] == ["需求"]


def test_no_step_is_called_weak_when_teams_are_level(firm: duckdb.DuckDBPyConnection) -> None:
    rows = ask(with_levels(firm, (50, 50), {"华东": (26, 25), "华南": (24, 25)}), "weakest_step")
    assert not any(r["is_certain"] for r in rows)


def test_nothing_exported_gives_empty_figures_and_no_error() -> None:
    with duckdb.connect(":memory:") as con:
        assembly.create_tables(con)
        assembly.derive(con, AS_OF)
        assembly.build_marts(con, AS_OF)
        for name in ("conversion", "conversion_estimate", "time_in_stage", "moves", "loss_reasons", "weakest_step"):
            assert ask(con, name) == []
        assert ask(con, "leads") == []
        assert ask(con, "cohort") == []
        assert ask(con, "by_group", dimension="team", position=0) == []
        assert ask(con, "stage_deals", position=1, outcome="all", usual_days=None) == []
        assert ask(con, "rework")[0]["n_deals"] == 0

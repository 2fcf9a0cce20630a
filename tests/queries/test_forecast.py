"""The forecast's figures against answers worked by hand."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import duckdb
import pytest

from tests.queries.desk_firm import built, deal, people, row, rows

DEALS = [
    deal("O1", 1000, "2026-05-01", owner_id="r2", expected_close_on=dt.date(2026, 6, 30), probability=0.4),
    deal("O2", 500, "2025-12-01", expected_close_on=dt.date(2026, 3, 1), forecast_category="Commit"),  # 75 days late
    deal("O3", None, "2026-04-01", expected_close_on=dt.date(2026, 6, 1)),  # no amount
    deal("Wa", 90, "2026-03-20", "2026-04-10"),
    deal("Wb", 30, "2026-02-20", "2026-03-25", owner_id="r2"),
]
#: From 15 May to the end of June: two months, so that looks from 15 March back are over.
GOALS = [{"owner_id": "r1", "month": dt.date(2026, m, 1), "measure": "revenue", "value": 200} for m in (4, 5, 6)]


@pytest.fixture(scope="module")
def firm() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every open deal has an even chance; the odds themselves are tested with the marts."""
    con = built(people() | {"opportunities": DEALS, "targets": GOALS})
    con.execute("update firm_close_odds set odds = 0.5, n_looks = 3")
    con.execute("update firm_norms set n_decided_365 = 20")
    yield con
    con.close()


def outlook(con: duckdb.DuckDBPyConnection, dimension: str = "all", **window: Any) -> dict[tuple[str, int], Any]:
    """The rows by group and look."""
    return {(r["group_id"], r["look"]): r for r in rows(con, "forecast/outlook", dimension=dimension, **window)}


def test_expected_is_won_hoped_and_new(firm: duckdb.DuckDBPyConnection) -> None:
    now = outlook(firm)["", 0]
    # New in the rest of the looks of 15 March, February, January and December: Wa 90, Wb 30, nothing, nothing.
    assert (now["won_amount"], now["hoped_amount"], now["new_amount"]) == (90, 750, 30)
    assert (now["expected_amount"], now["n_open"], now["open_amount"]) == (870, 3, 1500)
    assert (now["state"], now["looked_on"], now["until_on"]) == ("ok", dt.date(2026, 5, 15), dt.date(2026, 7, 1))


def test_the_interval(firm: duckdb.DuckDBPyConnection) -> None:
    now = outlook(firm)["", 0]
    variance = 0.25 * (1000**2 + 500**2) + (90**2 + 30**2) / 4 * (1 + 1 / 4)
    # Four looks whose rests overlap by two: as good as two periods.
    far = 1.2816 * (1 + (1.2816**2 + 1) / (4 * 2)) * math.sqrt(variance)
    assert now["dispersion"] == 1
    assert now["low_amount"] == 90  # 870 - far is less than what is won
    assert float(now["high_amount"]) == pytest.approx(870 + far, abs=0.01)
    assert now["target_amount"] == 600
    assert now["target_odds"] == pytest.approx(NormalDist(870, math.sqrt(variance)).cdf(870 + 270), abs=2e-4)


def test_earlier_forecasts_know_only_what_was_known(firm: duckdb.DuckDBPyConnection) -> None:
    found = outlook(firm)
    march = found["", 2]
    # On 15 March O2 and Wb were open; no rest of a period with anything new was over.
    assert (march["looked_on"], march["until_on"]) == (dt.date(2026, 3, 15), dt.date(2026, 5, 1))
    assert (march["hoped_amount"], march["new_amount"], march["won_amount"]) == (265, 0, 0)
    assert march["actual_amount"] == 120  # Wb, and Wa that came new
    assert march["is_tested"] and march["is_hit"]
    assert found["", 1]["actual_amount"] is None  # its period, to the end of May, is not over
    assert (found["", 0]["n_tested"], found["", 0]["n_hits"]) == (4, 4)
    missed = (265 - 120) + (250 - 30) + 250 + 250
    assert found["", 0]["wape"] == found["", 0]["bias"] == pytest.approx(missed / (120 + 30))


def test_by_owner_errors_do_not_offset(firm: duckdb.DuckDBPyConnection) -> None:
    found = outlook(firm, "owner")
    assert (found["r1", 0]["hoped_amount"], found["r2", 0]["hoped_amount"]) == (250, 500)
    assert (found["r1", 0]["won_amount"], found["r2", 0]["won_amount"]) == (90, 0)
    assert (found["r1", 0]["target_amount"], found["r2", 0]["target_amount"]) == (600, None)
    # March: r1 hoped for 250 and got 90, r2 for 15 and got 30; February: r1 250 for 0, r2 0 for 30.
    missed = (250 - 90) + (30 - 15) + 250 + 30 + 250 + 250
    assert found["r1", 0]["level_wape"] == pytest.approx(missed / 150)
    assert found["r2", 0]["bias"] == pytest.approx((15 - 30 - 30) / 60)
    assert found["r1", 0]["group_name"] == "甲"


def test_by_team(firm: duckdb.DuckDBPyConnection) -> None:
    now = outlook(firm, "team")["北", 0]
    assert (now["group_name"], now["expected_amount"], now["target_amount"]) == ("北", 870, 600)


def test_a_period_that_is_over_is_what_was_won(firm: duckdb.DuckDBPyConnection) -> None:
    window: dict[str, Any] = {"period_start": dt.date(2026, 1, 1), "period_end": dt.date(2026, 4, 1)}
    (over,) = outlook(firm, **window).values()
    assert over["state"] == "over"
    assert over["expected_amount"] == over["low_amount"] == over["high_amount"] == over["won_amount"] == 30
    last_day = outlook(firm, period_end=dt.date(2026, 5, 16))
    assert [r["state"] for r in last_day.values()] == ["over"]
    assert rows(firm, "forecast/deals", period_end=dt.date(2026, 5, 16)) == []
    assert rows(firm, "forecast/odds", period_end=dt.date(2026, 4, 1)) == []


def test_too_little_history_says_so() -> None:
    with built(people() | {"opportunities": DEALS}) as con:
        now = outlook(con)["", 0]
        assert now["state"] == "thin"
        assert now["expected_amount"] is now["low_amount"] is now["target_odds"] is None
        assert now["won_amount"] == 90
        assert row(con, "forecast/coverage")["needed_multiple"] is None
    with built(people()) as con:  # not one deal
        now = outlook(con)["", 0]
        assert (now["state"], now["n_open"], now["won_amount"], now["wape"]) == ("thin", 0, 0, None)


def test_the_skew_of_few_large_deals(firm: duckdb.DuckDBPyConnection) -> None:
    firm.execute("update firm_close_odds set odds = 0.1")
    now = outlook(firm)["", 0]
    firm.execute("update firm_close_odds set odds = 0.5")
    variance = 0.09 * (1000**2 + 500**2) + 9000 / 4 * 1.25
    skew = (0.09 * 0.8 * (1000**3 + 500**3) + (90**3 + 30**3) / 4) / variance**1.5
    z = 1.2816 * (1 + (1.2816**2 + 1) / 8)
    far = 2 / skew * ((1 + skew * z / 6 - skew**2 / 36) ** 3 - 1) * math.sqrt(variance * now["dispersion"])
    assert skew > 1.5  # far from a normal distribution
    assert float(now["high_amount"]) == pytest.approx(90 + 150 + 30 + far, abs=0.01)


def test_coverage(firm: duckdb.DuckDBPyConnection) -> None:
    found = row(firm, "forecast/coverage")
    assert (found["open_amount"], found["n_open"], found["n_stale"]) == (1500, 2, 0)
    assert (found["won_amount"], found["target_amount"], found["remaining_amount"]) == (90, 600, 510)
    assert found["multiple"] == pytest.approx(1500 / 510)
    assert found["needed_multiple"] == pytest.approx(2)  # half of it is won
    assert (found["missing_amount"], found["hoped_amount"]) == (0, 750)
    (more,) = rows(firm, "forecast/coverage", period_end=dt.date(2026, 6, 1))
    assert (more["open_amount"], more["remaining_amount"], more["missing_amount"]) == (500, 310, 120)  # 2 x 310 - 500


def test_deals_that_carry_the_forecast(firm: duckdb.DuckDBPyConnection) -> None:
    first, second = rows(firm, "forecast/deals")
    assert (first["opportunity_id"], first["odds"]) == ("O1", 0.5)
    assert (first["worth_amount"], first["if_won_amount"]) == (500, 500)
    assert (first["share"], first["probability"], first["is_claimed"]) == (pytest.approx(2 / 3), 0.4, True)
    assert (second["opportunity_id"], second["forecast_category"], second["n_deals"]) == ("O2", "Commit", 2)
    assert first["worth_amount"] + second["worth_amount"] == outlook(firm)["", 0]["hoped_amount"]


def test_odds_by_stage_and_age(firm: duckdb.DuckDBPyConnection) -> None:
    found = {(r["position"], r["age_band"]): r for r in rows(firm, "forecast/odds")}
    assert len(found) == 4 * 7
    assert found[1, 1]["stage"] == "沟通"
    assert (found[1, 1]["n_open"], found[1, 2]["n_open"], found[1, 5]["n_open"]) == (1, 1, 1)  # O1; O3 44 days; O2 165


def test_calibration() -> None:
    with built(people() | {"opportunities": DEALS}) as con:
        con.execute("update firm_close_odds set odds = 0.2, n_looks = 3, n_open = 0, n_won_after = 0")
        cell = "n_months = 2 and position = 0 and age_band = 1 and look"
        con.execute(f"update firm_close_odds set n_open = 60, n_won_after = 10, odds = 0.2 where {cell} = 2")
        con.execute(f"update firm_close_odds set n_open = 40, n_won_after = 16, odds = 0.4 where {cell} = 3")
        con.execute(f"update firm_close_odds set n_open = 40, n_won_after = 16 where {cell} = 1")  # not over
        low, high = rows(con, "forecast/calibration")
    assert (low["band"], low["n_seen"], low["n_won"], low["predicted"]) == (3, 60, 10, pytest.approx(0.2))
    assert (high["band"], high["n_seen"], high["observed"]) == (5, 40, pytest.approx(0.4))
    # 16 of 40, and each deal is in the looks of two months: as good as 8 of 20.
    centre = (0.4 + 1.9208 / 20) / (1 + 3.8416 / 20)
    half = 1.96 * math.sqrt(0.4 * 0.6 / 20 + 0.9604 / 400) / (1 + 3.8416 / 20)
    assert (high["low"], high["high"]) == (pytest.approx(centre - half), pytest.approx(centre + half))
    brier = (10 * 0.8**2 + 50 * 0.2**2 + 16 * 0.6**2 + 24 * 0.4**2) / 100
    assert high["brier"] == pytest.approx(brier)
    assert high["base_brier"] == pytest.approx(0.26 * 0.74)


def test_where_nothing_was_won_after_any_look_nothing_is_forecast() -> None:
    with built(people() | {"opportunities": DEALS}) as con:
        con.execute("update firm_close_odds set odds = 0, n_looks = 3")
        con.execute("update firm_norms set n_decided_365 = 20")
        now = outlook(con)["", 0]
        # else the range would be what is won already, from 120 to 120
        assert (now["state"], now["expected_amount"], now["low_amount"]) == ("thin", None, None)


def test_what_is_promised_of_each_salespersons_deals_and_what_came_of_them() -> None:
    due: dict[str, Any] = {"expected_close_on": dt.date(2026, 5, 20)}
    deals = [
        deal("O1", 100, "2026-05-01", probability=0.5, forecast_category="Commit", **due),
        deal("O2", 200, "2026-05-01", probability=0.9, owner_id="r2", **due),
        deal("O3", 400, "2026-05-01", owner_id=None, expected_close_on=dt.date(2026, 9, 1)),
        deal("W1", 60, "2026-05-01", "2026-05-10", owner_id="r2"),
        deal("W2", 40, "2026-05-01", "2026-05-11"),
    ]
    until = dt.date(2026, 7, 1)
    with built(people() | {"opportunities": deals}) as con:
        said = {r["group_id"]: r for r in rows(con, "forecast/claims", until_on=until, dimension="owner")}
        # The CRM knows commits (r1 has one), so that none of r2's own is a zero and not unknown; O3 is due later.
        assert {who: (r["n_due"], r["stated_amount"], r["commit_amount"]) for who, r in said.items()} == {
            "r1": (1, 50, 100),
            "r2": (1, 180, 0),
            "": (0, 0, 0),
        }
        (whole,) = rows(con, "forecast/claims", until_on=until, dimension="all")
        assert whole["stated_amount"] == sum(r["stated_amount"] for r in said.values())
        since: dict[str, Any] = {"since_on": dt.date(2026, 5, 9), "until_on": until}
        came = rows(con, "forecast/came_true", dimension="owner", **since)
        assert [(r["group_id"], r["won_amount"], r["n_won"]) for r in came] == [("r1", 40, 1), ("r2", 60, 1)]


def test_what_the_crm_and_the_salespeople_promise() -> None:
    due: dict[str, Any] = {"expected_close_on": dt.date(2026, 5, 20)}
    deals = [
        deal("O1", 100, "2026-05-01", probability=0.5, forecast_category="Best Case", **due),
        deal("O2", 200, "2026-05-01", probability=0.9, forecast_category="COMMIT", **due),
        deal("O3", 400, "2026-05-01", probability=0.1, forecast_category="Pipeline", **due),
        deal("O4", 800, "2026-05-01", probability=0.9, expected_close_on=dt.date(2026, 7, 1)),
        deal("O5", 900, "2026-03-01", probability=0.9, expected_close_on=dt.date(2026, 4, 30)),  # overdue
        deal("O6", 70, "2026-05-01", expected_close_on=dt.date(2026, 5, 1)),  # no probability
        deal("W1", 999, "2026-05-01", "2026-05-10", probability=1, forecast_category="Closed"),
    ]
    with built(people() | {"opportunities": deals}) as con:
        (found,) = rows(con, "forecast/claims", until_on=dt.date(2026, 7, 1), dimension="all")
        assert (found["n_due"], found["due_amount"], found["n_stated"]) == (4, 770, 3)
        assert (found["stated_amount"], found["n_commit"]) == (50 + 180 + 40, 1)
        assert (found["commit_amount"], found["best_amount"]) == (200, 300)
        (came,) = rows(
            con, "forecast/came_true", since_on=dt.date(2026, 5, 9), until_on=dt.date(2026, 5, 11), dimension="all"
        )
        assert came == {"group_id": "", "won_amount": Decimal(999), "n_won": 1}
        (after,) = rows(
            con, "forecast/came_true", since_on=dt.date(2026, 5, 10), until_on=dt.date(2026, 6, 1), dimension="all"
        )
        assert after["won_amount"] == 0
    plain = [{k: v for k, v in d.items() if k not in ("probability", "forecast_category")} for d in deals]
    with built(people() | {"opportunities": plain}) as con:
        (found,) = rows(con, "forecast/claims", until_on=dt.date(2026, 7, 1), dimension="all")
        assert found["stated_amount"] is found["commit_amount"] is found["best_amount"] is None

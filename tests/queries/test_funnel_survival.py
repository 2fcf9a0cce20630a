"""How long and how likely, those still on the way included: worked by hand, and against an independent judge."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter  # type: ignore[import-untyped]

from tests.queries.funnel_firm import AS_OF, STAYS, ask, firm_of, with_stays

CODES = {"open": 0, "forward": 1, "lost": 2}
Stay = tuple[float, str]


@pytest.fixture(scope="module")
def firm() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        yield firm_of(con, [])


def test_nothing_is_estimated_when_most_stays_are_unknown(firm: duckdb.DuckDBPyConnection) -> None:
    con = with_stays(firm, [*STAYS, *[(None, "forward")] * 4])
    (row,) = ask(con, "conversion_estimate")
    assert (row["estimate"], row["n"], row["n_unknown"]) == (None, 5, 4)
    times = ask(con, "time_in_stage")[2]
    assert (times["median_days"], times["usual_days"], times["n_unknown"]) == (None, None, 4)


def test_estimate_of_going_forward_by_hand(firm: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(with_stays(firm, [*STAYS, (None, "open")]), "conversion_estimate")
    # Day 2: 1 of 5 forward, F = 0.2, S = 0.8. Day 3: 1 of 4 lost, S = 0.6. Day 5: 1 of 2 forward, F = 0.2 + 0.6 / 2.
    assert row["estimate"] == pytest.approx(0.5)
    assert (row["still_open"], row["horizon_days"]) == (pytest.approx(0.3), 5)
    # (0.09/20 + 0.09/12) + (4/125 + 0.36/8) − 2 × 0.3/25 = 0.065
    assert row["standard_error"] == pytest.approx(math.sqrt(0.065))
    spread = math.exp(1.959963984540054 * math.sqrt(0.065) / (0.5 * math.log(2)))
    assert (row["low"], row["high"]) == pytest.approx((0.5**spread, 0.5 ** (1 / spread)))
    assert (row["n"], row["n_unknown"], row["compare_n"]) == (5, 1, 0)


def test_time_in_stage_by_hand(firm: duckdb.DuckDBPyConnection) -> None:
    row = ask(with_stays(firm, STAYS), "time_in_stage")[2]
    # Staying: 0.8 after day 2, 0.6 after day 3, 0.3 after day 5; a quarter is never reached.
    assert (row["median_days"], row["p90_days"], row["usual_days"]) == (5, None, None)
    assert (row["n"], row["n_left"], row["n_unknown"]) == (5, 3, 0)


def random_stays(seed: int, size: int = 80) -> list[Stay]:
    """Stays that no two deals end alike, so that the reference need not break ties by chance; the longest goes on."""
    chance = random.Random(seed)
    days = sorted(chance.sample(range(1, 400), size))
    exits = [chance.choice(["forward", "forward", "lost", "open"]) for _ in days]
    return [(float(day), exit) for day, exit in zip(days, [*exits[:-1], "open"], strict=True)]


def tied_stays(seed: int, size: int = 200) -> list[Stay]:
    """Many stays of few lengths, on each day of one end alone: ties of one kind need no order."""
    chance = random.Random(seed)
    kinds = {day: chance.choice(["forward", "lost"]) for day in range(40)}
    days = [chance.randrange(1, 40) for _ in range(size)]
    return [*((float(d), chance.choice([kinds[d], kinds[d], "open"])) for d in days), (41.0, "open")]


def reference(stays: Sequence[Stay], end: str) -> AalenJohansenFitter:
    """Cumulative incidence of one end by lifelines."""
    days, exits = zip(*stays, strict=True)
    return AalenJohansenFitter().fit(days, [CODES[exit] for exit in exits], event_of_interest=CODES[end])


def staying(stays: Sequence[Stay]) -> KaplanMeierFitter:
    """Survival of staying by lifelines."""
    days, exits = zip(*stays, strict=True)
    return KaplanMeierFitter().fit(days, [exit != "open" for exit in exits])


def agrees(ours: float | None, theirs: float) -> bool:
    return ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)


def with_paths(firm: duckdb.DuckDBPyConnection, paths: Sequence[Stay]) -> duckdb.DuckDBPyConnection:
    """A cursor whose deals took so many days from creation to their end, or are open so long."""
    con = firm.cursor()
    con.execute("create or replace temp table deal_facts as select * from memory.main.deal_facts limit 0")
    rows = []
    for number, (days, exit) in enumerate(paths):
        closed = None if exit == "open" else CREATED + dt.timedelta(days=days)
        created = CREATED if closed else AS_OF - dt.timedelta(days=days)
        rows.append([number, "标准", {"forward": "won"}.get(exit, exit), created, closed])
    columns = "opportunity_key, pipeline, outcome, created_on, closed_on"
    con.executemany(f"insert into temp.deal_facts ({columns}) values (?, ?, ?, ?, ?)", rows)
    return con


CREATED = dt.date(2025, 2, 1)
EVER = {
    "period_start": dt.date(2025, 1, 1),
    "period_end": dt.date(2026, 7, 1),
    "compare_start": AS_OF,
    "compare_end": AS_OF,
}


@pytest.mark.parametrize("stays", [*map(random_stays, range(4)), *map(tied_stays, range(4))])
def test_estimate_and_times_agree_with_lifelines(firm: duckdb.DuckDBPyConnection, stays: list[Stay]) -> None:
    con = with_stays(firm, stays)
    (row,) = ask(con, "conversion_estimate")
    forward, still = reference(stays, "forward"), staying(stays)
    assert agrees(row["estimate"], float(forward.cumulative_density_.iloc[-1, 0]))
    assert agrees(row["standard_error"], math.sqrt(forward.variance_.iloc[-1]))
    assert agrees(row["still_open"], float(still.survival_function_.iloc[-1, 0]))
    high, low = forward.confidence_interval_.iloc[-1]
    assert (row["low"], row["high"]) == pytest.approx(sorted((low, high)), abs=1e-9)
    times = ask(con, "time_in_stage")[2]
    for name, part in (("median_days", 0.5), ("p90_days", 0.1), ("usual_days", 0.25)):
        day = still.percentile(part)
        assert times[name] == (None if math.isinf(day) else day)


@pytest.mark.parametrize("position", [0, 3])
@pytest.mark.parametrize("stays", [*map(random_stays, range(3)), *map(tied_stays, range(3))])
def test_shares_by_age_agree_with_lifelines(firm: duckdb.DuckDBPyConnection, stays: list[Stay], position: int) -> None:
    con = with_stays(firm, stays) if position else with_paths(firm, stays)
    rows = ask(con, "by_age", position=position, **EVER)
    assert [row["days"] for row in rows] == [0.0, *sorted({days for days, _ in stays})]
    still = staying(stays)
    theirs = {end: reference(stays, end) for end in ("forward", "lost")}
    for row in rows[1:]:
        day = row["days"]
        assert row["n_at_risk"] == still.event_table.loc[day, "at_risk"]
        assert agrees(row["open_share"], float(still.survival_function_.loc[day].iloc[0]))
        for end, fit in theirs.items():
            share = float(fit.cumulative_density_.loc[day].iloc[0])
            assert agrees(row[f"{end}_share"], share)
            assert agrees(row[f"{end}_error"], math.sqrt(fit.variance_.loc[day]))
            if 0 < share < 1:
                low, high = sorted(fit.confidence_interval_.loc[day])
                assert agrees(row[f"{end}_low"], low) and agrees(row[f"{end}_high"], high)


def test_shares_by_age_by_hand(firm: duckdb.DuckDBPyConnection) -> None:
    # Of five deals one is won on the day it was created; then 1 of 4 lost, one too young to tell, 1 of 2 won.
    con = with_paths(firm, [(0, "forward"), (10, "lost"), (20, "open"), (30, "forward"), (40, "open")])
    rows = ask(con, "by_age", position=0, **EVER)
    seen = [tuple(row[k] for k in ("days", "n_at_risk", "n_forward", "n_lost")) for row in rows]
    assert seen == [(0, 5, 1, 0), (10, 4, 0, 1), (20, 3, 0, 0), (30, 2, 1, 0), (40, 1, 0, 0)]
    # Open: 4/5, × 3/4 = 0.6, × 1/2 = 0.3. Won: 0.2, then 0.6 / 2 more. Lost: 0.8 / 4.
    assert [row["open_share"] for row in rows] == pytest.approx([0.8, 0.6, 0.6, 0.3, 0.3])
    assert [row["forward_share"] for row in rows] == pytest.approx([0.2, 0.2, 0.2, 0.5, 0.5])
    assert [row["lost_share"] for row in rows] == pytest.approx([0, 0.2, 0.2, 0.2, 0.2])
    assert rows[0]["forward_error"] == pytest.approx(math.sqrt(0.2 * 0.8 / 5))


@pytest.mark.parametrize("seed", range(5))
def test_the_three_shares_sum_to_one_at_every_age(firm: duckdb.DuckDBPyConnection, seed: int) -> None:
    chance = random.Random(seed)
    stays: list[Stay] = [
        (float(chance.randrange(0, 30)), chance.choice(["forward", "lost", "open"]))
        for _ in range(chance.randrange(1, 99))
    ]
    for con, position in ((with_stays(firm, stays), 3), (with_paths(firm, stays), 0)):
        rows: list[dict[str, Any]] = ask(con, "by_age", position=position, **EVER)
        for row in rows:
            assert row["forward_share"] + row["lost_share"] + row["open_share"] == pytest.approx(1, abs=1e-12)
            for end in ("forward", "lost"):
                low, high = row[f"{end}_low"], row[f"{end}_high"]
                assert low is None or 0 <= low <= row[f"{end}_share"] <= high <= 1
        for name in ("forward_share", "lost_share"):
            course = [row[name] for row in rows]
            assert course == sorted(course)
    (estimate,) = ask(with_stays(firm, stays), "conversion_estimate", **EVER)
    step = ask(with_stays(firm, stays), "by_age", position=3, **EVER)
    assert estimate["estimate"] is None or step[-1]["forward_share"] == pytest.approx(estimate["estimate"])


def test_no_curve_when_most_ends_are_undated(firm: duckdb.DuckDBPyConnection) -> None:
    assert ask(with_stays(firm, [*STAYS, *[(None, "forward")] * 2]), "by_age", position=3) == []
    assert ask(with_stays(firm, [*STAYS, (None, "forward")]), "by_age", position=3)[0]["n_unknown"] == 1


def test_without_open_deals_the_estimate_is_the_plain_share(firm: duckdb.DuckDBPyConnection) -> None:
    stays = [(float(i % 7), "forward" if i % 3 else "lost") for i in range(30)]
    (row,) = ask(with_stays(firm, stays), "conversion_estimate")
    assert row["estimate"] == pytest.approx(20 / 30)
    assert row["standard_error"] == pytest.approx(math.sqrt(20 / 30 * 10 / 30 / 30))
    assert row["still_open"] == pytest.approx(0)


def test_ends_of_the_scale_have_no_made_up_interval(firm: duckdb.DuckDBPyConnection) -> None:
    (row,) = ask(with_stays(firm, [(1, "forward"), (2, "forward")]), "conversion_estimate")
    assert (row["estimate"], row["low"], row["high"]) == (pytest.approx(1), None, None)
    (row,) = ask(with_stays(firm, [(1, "lost"), (2, "lost")]), "conversion_estimate")
    assert (row["estimate"], row["low"], row["high"]) == (0, None, None)
    (row,) = ask(with_stays(firm, [(1, "open"), (2, "open")]), "conversion_estimate")
    assert (row["estimate"], row["n"]) == (None, 2)

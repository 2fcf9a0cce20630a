"""Groups are told apart only where luck does not explain them, and never ranked on noise."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pytest
from scipy import stats  # type: ignore[import-untyped]

from tests.queries.funnel_firm import ask, firm_of


@pytest.fixture(scope="module")
def firm() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        yield firm_of(con, [])


def by_team(firm: duckdb.DuckDBPyConnection, teams: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, Any]]:
    """The answer for teams of so many deals (won, lost), in its order."""
    con = firm.cursor()
    con.execute("create or replace temp table deal_facts as select * from memory.main.deal_facts limit 0")
    values = ", ".join(f"('{team}', {won}, {lost})" for team, (won, lost) in teams.items())
    con.execute(
        "insert into temp.deal_facts "
        "(pipeline, team, outcome, reached_position, amount, created_on, is_loss_stage_known) "
        "select '标准', team, if(i <= won, 'won', 'lost'), 5, 100, date '2026-02-01', true "
        f"from (select team, won, unnest(range(1, won + lost + 1)) as i from (values {values}) as t (team, won, lost))"
    )
    return {row["group_id"]: row for row in ask(con, "by_group", dimension="team", position=0)}


def test_one_team_that_differs_is_told_apart_by_hand(firm: duckdb.DuckDBPyConnection) -> None:
    rows = by_team(firm, {"东": (80, 20), "南": (40, 60), "西": (75, 25), "新": (4, 0)})
    # χ² over the three judged: 195 of 300 won, (15² + 25² + 10²) × 100 / (0.65 × 0.35) / 10,000 = 41.76.
    chi = (0.15**2 + 0.25**2 + 0.1**2) * 100 / (0.65 * 0.35)
    south = rows["南"]
    assert south["luck_chance"] == pytest.approx(stats.chi2.sf(chi, 2), abs=1e-3)
    assert [(name, row["verdict"]) for name, row in rows.items()] == [
        ("东", "high"), ("西", "same"), ("南", "low"), ("新", "few"),
    ]  # fmt: skip
    # κ: (Σ (1 − 1/3) × 99) / (χ² − 2) − 1 = 198 / 39.76 − 1, less than 5.
    assert south["kappa"] == 5
    average = 199 / 304
    assert south["average_rate"] == pytest.approx(average)
    won, lost = 40 + 5 * average, 60 + 5 * (1 - average)
    assert south["shrunk_rate"] == pytest.approx(won / 105)
    # The interval and the chance against the true posterior.
    posterior = stats.beta(won, lost)
    assert (south["shrunk_low"], south["shrunk_high"]) == pytest.approx(posterior.ppf([0.05, 0.95]), abs=0.005)
    west = stats.beta(75 + 5 * average, 25 + 5 * (1 - average))
    assert rows["西"]["above_chance"] == pytest.approx(west.sf(average), abs=0.01)


def test_teams_that_luck_explains_stand_in_order_of_size(firm: duckdb.DuckDBPyConnection) -> None:
    rows = by_team(firm, {"东": (12, 8), "南": (14, 16), "西": (6, 4)})
    assert {row["verdict"] for row in rows.values()} == {"same"}
    assert list(rows) == ["南", "东", "西"]
    assert rows["南"]["kappa"] == 500
    shrunk = [row["shrunk_rate"] for row in rows.values()]
    assert max(shrunk) - min(shrunk) < 0.02


def test_two_reps_of_few_deals_are_not_ranked(firm: duckdb.DuckDBPyConnection) -> None:
    # 3 of 5 against 2 of 8: raw 60 % and 25 %, and nobody can tell.
    rows = by_team(firm, {"甲": (3, 2), "乙": (2, 6)})
    assert {row["verdict"] for row in rows.values()} == {"same"}
    assert rows["甲"]["luck_chance"] > 0.05


@pytest.mark.parametrize("groups", [{"东": (9, 0)}, {"东": (9, 0), "南": (8, 0)}, {"东": (0, 9), "南": (0, 7)}])
def test_where_all_are_won_or_lost_nobody_stands_out(
    firm: duckdb.DuckDBPyConnection, groups: dict[str, tuple[int, int]]
) -> None:
    rows = by_team(firm, groups)
    assert {row["verdict"] for row in rows.values()} == {"same"}
    assert all(row["shrunk_rate"] == pytest.approx(row["rate"]) for row in rows.values())


def test_the_chance_of_luck_is_that_of_the_chi_square_test(firm: duckdb.DuckDBPyConnection) -> None:
    chance = random.Random(3)
    for _ in range(12):
        groups = {f"g{i}": (chance.randrange(5, 40), chance.randrange(5, 40)) for i in range(chance.randrange(2, 9))}
        rows = by_team(firm, groups)
        truth = stats.chi2_contingency([list(pair) for pair in groups.values()], correction=False).pvalue
        assert rows["g0"]["luck_chance"] == pytest.approx(truth, abs=0.006)
        assert all(row["shrunk_low"] <= row["shrunk_rate"] <= row["shrunk_high"] for row in rows.values())


def test_level_groups_are_seldom_told_apart(firm: duckdb.DuckDBPyConnection) -> None:
    """Thirty groups of one and the same rate, fifty times: called different no oftener than said."""
    chance = random.Random(11)
    alarms = 0
    for _ in range(50):
        wins = {f"g{i}": sum(chance.random() < 0.3 for _ in range(40)) for i in range(30)}
        rows = by_team(firm, {name: (n, 40 - n) for name, n in wins.items()})
        alarms += any(row["verdict"] in ("high", "low") for row in rows.values())
    # At most one in twenty by the χ² alone: 2.5 of 50, and no more than three standard deviations above that.
    assert alarms <= 2.5 + 3 * math.sqrt(50 * 0.05 * 0.95)

"""Whether the forecast's interval covers as often as it claims: on simulated firms whose future is known.

    python -m benchmarks.forecast [--firms 200]

Each firm lives two years and a quarter by its own rules (how many deals, how large, how they pass the stages); the
forecast sees nothing of what comes after its day, and what came true is looked up. Printed per kind of firm: how often
the truth lay in the 80 % interval, above it and below it, the mean error, and what the back-test within each firm said.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import random
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from dashboard import queryfile
from dashboard.places import QUERIES
from dashboard.snapshots import assembly

START = dt.date(2024, 1, 1)
STAGES = 4


@dataclass(frozen=True)
class Kind:
    """How a firm lives. deals: new ones a month; spread: sigma of the logarithm of amounts; growth: factor on deals a
    year; shock: sigma of a monthly factor on the chance to pass a stage; rush: share of wins that wait for the end of
    the month; season: factor on deals by month; drift: part of the chance to pass a stage lost over the last nine
    months."""

    name: str
    deals: float
    spread: float = 1.0
    growth: float = 1.0
    shock: float = 0.0
    rush: float = 0.3
    season: tuple[float, ...] = (1,) * 12
    drift: float = 0.0


KINDS = (
    Kind("steady", 40),
    Kind("large", 300),
    Kind("small", 10),
    Kind("few large deals", 25, spread=1.6),
    Kind("growing, seasonal", 40, growth=1.4, season=(0.8, 0.6, 1.2, 1, 1, 1.1, 0.9, 0.9, 1.1, 1, 1.1, 1.3)),
    Kind("good and bad months", 40, shock=0.25),
    Kind("getting worse", 40, drift=0.2),
)


@dataclass
class Firm:
    """A simulated firm's tables as of a day, and what is won after it."""

    tables: dict[str, list[dict[str, Any]]]
    future: list[tuple[dt.date, float]] = field(default_factory=list)


def simulated(seed: int, kind: Kind, as_of: dt.date, until_on: dt.date) -> Firm:
    """A firm from its first day to `until_on`, as its export shows it on `as_of`."""
    chance = random.Random(seed)
    n_days = (until_on - START).days
    n_months = n_days // 30 + 1
    months = [math.exp(chance.gauss(0, kind.shock)) if kind.shock else 1.0 for _ in range(n_months)]
    for month in range(9):
        months[n_months - 9 + month] *= 1 - kind.drift * (month + 1) / 9
    facts: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    firm = Firm({"deal_facts": facts, "stage_entries": entries})
    day = START
    while day < until_on:
        rate = kind.deals / 30 * kind.growth ** ((day - START).days / 365) * kind.season[day.month - 1]
        for _ in range(_poisson(chance, rate)):
            _live(chance, kind, months, day, as_of, len(facts) + 1, firm)
        day += dt.timedelta(days=1)
    decided = [f for f in facts if f["closed_on"] and f["closed_on"] > as_of - dt.timedelta(days=365)]
    firm.tables["firm_norms"] = [{"n_decided_365": len(decided)}]
    firm.tables["stage_changes"] = [{"opportunity_key": f["opportunity_key"], "is_derived": False} for f in facts]
    firm.tables["stages"] = [
        {"pipeline": "main", "position": p, "stage": f"{p}", "outcome": "open"} for p in range(1, STAGES + 1)
    ]
    firm.future = [(on, amount) for on, amount in firm.future if as_of < on < until_on]
    return firm


def _live(
    chance: random.Random, kind: Kind, months: list[float], born: dt.date, as_of: dt.date, key: int, firm: Firm
) -> None:
    """One deal from its creation to its end, as far as the day of the export shows it."""
    amount = round(math.exp(chance.gauss(9.5, kind.spread)), 2)
    entered, outcome, position = [born], "won", 1
    on = born
    while True:
        on += dt.timedelta(days=max(1, round(chance.gammavariate(1.5, 12 if position < STAGES else 18))))
        month = months[min((on - START).days // 30, len(months) - 1)]
        passes = min(0.95, (0.62 + 0.06 * position) * month)
        if chance.random() > passes:
            outcome = "lost"
            break
        if position == STAGES:
            break
        position += 1
        entered.append(on)
    if outcome == "won" and chance.random() < kind.rush:
        following = (on.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        on = following - dt.timedelta(days=1)
    if outcome == "won":
        firm.future.append((on, amount))
    if born > as_of:
        return
    is_known = on <= as_of
    shown = [day for day in entered if day <= as_of]
    firm.tables["deal_facts"].append(
        {
            "opportunity_key": key,
            "owner_key": key % 7 + 1,
            "pipeline": "main",
            "outcome": outcome if is_known else "open",
            "amount": amount,
            "created_on": born,
            "closed_on": on if is_known else None,
            "reached_position": STAGES + 1 if is_known and outcome == "won" else len(shown),
        }
    )
    for place, since in enumerate(shown, 1):
        is_last = place == len(shown)
        firm.tables["stage_entries"].append(
            {
                "opportunity_key": key,
                "position": place,
                "entered_on": since,
                "left_on": shown[place] if not is_last else on if is_known else None,
                "exit": "forward" if not is_last or (is_known and outcome == "won") else "lost" if is_known else "open",
            }
        )


def _poisson(chance: random.Random, rate: float) -> int:
    """How many came, on the mean so many (Knuth)."""
    n, left, floor = 0, chance.random(), math.exp(-rate)
    while left > floor:
        n, left = n + 1, left * chance.random()
    return n


#: Columns of the tables that the marts and the query read, the others of a snapshot apart.
SHAPES = {
    "deal_facts": "opportunity_key integer, owner_key integer, pipeline varchar, outcome varchar, "
    "amount decimal(18,2), created_on date, closed_on date, reached_position integer",
    "stage_entries": "opportunity_key integer, position integer, entered_on date, left_on date, exit varchar",
    "stage_changes": "opportunity_key integer, is_derived boolean",
    "stages": "pipeline varchar, position integer, stage varchar, outcome varchar",
    "users": "user_key integer, user_id varchar, name varchar, team varchar",
    "orders": "order_key integer, owner_key integer, account_key integer, opportunity_key integer, status varchar, "
    "ordered_on date, amount decimal(18,2)",
    "targets": "owner_key integer, team varchar, month date, measure varchar, value decimal(18,2)",
    "firm_norms": "n_decided_365 bigint",
}


def asked(firm: Firm, as_of: dt.date, period: tuple[dt.date, dt.date]) -> list[dict[str, Any]]:
    """The rows of forecast/outlook for the whole firm."""
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 1")
        for name, shape in SHAPES.items():
            con.execute(f"create table {name} ({shape})")
            if rows := firm.tables.get(name):
                con.register("rows", pa.Table.from_pylist(rows))
                con.execute(f"insert into {name} by name select * from rows")
        for name in ("orders_without_deal", "rep_looks", "firm_close_odds"):
            first, sql = assembly.in_steps((QUERIES / "marts" / f"{name}.sql").read_text(encoding="utf-8"))
            for part, made in first.items():
                con.execute(f"create temp table {part} as\n{made}", queryfile.bound(made, {"as_of": as_of}))
            con.execute(f"create table {name} as\n{sql}", queryfile.bound(sql, {"as_of": as_of}))
        values = {"as_of": as_of, "period_start": period[0], "period_end": period[1], "dimension": "all"}
        answer = con.sql(queryfile.load("forecast/outlook").sql, params=values)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


@dataclass
class Tally:
    """What came of the forecasts of one kind of firm."""

    n: int = 0
    n_in: int = 0
    n_above: int = 0
    n_below: int = 0
    n_tested: int = 0
    n_hits: int = 0
    error: float = 0.0
    missed: float = 0.0
    actual: float = 0.0

    def add(self, rows: list[dict[str, Any]], firm: Firm) -> None:
        """Hold one firm's present forecast against its future, and count its back-test."""
        now = rows[0]
        if now["state"] != "ok":
            return
        actual = float(now["won_amount"]) + sum(amount for _, amount in firm.future)
        error = float(now["expected_amount"]) - actual
        self.n += 1
        self.n_above += actual > float(now["high_amount"])
        self.n_below += actual < float(now["low_amount"])
        self.n_in = self.n - self.n_above - self.n_below
        self.n_tested, self.n_hits = self.n_tested + now["n_tested"], self.n_hits + now["n_hits"]
        self.error, self.missed, self.actual = self.error + error, self.missed + abs(error), self.actual + actual


#: The day of the forecast and the period: the last days of a quarter, most of one, a month from its middle.
CASES = (
    (dt.date(2026, 4, 30), (dt.date(2026, 4, 1), dt.date(2026, 7, 1))),
    (dt.date(2026, 5, 31), (dt.date(2026, 4, 1), dt.date(2026, 7, 1))),
    (dt.date(2026, 4, 10), (dt.date(2026, 4, 1), dt.date(2026, 5, 1))),
)


def tried(kind: Kind, n_firms: int, case: tuple[dt.date, tuple[dt.date, dt.date]], seed: int = 1) -> Tally:
    """So many firms of a kind, each forecast once."""
    as_of, period = case
    tally = Tally()
    for number in range(n_firms):
        firm = simulated(seed * 100_000 + number, kind, as_of, period[1])
        tally.add(asked(firm, as_of, period), firm)
    return tally


def main() -> None:
    """Print a line per kind of firm and case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description=__doc__)
    parser.add_argument("--firms", type=int, default=200, help="firms of each kind and case")
    n_firms = parser.parse_args().firms
    heads = ("firms", "day to end", "forecasts", "in the interval", "above", "below", "WAPE", "bias", "back-test hits")
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for kind in KINDS:
        for case in CASES:
            t = tried(kind, n_firms, case)
            cells = [kind.name, f"{case[0]:%d %b} to {case[1][1]:%d %b}", str(t.n)]
            cells += [f"{n / max(t.n, 1):.0%}" for n in (t.n_in, t.n_above, t.n_below)]
            cells += [f"{t.missed / max(t.actual, 1):.0%}", f"{t.error / max(t.actual, 1):+.0%}"]
            cells += [f"{t.n_hits / max(t.n_tested, 1):.0%}"]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

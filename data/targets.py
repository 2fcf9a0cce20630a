"""Monthly goals per salesperson, set so that the firm is a little ahead in one quarter and behind in the next."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random

from data.model import Target, World
from data.workdays import months_between

# Result over target by quarter; the quarters not named here come near 1.
_ATTAINMENT = {
    "2025-1": 0.97,
    "2025-2": 1.02,
    "2025-3": 0.95,
    "2025-4": 1.04,
    "2026-1": 0.99,
    "2026-2": 0.97,
    "2026-3": 1.04,
}
# Growth the firm asks of its last quarter over the one before.
_GROWTH = 1.05
_LAST_QUARTER = (0.28, 0.33, 0.39)
_STEP = {"zh": 1000.0, "en": 500.0}


def _quarter(month: str) -> str:
    return f"{month[:4]}-{(int(month[5:]) + 2) // 3}"


def publish(world: World, rng: Random, start: date, end: date) -> None:
    """Goals for each month to the end of the year, made known before the quarter begins."""
    months = months_between(start, date(end.year, 12, 31))
    sold: dict[str, float] = defaultdict(float)
    paid: dict[str, float] = defaultdict(float)
    first_orders: dict[int, date] = {}
    for order in world.orders:
        sold[f"{order.signed:%Y-%m}"] += order.amount
        first_orders[order.customer] = min(order.signed.date(), first_orders.get(order.customer, date.max))
        for payment in order.payments:
            paid[f"{payment.paid:%Y-%m}"] += payment.amount
    fresh: dict[str, float] = defaultdict(float)
    for day in first_orders.values():
        fresh[f"{day:%Y-%m}"] += 1
    touched: dict[str, float] = defaultdict(float)
    for activity in world.activities:
        if activity.outcome != "no_answer":
            touched[f"{activity.at:%Y-%m}"] += 1
    step = _STEP[world.firm]
    for measure, actual, unit in (
        ("revenue", sold, step),
        ("collected", paid, step),
        ("activities", touched, 5.0),
        ("new_customers", fresh, 1.0),
    ):
        goals = _goals(rng, months, actual, f"{end:%Y-%m}", measure)
        for month in months:
            _share(world, rng, month, measure, goals[month], unit)


def _goals(rng: Random, months: list[str], actual: dict[str, float], last: str, measure: str) -> dict[str, float]:
    goals: dict[str, float] = {}
    before = 0.0
    for quarter in sorted({_quarter(m) for m in months}):
        inside = [m for m in months if _quarter(m) == quarter]
        if last in inside:
            total = before * _GROWTH
            for month, share in zip(inside, _LAST_QUARTER, strict=True):
                goals[month] = total * share
            continue
        reached = _ATTAINMENT.get(quarter, 1.0) if measure == "revenue" else rng.uniform(0.92, 1.06)
        total = before = sum(actual[m] for m in inside) / reached
        # Nobody plans month by month what will happen: the quarter's goal is spread almost evenly.
        weights = [rng.uniform(0.9, 1.1) * (1.12 if int(m[5:]) % 3 == 0 else 1.0) for m in inside]
        for month, weight in zip(inside, weights, strict=True):
            goals[month] = total * weight / sum(weights)
    return goals


def _share(world: World, rng: Random, month: str, measure: str, goal: float, unit: float) -> None:
    first = date(int(month[:4]), int(month[5:]), 1)
    published = first.replace(month=(first.month - 1) // 3 * 3 + 1) - timedelta(days=10)
    staff = [
        p
        for p in world.people
        if p.role == "rep"
        and p.hired <= first + timedelta(days=20)
        and (p.left is None or p.left > first + timedelta(days=10))
    ]
    weights = {p.key: p.traits.weight * (1.5 if p.traits.archetype == "star" else 1.0) for p in staff}
    if measure == "activities":
        weights = {p.key: p.traits.weight for p in staff}
    whole = sum(weights.values())
    for person in staff:
        value = goal * weights[person.key] / whole
        rounded = max(unit, round(value / unit) * unit)
        world.targets.append(Target(person.key, month, measure, rounded, published))

"""Working days and office hours of the simulated firms."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from random import Random

# Long closures only: single public holidays leave no visible trace in sales records.
CLOSED = {
    "zh": [
        (date(2024, 10, 1), date(2024, 10, 7)),
        (date(2025, 1, 28), date(2025, 2, 4)),
        (date(2025, 5, 1), date(2025, 5, 5)),
        (date(2025, 10, 1), date(2025, 10, 8)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ],
    "en": [
        (date(2024, 11, 28), date(2024, 11, 29)),
        (date(2024, 12, 24), date(2025, 1, 1)),
        (date(2025, 7, 4), date(2025, 7, 6)),
        (date(2025, 11, 27), date(2025, 11, 28)),
        (date(2025, 12, 24), date(2026, 1, 1)),
        (date(2026, 7, 3), date(2026, 7, 5)),
    ],
}
BUSY = {
    "zh": (0.8, 0.55, 1.25, 1.1, 1.0, 1.1, 0.9, 0.85, 1.1, 0.9, 1.15, 1.1),
    "en": (0.95, 1.0, 1.15, 1.0, 1.0, 1.1, 0.75, 0.8, 1.1, 1.15, 1.0, 0.8),
}


def is_open(firm: str, day: date) -> bool:
    """Whether the office works that day."""
    return day.weekday() < 5 and not any(first <= day <= last for first, last in CLOSED[firm])


def next_open(firm: str, day: date) -> date:
    """The day itself, or the next one the office works."""
    while not is_open(firm, day):
        day += timedelta(days=1)
    return day


def office_hour(rng: Random, day: date) -> datetime:
    """A moment of the working day."""
    return datetime.combine(day, time(rng.choice((8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 15, 16, 17)), rng.randrange(60)))


def later(rng: Random, firm: str, moment: datetime, mean_days: float) -> datetime:
    """A working moment some days on; gaps follow a gamma law, so few are very short or very long."""
    gap = max(1, round(rng.gammavariate(2.2, mean_days / 2.2)))
    return office_hour(rng, next_open(firm, moment.date() + timedelta(days=gap)))


def poisson(rng: Random, mean: float) -> int:
    """A Poisson draw by Knuth's method; means here are small."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def months_between(first: date, last: date) -> list[str]:
    """Months as 2026-09, both ends included."""
    found, year, month = [], first.year, first.month
    while (year, month) <= (last.year, last.month):
        found.append(f"{year}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found

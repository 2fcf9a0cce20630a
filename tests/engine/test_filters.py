"""Periods and comparisons, and what is taken over from a URL."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dashboard.engine.filters import Filters, Options, parse

WINDOWS = [
    # period, compare, as_of, fiscal year from; start, end, compared start, compared end (both ends exclusive)
    ("this_quarter", "previous", "2026-08-15", 1, "2026-07-01 2026-10-01 2026-04-01 2026-05-16"),
    ("this_quarter", "previous", "2026-09-30", 1, "2026-07-01 2026-10-01 2026-04-01 2026-07-01"),
    ("this_quarter", "previous", "2026-07-01", 1, "2026-07-01 2026-10-01 2026-04-01 2026-04-02"),
    ("this_quarter", "previous", "2026-05-31", 1, "2026-04-01 2026-07-01 2026-01-01 2026-03-01"),
    ("this_quarter", "previous", "2026-05-30", 1, "2026-04-01 2026-07-01 2026-01-01 2026-03-01"),
    ("this_quarter", "previous", "2026-02-28", 1, "2026-01-01 2026-04-01 2025-10-01 2025-12-01"),
    ("this_quarter", "last_year", "2026-08-15", 1, "2026-07-01 2026-10-01 2025-07-01 2025-08-16"),
    ("this_quarter", "snapshot", "2026-08-15", 1, "2026-07-01 2026-10-01 2026-07-01 2026-10-01"),
    ("this_quarter", "previous", "2026-03-15", 2, "2026-02-01 2026-05-01 2025-11-01 2025-12-16"),
    ("this_quarter", "previous", "2026-01-15", 4, "2026-01-01 2026-04-01 2025-10-01 2025-10-16"),
    ("last_quarter", "previous", "2026-08-15", 1, "2026-04-01 2026-07-01 2026-01-01 2026-04-01"),
    ("last_quarter", "previous", "2026-02-15", 1, "2025-10-01 2026-01-01 2025-07-01 2025-10-01"),
    ("last_quarter", "last_year", "2026-08-15", 1, "2026-04-01 2026-07-01 2025-04-01 2025-07-01"),
    ("this_month", "previous", "2026-03-30", 1, "2026-03-01 2026-04-01 2026-02-01 2026-03-01"),
    ("this_month", "previous", "2026-03-15", 1, "2026-03-01 2026-04-01 2026-02-01 2026-02-16"),
    ("this_month", "previous", "2026-02-28", 1, "2026-02-01 2026-03-01 2026-01-01 2026-02-01"),
    ("this_month", "previous", "2026-01-31", 1, "2026-01-01 2026-02-01 2025-12-01 2026-01-01"),
    ("this_month", "last_year", "2024-02-29", 1, "2024-02-01 2024-03-01 2023-02-01 2023-03-01"),
    ("this_month", "last_year", "2025-02-28", 1, "2025-02-01 2025-03-01 2024-02-01 2024-03-01"),
    ("last_month", "previous", "2026-03-31", 1, "2026-02-01 2026-03-01 2026-01-01 2026-02-01"),
    ("this_year", "previous", "2026-03-31", 1, "2026-01-01 2027-01-01 2025-01-01 2025-04-01"),
    ("this_year", "last_year", "2024-02-28", 1, "2024-01-01 2025-01-01 2023-01-01 2023-03-01"),
    ("this_year", "previous", "2026-03-31", 4, "2025-04-01 2026-04-01 2024-04-01 2025-04-01"),
    ("this_year", "previous", "2026-04-01", 4, "2026-04-01 2027-04-01 2025-04-01 2025-04-02"),
    ("last_year", "previous", "2026-03-31", 1, "2025-01-01 2026-01-01 2024-01-01 2025-01-01"),
    ("last_year", "last_year", "2026-03-31", 7, "2024-07-01 2025-07-01 2023-07-01 2024-07-01"),
    ("last_12_months", "previous", "2026-03-31", 1, "2025-04-01 2026-04-01 2024-04-01 2025-04-01"),
    ("last_12_months", "last_year", "2026-03-15", 1, "2025-03-16 2026-03-16 2024-03-16 2025-03-16"),
    ("last_12_months", "previous", "2024-02-28", 1, "2023-03-01 2024-02-29 2022-03-01 2023-03-01"),
    ("last_12_months", "previous", "2024-02-29", 1, "2023-03-01 2024-03-01 2022-03-01 2023-03-01"),
]


@pytest.mark.parametrize(("period", "compare", "as_of", "fiscal_start", "expected"), WINDOWS)
def test_window(period: str, compare: str, as_of: str, fiscal_start: int, expected: str) -> None:
    filters = Filters(period=period, compare=compare, fiscal_start=fiscal_start)
    assert " ".join(map(str, filters.window(dt.date.fromisoformat(as_of)))) == expected


@pytest.mark.parametrize("period", ["this_month", "this_quarter", "this_year", "last_12_months"])
@pytest.mark.parametrize("compare", ["previous", "last_year"])
@pytest.mark.parametrize("fiscal_start", [1, 2, 4])
def test_every_day_of_two_years(period: str, compare: str, fiscal_start: int) -> None:
    filters = Filters(period=period, compare=compare, fiscal_start=fiscal_start)
    for number in range(2 * 366):
        day = dt.date(2023, 1, 1) + dt.timedelta(days=number)
        start, end, compare_start, compare_end = filters.window(day)
        assert start <= day < end
        assert compare_start < compare_end <= start
        if end == day + dt.timedelta(days=1) and compare == "previous":
            assert compare_end == start  # a period that is over is compared with a whole one
        last = replace(filters, period=period.replace("this", "last")).window(day)
        if period != "last_12_months":
            assert last[1] == start


OPTIONS = Options(team=("南区", "North"), region=("x",), family=("f",), tier=("A",), pipeline=("new",))


def test_parse_takes_known_values_and_reports_the_rest() -> None:
    url = {
        "period": "last_month",
        "compare": ["last_year", "previous"],
        "team": ["North", "nowhere", "North", "南区"],
        "tier": "A",
        "region": ["'; drop table users; --"],
        "pipeline": "",
        "user_id": "u1",
    }
    filters, ignored = parse(url, OPTIONS, fiscal_start=4)
    assert filters == Filters("last_month", "last_year", team=("North", "南区"), tier=("A",), fiscal_start=4)
    assert ignored == (("team", "nowhere"), ("region", "'; drop table users; --"))
    assert filters.to_url() == {
        "period": ["last_month"],
        "compare": ["last_year"],
        "team": ["North", "南区"],
        "tier": ["A"],
    }
    assert parse(filters.to_url(), OPTIONS, fiscal_start=4) == (filters, ())


def test_parse_of_nothing_and_of_nonsense() -> None:
    assert parse({}, OPTIONS) == (Filters(), ())
    assert parse({"period": "tomorrow", "compare": "x"}, OPTIONS) == (
        Filters(),
        (("period", "tomorrow"), ("compare", "x")),
    )
    assert Filters().to_url() == {}

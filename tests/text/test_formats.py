"""Numbers, amounts, dates and lengths as people write them, in both languages, at every edge of rounding."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from dashboard.text import Count, Days, Listing, Money, Month, Percent, Points, Ratio, Span, show
from dashboard.text.formats import file_size

DAY = dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "¥0", "¥0"),
        (0.4, "¥0", "¥0"),
        (-0.4, "¥0", "¥0"),
        (0.5, "¥1", "¥1"),
        (9_999, "¥9,999", "¥9,999"),
        (Decimal("9999.49"), "¥9,999", "¥9,999"),
        (Decimal("9999.50"), "¥1万", "¥10K"),
        (10_000, "¥1万", "¥10K"),
        (12_345, "¥1.23万", "¥12.3K"),
        (123_456, "¥12.3万", "¥123K"),
        (999_499, "¥99.9万", "¥999K"),
        (999_500, "¥100万", "¥1M"),
        (1_234_567, "¥123万", "¥1.23M"),
        (99_944_999, "¥9,994万", "¥99.9M"),
        (99_994_999, "¥9,999万", "¥100M"),
        (99_995_000, "¥1亿", "¥100M"),
        (123_456_789, "¥1.23亿", "¥123M"),
        (12_000_000_000, "¥120亿", "¥12B"),
        (999_950_000_000, "¥1万亿", "¥1,000B"),
        (-12_345, "−¥1.23万", "−¥12.3K"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
        (float("inf"), "—", "—"),
        (Decimal("NaN"), "—", "—"),
    ],
)
def test_money(value, zh, en):
    assert show(Money(value), "zh", "CNY") == zh
    assert show(Money(value), "en", "CNY") == en


def test_money_in_other_currencies():
    assert show(Money(1_500_000), "en", "USD") == "$1.5M"
    assert show(Money(5), "en", "CHF") == "CHF 5"
    assert show(Money(5), "en", None) == "5"
    assert show(Money(5), "zh", "人民币") == "¥5"
    assert show(Money(5, "EUR"), "zh", "CNY") == "€5"


@pytest.mark.parametrize(
    ("spec", "shown"), [("exact", "¥12,345.60"), ("+", "+¥1.23万"), ("abs", "¥1.23万"), ("", "¥1.23万")]
)
def test_specifications_of_money(spec, shown):
    assert show(Money(Decimal("12345.60")), "zh", "CNY", spec) == shown


def test_exact_amounts_without_cents_are_whole():
    assert show(Money(Decimal("1234567.00")), "en", "USD", "exact") == "$1,234,567"


def test_zero_has_no_sign():
    assert show(Money(0), "zh", "CNY", "+") == "¥0"
    assert show(Points(0.0001), "en") == "0 pts"
    assert show(Count(-0.2), "en") == "0"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0%"),
        (0.0004, "<0.1%"),
        (0.0005, "0.1%"),
        (0.034, "3.4%"),
        (0.0999, "10%"),
        (0.1, "10%"),
        (0.125, "13%"),
        (0.99, "99%"),
        (0.996, "99.6%"),
        (0.9999, ">99.9%"),
        (1, "100%"),
        (1.25, "125%"),
        (-0.05, "−5%"),
        (None, "—"),
    ],
)
def test_percent(value, shown):
    assert show(Percent(value), "zh") == show(Percent(value), "en") == shown


@pytest.mark.parametrize(
    ("fact", "zh", "en"),
    [
        (Points(0.032), "+3.2个百分点", "+3.2 pts"),
        (Points(-0.01), "−1个百分点", "−1 pt"),
        (Days(1), "1天", "1 day"),
        (Days(3.44), "3.4天", "3.4 days"),
        (Days(12.5), "13天", "13 days"),
        (Days(None), "—", "—"),
        (Ratio(2.54), "2.5倍", "2.5×"),
        (Ratio(0.333), "0.33倍", "0.33×"),
        (Count(1_234_567), "1,234,567", "1,234,567"),
        (3, "3", "3"),
        (DAY, "2026年10月31日", "31 Oct 2026"),
        (dt.datetime(2026, 10, 31, 9, 5), "2026年10月31日 09:05", "31 Oct 2026 09:05"),
        (Month(DAY), "2026年10月", "Oct 2026"),
        (Month(None), "—", "—"),
        (Span(dt.date(2026, 7, 1), dt.date(2026, 10, 1)), "2026年7月1日至9月30日", "1 Jul – 30 Sep 2026"),
        (
            Span(dt.date(2025, 12, 1), dt.date(2026, 2, 1)),
            "2025年12月1日至2026年1月31日",
            "1 Dec 2025 – 31 Jan 2026",
        ),
        (Span(DAY, DAY + dt.timedelta(days=1)), "2026年10月31日", "31 Oct 2026"),
        (Listing(["甲"]), "甲", "甲"),
        (Listing(["a", "b", "c"]), "a、b和c", "a, b and c"),
        (Listing([]), "—", "—"),
        (None, "—", "—"),
        ("text", "text", "text"),
    ],
)
def test_other_facts(fact, zh, en):
    assert show(fact, "zh") == zh
    assert show(fact, "en") == en


def test_words_that_go_with_a_count():
    assert show(Count(1), "en", None, "deal|deals") == "deal"
    assert show(Count(0), "en", None, "deal|deals") == "deals"
    assert show(Count(2), "en", None, "deal|deals") == "deals"


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "0 KB"), (999, "1 KB"), (1_500, "2 KB"), (7_100_000, "7.1 MB"), (2_000_000_000, "2 GB")]
)
def test_file_size(n, shown):
    assert file_size(n) == shown

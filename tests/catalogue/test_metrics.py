"""Every metric names a figure that exists, in both languages."""

from __future__ import annotations

import pytest

from dashboard import queryfile
from dashboard.catalogue import metrics
from dashboard.text.catalogue import LANGUAGES
from dashboard.text.formats import Count, Money, Points


@pytest.mark.parametrize("name", metrics())
def test_query_and_column_exist(name):
    metric = metrics()[name]
    assert metric.column in queryfile.load(metric.query).columns


@pytest.mark.parametrize("name", metrics())
def test_label_and_definition_stand_in_both_languages(name):
    metric = metrics()[name]
    for words in (metric.label, metric.definition):
        assert set(words) == set(LANGUAGES)
        assert all(text.strip() for text in words.values())


def test_differences_of_shares_are_points():
    from dashboard.catalogue import Metric

    rate = Metric("r", "q", "c", "percent", "up", {}, {})
    money = Metric("m", "q", "c", "money", "up", {}, {})
    assert rate.difference(0.5, 0.25) == Points(0.25)
    assert money.difference(5, 8) == Money(-3)
    assert money.difference(None, 8) is None
    assert Metric("n", "q", "c", "count", "none", {}, {}).fact(3) == Count(3)

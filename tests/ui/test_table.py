"""Tables: one unit per column, and the row that was clicked."""

from __future__ import annotations

import pytest

from dashboard.ui.chart import picked as picked_points
from dashboard.ui.table import number_format, picked, target


@pytest.mark.parametrize(
    ("kind", "numbers", "lang", "expected"),
    [
        ("money", [99_999, None], "zh", (1.0, "¥%,.0f")),
        ("money", [-100_000, 5], "zh", (10_000.0, "¥%,.1f万")),
        ("money", [100_000], "en", (1.0, "¥%,.0f")),
        ("percent", [0.5, 0.0], "zh", (0.01, "%.0f%%")),
        ("percent", [0.5, 0.034], "zh", (0.01, "%.1f%%")),
        ("days", [], "zh", (1.0, "%,.0f天")),
        ("count", [1], "en", (1.0, "%,.0f")),
        ("ratio", [1], "en", (1.0, "%.1f×")),
    ],
)
def test_number_format(kind, numbers, lang, expected):
    assert number_format(kind, numbers, lang, "CNY") == expected


def test_the_row_that_was_clicked():
    values = ["d1", "d2", ""]
    assert picked({"selection": {"rows": [], "cells": [(1, "name")]}}, values) == "d2"
    assert picked({"selection": {"rows": [0]}}, values) == "d1"
    assert picked({"selection": {"cells": [(2, "name")]}}, values) is None
    assert picked({"selection": {"cells": [(7, "name")]}}, values) is None
    assert picked({"selection": {}}, values) is None
    assert picked(None, values) is None


@pytest.mark.parametrize("column", ["user_id", "owner_id", "group_id"])
def test_a_page_is_opened_by_its_own_parameter(column):
    led = target("salesperson", column, [{column: "u1"}, {column: None}])
    assert (led.page, led.name, led.values) == ("salesperson", "user_id", ["u1", ""])


def test_the_point_that_was_clicked():
    selection = {"selection": {"points": [{"x": 1, "customdata": "s2"}, {"x": 3}]}}
    assert picked_points(selection) == ["s2", 3]
    assert picked_points(None) == []

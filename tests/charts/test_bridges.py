"""A bridge draws every change where the one before it ended, with its words where there is room."""

from __future__ import annotations

import json

import pytest

from dashboard.charts.bridges import begins_at, bridge


def drawn(values: list[float]) -> list[tuple[float, float]]:
    """(from, to) of each bar, from left to right."""
    trace = bridge(
        [*"abcdefg"[: len(values)]], values, alt="x", texts=[""] * len(values), colours=["red"] * len(values)
    )
    bars = trace["data"][0]
    ends = [(foot, foot + width) for foot, width in zip(bars["base"], bars["x"], strict=True)]
    return [(min(pair), max(pair)) for pair in ends]


def test_each_change_begins_where_the_last_one_ended() -> None:
    assert drawn([10, 5, -12, 3]) == [(0, 10), (10, 15), (3, 15), (0, 3)]


def test_small_changes_of_a_large_sum_can_be_seen() -> None:
    assert begins_at([1000, 1010, 990]) == 978  # 0.6 of what moved below the lowest
    assert drawn([1000, 10, -20, 990])[0] == (978, 1000)
    assert begins_at([1000, 300]) == begins_at([1000, 1000]) == 0


def test_nothing_at_all_is_still_a_figure() -> None:
    assert drawn([0, 0]) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("label", ["<b>x</b>", '<a href="http://evil.test">x</a>'])
def test_plotly_accepts_it_and_hostile_names_stay_text(label: str) -> None:
    import plotly.graph_objects as go

    figure = bridge([label, "y", "z"], [4, -1, 3], alt="x", texts=[label, "1", "3"], colours=["red"] * 3, ids=[*"xyz"])
    go.Figure(figure)
    assert "<a" not in json.dumps(figure) and "<b" not in json.dumps(figure)
    assert figure["data"][0]["customdata"] == ["x", "y", "z"]

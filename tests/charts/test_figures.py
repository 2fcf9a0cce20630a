"""Charts are plain dicts that Plotly accepts, and hostile labels stay text in them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest

from dashboard.charts import bars, base, calendars, flows, lines, timelines

HOSTILE = '<a href="http://evil.test">x</a><b>y</b>&amp;'
DAYS = [dt.date(2026, 10, 1) + dt.timedelta(days=i) for i in range(20)]

FIGURES = {
    "upright": bars.upright(["a", HOSTILE], [1, 2], alt="two bars", texts=["1", HOSTILE], ids=["x", "y"]),
    "lying": bars.lying(["a", HOSTILE], [0.3, None], alt="rates", low=[0.2, None], high=[0.5, None], texts=["1", "—"]),
    "lying with a reference": bars.lying(["a"], [3], alt="one", reference=2, reference_text=HOSTILE, tickformat=".0%"),
    "stacked": bars.stacked(["a", "b"], {"won": [1, 2], HOSTILE: [3, 4]}, alt="parts", texts={"won": ["1", "2"]}),
    "stacked upright": bars.stacked(["a"], {"won": [1]}, alt="parts", is_lying=False, is_grouped=True),
    "funnel": bars.funnel(["s1", "s2"], [8, 3], [1, 2], [1, 3], names=("passed", "open", "lost"), alt="steps"),
    "line": lines.line(DAYS, {"a": [1.0] * 20, HOSTILE: [None] * 20}, alt="a course", band=([0] * 20, [2] * 20)),
    "step": lines.line([1, 2, 3], {"a": [1, 2, 2]}, alt="steps", is_step=True, x_title=HOSTILE, tickformat=".0%"),
    "spark": lines.spark([1, None, 3], alt="a course"),
    "points": lines.points([1, 2], [3, 4], labels=["a", HOSTILE], alt="map", sizes=[10, None], middle=(1.5, 3.5)),
    "sankey": flows.sankey(["a", HOSTILE], [0], [1], [5], alt="flow"),
    "waterfall": flows.waterfall(["then", HOSTILE, "now"], [10, -3, 7], totals=[0, 2], alt="change", texts=["1"] * 3),
    "timeline": timelines.timeline(
        [
            timelines.Lane(
                HOSTILE, [timelines.Course(HOSTILE, DAYS[:2], [1, 3], ["a", HOSTILE])], ([1, 3], ["s", HOSTILE])
            ),
            timelines.Lane("dates", [timelines.Course("d", DAYS[:2], DAYS[2:4], ["a", "b"], is_quiet=True)]),
            timelines.Lane("touches", [timelines.Course("t", DAYS[:1], [0], ["a"], is_marks=True, is_hollow=True)]),
        ],
        alt="three lanes",
        until=DAYS[-1],
    ),
    "calendar": calendars.calendar(
        DAYS, range(20), alt="days", weekdays="一二三四五六日", texts=[HOSTILE] * 20, months=["Oct"] * 20
    ),
    "empty calendar": calendars.calendar([], [], alt="no day", weekdays="一二三四五六日", texts=[]),
    "grid": calendars.grid(["x"], ["y"], [[1]], alt="one cell", texts=[[HOSTILE]]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_accepts_the_figure(name):
    import plotly.graph_objects as go

    go.Figure(FIGURES[name])  # raises on any property that is not in the schema
    json.dumps(FIGURES[name])


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_transparent_and_says_what_it_shows(name):
    layout = FIGURES[name]["layout"]
    assert layout["meta"]["alt"]
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == "rgba(0,0,0,0)"
    assert "CJK" in layout["font"]["family"]


@pytest.mark.parametrize("name", FIGURES)
def test_no_label_is_live(name):
    text = json.dumps(FIGURES[name]).replace("<extra></extra>", "")
    assert "<" not in text


def test_long_labels_are_cut_by_width_not_by_signs():
    assert base.short("abcdefghij", 10) == "abcdefghij"
    assert base.short("abcdefghijk", 10) == "abcdefghij…"
    assert base.short("中文标签很长", 10) == "中文标签很…"
    assert base.short("<b>", 10) == "&lt;b&gt;"


def test_calendar_puts_each_day_on_its_weekday():
    # 1 October 2026 is a Thursday: the fourth row of the first week; 5 October is the Monday of the second.
    cells = FIGURES["calendar"]["data"][0]["z"]
    assert [row[0] for row in cells] == [None, None, None, 0, 1, 2, 3]
    assert cells[0][1] == 4


def test_intervals_are_distances_from_the_value():
    error = FIGURES["lying"]["data"][0]["error_x"]
    assert error["array"] == [pytest.approx(0.2), 0]
    assert error["arrayminus"] == [pytest.approx(0.1), 0]


def test_drawing_needs_neither_pandas_nor_plotly():
    rooms = "bars, lines, flows, calendars"
    code = f"import sys; from dashboard.charts import {rooms}; print({{'pandas','plotly'}} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"

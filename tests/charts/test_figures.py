"""Charts are plain dicts that Plotly accepts, and hostile labels stay text in them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest

from dashboard.charts import arcs, bars, base, calendars, dots, flows, lines, shares, timelines

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
    "intervals": dots.intervals(
        ["a", HOSTILE],
        [0.3, None],
        [0.2, None],
        [0.5, None],
        name=HOSTILE,
        alt="rates",
        texts=[HOSTILE, ""],
        others=[(HOSTILE, "line-ns-open", [0.4, None], [HOSTILE, ""])],
        reference=0.5,
    ),
    "spans": dots.spans(
        ["a", HOSTILE],
        [3, None],
        [9, 12],
        name=HOSTILE,
        alt="days",
        texts=["", HOSTILE],
        others=[(HOSTILE, "circle", [5, None], [HOSTILE, ""])],
    ),
    "shares": shares.by_age(
        [0, 10, 400],
        shares.Part(HOSTILE, [0, 0.2, 0.3], [None, 0.1, 0.2], [None, 0.3, 0.5]),
        shares.Part("lost", [0, 0.1, 0.6], [None, None, 0.5], [None, None, 0.7]),
        HOSTILE,
        watched=[9, 7, 1],
        texts=[HOSTILE] * 3,
        alt="by age",
        x_title=HOSTILE,
        earlier=(HOSTILE, [0, 90], [0, 0.4]),
    ),
    "jumps": arcs.jumps(
        ["a", HOSTILE, "c"],
        [arcs.Arc(0, 2, 9, HOSTILE, HOSTILE), arcs.Arc(1, 0, 1, "1", HOSTILE)],
        ahead=HOSTILE,
        back="back",
        alt="skips",
    ),
    "no jumps": arcs.jumps([], [], ahead="skips", back="back", alt="skips"),
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


def test_shares_by_age_leave_the_middle_between_them_and_count_who_is_watched():
    won, middle, whole, *bands, earlier = FIGURES["shares"]["data"]
    assert won["y"] == [0, 0.2, 0.3]
    assert middle["y"] == [1, 0.9, pytest.approx(0.4)]
    assert whole["y"] == [1, 1, 1]
    # Bands only over the ages at which they are known; that of the part from above is turned round.
    assert [band["x"] for band in bands] == [[10, 400], [10, 400], [400], [400]]
    assert [bands[2]["y"], bands[3]["y"]] == [[pytest.approx(0.3)], [0.5]]
    assert earlier["x"] == [0, 90]
    counts = {note["x"]: note["text"] for note in FIGURES["shares"]["layout"]["annotations"]}
    # At 90 days those are watched that are counted next, at 400.
    assert counts == {0: "9", 90: "1", 180: "1", 270: "1", 360: "1"}


def test_jumps_go_ahead_to_the_right_and_back_to_the_left():
    ahead, _, back, *_ = FIGURES["jumps"]["data"]
    assert max(ahead["x"]) > 0 > min(back["x"])
    assert ahead["line"]["width"] > back["line"]["width"]


def test_a_span_without_an_end_is_not_drawn():
    bar = FIGURES["spans"]["data"][0]
    assert (bar["base"], bar["x"]) == ([3, None], [6, None])


def test_drawing_needs_neither_pandas_nor_plotly():
    rooms = "bars, lines, flows, calendars"
    code = f"import sys; from dashboard.charts import {rooms}; print({{'pandas','plotly'}} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"

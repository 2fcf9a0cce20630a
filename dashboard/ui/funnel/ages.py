"""Age: what becomes of deals with time, and how long they stay in each stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.charts import bars, base, dots, shares
from dashboard.text.formats import Count, Days, Percent
from dashboard.ui.choice import choose
from dashboard.ui.funnel.answer import Cohort
from dashboard.ui.funnel.figures import Row
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Ages at which the sentence may be said, and how many deals have to be watched there still.
MARKS, ENOUGH = (365, 180, 120, 90, 60, 30, 14, 7), 10
#: Residents of a stage by their age, the column of each.
PARTS = ("n_within", "n_beyond", "n_long", "n_ageless")
PART_COLOURS = (base.BLUE, base.AMBER, base.ROSE, base.QUIET)


def course(view: View, cohort: Cohort, steps: Sequence[Row]) -> None:
    """The share won, lost and still open at each age: over the whole way, or by the days in one stage."""
    names = {str(step["position"]): view.safe(step["stage"]) for step in steps}
    chosen = choose(
        view,
        "course",
        ("whole", *names),
        "whole",
        lambda code: names[code] if code in names else view.say("funnel.course.whole"),
    )
    place = int(chosen) if chosen in names else 0
    rows = cohort.ask("by_age", position=place)
    now = [row for row in rows if not row["is_compared"]]
    if not now:
        view.note("funnel.course.unknown")
        return
    # Of two snapshots the deals are the same ones: there is no other cohort to draw.
    before = [row for row in rows if row["is_compared"]] if view.comparison != "snapshot" else []
    at = telling(now)
    facts = {
        "days": Days(at["days"]),
        "forward": Percent(at["forward_share"]),
        "low": Percent(at["forward_low"]),
        "high": Percent(at["forward_high"]),
        "lost": Percent(at["lost_share"]),
        "open": Percent(at["open_share"]),
        "n": Count(at["n"]),
        "watched": Count(at["n_at_risk"]),
    }
    st.markdown(view.say(f"funnel.course.{'step' if place else 'way'}", **facts))
    if before and before[-1]["days"] >= at["days"]:
        then = [row for row in before if row["days"] <= at["days"]][-1]
        lower, upper = Percent(then["forward_low"]), Percent(then["forward_high"])
        view.note("funnel.course.before", share=Percent(then["forward_share"]), low=lower, high=upper)
    view.figure(_course(view, now, before, is_step=place > 0), query="funnel/by_age", key="course")


def telling(rows: Sequence[Row]) -> Row:
    """The row to put in words: the latest round age at which enough deals are still watched, else the last one."""
    for mark in MARKS:
        later = [row for row in rows if row["days"] >= mark]
        if later and later[0]["n_at_risk"] >= ENOUGH:
            reached = [row for row in rows if row["days"] <= mark][-1]
            return {**reached, "days": mark, "n_at_risk": later[0]["n_at_risk"]}
    return rows[-1]


def _course(view: View, now: Sequence[Row], before: Sequence[Row], *, is_step: bool) -> base.Figure:
    kind = "step" if is_step else "way"
    said = [
        view.plain(
            f"funnel.course.{kind}_text",
            days=Days(row["days"]),
            forward=Percent(row["forward_share"]),
            lost=Percent(row["lost_share"]),
            open=Percent(row["open_share"]),
            watched=Count(row["n_at_risk"]),
        )
        for row in now
    ]

    def part(end: str) -> shares.Part:
        values, low, high = ([row[f"{end}_{what}"] for row in now] for what in ("share", "low", "high"))
        return shares.Part(view.plain(f"funnel.course.{kind}_{end}"), values, low, high)

    earlier = None
    if len(before) > 1:
        name = view.plain(f"funnel.course.{kind}_before")
        earlier = (name, [row["days"] for row in before], [row["forward_share"] for row in before])
    return shares.by_age(
        [row["days"] for row in now],
        part("forward"),
        part("lost"),
        view.plain("funnel.course.open"),
        watched=[row["n_at_risk"] for row in now],
        texts=said,
        alt=view.plain(f"funnel.course.{kind}_alt"),
        x_title=view.plain(f"funnel.course.{kind}_axis"),
        earlier=earlier,
    )


def stays(view: View, steps: Sequence[Row]) -> None:
    """How long deals stay in each stage, and who has stayed too long."""
    quantiles = ("median_days", "compare_median_days", "p90_days", "usual_days", "long_days")
    known = [name for name in quantiles if any(step[name] is not None for step in steps)]
    if "usual_days" in known:
        late = max(steps, key=lambda step: (step["n_overstayed"], step["overstayed_amount"]))
        if late["n_overstayed"]:
            facts = {
                "n": Count(sum(step["n_overstayed"] for step in steps)),
                "long": Count(sum(step["n_long"] for step in steps)),
                "stage": late["stage"],
                "most": Count(late["n_overstayed"]),
                "usual": Days(late["usual_days"]),
            }
            st.markdown(view.say("funnel.stays.late", **facts))
        else:
            st.markdown(view.say("funnel.stays.calm", n=Count(sum(step["n_residents"] for step in steps))))
        left, right = st.columns(2)
        with left:
            view.figure(spans(view, steps), query="funnel/time_in_stage", key="spans")
        with right:
            view.figure(residents(view, steps), query="funnel/time_in_stage", key="residents")
    else:
        view.note("funnel.history.times")
    expected = any(step["expected_days"] is not None for step in steps)
    view.table(
        steps,
        [
            Column("stage", pinned=True),
            *(Column(name, "days") for name in known),
            *([Column("expected_days", "days")] if expected else []),
            Column("n_residents", "count"),
            Column("resident_amount", "money"),
            Column("resident_median_days", "days"),
            *([Column("n_overstayed", "count"), Column("n_long", "count")] if "usual_days" in known else []),
            *([Column("overstayed_amount", "money")] if "usual_days" in known else []),
            *([Column("n_over_expected", "count")] if expected else []),
        ],
        query="funnel/time_in_stage",
        key="times",
    )


def spans(view: View, steps: Sequence[Row]) -> base.Figure:
    """Per stage from the day on which half have left to that on which nine tenths have; how old those there are."""
    names = [step["stage"] for step in steps]

    def marked(name: str, symbol: str, column: str) -> tuple[str, str, list[Any], list[str]]:
        values = [step[column] for step in steps]
        said = [
            view.plain(f"funnel.stays.{name}_text", stage=stage, days=Days(value))
            for stage, value in zip(names, values, strict=True)
        ]
        return view.plain(f"funnel.stays.{name}"), symbol, values, said

    texts = [
        view.plain(
            "funnel.stays.text",
            stage=step["stage"],
            median=Days(step["median_days"]),
            late=Days(step["p90_days"]),
            n=Count(step["n"]),
        )
        for step in steps
    ]
    marks = [marked("median", "circle", "median_days"), marked("residents", "diamond-open", "resident_median_days")]
    if any(step["expected_days"] is not None for step in steps):
        marks.append(marked("expected", "line-ns-open", "expected_days"))
    return dots.spans(
        names,
        [step["median_days"] for step in steps],
        [step["p90_days"] for step in steps],
        name=view.plain("funnel.stays.span"),
        texts=texts,
        others=marks,
        alt=view.plain("funnel.stays.alt"),
    )


def residents(view: View, steps: Sequence[Row]) -> base.Figure:
    """Per stage the deals that stand there now, by how old they are beside what is usual."""
    shown = [name for name in PARTS if any(step[name] for step in steps)] or ["n_within"]
    parts = {view.plain(f"funnel.stays.{name}"): [step[name] for step in steps] for name in shown}
    return bars.stacked(
        [step["stage"] for step in steps],
        parts,
        texts={name: [view.show(Count(n)) if n else "" for n in values] for name, values in parts.items()},
        colours=[PART_COLOURS[PARTS.index(name)] for name in shown],
        alt=view.plain("funnel.stays.residents_alt"),
    )

"""The period's own funnels: the deals that stood in each stage in it, and those that stand there at its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.charts import bars, base, dots
from dashboard.text.formats import Count, Listing, Money, Percent
from dashboard.ui import history
from dashboard.ui.choice import choose
from dashboard.ui.funnel import ages, kinds, sections
from dashboard.ui.funnel.answer import Cohort, between
from dashboard.ui.funnel.figures import Row
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: What became of a deal in a stage by the end of the period, in the order of the bars.
EXITS = ("forward", "still", "back", "lost")
EXIT_COLOURS = (base.BLUE, base.QUIET, base.AMBER, base.ROSE)
#: Fewer deals that left a stage than this say nothing about it.
FEW = 5


def draw_active(view: View) -> None:
    """The deals in each stage at any time of the period, and the share of those leaving it that went forward."""
    cohort = Cohort(view, widens=False)
    period = kinds.elapsed(view)
    rows = cohort.ask("active", "position")
    steps = [row for row in rows if row["position"] is not None]
    if not any(row["n_active"] for row in rows):
        view.answer("funnel.active.none", period=period)
        kinds.switch(view, "active")
        return
    facts = {"period": period, "n": Count(rows[0]["n_deals"])}
    still = Count(sum(row["n_still"] for row in rows))
    judged = [row for row in steps if row["flow_rate"] is not None and _left(row) >= FEW]
    worst = min(judged, key=lambda row: (row["flow_rate"], row["position"]), default=None)
    # Stages that the weakest can't be told apart from are named with it, or none where that is all of them.
    weak = [row for row in judged if worst is not None and row["flow_low"] <= worst["flow_high"]]
    if worst is None:
        view.answer("funnel.active.unjudged", still=still, **facts)
    elif len(weak) > 1 and len(weak) == len(judged):
        view.answer("funnel.active.level", still=still, **facts)
    else:
        names = [
            view.plain("funnel.active.one", stage=row["stage"], rate=Percent(row["flow_rate"]), n=Count(_left(row)))
            for row in weak
        ]
        view.answer("funnel.active.answer", still=still, names=Listing(names), **facts)
    kinds.switch(view, "active")
    cohort.say_pipeline()
    _unknown(view, rows)
    history.note(view)

    view.section("funnel.section.active")
    pick = lambda place: view.set_param("position", str(place))  # noqa: E731 - a callback
    left, right = st.columns([3, 2])
    with left:
        view.figure(_bars(view, steps), query="funnel/active", key="active", picks=pick)
    with right:
        if judged:
            view.figure(_rates(view, steps), query="funnel/active", key="flow-rates", picks=pick)
            view.note("funnel.rates.note")
    _table(view, rows)
    chosen = _choose_stage(view, steps, worst or steps[0])
    outcome = choose(view, "exit", ("all", *EXITS), "all")
    deals = cohort.ask("active_deals", position=chosen["position"], outcome=outcome)
    _deals(view, deals, is_still=outcome == "still")


def draw_snapshot(view: View) -> None:
    """The deals that stand in each stage at the end of the period, or today where it is still running."""
    cohort = Cohort(view, widens=False)
    _, end, _, compare_end = view.lens.window
    rows = cohort.ask("active", "position")
    day = min(view.lens.as_of, end - dt.timedelta(days=1))
    n, amount = (sum(row[name] for row in rows) for name in ("n_still", "still_amount"))
    steps = [row for row in rows if row["position"] is not None]
    if not n or not steps:
        view.answer("funnel.snapshot.none", day=day)
        kinds.switch(view, "snapshot")
        return
    is_today, is_compared = day == view.lens.as_of, rows[0]["compare_n_still"] is not None
    times = {row["position"]: row for row in cohort.ask("time_in_stage", "position")} if is_today else {}
    late = sum(row["n_overstayed"] for row in times.values())
    most = max(steps, key=lambda row: (row["still_amount"], row["n_still"]))
    view.answer(
        "funnel.snapshot.late" if late else "funnel.snapshot.answer",
        day=day,
        n=Count(n),
        amount=Money(amount),
        stage=most["stage"],
        most=Count(most["n_still"]),
        most_amount=Money(most["still_amount"]),
        **({"late": Count(late)} if late else {}),
    )
    kinds.switch(view, "snapshot")
    cohort.say_pipeline()
    _unknown(view, rows)

    view.section("funnel.section.standing", day=day)
    left, right = st.columns(2)
    pick = lambda place: view.set_param("position", str(place))  # noqa: E731 - a callback
    with left:
        view.figure(_standing(view, steps), query="funnel/active", key="standing", picks=pick)
    ageless = all(row["usual_days"] is None for row in times.values())
    with right:
        if not ageless:
            view.figure(
                ages.residents(view, [times[row["position"]] for row in steps]),
                query="funnel/time_in_stage",
                key="residents",
            )
    view.table(
        [_standing_row(view, row, times.get(row["position"], {})) for row in rows],
        [
            Column("stage", pinned=True),
            Column("n_still", "count"),
            Column("still_amount", "money"),
            *([Column("compare_n_still", "count"), Column("compare_still_amount", "money")] if is_compared else []),
            *(_AGES[: 1 if ageless else None] if times else ()),
        ],
        query=("funnel/active", "funnel/time_in_stage") if times else "funnel/active",
        key="standing-table",
    )
    if is_compared and view.comparison != "snapshot":
        view.note("funnel.snapshot.compared", day=min(view.lens.as_of, compare_end - dt.timedelta(days=1)))
    chosen = _choose_stage(view, steps, most)
    if is_today:
        outcome = choose(view, "standing", ("now", "late"), "now")
        usual = times[chosen["position"]]["usual_days"]
        where = {"position": chosen["position"], "outcome": outcome, "usual_days": usual}
        sections.deals(view, cohort.ask("stage_deals", **where), outcome)
    else:
        _deals(view, cohort.ask("active_deals", position=chosen["position"], outcome="still"), is_still=True)


_AGES = (
    Column("resident_median_days", "days"),
    Column("usual_days", "days"),
    Column("n_overstayed", "count"),
    Column("long_days", "days"),
    Column("n_long", "count"),
)


def _left(row: Row) -> int:
    return int(row["n_forward"] + row["n_back"] + row["n_lost"])


def _unknown(view: View, rows: Sequence[Row]) -> None:
    """How many deals were alive in the period without anybody knowing where."""
    if rows[0]["n_unknown"]:
        view.note("funnel.active.unknown", n=Count(rows[0]["n_unknown"]), known=Count(rows[0]["n_deals"]))


def _bars(view: View, steps: Sequence[Row]) -> base.Figure:
    parts = {view.plain(f"funnel.exit.{name}"): [row[f"n_{name}"] for row in steps] for name in EXITS}
    return bars.stacked(
        [row["stage"] for row in steps],
        parts,
        texts={name: [view.show(Count(n)) if n else "" for n in values] for name, values in parts.items()},
        colours=EXIT_COLOURS,
        ids=[row["position"] for row in steps],
        alt=view.plain("funnel.active.alt"),
    )


def _rates(view: View, steps: Sequence[Row]) -> base.Figure:
    ends = ("rate", "low", "high")
    texts = [
        view.plain(
            "funnel.active.rate_text",
            stage=row["stage"],
            n=Count(_left(row)),
            **{end: Percent(row[f"flow_{end}"]) for end in ends},
        )
        for row in steps
    ]
    said = [
        view.plain("funnel.rates.compare_text", step=row["stage"], rate=Percent(row["compare_flow_rate"]))
        for row in steps
    ]
    before = [row["compare_flow_rate"] for row in steps]
    return dots.intervals(
        [row["stage"] for row in steps],
        *([row[f"flow_{end}"] for row in steps] for end in ends),
        name=view.plain("funnel.active.rate"),
        texts=texts,
        others=[(view.plain("funnel.rates.compare"), "line-ns-open", before, said)],
        ids=[row["position"] for row in steps],
        colours=[base.FAINT if _left(row) < FEW else base.BLUE for row in steps],
        alt=view.plain("funnel.active.rates_alt"),
    )


def _standing(view: View, steps: Sequence[Row]) -> base.Figure:
    texts = [
        view.plain("funnel.snapshot.text", n=Count(row["n_still"]), amount=Money(row["still_amount"])) for row in steps
    ]
    return bars.lying(
        [row["stage"] for row in steps],
        [row["n_still"] for row in steps],
        texts=texts,
        ids=[row["position"] for row in steps],
        alt=view.plain("funnel.snapshot.alt"),
    )


def _named(view: View, row: Row) -> dict[str, Any]:
    return {**row, "stage": row["stage"] or view.plain("funnel.active.unplaced")}


def _standing_row(view: View, row: Row, times: Row) -> dict[str, Any]:
    return {**{column.name: times.get(column.name) for column in _AGES}, **_named(view, row)}


def _table(view: View, rows: Sequence[Row]) -> None:
    named = [{**_named(view, row), "range": between(view, row["flow_low"], row["flow_high"])} for row in rows]
    view.table(
        named,
        [
            Column("stage", pinned=True),
            Column("n_active", "count"),
            Column("n_forward", "count"),
            Column("n_skipped", "count"),
            Column("n_still", "count"),
            Column("n_back", "count"),
            Column("n_lost", "count"),
            Column("lost_amount", "money"),
            Column("flow_rate", "percent"),
            Column("range"),
            Column("compare_flow_rate", "percent"),
        ],
        query="funnel/active",
        key="active-table",
    )


def _choose_stage(view: View, steps: Sequence[Row], default: Row) -> Row:
    names = {str(row["position"]): view.safe(row["stage"]) for row in steps}
    place = choose(view, "position", tuple(names), str(default["position"]), names.__getitem__)
    return next(row for row in steps if str(row["position"]) == place)


def _deals(view: View, rows: Sequence[Row], *, is_still: bool) -> None:
    ways = [Column("exit", codes="funnel.exit"), Column("to_stage"), Column("left_on", "date", width="medium")]
    view.table(
        rows,
        [
            Column("name", width="medium", pinned=True),
            Column("account"),
            Column("owner"),
            Column("amount", "money"),
            Column("entered_on", "date"),
            *([] if is_still else ways),
            Column("days_in_stage", "days"),
            Column("outcome", codes="funnel.is"),
        ],
        query="funnel/active_deals",
        key="active-deals",
        opens=("deal", "opportunity_id"),
        cells={"owner": ("salesperson", "user_id")},
        total=rows[0]["n_deals"] if rows else None,
        empty="funnel.deals.empty",
    )

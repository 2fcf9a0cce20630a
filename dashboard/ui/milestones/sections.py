"""The milestones page's evidence: whose stages hold up, which do not, what is missing, the deals to act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.text.formats import Count, Listing, Percent, Points
from dashboard.ui.choice import choose
from dashboard.ui.funnel.answer import between
from dashboard.ui.milestones import figures, words
from dashboard.ui.milestones.figures import Row
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View

SIDES = ("ahead", "behind")


def groups(view: View, rows: Sequence[Row], dimension: str) -> None:
    """Whose stages hold up: the picture, then the rows."""
    judged = [row for row in rows if row["carried_rate"] is not None]
    if not any(row["verdict"] in ("low", "high") for row in rows) and len(judged) > 1:
        view.note("milestones.groups.level")
    is_people = dimension == "owner"
    if judged:
        pick = (lambda user_id: view.go("salesperson", user_id=user_id)) if is_people else None
        view.figure(figures.groups(view, rows, is_people), query="milestones/by_group", key="groups", picks=pick)
        view.note("milestones.groups.note")
    view.table(
        [
            {
                **row,
                "group_name": figures.name(view, row),
                "ahead_range": _range(view, row, "ahead") if row["n_judged"] >= 10 else None,
            }
            for row in rows
        ],
        [
            Column("group_name", label=f"milestones.dimension.{dimension}", pinned=True),
            Column("n_judged", "count"),
            Column("carried_rate", "percent"),
            Column("verdict", codes="milestones.verdict"),
            Column("n_ahead", "count"),
            Column("ahead_amount", "money"),
            Column("ahead_share", "percent"),
            Column("ahead_range"),
            Column("mean_stages", "number"),
            Column("claimed_value", "money"),
            Column("evidenced_value", "money"),
        ],
        query="milestones/by_group",
        key="groups-table",
        opens=("salesperson", "group_id") if is_people else None,
    )


def stages(view: View, rows: Sequence[Row]) -> None:
    """Stage by stage, how many deals hold up."""
    view.table(
        [{**row, "carried_range": _range(view, row, "carried")} for row in rows],
        [
            *_place(rows),
            Column("n_open", "count"),
            Column("open_amount", "money"),
            Column("carried_rate", "percent"),
            Column("carried_range"),
            Column("n_ahead", "count"),
            Column("ahead_amount", "money"),
            Column("n_behind", "count"),
        ],
        query="milestones/by_stage",
        key="stages",
    )


def times(view: View, rows: Sequence[Row]) -> None:
    """Stage by stage, how long deals stay against the standard, and whether they get the contacts expected."""
    if not any(row["standard_days"] for row in rows):
        view.note("milestones.times.none")
        return
    touches = [Column("expected_touches", "number"), Column("n_ripe", "count"), Column("n_undertouched", "count")]
    kind = {True: view.plain("milestones.times.own"), False: view.plain("milestones.times.usual")}
    view.table(
        [
            {
                **row,
                "standard_kind": kind[row["is_own_standard"]] if row["standard_days"] else None,
                "over_range": _range(view, row, "over"),
                "n_undertouched": row["n_undertouched"] if row["expected_touches"] else None,
            }
            for row in rows
        ],
        [
            *_place(rows),
            Column("standard_days", "days"),
            Column("standard_kind"),
            Column("n_timed", "count"),
            Column("median_days", "days"),
            Column("n_over", "count"),
            Column("over_rate", "percent"),
            Column("over_range"),
            Column("over_amount", "money"),
            *(touches if any(row["expected_touches"] for row in rows) else []),
        ],
        query="milestones/by_stage",
        key="times",
    )
    view.note("milestones.times.note")


def rules(view: View, rows: Sequence[Row]) -> None:
    """Which milestones are missing most."""
    shown = [row for row in rows if row["is_shown"] and row["n_demanded"]]
    if not shown:
        view.note("milestones.rules.empty")
        return
    view.figure(figures.rules(view, shown), query="milestones/rules", key="rules")
    view.note("milestones.rules.note")
    several = len({row["pipeline"] for row in rows}) > 1
    view.table(
        [
            {
                **row,
                "rule": words.rule(view, row["measure"], row["at_least"]),
                "from_stage": row["stage"],
                "missing_range": _range(view, row, "missing"),
            }
            for row in shown
        ],
        [
            Column("rule", pinned=True),
            *([Column("pipeline")] if several else []),
            Column("from_stage"),
            Column("n_demanded", "count"),
            Column("n_missing", "count"),
            Column("missing_rate", "percent"),
            Column("missing_range"),
            Column("missing_amount", "money"),
        ],
        query="milestones/rules",
        key="rules-table",
    )


def deals(view: View, total: Row) -> None:
    """The deals to act on: those ahead of their evidence, and those that earn a later stage."""
    said = {side: view.say(f"milestones.side.{side}", n=Count(total[f"n_{side}"])) for side in SIDES}
    side = choose(view, "side", SIDES, "ahead", said.__getitem__)
    rows = view.lens.rows("milestones/deals", side=side)
    if rows:
        view.note(f"milestones.side.{side}_note")
    told: dict[str, list[str]] = {}
    for row in view.lens.rows("milestones/deal_rules", side=side) if rows else []:
        told.setdefault(row["opportunity_id"], []).append(words.rule(view, row["measure"], row["at_least"]))
    is_ahead = side == "ahead"
    nothing = view.plain("milestones.side.nothing")
    view.table(
        [
            {
                **row,
                "missing" if is_ahead else "shown": view.show(Listing(told.get(row["opportunity_id"], []))),
                "evidence_stage": row["evidence_stage"] or nothing,
                "lacking_value": -row["added_value"] if row["added_value"] is not None else None,
            }
            for row in rows
        ],
        [
            Column("name", width="medium", pinned=True),
            Column("account"),
            Column("owner"),
            Column("amount", "money"),
            Column("stage"),
            Column("evidence_stage"),
            Column("n_stages", "count"),
            Column("missing", width="large") if is_ahead else Column("shown", width="large"),
            Column("added_value", "money") if is_ahead else Column("lacking_value", "money"),
            Column("last_effective_on", "date"),
            Column("expected_close_on", "date"),
        ],
        query=("milestones/deals", "milestones/deal_rules"),
        key=f"deals-{side}",
        opens=("deal", "opportunity_id"),
        cells={"owner": ("salesperson", "user_id")},
        total=rows[0]["n_deals"] if rows else None,
        empty=f"milestones.side.{side}_empty",
    )


def past(view: View, rows: Sequence[Row]) -> None:
    """Whether deals that came to a stage with its evidence were won more often than those that came without."""
    total = next((row for row in rows if row["position"] == 0), None)
    if total is None:
        return
    facts: dict[str, object] = {
        "with_rate": Percent(total["with_rate"]),
        "without_rate": Percent(total["without_rate"]),
        "n_with": Count(total["n_with"]),
        "n_without": Count(total["n_without"]),
        "gap": Points(total["difference"]),
        "low": Points(total["difference_low"]),
        "high": Points(total["difference_high"]),
    }
    st.markdown(view.say(f"milestones.past.{total['verdict']}", **facts))
    if total["verdict"] in ("higher", "lower"):
        own = {"gap": "own_difference", "low": "own_low", "high": "own_high"}
        told = {name: Points(total[column]) for name, column in own.items()}
        st.markdown(view.say(f"milestones.past.own_{total['own_verdict']}", **told))
    n_open = total["n_open_with"] + total["n_open_without"]
    if n_open:
        view.note("milestones.past.open", n=Count(n_open))
    if total["n_with"] or total["n_without"]:
        shown = [row for row in rows if row["position"]]
        view.table(
            [
                {
                    **row,
                    "difference": _points(view, row["difference"]),
                    "difference_range": _span(view, row),
                    "own_difference": _points(view, row["own_difference"]),
                }
                for row in shown
            ],
            [
                *_place(shown),
                Column("n_with", "count"),
                Column("with_rate", "percent"),
                Column("n_without", "count"),
                Column("without_rate", "percent"),
                Column("difference"),
                Column("difference_range"),
                Column("verdict", codes="milestones.past_verdict"),
                Column("own_difference"),
                Column("own_verdict", codes="milestones.past_verdict"),
            ],
            query="milestones/validation",
            key="past",
        )
    view.note("milestones.past.note")


def _place(rows: Sequence[Row]) -> list[Column]:
    """The stage, and its pipeline where there are several."""
    several = len({row["pipeline"] for row in rows}) > 1
    return [*([Column("pipeline", pinned=True)] if several else []), Column("stage", pinned=True)]


def _range(view: View, row: Row, prefix: str) -> str | None:
    return between(view, row[f"{prefix}_low"], row[f"{prefix}_high"])


def _points(view: View, gap: float | None) -> str | None:
    return None if gap is None else view.show(Points(gap))


def _span(view: View, row: Row) -> str | None:
    low, high = row["difference_low"], row["difference_high"]
    if low is None or row["verdict"] == "few":
        return None
    return view.plain("milestones.past.range", low=Points(low), high=Points(high))

"""The funnel page's evidence: groups, reasons, flow, the table of steps, leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.text.formats import Count, Listing, Money, Percent
from dashboard.ui.funnel import figures
from dashboard.ui.funnel.answer import between, deal_row, table_row
from dashboard.ui.funnel.figures import Row, decided
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View


#: Groups named in a sentence; the table has them all. Chance of luck below which groups differ, as in funnel/by_group.
MOST_NAMED, LUCK = 3, 0.05


def deals(view: View, rows: Sequence[Row], outcome: str) -> None:
    """The deals behind a stage; a click opens the deal."""
    ended = [Column("outcome", codes="funnel.is"), Column("loss_reason"), Column("closed_on", "date")]
    going = [
        Column("days_silent", "days"),
        Column("flags"),
        Column("expected_close_on", "date"),
        Column("n_pushes", "count"),
    ]
    view.table(
        [deal_row(view, row) for row in rows],
        [
            Column("name", width="medium", pinned=True),
            Column("account"),
            Column("owner"),
            Column("amount", "money"),
            Column("days_in_stage", "days"),
            *(ended if outcome in ("lost", "forward", "all") else []),
            *(going if outcome != "lost" else []),
        ],
        query="funnel/stage_deals",
        key="deals",
        opens=("deal", "opportunity_id"),
        cells={"owner": ("salesperson", "user_id")},
        total=rows[0]["n_deals"] if rows else None,
        empty="funnel.deals.empty",
    )


def below(rows: Sequence[Row]) -> list[Row]:
    """Groups that are clearly below the rest, the lowest first; none where luck may explain it."""
    low = [row for row in rows if figures.verdict(row) == "low" and row["group_id"] is not None]
    return sorted(low, key=lambda row: (row["shrunk_rate"], row["group_id"]))


def is_known_of_won_only(rows: Sequence[Row]) -> bool:
    """Whether no lost deal states its group: then the groups stated would all look perfect."""
    stated = sum(row["n_lost"] for row in rows if row["group_id"] is not None)
    return stated == 0 and any(row["n_lost"] for row in rows if row["group_id"] is None)


def where(view: View, rows: Sequence[Row]) -> None:
    """In which groups the step is lost, if any stands out."""
    low = below(rows)[:3]
    if not low:
        return
    named = [
        view.plain("funnel.where.one", name=row["group_name"], rate=Percent(row["rate"]), n=Count(decided(row)))
        for row in low
    ]
    others = [row for row in rows if row not in low]
    passed, known = sum(row["n_forward"] for row in others), sum(decided(row) for row in others)
    st.markdown(view.say("funnel.where.low", names=Listing(named), others=Percent(passed / known if known else None)))


def groups(view: View, rows: Sequence[Row], dimension: str) -> None:
    """Who gets through: what can be told apart and what not, the picture, the rows."""
    named: list[dict[str, Any]] = [{**row, "dimension": dimension} for row in rows]
    for row in named:
        row["group_name"] = figures.group_name(view, row)
        row["shrunk_range"] = between(view, row["shrunk_low"], row["shrunk_high"])
    if dimension == "product_family" and is_known_of_won_only(rows):
        view.note("funnel.groups.only_won")
        return
    if rows:
        st.markdown(_told(view, named))
    if any(row["rate"] is not None for row in named):
        view.figure(figures.groups(view, named), query="funnel/by_group", key="groups")
    view.table(
        named,
        [
            Column("group_name", label=f"funnel.dimension.{dimension}", pinned=True),
            Column("n_entered", "count"),
            Column("n_forward", "count"),
            Column("n_lost", "count"),
            Column("n_open", "count"),
            Column("rate", "percent"),
            Column("compare_rate", "percent"),
            Column("verdict", codes="funnel.verdict"),
            Column("shrunk_rate", "percent"),
            Column("shrunk_range"),
            Column("above_chance", "percent"),
            Column("lost_amount", "money"),
            Column("won_amount", "money"),
        ],
        query="funnel/by_group",
        key="groups-table",
        opens=("salesperson", "group_id") if dimension == "owner" else None,
    )


def _told(view: View, rows: Sequence[Row]) -> str:
    """Which groups stand out, or that none can be told apart."""
    judged = [row for row in rows if row["verdict"] != "few"]
    if len(judged) < 2:
        return view.say("funnel.groups.few_groups")
    facts = {"n": Count(len(judged)), "luck": Percent(judged[0]["luck_chance"])}
    said = []
    for verdict in ("high", "low"):
        apart = [
            view.plain("funnel.where.one", name=row["group_name"], rate=Percent(row["rate"]), n=Count(decided(row)))
            for row in judged
            if row["verdict"] == verdict
        ]
        if apart:
            said.append(view.say(f"funnel.groups.{verdict}", names=Listing(apart[:MOST_NAMED])))
    if said:
        level = [row for row in judged if row["verdict"] == "same"]
        if len(level) > 1:
            said.append(view.say("funnel.groups.rest", n=Count(len(level))))
        return " ".join(said)
    if judged[0]["luck_chance"] is not None and judged[0]["luck_chance"] < LUCK:
        return view.say("funnel.groups.uneven", **facts)
    rates = [row["rate"] for row in judged]
    return view.say("funnel.groups.level", low=Percent(min(rates)), high=Percent(max(rates)), **facts)


def reasons(view: View, rows: Sequence[Row], steps: Sequence[Row]) -> None:
    """Why deals are lost, how many carry no reason, and what has changed."""
    lost = sum(row["n"] for row in rows)
    if not lost:
        view.note("funnel.reasons.empty")
        return
    silent = sum(row["n"] for row in rows if row["reason"] is None)
    if silent:
        view.note("funnel.reasons.unrecorded", n_lost=Count(lost), share=Percent(silent / lost))
    each = list({row["reason"]: row for row in rows}.values())
    if view.comparison != "snapshot":
        _moved(view, each)
    view.figure(figures.reasons(view, rows, steps), query="funnel/loss_reasons", key="reasons")
    none = view.plain("funnel.reasons.none")
    view.table(
        [{**row, "reason": none if row["reason"] is None else row["reason"]} for row in each if row["reason_n"]],
        [
            Column("reason", pinned=True),
            Column("reason_n", "count"),
            Column("reason_amount", "money"),
            Column("reason_share", "percent"),
            Column("compare_reason_share", "percent"),
            Column("compare_reason_n", "count"),
        ],
        query="funnel/loss_reasons",
        key="reasons-table",
    )


def _moved(view: View, each: Sequence[Row]) -> None:
    """Reasons that are clearly more or less frequent than before; or that none is."""
    moved = [row for row in each if row["has_risen"] or row["has_fallen"]]
    for row in moved:
        key = "funnel.reasons.risen" if row["has_risen"] else "funnel.reasons.fallen"
        share, before = Percent(row["reason_share"]), Percent(row["compare_reason_share"])
        name = view.plain("funnel.reasons.none") if row["reason"] is None else row["reason"]
        st.markdown(view.say(key, reason=name, share=share, compare=before))
    if not moved and any(row["compare_reason_n"] for row in each):
        view.note("funnel.reasons.level")


def flow(view: View, moves: Sequence[Row], steps: Sequence[Row], rework: Row) -> None:
    """The way the deals took, with skips and steps back; and what can't be told without history."""
    if not rework["n_with_history"]:
        view.note("funnel.history.missing")
    jumps = rework["n_with_history"] and any(move["kind"] in ("skip", "back") for move in moves)
    left, right = st.columns([3, 2]) if jumps else (st.container(), None)
    if moves:
        with left:
            view.figure(figures.flow(view, moves, steps), query=("funnel/moves", "funnel/rework"), key="flow")
    if right is not None:
        with right:
            view.figure(figures.jumps(view, moves, steps), query="funnel/moves", key="jumps")
            view.note("funnel.flow.jumps")
    if not rework["n_with_history"]:
        return
    view.note(
        "funnel.flow.rework",
        share=Percent(rework["back_rate"]),
        back=Count(rework["n_back"]),
        n=Count(rework["n_with_history"]),
        low=Percent(rework["back_low"]),
        high=Percent(rework["back_high"]),
        skipped=Count(rework["n_skipped"]),
    )
    if rework["n_decided_after_back"]:
        view.note(
            "funnel.flow.after",
            back=Percent(rework["won_rate_after_back"]),
            n=Count(rework["n_decided_after_back"]),
            straight=Percent(rework["won_rate_without_back"]),
            m=Count(rework["n_decided_without_back"]),
        )
    back = [move for move in moves if move["kind"] == "back"]
    if back:
        most = max(back, key=lambda move: (move["n_moves"], move["from_position"]))
        view.note("funnel.flow.back", start=most["from_stage"], end=most["to_stage"], n=Count(most["n_moves"]))


def conversion(view: View, steps: Sequence[Row]) -> None:
    """Each step with its rates and what lifting it would bring."""
    if any(step["worth_amount"] for step in steps):
        view.note("funnel.worth.note")
        view.figure(figures.worth(view, steps), query="funnel/weakest_step", key="worth")
    view.table(
        [table_row(view, step) for step in steps],
        [
            Column("stage", pinned=True),
            Column("n_entered", "count"),
            Column("n_lost", "count"),
            Column("n_open", "count"),
            Column("lost_amount", "money"),
            Column("decided_rate", "percent"),
            Column("range"),
            Column("compare_decided_rate", "percent"),
            *([Column("estimate", "percent")] if any(step.get("estimate") is not None for step in steps) else []),
            Column("benchmark"),
            Column("lifted_rate", "percent"),
            Column("worth_amount", "money"),
        ],
        query=("funnel/conversion", "funnel/conversion_estimate", "funnel/weakest_step"),
        key="steps",
    )


def leads(view: View, rows: Sequence[Row]) -> None:
    """What became of the leads, by source."""
    if not rows or not rows[0]["n_leads"]:
        view.note("funnel.leads.none")
        return
    total = rows[0]
    facts = {
        "n": Count(total["n_leads"]),
        "converted": Percent(total["converted_rate"]),
        "deals": Percent(total["opportunity_rate"]),
        "low": Percent(total["opportunity_low"]),
        "high": Percent(total["opportunity_high"]),
        "compare": Percent(total["compare_opportunity_rate"]),
        "won": Count(total["n_won"]),
        "amount": Money(total["won_amount"]),
    }
    st.markdown(view.say("funnel.leads.answer", **facts))
    none, every = view.plain("funnel.groups.none"), view.plain("funnel.leads.all")
    view.table(
        [{**row, "source": every if row["is_total"] else row["source"] or none} for row in rows if row["n_leads"]],
        [
            Column("source", pinned=True),
            Column("n_leads", "count"),
            Column("n_converted", "count"),
            Column("converted_rate", "percent"),
            Column("compare_converted_rate", "percent"),
            Column("n_opportunities", "count"),
            Column("opportunity_rate", "percent"),
            Column("compare_opportunity_rate", "percent"),
            Column("n_won", "count"),
            Column("won_amount", "money"),
            Column("median_days_to_convert", "days"),
        ],
        query="funnel/leads",
        key="leads",
    )

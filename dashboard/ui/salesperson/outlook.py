"""What one salesperson's pipeline will bring, and how much of it his records carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.text.formats import Count, Money, Percent
from dashboard.ui.forecast.answer import lean, verdict

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]


def draw(view: View, user_id: str) -> None:
    """His forecast for the period with its range and its own past, and his claims against his records."""
    groups = view.lens.rows("forecast/outlook", dimension="owner")
    now = next((row for row in groups if row["group_id"] == user_id and row["look"] == 0), None)
    if now is not None:
        st.markdown(expected(view, now))
    if view.lens.has("activities"):
        groups = view.lens.rows("milestones/by_group", dimension="owner")
        carried = next((row for row in groups if row["group_id"] == user_id), None)
        if carried is not None and carried["n_judged"]:
            st.markdown(evidence(view, carried))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        view.about(("forecast/outlook", "milestones/by_group"), key="outlook")
        view.link("forecast", view.say("salesperson.outlook.to_forecast"), icon=":material/query_stats:")
        view.link("milestones", view.say("salesperson.outlook.to_milestones"), icon=":material/checklist:")


def expected(view: View, now: Row) -> str:
    """What the period will bring from him, as markdown."""
    code = verdict(now)
    facts = {name: Money(now[f"{name}_amount"]) for name in ("won", "expected", "low", "high", "target")}
    period = view.plain(f"desk.period.{view.filters.period}")
    said = view.say(f"salesperson.outlook.{code}", period=period, odds=Percent(now["target_odds"]), **facts)
    if now["state"] != "ok" or lean(now) not in ("high", "low"):
        return said
    past = {"n": Count(now["n_tested"]), "bias": Percent(abs(now["bias"]))}
    return f"{said} {view.say(f'salesperson.outlook.past_{lean(now)}', **past)}"


def evidence(view: View, row: Row) -> str:
    """How much of what he claims his records carry, as markdown."""
    key = "all_carried" if not row["n_ahead"] else row["verdict"]
    return view.say(
        f"salesperson.outlook.{key}",
        n=Count(row["n_judged"]),
        ahead=Count(row["n_ahead"]),
        amount=Money(row["ahead_amount"]),
        claimed=Money(row["claimed_value"]),
        evidenced=Money(row["evidenced_value"]),
        others=Percent(row["others_rate"]),
    )

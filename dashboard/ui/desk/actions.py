"""Today's actions: what, why, how much money, the way there, and whether they were dealt with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.settings import Settings
from dashboard.ui import session
from dashboard.ui.desk.answer import together
from dashboard.ui.facts import Count, Days, Money

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Actions shown, and how many of them may be of one kind.
SHOWN, OF_A_KIND = 10, 3


def draw(view: View) -> None:
    """Today's actions: what, why, how much money, and the way there; done or dismissed is kept."""
    settings, series = session.settings(), view.lens.snapshot.series
    dealt = settings.dismissed(series)
    rows = view.lens.rows("desk/actions")
    for row in chosen(rows, dealt):
        _action(view, settings, series, row)
    if not rows:
        view.note("desk.actions.none")
    _dealt(view, settings, series, [row for row in rows if row["action_key"] in dealt], dealt)
    view.about("desk/actions", key="actions")


def chosen(rows: Sequence[Row], dealt: Mapping[str, str]) -> list[Row]:
    """The first ten that are not dealt with, no more than three of a kind."""
    seen: Counter[str] = Counter()
    kept: list[Row] = []
    for row in rows:
        if row["action_key"] not in dealt and seen[row["kind"]] < OF_A_KIND and len(kept) < SHOWN:
            seen[row["kind"]] += 1
            kept.append(row)
    return kept


def _action(view: View, settings: Settings, series: str, row: Row) -> None:
    key = row["action_key"]

    def settle(state: str) -> None:
        settings.dismiss(series, key, state, view.lens.as_of)

    with st.container(border=True):
        words, amount = st.columns([5, 1], vertical_alignment="center")
        words.markdown(f"**{what(view, row)}**  \n" + why(view, row))
        stake = view.safe(view.show(Money(row["amount"])))
        label = view.say(f"desk.stake.{row['kind']}")
        amount.markdown(f"**{stake}**  \n:gray[{label}]")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if row["opportunity_id"]:
                view.link(
                    "deal",
                    view.say("desk.actions.deal"),
                    icon=":material/handshake:",
                    opportunity_id=row["opportunity_id"],
                )
            if row["user_id"]:
                view.link(
                    "salesperson",
                    view.safe(row["owner_name"] or row["user_id"]),
                    icon=":material/badge:",
                    user_id=row["user_id"],
                )
            for state, icon in (("done", ":material/check:"), ("dismissed", ":material/visibility_off:")):
                st.button(
                    view.say(f"desk.actions.{state}"),
                    key=f"desk.{state}.{key}",
                    on_click=settle,
                    args=(state,),
                    type="tertiary",
                    icon=icon,
                )


def _dealt(view: View, settings: Settings, series: str, rows: Sequence[Row], dealt: Mapping[str, str]) -> None:
    """What was done or dismissed, to bring back."""
    if not rows:
        return
    with st.expander(view.say("desk.actions.dealt", n=Count(len(rows)))):
        for row in rows:
            with st.container(horizontal=True, vertical_alignment="center"):
                state = view.say(f"desk.state.{dealt[row['action_key']]}")
                st.markdown(f"{state} · {what(view, row)}")
                st.button(
                    view.say("desk.actions.restore"),
                    key=f"desk.restore.{row['action_key']}",
                    on_click=settings.undismiss,
                    args=(series, row["action_key"]),
                    type="tertiary",
                    icon=":material/undo:",
                )


def what(view: View, action: Row) -> str:
    """What to do, as markdown."""
    return view.say(f"desk.do.{action['kind']}", name=action["name"], account=action["account_name"])


def why(view: View, action: Row) -> str:
    """Why an action stands on the list: one sentence, then the other rules that the deal breaks."""
    kind, days, number = action["kind"], action["days"], action["number"]
    form = kind
    if kind == "slipped_deal":
        pushed = "pushed" if number else ""
        form = f"{kind}.{'late' if days else ''}{pushed or ('' if days else 'far')}"
    elif kind == "stepless_deal":
        form = f"{kind}.{'past' if days is not None and days > 0 else 'none'}"
    gap = kind in ("silent_deal", "stopped_paying", "silent_customer")
    sentence = view.say(
        f"desk.why.{form}",
        account=action["account_name"],
        amount=Money(action["amount"]),
        days=Days(days),
        n=Days(number) if gap else Count(number),
        day=action["fact_on"],
    )
    also = [view.plain(f"desk.rule.{code}") for code in (action["also"] or "").split(",") if code]
    separator = view.plain("desk.also.separator")
    return together(view, sentence, view.say("desk.also.line", rules=separator.join(also)) if also else "")

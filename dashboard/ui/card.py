"""Cards: one headline figure each, with what it is compared to, its target, its n and its course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from dashboard.catalogue import Metric, metrics
from dashboard.text.formats import Count, Number

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: Rates from fewer cases than this are marked as too few to judge.
FEW = 10

Colour = Literal["normal", "inverse", "off"]
_COLOURS: dict[str, Colour] = {"up": "normal", "down": "inverse", "none": "off"}


@dataclass(frozen=True)
class Card:
    """One figure. Units are those of the metric: money in reporting currency, shares 0 to 1, days.

    compare: the same figure for the comparison period; target: the goal; n: cases behind it;
    low, high: interval; spark: its course, oldest first; opens: (page, parameters) that shows what is behind it;
    against: text key that says against what, instead of the comparison chosen in the filter bar;
    note: markdown (already said in the reader's language) in place of comparison, target and interval.
    """

    metric: str
    value: Number | None
    compare: Number | None = None
    target: Number | None = None
    n: int | None = None
    low: Number | None = None
    high: Number | None = None
    spark: Sequence[Number | None] = field(default_factory=tuple)
    opens: tuple[str, Mapping[str, str]] | None = None
    against: str | None = None
    note: str | None = None


def draw(view: View, cards: Sequence[Card], *, columns: int = 4) -> None:
    """The cards side by side, fewer in a row on a narrow window, and one popover with all their definitions."""
    catalogue = metrics()
    grid = st.grid(columns, min_column_width=150, gap="small", border=True)
    for card in cards:
        _card(view, grid.cell(), card, catalogue[card.metric])
    asked = dict.fromkeys(catalogue[card.metric].query for card in cards)
    view.about(tuple(asked), key="cards-" + "-".join(card.metric for card in cards)[:80], defined=cards)


def _card(view: View, cell: Any, card: Card, metric: Metric) -> None:
    gap = metric.difference(card.value, card.compare)
    shown = view.show(gap, "+") if gap is not None else None
    course = [float(v) for v in card.spark if v is not None]
    cell.metric(
        view.safe(metric.label[view.lang]),
        view.safe(view.show(metric.fact(card.value))),
        delta=None if shown is None else 0 if _is_zero(shown) else shown.replace("−", "-", 1),
        delta_color=_COLOURS[metric.good],
        delta_description=_against(view, card) if shown is not None else None,
        help=_help(view, card, metric),
        chart_data=course if len(course) > 2 else None,
        chart_type="area",
    )
    if words := _words(view, card, metric):
        cell.caption(words)
    if card.opens:
        page, params = card.opens
        view.link(page, view.say("ui.card.open", name=view.plain(f"nav.{page}")), into=cell, **params)


def _against(view: View, card: Card) -> str | None:
    """What the difference is to; a note says it itself unless the card names it too."""
    if card.note is not None and card.against is None:
        return None
    return view.say(card.against or f"ui.against.{view.comparison}")


def _words(view: View, card: Card, metric: Metric) -> str:
    """The page's note, else the target, the interval and whether the cases are too few, as far as they are known."""
    if card.note is not None:
        return card.note
    parts = []
    if card.target is not None:
        parts.append(view.say("ui.card.target", target=metric.fact(card.target)))
    if card.low is not None and card.high is not None:
        parts.append(view.say("ui.card.interval", low=metric.fact(card.low), high=metric.fact(card.high)))
    if few(card.n) and metric.unit in ("percent", "ratio", "days"):
        parts.append(view.say("ui.card.few", n=Count(card.n)))
    return " · ".join(parts)


def _help(view: View, card: Card, metric: Metric) -> str:
    lines = [view.safe(metric.definition[view.lang])]
    if card.n is not None:
        lines.append(view.say("ui.card.n", n=Count(card.n)))
    if card.value is not None and metric.unit == "money":
        lines.append(view.say("ui.card.exact", amount=metric.fact(card.value)))
    return "\n\n".join(lines)


def _is_zero(shown: str) -> bool:
    return not any(ch in "123456789" for ch in shown)


def few(n: int | None) -> bool:
    """Whether a rate from n cases is too thin to judge."""
    return n is not None and n < FEW


__all__ = ["FEW", "Card", "draw", "few"]

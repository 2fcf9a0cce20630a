"""The desk's answer: are we on course, and which link is the weakest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.ui.facts import Count, Money, Month, Percent

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: How far the share of the target may be from the share of the time gone by and still count as on course.
TOLERANCE = 0.05


def course(won: Row) -> str:
    """Code of the course: reached, ahead, on, behind; kept, over when time is up; up, down, level without a target."""
    target, amount = won["target_amount"], won["won_amount"]
    if not target:
        before = won["compare_amount"]
        return "level" if amount == before else "up" if amount > before else "down"
    if amount >= target:
        return "kept" if won["elapsed_share"] >= 1 else "reached"
    if won["elapsed_share"] >= 1:
        return "over"
    gap = float(amount / target) - won["elapsed_share"]
    return "ahead" if gap > TOLERANCE else "behind" if gap < -TOLERANCE else "on"


def answer(view: View, won: Row, forecast: Row) -> tuple[str, dict[str, object]]:
    """(text key, facts) of the page's sentence."""
    target = won["target_amount"] or None
    code = course(won)
    thin = "_thin" if forecast["state"] == "thin" and code in ("ahead", "on", "behind") else ""
    return f"desk.answer.{code}{thin}", {
        "period": view.plain(f"desk.period.{view.filters.period}"),
        "won": Money(won["won_amount"]),
        "n": Count(won["n_won"]),
        "target": Money(target),
        "share": Percent(float(won["won_amount"] / target) if target else None),
        "elapsed": Percent(won["elapsed_share"]),
        "missing": Money(max(target - won["won_amount"], 0) if target else None),
        "expected": Money(forecast["expected_amount"]),
        "low": Money(forecast["low_amount"]),
        "high": Money(forecast["high_amount"]),
        "gap": Money(abs(won["won_amount"] - won["compare_amount"])),
        "against": view.plain(f"desk.against.{view.comparison}"),
    }


def together(view: View, *sentences: str) -> str:
    """Sentences as one paragraph; Chinese sets no space between them."""
    return ("" if view.lang == "zh" else " ").join(sentence for sentence in sentences if sentence)


def orders(view: View, won: Row) -> str:
    """One sentence about what was sold without a deal; '' when nothing was."""
    if not won["n_orders"]:
        return ""
    return view.say("desk.orders", amount=Money(won["order_amount"]), n=Count(won["n_orders"]))


def money(view: View, collected: Row, overdue: Row) -> str:
    """One sentence about the cash: received, and what is overdue; '' when the snapshot knows neither."""
    facts = {
        "collected": Money(collected["collected_amount"]),
        "compare": Money(collected["compare_amount"]),
        "overdue": Money(overdue["overdue_amount"]),
        "n": Count(overdue["n_overdue"]),
        "against": view.plain(f"desk.against.{view.comparison}"),
    }
    is_paid, is_billed = collected["collected_amount"] is not None, overdue["n_invoices"] > 0
    if is_paid:
        return view.say("desk.cash.both" if overdue["n_overdue"] else "desk.cash.collected", **facts)
    return view.say("desk.cash.overdue", **facts) if is_billed and overdue["n_overdue"] else ""


def weakest(view: View, scorecard: Sequence[Row]) -> str:
    """One sentence that names the weak link and what it is worth, or says why none can be named."""
    found = next((row for row in scorecard if row["is_weakest"]), None)
    if found is not None:
        return view.say(
            f"desk.weakest.{'cash' if found['is_cash_known'] else 'won'}",
            factor=view.plain(f"desk.factor.{found['factor']}"),
            measure=view.plain(f"desk.measure.{found['factor']}"),
            level=level(found["factor"], found["level"]),
            best=level(found["factor"], found["best"]),
            worth=Money(found["worth_amount"]),
        )
    judged = any(row["best"] is not None and row["level"] is not None for row in scorecard)
    return view.say("desk.weakest.none" if judged else "desk.weakest.few")


def level(factor: str, value: float | None) -> object:
    """A factor's level in its own unit."""
    if factor == "goods":
        return Money(value)
    if factor == "people":
        return None if value is None else round(value, 1)
    return Percent(value)


def score_facts(row: Row) -> dict[str, object]:
    """Facts of one line of the scorecard."""
    return {
        "level": level(row["factor"], row["level"]),
        "best": level(row["factor"], row["best"]),
        "since": Month(row["best_from_on"]),
        "worth": Money(row["worth_amount"]),
        "n": Count(row["n"]),
        "reps": Count(row["n_reps"]),
    }

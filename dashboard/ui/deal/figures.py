"""The deal page's figures and sentences: rows of its queries in, words and pictures out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import bars, base
from dashboard.text.formats import Count, Days, Listing, Money, Percent
from dashboard.ui.card import Card
from dashboard.ui.milestones import words
from dashboard.ui.salesperson.figures import flags

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]


def besides(view: View, deal: Row) -> str:
    """The warnings that the answer does not name, plain text; empty when there is none."""
    named = str({"never": "silent", "past_due": "slipped"}.get(deal["advice"], deal["advice"]))
    return flags(view, deal, but=named) if deal["outcome"] == "open" else ""


def answer(view: View, deal: Row, rules: Sequence[Row], money: Sequence[Row]) -> tuple[str, dict[str, object]]:
    """Where the deal really stands and what to do: key of the sentence and its facts."""
    code = deal["advice"]
    bills = [row for row in money if row["item"] == "instalment"]
    overdue = sum(row["open_amount"] or 0 for row in bills if row["status"] == "overdue")
    if code == "won" and overdue:
        code = "won_unpaid"
    if code == "lost" and not deal["loss_reason"]:
        code = "lost_unsaid"
    if code == "ahead" and deal["evidence_stage"] is None:
        code = "ahead_none"
    missing = [_rule(view, row) for row in rules if row["is_demanded"] and row["holds"] is False]
    return f"deal.answer.{code}", {
        "name": deal["name"] or deal["opportunity_id"],
        "amount": Money(deal["amount"]),
        "stage": deal["stage"],
        "evidence": deal["evidence_stage"],
        "missing": Listing(missing),
        "age": Days(deal["age_days"]),
        "reason": deal["loss_reason"],
        "silent": Days(deal["days_silent"]),
        "limit": Days(deal["silence_limit_days"]),
        "step_on": deal["next_step_on"],
        "close_on": deal["expected_close_on"],
        "pushes": Count(deal["n_pushes"]),
        "pushed": Days(deal["days_pushed"]),
        "discount": Percent(deal["discount"]),
        "open": Money(sum(row["open_amount"] or 0 for row in bills)),
        "overdue": Money(overdue),
    }


def cards(view: View, deal: Row) -> list[Card]:
    """Amount, odds, time in stage, silence, contacts, and slips or people, as far as they mean anything."""
    touched = view.say("deal.card.touches", n=Count(deal["n_touches"]))
    contacts = Card("deal_contacts", deal["n_effective"], note=touched)
    pushed = view.say("deal.card.pushed", days=Days(deal["days_pushed"]))
    pushes = Card("deal_pushes", deal["n_pushes"], note=pushed if deal["n_pushes"] else None)
    if deal["outcome"] != "open":
        return [Card("deal_amount", deal["amount"]), contacts, pushes]
    weighted = view.say("deal.card.weighted", amount=Money(deal["weighted_amount"]))
    said = view.say("deal.card.odds_said", said=Percent(deal["probability"]))
    usual = view.say("deal.card.usual", usual=Days(deal["usual_stage_days"]))
    limit = view.say("deal.card.limit", limit=Days(deal["silence_limit_days"]))
    people = Card("deal_people", deal["n_contacts_90d"], note=view.say("deal.card.people"))
    return [
        Card("deal_amount", deal["amount"], note=weighted if deal["win_odds"] is not None else None),
        Card("deal_odds", deal["win_odds"], note=said if deal["probability"] is not None else None),
        Card("deal_stage_days", deal["days_in_stage"], note=usual if deal["usual_stage_days"] is not None else None),
        Card("deal_silence", deal["days_silent"], note=limit),
        contacts,
        pushes if deal["n_pushes"] else people,
    ]


def honesty(view: View, rows: Sequence[Row]) -> list[dict[str, str]]:
    """The truth table in words, plain text: statement, what is said, what is found, verdict."""
    return [
        {
            "statement": view.plain(f"deal.statement.{row['code']}"),
            "said": _said(view, row),
            "found": _found(view, row),
            "verdict": view.plain(f"deal.verdict.{row['verdict']}"),
        }
        for row in rows
    ]


def _said(view: View, row: Row) -> str:
    code = row["code"]
    needed = {"stage": "said_text", "close_date": "said_on", "odds": "said_number", "amount": "said_number"}
    if code in needed and row[needed[code]] is None:
        return view.plain("deal.said.nothing")
    if code == "next_step":
        parts = [row["said_text"], view.show(row["said_on"]) if row["said_on"] else None]
        return " · ".join(part for part in parts if part) or view.plain("deal.said.nothing")
    return view.plain(f"deal.said.{code}", text=row["said_text"], on=row["said_on"], **_numbers(row["said_number"]))


def _found(view: View, row: Row) -> str:
    code = row["code"]
    needed = {"stage": "found_text", "odds": "found_number", "amount": "found_number", "paid": "found_number"}
    if code in needed and row[needed[code]] is None:
        return view.plain("deal.found.nothing")
    facts = {"text": row["found_text"], "on": row["found_on"], **_numbers(row["found_number"])}
    if code == "close_date":
        return _pace(view, row)
    if row["found_on"] is None and code in ("contact", "next_step"):
        code = f"{code}_none"
    return view.plain(f"deal.found.{code}", **facts)


def _pace(view: View, row: Row) -> str:
    """When the firm's deals would close from here, and how often the date was moved."""
    moved = view.plain(
        "deal.found.moved" if row["found_number"] else "deal.found.unmoved", n=Count(row["found_number"])
    )
    if row["found_on"] is None:
        return moved
    code = "pace" if row["found_on"] > view.lens.as_of else "pace_over"
    return view.plain(f"deal.found.{code}", on=row["found_on"], moved=moved)


def _numbers(value: float | None) -> dict[str, object]:
    return {"number": Count(value), "percent": Percent(value), "money": Money(value), "days": Days(value)}


def trail(view: View, visits: Sequence[Row]) -> base.Figure:
    """Days spent in each stage visited, beside the firm's usual."""
    stays = [visit for visit in visits if visit["outcome"] == "open"]
    labels = [
        view.plain("deal.trail.back", stage=visit["stage"]) if visit["is_backward"] else visit["stage"]
        for visit in stays
    ]
    parts = {
        view.plain("deal.trail.spent"): [visit["days"] for visit in stays],
        view.plain("deal.trail.usual"): [visit["expected_days"] for visit in stays],
    }
    return bars.stacked(
        labels,
        parts,
        texts={name: ["" if v is None else view.show(Days(v)) for v in values] for name, values in parts.items()},
        colours=(base.BLUE, base.QUIET),
        is_grouped=True,
        height=base.FRAME_PX + 28 + 52 * max(1, len(stays)),
        alt=view.plain("deal.trail.alt"),
    )


def milestones(view: View, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The evidence rules in words, plain text."""
    return [{**row, "rule": _rule(view, row), "state": view.plain(f"deal.state.{_state(row)}")} for row in rows]


def _rule(view: View, row: Row) -> str:
    return words.rule(view, row["measure"], row["at_least"])


def _state(row: Row) -> str:
    if row["holds"] is None:
        return "unknown"
    return "holds" if row["holds"] else "missing" if row["is_demanded"] else "later"

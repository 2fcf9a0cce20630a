"""The forecast page's answer: what the period will bring, and how far that may be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.text.formats import Count, Money, Percent, Ratio

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Chances from which on the target is called likely, and up to which unlikely.
LIKELY, UNLIKELY = 0.8, 0.2
#: Earlier forecasts that have to be over before their errors say anything.
ENOUGH = 6
#: Sales that a person needs before his forecasts are called too high or too low.
ENOUGH_WON = 5
#: A leaning of less than this share of what came true is none.
LEVEL = 0.05


def answer(view: View, now: Row) -> tuple[str, dict[str, object]]:
    """(text key, facts) of the page's sentence."""
    return f"forecast.answer.{verdict(now)}", {
        "period": view.plain(f"desk.period.{view.filters.period}"),
        "won": Money(now["won_amount"]),
        "expected": Money(now["expected_amount"]),
        "low": Money(now["low_amount"]),
        "high": Money(now["high_amount"]),
        "target": Money(now["target_amount"]),
        "odds": Percent(now["target_odds"]),
    }


def verdict(now: Row) -> str:
    """Code of the answer: thin, over, made, missed, reached, plain (no target), likely, open, unlikely."""
    target, won = now["target_amount"], now["won_amount"]
    if now["state"] == "thin":
        return "thin"
    if now["state"] == "over":
        return "over" if not target else "made" if won >= target else "missed"
    if target and won >= target:
        return "reached"
    if not target:
        return "plain"
    odds = now["target_odds"] or 0.0
    return "likely" if odds >= LIKELY else "unlikely" if odds <= UNLIKELY else "open"


def parts(view: View, now: Row) -> str:
    """One sentence about what the forecast is made of; '' when there is none."""
    if now["state"] != "ok":
        return ""
    amounts = {name: Money(now[f"{name}_amount"]) for name in ("won", "hoped", "open", "new")}
    return view.say("forecast.parts", n=Count(now["n_open"]), **amounts)


def trust(view: View, now: Row) -> str:
    """One sentence about how often such forecasts were right; '' when nothing is forecast."""
    if now["state"] != "ok":
        return ""
    if now["n_tested"] < ENOUGH or now["wape"] is None:
        return view.say("forecast.trust.few", n=Count(now["n_tested"]))
    facts = {"n": Count(now["n_tested"]), "hits": Count(now["n_hits"]), "wape": Percent(now["wape"])}
    return view.say(f"forecast.trust.{lean(now)}", bias=Percent(abs(now["bias"])), **facts)


def lean(row: Row) -> str:
    """Whether forecasts were too high, too low or level; few when too few are over."""
    if row["n_tested"] < ENOUGH or row["bias"] is None:
        return "few"
    return "level" if abs(row["bias"]) < LEVEL else "high" if row["bias"] > 0 else "low"


def cover(view: View, row: Row) -> str:
    """One sentence about what it takes to reach the target, and what is there; '' where nothing is left to do."""
    facts = {
        "open": Money(row["open_amount"]),
        "n": Count(row["n_open"]),
        "remaining": Money(row["remaining_amount"]),
        "multiple": Ratio(row["multiple"]),
        "needed": Ratio(row["needed_multiple"]),
        "missing": Money(row["missing_amount"]),
    }
    if not row["remaining_amount"] or row["needed_multiple"] is None:
        return ""
    return view.say(f"forecast.cover.{'short' if row['missing_amount'] else 'enough'}", **facts)


def carriers(rows: Sequence[Row]) -> tuple[int, float]:
    """How many deals, the largest first, carry half of the worth of all, and their share; (0, 0.0) without any."""
    share = 0.0
    for n, row in enumerate(rows, 1):
        share += row["share"] or 0.0
        if share >= 0.5:
            return n, share
    return len(rows) if share else 0, share


@dataclass(frozen=True)
class Claim:
    """What was said on one snapshot's day of the days up to another, by us, by the CRM and by the salespeople."""

    day: dt.date
    until: dt.date
    ours: Row
    theirs: Row
    came: Row | None

    def row(self) -> dict[str, Any]:
        """As a line of the table; amounts of what was still to come on that day."""
        is_ours = self.ours["state"] == "ok"
        before = self.ours["won_amount"]
        names = {"expected": "ours", "low": "low", "high": "high"}
        ours = {name: self.ours[f"{own}_amount"] - before if is_ours else None for own, name in names.items()}
        theirs = {name: self.theirs[f"{name}_amount"] for name in ("stated", "commit", "best")}
        return {"day": self.day, **ours, **theirs, "came": self.came["won_amount"] if self.came else None}


def gaps(rows: Sequence[Row]) -> dict[str, float]:
    """By how much of what came true each of them was too high over all snapshots; only those that said something."""
    came = float(sum(row["came"] for row in rows if row["came"] is not None))
    said = {name: [row[name] for row in rows] for name in ("ours", "stated", "commit", "best")}
    whole = {name: float(sum(values)) for name, values in said.items() if all(value is not None for value in values)}
    return {name: amount / came - 1 for name, amount in whole.items()} if came else {}


def present(view: View, now: Row) -> Claim:
    """What is said today of the rest of the period."""
    lens = view.lens
    until = lens.window[1]
    return Claim(lens.as_of, until, now, lens.row("forecast/claims", until_on=until, dimension="all"), None)


def earlier(view: View, dimension: str) -> dict[str, list[Claim]]:
    """What the earlier snapshots said of the days up to the last end of a month that is over, and what came of it.

    By group id ('' for all and for nobody), oldest first; the owner of a sale is who owns it now.
    """
    lens = view.lens
    until = (lens.as_of + dt.timedelta(days=1)).replace(day=1)
    last = until - dt.timedelta(days=1)
    window = {"period_start": last, "period_end": until}  # so that what was won by then is left out
    theirs = {
        shot.id: {row["group_id"]: row for row in rows}
        for shot, rows in lens.history("forecast/claims", until_on=until, dimension=dimension)
    }
    found: dict[str, list[Claim]] = {}
    for shot, rows in lens.history("forecast/outlook", dimension=dimension, **window):
        if shot.as_of >= last:
            continue
        won = lens.rows("forecast/came_true", since_on=shot.as_of, until_on=until, dimension=dimension)
        came = {row["group_id"]: row for row in won}
        nothing = {"won_amount": 0, "n_won": 0}
        silent = dict.fromkeys(("stated_amount", "commit_amount", "best_amount"))
        for ours in (row for row in rows if row["look"] == 0):
            group = ours["group_id"]
            said = theirs[shot.id].get(group, silent)
            found.setdefault(group, []).append(Claim(shot.as_of, until, ours, said, came.get(group, nothing)))
    return found


@dataclass(frozen=True)
class Leaning:
    """How far what was said of one person's deals over the earlier snapshots was above what came true."""

    said: Row
    n_won: int
    gaps: Mapping[str, float]


def leanings(by_person: Mapping[str, Sequence[Claim]]) -> dict[str, Leaning]:
    """By person: what each said in sum, and by how much of what came true that was too high."""
    found = {}
    for group, claims in by_person.items():
        rows = [claim.row() for claim in claims]
        names = ("ours", "stated", "commit", "came")
        said = {
            name: None if any(row[name] is None for row in rows) else sum(row[name] for row in rows) for name in names
        }
        found[group] = Leaning(said, sum(claim.came["n_won"] for claim in claims if claim.came), gaps(rows))
    return found

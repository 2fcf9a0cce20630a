"""The salesperson page's figures and sentences: rows of its queries in, words and pictures out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard.charts import bars, base, calendars, dots
from dashboard.text.formats import Count, Days, Listing, Money, Month, Percent
from dashboard.ui.card import FEW, Card

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Warnings of an open deal: column of the rows -> code, the gravest first.
FLAGS = {
    "is_silent": "silent",
    "is_ahead": "ahead",
    "is_slipped": "slipped",
    "has_no_next_step": "no_next_step",
    "is_single_threaded": "single_threaded",
    "is_discounted": "discount",
}
#: Salespeople drawn in the roster's chart; the table has them all.
MOST = 12
#: Part of the longest bar that is wide enough to be written on.
ROOM = Decimal("0.09")
#: Months of targets drawn; the export has a year.
MONTHS = 6
#: Won less than this share of the target to date is behind.
ON_COURSE = 0.9
#: Days without an effective contact that are worth a sentence under the calendar.
LONG_SILENCE = 14
#: Measures of targets, in the order of the page.
MEASURES = ("revenue", "collected", "margin", "activities", "new_customers")

_MARKS = {3: ":material/priority_high:", 2: ":material/chat:", 0: ":material/thumb_up:"}


def flags(view: View, row: Row, but: str = "") -> str:
    """The warnings of a deal in words but for one, plain text; empty when there is none."""
    codes = [code for column, code in FLAGS.items() if row[column] and code != but]
    return " · ".join(view.plain(f"salesperson.flag.{code}") for code in codes)


def neediest(rows: Sequence[Row]) -> Row | None:
    """Who stands out most, in money; None when nobody does. The rows come in that order."""
    return next((row for row in rows if row["need"] not in ("none", "left_behind")), None)


def left_behind(view: View, rows: Sequence[Row]) -> list[str]:
    """One sentence, as markdown, for everybody who left and still owns open deals."""
    return [
        view.say(
            "salesperson.roster.left",
            name=row["name"] or row["user_id"],
            n=Count(row["n_open"]),
            amount=Money(row["open_amount"]),
        )
        for row in rows
        if row["need"] == "left_behind"
    ]


def roster(view: View, rows: Sequence[Row]) -> base.Figure:
    """Open money of each salesperson, with and without a warning; a click reports the user id."""
    shown = [row for row in rows if row["open_amount"]][:MOST]
    parts = {
        view.plain("salesperson.roster.chart_risk"): [row["at_risk_amount"] for row in shown],
        view.plain("salesperson.roster.chart_clear"): [row["open_amount"] - row["at_risk_amount"] for row in shown],
    }
    room = ROOM * max((row["open_amount"] for row in shown), default=0)
    return bars.stacked(
        [row["name"] or row["user_id"] for row in shown],
        {name: [float(value) for value in values] for name, values in parts.items()},
        texts={name: [view.show(Money(v)) if v > room else "" for v in values] for name, values in parts.items()},
        colours=(base.AMBER, base.SLATE),
        ids=[row["user_id"] for row in shown],
        alt=view.plain("salesperson.roster.chart"),
    )


def result(view: View, head: Row) -> str:
    """Where he stands against his target, as markdown."""
    facts = {
        "name": head["name"] or head["user_id"],
        "period": view.plain(f"ui.period.{view.filters.period}").lower(),
        "won": Money(head["won_amount"]),
    }
    due = head["target_to_date"]
    if not due:
        return view.say("salesperson.answer.no_target", **facts)
    if not head["won_amount"]:
        return view.say("salesperson.answer.nothing", to_date=Money(due), **facts)
    share = float(head["won_amount"]) / float(due)
    code = "on_course" if share >= ON_COURSE else "behind"
    return view.say(f"salesperson.answer.{code}", to_date=Money(due), share=Percent(share), **facts)


def burden(view: View, head: Row, points: Sequence[Row]) -> str:
    """What stands open, and the warning that he raises clearly more than others, as markdown."""
    if not head["n_open"]:
        return view.say("salesperson.answer.idle")
    facts = {
        "n": Count(head["n_open"]),
        "open": Money(head["open_amount"]),
        "n_risk": Count(head["n_at_risk"]),
        "risk": Money(head["at_risk_amount"]),
    }
    clear = next((row for row in points if row["severity"] == 3 and row["code"] in FLAGS.values()), None)
    if clear is None:
        return view.say("salesperson.answer.usual" if head["n_at_risk"] else "salesperson.answer.calm", **facts)
    need = view.plain(f"salesperson.need.{clear['code']}", n=Count(clear["n"]))
    return view.say("salesperson.answer.warned", need=need, amount=Money(clear["amount"]), **facts)


def habits(view: View, rows: Sequence[Row]) -> str | None:
    """The warnings that more than half of the firm's open deals carry, as one sentence; None when there is none."""
    told = [
        view.plain(
            "salesperson.habit.one", habit=view.plain(f"salesperson.habit.{row['code']}"), share=Percent(row["share"])
        )
        for row in rows
        if row["is_habit"]
    ]
    return view.say("salesperson.habit.all", habits=Listing(told)) if told else None


def cards(view: View, head: Row) -> list[Card]:
    """Result, pipeline, warnings, win rate and cycle of one salesperson."""
    weighted = view.say("salesperson.card.weighted", amount=Money(head["weighted_amount"]))
    risky = view.say("salesperson.card.risk", n=Count(head["n_at_risk"]), of=Count(head["n_open"]))
    return [
        Card("rep_won", head["won_amount"], compare=head["compare_won_amount"], target=head["target_amount"]),
        Card("rep_pipeline", head["open_amount"], note=weighted),
        Card("rep_at_risk", head["at_risk_amount"], note=risky),
        Card(
            "rep_win_rate",
            head["win_shrunk"],
            compare=head["firm_win_rate"],
            n=head["n_decided_365"],
            low=head["win_low"],
            high=head["win_high"],
            against="salesperson.against.firm_rate",
        ),
        Card(
            "rep_cycle",
            head["cycle_days"],
            compare=head["firm_cycle_days"] if head["n_cycle"] >= FEW else None,
            n=head["n_cycle"],
            against="salesperson.against.firm_rate",
        ),
    ]


def contact_cards(row: Row) -> list[Card]:
    """Quantity and quality of his contacts beside the firm's."""
    rate = "salesperson.against.firm_rate"
    progress = {"n": row["n_judged"], "low": row["progress_low"], "high": row["progress_high"]}
    found = [
        Card(
            "rep_contacts",
            row["effective_per_4_weeks"],
            compare=row["firm_effective_per_4_weeks"],
            against="salesperson.against.firm",
        ),
        Card(
            "rep_reach",
            row["effective_share"],
            compare=row["firm_effective_share"],
            n=row["n_touches"],
            low=row["effective_low"],
            high=row["effective_high"],
            against=rate,
        ),
        Card("rep_progress", row["progress_rate"], compare=row["firm_progress_rate"], against=rate, **progress),
        Card("rep_coverage", row["coverage"], compare=row["firm_coverage"], n=row["n_accounts"], against=rate),
    ]
    if row["minutes_per_week"] is not None:
        against = "salesperson.against.firm"
        minutes = row["minutes_per_week"]
        found.append(Card("rep_minutes", minutes, compare=row["firm_minutes_per_week"], against=against))
    return found


def coaching(view: View, rows: Sequence[Row]) -> list[str]:
    """One line of markdown per point: what, with its numbers, and how sure it is."""
    return [f"{_MARKS[row['severity']]} {_point(view, row)}" for row in rows]


def _point(view: View, row: Row) -> str:
    is_count = row["code"] == "few_contacts"
    shown: type[Count] | type[Percent] = Count if is_count else Percent
    said = view.say(
        f"salesperson.coaching.{row['code']}",
        n=Count(row["n"]),
        of=Count(row["n_of"]),
        share=Percent(row["value"]),
        value=shown(row["value"]),
        reference=shown(row["reference"]),
        amount=Money(row["amount"]),
    )
    if row["low"] is None:
        return said
    is_warning = row["code"] in FLAGS.values()
    grade = view.say(f"salesperson.coaching.{_grade(row)}")
    if row["severity"] == 2 and not _is_clear(row):
        return f"{said} *{grade}*"
    key = "alone" if row["reference"] is None else "basis" if is_warning else "basis_firm"
    facts = {"low": Percent(row["low"]), "high": Percent(row["high"]), "reference": Percent(row["reference"])}
    if key == "alone":
        del facts["reference"]
    basis = view.say(f"salesperson.coaching.{key}", **facts)
    return f"{said} *{grade}（{basis}）*" if view.lang == "zh" else f"{said} *{grade} ({basis})*"


def _is_clear(row: Row) -> bool:
    return row["reference"] is not None and row["low"] > row["reference"]


def _grade(row: Row) -> str:
    if row["severity"] == 2:
        return "habit" if _is_clear(row) else "talk"
    if row["severity"] == 0:
        return "strength"
    return "low" if row["code"].startswith("low_") else "clear"


def largest_pipeline(rows: Sequence[Row]) -> list[Row]:
    """The funnel rows of the pipeline in which he has most deals."""
    if not rows:
        return []
    chosen = max(rows, key=lambda row: row["n_entered"])["pipeline"]
    return [row for row in rows if row["pipeline"] == chosen]


def funnel(view: View, rows: Sequence[Row], name: str) -> base.Figure:
    """Share that passes each stage, with its interval, beside the team's and the firm's."""
    others = []
    for code, symbol in (("team", "diamond-open"), ("firm", "line-ns-open")):
        values = [row[f"{code}_rate"] for row in rows]
        if any(value is not None for value in values):
            label = view.plain(f"salesperson.funnel.{code}")
            texts = [f"{label}: {_bar(view, v, row[f'{code}_n'])}" for v, row in zip(values, rows, strict=True)]
            others.append((label, symbol, values, texts))
    return dots.intervals(
        [row["stage"] for row in rows],
        *([row[f"forward_{end}"] for row in rows] for end in ("rate", "low", "high")),
        name=name,
        texts=[_bar(view, row["forward_rate"], row["n_forward"] + row["n_lost"]) for row in rows],
        others=others,
        ids=[row["position"] for row in rows],
        colours=[{"weak": base.BAD, "strong": base.GOOD, "": base.BLUE}[difference(row)] for row in rows],
        alt=view.plain("salesperson.funnel.alt", name=name),
    )


def _bar(view: View, rate: float | None, n: int) -> str:
    return view.plain("salesperson.funnel.bar", rate=Percent(rate), n=Count(n))


def difference(row: Row) -> str:
    """weak or strong where the interval of his rate lies wholly on one side of the firm's; '' where nobody can tell."""
    if row["forward_rate"] is None or row["firm_rate"] is None or row["n_forward"] + row["n_lost"] < FEW:
        return ""
    if row["forward_high"] < row["firm_rate"]:
        return "weak"
    return "strong" if row["forward_low"] > row["firm_rate"] else ""


def funnel_words(view: View, rows: Sequence[Row]) -> str:
    """What the funnel shows, as markdown."""
    told = [
        view.say(
            f"salesperson.funnel.{difference(row)}",
            stage=row["stage"],
            rate=Percent(row["forward_rate"]),
            firm=Percent(row["firm_rate"]),
        )
        for row in rows
        if difference(row)
    ]
    return " ".join(told) or view.say("salesperson.funnel.same")


def calendar(view: View, rows: Sequence[Row]) -> base.Figure:
    """Half a year of effective contacts, one square per day."""
    return calendars.calendar(
        [row["day"] for row in rows],
        [row["n_effective"] for row in rows],
        weekdays=[view.plain(f"salesperson.weekday.{number}") for number in range(1, 8)],
        months=[view.plain(f"salesperson.month.{row['day'].month}") for row in rows],
        texts=[
            view.plain("salesperson.contacts.day", day=r["day"], n=Count(r["n_effective"]), of=Count(r["n_touches"]))
            for r in rows
        ],
        alt=view.plain("salesperson.contacts.alt"),
    )


def silence(rows: Sequence[Row]) -> tuple[dt.date, Days] | None:
    """First day and length of the longest stretch without an effective contact; None when it is short."""
    longest, start, length = 0, None, 0
    first: dt.date | None = None
    for row in rows:
        length = 0 if row["n_effective"] else length + 1
        start = row["day"] if length == 1 else start
        if length > longest:
            longest, first = length, start
    return (first, Days(longest)) if first is not None and longest >= LONG_SILENCE else None


def targets(view: View, rows: Sequence[Row]) -> base.Figure:
    """Target and result side by side, month by month, of one measure."""
    rows = rows[-MONTHS:]
    is_money = rows[0]["measure"] in ("revenue", "collected", "margin")
    shown: type[Money] | type[Count] = Money if is_money else Count
    parts = {view.plain(f"salesperson.targets.{name}"): [float(r[name]) for r in rows] for name in ("target", "actual")}
    return bars.stacked(
        [view.show(Month(row["month"])) for row in rows],
        parts,
        texts={name: [view.show(shown(value)) for value in values] for name, values in parts.items()},
        colours=(base.QUIET, base.BLUE),
        is_grouped=True,
        height=base.FRAME_PX + 28 + 52 * len(rows),
        alt=view.plain("salesperson.targets.alt"),
    )

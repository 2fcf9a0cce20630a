"""The funnel page's answer: which step loses the deals, over which deals that was found, and the headline figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard import queryfile
from dashboard.text.formats import Count, Money, Percent, Span
from dashboard.ui.card import Card
from dashboard.ui.funnel.figures import Row, decided

if TYPE_CHECKING:
    from dashboard.ui.page import View

#: What the weakest step is held against, by the comparison chosen: two snapshots hold mostly the same deals.
_OWN_PAST = {"last_year": "last_year", "snapshot": "previous"}
WARNINGS = ("is_overstayed", "is_silent", "is_slipped", "is_ahead", "has_no_next_step")


class Cohort:
    """The deals that the page follows: one pipeline, created in the chosen period or in the last twelve months.

    widens: whether the deals of twelve months are taken where those of the period are too young; else never.
    """

    def __init__(self, view: View, *, widens: bool = True) -> None:
        self._view = view
        self._all = view.lens.rows("funnel/cohort")
        self._first: Row = self._all[0] if self._all else {"pipeline": None, "is_young": False}
        self.is_young = widens and bool(self._first["is_young"])
        self.is_widened = self.is_young and view.param("window") != "period"
        if self.is_widened:
            view.look_over("last_12_months")

    def rows(self, name: str, *key: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query of this page; key: columns by which they are matched with the previous snapshot's."""
        lens, asked = self._view.lens, f"funnel/{name}"
        rows = lens.rows(asked, **parameters)
        is_held = any(column.startswith("compare_") for column in queryfile.load(asked).columns)
        if is_held and self._view.comparison == "snapshot" and (before := lens.before()):
            return compared(rows, before.rows(asked, **parameters), key)
        return rows

    def ask(self, name: str, *key: str, **parameters: Any) -> list[dict[str, Any]]:
        """The same for the pipeline that is shown."""
        return self.rows(name, *key, pipeline=self._first["pipeline"], **parameters)

    def weakest(self) -> list[dict[str, Any]]:
        """The steps and what lifting them is worth; held against earlier deals also when snapshots are compared."""
        lens = self._view.lens
        _, _, start, end = replace(lens.filters, compare=_OWN_PAST.get(lens.filters.compare, "previous")).window(
            lens.as_of
        )
        pipeline = self._first["pipeline"]
        return lens.rows("funnel/weakest_step", pipeline=pipeline, compare_start=start, compare_end=end)

    def say(self) -> None:
        """Which deals these are, against which others, and why not those of the chosen period."""
        start, end, compare_start, compare_end = self._view.filters.window(self._view.lens.as_of)
        previous = self._view.lens.previous if self._view.comparison == "snapshot" else None
        against: object = Span(compare_start, compare_end)
        if previous is not None:
            against = self._view.plain("funnel.cohort.snapshot", day=previous.as_of)
        spans = {"period": Span(start, end), "compared": against}
        if self.is_widened:
            created = Count(sum(row["n_in_period"] for row in self._all))
            known = Count(sum(row["n_decided_in_period"] for row in self._all))
            self._view.note("funnel.cohort.widened", n=created, decided=known, **spans)
        else:
            self._view.note("funnel.cohort.plain", **spans)
        self.say_pipeline()

    def won(self) -> str:
        """What to call the end that every deal is meant to come to."""
        return self._view.plain("funnel.flow.won")

    def say_pipeline(self) -> None:
        """Which of several pipelines is shown."""
        if len(self._all) > 1:
            self._view.note("funnel.cohort.pipeline", n=Count(len(self._all)), name=self._first["pipeline"])


def compared(rows: list[dict[str, Any]], earlier: Sequence[Row], key: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with their compare_ columns taken from the same figures of an earlier snapshot."""
    before = {tuple(row[name] for name in key): row for row in earlier}
    for row in rows:
        old: Mapping[str, Any] = before.get(tuple(row[name] for name in key), {})
        row.update({name: old.get(name.removeprefix("compare_")) for name in row if name.startswith("compare_")})
    return rows


def steps(cohort: Cohort) -> list[dict[str, Any]]:
    """Everything known of each open stage, in order; [] when no deal was created."""
    counts = cohort.ask("conversion", "position")
    if not counts or not counts[0]["n_entered"]:
        return []
    facts: dict[int, dict[str, Any]] = {row["position"]: row for row in counts if not row["is_won"]}
    estimates, times = (cohort.ask(name, "position") for name in ("conversion_estimate", "time_in_stage"))
    for row in [*estimates, *times, *cohort.weakest()]:
        facts[row["position"]] = {**row, **facts[row["position"]]}
    for step in facts.values():  # a pipeline whose export names no stage for deals won
        step["next_stage"] = step["next_stage"] or cohort.won()
    return [facts[position] for position in sorted(facts)]


def worst(steps: Sequence[Row]) -> Row:
    """The step to work on: the weakest where one is told apart, else the one at which most money is lost."""
    certain = [step for step in steps if step["is_weakest"] and step["is_certain"]]
    return certain[0] if certain else max(steps, key=lambda step: (step["lost_amount"], step["n_lost"]))


def answer(steps: Sequence[Row], total: Row, step: Row) -> tuple[str, dict[str, Any]]:
    """Key and facts of the page's one sentence."""
    known, unknown = sum(one["n_lost"] for one in steps), steps[0]["n_lost_unknown"]
    if not total["n_lost"]:
        numbers = {name: Count(total[f"n_{name}"]) for name in ("won", "open")}
        return "funnel.answer.no_loss", {"n": Count(total["n_created"]), **numbers}
    if unknown > known:
        facts = {"n_lost": Count(known + unknown), "unknown": Count(unknown), "rate": Percent(total["win_rate"])}
        return "funnel.answer.unknown", facts
    said: dict[str, Any] = {
        "stage": step["stage"],
        "next": step["next_stage"],
        "n": Count(decided(step)),
        "rate": Percent(step["decided_rate"]),
        "compare": Percent(step["compare_decided_rate"]),
    }
    if step["is_weakest"] and step["is_certain"]:
        rival = {"benchmark": Percent(step["benchmark_rate"]), "worth": Money(step["worth_amount"])}
        return f"funnel.answer.{step['benchmark_kind']}", said | rival | {"team": step["benchmark_name"]}
    return "funnel.answer.level", said | {"n_lost": Count(step["n_lost"]), "lost": Money(step["lost_amount"])}


def cards(total: Row, rework: Row) -> list[Card]:
    """Headline figures of the cohort, each against the comparison."""
    made = [
        Card("funnel_created", total["n_created"], compare=total["compare_n_created"]),
        Card(
            "funnel_win_rate",
            total["win_rate"],
            compare=total["compare_win_rate"],
            n=total["n_won"] + total["n_lost"],
            low=total["win_low"],
            high=total["win_high"],
        ),
        Card("funnel_lost_amount", total["lost_amount"], compare=total["compare_lost_amount"]),
    ]
    if not rework["n_back"] and not rework["compare_back_rate"]:
        return [*made, Card("funnel_open_amount", total["open_amount"])]
    n, rate = rework["n_with_history"], rework["back_rate"]
    back = Card(
        "funnel_back_rate", rate, rework["compare_back_rate"], n=n, low=rework["back_low"], high=rework["back_high"]
    )
    return [*made, back]


def table_row(view: View, step: Row) -> dict[str, Any]:
    """A step as the table shows it: its interval and its reference in words."""
    row = dict(step)
    row["range"] = between(view, row["decided_low"], row["decided_high"])
    if not row["worth_amount"]:
        row["lifted_rate"] = row["worth_amount"] = None
    if kind := row["benchmark_kind"]:
        rate, n = Percent(row["benchmark_rate"]), Count(row["benchmark_n"])
        row["benchmark"] = view.plain(f"funnel.benchmark.{kind}", name=row["benchmark_name"], rate=rate, n=n)
    return row


def between(view: View, low: float | None, high: float | None) -> str | None:
    """A range of shares in words; None where there is none."""
    if low is None or high is None:
        return None
    return view.plain("funnel.rates.range", low=Percent(low), high=Percent(high))


def deal_row(view: View, deal: Row) -> dict[str, Any]:
    """A deal as the list shows it: its warnings in words."""
    said = [view.plain(f"funnel.flag.{name}") for name in WARNINGS if deal[name]]
    return {**deal, "flags": "、".join(said) if view.lang == "zh" else ", ".join(said)}

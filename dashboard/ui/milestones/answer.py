"""The milestones page's answer: how much of the claimed pipeline its records carry, and who claims the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.text.formats import Count, Listing, Money, Percent
from dashboard.ui.card import Card
from dashboard.ui.milestones import words

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]


def culprit(people: Sequence[Row]) -> Row | None:
    """Of those whose claims are clearly less carried than the others', the one with most money ahead."""
    low = [row for row in people if row["verdict"] == "low" and row["group_id"] is not None]
    return max(low, key=lambda row: (row["ahead_amount"], row["group_id"]), default=None)


def answer(
    view: View, total: Row, people: Sequence[Row], stages: Sequence[Row], rules: Sequence[Row]
) -> tuple[str, dict[str, object]]:
    """Key of the sentence and its facts."""
    if not total.get("n_open"):
        return "milestones.answer.none", {}
    if not total["n_judged"] and total["n_rules"] and total["n_untold"] == total["n_rules"]:
        return "milestones.answer.untold", {}
    if not total["n_judged"]:
        return "milestones.answer.early", {"n": Count(total["n_open"])}
    if not total["n_ahead"]:
        return "milestones.answer.sound", {"judged": Count(total["n_judged"])}
    worst = max(stages, key=lambda row: (row["ahead_amount"], row["n_ahead"]))
    facts: dict[str, object] = {
        "amount": Money(total["ahead_amount"]),
        "share": Percent(total["ahead_share"]),
        "n": Count(total["n_ahead"]),
        "judged": Count(total["n_judged"]),
        "stage": worst["stage"],
        "rule": words.rule(view, rules[0]["measure"], rules[0]["at_least"]),
    }
    who = culprit(people)
    if who is None:
        return "milestones.answer.spread", facts
    own = {"own": Count(who["n_ahead"]), "own_judged": Count(who["n_judged"]), "own_amount": Money(who["ahead_amount"])}
    key = "person" if 2 * who["ahead_amount"] >= total["ahead_amount"] else "outlier"
    return f"milestones.answer.{key}", facts | own | {"name": who["group_name"] or who["group_id"]}


def before(view: View) -> Row:
    """The same figures in the snapshot before, judged by the same playbook; {} when there is none."""
    earlier = view.lens.before()
    return earlier.row("milestones/summary") if earlier else {}


def cards(total: Row, then: Row) -> list[Card]:
    """The headline figures, against the snapshot before."""
    shares = [
        Card(
            f"milestones_{name}_{kind}",
            total[f"{name}_{kind}"],
            compare=then.get(f"{name}_{kind}"),
            n=total["n_judged"],
            low=total[f"{name}_low"],
            high=total[f"{name}_high"],
            against="ui.against.snapshot",
        )
        for name, kind in (("ahead", "share"), ("carried", "rate"))
    ]
    amounts = [
        Card(
            f"milestones_{name}",
            total[name],
            compare=then.get(name),
            n=total[n],
            against="ui.against.snapshot",
        )
        for name, n in (("claimed_value", "n_open"), ("evidenced_value", "n_open"), ("behind_amount", "n_behind"))
    ]
    return shares + amounts


def say_value(view: View, total: Row) -> None:
    """What the open deals are worth as claimed and as evidenced."""
    gap = total["claimed_value"] - total["evidenced_value"]
    key = "milestones.value.less" if gap > 0 else "milestones.value.same"
    view.note(
        key, claimed=Money(total["claimed_value"]), evidenced=Money(total["evidenced_value"]), gap=Money(max(gap, 0))
    )


def say_standard(view: View, rules: Sequence[Row]) -> None:
    """Which playbook is in force in these pipelines, and what of it this export can't show."""
    rows = view.lens.rows("milestones/playbook") if view.lens.playbook else []
    own = {(row["pipeline"], row["position"]) for row in rows if row["is_own"]}
    if own:
        view.note("milestones.standard.own", n=Count(len(own)))
    else:
        view.note("milestones.standard.default")
    untold = [words.rule(view, row["measure"], row["at_least"]) for row in rules if not row["is_shown"]]
    if untold:
        view.note("milestones.standard.untold", rules=Listing(list(dict.fromkeys(untold))))

"""The milestones page's charts: rows of its queries in, a figure with its words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import base, dots
from dashboard.text.formats import Count, Percent
from dashboard.ui.milestones import words

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Groups and rules drawn; the tables have them all.
MOST = 14
_COLOURS = {"few": base.FAINT, "high": base.GOOD, "low": base.BAD, "same": base.BLUE}


def name(view: View, row: Row) -> str:
    """What a group is called, plain text."""
    return str(row["group_name"] or row["group_id"] or view.plain("milestones.groups.none"))


def groups(view: View, rows: Sequence[Row], picks: bool) -> base.Figure:
    """Per group the share of deals that hold up, with its interval; the lowest first, grey where there are too few."""
    shown = sorted(
        (row for row in rows if row["carried_rate"] is not None),
        key=lambda row: (row["verdict"] == "few", row["carried_rate"], -row["n_judged"]),
    )[:MOST]
    names = [name(view, row) for row in shown]
    texts = [
        view.plain("milestones.groups.few", name=said, n=Count(row["n_judged"]))
        if row["verdict"] == "few"
        else view.plain(
            "milestones.groups.text",
            name=said,
            n=Count(row["n_judged"]),
            carried=Count(row["n_carried"]),
            rate=Percent(row["carried_rate"]),
            low=Percent(row["carried_low"]),
            high=Percent(row["carried_high"]),
        )
        for row, said in zip(shown, names, strict=True)
    ]
    judged = sum(row["n_judged"] for row in rows)
    return dots.intervals(
        names,
        *([row[f"carried_{end}"] for row in shown] for end in ("rate", "low", "high")),
        name=view.plain("milestones.groups.name"),
        texts=texts,
        ids=[row["group_id"] for row in shown] if picks else None,
        colours=[_COLOURS[row["verdict"]] for row in shown],
        reference=sum(row["n_carried"] for row in rows) / judged if judged else None,
        alt=view.plain("milestones.groups.alt"),
    )


def rules(view: View, rows: Sequence[Row]) -> base.Figure:
    """How often each milestone is missing among the deals that must show it."""
    shown = rows[:MOST]
    said = [words.rule(view, row["measure"], row["at_least"]) for row in shown]
    labels = [
        text if said.count(text) == 1 else view.plain("milestones.rules.label", rule=text, stage=row["stage"])
        for text, row in zip(said, shown, strict=True)
    ]
    return dots.intervals(
        labels,
        *([row[f"missing_{end}"] for row in shown] for end in ("rate", "low", "high")),
        name=view.plain("milestones.rules.name"),
        texts=[
            view.plain(
                "milestones.rules.text",
                rule=label,
                n=Count(row["n_demanded"]),
                missing=Count(row["n_missing"]),
                rate=Percent(row["missing_rate"]),
                low=Percent(row["missing_low"]),
                high=Percent(row["missing_high"]),
            )
            for row, label in zip(shown, labels, strict=True)
        ],
        colours=base.AMBER,
        alt=view.plain("milestones.rules.alt"),
    )

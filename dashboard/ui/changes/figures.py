"""The page's figures: rows of its queries in, a figure with its words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import base, bridges, dots
from dashboard.text.formats import Count, Money, Percent
from dashboard.ui.changes.answer import Waterfall

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Good news, bad news, news that is neither. Winning takes a deal out of the pipeline and is good all the same.
COLOURS = {
    **dict.fromkeys(("new", "reopened", "pulled_in", "grown", "won"), base.GOOD),
    **dict.fromkeys(("shrunk", "lost", "vanished", "pushed_out"), base.BAD),
    **dict.fromkeys(("slipped_in", "moved_ahead"), base.AMBER),
    **dict.fromkeys(("transferred_in", "transferred_out", "revalued"), base.SLATE),
}
_VERDICTS = {"high": base.BAD, "low": base.GOOD}
#: Salespeople drawn; the table has them all.
MOST = 12


def waterfall(view: View, fall: Waterfall, chosen: str) -> base.Figure:
    """From then to now; a click reports the kind of the bar."""
    kinds = ["opening", *fall.terms, "closing"]
    texts = [
        view.plain("changes.bar.end", amount=Money(fall.amount(kind)))
        if kind in ("opening", "closing")
        else view.plain("changes.bar.term", amount=Money(fall.amount(kind)), n=Count(fall.n(kind)))
        for kind in kinds
    ]
    names = [view.plain(f"changes.kind.{kind}") for kind in kinds]
    return bridges.bridge(
        [f"▸ {name}" if kind == chosen else name for kind, name in zip(kinds, names, strict=True)],
        [float(fall.amount(kind)) for kind in kinds],
        texts=texts,
        colours=[COLOURS.get(kind, base.BLUE) for kind in kinds],
        ids=kinds,
        alt=view.plain("changes.bar.alt"),
    )


def is_cropped(fall: Waterfall) -> bool:
    """Whether the bars begin above nothing."""
    level, levels = 0.0, []
    for kind in ("opening", *fall.terms):
        level += float(fall.amount(kind))
        levels.append(level)
    return bridges.begins_at(levels) > 0


def slip_rates(view: View, rows: Sequence[Row]) -> base.Figure:
    """Per salesperson the share of deals due that was pushed out, with its interval."""
    rows = rows[:MOST]
    names = [str(row["owner_name"] or view.plain("changes.nobody")) for row in rows]
    texts = [
        view.plain(
            "changes.slip.text",
            name=name,
            n=Count(row["n_due"]),
            pushed=Count(row["n_pushed"]),
            rate=Percent(row["rate"]),
            low=Percent(row["rate_low"]),
            high=Percent(row["rate_high"]),
        )
        for row, name in zip(rows, names, strict=True)
    ]
    return dots.intervals(
        names,
        *([row[column] for row in rows] for column in ("rate", "rate_low", "rate_high")),
        name=view.plain("changes.slip.now"),
        texts=texts,
        colours=[_VERDICTS.get(verdict(row), base.BLUE) for row in rows],
        reference=rows[0]["average_rate"] if rows else None,
        alt=view.plain("changes.slip.alt"),
    )


def verdict(row: Row) -> str:
    """How a salesperson's slip rate stands to the others': few, high, low, same."""
    if row["too_few"]:
        return "few"
    if not row["is_different"]:
        return "same"
    return "high" if row["rate"] > row["average_rate"] else "low"

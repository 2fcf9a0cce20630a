"""The answer of the page: what moved most, in which direction, for how much money; and the headline figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboard.text.formats import Count, Money, Percent
from dashboard.ui.card import Card

if TYPE_CHECKING:
    from dashboard.ui.changes.compared import Compared

Row = Mapping[str, Any]

ENDS = ("opening", "closing")
#: What takes a deal out of what is looked at, for good or for now.
LEAVING = ("won", "lost", "vanished", "pushed_out", "moved_ahead", "transferred_out")
#: Which term's deals to list when none was chosen: the first that occurs.
LOOK_FIRST = ("vanished", "lost", "pushed_out", "shrunk", "slipped_in", "transferred_out", "new", "won")


class Waterfall:
    """The terms of the waterfall by kind, as changes/waterfall gives them for the whole."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._by_kind = {row["kind"]: row for row in rows}

    def amount(self, kind: str) -> Decimal:
        """The term with its sign, 0 where it does not occur."""
        return self._by_kind[kind]["amount"] if kind in self._by_kind else Decimal(0)

    def n(self, kind: str) -> int:
        """Its deals."""
        return int(self._by_kind[kind]["n"]) if kind in self._by_kind else 0

    @property
    def terms(self) -> list[str]:
        """Kinds that occur, ends apart, in order."""
        return [kind for kind in self._by_kind if kind not in ENDS]

    @property
    def largest(self) -> str | None:
        """The term that moved most money; None when nothing moved."""
        moved = [kind for kind in self.terms if self.amount(kind)]
        return max(moved, key=lambda kind: abs(self.amount(kind)), default=None)

    @property
    def gap(self) -> Decimal:
        """Closing less opening."""
        return self.amount("closing") - self.amount("opening")


def sentence(compared: Compared, fall: Waterfall) -> tuple[str, dict[str, Any]]:
    """Key and facts of the page's one sentence."""
    view, largest = compared.view, fall.largest
    facts: dict[str, Any] = {
        "before": compared.before.as_of,
        "after": compared.after.as_of,
        "what": view.plain(f"changes.what.{compared.reach}"),
        "opening": Money(fall.amount("opening")),
        "closing": Money(fall.amount("closing")),
        "gap": Money(abs(fall.gap)),
    }
    if largest is None and (most := max(fall.terms, key=fall.n, default=None)):
        return "changes.answer.unvalued", facts | {"kind": view.plain(f"changes.kind.{most}"), "n": Count(fall.n(most))}
    if largest is None:
        return "changes.answer.still", facts
    facts |= {
        "kind": view.plain(f"changes.kind.{largest}"),
        "amount": Money(abs(fall.amount(largest))),
        "n": Count(fall.n(largest)),
    }
    direction = "up" if fall.gap > 0 else "down" if fall.gap < 0 else "level"
    return f"changes.answer.{direction}", facts


def leaving(fall: Waterfall) -> tuple[str, dict[str, Any]] | None:
    """Of what left, how much was won; None when nothing left."""
    left = -sum((fall.amount(kind) for kind in LEAVING), Decimal(0))
    if left <= 0:
        return None
    won, vanished = -fall.amount("won"), -fall.amount("vanished")
    facts = {
        "left": Money(left),
        "won": Money(won),
        "share": Percent(float(won / left)),
        "lost": Money(-fall.amount("lost")),
        "n": Count(fall.n("vanished")),
        "vanished": Money(vanished),
    }
    if pushed := -fall.amount("pushed_out") - fall.amount("moved_ahead"):
        return "changes.left.pushed", facts | {"pushed": Money(pushed)}
    return ("changes.left.vanished" if fall.n("vanished") else "changes.left.plain"), facts


def cards(fall: Waterfall, slip: Row | None, slipped: Sequence[Row]) -> list[Card]:
    """Headline figures: the pipeline now, what came new, what left unwon, what slips."""
    slip = slip or {}
    return [
        Card("changes_open_amount", fall.amount("closing"), fall.amount("opening"), against="changes.against"),
        Card("changes_new_amount", fall.amount("new"), n=fall.n("new")),
        Card(
            "changes_lost_amount", -fall.amount("lost") - fall.amount("vanished"), n=fall.n("lost") + fall.n("vanished")
        ),
        Card(
            "changes_slip_rate",
            slip.get("rate"),
            n=slip.get("n_due", 0),
            low=slip.get("rate_low"),
            high=slip.get("rate_high"),
        ),
        Card("changes_slipped_amount", slipped[0]["all_amount"] if slipped else 0, n=len(slipped)),
    ]

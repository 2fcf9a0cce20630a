"""The deal page's time axis: what was claimed, what is carried, and what was done, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import base, timelines
from dashboard.charts.timelines import Course, Lane
from dashboard.text.formats import Count, Money

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]


def figure(view: View, deal: Row, points: Sequence[Row], rules: Sequence[Row]) -> base.Figure | None:
    """Lanes of stage, closing date, amount and contacts on one axis; None where nothing has a day.

    `deal`: row of deal/summary. `points`: rows of deal/timeline. `rules`: rows of deal/milestones.
    """
    by_lane: dict[str, list[Row]] = {}
    for point in points:
        by_lane.setdefault(point["lane"], []).append(point)
    stages = [row for row in by_lane.get("stage", []) if row["position"] is not None]
    drawn = (
        _stages(view, stages, rules),
        _dates(view, by_lane.get("close", []), deal["n_pushes"]),
        _amounts(view, by_lane.get("amount", [])),
        _touches(view, by_lane.get("touch", [])),
    )
    lanes = [lane for lane in drawn if lane is not None]
    if not lanes:
        return None
    return timelines.timeline(lanes, alt=view.plain("deal.timeline.alt"), until=view.lens.as_of)


def _stages(view: View, rows: Sequence[Row], rules: Sequence[Row]) -> Lane | None:
    if not rows:
        return None
    carried = _carried(rules, rows[-1])
    names = {row["position"]: row["stage"] for row in [*carried, *rows]}
    places = sorted(names)
    courses = [_course(view, "stage", rows, "position", colour=base.BLUE)]
    if carried:
        courses.append(_course(view, "evidence", carried, "position", colour=base.AMBER))
    title = view.plain("deal.timeline.stage_and_evidence" if carried else "deal.timeline.stage")
    return Lane(title, courses, (places, [names[place] for place in places]), height=24 + 26 * len(places))


def _carried(rules: Sequence[Row], last: Row) -> list[Row]:
    """The stage that the records carry, from each day on which that changed to the deal's last."""
    by_day = {rule["since_on"]: rule for rule in rules if rule["carried_position"]}
    points = [
        {"happened_on": day, "position": by_day[day]["carried_position"], "stage": by_day[day]["carried_stage"]}
        for day in sorted(by_day)
    ]
    return [*points, {**points[-1], "happened_on": last["happened_on"]}] if points else []


def _dates(view: View, rows: Sequence[Row], n_pushes: int) -> Lane | None:
    if not rows:
        return None
    title = view.plain("deal.timeline.close", n=Count(n_pushes))
    days = sorted({row["close_on"] for row in rows})
    shown = days if len(days) <= 2 else [days[0], days[-1]]
    ticks = (shown, [view.show(day) for day in shown])
    return Lane(title, [_course(view, "close", rows, "close_on", colour=base.VIOLET)], ticks, height=80)


def _amounts(view: View, rows: Sequence[Row]) -> Lane | None:
    if not rows:
        return None
    amounts = sorted({float(row["amount"]) for row in rows})
    shown = amounts if len(amounts) <= 2 else [amounts[0], amounts[-1]]
    ticks = (shown, [view.show(Money(amount)) for amount in shown])
    course = _course(view, "amount", rows, "amount", colour=base.TEAL)
    return Lane(view.plain("deal.timeline.amount"), [course], ticks, height=70)


def _touches(view: View, rows: Sequence[Row]) -> Lane | None:
    if not rows:
        return None
    kinds = list(dict.fromkeys(row["kind"] or "other" for row in rows))
    names = [view.plain(f"salesperson.kind.{kind}") for kind in kinds]
    courses = []
    for is_effective in (True, False):
        chosen = [row for row in rows if row["is_effective"] is is_effective]
        heights = [kinds.index(row["kind"] or "other") for row in chosen]
        code = "effective" if is_effective else "other_touch"
        texts = [
            view.plain(f"deal.timeline.{code}", on=row["happened_on"], kind=names[height])
            for row, height in zip(chosen, heights, strict=True)
        ]
        days = [row["happened_on"] for row in chosen]
        courses.append(Course(code, days, heights, texts, base.BLUE, is_marks=True, is_hollow=not is_effective))
    n = Count(sum(row["is_effective"] for row in rows))
    title = view.plain("deal.timeline.touches", n=Count(len(rows)), effective=n)
    return Lane(title, courses, (list(range(len(kinds))), names), height=24 + 22 * len(kinds))


def _course(view: View, code: str, rows: Sequence[Row], column: str, *, colour: str) -> Course:
    facts = ({"on": row["happened_on"], "value": _shown(row, column)} for row in rows)
    texts = [view.plain(f"deal.timeline.{code}_point", **fact) for fact in facts]
    values = [float(row[column]) if column == "amount" else row[column] for row in rows]
    return Course(code, [row["happened_on"] for row in rows], values, texts, colour)


def _shown(row: Row, column: str) -> Any:
    if column == "amount":
        return Money(row["amount"])
    return row["stage"] if column == "position" else row[column]

"""The funnel page's figures: rows of its queries in, a figure with its words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import arcs, bars, base, dots, flows
from dashboard.text.formats import Count, Money, Percent

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

#: Reasons and groups drawn; the tables have them all.
MOST = 12
#: Ends of the flow, behind the stages.
ENDS = ("won", "lost", "open")


def step_name(view: View, step: Row) -> str:
    """The step out of a stage, plain text."""
    return view.plain("funnel.section.step", stage=step["stage"], next=step["next_stage"])


def stages(view: View, steps: Sequence[Row]) -> base.Figure:
    """Per stage how many went on, are still there, were lost; a click reports the position."""
    parts = [[step[name] for step in steps] for name in ("n_forward", "n_open", "n_lost")]
    texts = [[view.show(Count(n)) if n else "" for n in part] for part in parts]
    return bars.funnel(
        [step["stage"] for step in steps],
        *parts,
        names=tuple(view.plain(f"funnel.steps.{name}") for name in ("forward", "open", "lost")),  # type: ignore[arg-type]
        texts=tuple(texts),  # type: ignore[arg-type]
        ids=[step["position"] for step in steps],
        alt=view.plain("funnel.steps.alt"),
    )


def rates(view: View, steps: Sequence[Row], position: int) -> base.Figure:
    """Per step the share that got through with its interval, beside the comparison and the estimate."""
    names = [step_name(view, step) for step in steps]
    texts = [
        _interval(view, "funnel.rates.text", step, "decided", step=name)
        for step, name in zip(steps, names, strict=True)
    ]
    others = []
    for name, symbol, column in (
        ("compare", "line-ns-open", "compare_decided_rate"),
        ("estimate", "diamond-open", "estimate"),
    ):
        values = [step.get(column) for step in steps]
        if any(value is not None for value in values):
            said = [
                view.plain(f"funnel.rates.{name}_text", step=of, rate=Percent(value))
                for of, value in zip(names, values, strict=True)
            ]
            others.append((view.plain(f"funnel.rates.{name}"), symbol, values, said))
    return dots.intervals(
        [step["stage"] for step in steps],
        *([step[f"decided_{end}"] for step in steps] for end in ("rate", "low", "high")),
        name=view.plain("funnel.rates.now"),
        texts=texts,
        others=others,
        ids=[step["position"] for step in steps],
        colours=[base.AMBER if step["position"] == position else base.BLUE for step in steps],
        alt=view.plain("funnel.rates.alt"),
    )


def groups(view: View, rows: Sequence[Row]) -> base.Figure:
    """Per group the share that got through with its interval; grey where there are too few cases."""
    rows = [row for row in rows if row["rate"] is not None][:MOST]
    names = [group_name(view, row) for row in rows]
    texts = [
        view.plain("funnel.groups.few", name=name, n=Count(decided(row)))
        if row["too_few"]
        else _interval(view, "funnel.groups.text", row, "rate", name=name)
        for row, name in zip(rows, names, strict=True)
    ]
    said = [
        view.plain("funnel.rates.compare_text", step=n, rate=Percent(r["compare_rate"]))
        for n, r in zip(names, rows, strict=True)
    ]
    return dots.intervals(
        names,
        *([row[column] for row in rows] for column in ("rate", "rate_low", "rate_high")),
        name=view.plain("funnel.groups.now"),
        texts=texts,
        others=[(view.plain("funnel.groups.compare"), "line-ns-open", [row["compare_rate"] for row in rows], said)],
        colours=[colour(row) for row in rows],
        reference=rows[0]["average_rate"] if rows else None,
        alt=view.plain("funnel.groups.alt"),
    )


def reasons(view: View, rows: Sequence[Row], steps: Sequence[Row]) -> base.Figure:
    """Deals lost per reason, in parts by the stage in which they were lost."""
    kept = list(dict.fromkeys(row["reason"] for row in rows if row["n"]))[:MOST]
    number = {(row["reason"], row["position"]): row["n"] for row in rows}
    places = [(step["position"], step["stage"]) for step in steps]
    if any(row["position"] is None and row["n"] for row in rows):
        places.append((None, view.plain("funnel.reasons.unknown")))
    parts = {f"{stage}": [number.get((reason, place), 0) for reason in kept] for place, stage in places}
    return bars.stacked(
        [reason or view.plain("funnel.reasons.none") for reason in kept],
        parts,
        texts={name: [view.show(Count(n)) if n else "" for n in values] for name, values in parts.items()},
        alt=view.plain("funnel.reasons.alt"),
    )


def flow(view: View, moves: Sequence[Row], steps: Sequence[Row]) -> base.Figure:
    """From stage to stage and to the end; skips stand out, steps back are told in words."""
    moves = [move for move in moves if move["kind"] != "back"]
    nodes = [step["stage"] for step in steps] + [view.plain(f"funnel.flow.{end}") for end in ENDS]
    ends = {end: len(steps) + i for i, end in enumerate(ENDS)}
    sources = [move["from_position"] - 1 for move in moves]
    targets = [ends[move["kind"]] if move["to_position"] is None else move["to_position"] - 1 for move in moves]
    texts = [
        view.plain(
            "funnel.flow.text", start=nodes[s], end=nodes[t], n=Count(move["n_deals"]), amount=Money(move["amount"])
        )
        for s, t, move in zip(sources, targets, moves, strict=True)
    ]
    tint = {"skip": "rgba(217,130,26,0.45)", "lost": "rgba(214,67,110,0.35)", "won": "rgba(18,165,148,0.40)"}
    return flows.sankey(
        nodes,
        sources,
        targets,
        [move["n_deals"] for move in moves],
        texts=texts,
        colours=[base.BLUE] * len(steps) + [base.GOOD, base.BAD, base.QUIET],
        link_colours=[tint.get(move["kind"], base.FAINT) for move in moves],
        alt=view.plain("funnel.flow.alt"),
    )


def jumps(view: View, moves: Sequence[Row], steps: Sequence[Row]) -> base.Figure:
    """Skips ahead on one side, steps back on the other, as thick as they are many."""
    drawn = [
        arcs.Arc(
            move["from_position"] - 1,
            move["to_position"] - 1,
            move["n_moves"],
            view.show(Count(move["n_moves"])),
            view.plain(
                f"funnel.flow.{move['kind']}_text",
                start=move["from_stage"],
                end=move["to_stage"],
                n=Count(move["n_moves"]),
                deals=Count(move["n_deals"]),
            ),
        )
        for move in moves
        if move["kind"] in ("skip", "back")
    ]
    return arcs.jumps(
        [step["stage"] for step in steps],
        drawn,
        ahead=view.plain("funnel.flow.skips"),
        back=view.plain("funnel.flow.steps_back"),
        alt=view.plain("funnel.flow.jumps_alt"),
    )


def worth(view: View, steps: Sequence[Row]) -> base.Figure:
    """What lifting each step to its best comparable group would bring; grey where the gap may be luck."""
    return bars.lying(
        [step_name(view, step) for step in steps],
        [float(step["worth_amount"]) for step in steps],
        texts=[view.show(Money(step["worth_amount"])) if step["worth_amount"] else "" for step in steps],
        colours=[base.AMBER if step["is_certain"] else base.QUIET for step in steps],
        alt=view.plain("funnel.worth.alt"),
    )


def group_name(view: View, row: Row) -> str:
    """What a group is called, plain text: size bands in words, nothing stated as such."""
    if row["group_id"] is None:
        return view.plain("funnel.groups.none")
    return (
        view.plain(f"funnel.size.{row['group_id']}") if row.get("dimension") == "size_band" else str(row["group_name"])
    )


def decided(row: Row) -> int:
    """Deals of a step or group that went on or were lost."""
    return int(row["n_forward"]) + int(row["n_lost"])


def verdict(row: Row) -> str:
    """How a group stands to the rest: few, high, low or same."""
    return str(row["verdict"])


def colour(row: Row) -> str:
    """Colour of a group's dot by its verdict."""
    return {"few": base.FAINT, "high": base.GOOD, "low": base.BAD, "same": base.BLUE}[verdict(row)]


def _interval(view: View, key: str, row: Row, prefix: str, **names: str) -> str:
    rate = row.get(f"{prefix}_rate", row.get(prefix))
    ends = {end: Percent(row[f"{prefix}_{end}"]) for end in ("low", "high")}
    return view.plain(key, rate=Percent(rate), n=Count(decided(row)), **ends, **names)

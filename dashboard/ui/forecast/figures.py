"""The forecast page's figures: rows of its queries in, a figure with its words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import base, calendars, dots, lines
from dashboard.text.formats import Count, Money, Month, Percent

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]

BANDS = tuple(range(1, 8))


def course(view: View, rows: Sequence[Row]) -> base.Figure:
    """What was forecast on the same day of each month with its interval, and what came true; now at the right end."""
    shown = [
        row for row in reversed(rows) if row["is_tested"] or (row["actual_amount"] is None and row["state"] == "ok")
    ]
    names = {code: view.plain(f"forecast.course.{code}") for code in ("expected", "actual")}
    said = {
        "expected": [
            view.plain(
                "forecast.course.text",
                day=row["looked_on"],
                expected=Money(row["expected_amount"]),
                low=Money(row["low_amount"]),
                high=Money(row["high_amount"]),
            )
            for row in shown
        ],
        "actual": [
            view.plain("forecast.course.came", day=row["looked_on"], actual=Money(row["actual_amount"]))
            for row in shown
        ],
    }
    unit, suffix = (10_000, "万") if view.lang == "zh" else (1, "")
    figure = lines.line(
        [row["looked_on"] for row in shown],
        {names[code]: _scaled(shown, f"{code}_amount", unit) for code in names},
        alt=view.plain("forecast.course.alt"),
        texts={names[code]: said[code] for code in names},
        band=(_scaled(shown, "low_amount", unit), _scaled(shown, "high_amount", unit)),
        colours=(base.BLUE, base.AMBER),
    )
    ticks = [row["looked_on"] for row in shown[:: -(-len(shown) // 5)]]
    figure["layout"]["xaxis"] |= {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in ticks],
        "ticktext": [base.short(view.show(Month(day))) for day in ticks],
    }
    if suffix:
        figure["layout"]["yaxis"] |= {"ticksuffix": suffix, "tickformat": ",~f"}
    return figure


def odds(view: View, rows: Sequence[Row]) -> base.Figure:
    """Odds of each stage (rows) and age (columns) with how often such deals were seen."""
    stages = list(dict.fromkeys((row["position"], row["stage"]) for row in rows))
    found = {(row["position"], row["age_band"]): row for row in rows}
    # Where no stage was ever known on an earlier day, all stages have the odds of their age: said once.
    if not any(row["n_seen"] for row in rows):
        stages = stages[:1]
    cells = [[found[position, band] for band in BANDS] for position, _ in stages]
    named = [stage if len(stages) > 1 else view.plain("forecast.odds.any") for _, stage in stages]
    ages = [view.plain(f"forecast.age.{band}") for band in BANDS]
    figure = calendars.grid(
        ages,
        named,
        [[cell["odds"] for cell in line] for line in cells],
        texts=[[view.show(Percent(cell["odds"])) for cell in line] for line in cells],
        hovers=[
            [
                view.plain(
                    "forecast.odds.text",
                    stage=stage,
                    age=age,
                    odds=Percent(cell["odds"]),
                    seen=Count(cell["n_seen"]),
                    won=Count(cell["n_won"]),
                    n=Count(cell["n_open"]),
                )
                for age, cell in zip(ages, line, strict=True)
            ]
            for stage, line in zip(named, cells, strict=True)
        ],
        alt=view.plain("forecast.odds.alt"),
        height=base.FRAME_PX + 32 + base.ROW_PX * len(cells),
    )
    # Solid colours, so that the numbers on them read in light and dark alike.
    figure["data"][0]["colorscale"] = [[0, "#e3ebfa"], [1, base.BLUE]]
    return figure


def calibration(view: View, rows: Sequence[Row]) -> base.Figure:
    """Per band of odds the share that was won with its interval, and the share that was said."""
    names = [view.plain(f"forecast.band.{row['band']}") for row in rows]
    said = [
        view.plain(
            "forecast.calibration.text",
            band=name,
            rate=Percent(row["observed"]),
            low=Percent(row["low"]),
            high=Percent(row["high"]),
            n=Count(row["n_seen"]),
        )
        for name, row in zip(names, rows, strict=True)
    ]
    promised = [
        view.plain("forecast.calibration.promised", band=name, rate=Percent(row["predicted"]))
        for name, row in zip(names, rows, strict=True)
    ]
    return dots.intervals(
        names,
        *([row[column] for row in rows] for column in ("observed", "low", "high")),
        name=view.plain("forecast.calibration.came"),
        texts=said,
        others=[
            (view.plain("forecast.calibration.said"), "line-ns-open", [row["predicted"] for row in rows], promised)
        ],
        alt=view.plain("forecast.calibration.alt"),
    )


def _scaled(rows: Sequence[Row], column: str, unit: int) -> list[float | None]:
    return [None if row[column] is None else float(row[column]) / unit for row in rows]

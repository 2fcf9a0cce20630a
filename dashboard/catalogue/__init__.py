"""The catalogue of metrics: each figure declared once, pages only name it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboard.text.formats import Count, Days, Fact, Money, Number, Percent, Points, Ratio

UNITS = ("money", "count", "percent", "days", "ratio")
GOOD = ("up", "down", "none")

_FACTS: dict[str, type[Money | Count | Percent | Days | Ratio]] = {
    "money": Money,
    "count": Count,
    "percent": Percent,
    "days": Days,
    "ratio": Ratio,
}


@dataclass(frozen=True)
class Metric:
    """One figure: where it comes from, its unit, which direction is good, and what it is called."""

    id: str
    query: str
    column: str
    unit: str
    good: str
    label: dict[str, str]
    definition: dict[str, str]

    def fact(self, value: Number | None) -> Fact:
        """The value as a fact of this metric's unit."""
        return _FACTS[self.unit](value)

    def difference(self, value: Number | None, other: Number | None) -> Fact | None:
        """value - other as a fact; shares differ in points. None when either is missing."""
        if value is None or other is None:
            return None
        gap = float(value) - float(other) if isinstance(value, float) or isinstance(other, float) else value - other
        return Points(gap) if self.unit == "percent" else self.fact(gap)


@cache
def metrics() -> dict[str, Metric]:
    """All metrics of all pages by id. Raises ValueError for an incomplete entry or an id given twice."""
    found: dict[str, Metric] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise ValueError(f"{path.name}: metric {name} is already taken")
            try:
                metric = Metric(id=name, **entry)
            except TypeError as error:
                raise ValueError(f"{path.name}: metric {name}: {error}") from error
            if metric.unit not in UNITS or metric.good not in GOOD:
                raise ValueError(f"{path.name}: metric {name}: unit {metric.unit}, good {metric.good}")
            found[name] = metric
    return found

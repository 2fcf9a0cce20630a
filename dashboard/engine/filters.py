"""The global filters: period, comparison and what to cut by, as they stand in the URL."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PERIODS = ("this_quarter", "last_quarter", "this_month", "last_month", "this_year", "last_year", "last_12_months")
COMPARISONS = ("previous", "last_year", "snapshot")

#: Filters that take several values, in the order in which they stand in the URL.
CUTS = ("team", "region", "family", "tier", "pipeline")

#: First day, first day after; the same for what it is compared with.
Window = tuple[dt.date, dt.date, dt.date, dt.date]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Options:
    """The values that each filter can take in a snapshot, for one viewer; sorted."""

    team: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filters:
    """What the page shows. Codes and the CRM's own texts only; an empty cut shows everything.

    ``fiscal_start``: month in which the firm's year begins, 1 to 12; None = as in the user's settings.
    """

    period: str = "this_quarter"
    compare: str = "previous"
    team: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()
    fiscal_start: int | None = None

    @property
    def cuts(self) -> dict[str, tuple[str, ...]]:
        """The active cuts by name."""
        return {name: values for name in CUTS if (values := getattr(self, name))}

    def to_url(self) -> dict[str, list[str]]:
        """Query parameters that bring these filters back; defaults are left out."""
        codes = {"period": (self.period, PERIODS[0]), "compare": (self.compare, COMPARISONS[0])}
        url = {name: [value] for name, (value, default) in codes.items() if value != default}
        return url | {name: list(values) for name, values in self.cuts.items()}

    def window(self, as_of: dt.date) -> Window:
        """(period_start, period_end, compare_start, compare_end) on that day; both ends are exclusive.

        The period is the whole month, quarter or (fiscal) year, also where it is still running. A running period is
        compared with the same elapsed part of the earlier one: 15 August in the third quarter with 1 April to 15 May,
        the end of a month with the end of a month, so that a period that is over is compared with a whole one.
        'last_year' is the same part of the same period a year before. 'snapshot' keeps the period: what differs
        is the snapshot in which it is looked at.
        """
        which, _, unit = self.period.partition("_")
        if self.period == "last_12_months":
            start, end, step = _after(as_of, -12), _after(as_of, 0), 12
        else:
            step = _MONTHS[unit]
            start = self._period_start(as_of, step)
            if which == "last":
                start = shifted(start, -step)
            end = shifted(start, step)
        if self.compare == "snapshot":
            return start, end, start, end
        back = -12 if self.compare == "last_year" else -step
        if start <= as_of < end:
            return start, end, shifted(start, back), _after(as_of, back)
        return start, end, shifted(start, back), shifted(end, back)

    def _period_start(self, day: dt.date, n_months: int) -> dt.date:
        since = (day.month - (self.fiscal_start or 1)) % 12
        return shifted(day.replace(day=1), -(since % n_months))


def shifted(day: dt.date, n_months: int) -> dt.date:
    """The same day so many months later (earlier when negative); the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + n_months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _after(day: dt.date, n_months: int) -> dt.date:
    """The day after the same day so many months later; the end of a month answers to the end of a month."""
    after = day + dt.timedelta(days=1)
    return shifted(after, n_months) if after.day == 1 else shifted(day, n_months) + dt.timedelta(days=1)


def parse(
    url: Mapping[str, str | Iterable[str]], options: Options, fiscal_start: int | None = None
) -> tuple[Filters, tuple[tuple[str, str], ...]]:
    """Filters from URL parameters, and the (name, value) pairs that are not among the options and were ignored."""
    ignored: list[tuple[str, str]] = []
    chosen: dict[str, Any] = {}
    for name, allowed in (("period", PERIODS), ("compare", COMPARISONS)):
        for value in _values(url.get(name, ()))[:1]:
            if value in allowed:
                chosen[name] = value
            else:
                ignored.append((name, value))
    for name in CUTS:
        values = _values(url.get(name, ()))
        known = frozenset(getattr(options, name))
        chosen[name] = tuple(sorted(v for v in values if v in known))
        ignored += [(name, v) for v in values if v not in known]
    return Filters(**chosen, fiscal_start=fiscal_start), tuple(ignored)


def _values(given: str | Iterable[str]) -> list[str]:
    values = [given] if isinstance(given, str) else list(given)
    return [value for value in dict.fromkeys(values) if value]

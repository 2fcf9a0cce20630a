"""The cells of a workbook as text: what the sheet shows, without the noise of how it is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

#: Whole numbers beyond this are no longer told apart by the eight bytes in which a workbook keeps them.
_EXACT: Final = 2**53
#: Serial numbers of moments are off by fractions of a second; what is this near to a full second is meant as one.
_NEAR: Final = 2_000  # microseconds


def text_of(value: Any) -> str:
    """One cell as the reader of workbooks hands it over; the text of a cell of an unknown type."""
    write = _WRITERS.get(type(value))
    return write(value) if write else str(value)


def _text(value: str) -> str:
    """Line breaks of one kind only: a lone CR would end the record elsewhere."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value


def _number(value: float) -> str:
    """As typed: 5 and not 5.0, 0.3 and not 0.30000000000000004.

    A whole number too long to be kept exactly stays in powers of ten, as the sheet shows it, so that an id that lost
    its last digits is seen to have lost them.
    """
    if value == int(value) if abs(value) < _EXACT else False:
        return str(int(value))
    shown = format(value, ".15G")
    if "E-" in shown:
        return format(Decimal(shown), "f")
    return shown


def _moment(value: dt.datetime) -> str:
    beyond = value.microsecond
    if beyond and (beyond <= _NEAR or beyond >= 1_000_000 - _NEAR):
        value = value.replace(microsecond=0) + dt.timedelta(seconds=beyond > _NEAR)
    return value.isoformat(" ")


def _time(value: dt.time) -> str:
    return _moment(dt.datetime.combine(dt.date(2000, 1, 1), value))[11:]


def _duration(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    str: _text,
    float: _number,
    int: str,
    bool: lambda value: "true" if value else "false",
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: _time,
    dt.timedelta: _duration,
}

"""Formats: the one place where a number, an amount, a date or a length of time becomes text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

Number = int | float | Decimal

#: Shown for what is not known.
NONE = "—"
MINUS = "−"

_SYMBOLS = {"CNY": "¥", "RMB": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
_NAMES = {
    "人民币": "CNY",
    "元": "CNY",
    "CN¥": "CNY",
    "¥": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
}
_NAMES |= {"港币": "HKD", "港元": "HKD", "新台币": "TWD", "台币": "TWD"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEPS = {
    "zh": ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
}
#: Below this an amount is written out in full, in either language.
_WHOLE = Decimal(10_000)


@dataclass(frozen=True)
class Money:
    """An amount; currency is an ISO code, None = the snapshot's reporting currency."""

    value: Number | None
    currency: str | None = None


@dataclass(frozen=True)
class Count:
    """A number of things."""

    value: Number | None


@dataclass(frozen=True)
class Percent:
    """A share, 0 to 1."""

    value: Number | None


@dataclass(frozen=True)
class Points:
    """A difference of two shares, -1 to 1, written in percentage points with its sign."""

    value: Number | None


@dataclass(frozen=True)
class Days:
    """A length of time in days."""

    value: Number | None


@dataclass(frozen=True)
class Ratio:
    """How many times: 2.5 = two and a half times."""

    value: Number | None


@dataclass(frozen=True)
class Month:
    """The month that a day lies in."""

    value: dt.date | None


@dataclass(frozen=True)
class Span:
    """Days from start to the day before end."""

    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Listing:
    """Several names in a row."""

    items: Sequence[object]


Fact = Money | Count | Percent | Points | Days | Ratio | Month | Span | Listing


_NUMBERS = (Money, Count, Percent, Points, Days, Ratio, int, float, Decimal)


def show(fact: object, lang: str, currency: str | None = None, spec: str = "") -> str:
    """Plain text for one fact.

    spec: '' as usual; 'exact' an amount to the last unit; '+' with its sign; 'abs' without;
    'one|many' the English word that goes with a count (the fact itself is not repeated).
    """
    if "|" in spec:
        one, many = spec.split("|", 1)
        return one if _number(fact) == 1 else many
    if isinstance(fact, Month):
        return _month(fact.value, lang)
    if isinstance(fact, Span):
        return _span(fact, lang)
    if isinstance(fact, Listing):
        return _listing([show(item, lang, currency) for item in fact.items], lang)
    if isinstance(fact, dt.date):
        return _date(fact, lang)
    if isinstance(fact, bool) or not isinstance(fact, _NUMBERS):
        return NONE if fact is None else str(fact)
    value = _number(fact)
    if value is None:
        return NONE
    sign = _sign(value, spec, always=isinstance(fact, Points))
    body, is_zero = _body(fact, abs(value), lang, currency, exact=spec == "exact")
    return body if is_zero else sign + body


def _number(fact: object) -> Decimal | None:
    """The fact's number, exact; None for what is missing, endless or not a number."""
    raw = getattr(fact, "value", fact)
    if raw is None or isinstance(raw, dt.date):
        return None
    if isinstance(raw, float):
        return Decimal(repr(raw)) if math.isfinite(raw) else None
    value = Decimal(raw)  # type: ignore[arg-type]
    return value if value.is_finite() else None


def _sign(value: Decimal, spec: str, *, always: bool) -> str:
    if spec == "abs":
        return ""
    if value < 0:
        return MINUS
    return "+" if spec == "+" or always else ""


def _body(fact: object, size: Decimal, lang: str, currency: str | None, *, exact: bool) -> tuple[str, bool]:
    """Text of a number without its sign, and whether it reads as zero (so that no sign goes before it)."""
    if isinstance(fact, Money):
        text = _exact(size) if exact else _amount(size, lang)
        return symbol(fact.currency or currency) + text, _reads_zero(text)
    if isinstance(fact, Percent):
        text = _share(size, exact=exact)
        return text + "%", _reads_zero(text)
    if isinstance(fact, Points):
        text = _tidy(size * 100, 1)
        unit = "个百分点" if lang == "zh" else " pt" if text == "1" else " pts"
        return text + unit, _reads_zero(text)
    if isinstance(fact, Days):
        text = _tidy(size, 1 if size < 10 else 0)
        return text + ("天" if lang == "zh" else " day" if text == "1" else " days"), _reads_zero(text)
    if isinstance(fact, Ratio):
        text = _tidy(size, 2 if size < 1 else 1)
        return text + ("倍" if lang == "zh" else "×"), _reads_zero(text)
    text = _tidy(size, 0 if isinstance(fact, (Count, int)) else 1)
    return text, _reads_zero(text)


def symbol(currency: str | None) -> str:
    """The sign that goes before an amount of this currency (a code, or its Chinese name); others go by their code."""
    if not currency:
        return ""
    code = _NAMES.get(currency, currency.upper())
    return _SYMBOLS.get(code, f"{code} ")


def file_size(n_bytes: int) -> str:
    """A file's size: KB below a megabyte, MB below a gigabyte; the same in both languages."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if n_bytes >= unit:
            return f"{_tidy(Decimal(n_bytes) / unit, 1)} {name}"
    return f"{_tidy(Decimal(max(n_bytes, 0)) / 1000, 0 if n_bytes >= 1000 else 1)} KB"


def _amount(size: Decimal, lang: str) -> str:
    """Short form, three digits or whole units: 9,999, 1.23万, 12.3万, 1,235万, 1.23亿; 12.3K, 1.23M."""
    if _rounded(size, 0) < _WHOLE:
        return _tidy(size, 0)
    steps = _STEPS[lang]
    for i, (unit, name) in enumerate(steps):
        scaled = size / unit
        if scaled < 1 and i + 1 < len(steps):
            # 9,999.5万 rounds to 10,000万, which is written 1亿; 999.6K is written 1M
            below, _ = steps[i + 1]
            if _rounded(size / below, 0) * below < unit:
                continue
            scaled = Decimal(1)
        places = 2 if scaled < 10 else 1 if scaled < 100 else 0
        return _tidy(scaled, places) + name
    raise AssertionError("the last step takes every amount from 10,000 up")


def _exact(size: Decimal) -> str:
    text = f"{_rounded(size, 2):,.2f}"
    return text.removesuffix(".00")


def _share(size: Decimal, *, exact: bool) -> str:
    percent = size * 100
    if exact:
        return _tidy(percent, 2)
    if 0 < percent < Decimal("0.05"):
        return "<0.1"
    near_all = Decimal("99") < percent < 100
    text = _tidy(percent, 1 if percent < 10 or near_all else 0)
    return ">99.9" if near_all and text == "100" else text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _tidy(value: Decimal, places: int) -> str:
    """Grouped digits, at most so many places, no trailing zeros."""
    text = f"{_rounded(value, places):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _reads_zero(text: str) -> bool:
    return not any(ch in "123456789" for ch in text)


def _date(day: dt.date, lang: str) -> str:
    if isinstance(day, dt.datetime):
        return f"{_date(day.date(), lang)} {day:%H:%M}"
    return f"{day.year}年{day.month}月{day.day}日" if lang == "zh" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _month(day: dt.date | None, lang: str) -> str:
    if day is None:
        return NONE
    return f"{day.year}年{day.month}月" if lang == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"


def _span(span: Span, lang: str) -> str:
    first, last = span.start, span.end - dt.timedelta(days=1)
    if first >= last:
        return _date(first, lang)
    if first.year != last.year:
        return f"{_date(first, lang)}{'至' if lang == 'zh' else ' – '}{_date(last, lang)}"
    if lang == "zh":
        return f"{_date(first, lang)}至{last.month}月{last.day}日"
    return f"{first.day} {_MONTHS[first.month - 1]} – {_date(last, lang)}"


def _listing(items: list[str], lang: str) -> str:
    if len(items) < 2:
        return items[0] if items else NONE
    if lang == "zh":
        return "、".join(items[:-1]) + "和" + items[-1]
    return ", ".join(items[:-1]) + " and " + items[-1]

"""Proposals: what a file that no profile knows probably is, from its headings and from what stands in its columns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.intake.canonical import Field, tables
from dashboard.intake.profile import alternatives, normal, profiles

#: Least worth of a heading for a field before it is proposed, and of a table before a file is taken for it.
_LEAST_FIELD, _LEAST_TABLE = 0.55, 0.45
#: Share of the filled cells that must read as a date or a number for a field of that kind.
_READABLE = 0.8
_DATES = frozenset({"date", "timestamp", "month"})
_NUMBERS = frozenset({"amount", "number", "integer", "share"})
#: Fields whose latest date says when the rows were written down, where nothing better tells it.
_RECORDED = frozenset(
    {"created_at", "closed_at", "changed_at", "paid_on", "happened_at", "opened_at", "expected_close_on"}
)


@dataclass(frozen=True)
class Column:
    """What is known of one column: its heading, and of a sample of its cells how many are what.

    `filled`: share of cells that are not blank; `distinct`: different texts among the filled, as a share; `dates`,
    `numbers`: share of the filled that read as one; `values`: the texts with their counts, when they are few.
    """

    heading: str
    filled: float = 1.0
    distinct: float = 1.0
    dates: float = 0.0
    numbers: float = 0.0
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """A table that a file could be, the object that would read it so (as a profile writes it), and how sure that is."""

    table: str
    object: dict[str, Any]
    confidence: float


def propose(columns: Sequence[Column], table: str | None = None) -> Proposal | None:
    """The best guess what a file is; None when it fits no table. `table` asks for the best reading as that one.

    Then there is always one, even if no column of it has a known heading.
    """
    found = [_as_table(columns, name, is_asked=table is not None) for name in tables() if table in (None, name)]
    best = max((one for one in found if one), key=lambda one: one.confidence, default=None)
    if best is None or (table is None and best.confidence < _LEAST_TABLE):
        return None
    return best


def choice_of(table: str, name: str, text: str) -> str | None:
    """The word of a choice field that a cell's text probably means: the same word first, then one inside it."""
    words: dict[str, list[str]] = _synonyms()["choice"].get(table, {}).get(name, {})
    choices = {choice: [choice, *words.get(choice, [])] for choice in tables()[table].fields[name].choices}
    low = text.strip().casefold()
    for choice, known in choices.items():
        if low in known:
            return choice
    for choice, known in choices.items():
        if any(_stands_in(word, low) for word in known if len(word) > 1):
            return choice
    return None


def values_for(table: str, name: str, values: Mapping[str, int]) -> dict[str, str]:
    """Texts of a column translated to a choice field's words, those of them that can be."""
    return {text: choice for text in values if (choice := choice_of(table, name, text))}


def companions(table: str) -> tuple[str, ...]:
    """Other tables that columns of a flat file of this one may fill as well."""
    return {
        "opportunities": ("line_items", "accounts", "users", "products"),
        "orders": ("line_items", "accounts", "users", "products"),
        "activities": ("accounts", "users"),
        "invoices": ("accounts",),
        "payments": ("accounts",),
    }.get(table, ())


def joined(main: str, fields: Mapping[str, Any], table: str) -> dict[str, Any] | None:
    """The `into` by which a flat file's rows also fill a companion table; None where nothing links the two."""
    if table == "line_items" and main in ("opportunities", "orders"):
        own = tables()[main].id
        # Deals without numbers are referred to by their names, where they have any.
        made = next(({own: fields[name]} for name in (own, "name") if name in fields), None)
        if made and "amount" in fields:
            made |= {"unit_price": fields["amount"], "quantity": {"const": "1"}}
        return {"table": table, "fields": made} if made else None
    if table == "products":
        return {"table": table, "fields": {}}
    link = next(
        (name for name, one in tables()[main].fields.items() if one.refers_to == table and name in fields), None
    )
    if link is None or not isinstance(fields[link], str):
        return None
    return {"table": table, "where": [{"column": fields[link], "filled": True}], "fields": {"name": fields[link]}}


def _as_table(columns: Sequence[Column], name: str, *, is_asked: bool) -> Proposal | None:
    spec, table = _synonyms().get(name, {"about": [], "needs": []}), tables()[name]
    if name not in _synonyms() and not is_asked:
        return None
    worths = sorted(
        (
            (worth, i, field_name)
            for i, column in enumerate(columns)
            for field_name, one in table.fields.items()
            if (worth := _worth(column, name, one)) >= _LEAST_FIELD
        ),
        key=lambda one: (-one[0], one[1], list(table.fields).index(one[2])),
    )
    taken: dict[int, str] = {}
    total = 0.0
    for worth, i, field_name in worths:
        if i not in taken and field_name not in taken.values():
            taken[i] = field_name
            total += worth
    if not is_asked and any(not set(needed.split("|")) & set(taken.values()) for needed in spec["needs"]):
        return None
    fields = {field_name: _expression(columns[i], name, table.fields[field_name]) for i, field_name in taken.items()}
    intos = [{"table": name, "fields": fields}, *_beside(columns, name, fields, set(taken))]
    if name == "targets":
        fields.setdefault("measure", {"const": "revenue"})
    headings = [column.heading for column in columns if column.heading]
    made = {
        "name": name,
        "headings": headings,
        "recorded": [columns[i].heading for i, field_name in sorted(taken.items()) if field_name in _RECORDED],
        "into": intos,
    }
    explained = sum(len(into["fields"]) for into in intos[1:]) + len(taken)
    about = any(_stands_in(word, _plain(heading)) for word in spec["about"] for heading in headings)
    confidence = 0.55 * min(1.0, total / max(4, 0.75 * len(headings))) + 0.3 * min(1.0, explained / len(headings))
    return Proposal(name, made, round(min(0.95, confidence + (0.1 if about else 0.0)), 2))


def _beside(columns: Sequence[Column], main: str, fields: dict[str, Any], taken: set[int]) -> list[dict[str, Any]]:
    """What else the columns left over can fill: the product of a flat deal, the region of its customer."""
    made = []
    for table in companions(main):
        into = joined(main, fields, table) if table != "products" else None
        if into is None:
            continue
        found: dict[str, Any] = {}
        for i, column in enumerate(columns):
            options = [
                (worth, name)
                for name, one in tables()[table].fields.items()
                if name not in into["fields"] and name not in found and name != tables()[table].id
                if one.kind != "ref" or table == "line_items"
                if (worth := _worth(column, table, one)) >= 0.85
            ]
            if i not in taken and options:
                best = max(options)[1]
                found[best] = _expression(column, table, tables()[table].fields[best])
                taken.add(i)
        if not found or (table == "line_items" and "product_id" not in found):
            continue
        if table == "line_items":
            into["where"] = [{"column": found["product_id"], "filled": True}]
            if "unit_price" in found and "quantity" not in found:
                into["fields"].pop("unit_price", None)
        made.append({**into, "fields": {**into["fields"], **found}})
    return made


def _expression(column: Column, table: str, one: Field) -> Any:
    if one.kind == "choice":
        return {"from": column.heading, "values": values_for(table, one.name, column.values)}
    return column.heading


def _worth(column: Column, table: str, one: Field) -> float:
    """How well a column fits a field, 0 to 1."""
    if not column.heading or not _fits(column, table, one):
        return 0.0
    said = _said(table, one.name, column.heading)
    if said and one.name == tables()[table].id:
        # The number of the row itself: few headings say more than "id".
        said += 0.02 if column.distinct > 0.98 else 0.0
    return said


def _fits(column: Column, table: str, one: Field) -> bool:
    if column.filled == 0:
        return True
    if one.kind in _DATES:
        return column.dates >= _READABLE
    if one.kind in _NUMBERS:
        return column.numbers >= _READABLE and column.dates < _READABLE
    if one.kind in ("choice", "flag"):
        few = 0 < len(column.values) <= 60
        return few and (one.kind == "flag" or bool(values_for(table, one.name, column.values)))
    if one.name == tables()[table].id:
        return column.filled > 0.9 and column.distinct > 0.9
    if one.name == "name" and table in ("users", "accounts", "products"):
        return column.distinct > 0.7 and column.numbers < _READABLE
    return column.dates < _READABLE


def _said(table: str, name: str, heading: str) -> float:
    text = _plain(heading)
    known = _words(table, name)
    if text in known:
        return 1.0 - 0.002 * known.index(text)  # the first words of a list are the surest
    if normal(heading) in _in_profiles().get((table, name), frozenset()):
        return 0.9
    abouts = {_plain(word) for word in _synonyms().get(table, {}).get("about", [])}
    for about in abouts:
        rest = text.removeprefix(about).removesuffix(about).strip()
        if rest != text and rest in known:
            return 0.88
    best = 0.0
    for word in known:
        if len(word) > (3 if word.isascii() else 1) and _stands_in(word, text):
            best = max(best, 0.55 + 0.3 * len(word) / len(text))
        elif len(word) > 4 and abs(len(word) - len(text)) < 3 and SequenceMatcher(None, word, text).ratio() > 0.86:
            best = max(best, 0.7)
    return best


def _stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text: as a whole word in Latin script, anywhere in Chinese."""
    return (
        word in text
        if not word.isascii()
        else re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
    )


def _plain(heading: str) -> str:
    """A heading as words: lower case, underscores, hyphens and camel humps as single blanks."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[_\-./:]+", " ", spaced).casefold().split()).strip("* ")


@cache
def _words(table: str, name: str) -> list[str]:
    own = [name.replace("_", " "), *_synonyms().get(table, {}).get(name, [])]
    return list(dict.fromkeys(_plain(word) for word in own))


@cache
def _synonyms() -> dict[str, Any]:
    path = Path(__file__).parent / "synonyms.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _in_profiles() -> dict[tuple[str, str], frozenset[str]]:
    """Headings that the profiles read as they are, by table and field."""
    found: dict[tuple[str, str], set[str]] = {}
    for profile in profiles().values():
        for into in (into for one in profile.objects for into in one.into):
            for name, value in into.fields.items():
                if isinstance(value, str) and profile.name != "canonical":
                    found.setdefault((into.table, name), set()).update(alternatives(value))
    return {place: frozenset(headings) for place, headings in found.items()}

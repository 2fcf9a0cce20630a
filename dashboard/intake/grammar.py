"""The grammar of profiles: what a mapping must look like before any file is read by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import duckdb

from dashboard.intake.canonical import tables

if TYPE_CHECKING:
    from dashboard.intake.profile import Into, Profile, SourceObject

#: The words that open an expression, each with what must stand beside it.
_SOURCES = {"from": (), "const": (), "join": ("with",), "id": ("name",), "part": (), "cell": (), "month": ()}

#: What a table of an expression may say beside its source, by the kind of value it takes.
_TEXTS = {"words", "default", "starts", "format", "item_of", "several", "pick", "filled", "with", "part", "json"}
_DICTIONARIES = {"values", "replace", "contains"}
_FLAGS = {"percent", "complement", "clock", "maybe", "each_month", "cell", "month"}
_KNOWN = {*_SOURCES, "name", *_TEXTS, *_DICTIONARIES, *_FLAGS, "multiply", "where"}

#: How the files of a profile are written, where they do not prove it themselves.
_CONVENTIONS = {"date_order": "|ymd|mdy|dmy", "decimal": "|point|comma", "utc_offset": r"|[+-][0-9]{2}:[0-9]{2}"}

#: What a condition may ask of its column.
_ASKED = ("in", "not_in", "filled", "same_as", "named_in", "not_named_in")


def fault_of(profile: Profile) -> str | None:
    """What is wrong with a profile, as `object → table.field: what`; None when nothing is.

    Written in the profile's own words, so that it reads the same in every language.
    """
    if not isinstance(profile.label, dict) or not all(
        isinstance(profile.label.get(lang), str) for lang in ("zh", "en")
    ):
        return "label = { zh = ?, en = ? }"
    for name, wanted in _CONVENTIONS.items():
        if not re.fullmatch(wanted, str(getattr(profile, name))):
            return f"{name} = {getattr(profile, name)}"
    for name, words in profile.words.items():
        if not all(isinstance(word, str) for word in words.values()):
            return f"words.{name} = {words}"
    for one in profile.objects:
        for fault in _faults_of_object(one, profile):
            return f"{one.name}{fault}"
    return None


def _faults_of_object(one: SourceObject, profile: Profile) -> Iterator[str]:
    for rule in one.skip:
        if not isinstance(rule.get("reason"), str):
            yield f": skip = {rule}"
        yield from (f": skip: {fault}" for fault in _faults_of_condition(rule, profile))
    for into in one.into:
        if into.table not in tables():
            yield f" → {into.table}"
            continue
        own = {*tables()[into.table].fields, *(["seconds_in_stage"] if into.table == "opportunities" else [])}
        for name, expression in into.fields.items():
            if name not in own:
                yield f" → {into.table}.{name}"
            yield from (f" → {into.table}.{name}: {fault}" for fault in _faults(expression, profile))
        for alternative in into.where:
            for condition in alternative:
                yield from (f" → {into.table}: where: {fault}" for fault in _faults_of_condition(condition, profile))
        yield from (f" → {into.table}: {fault}" for fault in _faults_of_rows(into, profile))


def _faults_of_rows(into: Into, profile: Profile) -> Iterator[str]:
    for name, expressions in (("identity", into.identity), ("alternates", into.alternates), ("months", into.months)):
        for expression in expressions:
            yield from (f"{name}: {fault}" for fault in _faults(expression, profile))
    if into.months and len(into.months) != 2:
        yield f"months = {list(into.months)}"
    if into.unpivot and (fault := next(_faults_of_pattern(into.unpivot), "")):
        yield f"unpivot: {fault}"
        return
    used = {word for expression in into.fields.values() for word in _sources(expression)}
    for word, is_there in (("cell", into.unpivot), ("part", into.unpivot), ("month", into.months)):
        if word in used and not is_there:
            yield f"{word} = …"
    parts = {value for expression in into.fields.values() for value in _parts(expression)}
    if into.unpivot and not parts <= re.compile(into.unpivot).groupindex.keys():
        yield f"part = {sorted(parts)}"


def _faults(expression: Any, profile: Profile) -> Iterator[str]:
    if isinstance(expression, str):
        if not expression.strip():
            yield '""'
    elif isinstance(expression, list):
        for part in expression:
            yield from _faults(part, profile)
    elif isinstance(expression, dict):
        yield from _faults_of_option(expression, profile)
    else:
        yield str(expression)


def _faults_of_option(option: dict[str, Any], profile: Profile) -> Iterator[str]:
    yield from (f"{name} = …" for name in option if name not in _KNOWN)
    sources = [name for name in _SOURCES if name in option]
    # `{ id, name }` names two sources that belong together.
    if len(sources) != 1:
        yield f"{option}"
        return
    yield from (f"{sources[0]} = …, {needed} = ?" for needed in _SOURCES[sources[0]] if needed not in option)
    for name in ("from", "id", "name", "join"):
        if name in option:
            yield from _faults(option[name], profile)
    yield from (f"{n} = {option[n]}" for n in _TEXTS & option.keys() if not isinstance(option[n], str))
    yield from (f"{n} = {option[n]}" for n in _FLAGS & option.keys() if not isinstance(option[n], bool))
    for name in _DICTIONARIES & option.keys():
        if not isinstance(option[name], dict) or not all(isinstance(word, str) for word in option[name].values()):
            yield f"{name} = {option[name]}"
    if "words" in option and option["words"] not in profile.words:
        yield f'words = "{option["words"]}"'
    if isinstance(option.get("format"), str) and option["format"].count("{}") != 1:
        yield f'format = "{option["format"]}"'
    if isinstance(option.get("pick"), str):
        yield from (f"pick: {fault}" for fault in _faults_of_pick(option["pick"]))
    if "multiply" in option and not isinstance(option["multiply"], (int, float)):
        yield f"multiply = {option['multiply']}"
    conditions = option.get("where", [])
    if not isinstance(conditions, list):
        yield f"where = {conditions}"
        return
    for condition in conditions:
        yield from (f"where: {fault}" for fault in _faults_of_condition(condition, profile))


def _faults_of_condition(condition: Any, profile: Profile) -> Iterator[str]:
    if not isinstance(condition, dict) or "column" not in condition:
        yield f"{condition} (column = ?)"
        return
    asked = [name for name in _ASKED if name in condition]
    if len(asked) != 1:
        yield f"{condition} ({' / '.join(_ASKED)} ?)"
        return
    yield from _faults(condition["column"], profile)
    value = condition[asked[0]]
    fits = {"in": list, "not_in": list, "filled": bool}.get(asked[0], (str, list, dict))
    if not isinstance(value, fits) or value == []:
        yield f"{asked[0]} = {value}"
    elif asked[0] not in ("in", "not_in", "filled"):
        yield from _faults(value, profile)


def _faults_of_pattern(pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except re.error as error:
        yield f'"{pattern}" ({error})'


def _faults_of_pick(pattern: str) -> Iterator[str]:
    """A pattern for cells is run by the engine, which knows fewer of them."""
    if fault := next(_faults_of_pattern(pattern), ""):
        yield fault
        return
    try:
        duckdb.execute("select regexp_extract('', $1)", [pattern])
    except duckdb.Error:
        yield f'"{pattern}"'


def _tables_in(expression: Any) -> Iterable[dict[str, Any]]:
    if isinstance(expression, list):
        for part in expression:
            yield from _tables_in(part)
    elif isinstance(expression, dict):
        yield expression
        for name in ("from", "join", "id", "name"):
            yield from _tables_in(expression.get(name))


def _sources(expression: Any) -> set[str]:
    return {name for option in _tables_in(expression) for name in _SOURCES if name in option}


def _parts(expression: Any) -> set[str]:
    return {option["part"] for option in _tables_in(expression) if "part" in option}

"""Mappings: what a user decided about his own files, written like a profile and edited one decision at a time.

A mapping is the raw form of a profile (what its TOML file holds): `object` lists the files it knows by exactly their
headings, `stages` and `stage_outcomes` say how deals move. All functions return a new mapping; none changes its input.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import tomli_w

from dashboard.intake.canonical import tables
from dashboard.intake.profile import alternatives, headings_of, normal
from dashboard.intake.proposal import companions, joined
from dashboard.intake.recognition import Match

Raw = dict[str, Any]

NAME = "own"


def empty() -> Raw:
    """A mapping that knows no file yet."""
    return {"name": NAME, "label": {"zh": "自定义映射", "en": "own mapping"}, "object": []}


def signature(header: Iterable[str]) -> str:
    """What files of one layout have in common: a digest of their headings, whatever their order."""
    headings = sorted({normal(heading) for heading in header if heading})
    return hashlib.sha256("\n".join(headings).encode()).hexdigest()


def find(mapping: Raw, header: Iterable[str]) -> Raw | None:
    """The object that a mapping has for files of this layout."""
    wanted = signature(header)
    return next((one for one in mapping["object"] if signature(one["headings"]) == wanted), None)


def adopt(mapping: Raw, header: Sequence[str], match: Match) -> Raw:
    """Take over what a profile knows of a file, its words written out, so that it can be corrected."""
    made = deepcopy(match.object.raw)
    made["headings"] = [heading for heading in header if heading]
    made.pop("signature", None)
    for into in made.get("into", []):
        into["fields"] = {name: _spelt(value, match.profile.words) for name, value in into["fields"].items()}
        for name in ("where", "or_where", "identity", "alternates", "months"):
            if name in into:
                into[name] = _spelt(into[name], match.profile.words)
    new = put(mapping, made)
    for name in ("empty_ids", "name_suffixes", "stages"):
        own = [*new.get(name, []), *getattr(match.profile, name)]
        if own:
            new[name] = list(dict.fromkeys(own))
    for name in ("currency", "date_order", "decimal", "utc_offset"):
        if getattr(match.profile, name):
            new.setdefault(name, getattr(match.profile, name))
    return new


def put(mapping: Raw, made: Raw) -> Raw:
    """The mapping with this object for the files of its layout."""
    new = deepcopy(mapping)
    wanted = signature(made["headings"])
    new["object"] = [one for one in new["object"] if signature(one["headings"]) != wanted] + [deepcopy(made)]
    return new


def without(mapping: Raw, header: Iterable[str]) -> Raw:
    """The mapping without the object for the files of this layout."""
    new = deepcopy(mapping)
    wanted = signature(header)
    new["object"] = [one for one in new["object"] if signature(one["headings"]) != wanted]
    return new


def unused(mapping: Raw, header: Sequence[str]) -> Raw:
    """The mapping by which files of this layout are known and left alone."""
    headings = [heading for heading in header if heading]
    return put(mapping, {"name": "—", "headings": headings, "into": []})


def assign(mapping: Raw, header: Sequence[str], heading: str, target: str | None) -> Raw:
    """Let a column fill one field (`table.field`) and no other; None lets it fill none."""
    made = deepcopy(_object(mapping, header))
    for into in made["into"]:
        kept = {
            name: cut for name, value in into["fields"].items() if (cut := _cut(value, normal(heading))) is not None
        }
        into["fields"] = kept
    if target is not None:
        table, _, name = target.partition(".")
        main = made["into"][0] if made["into"] else None
        into = next((one for one in made["into"] if one["table"] == table), None)
        if into is None:
            into = {"table": table, "fields": {}}
            if main is not None and table != main["table"]:
                into = joined(main["table"], main["fields"], table) or into
            made["into"].append(into)
        field = tables()[table].fields[name]
        into["fields"][name] = {"from": heading, "values": {}} if field.kind == "choice" else heading
        if table == "line_items" and name == "product_id" and main is not None and main["table"] != table:
            into["where"] = [{"column": heading, "filled": True}]
    made["into"] = [into for i, into in enumerate(made["into"]) if into["fields"] or i == 0]
    return put(mapping, made)


def translate(mapping: Raw, header: Sequence[str], target: str, words: Mapping[str, str]) -> Raw:
    """Say what the texts of a choice field mean; texts not named keep the meaning they had."""
    # What was found by other means (words inside the cell, several columns) stays for what is not named.
    return _tell(
        mapping, header, target, "values", words, lambda known, told: [{"from": _first_heading(known), **told}, known]
    )


def mend(mapping: Raw, header: Sequence[str], target: str, spellings: Mapping[str, str]) -> Raw:
    """Read some texts of a field as others: a customer or product that is spelled in two ways."""
    return _tell(mapping, header, target, "replace", spellings, lambda known, told: {"from": known, **told})


def _tell(
    mapping: Raw,
    header: Sequence[str],
    target: str,
    option: str,
    words: Mapping[str, str],
    wrapped: Callable[[Any, Raw], Any],
) -> Raw:
    """Add words to an option of a field's expression; `wrapped` brings the option to one that has it not."""
    made = deepcopy(_object(mapping, header))
    fields, name = _fields(made, target)
    known = fields.get(name)
    if isinstance(known, dict) and option in known:
        known[option] = {**known[option], **words}
    elif known is not None:
        fields[name] = wrapped(known, {option: dict(words)})
    return put(mapping, made)


def order_stages(mapping: Raw, stages: Sequence[str], won: Sequence[str], lost: Sequence[str]) -> Raw:
    """Say in which order deals pass the stages, and in which of them they end."""
    new = deepcopy(mapping)
    new["stages"] = list(stages)
    new["stage_outcomes"] = {
        **{stage: "open" for stage in stages},
        **{stage: "won" for stage in won},
        **{stage: "lost" for stage in lost},
    }
    return new


def targets_for(main: str) -> list[str]:
    """Every `table.field` that a column of a file of this table may fill, its own table first."""
    own = [f"{main}.{name}" for name in tables()[main].fields]
    beside = [
        f"{table}.{name}"
        for table in companions(main)
        for name, field in tables()[table].fields.items()
        if name not in (tables()[table].id, "name") and (field.kind != "ref" or table in ("line_items", "users"))
    ]
    return own + [target for target in beside if target.split(".")[1] not in ("opportunity_id", "order_id")]


def text(mapping: Raw) -> str:
    """The mapping as a TOML file: what `--mapping` takes."""
    return tomli_w.dumps(mapping)


def parse(written: str) -> Raw:
    """A mapping back from its text. Raises tomllib.TOMLDecodeError."""
    return tomllib.loads(written)


def apart(mapping: Raw) -> dict[str, str]:
    """One text per layout of file, by signature: what is remembered for the next upload."""
    return {signature(one["headings"]): text({**mapping, "object": [one]}) for one in mapping["object"]}


def joined_up(mappings: Iterable[Raw]) -> Raw:
    """Several mappings as one; of two objects for one layout, and of two orders of stages, the first counts."""
    new = empty()
    for mapping in mappings:
        for one in mapping["object"]:
            if find(new, one["headings"]) is None:
                new["object"].append(deepcopy(one))
        for name, value in mapping.items():
            if name in ("empty_ids", "name_suffixes"):
                new[name] = list(dict.fromkeys([*new.get(name, []), *value]))
            elif name not in ("name", "label", "object"):
                new.setdefault(name, deepcopy(value))
    return new


def _object(mapping: Raw, header: Sequence[str]) -> Raw:
    found = find(mapping, header)
    if found is None:
        raise KeyError("the mapping knows no file with these headings")
    return found


def _fields(made: Raw, target: str) -> tuple[Raw, str]:
    table, _, name = target.partition(".")
    into = next(into for into in made["into"] if into["table"] == table)
    return into["fields"], name


def _first_heading(expression: Any) -> str:
    return next(iter(headings_of(expression)))


def _spelt(expression: Any, words: Mapping[str, Mapping[str, str]]) -> Any:
    """An expression whose words stand in it, no longer in a vocabulary of its profile."""
    if isinstance(expression, list):
        return [_spelt(part, words) for part in expression]
    if not isinstance(expression, dict):
        return expression
    nested = ("from", "join", "id", "name", "where", "column")
    made = {name: _spelt(value, words) if name in nested else value for name, value in expression.items()}
    if "words" in made:
        made["values"] = dict(words[made.pop("words")])
    return made


def _cut(expression: Any, heading: str) -> Any:
    """An expression without a heading; None when nothing is left of it."""
    if isinstance(expression, str):
        left = [part for part in expression.split("|") if normal(part) != heading]
        return "|".join(left) or None
    if isinstance(expression, list):
        parts = [cut for part in expression if (cut := _cut(part, heading)) is not None]
        return (parts[0] if len(parts) == 1 else parts) or None
    if "id" in expression:
        kept = {name: cut for name in ("id", "name") if (cut := _cut(expression[name], heading)) is not None}
        others = {name: value for name, value in expression.items() if name not in ("id", "name")}
        if len(kept) == 1:  # by the one that is left alone
            return {"from": next(iter(kept.values())), **others} if others else next(iter(kept.values()))
        return {**kept, **others} if kept else None
    for name in ("from", "join"):
        if name in expression and any(heading in alternatives(one) for one in _texts(expression[name])):
            left = _cut(expression[name], heading)
            if left is None:
                return None
            return {**expression, name: [left] if name == "join" and isinstance(left, str) else left}
    return expression


def _texts(expression: Any) -> list[str]:
    return list(headings_of(expression))

"""Source profiles: one declarative file per CRM that says which heading fills which canonical field."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from dashboard.intake.canonical import tables
from dashboard.intake.grammar import fault_of
from dashboard.intake.problem import Code, IntakeError

#: A declarative expression: a heading (alternatives parted by |), a list of expressions, or a table of options.
Expression = str | list[Any] | dict[str, Any]


@dataclass(frozen=True)
class Into:
    """One canonical table that an object fills, under which conditions, from which expressions."""

    table: str
    fields: dict[str, Expression]
    where: tuple[tuple[dict[str, Any], ...], ...] = ()
    alternates: tuple[Expression, ...] = ()
    collapse: bool = False
    #: What makes a row the same from export to export, where the file has no ids.
    identity: tuple[Expression, ...] = ()
    #: A pattern of headings: the record gives a row for each filled cell of the columns that match.
    unpivot: str = ""
    #: First and last day: the record gives a row for each month between them.
    months: tuple[Expression, ...] = ()

    @property
    def unfolds(self) -> bool:
        """Whether one record may give several rows."""
        return bool(self.unpivot or self.months)


@dataclass(frozen=True)
class SourceObject:
    """One kind of file of a CRM: the headings it is known by and the tables it fills (none: known, not used)."""

    name: str
    signature: tuple[str, ...]
    into: tuple[Into, ...]
    skip: tuple[dict[str, Any], ...] = ()
    recorded: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()  # when given, it is known by having exactly these
    raw: dict[str, Any] = field(default_factory=dict)  # as written, with what holds for all objects of its profile

    @property
    def is_of_use(self) -> bool:
        """Whether it fills anything: a mapping may know a file of which no column is assigned yet."""
        return any(into.fields for into in self.into)


@dataclass(frozen=True)
class Profile:
    """One CRM: its objects, its words, and what its exports leave unsaid."""

    name: str
    label: dict[str, str]
    objects: tuple[SourceObject, ...]
    currency: str = ""
    date_order: str = ""
    decimal: str = ""
    utc_offset: str = ""
    empty_ids: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    stage_outcomes: dict[str, str] = field(default_factory=dict)
    name_suffixes: tuple[str, ...] = ()
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Headings that its exports may have twice; the first is read.
    may_repeat: tuple[str, ...] = ()
    #: For a canonical table, one sentence in zh and en: from which menu of the CRM its export comes.
    how: dict[str, dict[str, str]] = field(default_factory=dict)


#: Our own columns whose latest date says when the rows were written down.
_RECORDED = ("created_at", "changed_at", "paid_on", "opened_at", "requested_at", "decided_at", "completed_at")


def normal(heading: str) -> str:
    """A heading as it is compared: full width folded, case folded, no blanks, no required-mark, no dot at its end."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(folded.split()).strip("*").rstrip(".:")


def alternatives(text: str) -> list[str]:
    """The headings that a profile names as equals, first choice first."""
    return [normal(part) for part in text.split("|")]


@cache
def profiles() -> dict[str, Profile]:
    """All source profiles by name; `canonical` is our own headings."""
    folder = Path(__file__).parent / "profiles"
    read = [_profile(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))]
    return {profile.name: profile for profile in [*read, _canonical()]}


def from_file(path: Path) -> Profile:
    """A mapping of the user's own, written like a profile. Raises IntakeError bad_mapping saying what is wrong."""
    try:
        made = _profile(tomllib.loads(path.read_text(encoding="utf-8")))
        fault = fault_of(made)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntakeError(Code.BAD_MAPPING, file=path.name, found=str(error)[:200]) from error
    if fault:
        raise IntakeError(Code.BAD_MAPPING, file=path.name, found=fault[:200])
    return made


def from_raw(raw: dict[str, Any]) -> Profile:
    """A profile from what its file would hold."""
    return _profile(raw)


def headings_of(expression: Expression) -> Iterable[str]:
    """Every heading that an expression mentions, normalised."""
    if isinstance(expression, str):
        yield from alternatives(expression)
    elif isinstance(expression, list):
        for part in expression:
            yield from headings_of(part)
    else:
        for name in ("from", "join", "id", "name"):
            if name in expression:
                yield from headings_of(expression[name])


def _profile(raw: dict[str, Any]) -> Profile:
    common = tuple(raw.get("skip", ()))
    recorded = tuple(raw.get("recorded", ()))
    return Profile(
        name=raw["name"],
        label=raw["label"],
        currency=raw.get("currency", ""),
        date_order=raw.get("date_order", ""),
        decimal=raw.get("decimal", ""),
        utc_offset=raw.get("utc_offset", ""),
        empty_ids=tuple(raw.get("empty_ids", ())),
        stages=tuple(raw.get("stages", ())),
        stage_outcomes=dict(raw.get("stage_outcomes", {})),
        name_suffixes=tuple(raw.get("name_suffixes", ())),
        words={name: {k.casefold(): v for k, v in words.items()} for name, words in raw.get("words", {}).items()},
        may_repeat=tuple(text.casefold() for text in raw.get("may_repeat", ())),
        how=raw.get("how", {}),
        objects=tuple(_object(spec, common, recorded) for spec in raw.get("object", ())),
    )


def _object(spec: dict[str, Any], skip: tuple[dict[str, Any], ...], recorded: tuple[str, ...]) -> SourceObject:
    return SourceObject(
        name=spec["name"],
        signature=tuple(spec.get("signature", ())),
        skip=(*skip, *spec.get("skip", ())),
        recorded=tuple(spec.get("recorded", recorded)),
        headings=tuple(normal(heading) for heading in spec.get("headings", ())),
        raw={**spec, "skip": [*skip, *spec.get("skip", ())], "recorded": list(spec.get("recorded", recorded))},
        into=tuple(
            Into(
                table=into["table"],
                fields=into["fields"],
                where=tuple(tuple(into[name]) for name in ("where", "or_where") if name in into),
                alternates=tuple(into.get("alternates", ())),
                collapse=into.get("collapse", False),
                identity=tuple(into.get("identity", ())),
                unpivot=into.get("unpivot", ""),
                months=tuple(into.get("months", ())),
            )
            for into in spec.get("into", ())
        ),
    )


def _canonical() -> Profile:
    """Our own headings: each canonical table is an object whose fields come from headings of the same name."""
    objects = [
        SourceObject(
            name=table.name,
            signature=(),
            into=(Into(table=table.name, fields={name: name for name in table.fields}),),
            recorded=_RECORDED,
            raw={
                "name": table.name,
                "into": [{"table": table.name, "fields": {name: name for name in table.fields}}],
                "recorded": list(_RECORDED),
            },
        )
        for table in tables().values()
    ]
    return Profile(
        name="canonical",
        label={"zh": "本产品的标准表头", "en": "our own headings"},
        objects=tuple(objects),
        date_order="ymd",
    )

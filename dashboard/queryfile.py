"""Query files: one SELECT each, with a header that says what it measures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dashboard.places import QUERIES

#: Folders of QUERIES that hold the figures of a page, as opposed to schema, derive, marts and settings.
PAGE_FOLDERS = ("desk", "funnel", "changes", "milestones", "forecast", "salesperson", "deal", "data")

_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_FIELD = re.compile(r"--\s+(?P<label>What|Row|Definition|Parameters|Columns|Leaves out):\s*(?P<text>.*)")
_ITEM = re.compile(r"--\s{2,}(?P<name>[a-z_][a-z0-9_]*)\s+(?P<type>[a-z]+(?:\([0-9, ]+\))?)\s*:\s*(?P<text>.*)")
_TABLE = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*)", re.IGNORECASE)
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
_CTE = re.compile(r"(?:\bwith\s+|,\s*)([a-z_][a-z0-9_]*)\s+as\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One column of a result, or one parameter: its SQL type and what it means."""

    type: str
    text: str


@dataclass(frozen=True)
class QueryFile:
    """One figure: its text, what it means, and what it needs."""

    name: str
    what: str
    row: str
    definition: str
    leaves_out: str
    parameters: dict[str, Column]
    columns: dict[str, Column]
    sql: str
    tables: frozenset[str]


class QueryHeaderError(ValueError):
    """A query file whose header does not have the agreed shape."""


@cache
def load(name: str) -> QueryFile:
    """The query file `folder/file` (no ending). Raises KeyError for a name that is not one of ours."""
    path = QUERIES / f"{name}.sql"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise KeyError(name)
    return parse(name, path.read_text(encoding="utf-8"))


def page_queries() -> list[str]:
    """Names of all figures of all pages, sorted."""
    return sorted(f"{folder}/{path.stem}" for folder in PAGE_FOLDERS for path in (QUERIES / folder).glob("*.sql"))


def parse(name: str, text: str) -> QueryFile:
    """Split a query file into header and SQL. Raises QueryHeaderError when a part is missing."""
    lines = text.splitlines()
    size = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    sections: dict[str, str] = {}
    items: dict[str, dict[str, Column]] = {"Parameters": {}, "Columns": {}}
    label = ""
    for line in lines[:size]:
        if field := _FIELD.match(line):
            label = field["label"]
            sections[label] = field["text"].strip()
        elif label in items and (item := _ITEM.match(line)):
            items[label][item["name"]] = Column(item["type"].strip(), item["text"].strip())
        elif label in sections:
            sections[label] = f"{sections[label]} {line.lstrip('- ').strip()}".strip()
    missing = {"What", "Row", "Definition", "Columns"} - sections.keys()
    if missing or not items["Columns"]:
        raise QueryHeaderError(f"{name}: header lacks {', '.join(sorted(missing)) or 'columns'}")
    sql = "\n".join(lines[size:]).strip().rstrip(";")
    return QueryFile(
        name=name,
        what=sections["What"],
        row=sections["Row"],
        definition=sections["Definition"],
        leaves_out=sections.get("Leaves out", ""),
        parameters=items["Parameters"],
        columns=items["Columns"],
        sql=sql,
        tables=tables_of(sql),
    )


@cache
def parameters_of(sql: str) -> frozenset[str]:
    """Names of the parameters `$name` that a statement binds."""
    return frozenset(_PARAMETER.findall(sql))


def bound(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of these values those that the statement binds: the engine refuses any other."""
    return {name: values[name] for name in parameters_of(sql) & values.keys()}


def tables_of(sql: str) -> frozenset[str]:
    """Names of the tables a statement reads, its own common table expressions apart.

    A common table expression may have the name of the table that it reads (`with deals as (… from deals)` is refused
    by a test), so the two sets are told apart by name alone.
    """
    bare = re.sub(r"--[^\n]*", "", sql)
    return frozenset(t.lower() for t in _TABLE.findall(bare)) - frozenset(t.lower() for t in _CTE.findall(bare))

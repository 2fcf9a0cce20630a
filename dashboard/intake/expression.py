"""Expressions: a profile's declarations turned into SQL over the numbered columns of a file.

Headings never reach the SQL (columns are called c0, c1, …) and neither do words of a profile or a mapping: they are
bound as parameters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.intake.profile import Expression, Into, alternatives, normal


@dataclass
class Scope:
    """What an expression may use: the columns of the file, the words of the profile, the parameters bound so far."""

    header: Sequence[str]
    words: dict[str, dict[str, str]]
    empty_ids: tuple[str, ...] = ()
    parameters: dict[str, str | float] = field(default_factory=dict)
    #: Columns that an unpivoted record is read by, each with what the pattern named in its heading.
    cells: dict[str, list[str]] = field(default_factory=dict)
    #: The names of those parts, and the first and last day of a span of months.
    parts: list[str] = field(default_factory=list)
    span: tuple[Expression, ...] = ()
    #: The decimal mark of each column of numbers: point, comma, either.
    decimals: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbered = [(normal(name), f"c{i}") for i, name in reversed(list(enumerate(self.header))) if name]
        # An interface's stage_name is the StageName of the export; what stands there as written comes first.
        self.columns = {name.replace("_", ""): column for name, column in numbered} | dict(numbered)

    def unfold(self, into: Into) -> Scope:
        """This scope, knowing by which columns or months a record of the file gives several rows of a table."""
        self.span, self.cells, self.parts = into.months, {}, []
        if into.unpivot:
            pattern = re.compile(into.unpivot, re.IGNORECASE)
            self.parts = list(pattern.groupindex)
            for i, heading in enumerate(self.header):
                if found := pattern.search(" ".join(unicodedata.normalize("NFKC", heading).split())):
                    self.cells[f"c{i}"] = [(found[part] or "").strip() for part in self.parts]
        return self

    def heading(self, column: str) -> str:
        """The heading of a numbered column, as uploaded."""
        return self.header[int(column[1:])]

    def bind(self, value: str | float) -> str:
        """A placeholder for a value; equal values share one."""
        for name, known in self.parameters.items():
            if known == value and type(known) is type(value):
                return f"${name}"
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def present(self, headings: str) -> list[str]:
        """The columns of the file among the alternatives, first choice first."""
        return [self.columns[name] for name in alternatives(headings) if name in self.columns]


#: Options whose result is written by us.
_OWN = {"const", "multiply", "complement", "each_month", "words", "values", "contains", "filled", "several"}


def text_of(expression: Expression, scope: Scope) -> str | None:
    """SQL for the raw text of a field, null where blank; None when the file has none of its headings."""
    if isinstance(expression, str):
        return _first([f"bare({column})" for column in scope.present(expression)])
    if isinstance(expression, list):
        return _first([text for part in expression if (text := text_of(part, scope)) is not None])
    return _option(expression, scope)


def headings_used(expression: Expression, scope: Scope) -> list[str]:
    """The columns of the file that an expression reads."""
    if isinstance(expression, str):
        return scope.present(expression)
    if isinstance(expression, list):
        return [column for part in expression for column in headings_used(part, scope)]
    if "cell" in expression:
        return list(scope.cells)
    parts = [expression[name] for name in ("from", "join", "id", "name") if name in expression]
    parts += [list(scope.span)] if "month" in expression else []
    return [column for part in parts for column in headings_used(part, scope)]


def decimal_of(expression: Expression, scope: Scope) -> str:
    """The decimal mark behind which a field's text stands: point, comma, or either where that is not one thing.

    What is reckoned here, and the words of a profile, have a point whatever the file writes.
    """
    if isinstance(expression, list):
        marks = {decimal_of(part, scope) for part in expression if text_of(part, scope) is not None}
        return marks.pop() if len(marks) == 1 else "either"
    if isinstance(expression, dict) and _OWN & expression.keys():
        return "point"
    marks = {scope.decimals.get(column, "either") for column in headings_used(expression, scope)}
    return marks.pop() if len(marks) == 1 else "either"


def name_of(expression: Expression, scope: Scope) -> str | None:
    """SQL for the name that stands beside the id in a reference `{ id, name }`; None where it is not so written."""
    if isinstance(expression, dict) and "id" in expression:
        return text_of(expression["name"], scope)
    return None


def may_miss(expression: Expression) -> bool:
    """Whether a reference is only a try: a text that stands for a record of one table or of another."""
    if isinstance(expression, list):
        return any(may_miss(part) for part in expression)
    return isinstance(expression, dict) and bool(expression.get("maybe"))


def condition_of(where: Sequence[dict[str, Any]], scope: Scope) -> str:
    """SQL that is true for the rows on which all conditions hold; a missing column counts as blank."""
    return " and ".join(f"({_condition(one, scope)})" for one in where) or "true"


def _first(texts: Sequence[str]) -> str | None:
    if not texts:
        return None
    return texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"


def _option(option: dict[str, Any], scope: Scope) -> str | None:
    if "const" in option:
        return scope.bind(str(option["const"]))
    if "join" in option:
        parts = [text for name in option["join"] if (text := text_of(name, scope)) is not None]
        return f"nullif(trim(concat_ws({scope.bind(option['with'])}, {', '.join(parts)})), '')" if parts else None
    if "id" in option:
        return text_of([option["id"], option["name"]], scope)
    if "part" in option:
        return f"part_{scope.parts.index(option['part'])}" if scope.cells else None
    if "cell" in option or "month" in option:
        return "cell" if scope.cells else "month" if scope.span else None
    source = text_of(option["from"], scope)
    default = scope.bind(option["default"]) if "default" in option else None
    if source is None:
        return default
    made = _changed(source, option, scope)
    if default is not None:
        made = f"coalesce({made}, {default})"
    if "where" in option:
        made = f"case when {condition_of(option['where'], scope)} then {made} end"
    return made


def _changed(source: str, option: dict[str, Any], scope: Scope) -> str:
    mark = decimal_of(option["from"], scope)
    if "json" in option:
        return f"json_value({source}, {scope.bind(option['json'])})"
    if "words" in option or "values" in option:
        words = scope.words[option["words"]] if "words" in option else option["values"]
        cases = " ".join(f"when {scope.bind(str(k).casefold())} then {scope.bind(v)}" for k, v in words.items())
        return f"case lower({source}) {cases} end"
    if "replace" in option:
        words = option["replace"]
        cases = " ".join(f"when {scope.bind(str(k).casefold())} then {scope.bind(v)}" for k, v in words.items())
        return f"case lower({source}) {cases} else {source} end"
    if "contains" in option:
        cases = " ".join(
            f"when contains(lower({source}), {scope.bind(k)}) then {scope.bind(v)}"
            for k, v in option["contains"].items()
        )
        return f"case {cases} end"
    if "format" in option:
        before, after = option["format"].split("{}")
        return f"{scope.bind(before)} || {source} || {scope.bind(after)}"
    if option.get("complement"):
        return f"format('{{:.6f}}', 1 - to_share_{mark}({source}))"
    if "pick" in option:
        group = min(re.compile(option["pick"]).groups, 1)
        return f"nullif(trim(regexp_extract({source}, {scope.bind(option['pick'])}, {group})), '')"
    if option.get("clock"):
        parts = f"list_transform(split({source}, ':'), lambda part: try_cast(part as integer))"
        clock = f"regexp_full_match({source}, '[0-9]+:[0-5][0-9](:[0-5][0-9])?')"
        return f"case when {clock} then cast({parts}[1] * 60 + {parts}[2] as varchar) else {source} end"
    if option.get("each_month"):
        # The shares add up to the whole: each is what has accrued by its month less what had before.
        accrued = [
            f"round(to_amount_{mark}({source}) * {n} / n_months, 2)" for n in ("month_number", "(month_number - 1)")
        ]
        return f"coalesce(cast(cast({accrued[0]} - {accrued[1]} as decimal(18,2)) as varchar), {source})"
    if "starts" in option:
        return f"case when starts_with({source}, {scope.bind(option['starts'])}) then {source} end"
    if "item_of" in option:
        mark = scope.bind(option["item_of"])
        return f"nullif(split_part(trim({source}, {mark}), {mark}, 1), '')"
    if "several" in option:
        mark = scope.bind(option["several"])
        return f"case when contains(trim({source}, {mark}), {mark}) then 'true' else 'false' end"
    if "filled" in option:
        return f"case when {source} is not null then {scope.bind(option['filled'])} end"
    if "multiply" in option:
        return f"format('{{:.4f}}', to_number_{mark}({source}) * {scope.bind(float(option['multiply']))})"
    if option.get("percent"):
        return f"{source} || case when contains({source}, '%') then '' else '%' end"
    return source


def _condition(one: dict[str, Any], scope: Scope) -> str:
    text = text_of(one["column"], scope) or "cast(null as varchar)"
    if "filled" in one:
        return f"{text} is {'not ' if one['filled'] else ''}null"
    if "same_as" in one:
        other = text_of(one["same_as"], scope) or "cast(null as varchar)"
        return f"coalesce(to_number_either({text}) = to_number_either({other}), false)"
    if "named_in" in one or "not_named_in" in one:
        other = text_of(one["named_in" if "named_in" in one else "not_named_in"], scope) or "cast(null as varchar)"
        named = f"select lower({other}) from records where {other} is not null"
        found = f"coalesce(lower({text}) in ({named}), false)"
        return found if "named_in" in one else f"not {found}"
    words = ", ".join(scope.bind(str(word).casefold()) for word in one["in" if "in" in one else "not_in"])
    inside = f"coalesce(lower({text}) in ({words}), false)"
    return inside if "in" in one else f"not {inside}"

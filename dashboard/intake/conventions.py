"""Conventions: how each file writes its dates, decimals and ids, proven from whole columns, or asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import duckdb

from dashboard.intake import survey
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import SourceFile
from dashboard.intake.recognition import Match
from dashboard.intake.survey import Seen


@dataclass(frozen=True)
class Conventions:
    """How one file writes.

    `date_order`: mdy, dmy, or ymd (none needed: only what reads one way is taken). `decimals`: for each column of
    numbers point, comma, or either (only what reads one way is taken). `plain`: columns of dates and numbers that all
    have the plainest shape, which is read at less cost. `pointed`: columns of ids that stand as 123.0.
    `folds`: whether ids of 15 characters are brought to their form of 18. `seen`: what else was noticed.
    """

    date_order: str = "ymd"
    decimals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    plain: frozenset[str] = frozenset()
    pointed: frozenset[str] = frozenset()
    folds: bool = False
    seen: Mapping[str, Seen] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Answers:
    """What the user said where nothing proves it: date_order mdy or dmy, decimal point or comma."""

    date_order: str | None = None
    decimal: str | None = None


@dataclass(frozen=True)
class Question:
    """A convention that nothing proves: `kind` date_order or decimal, and the cell that raises it."""

    kind: str
    file: str
    column: str
    found: str

    def refusal(self) -> IntakeError:
        """The refusal of an import without an answer."""
        code = Code.DATE_ORDER_UNKNOWN if self.kind == "date_order" else Code.DECIMAL_UNKNOWN
        return IntakeError(code, kind=self.kind, file=self.file, column=self.column, found=self.found)


def required(
    con: duckdb.DuckDBPyConnection, found: Sequence[tuple[SourceFile, Match]], answers: Answers
) -> list[Conventions]:
    """The conventions of each file. Raises IntakeError date_order_unknown or decimal_unknown for an open question."""
    decided, questions = decide(con, found, answers)
    if questions:
        raise questions[0].refusal()
    return decided


def decide(
    con: duckdb.DuckDBPyConnection, found: Sequence[tuple[SourceFile, Match]], answers: Answers
) -> tuple[list[Conventions], list[Question]]:
    """The conventions of each file, and what has to be asked before they can be relied on.

    A column's own cells count first, then the other columns of the file, the user's answer, the other files, the
    profile, and last the separator and the language of the headings.
    """
    views = [survey.of(con, file, match) for file, match in found]
    orders = [_proven(view.values(), "n_month_first", "n_day_first", ("mdy", "dmy", "ymd")) for view in views]
    marks = [_proven(view.values(), "n_point", "n_comma", ("point", "comma", "")) for view in views]
    folds = survey.mixes_id_lengths(con, views)
    decided, questions = [], []
    for i, (file, match) in enumerate(found):
        view, profile = views[i], match.profile
        order = orders[i] or answers.date_order or _agreed([*orders[:i], *orders[i + 1 :]]) or profile.date_order
        doubtful = next((column for column, seen in view.items() if seen.n_needs_order), None)
        if doubtful and not order:
            questions.append(Question("date_order", file.name, file.header[int(doubtful[1:])], view[doubtful].order))
        hint = marks[i] or answers.decimal or _agreed([*marks[:i], *marks[i + 1 :]]) or profile.decimal
        hint = hint or _by_context(file)
        decimals = {column: _mark(seen, hint) for column, seen in view.items() if seen.kind in survey.NUMBERS}
        doubtful = next((column for column, seen in view.items() if _is_open(seen)), None)
        if doubtful and not hint:
            questions.append(Question("decimal", file.name, file.header[int(doubtful[1:])], view[doubtful].mark))
        pointed = frozenset(column for column, seen in view.items() if seen.is_pointed)
        plain = frozenset(column for column, seen in view.items() if seen.is_plain)
        decided.append(Conventions(order or "ymd", decimals, plain, pointed, folds, view))
    return decided, questions


def _proven(columns: Collection[Seen], one: str, other: str, names: tuple[str, str, str]) -> str:
    """What the columns of a file prove together: the one, the other, or, where they contradict, the third."""
    has_one, has_other = (any(getattr(seen, name) for seen in columns) for name in (one, other))
    if has_one and has_other:
        return names[2]
    return names[0] if has_one else names[1] if has_other else ""


def _agreed(proven: Sequence[str]) -> str:
    """What the other files prove, where they prove one thing."""
    clear = {one for one in proven if one in ("mdy", "dmy", "point", "comma")}
    return clear.pop() if len(clear) == 1 else ""


def _is_open(seen: Seen) -> bool:
    return bool(seen.n_needs_decimal) and not (seen.n_point or seen.n_comma)


def _mark(seen: Seen, hint: str) -> str:
    if seen.n_point and seen.n_comma:
        return "either"
    return "point" if seen.n_point else "comma" if seen.n_comma else hint or "either"


def _by_context(file: SourceFile) -> str:
    """Semicolons part cells where the comma is taken by decimals; headings in Han come from where it never is."""
    if file.delimiter == ";":
        return "comma"
    return "point" if any("一" <= letter <= "龥" for heading in file.header for letter in heading) else ""

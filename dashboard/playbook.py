"""The playbook: what the firm's own sales method demands of a deal before it may stand in a stage.

A rule is a measure out of a closed list (playbook.toml) and how much of it. Rules are data from end to end: the engine
binds them as values, and the marts count the measures; nothing here ever becomes part of a statement.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Bounds of the standards of time: ten years, and more contacts than any deal has.
MOST_DAYS, MOST_TOUCHES = 3650.0, 1000.0
#: Longest name of a pipeline or stage that is kept.
MOST_LETTERS = 500

#: One row of the engine's table own_playbook, as text: pipeline, stage, measure, at least, expected days and touches.
Row = tuple[str | None, ...]


class PlaybookError(ValueError):
    """A rule or standard that can't be. `code` has a sentence in dashboard/text under playbook.problem."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code}: {facts}")
        self.code, self.facts = code, facts


@cache
def measures() -> Mapping[str, int]:
    """Codes of what a rule can demand, with the largest number each may demand, in the order of the editor."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {code: int(entry["most"]) for code, entry in tomllib.loads(text).items()}


@dataclass(frozen=True)
class Rule:
    """At least so much of a measure. Raises PlaybookError unknown_measure or bad_number."""

    measure: str
    at_least: int = 1

    def __post_init__(self) -> None:
        if self.measure not in measures():
            raise PlaybookError("unknown_measure", measure=str(self.measure)[:80])
        most = measures()[self.measure]
        if type(self.at_least) is not int or not 1 <= self.at_least <= most:
            raise PlaybookError("bad_number", measure=self.measure, most=most)


@dataclass(frozen=True)
class StageStandard:
    """The standard sales method at one stage: evidence it demands, days and effective contacts it should take.

    Raises PlaybookError bad_days, bad_touches, bad_stage or double_rule.
    """

    pipeline: str
    stage: str
    milestones: tuple[Rule, ...] = ()
    expected_days: float | None = None
    expected_touches: float | None = None

    def __post_init__(self) -> None:
        if not all(isinstance(name, str) and len(name) <= MOST_LETTERS for name in (self.pipeline, self.stage)):
            raise PlaybookError("bad_stage")
        if len({rule.measure for rule in self.milestones}) != len(self.milestones):
            raise PlaybookError("double_rule", stage=self.stage)
        for code, value, most in (
            ("bad_days", self.expected_days, MOST_DAYS),
            ("bad_touches", self.expected_touches, MOST_TOUCHES),
        ):
            if value is not None and not (isinstance(value, int | float) and 0 < value <= most):
                raise PlaybookError(code, stage=self.stage, most=most)


def to_text(rules: Iterable[Rule]) -> str:
    """Rules as the settings keep them: a JSON list of [measure, at least]."""
    return json.dumps([[rule.measure, rule.at_least] for rule in rules])


def from_text(text: str) -> tuple[Rule, ...]:
    """The rules of such a list. Raises PlaybookError, bad_rules where it is no such list at all."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        raise PlaybookError("bad_rules") from None
    if not isinstance(found, list) or not all(
        isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in found
    ):
        raise PlaybookError("bad_rules")
    return tuple(Rule(measure, at_least) for measure, at_least in found)


def to_rows(stages: Iterable[StageStandard]) -> tuple[Row, ...]:
    """The playbook as the rows of own_playbook, all text; a stage that demands nothing is one row without a measure."""
    rows: list[Row] = []
    for s in stages:
        standards = tuple(
            None if v is None or not math.isfinite(v) else repr(float(v)) for v in (s.expected_days, s.expected_touches)
        )
        rules: list[Row] = [(rule.measure, str(rule.at_least)) for rule in s.milestones]
        rows += [(s.pipeline, s.stage, *rule, *standards) for rule in rules or [(None, None)]]
    return tuple(sorted(rows, key=repr))

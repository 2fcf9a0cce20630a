"""The playbook's rules: a closed list, kept as text, refused where they can't be."""

from __future__ import annotations

import re

import pytest

from dashboard import playbook
from dashboard.places import QUERIES
from dashboard.playbook import PlaybookError, Rule, StageStandard
from dashboard.text import has


def test_each_measure_is_counted_and_named() -> None:
    codes = set(playbook.measures())
    for mart, form in (("deal_milestones", r"when '(\w+)' then"), ("playbook_measures", r"'measure': '(\w+)'")):
        assert set(re.findall(form, (QUERIES / "marts" / f"{mart}.sql").read_text(encoding="utf-8"))) == codes, mart
    for code, most in playbook.measures().items():
        assert has(f"playbook.measure.{code}") and has(f"playbook.rule.{code}")
        assert has(f"playbook.times.{code}") == (most > 1)


def test_rules_come_back_from_text() -> None:
    rules = (Rule("meeting", 2), Rule("need"))
    assert playbook.from_text(playbook.to_text(rules)) == rules


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_rules"),
        ("{}", "bad_rules"),
        ('["meeting"]', "bad_rules"),
        ("[[1, 1]]", "bad_rules"),
        ('[["has_quote", 1]]', "unknown_measure"),
        ('[["meeting", 0]]', "bad_number"),
        ('[["meeting", 21]]', "bad_number"),
        ('[["meeting", 1.5]]', "bad_number"),
        ('[["meeting", true]]', "bad_number"),
        ('[["meeting", "1; drop table deals"]]', "bad_number"),
        ('[["need", 2]]', "bad_number"),
    ],
)
def test_what_cannot_be_is_refused(text: str, code: str) -> None:
    with pytest.raises(PlaybookError) as refused:
        playbook.from_text(text)
    assert refused.value.code == code
    assert has(f"playbook.problem.{code}")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"expected_days": 0.0}, "bad_days"),
        ({"expected_days": float("nan")}, "bad_days"),
        ({"expected_days": float("inf")}, "bad_days"),
        ({"expected_touches": -1.0}, "bad_touches"),
        ({"stage": "x" * 501}, "bad_stage"),
        ({"milestones": (Rule("meeting"), Rule("meeting", 2))}, "double_rule"),
    ],
)
def test_what_cannot_be_a_standard_is_refused(given: dict[str, object], code: str) -> None:
    values: dict[str, object] = {"pipeline": "p", "stage": "s", **given}
    with pytest.raises(PlaybookError) as refused:
        StageStandard(**values)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert has(f"playbook.problem.{code}")


def test_a_stage_without_rules_is_a_row_of_its_own() -> None:
    stages = [StageStandard("p", "b", (Rule("meeting", 2), Rule("need")), 9), StageStandard("p", "a")]
    assert playbook.to_rows(stages) == (
        ("p", "a", None, None, None, None),
        ("p", "b", "meeting", "2", "9.0", None),
        ("p", "b", "need", "1", "9.0", None),
    )

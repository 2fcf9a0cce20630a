"""The grammar of mappings: what is wrong is told in one sentence before any file is read by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.intake.grammar import fault_of
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.profile import from_file, profiles

_HEAD = 'name = "mine"\nlabel = { zh = "我的", en = "mine" }\n[words.outcome]\n"赢" = "won"\n'


def _mapping(folder: Path, rows: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(_HEAD + '[[object]]\nname = "商机"\nsignature = ["标题"]\n' + rows, encoding="utf-8")
    return path


def _deal(fields: str, more: str = "") -> str:
    return f'[[object.into]]\ntable = "opportunities"\n{more}\n[object.into.fields]\nname = "标题"\n{fields}\n'


@pytest.mark.parametrize("name", profiles())
def test_every_profile_of_ours_keeps_to_the_grammar(name: str) -> None:
    assert fault_of(profiles()[name]) is None


def test_a_mapping_that_keeps_to_the_grammar_is_read(tmp_path: Path) -> None:
    fields = (
        'outcome = { from = "结果", words = "outcome", default = "open", where = [{ column = "类型", filled = true }] }'
    )
    assert from_file(_mapping(tmp_path, _deal(fields))).objects[0].into[0].fields.keys() == {"name", "outcome"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (_deal('outcome = { from = "结果", words = "nope" }'), 'opportunities.outcome: words = "nope"'),
        (_deal('outcome = { from = "结果", where = [{ column = "类型" }] }'), "in / not_in / filled"),
        (_deal('outcome = { from = "结果", where = [{ in = ["a"] }] }'), "column = ?"),
        (_deal('outcome = { from = "结果", where = "类型" }'), "where = 类型"),
        (_deal("", 'where = [{ column = "类型", in = "商机" }]'), "in = 商机"),
        (_deal("", 'where = [{ column = "类型", in = [] }]'), "in = []"),
        (_deal('need = { frm = "x" }'), "frm"),
        (_deal("need = { }"), "need: {}"),
        (_deal("need = 3"), "need: 3"),
        (_deal('need = ""'), 'need: ""'),
        (_deal('need = { from = "x", format = "no place" }'), 'format = "no place"'),
        (_deal('need = { join = ["a", "b"] }'), "with = ?"),
        (_deal('need = { from = "x", pick = "(" }'), 'pick: "("'),
        (_deal('need = { from = "x", pick = "(?=a)b" }'), 'pick: "(?=a)b"'),
        (_deal('need = { from = "x", multiply = "two" }'), "multiply = two"),
        (_deal('need = { from = "x", values = { a = 1 } }'), "values = {'a': 1}"),
        (_deal("need = { cell = true }"), "cell = …"),
        (_deal('nonsense = "x"'), "opportunities.nonsense"),
        (_deal("").replace('"opportunities"', '"deals"'), "deals"),
        (_deal("", 'identity = [{ from = "x", words = "nope" }]'), "identity"),
        (_deal("", "unpivot = '^date (?P<stage>.+'"), "(?P<stage>"),
        (_deal('need = { part = "nope" }', "unpivot = '^date (?P<stage>.+)$'"), "nope"),
        (_deal("", 'months = ["只有一个"]'), "months"),
        ('skip = [{ column = "删除", in = ["1"] }]\n' + _deal(""), "skip"),
        ("into = 3\n", "int"),
        (_deal("").replace("[object.into.fields]", "[object.into.felder]"), "fields"),
        ("[[", "key"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_told(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(IntakeError) as refused:
        from_file(_mapping(tmp_path, rows))
    assert refused.value.code is Code.BAD_MAPPING
    assert told in str(refused.value.facts["found"])
    assert "\n" not in str(refused.value.facts["found"])

"""Every sentence stands in both languages, with the same facts, and what the CRM says never becomes markup."""

from __future__ import annotations

import re

import pytest

from dashboard.intake.canonical import tables
from dashboard.intake.problem import CODES
from dashboard.intake.profile import profiles
from dashboard.snapshots.problem import CODES as SNAPSHOT_CODES
from dashboard.text import Count, Money, escape, has, plain, say
from dashboard.text.catalogue import LANGUAGES, entries, placeholders
from dashboard.text.escape import escape_label


@pytest.mark.parametrize("key", entries())
def test_both_languages_with_the_same_facts(key):
    words = entries()[key]
    assert set(words) == set(LANGUAGES)
    assert all(text.strip() for text in words.values())
    assert placeholders(words["zh"]) == placeholders(words["en"])


@pytest.mark.parametrize("key", entries())
def test_no_dollar_sign_of_our_own_starts_a_formula(key):
    assert not any("$" in text for text in entries()[key].values())


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_reason_of_an_upload_has_its_sentence(code):
    assert has(f"intake.{code}")


@pytest.mark.parametrize("code", sorted(SNAPSHOT_CODES))
def test_every_problem_of_a_snapshot_has_its_sentence(code):
    assert has(f"intake.snapshot.{code}")


def test_every_field_that_a_file_may_fill_has_its_words():
    """Those of the canonical tables, and those that a profile fills besides."""
    named = {name for table in tables().values() for name in table.fields}
    named |= {name for one in profiles().values() for made in one.objects for into in made.into for name in into.fields}
    assert [name for name in sorted(named) if not has(f"field.{name}")] == []


def test_every_word_of_a_choice_has_its_name():
    words = {word for table in tables().values() for field in table.fields.values() for word in field.choices}
    assert [word for word in sorted(words) if not has(f"choice.{word}")] == []


def test_facts_are_formatted_and_plural():
    assert plain("ui.card.few", "en", None, n=Count(1)) == "only 1 case: too few to judge"
    assert plain("ui.card.few", "en", None, n=Count(3)) == "only 3 cases: too few to judge"
    assert plain("ui.card.target", "zh", "CNY", target=Money(1_200_000)) == "目标 ¥120万"


def test_a_fact_that_is_missing_is_an_error():
    with pytest.raises(KeyError):
        say("ui.card.few", "en")


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://evil.test/a.png)",
        "[x](http://evil.test)",
        "<img src=x onerror=alert(1)>",
        "**bold** _it_ `code` ~~x~~ # h",
        "$x^2$",
        ":red[x] :material/delete: :smile:",
        "a\n\n# heading\n- list",
        "http://evil.test www.evil.test a@evil.test",
    ],
)
def test_crm_text_stays_text(hostile):
    said = say("ui.card.open", "en", name=hostile)
    assert "\n" not in said
    bare = re.sub(r"\\.", "", said)
    assert not re.search(r"[`*_\[\]<>#$~!]", bare)
    assert not re.search(r":[\w/]+:|https?:|www\.|@\w", bare)
    shown = re.sub(r"\\(.)", r"\1", said).replace("\u2060", "")
    assert shown == "Open " + re.sub(r"[\n]+", " ", hostile)


def test_labels_of_charts_are_not_html():
    assert escape_label("<b>&") == "&lt;b&gt;&amp;"
    assert escape("a\x00b") == "a b"

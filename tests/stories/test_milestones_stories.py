"""The milestones page finds who claims stages that his records do not carry, and how evidence went with winning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.places import PAGES
from tests.stories.conftest import FIRMS
from tests.stories.test_funnel_stories import lens_of

pytestmark = pytest.mark.xdist_group("stories")


@pytest.mark.parametrize("firm", FIRMS)
def test_the_answer_names_who_claims_and_where(at_home: Any, stories: dict[str, dict[str, Any]], firm: str) -> None:
    at_home(firm)
    story = stories[firm]["stage_outruns_evidence"]
    page = AppTest.from_file(str(PAGES / "milestones.py"), default_timeout=60)
    page.query_params["lang"] = firm
    page.run()
    assert not page.exception
    said = page.markdown[0].value if page.markdown[0].value.startswith("#### ") else ""
    said = said or next(block.value for block in page.markdown if block.value.startswith("#### "))
    assert story["rep"]["name"] in said and story["stage"].replace("/", "") in said.replace("\\", "").replace("/", "")


@pytest.mark.parametrize("firm", FIRMS)
def test_nobody_else_is_told_apart_as_inflated(
    homes: dict[str, Path], stories: dict[str, dict[str, Any]], firm: str
) -> None:
    lens = lens_of(homes[firm])
    low = [row for row in lens.rows("milestones/by_group", dimension="owner") if row["verdict"] == "low"]
    assert [row["group_id"] for row in low] != [] and {row["group_name"] for row in low} == {
        stories[firm]["stage_outruns_evidence"]["rep"]["name"]
    }
    assert low[0]["ahead_share"] > 0.9 and low[0]["n_ahead"] == low[0]["n_judged"]


def test_evidence_went_with_winning_where_the_history_is_exported_but_by_whose_deals_they_are(
    homes: dict[str, Path],
) -> None:
    """One of them never records and seldom wins; the others' deals are won as often without as with."""
    whole = lens_of(homes["en"]).rows("milestones/validation")[0]
    assert (whole["verdict"], whole["own_verdict"]) == ("higher", "same")
    assert lens_of(homes["zh"]).rows("milestones/validation")[0]["verdict"] == "few"

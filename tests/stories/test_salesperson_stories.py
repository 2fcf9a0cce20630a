"""The salesperson and deal pages find who and what was planted in each invented firm, and accuse nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.access import Viewer
from dashboard.engine import Engine, Filters, Lens
from dashboard.snapshots.store import Store
from tests.stories.conftest import FIRMS

pytestmark = pytest.mark.xdist_group("stories")

Stories = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def lenses(homes: dict[str, Path]) -> dict[str, Lens]:
    """Each firm as its boss sees it."""
    found = {}
    for firm in FIRMS:
        store = Store(homes[firm])
        current = store.current()
        assert current is not None
        found[firm] = Engine(store).lens(current.id, Viewer(None, "boss"), Filters())
    return found


def people(lens: Lens) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in lens.rows("salesperson/roster")}


def points(lens: Lens, name: str) -> dict[str, int]:
    rows = lens.rows("salesperson/coaching", user_id=people(lens)[name]["user_id"])
    return {row["code"]: row["severity"] for row in rows}


@pytest.mark.parametrize("firm", FIRMS)
def test_who_claims_stages_without_evidence_is_named(lenses: dict[str, Lens], stories: Stories, firm: str) -> None:
    name = stories[firm]["stage_outruns_evidence"]["rep"]["name"]
    assert people(lenses[firm])[name]["need"] == "ahead"
    assert points(lenses[firm], name)["ahead"] == 3


@pytest.mark.parametrize("firm", FIRMS)
def test_the_neglected_weak_rep_is_named(lenses: dict[str, Lens], stories: Stories, firm: str) -> None:
    name = stories[firm]["neglected_weak_rep"]["rep"]["name"]
    assert people(lenses[firm])[name]["need"] in ("silent", "slipped", "no_next_step")
    found = points(lenses[firm], name)
    assert found["few_contacts"] == 3
    assert found["low_win_rate"] == 3


@pytest.mark.parametrize("firm", FIRMS)
def test_nobody_else_is_singled_out(lenses: dict[str, Lens], stories: Stories, firm: str) -> None:
    planted = {stories[firm][story]["rep"]["name"] for story in ("stage_outruns_evidence", "neglected_weak_rep")}
    named = {name for name, row in people(lenses[firm]).items() if row["need"] not in ("none", "left_behind")}
    assert named == planted


@pytest.mark.parametrize("firm", FIRMS)
def test_the_star_is_praised_and_the_newcomer_left_in_peace(
    lenses: dict[str, Lens], stories: Stories, firm: str
) -> None:
    star = points(lenses[firm], stories[firm]["over_supervised_star"]["rep"]["name"])
    assert star["strong_win_rate"] == 0
    assert 3 not in star.values()
    assert 3 not in points(lenses[firm], stories[firm]["novice"]["rep"]["name"]).values()


@pytest.mark.parametrize("firm", FIRMS)
def test_deals_of_who_left_are_to_be_handed_over(lenses: dict[str, Lens], stories: Stories, firm: str) -> None:
    row = people(lenses[firm])[stories[firm]["leaver"]["rep"]["name"]]
    assert row["need"] == "left_behind"
    assert row["n_need"] >= stories[firm]["leaver"]["open_deals_left_behind"]


def test_the_deal_that_is_always_next_month(lenses: dict[str, Lens], stories: Stories) -> None:
    """Salesforce exports the history; where none is exported, it takes several snapshots to see."""
    story = stories["en"]["dragging_deal"]
    (row,) = lenses["en"].rows("deal/summary", opportunity_id=story["deal"]["id"])
    assert row["n_pushes"] >= 3 and row["is_slipped"]
    statements = lenses["en"].rows("deal/honesty", opportunity_id=story["deal"]["id"])
    assert {s["code"]: s["verdict"] for s in statements}["close_date"] == "contradicts"
    moves = lenses["en"].rows("deal/close_dates", opportunity_id=story["deal"]["id"])
    assert moves[-1]["to_on"].isoformat() == story["expected_close"]["2026-10-31"]

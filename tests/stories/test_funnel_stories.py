"""The funnel finds the weak stage that was planted in each invented firm, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import Viewer
from dashboard.engine import Engine, Filters, Lens
from dashboard.places import PAGES
from dashboard.snapshots.store import Store
from tests.stories.conftest import FIRMS

pytestmark = pytest.mark.xdist_group("stories")


def lens_of(home: Path) -> Lens:
    store = Store(home)
    current = store.current()
    assert current is not None
    return Engine(store).lens(current.id, Viewer(None, "boss"), Filters(period="last_12_months"))


@pytest.mark.parametrize("firm", FIRMS)
def test_the_weak_stage_is_the_weakest_step(
    homes: dict[str, Path], stories: dict[str, dict[str, Any]], firm: str
) -> None:
    lens, story = lens_of(homes[firm]), stories[firm]["weak_stage"]
    pipeline = lens.rows("funnel/cohort")[0]["pipeline"]
    weakest = [row for row in lens.rows("funnel/weakest_step", pipeline=pipeline) if row["is_weakest"]]
    assert [row["stage"] for row in weakest] == [story["stage"]]
    assert weakest[0]["is_certain"]
    assert weakest[0]["worth_amount"] > 0


def test_the_team_that_loses_it_is_told_apart(homes: dict[str, Path], stories: dict[str, dict[str, Any]]) -> None:
    lens, story = lens_of(homes["zh"]), stories["zh"]["weak_stage"]
    steps = lens.rows("funnel/conversion", pipeline=lens.rows("funnel/cohort")[0]["pipeline"])
    position = next(step["position"] for step in steps if step["stage"] == story["stage"])
    pipeline = lens.rows("funnel/cohort")[0]["pipeline"]
    teams = lens.rows("funnel/by_group", pipeline=pipeline, dimension="team", position=position)
    below = [row["group_id"] for row in teams if row["verdict"] == "low"]
    assert below == [story["team"]]


@pytest.mark.parametrize("firm", FIRMS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_says_so_in_its_first_sentence(
    at_home: Any, stories: dict[str, dict[str, Any]], firm: str, lang: str
) -> None:
    at_home(firm)
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=60)
    page.query_params["lang"] = lang
    page.switch_page("../pages/funnel.py")
    page.run()
    assert not page.exception and not page.error
    said = [element.value for element in page.markdown]
    story = stories[firm]["weak_stage"]
    answer = next(text for text in said if "→" in text)
    assert f"{story['stage']} → {story['next_stage']}" in answer.replace("\\", "")
    if firm == "zh":
        assert story["team"] in said[said.index(answer) + 1]

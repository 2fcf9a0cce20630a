"""Pipeline changes of the invented firms: every pair of snapshots closes, and what was planted is found."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters, Lens
from dashboard.places import PAGES
from dashboard.snapshots.store import Store
from tests.stories.conftest import FIRMS

pytestmark = pytest.mark.xdist_group("stories")


@pytest.fixture(scope="module")
def engines(homes: dict[str, Path]) -> Iterator[dict[str, Engine]]:
    made = {firm: Engine(Store(home)) for firm, home in homes.items()}
    yield made
    for engine in made.values():
        engine.close()


def pairs(engine: Engine, firm: str) -> list[tuple[Any, Any]]:
    """Every earlier and later snapshot of a firm."""
    shots = sorted(engine.store.list(f"demo-{firm}"), key=lambda shot: shot.age_order)
    return list(itertools.combinations(shots, 2))


def waterfall(
    lens: Lens, before: Any, reach: str = "all", detail: str = "total", kind: str = ""
) -> list[dict[str, Any]]:
    own = {"before_on": before.as_of, "currency": lens.currency, "kind": kind}
    return lens.rows("changes/waterfall", detail=detail, reach=reach, **own)


def assert_closes(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    found = {row["kind"]: row["amount"] for row in rows}
    assert len(found) == len(rows)
    changes = sum((amount for kind, amount in found.items() if kind not in ("opening", "closing")), Decimal(0))
    assert found.get("opening", 0) + changes == found.get("closing", 0)
    return found


@pytest.mark.parametrize("reach", ["all", "period"])
@pytest.mark.parametrize("firm", FIRMS)
def test_every_pair_closes_for_the_boss_each_team_and_each_salesperson(
    engines: dict[str, Engine], firm: str, reach: str
) -> None:
    engine = engines[firm]
    assert len(pairs(engine, firm)) == 3
    for before, after in pairs(engine, firm):
        lens = engine.lens(after.id, BOSS, Filters(), against=before.id)
        whole = assert_closes(waterfall(lens, before, reach))
        by_team: dict[str, Decimal] = defaultdict(Decimal)
        for team in lens.options.team:
            cut = engine.lens(after.id, BOSS, Filters(team=(team,)), against=before.id)
            for kind, amount in assert_closes(waterfall(cut, before, reach)).items():
                by_team["handed" if kind.startswith("transferred") else kind] += amount
        assert by_team.pop("handed", 0) == 0
        assert by_team == whole
        by_owner: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in waterfall(lens, before, reach, "owner"):
            by_owner[row["owner_id"]].append(row)
        people: dict[str, Decimal] = defaultdict(Decimal)
        for owner, rows in by_owner.items():
            for kind, amount in assert_closes(rows).items():
                people["handed" if kind.startswith("transferred") else kind] += amount
            if owner is not None:
                seen = engine.lens(after.id, Viewer(owner, "rep"), Filters(), against=before.id)
                assert assert_closes(waterfall(seen, before, reach)) == {row["kind"]: row["amount"] for row in rows}
        assert people.pop("handed", 0) == 0
        assert people == whole


@pytest.mark.parametrize("firm", FIRMS)
def test_the_ends_are_the_open_pipelines_themselves(engines: dict[str, Engine], firm: str) -> None:
    engine = engines[firm]
    for before, after in pairs(engine, firm):
        ends = {r["kind"]: r["amount"] for r in waterfall(engine.lens(after.id, against=before.id), before)}
        for shot, kind in ((before, "opening"), (after, "closing")):
            stages = engine.lens(shot.id).rows("salesperson/roster")
            assert ends[kind] == sum(row["open_amount"] or 0 for row in stages)


@pytest.mark.parametrize("firm", FIRMS)
def test_the_deal_that_is_always_next_month(engines: dict[str, Engine], stories: Any, firm: str) -> None:
    engine, dragging = engines[firm], stories[firm]["dragging_deal"]
    before, after = pairs(engine, firm)[-1]
    lens = engine.lens(after.id, against=before.id)
    for which in ("since", "often"):
        rows = lens.rows("changes/slipped", which=which, has_default_dates=False)
        first = rows[0]  # the largest
        assert first["opportunity_id"] == dragging["deal"]["id"]
        assert first["close_on"].isoformat() == dragging["expected_close"][after.as_of.isoformat()]
        assert first["old_close_on"].isoformat() == dragging["expected_close"][before.as_of.isoformat()]
        assert first["n_pushes"] >= 2 and first["days_since"] >= 30
    # In the month in which it was to close it is what left that month.
    lens = engine.lens(after.id, BOSS, Filters(period="this_month"), against=before.id)
    pushed = waterfall(lens, before, "period", "deal", "pushed_out")
    assert pushed[0]["opportunity_id"] == dragging["deal"]["id"]


@pytest.mark.parametrize(("firm", "lang"), [("zh", "zh"), ("zh", "en"), ("en", "en")])
def test_the_page_names_it(at_home: Any, stories: Any, firm: str, lang: str) -> None:
    at_home(firm)
    page = AppTest.from_file(str(PAGES.parent / "dashboard" / "app.py"), default_timeout=30)
    page.query_params["lang"] = lang
    page.switch_page("../pages/changes.py")
    page.run()
    assert not page.exception
    assert len(page.metric) == 10 and len(page.get("plotly_chart")) >= 1
    often = next(found.value for found in page.dataframe if "n_pushes" in found.value.columns)
    assert often["name"][0] == stories[firm]["dragging_deal"]["deal"]["name"]


@pytest.mark.parametrize("firm", FIRMS)
def test_deals_that_were_deleted_are_found(engines: dict[str, Engine], firm: str) -> None:
    engine, found = engines[firm], 0
    for before, after in pairs(engine, firm):
        lens = engine.lens(after.id, against=before.id)
        (counts,) = [row for row in lens.rows("data/compare_deals") if row["kind"] == "gone"]
        vanished = waterfall(lens, before, "all", "deal", "vanished")
        decided = [r for r in lens.rows("changes/rewritten", before_on=before.as_of) if r["kind"] == "decided_gone"]
        assert len(vanished) + len(decided) == counts["n"]
        found += counts["n"]
    assert found > 0

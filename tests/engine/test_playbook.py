"""The user's own playbook changes the evidence, the warnings and the firm's counts for everybody, and nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboard import queryfile
from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters, QueryError
from dashboard.engine.lens import Lens
from dashboard.engine.scope import is_played
from dashboard.playbook import Rule, StageStandard
from dashboard.settings import Settings
from dashboard.snapshots.store import Snapshot, Store
from tests.builders import build_snapshot
from tests.engine.test_scope import VIEWERS, marks
from tests.queries.salesperson_firm import AS_OF, FIRM

AHEAD = """
    select o.opportunity_id as id from {0}deal_evidence as e
    join {0}opportunities as o on o.opportunity_key = e.opportunity_key
    where e.is_ahead order by id
"""
WARNED = "select opportunity_id as id from {0}deal_flags where is_ahead order by id"


def ask(lens: Lens, sql: str) -> list[dict[str, Any]]:
    """Rows of a statement of the test's own, as if it stood in a query file."""
    rows: list[dict[str, Any]] = lens._answer("test", sql, queryfile.tables_of(sql), {}).to_pylist()
    return rows


def ahead(lens: Lens, before: str = "") -> list[str]:
    """Deals that are ahead of their evidence; the warning says the same."""
    found = [row["id"] for row in ask(lens, AHEAD.format(before))]
    assert found == [row["id"] for row in ask(lens, WARNED.format(before))]
    return [key.removesuffix("-open") for key in found]


def contacts(n: int, pipeline: str = "new", stage: str = "talk") -> list[StageStandard]:
    """A playbook that demands so many effective contacts in the first stage."""
    return [StageStandard(pipeline, stage, (Rule("contact", n),))]


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Iterator[tuple[Engine, Settings, Snapshot]]:
    """The small firm in a home of its own: everybody's open deal had two effective contacts in March."""
    shutil.copytree(home, tmp_path / "home")
    engine = Engine(Store(tmp_path / "home"))
    yield engine, Settings(tmp_path / "home"), Store(tmp_path / "home").list()[0]
    engine.close()


def test_own_rules_are_in_force_at_once_and_gone_at_once(firm: tuple[Engine, Settings, Snapshot]) -> None:
    engine, settings, march = firm
    assert ahead(engine.lens(march.id)) == []
    settings.set_playbook(contacts(3))
    assert ahead(engine.lens(march.id)) == ["ann", "max", "mia", "orphan", "zoe"]  # ben's is in another pipeline
    settings.set_playbook(contacts(2))
    assert ahead(engine.lens(march.id)) == ["orphan"]
    settings.set_playbook([])
    assert ahead(engine.lens(march.id)) == []
    settings.set_playbook(contacts(3))
    assert ahead(engine.lens(march.id)) == ["ann", "max", "mia", "orphan", "zoe"]


def test_each_viewer_and_filter_sees_its_part(firm: tuple[Engine, Settings, Snapshot]) -> None:
    engine, settings, march = firm
    settings.set_playbook(contacts(3))
    assert ahead(engine.lens(march.id, Viewer("ann", "rep"))) == ["ann"]
    assert ahead(engine.lens(march.id, Viewer("mia", "manager"))) == ["ann", "mia"]
    assert ahead(engine.lens(march.id, Viewer("nobody-knows", "rep"))) == []
    assert ahead(engine.lens(march.id, BOSS, Filters(region=("south-land",)))) == ["zoe"]
    assert ahead(engine.lens(march.id, BOSS, Filters(pipeline=("renewal",)))) == []
    assert ahead(engine.lens(march.id, BOSS, Filters(family=("Pumps",)))) == []  # lines only on deals won


def test_the_firms_counts_are_those_of_the_whole_firm_for_everybody(firm: tuple[Engine, Settings, Snapshot]) -> None:
    engine, settings, march = firm
    counts = "select n_open, n_ahead from firm_flags where team is null"
    for rules, n in (([], 0), (contacts(3), 5)):
        settings.set_playbook(rules)
        for viewer in (BOSS, Viewer("ann", "rep")):
            assert ask(engine.lens(march.id, viewer), counts) == [{"n_open": 6, "n_ahead": n}]


def test_the_snapshot_before_and_the_course_are_judged_by_the_same_rules(
    firm: tuple[Engine, Settings, Snapshot],
) -> None:
    engine, settings, march = firm
    settings.set_playbook(contacts(1))
    lens = engine.lens(march.id, Viewer("ann", "rep"))
    assert (ahead(lens, "previous_"), ahead(lens)) == (["ann"], [])  # both contacts were made in March
    course = lens.history("salesperson/pipeline", user_id="ann")
    assert [[row["is_ahead"] for row in rows] for _, rows in course] == [[True], [False]]


def test_a_playbook_that_repeats_the_default_changes_nothing(tmp_path: Path) -> None:
    march = build_snapshot(tmp_path, FIRM, AS_OF)
    settings, engine = Settings(tmp_path), Engine(Store(tmp_path))
    tables = ("playbook_rules", "deal_milestones", "deal_evidence", "deal_flags", "firm_flags")

    def answers() -> list[list[str]]:
        lens = engine.lens(march.id)
        shown = {"playbook_rules": "* exclude is_own"}
        return [sorted(map(repr, ask(lens, f"select {shown.get(name, '*')} from {name}"))) for name in tables]

    before = answers()
    rules: dict[tuple[str, str], list[Rule]] = {}
    stages = "select pipeline, stage from stages where outcome = 'open'"
    for row in ask(engine.lens(march.id), stages):
        rules[row["pipeline"], row["stage"]] = []
    for row in ask(engine.lens(march.id), "select pipeline, stage, measure, at_least from playbook_rules"):
        rules[row["pipeline"], row["stage"]].append(Rule(row["measure"], row["at_least"]))
    assert sum(map(len, rules.values())) == 4
    settings.set_playbook(StageStandard(*where, tuple(own)) for where, own in rules.items())
    assert engine.lens(march.id).playbook
    assert answers() == before
    engine.close()


def test_a_stage_that_is_not_named_keeps_the_default(tmp_path: Path) -> None:
    march = build_snapshot(tmp_path, FIRM, AS_OF)
    (pipeline,) = {row["pipeline"] for row in FIRM["stages"]}
    Settings(tmp_path).set_playbook([StageStandard(pipeline, "报价", expected_days=9)])
    engine = Engine(Store(tmp_path))
    rules = ask(engine.lens(march.id), "select position, measure, is_own from playbook_rules order by all")
    assert [tuple(row.values()) for row in rules] == [
        (2, "contact", False),
        (2, "meeting", False),
        (4, "decider", False),
    ]
    own = ask(engine.lens(march.id), "select stage, measure, expected_days from own_playbook")
    assert own == [{"stage": "报价", "measure": None, "expected_days": 9.0}]
    engine.close()


def test_no_foreign_row_comes_in_by_the_playbook(firm: tuple[Engine, Settings, Snapshot]) -> None:
    """What is made for the whole firm is cut before a query sees it: each query that reads it, as each role."""
    engine, settings, march = firm
    settings.set_playbook(contacts(3))
    played = [name for name in queryfile.page_queries() if any(map(is_played, queryfile.load(name).tables))]
    assert {"desk/actions", "salesperson/pipeline", "milestones/deals"} <= set(played)
    for viewer, allowed in VIEWERS.values():
        lens = engine.lens(march.id, viewer)
        for name in played:
            assert marks(lens, name, 1) <= allowed, name


def test_a_snapshot_of_an_older_version_is_left_out_of_what_it_cannot_tell(
    firm: tuple[Engine, Settings, Snapshot],
) -> None:
    engine, settings, march = firm
    february = Store(settings.path.parent).list()[1]
    make_older(Store(settings.path.parent), february)
    for stages in ([], contacts(1)):
        settings.set_playbook(stages)
        lens = engine.lens(march.id, Viewer("ann", "rep"))
        assert (ahead(lens, "previous_"), ahead(lens)) == ([], [])
        assert [shot.id for shot, _ in lens.history("salesperson/pipeline", user_id="ann")] == [march.id]


def make_older(store: Store, snapshot: Snapshot) -> None:
    """Take from a snapshot what the version before this one did not make."""
    path = store.data_path(snapshot.id)
    path.chmod(0o600)
    with duckdb.connect(str(path)) as con:
        for mart in ("own_playbook", "playbook_measures", "playbook_rules", "deal_milestones", "deal_evidence"):
            con.execute(f"drop table {mart}")
        con.execute("alter table deal_facts drop column n_meetings")
    manifest = path.with_suffix(".json")
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps({**facts, "schema_version": 2, "sha256": digest}), encoding="utf-8")


HOSTILE = (
    "'); drop table stages; --",
    "' or '1'='1",
    "\"; attach '/etc/passwd' as x; --",
    "{side}.main.users {this} {as_of}",
    "$values $as_of $1",
    "阶段\\'\u2028\n;",
    "played_deal_evidence",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_values_whatever_stands_in_them(tmp_path: Path, name: str) -> None:
    deal = {"opportunity_id": "d", "owner_id": "u", "pipeline": name, "stage": name, "outcome": "open", "amount": 1}
    touch = {"opportunity_id": "d", "owner_id": "u", "kind": "call", "outcome": "reached", "happened_at": "2026-03-01"}
    stage = {"pipeline": name, "stage": name, "position": 1, "outcome": "open"}
    tables: dict[str, list[dict[str, Any]]] = {
        "users": [{"user_id": "u"}],
        "opportunities": [deal],
        "stages": [stage],
        "activities": [touch],
    }
    snapshot = build_snapshot(tmp_path, tables, "2026-03-31")
    settings, engine = Settings(tmp_path), Engine(Store(tmp_path))
    for n, expected in ((1, []), (2, ["d"])):
        settings.set_playbook([*contacts(n, name, name), *contacts(9, "elsewhere", name)])
        assert ahead(engine.lens(snapshot.id)) == expected
        assert ahead(engine.lens(snapshot.id, Viewer("u", "rep"))) == expected
    assert ask(engine.lens(snapshot.id), "select count(*) as n from stages where outcome = 'open'") == [{"n": 1}]
    engine.close()


@pytest.mark.parametrize("measure", [*HOSTILE, "1", "", "contact'"])
def test_an_unknown_measure_is_refused_and_the_default_stands_in(
    firm: tuple[Engine, Settings, Snapshot], measure: str
) -> None:
    engine, settings, march = firm
    settings.set_playbook(contacts(3))
    with sqlite3.connect(settings.path) as con:
        con.execute("update playbook set milestones = json_array(json_array(?, 1))", (measure,))
    stages, (problem,) = settings.read_playbook()
    assert (stages, problem.code) == ([], "unknown_measure")
    assert ahead(engine.lens(march.id)) == []


def test_no_query_can_name_what_is_made_for_the_whole_firm(firm: tuple[Engine, Settings, Snapshot]) -> None:
    engine, settings, march = firm
    settings.set_playbook(contacts(3))
    for table in ("played_deal_evidence", "previous_played_deal_evidence"):
        with pytest.raises(QueryError, match="missing_table"):
            ask(engine.lens(march.id, Viewer("ann", "rep")), f"select * from {table}")

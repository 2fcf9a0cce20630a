"""What moved between two snapshots, against answers worked by hand: the waterfall, slips, rewritten history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.access import BOSS, Viewer
from dashboard.engine import Engine, Filters, Lens
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot

Rows = list[dict[str, Any]]

THEN, NOW = dt.date(2026, 4, 15), dt.date(2026, 5, 15)  # the period is the second quarter
USERS: Rows = [
    {"user_id": "u1", "name": "甲", "team": "北", "role": "rep"},
    {"user_id": "u2", "name": "乙", "team": "南", "role": "rep"},
]
STAGES: Rows = [
    {"pipeline": "p", "stage": name, "position": i, "outcome": outcome}
    for i, (name, outcome) in enumerate(
        [("沟通", "open"), ("报价", "open"), ("赢单", "won"), ("输单", "lost")],
        1,
    )
]


def deal(key: str, amount: float | str | None, **more: Any) -> dict[str, Any]:
    """An open deal of u1, expected on the last day of the quarter."""
    return {
        "opportunity_id": key,
        "name": f"商机{key}",
        "owner_id": "u1",
        "pipeline": "p",
        "stage": "沟通",
        "outcome": "open",
        "amount": amount,
        "created_at": "2026-01-01",
        "expected_close_on": "2026-06-30",
        **more,
    }


def won(key: str, amount: float | None, closed: str, **more: Any) -> dict[str, Any]:
    return deal(key, amount, outcome="won", stage="赢单", closed_at=closed, **more)


def lost(key: str, amount: float | None, closed: str, **more: Any) -> dict[str, Any]:
    return deal(key, amount, outcome="lost", stage="输单", closed_at=closed, **more)


def pair(
    home: Path, before: Rows, after: Rows, told_then: dict[str, Rows] | None = None, told: dict[str, Rows] | None = None
) -> Lens:
    """The later of two snapshots, against the earlier; keys differ between them. told: their other tables."""
    store = Store(home)
    firm: dict[str, Rows] = {"users": USERS, "stages": STAGES}
    build_snapshot(home, {**firm, "opportunities": before, **(told_then or {})}, THEN)
    shot = build_snapshot(home, {**firm, "users": USERS[::-1], "opportunities": after[::-1], **(told or {})}, NOW)
    return Engine(store).lens(shot.id)


def ask(lens: Lens, name: str = "waterfall", **own: Any) -> list[dict[str, Any]]:
    known: dict[str, Any] = {"detail": "total", "kind": "", "reach": "all", "before_on": THEN, "currency": "CNY"}
    return lens.rows(f"changes/{name}", **(known | own if name == "waterfall" else own))


def terms(lens: Lens, **own: Any) -> dict[str, tuple[int, Decimal]]:
    return {row["kind"]: (row["n"], row["amount"]) for row in ask(lens, **own)}


def closes(found: dict[str, tuple[int, Decimal]]) -> bool:
    """Whether opening and all terms are the closing, to the cent."""
    amounts = {kind: amount for kind, (_, amount) in found.items()}
    closing = amounts.pop("closing", Decimal(0))
    return sum(amounts.values(), Decimal(0)) == closing


BORN = {"created_at": "2026-05-01"}
BEFORE = [
    deal("same", 100),
    deal("grows", 100),
    deal("shrinks", 500),
    deal("wins", 200),
    deal("loses", 30),
    deal("loses and is blanked", 40),
    lost("back", 60, "2026-03-01"),
    won("won no more", 25, "2026-04-01"),
    lost("lost, then won", 33, "2026-04-10"),
    deal("handed", 60),
    deal("goes", 70, owner_id="u2"),
    deal("pushed", 90, expected_close_on="2026-06-20"),
    deal("undated", 10, expected_close_on="2026-06-25"),
    deal("pulled", 80, owner_id="u2", expected_close_on="2026-08-01"),
    deal("drags", 55, expected_close_on="2026-03-20"),
    deal("ahead", 45, expected_close_on="2026-05-10"),
    deal("won early", 120, expected_close_on="2026-09-01"),
    deal("into dollars", 1000),
    deal("out of dollars", 300, currency="USD", original_amount=300),
    deal("unvalued", None),
    won("won long ago", 400, "2026-01-20"),
]
AFTER = [
    deal("same", 100),
    deal("grows", 150),
    deal("shrinks", "450.50"),
    won("wins", 210, "2026-05-02"),
    lost("loses", 30, "2026-05-03"),
    lost("loses and is blanked", None, "2026-05-04"),
    deal("back", 65),
    deal("won no more", 25),
    won("lost, then won", 33, "2026-05-05"),
    deal("handed", 75, owner_id="u2"),
    deal("pushed", 90, expected_close_on="2026-07-15"),
    deal("undated", 20, expected_close_on=None),
    deal("pulled", 85, owner_id="u2", expected_close_on="2026-06-15"),
    deal("drags", 55, expected_close_on="2026-05-30"),
    deal("ahead", 45, expected_close_on="2026-03-31"),
    won("won early", 120, "2026-05-06", expected_close_on="2026-05-06"),
    deal("into dollars", 150, currency="USD", original_amount=150),
    deal("out of dollars", 700, currency="CNY", original_amount=700),
    deal("unvalued", 20),
    won("won long ago", 400, "2026-01-20"),
    deal("new", 11, owner_id="u2", **BORN),
    won("created and won the same day", 12, "2026-05-01", **BORN),
    lost("new and lost", 13, "2026-05-09", **BORN),
    won("entered late", 999, "2026-03-01", created_at="2026-02-01"),
]

#: 100 + 100 + 500 + 200 + 30 + 40 + 60 + 70 + 90 + 10 + 80 + 55 + 45 + 120 + 1000; dollars without a rate count 0
WHOLE = {
    "opening": (17, "2500"),
    "new": (3, "36"),  # 11 + 12 + 13
    "reopened": (3, "123"),  # 65 + 25, and 33 that was won at once
    "grown": (6, "110"),  # 50, won at 210 not 200, 15 of handed, 10 of undated, 5 of pulled, 20 of unvalued
    "revalued": (2, "-300"),  # 1000 into dollars, 700 out of them
    "shrunk": (1, "-49.50"),
    "won": (4, "-375"),  # 210 + 33 + 12 + 120
    "lost": (3, "-83"),  # 30 + 13, and 40 that was blanked at closing
    "vanished": (1, "-70"),
    "closing": (15, "1891.50"),
}
#: Without pulled 80, drags 55, won early 120, which were expected elsewhere.
PERIOD = {
    "opening": (14, "2245"),
    "new": (3, "36"),
    "reopened": (3, "123"),
    "pulled_in": (2, "205"),  # pulled at its 85 now, and the 120 won early
    "slipped_in": (1, "55"),
    "grown": (4, "95"),  # not those of deals that crossed the edge
    "revalued": (2, "-300"),
    "shrunk": (1, "-49.50"),
    "moved_ahead": (1, "-45"),
    "pushed_out": (2, "-100"),  # 90, and the 10 that undated had then
    "won": (4, "-375"),
    "lost": (3, "-83"),
    "vanished": (1, "-70"),
    "closing": (12, "1736.50"),
}


@pytest.fixture(scope="module")
def lens(tmp_path_factory: pytest.TempPathFactory) -> Lens:
    return pair(tmp_path_factory.mktemp("changes") / "home", BEFORE, AFTER)


def worked(expected: dict[str, tuple[int, str]]) -> dict[str, tuple[int, Decimal]]:
    return {kind: (n, Decimal(amount)) for kind, (n, amount) in expected.items()}


@pytest.mark.parametrize(("reach", "expected"), [("all", WHOLE), ("period", PERIOD)])
def test_every_term(lens: Lens, reach: str, expected: dict[str, tuple[int, str]]) -> None:
    found = terms(lens, reach=reach)
    assert found == worked(expected)
    assert closes(found)


@pytest.mark.parametrize("reach", ["all", "period"])
def test_every_bar_is_its_deals_and_every_deal_closes(lens: Lens, reach: str) -> None:
    by_deal: dict[str, dict[str, tuple[int, Decimal]]] = defaultdict(dict)
    for kind, (n, amount) in terms(lens, reach=reach).items():
        deals = ask(lens, reach=reach, detail="deal", kind=kind)
        assert (len(deals), sum(row["amount"] for row in deals)) == (n, amount), kind
        for row in deals:
            by_deal[row["opportunity_id"]][kind] = (1, row["amount"])
    assert all(closes(found) for found in by_deal.values())


def test_then_and_now_stand_side_by_side(lens: Lens) -> None:
    (row,) = [r for r in ask(lens, detail="deal", kind="grown") if r["opportunity_id"] == "handed"]
    assert (row["old_amount"], row["new_amount"], row["amount"]) == (60, 75, 15)
    assert (row["old_owner"], row["owner"]) == ("甲", "乙")
    (gone,) = ask(lens, detail="deal", kind="vanished")
    assert (gone["name"], gone["old_amount"], gone["new_amount"], gone["is_seen"]) == ("商机goes", 70, None, False)


def test_a_transfer_is_nil_at_the_common_manager_and_a_term_for_both(lens: Lens) -> None:
    rows = ask(lens, detail="owner")
    own = {who: {r["kind"]: (r["n"], r["amount"]) for r in rows if r["owner_id"] == who} for who in ("u1", "u2")}
    # 80 + 70, 60 came with what it was worth then, and grew in the new hands
    assert own["u2"] == worked(
        {
            "opening": (2, "150"),
            "new": (1, "11"),
            "transferred_in": (1, "60"),
            "grown": (2, "20"),
            "vanished": (1, "-70"),
            "closing": (3, "171"),
        }
    )
    assert own["u1"]["transferred_out"] == (1, Decimal(-60))
    assert all(closes(found) for found in own.values())


@pytest.mark.parametrize("reach", ["all", "period"])
def test_a_team_and_a_salesperson_see_transfers_neither_new_nor_vanished(lens: Lens, reach: str) -> None:
    engine, shot = lens._engine, lens.snapshot
    south = terms(engine.lens(shot.id, BOSS, Filters(team=("南",))), reach=reach)
    north = terms(engine.lens(shot.id, BOSS, Filters(team=("北",))), reach=reach)
    assert terms(engine.lens(shot.id, Viewer("u2", "rep")), reach=reach) == south
    assert terms(engine.lens(shot.id, Viewer("u1", "rep")), reach=reach) == north
    assert closes(south) and closes(north)
    assert south["transferred_in"] == (1, Decimal(60)) and south["new"] == (1, Decimal(11))
    assert north["transferred_out"] == (1, Decimal(-60)) and "vanished" not in north
    both: dict[str, Decimal] = defaultdict(Decimal)
    for found in (south, north):
        for kind, (_, amount) in found.items():
            both["handed" if kind.startswith("transferred") else kind] += amount
    assert both.pop("handed") == 0
    assert both == {kind: amount for kind, (_, amount) in terms(lens, reach=reach).items()}


def test_of_a_deal_handed_away_nothing_later_is_told(lens: Lens) -> None:
    north = lens._engine.lens(lens.snapshot.id, Viewer("u1", "rep"))
    (row,) = ask(north, detail="deal", kind="transferred_out")
    assert (row["old_amount"], row["old_stage"]) == (60, "沟通")
    assert {row[name] for name in ("new_amount", "stage", "outcome", "close_on", "owner")} == {None}
    assert not row["is_seen"]


def test_a_deal_that_moved_to_another_pipeline_is_a_transfer_under_that_filter(tmp_path: Path) -> None:
    lens = pair(tmp_path, [deal("d", 5), deal("e", 7)], [deal("d", 6, pipeline="q"), deal("e", 7)])
    through = {p: terms(lens._engine.lens(lens.snapshot.id, BOSS, Filters(pipeline=(p,)))) for p in "pq"}
    assert through["p"] == worked({"opening": (2, "12"), "transferred_out": (1, "-5"), "closing": (1, "7")})
    assert through["q"] == worked({"transferred_in": (1, "5"), "grown": (1, "1"), "closing": (1, "6")})


def test_who_had_nothing_then_has_all_of_it_new(tmp_path: Path) -> None:
    lens = pair(tmp_path, [deal("d", 5)], [deal("d", 5), deal("e", 7, owner_id="u2")])
    own = terms(lens._engine.lens(lens.snapshot.id, Viewer("u2", "rep")))
    assert own == worked({"new": (1, "7"), "closing": (1, "7")})


def test_without_an_earlier_snapshot_nothing_moved(tmp_path: Path) -> None:
    shot = build_snapshot(tmp_path, {"users": USERS, "stages": STAGES, "opportunities": AFTER}, NOW)
    lens = Engine(Store(tmp_path)).lens(shot.id)
    assert terms(lens) == {} and ask(lens, "rewritten", before_on=THEN) == []


def test_the_trend_of_each_deal(tmp_path: Path) -> None:
    before = [
        deal("forward", 1),
        deal("more", 2),
        deal("earlier", 4),
        deal("back", 8, stage="报价"),
        deal("later", 16, expected_close_on="2026-06-01"),
        deal("more and later", 32, expected_close_on="2026-06-01"),
        deal("still", 64),
        deal("out", 128, stage="沟通"),
        deal("dated for the first time", 256, expected_close_on=None),
        deal("dollars", 512),
        won("decided", 1024, "2026-04-01"),
    ]
    after = [
        deal("forward", 1, stage="报价"),
        deal("more", 3),
        deal("earlier", 4, expected_close_on="2026-06-29"),
        deal("back", 8),
        deal("later", 16, expected_close_on="2026-06-02"),
        deal("more and later", 33, expected_close_on="2026-06-02"),
        deal("still", 64),
        deal("out", 128, stage="报价", expected_close_on="2026-07-01"),  # however it moved on: it left the period
        deal("dated for the first time", 256),
        deal("dollars", 70, currency="USD", original_amount=70),
        won("decided", 1024, "2026-04-01"),
        deal("new", 2048, **BORN),
    ]
    lens = pair(tmp_path, before, after)
    rows = ask(lens, "trend", detail="deal", course="", currency="CNY")
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["course"]].add(row["opportunity_id"])
    assert found == {
        "up": {"forward", "more", "earlier"},
        "mixed": {"more and later"},
        "idle": {"still", "dated for the first time", "dollars"},
        "down": {"back", "later"},
        "slipped": {"out"},
    }
    totals = {
        row["course"]: (row["n"], row["amount"]) for row in ask(lens, "trend", detail="total", course="", currency="")
    }
    assert totals["up"] == (3, 8) and totals["idle"] == (3, 64 + 256)
    (mine,) = [r for r in ask(lens, "trend", detail="owner", course="down", currency="CNY")]
    assert (mine["owner_id"], mine["n"]) == ("u1", 2)


def test_the_slip_rate_by_amount_and_by_count(tmp_path: Path) -> None:
    before = [deal(f"d{i}", 100, owner_id=("u1", "u2")[i % 2]) for i in range(8)]
    before += [deal("later", 5000, expected_close_on="2026-07-01"), deal("goes", 200)]
    after = [
        deal("d0", 700, expected_close_on="2026-07-01"),  # at the 100 that it was then
        deal("d2", 100, expected_close_on=None),
        deal("d4", 100, expected_close_on="2026-06-29"),
        won("d6", 100, "2026-05-01"),
        *(deal(f"d{i}", 100, owner_id="u2") for i in (1, 3, 5, 7)),
        deal("later", 5000, expected_close_on="2026-08-01"),
    ]
    lens = pair(tmp_path, before, after)
    (row,) = ask(lens, "slip_rate", detail="total", has_default_dates=False)
    assert (row["n_due"], row["due_amount"], row["n_pushed"], row["pushed_amount"]) == (9, 1000, 2, 200)
    assert (row["amount_rate"], row["rate"]) == (0.2, pytest.approx(2 / 9))
    # Wilson, n = 9, p = 2/9: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
    assert (row["rate_low"], row["rate_high"]) == (pytest.approx(0.0632, abs=1e-4), pytest.approx(0.5474, abs=1e-4))
    people = {r["owner_id"]: r for r in ask(lens, "slip_rate", detail="owner", has_default_dates=False)}
    assert [(p["n_due"], p["n_pushed"], p["too_few"]) for p in (people["u1"], people["u2"])] == [
        (5, 2, False),
        (4, 0, True),
    ]
    assert not any(p["is_different"] for p in people.values())
    assert (people["u2"]["rate_low"], people["u1"]["average_rate"]) == (0, pytest.approx(2 / 9))


def test_who_pushes_more_is_told_apart_only_by_enough_cases(tmp_path: Path) -> None:
    before = [deal(f"d{i}", 1, owner_id=("u1", "u2")[i % 2]) for i in range(40)]
    after = [
        row | {"expected_close_on": "2026-07-01"} if i % 2 == 0 and i < 24 else row for i, row in enumerate(before)
    ]
    lens = pair(tmp_path, before, after)
    people = {r["owner_id"]: r for r in ask(lens, "slip_rate", detail="owner", has_default_dates=False)}
    assert (people["u1"]["n_pushed"], people["u1"]["n_due"]) == (12, 20)  # 6 of 20 would be the average
    assert people["u1"]["is_different"] and people["u2"]["is_different"]
    assert people["u1"]["shrunk_rate"] == pytest.approx((12 + 20 * 0.3) / 40)
    # Dates that the CRM set by itself were nobody's word: created in June, due at the end of June.
    born = [row | {"created_at": "2026-06-01"} for row in before]
    lens = pair(tmp_path / "again", born, after)
    assert ask(lens, "slip_rate", detail="total", has_default_dates=True) == []


def test_slips_are_counted_and_measured(tmp_path: Path) -> None:
    before = [
        deal("always next month", 900, expected_close_on="2026-04-30"),
        deal("once", 50, expected_close_on="2026-05-31"),
        deal("earlier", 60, expected_close_on="2026-06-30"),
        deal("closed", 70, expected_close_on="2026-05-31"),
    ]
    after = [
        deal("always next month", 900, expected_close_on="2026-05-31"),
        deal("once", 50, expected_close_on="2026-06-10"),
        deal("earlier", 60, expected_close_on="2026-06-01"),
        won("closed", 70, "2026-05-10", expected_close_on="2026-06-30"),
        deal("put off before", 10, expected_close_on="2026-09-01", **BORN),
    ]
    trail = [("2026-02-28", "2026-03-31"), ("2026-03-31", "2026-04-30"), ("2026-04-30", "2026-05-31")]
    moves = [
        {"opportunity_id": "always next month", "changed_at": old, "from_on": old, "to_on": new} for old, new in trail
    ]
    moves += [
        {
            "opportunity_id": "put off before",
            "changed_at": "2026-05-02",
            "from_on": "2026-05-31",
            "to_on": "2026-08-01",
        },
        {
            "opportunity_id": "put off before",
            "changed_at": "2026-05-03",
            "from_on": "2026-08-01",
            "to_on": "2026-07-01",
        },
        {
            "opportunity_id": "put off before",
            "changed_at": "2026-05-04",
            "from_on": "2026-07-01",
            "to_on": "2026-09-01",
        },
        {
            "opportunity_id": "put off before",
            "changed_at": "2026-06-04",
            "from_on": "2026-09-01",
            "to_on": "2026-10-01",
        },
    ]
    lens = pair(tmp_path, before, after, told={"close_date_changes": moves})

    def slipped(which: str, **own: bool) -> dict[str, tuple[int, int, int]]:
        rows = ask(lens, "slipped", which=which, **({"has_default_dates": False} | own))
        return {r["opportunity_id"]: (r["n_pushes"], r["days_pushed"], r["days_since"]) for r in rows}

    # The history lacks the move of `once` that two snapshots show.
    assert slipped("since") == {"always next month": (3, 92, 31), "once": (1, 10, 10)}
    # 62 + 62 days; what lies behind the snapshot's day does not count yet
    assert slipped("often") == {"always next month": (3, 92, 31), "put off before": (2, 124, 0)}
    # Where the CRM itself dates a new deal to the end of its month, the first move away from that day is no push.
    assert slipped("often", has_default_dates=True) == {"always next month": (3, 92, 31)}


def test_history_that_changed_after_the_fact(tmp_path: Path) -> None:
    told = [
        {"opportunity_id": "moves", "to_stage": stage, "changed_at": day}
        for stage, day in (("沟通", "2026-01-01"), ("报价", "2026-03-30"))
    ]
    before = [
        won("cheaper", 300, "2026-03-10"),
        won("redated", 80, "2026-04-02"),
        lost("same", 1, "2026-04-02"),
        won("won no more", 25, "2026-04-01"),
        deal("dated back", 40),
        deal("closed in time", 41),
        deal("reborn", 5),
        lost("deleted", 9, "2026-02-02"),
        deal("moves", 7, stage="报价"),
        deal("same moves", 7),
    ]
    after = [
        won("cheaper", 280, "2026-03-10"),
        won("redated", 80, "2026-03-28"),
        lost("same", 1, "2026-04-02"),
        lost("won no more", 25, "2026-05-01"),
        won("dated back", 40, "2026-03-31"),
        won("closed in time", 41, "2026-04-15"),
        deal("reborn", 5, created_at="2026-02-02"),
        deal("entered late", 6, created_at="2026-04-14"),
        deal("entered in time", 6, created_at="2026-04-15"),
        deal("moves", 7, stage="报价"),
        deal("same moves", 7),
    ]
    same = [{"opportunity_id": "same moves", "to_stage": "沟通", "changed_at": "2026-01-01"}]
    new = [{"opportunity_id": "same moves", "to_stage": "报价", "changed_at": "2026-04-20"}]
    moved = [told[0], {**told[1], "changed_at": "2026-03-02"}]
    lens = pair(
        tmp_path,
        before,
        after,
        told_then={"stage_changes": told + same},
        told={"stage_changes": moved + same + new},
    )
    rows = {(r["kind"], r["opportunity_id"]): r for r in ask(lens, "rewritten", before_on=THEN)}
    assert set(rows) == {
        ("won_amount", "cheaper"),
        ("outcome", "won no more"),
        ("decided_gone", "deleted"),
        ("closed_on", "redated"),
        ("closed_before", "dated back"),
        ("created_on", "reborn"),
        ("created_before", "entered late"),
        ("moves", "moves"),
    }
    cheaper, redated = rows["won_amount", "cheaper"], rows["closed_on", "redated"]
    assert (cheaper["old_amount"], cheaper["new_amount"], cheaper["n"]) == (300, 280, 1)
    assert (redated["old_on"], redated["new_on"]) == (dt.date(2026, 4, 2), dt.date(2026, 3, 28))
    assert redated["is_other_month"] and not rows["created_before", "entered late"]["is_other_month"]
    assert rows["closed_before", "dated back"]["is_other_month"]
    assert (rows["moves", "moves"]["n_old_moves"], rows["moves", "moves"]["n_moves"]) == (2, 2)


def test_edits_in_the_last_days_of_a_period(tmp_path: Path) -> None:
    def edit(key: str, day: str, old: str, new: str | None, **more: Any) -> dict[str, Any]:
        return {"opportunity_id": key, "changed_at": day, "from_on": old, "to_on": new, **more}

    edits = [
        edit("a", "2026-03-29T10:00", "2026-03-31", "2026-04-30"),  # the third day before the end
        edit("a", "2026-03-28T10:00", "2026-03-20", "2026-03-31"),
        edit("b", "2026-03-31T23:00", "2026-04-30", "2026-03-31"),  # pulled in
        edit("b", "2026-01-05", "2026-02-01", "2026-04-30"),
        edit("c", "2026-03-31", "2026-03-31", "2026-06-30", is_derived=True),  # seen then, made at an unknown day
        edit("d", "2026-03-30", "2026-03-31", "2026-03-30"),  # the CRM's own at closing
        edit("a", "2026-04-01", "2026-04-30", "2026-06-30"),
    ]
    deals = [deal("a", 10), deal("b", 20), deal("c", 30), won("d", 40, "2026-03-30")]
    lens = pair(tmp_path, deals, deals, told={"close_date_changes": edits})
    asked = {"first_on": dt.date(2026, 1, 1), "end_on": dt.date(2026, 4, 1)}
    rows = ask(lens, "late_edits", n_days=3, **asked)
    assert [(r["opportunity_id"], r["days_moved"], r["leaves_period"]) for r in rows] == [
        ("a", 30, True),
        ("b", -30, False),
    ]
    assert [rows[0][name] for name in ("n_late", "n_leaving", "n_edits", "late_share")] == [2, 1, 4, 0.5]
    assert rows[0]["even_share"] == pytest.approx(3 / 90)
    (facts,) = ask(lens, "comparability", **asked)
    assert (facts["n_told"], facts["n_inferred"]) == (5, 1)


def test_what_a_comparison_has_to_do_without(tmp_path: Path) -> None:
    before = [deal("a", None), deal("b", 1), deal("c", 2, owner_id="u2")]
    after = [
        deal("a", 3),
        deal("c", 2),
        deal("d", 1, currency="USD", original_amount=1),
        {**deal("e", 1), "opportunity_id": None},
    ]
    lens = pair(tmp_path, before, after)
    asked = {"first_on": THEN, "end_on": NOW}
    (row,) = ask(lens, "comparability", **asked)
    assert list(row.values()) == [3, 4, 2, 1, 1, 1, 0, 0]
    (own,) = ask(lens._engine.lens(lens.snapshot.id, Viewer("u1", "rep")), "comparability", **asked)
    assert (own["n_before"], own["n_after"], own["n_common"]) == (
        2,
        4,
        2,
    )  # c was another's, and still is the same deal

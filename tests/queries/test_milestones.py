"""Milestones: what records carry, by whom, stage and rule, against answers worked by hand."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.queries.desk_firm import at, built, deal, people, rows

Con = duckdb.DuckDBPyConnection

CONTACTS = [
    {"contact_id": "boss", "account_id": "a1", "buying_role": "decider"},
    {"contact_id": "clerk", "account_id": "a1", "buying_role": "user"},
]


def touch(key: str, day: str, kind: str, who: str = "clerk") -> dict[str, Any]:
    """An effective contact; of quotes the day alone counts."""
    return {
        "owner_id": "r1",
        "opportunity_id": key,
        "contact_id": who,
        "kind": kind,
        "outcome": "reached",
        "happened_at": at(day),
    }


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Both ends at 95 %, from the formula with the centre and the half width."""
    p, z = hits / n, 1.96
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n))


@pytest.fixture(scope="module")
def firm() -> Iterator[Con]:
    """Four stages: contact and meeting from the second, offer from the third, decider from the fourth."""
    deals = [
        deal("d1", 400, "2026-03-01", stage="谈判", stage_entered_at=at("2026-05-05")),
        deal("d2", 100, "2026-03-01", stage="需求", stage_entered_at=at("2026-04-05")),
        deal("d3", 300, "2026-03-01", stage="报价", owner_id="r2"),
        deal("d4", 200, "2026-03-01", stage="沟通", owner_id="r2"),
        deal("d5", None, "2026-03-01", stage="需求", owner_id="r2", stage_entered_at=at("2026-05-10")),
        deal("W1", 10, "2026-01-01", "2026-02-01"),
        deal("L1", 10, "2026-01-01", "2026-02-01"),
    ]
    touches = [
        touch("d1", "2026-04-01", "call"),
        touch("d2", "2026-04-01", "visit"),
        touch("d2", "2026-04-05", "call"),
        touch("d3", "2026-04-01", "meeting"),
        touch("d3", "2026-04-02", "quote"),
        touch("d3", "2026-04-03", "call", "boss"),
    ]
    with built(people() | {"opportunities": deals, "contacts": CONTACTS, "activities": touches}) as con:
        yield con


def test_summary(firm: Con) -> None:
    """Judged are all but d4, whose stage demands nothing; d1 and d5 are ahead; d3 earns the last stage."""
    (row,) = rows(firm, "milestones/summary")
    assert (row["n_open"], row["open_amount"], row["n_judged"], row["judged_amount"]) == (5, 1000, 4, 800)
    assert (row["n_ahead"], row["ahead_amount"], row["ahead_share"]) == (2, 400, 0.5)
    # 800 in deals of 400, 100 and 300 is worth 800² / (400² + 100² + 300²) equal deals.
    low, high = wilson(0.5 * 640 / 260, 640 / 260)
    assert (row["ahead_low"], row["ahead_high"]) == (pytest.approx(low), pytest.approx(high))
    low, high = wilson(2, 4)
    assert (row["n_carried"], row["carried_rate"]) == (2, 0.5)
    assert (row["carried_low"], row["carried_high"]) == (pytest.approx(low), pytest.approx(high))
    assert (row["n_behind"], row["behind_amount"], row["n_rules"], row["n_untold"]) == (1, 300, 4, 0)
    odds = dict(firm.execute("select position, odds from firm_stage_odds").fetchall())
    claimed = 400 * odds[4] + 100 * odds[2] + 300 * odds[3] + 200 * odds[1]
    assert float(row["claimed_value"]) == pytest.approx(claimed, abs=0.01)
    # d1 is carried to the first stage only; that d3 earns more is not counted.
    assert float(row["evidenced_value"]) == pytest.approx(claimed - 400 * (odds[4] - odds[1]), abs=0.01)


def test_by_person_and_team(firm: Con) -> None:
    found = rows(firm, "milestones/by_group", dimension="owner")
    shown = ("group_id", "n_open", "n_judged", "n_carried", "n_ahead", "ahead_amount", "mean_stages", "verdict")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("r1", 2, 2, 1, 1, 400, 3.0, "few"),
        ("r2", 3, 2, 1, 1, 0, 1.0, "few"),
    ]
    assert [row["ahead_share"] for row in found] == [0.8, 0.0]
    (total,) = rows(firm, "milestones/summary")
    for name in ("claimed_value", "evidenced_value", "ahead_amount", "judged_amount", "n_open", "n_judged"):
        assert float(sum(row[name] for row in found)) == pytest.approx(float(total[name]), abs=0.02), name
    (team,) = rows(firm, "milestones/by_group", dimension="team")
    assert (team["group_id"], team["n_judged"], team["others_rate"], team["verdict"]) == ("北", 4, None, "few")


def test_by_stage(firm: Con) -> None:
    found = {row["stage"]: row for row in rows(firm, "milestones/by_stage")}
    shown = ("n_open", "demands_anything", "n_carried", "n_ahead", "ahead_amount", "n_behind")
    assert {stage: tuple(row[name] for name in shown) for stage, row in found.items()} == {
        "沟通": (1, False, 0, 0, 0, 0),
        "需求": (2, True, 1, 1, 0, 0),
        "报价": (1, True, 1, 0, 0, 1),
        "谈判": (1, True, 0, 1, 400, 0),
    }
    assert found["沟通"]["carried_rate"] is None and found["沟通"]["carried_low"] is None
    assert found["需求"]["carried_rate"] == 0.5
    assert (found["需求"]["carried_low"], found["需求"]["carried_high"]) == (
        pytest.approx(wilson(1, 2)[0]),
        pytest.approx(wilson(1, 2)[1]),
    )


def test_times_against_the_users_own_standard(firm: Con) -> None:
    """In 需求 d2 has stood for 40 days with one contact since, d5 for 5 days; in 谈判 d1 for 10."""
    with firm.cursor() as con:
        con.execute("begin")
        con.execute("insert into own_playbook values ('main', '需求', null, null, 30, 2)")
        con.execute("insert into own_playbook values ('main', '谈判', null, null, 10, null)")
        found = {row["stage"]: row for row in rows(con, "milestones/by_stage")}
        con.execute("rollback")
    need = found["需求"]
    assert (need["standard_days"], need["is_own_standard"], need["n_timed"], need["median_days"]) == (30, True, 2, 22.5)
    assert (need["n_over"], need["over_rate"], need["over_amount"]) == (1, 0.5, 100)
    assert (need["expected_touches"], need["n_ripe"], need["n_undertouched"]) == (2, 1, 1)
    assert (found["谈判"]["n_over"], found["谈判"]["n_ripe"], found["谈判"]["n_undertouched"]) == (0, 1, 0)
    unknown = found["报价"]
    assert (unknown["standard_days"], unknown["n_timed"], unknown["n_over"], unknown["over_low"]) == (
        None,
        0,
        None,
        None,
    )


def test_rules_missing_most(firm: Con) -> None:
    found = rows(firm, "milestones/rules")
    shown = ("measure", "stage", "n_demanded", "n_missing", "missing_amount")
    assert [tuple(row[name] for name in shown) for row in found] == [
        ("meeting", "需求", 4, 2, 400),  # d1, d5
        ("offer", "报价", 2, 1, 400),  # d1 of d1 and d3
        ("decider", "谈判", 1, 1, 400),  # d1
        ("contact", "需求", 4, 1, 0),  # d5
    ]
    assert {row["measure"]: row["missing_rate"] for row in found}["offer"] == 0.5
    assert all(row["is_shown"] and not row["is_own"] for row in found)


def test_deals_on_either_side_and_why(firm: Con) -> None:
    ahead = rows(firm, "milestones/deals", side="ahead")
    assert [(r["opportunity_id"], r["stage"], r["evidence_stage"], r["n_stages"]) for r in ahead] == [
        ("d1", "谈判", "沟通", 3),
        ("d5", "需求", "沟通", 1),
    ]
    assert ahead[0]["added_value"] > 0 and ahead[0]["n_deals"] == 2
    why = [(r["opportunity_id"], r["measure"], r["n"]) for r in rows(firm, "milestones/deal_rules", side="ahead")]
    assert why == [
        ("d1", "meeting", 0),
        ("d1", "offer", 0),
        ("d1", "decider", 0),
        ("d5", "contact", 0),
        ("d5", "meeting", 0),
    ]
    (behind,) = rows(firm, "milestones/deals", side="behind")
    assert (behind["opportunity_id"], behind["stage"], behind["evidence_stage"]) == ("d3", "报价", "谈判")
    assert behind["added_value"] < 0 or behind["added_value"] == 0
    assert [(r["measure"], r["n"]) for r in rows(firm, "milestones/deal_rules", side="behind")] == [("decider", 1)]


def test_the_playbook_in_force(firm: Con) -> None:
    found = rows(firm, "milestones/playbook")
    assert [(r["position"], r["stage"], r["measure"], r["is_own"], r["n_open"]) for r in found] == [
        (1, "沟通", None, False, 1),
        (2, "需求", "contact", False, 2),
        (2, "需求", "meeting", False, 2),
        (3, "报价", "offer", False, 1),
        (4, "谈判", "decider", False, 1),
    ]
    shown = {row["measure"]: row["is_shown"] for row in rows(firm, "milestones/measures")}
    assert (shown["meeting"], shown["lines"], shown["approval"]) == (True, False, False)


def test_contacts_tied_to_no_deal_accuse_no_deal() -> None:
    """HubSpot ties contacts to people: the same call, without its deal, says nothing about d1."""
    call = touch("d1", "2026-04-01", "call")
    for tied, is_judged in ((call, True), (call | {"opportunity_id": None, "account_id": "a1"}, False)):
        deals = [deal("d1", 400, "2026-03-01", stage="谈判"), deal("d2", 400, "2026-03-01", stage="谈判")]
        with built(people() | {"opportunities": deals, "contacts": CONTACTS, "activities": [tied]}) as con:
            (total,) = rows(con, "milestones/summary")
            shown = {row["measure"]: row["is_shown"] for row in rows(con, "milestones/measures")}
        assert (shown["contact"], shown["recent"]) == (is_judged, is_judged)
        assert (total["n_judged"] > 0, total["n_ahead"] > 0) == (is_judged, is_judged)


def test_who_is_told_apart() -> None:
    """Of 20 deals each, 甲's carry 8 and 乙's 16: 40 against 80 %, the difference is surely there."""
    deals, touches = [], []
    for owner, n_good in (("r1", 8), ("r2", 16)):
        for i in range(20):
            key = f"d{owner}{i}"
            deals.append(deal(key, 10, "2026-03-01", stage="需求", owner_id=owner))
            touches.append(touch(key, "2026-04-01", "visit" if i < n_good else "call"))
    with built(people() | {"opportunities": deals, "contacts": CONTACTS, "activities": touches}) as con:
        found = {row["group_id"]: row for row in rows(con, "milestones/by_group", dimension="owner")}
    assert {key: row["verdict"] for key, row in found.items()} == {"r1": "low", "r2": "high"}
    assert (found["r1"]["carried_low"], found["r1"]["carried_high"]) == (
        pytest.approx(wilson(8, 20)[0]),
        pytest.approx(wilson(8, 20)[1]),
    )


def test_luck_is_not_told_apart() -> None:
    """12 of 20 against 14 of 20 may be luck."""
    deals, touches = [], []
    for owner, n_good in (("r1", 12), ("r2", 14)):
        for i in range(20):
            key = f"d{owner}{i}"
            deals.append(deal(key, 10, "2026-03-01", stage="需求", owner_id=owner))
            touches.append(touch(key, "2026-04-01", "visit" if i < n_good else "call"))
    with built(people() | {"opportunities": deals, "contacts": CONTACTS, "activities": touches}) as con:
        assert {row["verdict"] for row in rows(con, "milestones/by_group", dimension="owner")} == {"same"}


# --- the past -------------------------------------------------------------------------------------------------------


def moved(key: str, day: str, to: str = "需求", before: str = "沟通") -> dict[str, Any]:
    return {"opportunity_id": key, "from_stage": before, "to_stage": to, "changed_at": at(day), "is_derived": False}


def past(n_with: int, won_with: int, n_without: int, won_without: int) -> dict[str, list[dict[str, Any]]]:
    """Deals that came to 需求 on 1 February; with: a visit on the 8th, the last day; without: on the 9th."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, n, n_won, day in (("a", n_with, won_with, "08"), ("b", n_without, won_without, "09")):
        for i in range(n):
            key = f"{'W' if i < n_won else 'L'}{kind}{i}"
            tables["opportunities"].append(deal(key, 100, "2026-01-01", "2026-04-01"))
            tables["stage_changes"].append(moved(key, "2026-02-01"))
            tables["activities"].append(touch(key, f"2026-02-{day}", "visit"))
    return people() | {"contacts": CONTACTS} | tables


def test_deals_that_came_with_evidence_against_those_without() -> None:
    """9 of 12 against 2 of 10: 55 points, the spread of either side over n - 1."""
    tables = past(12, 9, 10, 2)
    tables["opportunities"] += [deal("o1", 100, "2026-01-01", stage="需求")]
    tables["stage_changes"] += [moved("o1", "2026-02-01")]
    with built(tables) as con:
        found = rows(con, "milestones/validation")
    whole, stage = found[0], next(row for row in found if row["stage"] == "需求")
    half = 1.96 * math.sqrt(0.75 * 0.25 / 11 + 0.2 * 0.8 / 9)
    for row in (whole, stage):
        assert (row["n_with"], row["n_without"], row["n_open_with"], row["n_open_without"]) == (12, 10, 0, 1)
        assert (row["with_rate"], row["without_rate"]) == (pytest.approx(0.75), pytest.approx(0.2))
        assert (row["difference_low"], row["difference_high"]) == (
            pytest.approx(0.55 - half),
            pytest.approx(0.55 + half),
        )
        assert row["verdict"] == "higher"
        # All are 甲's, and so nothing changes within one salesperson's deals.
        own = (row["own_difference"], row["own_low"], row["own_high"], row["own_verdict"])
        assert own == (row["difference"], row["difference_low"], row["difference_high"], "higher")
    assert [(row["stage"], row["n_with"], row["verdict"]) for row in found[2:]] == [
        ("报价", 0, "few"),
        ("谈判", 0, "few"),
    ]


def test_a_difference_between_people_is_told_from_one_between_deals() -> None:
    """甲 records all and wins 9 of 12, 乙 nothing and wins 2 of 10; each has a few of the other kind that end alike."""
    tables = past(12, 9, 10, 2)
    for row in tables["opportunities"]:
        row["owner_id"] = "r1" if row["opportunity_id"][1] == "a" else "r2"
    for kind, owner, n_won, day in (("c", "r1", 6, "09"), ("e", "r2", 2, "08")):
        for i in range(8 if kind == "c" else 10):
            key = f"{'W' if i < n_won else 'L'}{kind}{i}"
            tables["opportunities"].append(deal(key, 100, "2026-01-01", "2026-04-01", owner_id=owner))
            tables["stage_changes"].append(moved(key, "2026-02-01"))
            tables["activities"].append(touch(key, f"2026-02-{day}", "visit"))
    with built(tables) as con:
        whole = rows(con, "milestones/validation")[0]
    # With: 11 of 22; without: 8 of 18. Within 甲's: 9 of 12 against 6 of 8; within 乙's: 2 of 10 against 2 of 10.
    assert whole["difference"] == pytest.approx(11 / 22 - 8 / 18)
    assert (whole["own_difference"], whole["own_verdict"]) == (pytest.approx(0, abs=1e-12), "same")


def test_too_few_are_not_judged() -> None:
    with built(past(12, 12, 9, 0)) as con:
        assert rows(con, "milestones/validation")[0]["verdict"] == "few"


def test_what_two_snapshots_tell_is_no_way_through_the_stages() -> None:
    tables = past(12, 9, 10, 2)
    for move in tables["stage_changes"]:
        move["is_derived"] = True
    with built(tables) as con:
        assert {(row["n_with"], row["verdict"]) for row in rows(con, "milestones/validation")} == {(0, "few")}


def test_like_is_compared_with_like_and_a_deal_counts_once() -> None:
    """Random deals of three sizes in two stages; the same figures from plain loops over the deals."""
    chance = random.Random(11)
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    entries = []
    for i in range(160):
        is_won = chance.random() < 0.4
        key, size = f"{'W' if is_won else 'L'}{i}", chance.choice([1, 2, 3])
        tables["opportunities"].append(deal(key, 100 * size + i / 1000, "2026-01-01", "2026-04-20"))
        tables["stage_changes"].append(moved(key, "2026-02-01"))
        visit = chance.random() < 0.5
        tables["activities"].append(touch(key, "2026-02-03", "visit" if visit else "call"))
        entries.append((2, key, visit, is_won))
        if chance.random() < 0.7:
            quote = chance.random() < 0.5
            tables["stage_changes"].append(moved(key, "2026-03-01", "报价", "需求"))
            tables["activities"].append(touch(key, "2026-03-02", "quote" if quote else "call"))
            entries.append((3, key, visit and quote, is_won))
    with built(people() | {"contacts": CONTACTS} | tables) as con:
        found = rows(con, "milestones/validation")[0]
        band = dict(con.execute("select opportunity_id, size_band from deal_facts").fetchall())
    groups: dict[tuple[int, str], dict[bool, list[tuple[str, bool]]]] = defaultdict(lambda: {True: [], False: []})
    for position, key, is_with, is_won in entries:
        groups[position, band[key]][is_with].append((key, is_won))
    total = difference = 0.0
    pulls: dict[str, float] = defaultdict(float)
    for sides in groups.values():
        n = {side: len(members) for side, members in sides.items()}
        rate = {side: sum(won for _, won in members) / n[side] for side, members in sides.items()}
        weight = n[True] * n[False] / (n[True] + n[False])
        total, difference = total + weight, difference + weight * (rate[True] - rate[False])
        for side, members in sides.items():
            for key, won in members:
                step = weight * (won - rate[side]) / n[side] * math.sqrt(n[side] / (n[side] - 1))
                pulls[key] += step if side else -step
    half = 1.96 * math.sqrt(sum(pull**2 for pull in pulls.values())) / total
    assert found["difference"] == pytest.approx(difference / total)
    assert (found["difference_low"], found["difference_high"]) == (
        pytest.approx(difference / total - half),
        pytest.approx(difference / total + half),
    )
    keys = {side: {key for _, key, is_with, _ in entries if is_with is side} for side in (True, False)}
    assert (found["n_with"], found["n_without"]) == (len(keys[True]), len(keys[False]))


def test_an_empty_firm_answers() -> None:
    with built(people()) as con:
        (total,) = rows(con, "milestones/summary")
        assert (total["n_open"], total["n_judged"], total["ahead_share"], total["ahead_low"]) == (0, 0, None, None)
        assert rows(con, "milestones/by_group", dimension="owner") == []
        assert rows(con, "milestones/rules") == []
        assert rows(con, "milestones/validation")[0]["verdict"] == "few"


def test_without_activities_nobody_is_judged() -> None:
    deals = [deal("d1", 10, "2026-03-01", stage="谈判")]
    with built(people() | {"opportunities": deals, "line_items": [{"line_id": "l", "opportunity_id": "d1"}]}) as con:
        (total,) = rows(con, "milestones/summary")
        assert (total["n_open"], total["n_judged"], total["n_ahead"], total["n_untold"]) == (1, 0, 0, 4)
        assert con.execute("select evidence_position from deal_evidence").fetchall() == [(None,)]

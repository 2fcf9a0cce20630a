"""Marts on cases small enough to work out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.queries.desk_firm import AS_OF, at, built, deal, people, rows


def asked(tables: dict[str, Any], sql: str) -> list[tuple[Any, ...]]:
    with built(people() | tables) as con:
        return con.execute(sql).fetchall()


def test_payments_fill_instalments_first_due_first() -> None:
    """Order of 100 + 100 + 100; 150 paid on the order, 20 straight on the third, 10 taken back: 140 fill 100 and 40."""
    bills = [{"invoice_id": f"i{n}", "order_id": "b", "amount": 100, "due_on": dt.date(2026, n, 1)} for n in (1, 2, 3)]
    paid = [
        {"payment_id": "p1", "order_id": "b", "amount": 90, "paid_on": dt.date(2026, 1, 5)},
        {"payment_id": "p2", "order_id": "b", "amount": 60, "paid_on": dt.date(2026, 2, 5)},
        {"payment_id": "p3", "order_id": "b", "amount": -10, "paid_on": dt.date(2026, 2, 6)},
        {"payment_id": "p4", "invoice_id": "i3", "amount": 20, "paid_on": dt.date(2026, 4, 1)},
        {"payment_id": "p5", "order_id": "b", "amount": 500, "paid_on": dt.date(2026, 5, 16)},  # tomorrow
    ]
    tables = {"orders": [{"order_id": "b", "account_id": "a1", "owner_id": "r1"}], "invoices": bills, "payments": paid}
    found = asked(
        tables,
        "select paid_amount, open_amount, days_overdue, last_paid_on, account_key from invoice_facts order by due_on",
    )
    assert found == [
        (100, 0, 0, dt.date(2026, 2, 5), 1),
        (40, 60, 103, dt.date(2026, 2, 5), 1),  # due 1 February, 103 days before 15 May
        (20, 80, 75, dt.date(2026, 4, 1), 1),
    ]


@pytest.mark.parametrize(
    ("kinds", "position"),
    [
        ([], 1),
        (["call"], 1),
        (["call", "visit"], 2),
        (["call", "visit", "quote"], 3),
        (["visit", "quote", "decider"], 4),
    ],
)
def test_evidence_climbs_milestone_by_milestone(kinds: list[str], position: int) -> None:
    """Four stages stand at 25, 50, 75 and 100 %: contact from 30, meeting from 50, offer from 70, decider from 85."""
    touches = [
        {
            "owner_id": "r1",
            "opportunity_id": "d1",
            "contact_id": "boss" if kind == "decider" else "clerk",
            "kind": "call" if kind == "decider" else kind,
            "outcome": "reached",
            "happened_at": at("2026-05-01"),
        }
        for kind in kinds
    ]
    # Another deal shows that this firm records all of it.
    touches += [
        {
            "owner_id": "r1",
            "opportunity_id": "d2",
            "contact_id": "clerk",
            "kind": kind,
            "outcome": "reached",
            "happened_at": at("2026-05-01"),
        }
        for kind in ("visit", "quote")
    ]
    contacts = [
        {"contact_id": "boss", "account_id": "a1", "buying_role": "decider"},
        {"contact_id": "clerk", "account_id": "a1", "buying_role": "user"},
    ]
    deals = [deal("d1", 10, "2026-04-01", stage="谈判"), deal("d2", 10, "2026-04-01")]
    tables = {"opportunities": deals, "contacts": contacts, "activities": touches}
    sql = "select evidence_position, is_ahead from deal_evidence where opportunity_key = 1"
    assert asked(tables, sql) == [(position, position < 4)]


def test_step_back_is_no_second_entrant() -> None:
    """沟通 1 April, 需求 11 April, 报价 21 April, back to 需求 1 May, and there since."""
    days = ["2026-04-11", "2026-04-21", "2026-05-01"]
    way = ["沟通", "需求", "报价", "需求"]
    moves = [
        {
            "opportunity_id": "d1",
            "from_stage": way[i],
            "to_stage": way[i + 1],
            "changed_at": at(day),
            "source_record": i,
        }
        for i, day in enumerate(days)
    ]
    found = asked(
        {"opportunities": [deal("d1", 10, "2026-04-01", stage="需求")], "stage_changes": moves},
        "select position, entered_on, left_on, days, exit, n_visits, is_skipped from stage_entries order by position",
    )
    april = [dt.date(2026, 4, d) for d in (1, 11, 21)]
    assert found == [
        (1, april[0], april[1], 10, "forward", 1, False),
        (2, april[1], april[2], 24, "forward", 2, False),  # 10 days, then 14 up to the as-of date
        (3, april[2], None, 10, "open", 1, False),
    ]


def derived(deal_id: str, *moves: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Moves that two snapshots tell: from, to, when."""
    return [
        {"opportunity_id": deal_id, "from_stage": a, "to_stage": b, "changed_at": at(day), "is_derived": True}
        for a, b, day in moves
    ]


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_stage_come_to_and_closed_in_between_two_snapshots_was_held_for_unknown_days(outcome: str) -> None:
    """Where closing moves no deal, 谈判 was seen with the closing of 10 May; the stay before it ended then."""
    closed = deal("d1", 10, "2026-04-01", "2026-05-10", stage="谈判", outcome=outcome)
    moves = derived("d1", ("需求", "报价", "2026-04-20"), ("报价", "谈判", "2026-05-10"))
    with built(people() | {"opportunities": [closed], "stage_changes": moves}) as con:
        entries = con.execute("select position, entered_on, days, exit from stage_entries order by position").fetchall()
        trail = rows(con, "deal/stage_trail", opportunity_id="d1")
    exit_there = "forward" if outcome == "won" else "lost"
    assert entries == [
        (1, None, None, "forward"),
        (2, dt.date(2026, 4, 1), 19, "forward"),
        (3, dt.date(2026, 4, 20), 20, "forward"),
        (4, None, None, exit_there),
    ]
    assert [(row["stage"], row["days"]) for row in trail] == [("报价", 20), ("谈判", None)]


@pytest.mark.parametrize(("outcome", "closed", "days"), [("lost", "2026-05-10", 9), ("open", "", 14)])
def test_the_last_stay_ends_with_the_deal(outcome: str, closed: str, days: int) -> None:
    """Come to 谈判 on 1 May, lost there on the 10th: nine days; still there on the 15th: fourteen."""
    last = deal("d1", 10, "2026-04-01", closed, stage="谈判", outcome=outcome)
    with built(
        people() | {"opportunities": [last], "stage_changes": derived("d1", ("需求", "谈判", "2026-05-01"))}
    ) as con:
        (entry,) = con.execute("select entered_on, days from stage_entries where position = 4").fetchall()
        (visit,) = rows(con, "deal/stage_trail", opportunity_id="d1")
    assert entry == (dt.date(2026, 5, 1), days)
    assert visit["days"] == days


def test_progress_is_what_follows_within_a_fortnight() -> None:
    """The deal moves on 15 April: 15 days after the first contact, 14 after the second; the last is too young."""
    touches = [
        {
            "owner_id": "r1",
            "opportunity_id": "d1",
            "kind": "call",
            "outcome": "reached",
            "happened_at": at(f"2026-{day}"),
        }
        for day in ("03-31", "04-01", "04-15", "04-16", "05-02")
    ]
    moves = [{"opportunity_id": "d1", "from_stage": "沟通", "to_stage": "需求", "changed_at": dt.datetime(2026, 4, 15)}]
    tables = {
        "opportunities": [deal("d1", 10, "2026-03-01", stage="需求")],
        "activities": touches,
        "stage_changes": moves,
    }
    found = asked(tables, "select day, n_effective, n_judged, n_progressed from rep_days order by day")
    assert [row[1:] for row in found] == [(1, 1, 0), (1, 1, 1), (1, 1, 1), (1, 1, 0), (1, 0, 0)]
    assert AS_OF - dt.timedelta(days=14) < found[-1][0]


def test_odds_are_shrunk_to_the_pipeline() -> None:
    """Two won, one lost in 需求, one before: 2 of 4, 2 of 3, then 2 of 2, each with 20 cases at one half."""
    deals = [deal(key, 10, "2026-01-01", "2026-03-01") for key in ("W1", "W2", "L1", "L2")]
    moves = [{"opportunity_id": "L1", "from_stage": "需求", "to_stage": "输单", "changed_at": at("2026-03-01")}]
    found = asked(
        {"opportunities": deals, "stage_changes": moves},
        "select n_decided, n_won, odds from firm_stage_odds order by position",
    )
    assert found == [
        (4, 2, pytest.approx(12 / 24)),
        (3, 2, pytest.approx(12 / 23)),
        (2, 2, pytest.approx(12 / 22)),
        (2, 2, pytest.approx(12 / 22)),
    ]

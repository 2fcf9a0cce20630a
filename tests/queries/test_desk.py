"""The desk's figures against answers worked by hand, and what must hold on any firm."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dashboard.snapshots import assembly
from tests.marts.invented import invented_firm
from tests.marts.test_twins import fill
from tests.queries.desk_firm import AS_OF, at, built, deal, people, row, rows

DEALS = [
    deal("W1", 100, "2026-03-01", "2026-04-10"),  # 40 days
    deal("W2", 300, "2026-03-06", "2026-05-15"),  # 70 days, on the as-of day
    deal("W3", 200, "2026-01-02", "2026-02-01"),  # 30 days, in the comparison
    deal("W4", 50, "2026-02-02", "2026-02-16"),  # the day after the comparison's cut
    deal("L1", 10, "2026-03-01", "2026-04-20"),
    deal("L2", 20, "2026-03-01", "2026-05-01"),
    deal("L3", 30, "2026-01-01", "2026-02-10"),
    deal("O1", 1000, "2026-05-01", expected_close_on=dt.date(2026, 6, 30)),
    deal("O2", 500, "2026-02-01", expected_close_on=dt.date(2026, 3, 1)),  # 75 days late: still cover
    deal("O3", 400, "2025-06-01", expected_close_on=dt.date(2025, 12, 1)),  # 165 days late: stale
    deal("O4", 700, "2026-04-01", expected_close_on=dt.date(2026, 8, 1)),  # after the period
    deal("O5", None, "2026-04-01", expected_close_on=dt.date(2026, 6, 1)),  # no amount
]
BEFORE = [
    *(d for d in DEALS if d["opportunity_id"] in ("W1", "W3", "W4", "L1", "L3", "O5")),
    deal("O1", 900, "2026-05-01", expected_close_on=dt.date(2026, 5, 31)),  # grown by 100, slipped
    deal("O2", 600, "2026-02-01", expected_close_on=dt.date(2026, 3, 1)),  # shrunk by 100
    deal("O4", 700, "2026-04-01") | {"outcome": "lost", "stage": "输单"},  # reopened
    deal("W2", 250, "2026-03-06") | {"outcome": "open", "stage": "谈判"},  # won since, at 300
    deal("L2", 20, "2026-03-01") | {"outcome": "open", "stage": "谈判"},  # lost since
    deal("GONE", 70, "2026-03-01"),  # vanished
]  # O3 is new


def touch(owner: str, day: str, outcome: str = "reached", **more: Any) -> dict[str, Any]:
    return {"owner_id": owner, "kind": "call", "outcome": outcome, "happened_at": at(day), **more}


def bill(key: str, amount: int, due: str, account: str = "a1") -> dict[str, Any]:
    day = dt.date.fromisoformat(due)
    return {"invoice_id": key, "account_id": account, "owner_id": "r1", "amount": amount, "due_on": day}


@pytest.fixture(scope="module")
def firm() -> Iterator[duckdb.DuckDBPyConnection]:
    goal = [
        {"owner_id": "r1", "month": dt.date(2026, 4, 1), "measure": "revenue", "value": 200},
        {"owner_id": "r1", "month": dt.date(2026, 5, 1), "measure": "revenue", "value": 100},
        {"team": "北", "month": dt.date(2026, 5, 1), "measure": "revenue", "value": 999},  # owners' goals count
        {"team": "北", "month": dt.date(2026, 6, 1), "measure": "revenue", "value": 300},
        {"owner_id": "r1", "month": dt.date(2026, 7, 1), "measure": "revenue", "value": 5000},  # next period
        {"owner_id": "r1", "month": dt.date(2026, 4, 1), "measure": "collected", "value": 90},
    ]
    con = built(
        people()
        | {
            "opportunities": DEALS,
            "targets": goal,
            "payments": [
                {"payment_id": f"p{i}", "account_id": "a1", "amount": amount, "paid_on": dt.date.fromisoformat(day)}
                for i, (amount, day) in enumerate(
                    [(80, "2026-04-05"), (-30, "2026-05-02"), (500, "2026-05-16"), (60, "2026-01-10")]
                )
            ]
            + [{"payment_id": "p9", "invoice_id": "i1", "amount": 40, "paid_on": dt.date(2025, 5, 5)}],
            "invoices": [
                bill("i1", 100, "2026-05-01"),  # 60 open, 14 days
                bill("i2", 200, "2026-01-10"),  # 200 open, 125 days
                bill("i3", 50, "2026-06-01"),
                bill("i4", 30, "2026-05-15"),  # due today is not overdue
            ],
            "tasks": [
                {"task_id": "t1", "owner_id": "r1", "status": "open", "due_on": dt.date(2026, 5, 14)},
                {"task_id": "t2", "owner_id": "r1", "status": "open", "due_on": dt.date(2026, 5, 15)},
                {"task_id": "t3", "owner_id": "r1", "status": "done", "due_on": dt.date(2026, 1, 1)},
            ],
            "activities": [
                touch("r1", "2026-04-02"),
                touch("r1", "2026-04-03", "no_answer"),
                touch("r2", "2026-05-10"),
                touch("r1", "2026-01-05"),
                touch("r1", "2026-05-16"),  # planned
            ],
        },
        BEFORE,
    )
    yield con
    con.close()


def test_won(firm: duckdb.DuckDBPyConnection) -> None:
    assert row(firm, "desk/won") == {
        "won_amount": Decimal(400),
        "n_won": 2,
        "order_amount": Decimal(0),
        "n_orders": 0,
        "compare_amount": Decimal(200),
        "n_compare": 1,
        "target_amount": Decimal(600),  # 200 + 100 + 300
        "elapsed_share": pytest.approx(45 / 91),
    }


def test_collected(firm: duckdb.DuckDBPyConnection) -> None:
    assert row(firm, "desk/collected") == {
        "collected_amount": Decimal(50),
        "n_payments": 2,
        "compare_amount": Decimal(60),
        "n_compare": 1,
        "target_amount": Decimal(90),
    }


def test_win_rate(firm: duckdb.DuckDBPyConnection) -> None:
    found = row(firm, "desk/win_rate")
    # 2 of 4; Wilson: centre 0.5, half width 1.96 sqrt(0.25/4 + 0.9604/16) / (1 + 3.8416/4)
    half = 1.96 * math.sqrt(0.25 / 4 + 0.9604 / 16) / (1 + 3.8416 / 4)
    assert (found["n_won"], found["n_decided"], found["win_rate"]) == (2, 4, 0.5)
    assert found["low_rate"] == pytest.approx(0.5 - half)
    assert found["high_rate"] == pytest.approx(0.5 + half)
    assert (found["compare_rate"], found["n_compare"]) == (0.5, 2)


def test_cycle(firm: duckdb.DuckDBPyConnection) -> None:
    assert row(firm, "desk/cycle") == {"cycle_days": 55, "n_won": 2, "compare_days": 30, "n_compare": 1}


def test_contacts(firm: duckdb.DuckDBPyConnection) -> None:
    found = row(firm, "desk/contacts")
    assert (found["n_effective"], found["n_touches"], found["n_reps"], found["n_compare"]) == (2, 3, 2, 1)
    assert found["per_rep_week"] == pytest.approx(2 / 2 / (45 / 7))
    assert found["compare_per_rep_week"] == pytest.approx(1 / 1 / (46 / 7))


def test_overdue(firm: duckdb.DuckDBPyConnection) -> None:
    assert row(firm, "desk/overdue") == {
        "overdue_amount": Decimal(260),
        "n_overdue": 2,
        "overdue_90_amount": Decimal(200),
        "n_overdue_90": 1,
        "open_amount": Decimal(340),
        "n_invoices": 4,
        "n_tasks_overdue": 1,
        "n_tasks_open": 2,
    }


def test_trend(firm: duckdb.DuckDBPyConnection) -> None:
    months = rows(firm, "desk/trend")
    assert [m["month"] for m in months][::12] == [dt.date(2025, 5, 1), dt.date(2026, 5, 1)]
    by_month = {m["month"].isoformat()[:7]: m for m in months}
    assert [by_month[m]["won_amount"] for m in ("2026-02", "2026-03", "2026-04", "2026-05")] == [250, 0, 100, 300]
    assert [by_month[m]["collected_amount"] for m in ("2026-01", "2026-04", "2026-05")] == [60, 80, -30]
    assert [by_month[m]["target_amount"] for m in ("2026-03", "2026-04", "2026-05")] == [None, 200, 100]
    assert [by_month[m]["win_rate"] for m in ("2026-02", "2026-03", "2026-05")] == [pytest.approx(2 / 3), None, 0.5]
    assert sum(m["n_effective"] for m in months) == 3


def quarter(prefix: str, n_won: int, n_lost: int, day: str, amount: int = 100) -> list[dict[str, Any]]:
    """Deals decided on one day, half of them by each salesperson."""
    made = [deal(f"W{prefix}{i}", amount, "2025-01-01", day) for i in range(n_won)]
    made += [deal(f"L{prefix}{i}", amount, "2025-01-01", day) for i in range(n_lost)]
    return [d | {"owner_id": ("r1", "r2")[i % 2]} for i, d in enumerate(made)]


def scored(n_now: int, cash_now: int | None) -> dict[str, dict[str, Any]]:
    """Now: n_now decided, half of them won. The quarter before: 40 decided, half won, all collected."""
    deals = quarter("a", n_now // 2, n_now - n_now // 2, "2026-05-01") + quarter("b", 20, 20, "2026-01-15")
    paid = [("p1", cash_now, dt.date(2026, 5, 2)), ("p2", 2000, dt.date(2026, 1, 20))] if cash_now is not None else []
    payments = [{"payment_id": i, "account_id": "a1", "amount": a, "paid_on": day} for i, a, day in paid]
    with built(people() | {"opportunities": deals, "payments": payments}) as con:
        return {r["factor"]: r for r in rows(con, "desk/scorecard")}


def test_scorecard_names_the_weak_link() -> None:
    card = scored(20, 800)
    # people 10 against 20 decided per rep, money 800/1000 against 1, goods 100 against 100, tasks half against half
    assert list(card) == ["people", "money", "goods", "tasks"]
    assert [(r["level"], r["best"]) for r in card.values()] == [(10, 20), (0.8, 1), (100, 100), (0.5, 0.5)]
    assert [r["worth_amount"] for r in card.values()] == [800, 200, 0, 0]  # 800 x (20/10 - 1), 800 x (1/0.8 - 1)
    assert [f for f, r in card.items() if r["is_weakest"]] == ["people"]
    assert [f for f, r in card.items() if r["is_clear"]] == ["people", "money"]
    # The record's quarter: 92 to 182 days before the as-of date, ending 91 days before it.
    assert card["people"]["best_from_on"] == dt.date(2025, 11, 15)


def test_scorecard_judges_no_handful() -> None:
    card = scored(18, 800)
    assert not any(r["is_clear"] or r["is_weakest"] for r in card.values())


def test_scorecard_without_payments_ends_at_the_won_amount() -> None:
    card = scored(20, None)
    assert card["money"]["level"] is None and not card["money"]["is_cash_known"]
    assert card["people"]["cash_amount"] == 1000
    assert card["people"]["worth_amount"] == 1000


@pytest.fixture(scope="module")
def invented() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        assembly.create_tables(con)
        for table, made in invented_firm(random.Random(5), AS_OF).items():
            fill(con, table, made)
        assembly.derive(con, AS_OF)
        assembly.build_marts(con, AS_OF)
        con.execute("create table previous_opportunities as from opportunities")
        con.execute("update previous_opportunities set amount = amount * 2 where opportunity_key % 5 = 0")
        con.execute("delete from previous_opportunities where opportunity_key % 7 = 0")
        con.execute(
            "update previous_opportunities set opportunity_id = 'gone' || opportunity_id where opportunity_key % 11 = 0"
        )
        yield con


def test_scorecard_multiplies_to_the_cash(invented: duckdb.DuckDBPyConnection) -> None:
    card = {r["factor"]: r for r in rows(invented, "desk/scorecard")}
    product = card["people"]["n_reps"] * math.prod(r["level"] for r in card.values())
    assert product == pytest.approx(float(card["people"]["cash_amount"]))


def test_trend_adds_up_to_won(invented: duckdb.DuckDBPyConnection) -> None:
    start = dt.date(2025, 5, 1)
    won = rows(invented, "desk/won", period_start=start, period_end=dt.date(2026, 6, 1))[0]
    months = rows(invented, "desk/trend")
    assert sum(m["won_amount"] for m in months) == won["won_amount"] > 0
    assert sum(m["n_won"] for m in months) >= won["n_won"]


def test_actions_hold_on_any_firm(invented: duckdb.DuckDBPyConnection) -> None:
    actions = rows(invented, "desk/actions")
    kinds = Counter(a["kind"] for a in actions)
    assert len(kinds) >= 5
    assert len({a["action_key"] for a in actions}) == len(actions)
    assert all(a["action_key"].startswith(a["kind"] + ":") for a in actions)
    assert max(kinds.values()) <= 12
    assert [a["score"] for a in actions] == sorted((a["score"] for a in actions), reverse=True)
    assert all(a["amount"] > 0 for a in actions)
    deals = [a for a in actions if a["opportunity_id"]]
    assert len({a["opportunity_id"] for a in deals}) == len(deals), "one line per deal"
    amounts = dict(
        invented.execute("select opportunity_id, amount from opportunities where outcome = 'open'").fetchall()
    )
    assert all(amounts[a["opportunity_id"]] == a["amount"] for a in deals)


def ordered(key: str, amount: int, day: str, of: str | None, status: str = "active") -> dict[str, Any]:
    signed = dt.date.fromisoformat(day)
    return {
        "order_id": key,
        "opportunity_id": of,
        "account_id": "a1",
        "amount": amount,
        "ordered_on": signed,
        "status": status,
    }


def test_orders_without_a_deal_are_won_too() -> None:
    orders = [
        ordered("b1", 100, "2026-04-10", "W1"),  # the deal's own order: counted once, as the deal
        ordered("b2", 200, "2026-02-01", "W3"),
        ordered("b3", 7, "2026-04-11", None),
        ordered("b4", 9, "2026-04-12", None, "cancelled"),
    ]
    with built(people() | {"opportunities": DEALS, "orders": orders}) as con:
        won = row(con, "desk/won")
        assert (won["won_amount"], won["n_won"], won["order_amount"], won["n_orders"]) == (407, 2, 7, 1)
        assert row(con, "forecast/coverage")["won_amount"] == 407
        assert rows(con, "forecast/outlook", dimension="all")[0]["won_amount"] == 407
        assert {m["month"].month: m["won_amount"] for m in rows(con, "desk/trend")[-3:]} == {3: 0, 4: 107, 5: 300}
    # Two of five tied: the others may well be the orders of won deals, so none is counted.
    untied = [*orders, ordered("b5", 300, "2026-05-15", None)]
    with built(people() | {"opportunities": DEALS, "orders": untied}) as con:
        assert row(con, "desk/won")["won_amount"] == 400

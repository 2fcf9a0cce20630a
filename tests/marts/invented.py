"""An invented firm with everything that makes derived tables wrong: nulls, orphans, ties, future dates, re-entries."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

Rows = list[dict[str, Any]]

STAGES = {"标准": ["初步接洽", "需求确定", "方案报价", "谈判审核", "合同"], "短单": ["询价", "报价", "签约"]}


def invented_firm(chance: random.Random, as_of: dt.date) -> dict[str, Rows]:
    """Rows per canonical table, keys and all; about 6,000 in sum."""

    def some(value: Any, share: float = 0.9) -> Any:
        return value if chance.random() < share else None

    def day(back: int = 900, ahead: int = 40) -> dt.date:
        return as_of + dt.timedelta(days=chance.randint(-back, ahead))

    def moment(back: int = 900, ahead: int = 40) -> dt.datetime:
        # Half of all clocks show midnight: many exports carry days only, which makes ties.
        clock = dt.time(chance.randrange(24), chance.choice([0, 30])) if chance.random() < 0.5 else dt.time()
        return dt.datetime.combine(day(back, ahead), clock)

    def key(n: int, orphans: float = 0.03) -> int | None:
        return some(chance.randint(1, n) if chance.random() >= orphans else n + 1000, 0.95)

    tables: dict[str, Rows] = {}
    tables["users"] = [
        {"user_key": i, "user_id": f"u{i}", "name": f"员工{i}", "team": some(f"组{i % 3}", 0.85)} for i in range(1, 13)
    ]
    tables["accounts"] = [
        {"account_key": i, "account_id": f"{i:04}", "owner_key": key(12), "region": some(f"区{i % 4}")}
        for i in range(1, 71)
    ]
    tables["contacts"] = [
        {
            "contact_key": i,
            "contact_id": f"c{i}",
            "account_key": key(70),
            "buying_role": some(chance.choice(["decider", "user", "unknown", "unknown", "unknown"]), 0.5),
        }
        for i in range(1, 161)
    ]
    tables["products"] = [
        {
            "product_key": i,
            "product_id": f"p{i}",
            "family": some(f"系列{i % 3}"),
            "unit_cost": some(chance.randint(5, 90), 0.7),
        }
        for i in range(1, 13)
    ]
    tables["stages"] = [
        {"pipeline": p, "stage": s, "position": i, "outcome": o, "default_probability": some(0.1 * i)}
        for p, names in STAGES.items()
        for i, (s, o) in enumerate([*((n, "open") for n in names), ("赢单", "won"), ("输单", "lost")], 1)
    ]
    deals: Rows = []
    moves: Rows = []
    pushes: Rows = []
    for i in range(1, 501):
        pipeline = chance.choice(list(STAGES))
        names = STAGES[pipeline]
        outcome = chance.choice(["open", "won", "lost", "lost"])
        created = moment()
        closed = created + dt.timedelta(days=chance.randint(-2, 200), hours=chance.randint(0, 9))
        at, seen = created, some(chance.choice(names), 0.6)
        for n in range(chance.randint(0, 6)):
            to = (
                chance.choice([*names, names[-1], "已取消的阶段"])
                if chance.random() < 0.9
                else chance.choice(["赢单", "输单"])
            )
            at += dt.timedelta(days=chance.choice([0, 0, 3, 11, 40]), hours=chance.choice([0, 5]))
            moves.append(
                {
                    "opportunity_key": i,
                    "from_stage": some(seen, 0.9),
                    "to_stage": to,
                    "changed_at": some(at, 0.97),
                    "is_derived": some(i % 7 == 0, 0.9),
                    "source_file": 1,
                    "source_record": n,
                }
            )
            seen = to
        stage = {"won": "赢单", "lost": chance.choice(["输单", *names])}.get(outcome, seen or chance.choice(names))
        deals.append(
            {
                "opportunity_key": i,
                "opportunity_id": f"{i:05}",
                "account_key": key(70),
                "owner_key": key(12),
                "pipeline": pipeline,
                "stage": some(stage, 0.97),
                "outcome": outcome,
                "amount": some(chance.choice([0, 100, 100, chance.randint(1, 100_000) / 100])),
                "source": some(f"来源{i % 3}"),
                "next_step": some(chance.choice(["回访", " ", ""]), 0.5),
                "next_step_on": some(day(60, 60), 0.4),
                "expected_close_on": some(day(60, 120)),
                "created_at": some(created, 0.97),
                "closed_at": some(closed, 0.95) if outcome != "open" else None,
                "stage_entered_at": some(at, 0.2),
            }
        )
        for _ in range(chance.choice([0, 0, 1, 3])):
            start = day(200, 100)
            pushes.append(
                {
                    "opportunity_key": i,
                    "changed_at": some(moment(200, 30), 0.9),
                    "from_on": start,
                    "to_on": start + dt.timedelta(days=chance.randint(-20, 60)),
                }
            )
    tables |= {"opportunities": deals, "stage_changes": moves, "close_date_changes": pushes}
    tables["activities"] = [
        {
            "activity_key": i,
            "activity_id": f"x{i}",
            "kind": some(chance.choice(["call", "visit", "meeting", "email", "demo", "quote"])),
            "direction": some(chance.choice(["out", "out", "in"])),
            "owner_key": key(12),
            "account_key": key(70),
            "contact_key": key(160, 0.1),
            "opportunity_key": some(key(500), 0.8),
            "happened_at": some(moment(900, 20), 0.98),
            "minutes": some(chance.randint(0, 90), 0.5),
            "outcome": some(chance.choice(["reached", "no_answer", "positive", "unknown"]), 0.7),
            "with_manager": some(chance.random() < 0.1, 0.8),
        }
        for i in range(1, 3001)
    ]
    tables["tasks"] = [
        {
            "task_key": i,
            "task_id": f"t{i}",
            "owner_key": key(12),
            "opportunity_key": key(500),
            "due_on": some(day(60, 60)),
            "completed_at": some(moment(30, 0), 0.3),
            "status": some(chance.choice(["open", "done", "cancelled"])),
        }
        for i in range(1, 201)
    ]
    tables["orders"] = [
        {
            "order_key": i,
            "order_id": f"o{i}",
            "opportunity_key": some(key(500), 0.7),
            "account_key": key(70),
            "owner_key": key(12),
            "amount": chance.randint(0, 1000),
            "status": some(chance.choice(["active", "done", "cancelled"])),
            "ordered_on": some(day()),
        }
        for i in range(1, 151)
    ]
    tables["line_items"] = [
        {
            "line_key": i,
            "line_id": f"l{i}",
            "opportunity_key": some(key(500), 0.4),
            "order_key": some(key(150), 0.6),
            "product_key": key(12),
            "quantity": some(chance.randint(1, 9)),
            "unit_price": some(chance.randint(1, 120)),
            "unit_cost": some(chance.randint(1, 120), 0.3),
        }
        for i in range(1, 601)
    ]
    tables["invoices"] = [
        {
            "invoice_key": i,
            "invoice_id": f"i{i}",
            "order_key": key(150),
            "account_key": some(key(70), 0.5),
            "owner_key": some(key(12), 0.5),
            "amount": some(chance.choice([100, 100, 0, chance.randint(1, 99_999) / 100])),
            "due_on": some(day(400, 200)),
        }
        for i in range(1, 301)
    ]
    tables["payments"] = [
        {
            "payment_key": i,
            "payment_id": f"y{i}",
            "invoice_key": some(key(300), 0.4),
            "order_key": some(key(150), 0.8),
            "account_key": some(key(70), 0.5),
            "owner_key": some(key(12), 0.5),
            "amount": some(chance.choice([100, 50, chance.randint(1, 50_000) / 100, -40]), 0.97),
            "paid_on": some(day(400, 20)),
        }
        for i in range(1, 401)
    ]
    tables["cases"] = [
        {
            "case_key": i,
            "case_id": f"k{i}",
            "account_key": key(70),
            "status": some(chance.choice(["open", "closed"])),
            "opened_at": some(moment(200, 20)),
            "closed_at": some(moment(100, 20), 0.4),
        }
        for i in range(1, 101)
    ]
    return tables

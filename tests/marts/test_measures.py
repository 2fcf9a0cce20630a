"""Every measure of the playbook on one deal, counted by hand; the deal's own page counts the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard import playbook
from dashboard.engine import Engine
from dashboard.playbook import Rule, StageStandard
from dashboard.queryfile import tables_of
from dashboard.settings import Settings
from dashboard.snapshots.store import Store
from tests.builders import build_snapshot
from tests.queries.desk_firm import AS_OF, at, deal, people

#: Deal d1 is with a customer nobody's role is known at; d2 with one whose decider is.
COUNTED = {
    "contact": (5, 2),
    "inbound": (2, 0),
    "recent": (1, 0),
    "meeting": (3, 1),
    "demo": (1, 0),
    "people": (2, 2),
    "people_90d": (3, 0),
    "decider": (5, 1),
    "decider_meeting": (3, 1),
    "offer": (3, 0),
    "quote": (2, 0),
    "lines": (2, 0),
    "need": (1, 0),
    "amount": (1, 0),
    "close_date": (1, 0),
    "step": (1, 1),
    "dated_step": (1, 0),
    "approval": (1, 0),
    "order": (1, 0),
    "payment": (2, 0),
}


def touch(key: str, day: str, kind: str, who: str | None, **more: Any) -> dict[str, Any]:
    return {
        "opportunity_id": key,
        "owner_id": "r1",
        "kind": kind,
        "contact_id": who,
        "happened_at": at(day),
        "outcome": "reached",
        **more,
    }


def tables() -> dict[str, list[dict[str, Any]]]:
    d1 = deal(
        "d1", 10, "2026-01-01", stage="谈判", need="快一点", expected_close_on="2026-05-15", next_step_on="2026-05-20"
    )
    d2 = deal("d2", 0, "2026-01-01", account_id="a2", need=" ", expected_close_on="2026-05-14", next_step="再打电话")
    touches = [
        touch("d1", "2026-02-01", "call", "p1"),
        touch("d1", "2026-03-01", "visit", "p2", direction="in"),
        touch("d1", "2026-04-01", "meeting", "p3"),
        touch("d1", "2026-04-15", "demo", "p1"),
        touch("d1", "2026-04-16", "call", "p1", outcome="no_answer"),
        touch("d1", "2026-04-16", "email", None, direction="in"),
        touch("d1", "2026-04-17", "quote", None, outcome="unknown"),
        touch("d1", "2026-05-16", "meeting", "p1"),  # tomorrow
        touch("d2", "2026-02-01", "visit", "boss"),
        touch("d2", "2026-02-02", "call", "p4"),
    ]
    return people() | {
        "opportunities": [d1, d2],
        "contacts": [
            *({"contact_id": f"p{i}", "account_id": "a1", "buying_role": "unknown"} for i in (1, 2, 3)),
            {"contact_id": "boss", "account_id": "a2", "buying_role": "decider"},
            {"contact_id": "p4", "account_id": "a2"},
        ],
        "activities": touches,
        "line_items": [{"line_id": f"l{i}", "opportunity_id": "d1", "quantity": 1, "unit_price": 5} for i in (1, 2)],
        "approvals": [
            {"approval_id": f"x{i}", "opportunity_id": "d1", "decision": decision, "decided_at": at("2026-05-01")}
            for i, decision in enumerate(("approved", "rejected", "pending"))
        ],
        "orders": [
            {"order_id": "o1", "opportunity_id": "d1", "status": "active", "ordered_on": "2026-05-02"},
            {"order_id": "o2", "opportunity_id": "d1", "status": "cancelled", "ordered_on": "2026-05-03"},
        ],
        "payments": [
            {"payment_id": f"y{i}", "order_id": "o1", "amount": amount, "paid_on": f"2026-05-{day}"}
            for i, (amount, day) in enumerate(((1, "03"), (2, "04"), (-1, "05"), (3, "16")))
        ],
    }


def test_every_measure_is_counted(tmp_path: Path) -> None:
    snapshot = build_snapshot(tmp_path, tables(), AS_OF.isoformat())
    every = tuple(Rule(code, most) for code, most in playbook.measures().items())
    Settings(tmp_path).set_playbook([StageStandard("main", "沟通", every)])
    engine = Engine(Store(tmp_path))
    lens = engine.lens(snapshot.id)
    sql = """
        select opportunity_id, measure, n, holds from deal_milestones
        join deal_facts on deal_facts.opportunity_key = deal_milestones.opportunity_key where position = 1
    """
    rows = lens._answer("test", sql, tables_of(sql), {}).to_pylist()
    found = {(row["opportunity_id"], row["measure"]): row for row in rows}
    counted = {code: (found["d1", code]["n"], found["d2", code]["n"]) for code in playbook.measures()}
    assert counted == COUNTED
    assert all(row["holds"] == (row["n"] >= playbook.measures()[row["measure"]]) for row in rows)
    for key in ("d1", "d2"):
        page = {
            row["measure"]: row for row in lens.rows("deal/milestones", opportunity_id=key) if row["from_position"] == 1
        }
        assert {c: r["holds"] for c, r in page.items()} == {c: found[key, c]["holds"] for c in page}
        # Several people are no more than two to the mart, which does not count them; the page does.
        assert {c: r["n"] for c, r in page.items() if c != "people"} == {
            c: found[key, c]["n"] for c in page if c != "people"
        }
    engine.close()

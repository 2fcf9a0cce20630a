"""A small firm for the engine's tests: every text tells whose it is, so that a foreign row gives itself away.

Max (boss of the line) ← Mia (manager) ← Ann, Ben; and Zoe, who reports to Max directly. `canary-<person>` stands in
every text column that a row of that person has.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dashboard.snapshots.store import Snapshot
from tests.builders import build_snapshot

PEOPLE = ("max", "mia", "ann", "ben", "zoe")
TEAMS = {"max": "board", "mia": "north", "ann": "north", "ben": "north", "zoe": "south"}
MANAGERS = {"mia": "max", "ann": "mia", "ben": "mia", "zoe": "max"}
#: What one person's rows cost and bring, so that sums tell them apart.
AMOUNTS = {"max": 1, "mia": 20, "ann": 300, "ben": 4000, "zoe": 50000}


def canary(person: str) -> str:
    """The mark in every text of a person's rows."""
    return f"canary-{person}"


def tables() -> dict[str, list[dict[str, Any]]]:
    """Rows for each person in every table that has an owner, and rows of nobody."""
    found: dict[str, list[dict[str, Any]]] = {
        "products": [
            {"product_id": "p1", "name": "Pump", "family": "Pumps", "is_active": True},
            {"product_id": "p2", "name": "Valve", "family": "Valves", "is_active": True},
        ],
        "targets": [
            {"team": team, "month": "2026-03-01", "measure": "revenue", "value": 9} for team in ("north", "south")
        ],
    }
    for person in PEOPLE:
        for table, rows in _rows(person).items():
            found.setdefault(table, []).extend(rows)
    found["accounts"].append({"account_id": "orphan", "name": canary("nobody"), "region": canary("nobody")})
    found["opportunities"].append(
        {
            "opportunity_id": "orphan",
            "name": canary("nobody"),
            "account_id": "orphan",
            "amount": 700000,
            "pipeline": "new",
            "created_at": "2026-01-05",
            "outcome": "open",
            "stage": "talk",
        }
    )
    found["source_files"] = [{"source_file": 1, "name": canary("file"), "n_records": 1, "n_kept": 1}]
    found["rejects"] = [{"source_file": 1, "file": canary("file"), "line": 2, "content": canary("file"), "reason": "x"}]
    found["import_notes"] = [{"source_file": 1, "code": "x", "column_name": canary("file"), "example": canary("file")}]
    found["missing_references"] = [{"table_name": "tasks", "row_id": canary("file"), "reference": canary("file")}]
    return found


def _rows(person: str) -> dict[str, list[dict[str, Any]]]:
    mark, amount = canary(person), AMOUNTS[person]
    mine = {"owner_id": person, "account_id": person}
    deal = {**mine, "pipeline": "new" if person != "ben" else "renewal", "source": mark, "currency": "CNY"}
    texts = {"need": mark, "competitor": mark, "loss_reason": mark, "next_step": mark, "name": mark}
    product = "p1" if person in ("ann", "zoe") else "p2"
    return {
        "users": [
            {
                "user_id": person,
                "name": mark,
                "email": f"{mark}@x.cn",
                "role": "manager" if person in ("max", "mia") else "rep",
                "manager_id": MANAGERS.get(person),
                "team": TEAMS[person],
                "region": mark,
                "hired_on": "2020-01-01",
            }
        ],
        "accounts": [
            {"account_id": person, "owner_id": person, "name": mark, "region": f"{TEAMS[person]}-land", "city": mark}
        ],
        "contacts": [
            {"contact_id": person, "account_id": person, "name": mark, "email": mark, "buying_role": "decider"}
        ],
        "leads": [
            {
                "lead_id": person,
                "owner_id": person,
                "name": mark,
                "company": mark,
                "source": mark,
                "created_at": "2026-02-01",
            }
        ],
        "opportunities": [
            {
                **deal,
                **texts,
                "opportunity_id": f"{person}-{outcome}",
                "outcome": outcome,
                "stage": {"open": "talk", "won": "won", "lost": "lost"}[outcome],
                "amount": amount,
                "created_at": "2026-01-10",
                "closed_at": None if outcome == "open" else "2026-03-10",
                "expected_close_on": "2026-03-20",
            }
            for outcome in ("open", "won", "lost")
        ],
        "stage_changes": [
            {
                "opportunity_id": f"{person}-open",
                "from_stage": None,
                "to_stage": "talk",
                "changed_at": "2026-02-01",
                "changed_by_id": person,
            }
        ],
        "close_date_changes": [
            {
                "opportunity_id": f"{person}-open",
                "changed_at": "2026-02-02",
                "from_on": "2026-02-20",
                "to_on": "2026-03-20",
            }
        ],
        "activities": [
            {**mine, "opportunity_id": f"{person}-open", "contact_id": person, "kind": "call", "direction": "out"}
            | {"happened_at": f"2026-03-0{day}", "outcome": "reached", "minutes": 30, "subject": mark, "note": mark}
            for day in (1, 2)
        ],
        "tasks": [
            {**mine, "opportunity_id": f"{person}-open", "subject": mark, "due_on": "2026-03-01", "status": "open"}
        ],
        "orders": [
            {
                **mine,
                "order_id": mark,
                "opportunity_id": f"{person}-won",
                "amount": amount,
                "status": "active",
                "ordered_on": "2026-03-11",
            }
        ],
        "line_items": [
            {
                "line_id": mark,
                "opportunity_id": f"{person}-won",
                "order_id": mark,
                "product_id": product,
                "quantity": 1,
                "unit_price": amount,
            }
        ],
        "invoices": [{**mine, "invoice_id": mark, "order_id": mark, "amount": amount, "due_on": "2026-03-15"}],
        "payments": [
            {**mine, "payment_id": mark, "order_id": mark, "invoice_id": mark, "amount": 1, "paid_on": "2026-03-16"}
        ],
        "expenses": [
            {"user_id": person, "account_id": person, "kind": mark, "amount": amount, "spent_on": "2026-03-01"}
        ],
        "approvals": [
            {
                "approval_id": mark,
                "requested_by_id": person,
                "opportunity_id": f"{person}-open",
                "kind": "discount",
                "decision": "pending",
            }
            | {"requested_at": "2026-03-01", "amount": amount}
        ],
        "cases": [
            {
                **mine,
                "case_id": mark,
                "contact_id": person,
                "kind": "complaint",
                "status": "open",
                "opened_at": "2026-03-01",
            }
        ],
        "targets": [{"owner_id": person, "month": "2026-03-01", "measure": "revenue", "value": amount}],
    }


def build(home: Path, as_of: str = "2026-03-31", series: str = "main") -> Snapshot:
    """Publish the firm as one snapshot."""
    return build_snapshot(home, tables(), as_of, series)

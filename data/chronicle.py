"""Tells what is planted where, in the ids that a dialect uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from data import catalogue, people, stories
from data.dirt import Dirt
from data.known import Known, Table
from data.model import Customer, Deal, Person, World
from data.pipeline import WEAK_SINCE, WEAK_TEAM
from data.world import SNAPSHOTS

Count = dict[str, dict[str, Any]]
Firm = dict[str, Any]


class Namer(Protocol):
    """How a dialect calls things."""

    def user(self, person: Person) -> str: ...
    def customer(self, customer: Customer) -> str: ...
    def deal(self, deal: Deal) -> str: ...
    def product(self, key: int) -> str: ...
    def stage(self, name: str) -> str: ...


def count(tables: Sequence[Table], dirt: Dirt) -> Count:
    """Rows per file, and how many of them are dirty in which way, with the ids of those that matter."""
    found: Count = {}
    for table in tables:
        entry: dict[str, Any] = {"rows": len(table.rows)}
        entry |= {what: number for what, number in sorted(dirt.counts.get(table.name, {}).items())}
        found[table.name] = entry
    for name, ids in sorted(dirt.ids.items()):
        table_name, what = name.split(":")
        if table_name in found and what in ("duplicates", "impossible_dates", "orphans", "unknown_amounts"):
            found[table_name][f"{what}_ids"] = ids
    return found


def tell(world: World, namer: Namer, counts: dict[str, Count]) -> Firm:
    """The stories of one firm in the ids its export uses."""
    known = Known(world, SNAPSHOTS[-1])

    def rep(archetype: str) -> dict[str, str]:
        person = world.archetype(archetype)
        return {"id": namer.user(person), "code": person.key, "name": person.name, "team": person.team}

    def manager(archetype: str) -> dict[str, str]:
        person = world.person(world.archetype(archetype).manager)
        return {"id": namer.user(person), "code": person.key, "name": person.name, "team": person.team}

    def client(name: str) -> dict[str, Any]:
        customer = stories.special(world, name)
        owner = world.person(customer.owner.at(known.cut))
        return {
            "id": namer.customer(customer),
            "name": customer.name,
            "owner_id": namer.user(owner),
            "owner": owner.name,
        }

    worth = sorted((known.worth(c) for c in known.customers), reverse=True)
    silent, stopped = stories.special(world, "silent"), stories.special(world, "stopped")
    product = catalogue.loss_maker(world.products)
    big = next(d for d in world.deals if d.special == "big")
    overdue = [
        x for o in known.orders_of[stopped.key] for x in o.instalments if stories.PAYMENTS_STOP < x.due <= SNAPSHOTS[-1]
    ]
    found: dict[str, Any] = {
        "weak_stage": {
            "kind": "weak_stage",
            "stage": namer.stage("proposal"),
            "next_stage": namer.stage("negotiation"),
            "since": WEAK_SINCE.isoformat(),
            "team": WEAK_TEAM[world.firm],
        },
        "over_supervised_star": {"kind": "over_supervised", "rep": rep("star"), "manager": manager("star")},
        "neglected_weak_rep": {"kind": "under_supervised", "rep": rep("weak"), "manager": manager("weak")},
        "silent_vip": {
            "kind": "silent_customer",
            "customer": client("silent"),
            "last_contact": stories.SILENT_LAST_CONTACT.isoformat(),
            "last_order": stories.SILENT_LAST_ORDER.isoformat(),
            "rank_by_orders": worth.index(known.worth(silent)) + 1,
            "ordered": round(known.worth(silent), 2),
        },
        "loss_maker": {
            "kind": "loss_making_product",
            "product": {"id": namer.product(product.key), "code": product.code, "name": product.name},
            "price": product.price,
            "cost": product.cost,
        },
        "dragging_deal": {
            "kind": "close_date_pushed",
            "deal": {"id": namer.deal(big), "name": big.name},
            "customer": client("big"),
            "amount": round(big.amount.at(known.cut), 2),
            "expected_close": {
                day.isoformat(): big.expected.at(Known(world, day).cut).isoformat() for day in SNAPSHOTS
            },
        },
        "stage_outruns_evidence": {
            "kind": "inflated_stages",
            "rep": rep("inflator"),
            "stage": namer.stage("negotiation"),
            "note": "no visit, meeting, demo or quote behind the stage; contact notes often copied",
        },
        "payments_stopped": {
            "kind": "payments_stopped",
            "customer": client("stopped"),
            "paid_until": stories.PAYMENTS_STOP.isoformat(),
            "overdue_instalments": len(overdue),
            "overdue_amount": round(sum(x.amount for x in overdue), 2),
        },
        "leaver": {
            "kind": "leaver",
            "rep": rep("leaver"),
            "left": people.LEAVER_LEFT.isoformat(),
            "open_deals_left_behind": sum(
                1
                for d in known.deals
                if d.owner.at(known.cut) == world.archetype("leaver").key
                and d.outcome_at(known.cut) == "open"
                and d.deleted is None
            ),
        },
        "novice": {"kind": "newly_hired", "rep": rep("novice"), "hired": people.NOVICE_HIRED.isoformat()},
        "targets": {"kind": "course", "ahead_slightly": "2026-Q3", "behind": "2026-Q4"},
    }
    return {"firm": world.firm, "seed": world.seed, "stories": found, "snapshots": counts}

"""One small firm that three CRMs export: the same company must give the same figures, whatever the dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from data import catalogue, customers, people, targets
from data.common_ground import settle
from data.deals import Seller
from data.dialects.dynamics365 import write as write_dynamics365
from data.dialects.records import More
from data.dialects.salesforce import write as write_salesforce
from data.dialects.xtools import write as write_xtools
from data.diary import Diary
from data.model import World
from data.money import Ledger, reorder
from data.numbering import renumber
from data.pipeline import stages
from data.service import keep_in_touch, serve
from data.vocabulary import Staff, Team
from data.vocabulary_en import EN
from data.world import hand_over, sell

SEED = 11
SNAPSHOTS = (date(2026, 8, 31), date(2026, 9, 30))
#: Writes the files of one snapshot into a folder, and returns what its words and ids stand for.
WRITERS: dict[str, Callable[[World, date, Path, More], dict[str, str]]] = {
    "salesforce": write_salesforce,
    "xtools": write_xtools,
    "dynamics365": write_dynamics365,
}
_ACCOUNTS, _CONTACTS, _DEALS, _CARE_DAYS, _CALLED_ORDERS, _CASES = 60, 130, 240, 62.0, 8, 50
_TEAMS = (
    Team(
        "East",
        "Boston",
        Staff("Robert", "Kessler", "rkessler", "Sales Manager", "manager"),
        (
            Staff("Maya", "Lindqvist", "mlindqvist", "Account Executive", "star"),
            Staff("Tom", "Pritchard", "tpritchard", "Account Executive", "weak"),
            Staff("Ruth", "Feldman", "rfeldman", "Account Executive", "careful"),
        ),
        (("MA", "Boston"), ("NY", "Albany"), ("PA", "Pittsburgh")),
    ),
    Team(
        "West",
        "Portland",
        Staff("Grant", "Iwasaki", "giwasaki", "Sales Manager", "manager"),
        (
            Staff("Nora", "Castellán", "ncastellan", "Account Executive", "solid"),
            Staff("Peter", "Holm", "pholm", "Account Executive", "leaver"),
            Staff("Ella", "Brandt", "ebrandt", "Account Executive", "novice"),
        ),
        (("OR", "Portland"), ("WA", "Seattle"), ("CA", "Fresno")),
    ),
)


def build(seed: int = SEED) -> World:
    """The firm's whole history, cut to what all three CRMs can say of it; the same seed gives the same history."""
    words = replace(EN, teams=_TEAMS)
    staff = people.hire(words, seed)
    clients = customers.gather(words, staff, _ACCOUNTS, _CONTACTS, seed)
    world = World("en", seed, stages("en"), staff, catalogue.stock(words, seed), clients)

    def dice(name: str) -> Random:
        return Random(f"{seed}:triple:{name}")

    diary = Diary(world, words, dice("diary"))
    sell(world, Seller(world, words, diary, dice("deals")), dice("demand"), _DEALS)
    hand_over(world, dice("handover"))
    ledger = Ledger(world, words, diary, dice("money"))
    for deal in world.deals:
        if deal.outcome == "won" and deal.end is not None and deal.end.date() <= SNAPSHOTS[-1]:
            ledger.close(deal)
    reorder(ledger, world, _CALLED_ORDERS, SNAPSHOTS[-1])
    keep_in_touch(world, words, diary, dice("care"), _CARE_DAYS, SNAPSHOTS[-1])
    serve(world, words, dice("cases"), _CASES, SNAPSHOTS[-1])
    world.activities = [a for a in world.activities if a.at.date() <= SNAPSHOTS[-1]]
    targets.publish(world, dice("targets"), people.START, SNAPSHOTS[-1])
    renumber(world)
    settle(world, dice("deletions"))
    return world

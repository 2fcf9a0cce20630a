"""Plays one firm from its first day on the CRM to a little after the last snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from data import catalogue, customers, people, stories, targets
from data.deals import Seller
from data.diary import Diary
from data.leads import collect
from data.model import Customer, Deal, Person, World
from data.money import Ledger, reorder, spend
from data.numbering import renumber
from data.pipeline import stages
from data.service import keep_in_touch, serve
from data.vocabulary_en import EN
from data.vocabulary_zh import ZH
from data.workdays import BUSY, is_open, office_hour, poisson

VOCABULARIES = {"zh": ZH, "en": EN}
SNAPSHOTS = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))
# Chosen so that the last months come out as the course story needs, without bending any single deal.
SEEDS = {"zh": 7, "en": 16}
# Customers, contacts, deals, days between care contacts, orders by telephone, service cases.
_SIZES = {"zh": (600, 1200, 2040, 28.0, 70, 620), "en": (300, 640, 1010, 62.0, 35, 300)}
# Planned visits after the last snapshot belong in it; what lies beyond this day nobody can know.
_HORIZON = date(2026, 12, 10)


def moment(day: date) -> datetime:
    """The last second of a snapshot day."""
    return datetime.combine(day, time(23, 59, 59))


def build(firm: str, seed: int) -> World:
    """The whole history of one firm; the same seed gives the same history."""
    words = VOCABULARIES[firm]
    size, contacts, deals, gap, calls, cases = _SIZES[firm]
    staff = people.hire(words, seed)
    clients = customers.gather(words, staff, size, contacts, seed)
    world = World(firm, seed, stages(firm), staff, catalogue.stock(words, seed), clients)

    def dice(name: str) -> Random:
        return Random(f"{seed}:{firm}:{name}")

    stories.choose(world, dice("choice"))
    diary = Diary(world, words, dice("diary"))
    seller = Seller(world, words, diary, dice("deals"))
    sell(world, seller, dice("demand"), deals)
    hand_over(world, dice("handover"))
    ledger = Ledger(world, words, diary, dice("money"))
    for deal in world.deals:
        if deal.outcome == "won" and deal.end is not None and deal.end.date() <= _HORIZON:
            ledger.close(deal)
    reorder(ledger, world, calls, SNAPSHOTS[-1])
    _plant(world, seller, ledger, diary, dice)
    keep_in_touch(world, words, diary, dice("care"), gap, _HORIZON)
    serve(world, words, dice("cases"), cases, SNAPSHOTS[-1])
    _clean(world)
    spend(world, words, dice("expenses"))
    collect(world, words, dice("leads"))
    _delete_some(world, dice("deletions"))
    targets.publish(world, dice("targets"), people.START, SNAPSHOTS[-1])
    renumber(world)
    return world


def sell(world: World, seller: Seller, rng: Random, count: int) -> None:
    """New deals day by day; demand follows the seasons and each salesperson's share of it."""
    days = [people.START + timedelta(days=x) for x in range((SNAPSHOTS[-1] - people.START).days + 1)]
    days = [d for d in days if is_open(world.firm, d)]
    busy = BUSY[world.firm]
    scale = count / sum(busy[d.month - 1] for d in days)
    reps = [p for p in world.people if p.role == "rep"]
    first: dict[date, list[Customer]] = defaultdict(list)
    for customer in world.customers:
        if customer.created.date() >= people.START and not customer.special and rng.random() < 0.6:
            first[customer.created.date()].append(customer)
    for day in days:
        # A new customer is entered because there is something to sell to him.
        for customer in first[day]:
            rep = world.person(customer.owner.at(customer.created))
            seller.play(customer.created + timedelta(minutes=40), customer, rep)
        others = scale * busy[day.month - 1] - sum(len(x) for x in first.values()) / len(days)
        for _ in range(poisson(rng, max(0.1, others))):
            at = office_hour(rng, day)
            rep = _pick(rng, reps, day)
            pool = [c for c in world.customers if not c.special and c.created < at and c.owner.at(at) == rep.key]
            if pool:
                seller.play(at, rng.choices(pool, [c.size**0.3 for c in pool])[0], rep)


def _pick(rng: Random, reps: list[Person], day: date) -> Person:
    there = [p for p in reps if p.hired <= day and (p.left is None or day < p.left - timedelta(days=15))]
    return rng.choices(there, [p.traits.weight for p in there])[0]


def hand_over(world: World, rng: Random) -> None:
    """The leaver's customers and open deals go to two colleagues; three deals are forgotten."""
    leaver = world.archetype("leaver")
    assert leaver.left is not None
    at = datetime.combine(leaver.left, time(17, 30))
    heirs = [world.archetype("solid"), world.archetype("novice")]
    heir_of: dict[int, str] = {}
    for customer in world.customers:
        if customer.owner.at(at) == leaver.key:
            heir_of[customer.key] = rng.choice(heirs).key
            customer.owner.set(at, heir_of[customer.key], leaver.manager)
    open_deals = [
        d for d in world.deals if d.owner.at(at) == leaver.key and d.created <= at and d.outcome_at(at) == "open"
    ]
    forgotten = {d.key for d in rng.sample(open_deals, min(3, len(open_deals)))}
    moved: dict[int, str] = {}
    for deal in open_deals:
        if deal.key not in forgotten:
            moved[deal.key] = heir_of.get(deal.customer, heirs[0].key)
            deal.owner.set(at, moved[deal.key], leaver.manager)
        else:
            deal.end, deal.outcome, deal.loss_reason = None, "open", ""
            for trail in (deal.stage, deal.expected, deal.amount, deal.step):
                trail.cut(at)
            deal.edits = [x for x in deal.edits if x[0] <= at]
    world.activities = [
        a for a in world.activities if not (a.owner == leaver.key and a.at > at and a.deal in forgotten)
    ]
    for activity in world.activities:
        if activity.owner == leaver.key and activity.at > at:
            activity.owner = moved.get(activity.deal) or heir_of.get(activity.customer, heirs[0].key)
            activity.joined = ""
    for task in world.tasks:
        if task.owner == leaver.key and (task.created > at or task.done is None):
            task.owner = moved.get(task.deal) or heir_of.get(task.customer, heirs[0].key)
        if task.author == leaver.key and task.created > at:
            task.author = task.owner


def _plant(world: World, seller: Seller, ledger: Ledger, diary: Diary, dice: Callable[[str], Random]) -> None:
    last = moment(SNAPSHOTS[-1])
    worth: dict[int, float] = defaultdict(float)
    for order in world.orders:
        if order.signed <= last:
            worth[order.customer] += order.amount
    ranked = sorted(worth.values(), reverse=True)
    stories.silence(world, seller, ledger, diary, dice("silent"), (ranked[1] + ranked[2]) / 2)
    stories.stop_paying(world, seller, ledger, diary, dice("stopped"), ranked[7])
    value = stories.big_deal_value(world, [moment(day) for day in SNAPSHOTS])
    stories.drag(world, seller, diary, dice("big"), value)


def _clean(world: World) -> None:
    """Forget what lies after the horizon, and contacts of a deal before its customer was known."""
    world.activities = [a for a in world.activities if a.at.date() <= _HORIZON]
    silent = stories.special(world, "silent").key
    world.activities = [
        a for a in world.activities if a.customer != silent or a.at.date() <= stories.SILENT_LAST_CONTACT
    ]
    world.tasks = [t for t in world.tasks if t.created.date() <= _HORIZON]


def _delete_some(world: World, rng: Random) -> None:
    """A few deals entered twice were deleted later; one between each two snapshots."""
    plain = [d for d in world.deals if d.outcome == "lost" and not d.special and d.end is not None]
    early: list[Deal] = rng.sample([d for d in plain if d.end is not None and d.end.year < 2026], 5)
    for deal in early:
        assert deal.end is not None
        deal.deleted = deal.end + timedelta(days=9)
    for day in SNAPSHOTS[1:]:
        deal = rng.choice([d for d in plain if d.created <= moment(day - timedelta(days=40)) and d.deleted is None])
        deal.deleted = datetime.combine(day - timedelta(days=11), time(11, 5))

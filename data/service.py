"""Contacts that belong to no deal, and service requests after a sale."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from data.diary import Diary
from data.model import Case, Customer, World
from data.people import START
from data.vocabulary import Vocabulary
from data.workdays import later, next_open, office_hour


def keep_in_touch(world: World, vocabulary: Vocabulary, diary: Diary, rng: Random, gap: float, end: date) -> None:
    """Regular care: the bigger the customer, the shorter the interval; managers see the biggest now and then."""
    for customer in world.customers:
        if customer.special == "silent":
            continue
        mean = max(9.0, gap * rng.lognormvariate(0, 0.45) / customer.size**0.28)
        at = later(rng, world.firm, max(customer.created, datetime.combine(START, datetime.min.time())), mean)
        while at.date() <= end:
            rep = diary.staff[customer.owner.at(at)]
            if rep.left is not None and at.date() >= rep.left:
                break
            person = rep
            if customer.size > 3 and rng.random() < 0.035 and rep.traits.archetype != "weak":
                person = diary.staff[rep.manager]
            kind = rng.choices(("call", "message", "visit", "email"), (0.42, 0.33, 0.12, 0.13))[0]
            if person.traits.archetype == "inflator" and kind == "visit":
                kind = "call"
            _care(diary, vocabulary, rng, customer, at, person.key, kind)
            slow = 2.4 if person.traits.archetype == "weak" else 1.0
            at = later(rng, world.firm, at, mean * slow)


def _care(
    diary: Diary, vocabulary: Vocabulary, rng: Random, customer: Customer, at: datetime, owner: str, kind: str
) -> None:
    person = diary.staff[owner]
    activity = diary.record(at, person, customer, None, kind)
    if activity.outcome != "no_answer":
        stop = "。" if vocabulary.language == "zh" else ". "
        names = {c.key: c.name for c in customer.contacts}
        told = rng.choice(vocabulary.care_notes).format(who=names[activity.contact])
        activity.note = (activity.subject + stop + told + stop).strip()
        if rng.random() < 0.09:
            diary.remind(at, person, person.key, customer, None, rng.choice(vocabulary.tasks))


def serve(world: World, vocabulary: Vocabulary, rng: Random, count: int, end: date) -> None:
    """Requests and complaints of customers who bought; a few wait too long."""
    orders = [o for o in world.orders if o.signed.date() < end - timedelta(days=10)]
    staff = [p for p in world.people if p.role == "rep" and p.traits.archetype not in ("novice", "leaver")]
    silent = {c.key for c in world.customers if c.special == "silent"}
    for order in rng.choices(orders, [o.amount**0.35 for o in orders], k=count):
        customer = world.customer_of(order.customer)
        latest = date(2026, 8, 1) if customer.key in silent else end
        opened = office_hour(rng, next_open(world.firm, order.signed.date() + timedelta(days=rng.randrange(5, 300))))
        if opened.date() > latest:
            continue
        kind = rng.choices(("complaint", "repair", "question"), (0.24, 0.46, 0.3))[0]
        answered = opened + timedelta(hours=rng.lognormvariate(1.8, 1.0)) if rng.random() < 0.97 else None
        closed = answered + timedelta(hours=rng.lognormvariate(3.9, 1.0)) if answered and rng.random() < 0.95 else None
        slow = answered is not None and (answered - opened).total_seconds() > 40000
        score = rng.choices((5, 4, 3, 2, 1), (1, 2, 4, 4, 3) if slow or kind == "complaint" else (5, 5, 2, 1, 0))[0]
        there = [c for c in customer.contacts if c.created <= opened] or customer.contacts[:1]
        world.cases.append(
            Case(
                0,
                customer.key,
                rng.choice(there).key,
                rng.choice(staff).key,
                rng.choice(order.lines).product,
                kind,
                rng.choices(("high", "normal", "low"), (0.25, 0.6, 0.15))[0],
                opened,
                answered,
                closed,
                score if closed and rng.random() < 0.6 else 0,
                rng.choice(vocabulary.case_texts[kind]),
            )
        )

"""Customers and the people who work there."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from random import Random

from data.model import Contact, Customer, Person, Trail
from data.people import NOVICE_HIRED, START
from data.vocabulary import Team, Vocabulary
from data.workdays import next_open, office_hour

END = date(2026, 10, 31)


def _contact(rng: Random, vocabulary: Vocabulary, customer: Customer, key: int, position: int) -> Contact:
    first, last, name, male = vocabulary.person(rng)
    if position == 0:
        role = "decider" if rng.random() < 0.45 else "influencer"
    elif position == 1 and not any(c.buying_role == "decider" for c in customer.contacts):
        role = "decider" if rng.random() < 0.9 else "user"
    else:
        role = rng.choices(("decider", "influencer", "user"), (0.15, 0.35, 0.5))[0]
    pool = {"decider": vocabulary.deciders, "influencer": vocabulary.influencers, "user": vocabulary.users}[role]
    title, department = rng.choice(pool)
    if role == "user" and title in (vocabulary.users[-1][0], vocabulary.users[-2][0]):
        role = "gatekeeper"
    created = customer.created
    if position > 1:
        span = max(1, (END - created.date()).days)
        created = office_hour(rng, min(END, created.date() + timedelta(days=round(span * rng.betavariate(1, 3)))))
    left = None
    if position > 0 and rng.random() < 0.05:
        left = END - timedelta(days=rng.randrange(10, 500))
        left = left if left > created.date() else None
    chinese = vocabulary.language == "zh"
    birthday = None
    if rng.random() < 0.45:
        birthday = date(rng.randrange(1964, 2000), rng.randrange(1, 13), rng.randrange(1, 29))
    return Contact(
        key,
        customer.key,
        first,
        last,
        name,
        male,
        title,
        department,
        role,
        f"0000-{5550000 + key:07d}" if chinese else f"(555) 555-01{key % 100:02d} x{key:04d}",
        f"100{key:08d}" if chinese else f"(555) 555-{key:04d}",
        f"c{key:05d}@example.com",
        f"wx_demo_{key:05d}" if chinese else "",
        birthday,
        position == 0,
        created,
        left,
        rng.choice(vocabulary.contact_notes),
    )


def _created(rng: Random, firm: str, old: bool) -> datetime:
    """Nearly half the base is older than the CRM itself, and was entered when it went live."""
    first, last = (date(2021, 1, 5), START - timedelta(days=3)) if old else (START, END - timedelta(days=2))
    day = date.fromordinal(rng.randrange(first.toordinal(), last.toordinal()))
    return office_hour(rng, next_open(firm, day))


def _name(rng: Random, vocabulary: Vocabulary, team: Team, used: set[str]) -> tuple[str, str, str, str, str]:
    while True:
        region, city = rng.choices(team.places, [3] + [1] * (len(team.places) - 1))[0]
        trade, industry = rng.choice(vocabulary.trades)
        parts = {
            "city": city,
            "brand": rng.choice(vocabulary.brands),
            "trade": trade,
            "suffix": rng.choice(vocabulary.suffixes),
        }
        short = vocabulary.short_pattern.format(**parts)
        if short not in used:
            used.add(short)
            return vocabulary.company_pattern.format(**parts), short, region, city, industry


def gather(vocabulary: Vocabulary, people: list[Person], count: int, contacts: int, seed: int) -> list[Customer]:
    """All customers by creation date, each with an owner in the team of its region."""
    rng = Random(f"{seed}:{vocabulary.language}:customers")
    reps = {team.name: [p for p in people if p.role == "rep" and p.team == team.name] for team in vocabulary.teams}
    moments = sorted(_created(rng, vocabulary.language, rng.random() < 0.47) for _ in range(count))
    prefix = "KH" if vocabulary.language == "zh" else "C-"
    used: set[str] = set()
    found: list[Customer] = []
    for key, created in enumerate(moments, 1):
        team = rng.choice(vocabulary.teams)
        name, short, region, city, industry = _name(rng, vocabulary, team, used)
        there = [p for p in reps[team.name] if p.hired <= created.date() or p.traits.archetype != "novice"]
        there = [p for p in there if p.left is None or created.date() < p.left - timedelta(days=20)]
        owner = rng.choices(there, [p.traits.weight for p in there])[0]
        size = math.exp(max(-2.4, min(2.5, rng.gauss(0, 1.12))))
        number = "" if rng.random() < 0.011 else f"{prefix}{key:05d}"
        trail: Trail[str] = Trail()
        trail.set(created, owner.key, owner.key)
        found.append(
            Customer(
                key,
                number,
                name,
                short,
                trail,
                team.name,
                industry,
                region,
                city,
                city != team.base,
                rng.choice(vocabulary.sources),
                max(8, round(90 * size**0.8 * rng.lognormvariate(0, 0.5))),
                size,
                f"0000-{8880000 + key:07d}" if vocabulary.language == "zh" else f"(555) 555-0100 x{key:04d}",
                created,
                rng.expovariate(1 / 11) - 4,
                rng.choice(vocabulary.customer_notes),
            )
        )
    _hand_to_novice(rng, people, found)
    key = 0
    heads = [1 + rng.choices((0, 1, 2, 3, 4), (0.36, 0.38, 0.16, 0.07, 0.03))[0] for _ in found]
    scale = contacts / sum(heads)
    for customer, head in zip(found, heads, strict=True):
        for position in range(max(1, round(head * scale + rng.uniform(-0.3, 0.3)))):
            key += 1
            customer.contacts.append(_contact(rng, vocabulary, customer, key, position))
    return found


def _hand_to_novice(rng: Random, people: list[Person], customers: list[Customer]) -> None:
    """A new colleague starts with customers given by his team mates."""
    novice = next(p for p in people if p.traits.archetype == "novice")
    givers = {p.key for p in people if p.team == novice.team and p.traits.archetype in ("solid", "leaver")}
    pool = [c for c in customers if c.created.date() < NOVICE_HIRED and c.owner.steps[0][1] in givers]
    for customer in rng.sample(pool, min(len(pool), 24)):
        customer.owner.set(office_hour(rng, NOVICE_HIRED + timedelta(days=1)), novice.key, novice.manager)

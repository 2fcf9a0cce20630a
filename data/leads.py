"""Enquiries that came before a customer record, most of which lead nowhere."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from data.model import Lead, World
from data.people import START
from data.vocabulary import Vocabulary
from data.workdays import next_open, office_hour


def collect(world: World, vocabulary: Vocabulary, rng: Random) -> None:
    """Leads of the customers won over since the CRM began, and about twice as many that came to nothing."""
    first_deal: dict[int, int] = {}
    for deal in world.deals:
        first_deal.setdefault(deal.customer, deal.key)
    reps = [p for p in world.people if p.role == "rep"]
    for customer in world.customers:
        if customer.created.date() < START:
            continue
        contact = customer.contacts[0]
        created = customer.created - timedelta(days=rng.randrange(1, 9), hours=rng.randrange(5))
        world.leads.append(
            Lead(
                0,
                contact.first,
                contact.last,
                contact.title,
                customer.name,
                customer.source,
                customer.region,
                customer.city,
                customer.owner.steps[0][1],
                created,
                created + (customer.created - created) * rng.uniform(0.02, 0.7),
                customer.created,
                customer.created,
                customer.key,
                first_deal.get(customer.key, 0),
            )
        )
        for _ in range(rng.choice((1, 2, 3))):
            team = rng.choice(vocabulary.teams)
            region, city = rng.choice(team.places)
            there = [p for p in reps if p.team == team.name and p.traits.archetype != "novice"]
            first, last, _, _ = vocabulary.person(rng)
            trade, _ = rng.choice(vocabulary.trades)
            company = vocabulary.company_pattern.format(
                city=city, brand=rng.choice(vocabulary.brands), trade=trade, suffix=rng.choice(vocabulary.suffixes)
            )
            at = office_hour(rng, next_open(world.firm, created.date() + timedelta(days=rng.randrange(9))))
            touched = at + timedelta(hours=rng.lognormvariate(2.2, 1.2)) if rng.random() < 0.85 else None
            closed = touched + timedelta(days=rng.randrange(3, 60)) if touched and rng.random() < 0.8 else None
            title = rng.choice(vocabulary.influencers + vocabulary.users)[0]
            world.leads.append(
                Lead(
                    0,
                    first,
                    last,
                    title,
                    company,
                    rng.choice(vocabulary.sources),
                    region,
                    city,
                    rng.choice(there).key,
                    at,
                    touched,
                    None,
                    closed,
                    0,
                    0,
                )
            )

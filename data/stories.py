"""The customers and the deal planted by hand; the planted people live in people.py, the weak stage in pipeline.py."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from data import catalogue
from data.deals import Seller
from data.diary import Diary
from data.model import Customer, Deal, Person, World
from data.money import Ledger
from data.people import START
from data.workdays import is_open, later, next_open, office_hour

SILENT_LAST_CONTACT = date(2026, 8, 20)
SILENT_LAST_ORDER = date(2026, 8, 7)
PAYMENTS_STOP = date(2026, 5, 31)
BIG_DEAL_DATES = (
    (date(2026, 3, 16), date(2026, 6, 30)),
    (date(2026, 6, 24), date(2026, 7, 31)),
    (date(2026, 7, 27), date(2026, 8, 31)),
    (date(2026, 8, 25), date(2026, 9, 30)),
    (date(2026, 9, 25), date(2026, 10, 30)),
    (date(2026, 10, 26), date(2026, 11, 30)),
    (date(2026, 11, 25), date(2026, 12, 31)),
)


def choose(world: World, rng: Random) -> None:
    """Reserve old, large customers of ordinary salespeople before anything else happens to them."""
    kinds = {p.key: p.traits.archetype for p in world.people}
    for special, archetypes in (("silent", ("careful",)), ("stopped", ("steady",)), ("big", ("solid",))):
        fitting = [
            c
            for c in world.customers
            if not c.special
            and c.number
            and kinds[c.owner.steps[0][1]] in archetypes
            and len(c.owner.steps) == 1
            and c.created.date() < START
            and 0.9 < c.size < 9
            and len(c.contacts) >= 2
        ]
        chosen = rng.choice(fitting)
        chosen.special = special
        # A reserved customer has somebody who decides and somebody who has always been there.
        chosen.contacts[0].buying_role = "decider"
        for contact in chosen.contacts[:2]:
            contact.left = None


def special(world: World, name: str) -> Customer:
    return next(c for c in world.customers if c.special == name)


def _owner(world: World, customer: Customer) -> Person:
    return world.person(customer.owner.steps[0][1])


def silence(world: World, seller: Seller, ledger: Ledger, diary: Diary, rng: Random, value: float) -> None:
    """A core customer ordered every month and was spoken to every week; then nothing."""
    customer = special(world, "silent")
    customer.delay = 1.0
    rep = _owner(world, customer)
    days, day = [], date(2024, 10, 14)
    while day <= SILENT_LAST_ORDER:
        days.append(day)
        day = next_open(world.firm, day + timedelta(days=rng.randrange(29, 35)))
    days[-1] = SILENT_LAST_ORDER
    for position, day in enumerate(days):
        worth = value / len(days) * rng.uniform(0.85, 1.15)
        end = datetime.combine(day, time(16, rng.randrange(60)))
        deal: Deal | None = None
        title = seller.vocabulary.renewal.format(short=customer.short)
        # Most repeat orders come by telephone; one in three is worked as a deal.
        if position % 3 == 0:
            deal = _renew(world, seller, diary, rng, customer, rep, end, worth)
            lines = deal.lines
        else:
            team = seller.teams.index(customer.team)
            lines = catalogue.compose(rng, world.products, team, worth, rep.traits.discount)
            diary.record(office_hour(rng, day), rep, customer, None, "call", outcome="positive", topic=title)
        order = ledger.order(end, customer, rep.key, deal, lines, title, 0)
        ledger.settle(order, customer, 0)
    at = datetime.combine(date(2024, 9, 9), time(10))
    while at.date() <= SILENT_LAST_CONTACT:
        diary.record(
            at,
            rep,
            customer,
            None,
            rng.choice(("call", "call", "message", "visit")),
            outcome=rng.choice(("reached", "positive")),
        )
        at = later(rng, world.firm, at, 9)
    last = datetime.combine(SILENT_LAST_CONTACT, time(15, 20))
    diary.record(last, rep, customer, None, "call", outcome="reached")
    for activity in world.activities:
        # Nothing about this customer may be entered late, or the silence would not be seen on time.
        if activity.customer == customer.key:
            activity.logged = activity.at + timedelta(hours=1)


def _renew(
    world: World,
    seller: Seller,
    diary: Diary,
    rng: Random,
    customer: Customer,
    rep: Person,
    end: datetime,
    worth: float,
) -> Deal:
    """A short deal that ends in a repeat order."""
    created = office_hour(rng, next_open(world.firm, end.date() - timedelta(days=rng.randrange(16, 23))))
    deal = seller.open(created, customer, rep, seller.vocabulary.renewal.format(short=customer.short))
    deal.kind = seller.vocabulary.deal_kinds[2]
    deal.amount.set(created, seller.price(deal, customer, rep, worth), rep.key)
    deal.expected.set(created, end.date(), rep.key)
    span = (end - created) / (len(seller.steps) + 1)
    quoting = len(seller.steps) - 2
    for stage in range(1, len(seller.steps)):
        at = office_hour(rng, next_open(world.firm, (created + span * stage).date()))
        kind = "quote" if stage == quoting else "visit" if stage == quoting - 1 else "call"
        diary.record(at, rep, customer, deal, kind, roles=("decider",), outcome="positive")
        if kind == "quote":
            deal.quoted = at
        deal.stage.set(at + timedelta(minutes=30), stage, rep.key)
    diary.record(end - timedelta(hours=2), rep, customer, deal, "call", outcome="positive")
    deal.stage.set(end, len(seller.steps), rep.key)
    deal.end, deal.outcome, deal.special = end, "won", "silent"
    return deal


def stop_paying(world: World, seller: Seller, ledger: Ledger, diary: Diary, rng: Random, value: float) -> None:
    """Paid every monthly instalment on the day; since spring nothing, while new ones fall due."""
    customer = special(world, "stopped")
    rep = _owner(world, customer)
    for signed_on, months in ((date(2025, 3, 12), 12), (date(2025, 9, 17), 12), (date(2026, 2, 11), 12)):
        created = office_hour(rng, next_open(world.firm, signed_on - timedelta(days=58)))
        deal = seller.open(created, customer, rep)
        deal.amount.set(created, seller.price(deal, customer, rep, value / 3), rep.key)
        deal.expected.set(created, signed_on, rep.key)
        at = created
        for stage in range(1, len(seller.steps) + 1):
            at = office_hour(
                rng, next_open(world.firm, created.date() + timedelta(days=round(58 * stage / (len(seller.steps) + 1))))
            )
            kind = {1: "call", 2: diary.meet(), 3: "quote"}.get(stage, "visit")
            diary.record(at, rep, customer, deal, kind, roles=("decider",), outcome="positive")
            if stage < len(seller.steps):
                deal.stage.set(at + timedelta(minutes=30), stage, rep.key)
            if kind == "quote":
                deal.quoted = at
        end = datetime.combine(signed_on, time(15, 10))
        deal.stage.set(end, len(seller.steps), rep.key)
        deal.end, deal.outcome, deal.special = end, "won", "stopped"
        order = ledger.order(
            end, customer, rep.key, deal, deal.lines, seller.vocabulary.order_title.format(deal=deal.name), 3
        )
        for month in range(1, months + 1):
            year, index = divmod(signed_on.month - 1 + month, 12)
            due = date(signed_on.year + year, index + 1, 20)
            part = order.amount - sum(x.amount for x in order.instalments) if month == months else order.amount / months
            entry = ledger.instalment(order, due, part)
            if due <= PAYMENTS_STOP:
                paid = due + timedelta(days=rng.randrange(-3, 2))
                while not is_open(world.firm, paid):
                    paid -= timedelta(days=1)
                ledger.pay(order, entry, paid, entry.amount)


def drag(world: World, seller: Seller, diary: Diary, rng: Random, value: float) -> Deal:
    """The biggest open deal is always to be signed next month."""
    customer = special(world, "big")
    rep = _owner(world, customer)
    created = datetime.combine(BIG_DEAL_DATES[0][0], time(10, 5))
    deal = seller.open(created, customer, rep, seller.vocabulary.big_deal.format(short=customer.short))
    amount = seller.price(deal, customer, rep, value)
    deal.amount.set(created, float(round(amount * 0.85, -4)), rep.key)
    for said, expected in BIG_DEAL_DATES:
        deal.expected.set(datetime.combine(said, time(17, 12)), expected, rep.key)
    at, stage, quoted = created, 0, len(seller.steps) - 2
    moves = [date(2026, 4, 10), date(2026, 5, 20), date(2026, 6, 18), date(2026, 7, 9)]
    while at.date() < date(2026, 10, 28):
        at = later(rng, world.firm, at, 11)
        if stage < len(seller.steps) - 1 and at.date() >= moves[min(stage, 3)]:
            stage += 1
            kind = "quote" if stage == quoted else diary.meet()
            diary.record(at, rep, customer, deal, kind, roles=("decider",), outcome="positive")
            if kind == "quote":
                deal.quoted = at
                deal.amount.set(at, amount, rep.key)
            deal.stage.set(at + timedelta(minutes=40), stage, rep.key)
        else:
            diary.record(at, rep, customer, deal, diary.kind())
        step = rng.choice(seller.vocabulary.next_steps)
        deal.step.set(at + timedelta(minutes=5), (step, next_open(world.firm, at.date() + timedelta(days=10))), rep.key)
        deal.edits.append((at + timedelta(minutes=15), rep.key))
    deal.special = "big"
    return deal


def big_deal_value(world: World, moments: list[datetime]) -> float:
    """Clearly above any other deal that is open at any of the snapshots."""
    rivals = [
        d.amount.at(moment)
        for moment in moments
        for d in world.deals
        if d.created <= moment and d.outcome_at(moment) == "open" and d.special != "big"
    ]
    return max(rivals) * 1.6


def fit_lines(deal: Deal, world: World, value: float) -> None:
    """Scale quantities when the drawn lines fall short of the value the story needs."""
    short = value / max(1.0, catalogue.total(deal.lines))
    if short > 1.02:
        for line in deal.lines:
            line.quantity = max(1, round(line.quantity * short + 0.5))

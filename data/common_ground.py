"""What Salesforce, XTools and Dynamics 365 can all say of a firm: the rest is taken out of its world.

No history of stages, since only Salesforce has one. No leads, expenses and approvals; no visits apart from meetings and
no colleagues along. A result only of calls that reached nobody and of meetings; names that tell people, deals, orders
and customers apart, since two of the three refer by name; instalments paid at one go and in turn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from data.model import Activity, Deal, Order, Payment, World


@dataclass(frozen=True, slots=True)
class Job:
    """A post at a customer's, as each language's CRM calls it, and what it says of the part in buying."""

    role: str
    title: str
    chinese: str


JOBS = (
    Job("decider", "CEO", "总经理"),
    Job("decider", "VP Operations", "副总经理"),
    Job("influencer", "Engineering Manager", "技术经理"),
    Job("influencer", "Technical Director", "技术总监"),
    Job("user", "Process Engineer", "工程师"),
    Job("user", "Line Operator", "操作员"),
    Job("gatekeeper", "Office Assistant", "行政"),
)
#: Kinds of contacts of which all three say how long they took.
_TIMED = ("call", "meeting")
#: Kinds that Dynamics ties to a deal or a customer, but to no person.
_WITHOUT_PERSON = ("message", "quote")
#: Between the two snapshots of the triple.
DELETED_ON = date(2026, 9, 19)
_ACCENTS = {"Julia": "Júlia", "Rosa": "Zoë", "Hugo": "Íñigo", "Meyer": "Müller", "Olsen": "Sørensen"}


def settle(world: World, rng: Random) -> None:
    """Take out of a world what one of the three CRMs could not say, and make its names unique."""
    world.leads, world.expenses, world.approvals = [], [], []
    _people(world)
    for deal in world.deals:
        _deal(deal)
    _name_apart(world)
    world.activities = [found for a in world.activities if (found := _activity(a)) is not None]
    for order in world.orders:
        _pay_in_turn(order)
    for case in world.cases:
        case.kind = "question" if case.kind == "repair" else case.kind
        # XTools and the views of Dynamics write no seconds.
        case.answered = case.answered.replace(second=0, microsecond=0) if case.answered else None
        case.closed = case.closed.replace(second=0, microsecond=0) if case.closed else None
    _enter_twice(world)
    _delete_some(world, rng)


def _people(world: World) -> None:
    used: set[str] = set()
    # One customer nobody gave a number: XTools writes [id:…] for it.
    world.customers[3].number = ""
    for customer in world.customers:
        for contact in customer.contacts:
            fitting = [job for job in JOBS if job.role == contact.buying_role]
            contact.title = fitting[contact.key % len(fitting)].title
            contact.first = _ACCENTS.get(contact.first, contact.first)
            contact.last = _ACCENTS.get(contact.last, contact.last)
            letters = iter("ABCDEFGHJKLMNPRSTVW")
            first = contact.first
            while (name := f"{contact.first} {contact.last}") in used:
                contact.first = f"{first} {next(letters)}."
            used.add(name)
            contact.name, contact.mobile, contact.left, contact.handle = name, contact.phone, None, ""


def _deal(deal: Deal) -> None:
    if deal.outcome in ("shelved", "dead"):
        deal.outcome = "lost"
    if deal.end is not None:
        # Salesforce keeps one closing date: at the end it is the day of closing.
        deal.expected.set(max(deal.end, deal.expected.steps[-1][0]), deal.end.date(), deal.owner.steps[-1][1])


def _name_apart(world: World) -> None:
    times: dict[str, int] = {}
    for deal in world.deals:
        times[deal.name] = times.get(deal.name, 0) + 1
        if times[deal.name] > 1:
            deal.name = f"{deal.name} #{times[deal.name]}"
    for order in world.orders:
        order.title = f"{order.number} {order.title}"


def _activity(activity: Activity) -> Activity | None:
    """The contact as all three can tell it; none for a meeting to which nobody came, which Salesforce deletes."""
    if activity.kind in ("visit", "demo"):
        activity.kind = "meeting"
    missed = activity.outcome == "no_answer"
    if activity.kind == "meeting" and missed:
        return None
    activity.outcome = "reached" if activity.kind == "meeting" else "unknown"
    if activity.kind == "call" and missed:
        activity.outcome = "no_answer"
    activity.inbound = activity.inbound and activity.kind == "call"
    activity.joined, activity.planned = "", None
    if activity.kind not in _TIMED:
        activity.minutes = 0
    if activity.kind in _WITHOUT_PERSON:
        activity.contact = 0
    if activity.kind == "quote":
        activity.note = ""
    return activity


def _pay_in_turn(order: Order) -> None:
    """Each instalment paid whole on the day its last part came, none before the one due earlier."""
    last = {p.number: p for p in sorted(order.payments, key=lambda p: p.paid)}
    kept: list[Payment] = []
    for entry in order.instalments:
        payment = last.get(entry.number)
        if payment is None or sum(p.amount for p in order.payments if p.number == entry.number) < entry.amount - 0.05:
            break
        payment.amount = entry.amount
        payment.paid = max(payment.paid, kept[-1].paid + timedelta(days=1)) if kept else payment.paid
        kept.append(payment)
    order.payments = kept


def _enter_twice(world: World) -> None:
    """A customer under two legal forms, two colleagues with one telephone, a deal once more in capitals."""
    first, second = world.customers[7], world.customers[11]
    second.name = f"{first.short} Ltd."
    one, other = next(c.contacts[:2] for c in world.customers if len(c.contacts) > 1)
    other.phone = other.mobile = one.phone
    deal, twin = next(
        pair for pair in itertools.combinations(world.deals, 2) if pair[0].customer == pair[1].customer and pair[1].end
    )
    twin.name, twin.amount = deal.name.upper(), deal.amount


def _delete_some(world: World, rng: Random) -> None:
    """Three lost deals were deleted later, one of them between the snapshots; what was noted on them goes too."""
    plain = [d for d in world.deals if d.outcome == "lost" and d.end is not None and d.end.date() < DELETED_ON]
    for deal in rng.sample(plain, 3):
        assert deal.end is not None
        deal.deleted = deal.end + timedelta(days=9)
    deal.deleted = datetime.combine(DELETED_ON, time(11, 5))

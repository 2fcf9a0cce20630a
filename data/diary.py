"""Contacts with customers and to-dos, as salespeople write them down."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from data.model import Activity, Contact, Customer, Deal, Person, Task, World
from data.vocabulary import Vocabulary
from data.workdays import next_open, office_hour

FACE = ("visit", "meeting", "demo")
_KINDS = {
    "zh": (("call", "message", "visit", "email", "demo"), (0.4, 0.24, 0.2, 0.11, 0.05)),
    "en": (("call", "email", "meeting", "visit", "message", "demo"), (0.34, 0.32, 0.14, 0.09, 0.06, 0.05)),
}
_MINUTES = {"call": 9, "message": 4, "email": 8, "visit": 75, "meeting": 55, "demo": 90, "quote": 30}
# Share of attempts that reach nobody, relative to a phone call.
_MISS = {"call": 1.25, "message": 1.0, "email": 1.1, "visit": 0.12, "meeting": 0.1, "demo": 0.02, "quote": 0.1}
_JOIN = {"call": 0.3, "message": 0.1, "email": 0.25, "visit": 1.0, "meeting": 1.0, "demo": 1.0, "quote": 0.5}


class Diary:
    """Writes activities and tasks into a world."""

    def __init__(self, world: World, vocabulary: Vocabulary, rng: Random) -> None:
        self.world, self.vocabulary, self.rng = world, vocabulary, rng
        self.staff = {p.key: p for p in world.people}

    def kind(self) -> str:
        kinds, weights = _KINDS[self.world.firm]
        return self.rng.choices(kinds, weights)[0]

    def meet(self) -> str:
        """A face-to-face kind, in the firm's habit."""
        return "visit" if self.world.firm == "zh" or self.rng.random() < 0.4 else "meeting"

    def partner(self, customer: Customer, at: datetime, usual: int, roles: tuple[str, ...] = ()) -> Contact:
        """Somebody to talk to who is known by then and has not left; the usual person most often."""
        there = [c for c in customer.contacts if c.created <= at and (c.left is None or c.left > at.date())]
        there = there or customer.contacts[:1]
        wanted = [c for c in there if c.buying_role in roles]
        if wanted:
            return self.rng.choice(wanted)
        for contact in there:
            if contact.key == usual and self.rng.random() < 0.62:
                return contact
        return self.rng.choice(there)

    def record(
        self,
        at: datetime,
        owner: Person,
        customer: Customer,
        deal: Deal | None,
        kind: str,
        *,
        roles: tuple[str, ...] = (),
        outcome: str = "",
        topic: str = "",
        note: str = "",
    ) -> Activity:
        """Write one contact down; some are entered days later, and visits are planned ahead."""
        rng, words = self.rng, self.vocabulary
        contact = self.partner(customer, at, deal.contact if deal else customer.contacts[0].key, roles)
        traits = owner.traits
        if not outcome:
            miss = min(0.9, (1 - traits.effect) * _MISS[kind])
            outcome = (
                "no_answer"
                if rng.random() < miss
                else rng.choices(("reached", "positive", "neutral", "negative"), (0.45, 0.27, 0.18, 0.1))[0]
            )
        joined = ""
        if owner.role == "rep" and rng.random() < traits.join * _JOIN[kind]:
            joined = owner.manager
            if customer.size > 5 and rng.random() < 0.2:
                joined = "B1"
        step = deal.step.at(at)[0] if deal and deal.step.steps else rng.choice(words.next_steps)
        slots = {
            "who": contact.name,
            "need": deal.need if deal else rng.choice(words.needs),
            "product": rng.choice(self.world.products).name,
            "step": step,
        }
        stop = "。" if words.language == "zh" else ". "
        if not note:
            opening = rng.choice(words.openings[kind]).format(**slots)
            closer = "" if outcome == "no_answer" else rng.choice(words.closers).format(**slots)
            note = opening + stop + rng.choice(words.results[outcome]) + stop + closer
            if rng.random() < 0.03:
                note = note.replace(stop, stop.strip() + "\n", 1)
        lag = timedelta(minutes=rng.randrange(5, 240))
        if rng.random() < 0.08:
            lag = timedelta(days=rng.randrange(1, 5), minutes=rng.randrange(300))
        planned = None
        if kind in FACE and rng.random() < 0.6:
            planned = max(
                at - timedelta(days=rng.randrange(2, 13), hours=1), deal.created if deal else customer.created
            )
        minutes = 0 if outcome == "no_answer" else max(1, round(_MINUTES[kind] * rng.lognormvariate(0, 0.4)))
        activity = Activity(
            len(self.world.activities) + 1,
            kind,
            at,
            at + lag,
            planned,
            owner.key,
            joined,
            customer.key,
            contact.key,
            deal.key if deal else 0,
            outcome,
            kind in ("call", "message", "email") and rng.random() < 0.14 and outcome != "no_answer",
            minutes,
            customer.away,
            topic or (deal.name if deal else rng.choice(words.care)),
            note.strip(),
        )
        self.world.activities.append(activity)
        return activity

    def remind(
        self, at: datetime, owner: Person, author: str, customer: Customer, deal: Deal | None, subject: str
    ) -> None:
        """Set a to-do; whether it is done in time depends on the person."""
        rng = self.rng
        due = next_open(self.world.firm, at.date() + timedelta(days=rng.randrange(2, 11)))
        done: datetime | None = None
        if rng.random() < owner.traits.prompt:
            done = max(office_hour(rng, due - timedelta(days=rng.randrange(3))), at + timedelta(hours=2))
        elif rng.random() < 0.75:
            done = office_hour(rng, due + timedelta(days=rng.randrange(3, 25)))
        priority = rng.choices(("high", "normal", "low"), (0.2, 0.7, 0.1))[0]
        self.world.tasks.append(
            Task(
                len(self.world.tasks) + 1,
                owner.key,
                author,
                customer.key,
                deal.key if deal else 0,
                subject,
                priority,
                at + timedelta(minutes=rng.randrange(5, 90)),
                due,
                done,
            )
        )

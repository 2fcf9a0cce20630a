"""The life of one deal: contacts, stages, close dates, amounts and requests for a decision."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from random import Random

from data import catalogue
from data.diary import FACE, Diary
from data.model import Approval, Customer, Deal, Person, World
from data.pipeline import PIPELINES, Step, advance_odds, contacts_needed
from data.vocabulary import Vocabulary
from data.workdays import is_open, later, next_open, office_hour

BASE = {"zh": 56000.0, "en": 17500.0}
GAP = {"zh": 7.1, "en": 6.6}
# Discounts above this need leave from the manager, by the firm's own rule.
FREE_DISCOUNT = 0.1


class Seller:
    """Plays deals one by one into a world."""

    def __init__(self, world: World, vocabulary: Vocabulary, diary: Diary, rng: Random) -> None:
        self.world, self.vocabulary, self.diary, self.rng = world, vocabulary, diary, rng
        self.firm = world.firm
        self.steps = PIPELINES[world.firm]
        self.teams = [team.name for team in vocabulary.teams]
        self.won_before: set[int] = set()

    def open(self, created: datetime, customer: Customer, rep: Person, name: str = "") -> Deal:
        """Create a deal with its first stage; nothing has happened to it yet."""
        rng, words = self.rng, self.vocabulary
        known = [c for c in customer.contacts if c.created <= created] or customer.contacts[:1]
        bought = customer.key in self.won_before
        provider = rep.manager if rng.random() < 0.1 else rep.key
        deal = Deal(
            len(self.world.deals) + 1,
            customer.key,
            known[0].key if rng.random() < 0.7 else rng.choice(known).key,
            provider,
            name or f"{customer.short} - {rng.choice(words.purposes)}"
            if self.firm == "en"
            else name or f"{customer.short}{rng.choice(words.purposes)}",
            created,
            words.sources[4] if bought and rng.random() < 0.7 else rng.choice(words.sources),
            rng.choice(words.needs),
            rng.choice(words.competitors),
            words.deal_kinds[rng.choice((1, 2)) if bought else 0],
        )
        deal.owner.set(created, rep.key, rep.key)
        deal.stage.set(created, 0, rep.key)
        self.world.deals.append(deal)
        return deal

    def price(self, deal: Deal, customer: Customer, rep: Person, value: float = 0.0) -> float:
        """Fill in the lines the deal will be quoted with; big customers get bigger discounts."""
        rng = self.rng
        if not value:
            value = BASE[self.firm] * customer.size**1.05 * math.exp(rng.gauss(0, 0.5))
        nudge = 0.018 * max(-1.0, min(1.5, math.log(customer.size)))
        deal.discount = round(max(0.0, rng.gauss(rep.traits.discount + nudge, 0.035)), 3)
        deal.lines = catalogue.compose(rng, self.world.products, self.teams.index(customer.team), value, deal.discount)
        return catalogue.total(deal.lines)

    def play(self, created: datetime, customer: Customer, rep: Person) -> Deal:
        """A whole ordinary deal."""
        rng, traits = self.rng, rep.traits
        deal = self.open(created, customer, rep)
        final = self.price(deal, customer, rep)
        deal.amount.set(
            created,
            float(round(final * math.exp(rng.gauss(0, 0.28)), -2 if self.firm == "en" else -3)) or 1000.0,
            rep.key,
        )
        if traits.archetype == "inflator":
            self._pretend(deal, customer, rep)
        else:
            effort = math.exp(rng.gauss(traits.diligence, 0.34))
            luck = rng.gauss(0, 0.35) + (0.25 if customer.key in self.won_before else 0.0) + 0.55 * math.log(effort)
            luck -= 4.0 * (deal.discount - traits.discount) if deal.discount < 0.03 else 0.0
            at = created
            for index, step in enumerate(self.steps):
                at = self._work(deal, customer, rep, step, index, at, effort)
                odds = advance_odds(self.firm, step, at.date(), rep.team) + traits.skill + luck
                if rng.random() > 1 / (1 + math.exp(-odds)):
                    self._fade(deal, customer, rep, at)
                    break
                self._advance(deal, rep, index + 1, at)
        self._trail_dates(deal, rep)
        if deal.outcome == "won":
            self.won_before.add(customer.key)
        return deal

    def _advance(self, deal: Deal, rep: Person, stage: int, at: datetime) -> None:
        moment = at + timedelta(minutes=self.rng.randrange(20, 90))
        if stage < len(self.steps):
            deal.stage.set(moment, stage, rep.key)
            return
        # Signing slides to the end of the quarter that was to be saved.
        if moment.day <= 12 and moment.month in (1, 4, 7, 10) and self.rng.random() < 0.55:
            day = moment.date().replace(day=1) - timedelta(days=self.rng.randrange(1, 4))
            while not is_open(self.firm, day):
                day -= timedelta(days=1)
            entered = deal.stage.steps[-1][0]
            if day > entered.date():
                moment = office_hour(self.rng, day)
        deal.stage.set(moment, stage, rep.key)
        deal.end, deal.outcome = moment, "won"

    def _work(
        self, deal: Deal, customer: Customer, rep: Person, step: Step, index: int, at: datetime, effort: float
    ) -> datetime:
        """Contacts of one stage; returns the moment its fate is decided."""
        rng = self.rng
        wanted = contacts_needed(rng, step, effort)
        plan: list[tuple[str, tuple[str, ...]]] = []
        if step.name == "needs":
            plan.append((self.diary.meet(), ("decider",) if rng.random() < 0.9 else ()))
            if rng.random() < 0.35:
                plan.append(("demo", ()))
        elif step.name == "proposal":
            plan.append(("quote", ("decider", "influencer")))
            if rng.random() < 0.4:
                plan.append(("demo", ()))
        elif step.name == "negotiation" and rng.random() < 0.75:
            plan.append((self.diary.meet(), ("decider",)))
        wanted = max(wanted, 1)
        got, tries = 0, 0
        while got < wanted and tries < wanted + 5:
            tries += 1
            at = later(rng, self.firm, at, GAP[self.firm] * rep.traits.tempo)
            kind, roles = plan[min(got, len(plan) - 1)] if got < len(plan) else (self.diary.kind(), ())
            activity = self.diary.record(at, rep, customer, deal, kind, roles=roles)
            self._after(deal, customer, rep, at)
            if activity.outcome == "no_answer":
                continue
            if kind == "quote" and deal.quoted is None:
                self._quote(deal, rep, at, index)
            got += 1
        if step.name == "negotiation":
            if deal.quoted is None:
                self._quote(deal, rep, at, index)
            deal.amount.set(at, catalogue.total(deal.lines), rep.key)
        return at

    def _after(self, deal: Deal, customer: Customer, rep: Person, at: datetime) -> None:
        """What a contact leaves behind: a next step, an edit of the record, sometimes a to-do."""
        rng, words = self.rng, self.vocabulary
        if rng.random() < 0.55:
            due = next_open(self.firm, at.date() + timedelta(days=rng.randrange(3, 15)))
            deal.step.set(at + timedelta(minutes=3), (rng.choice(words.next_steps), due), rep.key)
        star = rep.traits.archetype == "star"
        if rng.random() < 0.6:
            deal.edits.append(
                (at + timedelta(minutes=rng.randrange(5, 60)), rep.manager if star and rng.random() < 0.4 else rep.key)
            )
        if rng.random() < 0.13:
            self.diary.remind(at, rep, rep.key, customer, deal, rng.choice(words.tasks))
        if rng.random() < (0.14 if star else 0.012 if rep.traits.archetype != "weak" else 0.0):
            self.diary.remind(at, rep, rep.manager, customer, deal, rng.choice(words.manager_tasks))

    def _quote(self, deal: Deal, rep: Person, at: datetime, index: int) -> None:
        rng = self.rng
        deal.quoted = at
        first = catalogue.total(deal.lines) * (1 + (rng.uniform(0.0, 0.06) if rng.random() < 0.6 else 0.0))
        deal.amount.set(at + timedelta(minutes=4), round(first, 2), rep.key)
        chance = rep.traits.approval * (1.9 if deal.discount > FREE_DISCOUNT else 0.7)
        if rep.traits.archetype == "star":
            self._ask(deal, rep, at, "discount")
            if rng.random() < 0.45:
                self._ask(deal, rep, at + timedelta(days=3), rng.choice(("price", "contract")))
        elif rng.random() < chance:
            self._ask(
                deal, rep, at, rng.choices(("discount", "price", "credit", "contract"), (0.5, 0.2, 0.15, 0.15))[0]
            )

    def _ask(self, deal: Deal, rep: Person, at: datetime, kind: str) -> None:
        rng = self.rng
        asked = office_hour(rng, next_open(self.firm, at.date()))
        decider = "B1" if kind == "credit" or (deal.discount > 0.16 and rng.random() < 0.5) else rep.manager
        decided: datetime | None = asked + timedelta(hours=rng.lognormvariate(2.7, 0.9))
        decision = "approved"
        if rep.traits.archetype != "star":
            roll = rng.random()
            decision = "rejected" if roll < 0.13 else "withdrawn" if roll < 0.17 else "approved"
        if decision == "withdrawn":
            decider = rep.manager
        self.world.approvals.append(
            Approval(
                len(self.world.approvals) + 1,
                kind,
                deal.key,
                rep.key,
                decider,
                catalogue.total(deal.lines),
                deal.discount,
                asked,
                decided,
                decision,
            )
        )

    def _fade(self, deal: Deal, customer: Customer, rep: Person, at: datetime) -> None:
        """A deal that will not be won: a few unanswered tries, then closed, or left lying open."""
        rng = self.rng
        for _ in range(rng.choices((0, 1, 2), (0.5, 0.35, 0.15))[0]):
            at = later(rng, self.firm, at, 12)
            self.diary.record(at, rep, customer, deal, rng.choice(("call", "message", "email")), outcome="no_answer")
        days = rng.uniform(110, 330) if rng.random() < rep.traits.linger else rng.lognormvariate(2.6, 0.6)
        deal.end = office_hour(rng, next_open(self.firm, at.date() + timedelta(days=max(1, round(days)))))
        deal.outcome = rng.choices(("lost", "shelved", "dead"), (0.8, 0.12, 0.08))[0]
        deal.loss_reason = rng.choice(self.vocabulary.loss_reasons)

    def _pretend(self, deal: Deal, customer: Customer, rep: Person) -> None:
        """Stages claimed within days on the strength of calls; nobody who decides was ever met."""
        rng = self.rng
        at = deal.created
        for stage in range(1, len(self.steps)):
            at = later(rng, self.firm, at, 3.2)
            self._shallow(deal, customer, rep, at)
            self._advance(deal, rep, stage, at)
        for _ in range(rng.randrange(2, 7)):
            at = later(rng, self.firm, at, 13)
            self._shallow(deal, customer, rep, at)
        if rng.random() < 0.08:
            deal.amount.set(at, catalogue.total(deal.lines), rep.key)
            self._advance(deal, rep, len(self.steps), at)
            return
        deal.lines = []
        days = rng.uniform(20, 130)
        deal.end = office_hour(rng, next_open(self.firm, at.date() + timedelta(days=round(days))))
        deal.outcome = rng.choices(("lost", "shelved"), (0.85, 0.15))[0]
        deal.loss_reason = rng.choice(self.vocabulary.loss_reasons)

    def _shallow(self, deal: Deal, customer: Customer, rep: Person, at: datetime) -> None:
        note = self.vocabulary.copied_note if self.rng.random() < 0.55 else ""
        kind = self.rng.choice(("call", "call", "message", "email"))
        self.diary.record(at, rep, customer, deal, kind, roles=("user", "gatekeeper"), note=note)
        self._after(deal, customer, rep, at)

    def _trail_dates(self, deal: Deal, rep: Person) -> None:
        """The expected close dates as the salesperson kept them, from clairvoyant to never touched."""
        rng, traits = self.rng, rep.traits
        end = (deal.end or deal.created + timedelta(days=240)).date()
        true_days = (end - deal.created.date()).days
        guess = traits.foresight * min(true_days, 150) * math.exp(rng.gauss(0, 0.12))
        guess += (1 - traits.foresight) * 58 * math.exp(rng.gauss(0, 0.3))
        expected = _round_month(rng, deal.created.date() + timedelta(days=max(12, round(guess))))
        deal.expected.set(deal.created, expected, rep.key)
        check = expected
        for _ in range(14):
            check += timedelta(days=rng.randrange(-4, 8))
            if check >= end or check <= deal.created.date():
                break
            if rng.random() < traits.tidy:
                if rng.random() < traits.foresight:
                    expected = max(check + timedelta(days=5), end + timedelta(days=rng.randrange(-4, 9)))
                else:
                    expected = _round_month(
                        rng, max(check, expected) + timedelta(days=rng.choice((14, 21, 30, 30, 45)))
                    )
                deal.expected.set(office_hour(rng, next_open(self.firm, check)), expected, rep.key)
                check = expected
            else:
                check += timedelta(days=26)
        if deal.outcome == "won" and deal.end is not None and rng.random() < 0.6:
            deal.expected.set(deal.end - timedelta(days=rng.randrange(1, 6)), deal.end.date(), rep.key)


def _round_month(rng: Random, day: date) -> date:
    """People like month ends as promises."""
    if rng.random() < 0.45:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return day


__all__ = ["FACE", "Seller"]

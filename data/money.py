"""What follows a signature: orders, instalments, payments, expenses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from data import catalogue
from data.diary import Diary
from data.model import Customer, Deal, Expense, Instalment, Line, Order, Payment, World
from data.vocabulary import Vocabulary
from data.workdays import later, next_open, office_hour

_SPLITS = ((1.0,), (0.5, 0.5), (0.3, 0.6, 0.1), (0.25, 0.25, 0.25, 0.25))
_GAPS = ((25,), (4, 45), (4, 50, 180), (10, 100, 190, 280))


class Ledger:
    """Keeps a world's orders and money."""

    def __init__(self, world: World, vocabulary: Vocabulary, diary: Diary, rng: Random) -> None:
        self.world, self.vocabulary, self.diary, self.rng = world, vocabulary, diary, rng

    def order(
        self,
        signed: datetime,
        customer: Customer,
        owner: str,
        deal: Deal | None,
        lines: list[Line],
        title: str,
        terms: int,
    ) -> Order:
        """One signed order; lines are copied, since an order may be changed after the deal."""
        number = len(self.world.orders) + 1
        copies = [Line(0, x.product, x.quantity, x.price, x.discount) for x in lines]
        order = Order(
            number,
            "",
            deal.key if deal else 0,
            customer.key,
            owner,
            title,
            deal.kind if deal else self.vocabulary.deal_kinds[2],
            signed,
            signed.date() + timedelta(days=self.rng.choice((60, 90, 90, 180, 365))),
            catalogue.total(copies),
            copies,
            None,
            self.vocabulary.terms[terms],
        )
        self.world.orders.append(order)
        return order

    def instalment(self, order: Order, due: date, amount: float) -> Instalment:
        entry = Instalment(0, order.key, len(order.instalments) + 1, due, round(amount, 2))
        order.instalments.append(entry)
        return entry

    def pay(self, order: Order, entry: Instalment, paid: date, amount: float) -> None:
        method = self.rng.choice(self.vocabulary.methods)
        order.payments.append(Payment(0, order.key, entry.number, entry.number, paid, round(amount, 2), method))

    def close(self, deal: Deal) -> None:
        """Order, instalments and payments of a won deal."""
        assert deal.end is not None
        rng = self.rng
        customer = self.world.customer_of(deal.customer)
        owner = deal.owner.at(deal.end)
        terms = rng.choices(range(4), (0.42, 0.3, 0.2, 0.08))[0]
        title = self.vocabulary.order_title.format(deal=deal.name)
        order = self.order(deal.end, customer, owner, deal, deal.lines, title, terms)
        self.settle(order, customer, terms)
        if rng.random() < 0.015:
            order.stopped = deal.end.date() + timedelta(days=rng.randrange(10, 60))
            order.payments = [p for p in order.payments if p.paid < order.stopped]
        self._follow_up(order, customer, deal)

    def settle(self, order: Order, customer: Customer, terms: int) -> None:
        """Plan by the terms; customers pay late each in his own way, some only after long waiting."""
        rng = self.rng
        for share, gap in zip(_SPLITS[terms], _GAPS[terms], strict=True):
            due = order.signed.date() + timedelta(days=gap)
            entry = self.instalment(order, due, order.amount * share)
            late = round(customer.delay + rng.gauss(2, 6))
            if rng.random() < 0.07:
                late += rng.randrange(50, 260)
            paid = next_open(self.world.firm, max(order.signed.date(), due + timedelta(days=late)))
            if rng.random() < 0.06:
                self.pay(order, entry, paid, entry.amount * 0.5)
                self.pay(
                    order,
                    entry,
                    paid + timedelta(days=rng.randrange(10, 60)),
                    entry.amount - round(entry.amount * 0.5, 2),
                )
            else:
                self.pay(order, entry, paid, entry.amount)
        planned = round(sum(x.amount for x in order.instalments), 2)
        order.instalments[-1].amount = round(order.instalments[-1].amount + order.amount - planned, 2)

    def _follow_up(self, order: Order, customer: Customer, deal: Deal) -> None:
        """Delivery and collection contacts; paperwork, not selling."""
        rng = self.rng
        owner = self.diary.staff[order.owner]
        at = order.signed
        for _ in range(rng.choices((1, 2, 3), (0.3, 0.45, 0.25))[0]):
            at = later(rng, self.world.firm, at, 16)
            topic = rng.choice(self.vocabulary.collections)
            self.diary.record(
                at, owner, customer, None, rng.choice(("call", "message", "email")), topic=f"{topic} {deal.name}"
            )


def spend(world: World, vocabulary: Vocabulary, rng: Random) -> None:
    """Expenses that visits cause."""
    managers = {p.key: p.manager or "B1" for p in world.people}
    rates = (0.55, 0.1, 0.35, 0.05) if world.firm == "zh" else (0.5, 0.12, 0.4, 0.06)
    for activity in world.activities:
        if activity.kind not in ("visit", "meeting", "demo"):
            continue
        for position, (kind, typical) in enumerate(vocabulary.expense_kinds):
            if (position == 0) != activity.away and position in (0, 2):
                continue
            if rng.random() >= rates[position] * 0.6:
                continue
            asked = datetime.combine(
                activity.at.date() + timedelta(days=rng.randrange(1, 12)), time(10, rng.randrange(60))
            )
            decided = asked + timedelta(hours=rng.lognormvariate(3.2, 0.9)) if rng.random() < 0.97 else None
            world.expenses.append(
                Expense(
                    0,
                    activity.owner,
                    managers[activity.owner],
                    activity.customer,
                    activity.key,
                    kind,
                    round(typical * rng.lognormvariate(0, 0.5), 2),
                    activity.at.date(),
                    decided,
                    rng.random() < 0.97,
                    vocabulary.expense_purposes[min(position, 3)],
                )
            )


def reorder(ledger: Ledger, world: World, count: int, end: date) -> None:
    """Orders by telephone from customers who bought before; no deal was ever opened for them."""
    rng = ledger.rng
    firsts = [o for o in world.orders if o.signed.date() < end - timedelta(days=60)]
    for first in rng.sample(firsts, min(count, len(firsts))):
        customer = world.customer_of(first.customer)
        span = (end - first.signed.date()).days
        day = next_open(world.firm, first.signed.date() + timedelta(days=rng.randrange(30, max(31, span))))
        signed = office_hour(rng, day)
        owner = customer.owner.at(signed)
        lines = [
            Line(0, x.product, max(1, round(x.quantity * rng.uniform(0.2, 0.7))), x.price, x.discount)
            for x in first.lines
        ]
        order = ledger.order(
            signed, customer, owner, None, lines, ledger.vocabulary.renewal.format(short=customer.short), 0
        )
        ledger.settle(order, customer, 0)

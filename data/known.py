"""What the CRM held at one moment, put together the same way for every dialect."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from data.model import Activity, Customer, Deal, Order, World


@dataclass(frozen=True, slots=True)
class Table:
    """One file of an export: heading, rows, and the number of each row's record for the dirt."""

    name: str
    heading: list[str]
    rows: list[list[str]]


class Known:
    """A world cut at the end of a day."""

    def __init__(self, world: World, day: date) -> None:
        self.world, self.day = world, day
        self.cut = datetime.combine(day, time(23, 59, 59))
        self.customers = [c for c in world.customers if c.created <= self.cut]
        self.deals = [d for d in world.deals if d.created <= self.cut]
        self.orders = [o for o in world.orders if o.signed <= self.cut]
        self.done: list[Activity] = [a for a in world.activities if a.logged <= self.cut]
        self.planned: list[Activity] = [
            a for a in world.activities if a.logged > self.cut and a.planned is not None and a.planned <= self.cut
        ]
        self.tasks = [t for t in world.tasks if t.created <= self.cut]
        self.orders_of: dict[int, list[Order]] = defaultdict(list)
        for order in self.orders:
            self.orders_of[order.customer].append(order)
        self.touched_deal: dict[int, datetime] = {}
        self.touched_customer: dict[int, datetime] = {}
        for activity in self.done:
            before = self.touched_customer.get(activity.customer, activity.at)
            self.touched_customer[activity.customer] = max(before, activity.at)
            if activity.deal:
                self.touched_deal[activity.deal] = max(self.touched_deal.get(activity.deal, activity.at), activity.at)
        self.specials = {c.key for c in world.customers if c.special}
        self.special_deals = {d.key for d in world.deals if d.special}

    def paid(self, order: Order, number: int = 0) -> float:
        """Money received on the order, or on one instalment of it."""
        return round(sum(p.amount for p in order.payments if p.paid <= self.day and number in (0, p.number)), 2)

    def worth(self, customer: Customer) -> float:
        return sum(o.amount for o in self.orders_of[customer.key])

    def lifecycle(self, customer: Customer) -> int:
        """0 prospect, 1 bought once, 2 bought again, 3 lost: no order for a year and a half."""
        orders = self.orders_of[customer.key]
        if not orders:
            return 0
        if (self.day - max(o.signed for o in orders).date()).days > 540:
            return 3
        return 1 if len(orders) == 1 else 2

    def changed(self, deal: Deal) -> datetime:
        """The last edit of the deal that is known."""
        moments = [deal.created]
        for trail in (deal.stage, deal.expected, deal.amount, deal.owner):
            moments += [at for at, _, _ in trail.steps if at <= self.cut]
        moments += [at for at, _ in deal.edits if at <= self.cut]
        if deal.end is not None and deal.end <= self.cut:
            return deal.end
        return max(moments)

"""Gives every record its number in the order of creation, as a database would have done."""

from __future__ import annotations

from data.model import World


def renumber(world: World) -> None:
    """Sort each table by creation and number it; references follow."""
    world.deals.sort(key=lambda d: (d.created, d.key))
    deals = {deal.key: number for number, deal in enumerate(world.deals, 1)}
    world.activities.sort(key=lambda a: (min(a.planned or a.logged, a.logged), a.key))
    activities = {activity.key: number for number, activity in enumerate(world.activities, 1)}
    world.orders.sort(key=lambda o: (o.signed, o.key))
    deals[0] = activities[0] = 0
    for deal in world.deals:
        deal.key = deals[deal.key]
    for activity in world.activities:
        activity.key, activity.deal = activities[activity.key], deals[activity.deal]
    world.tasks.sort(key=lambda t: (t.created, t.key))
    for number, task in enumerate(world.tasks, 1):
        task.key, task.deal = number, deals[task.deal]
    world.approvals.sort(key=lambda a: (a.asked, a.key))
    for number, approval in enumerate(world.approvals, 1):
        approval.key, approval.deal = number, deals[approval.deal]
    world.expenses.sort(key=lambda e: (e.spent, e.activity, e.kind))
    for number, expense in enumerate(world.expenses, 1):
        expense.key, expense.activity = number, activities[expense.activity]
    world.cases.sort(key=lambda c: (c.opened, c.customer))
    for number, case in enumerate(world.cases, 1):
        case.key = number
    world.leads.sort(key=lambda lead: (lead.created, lead.company))
    for number, lead in enumerate(world.leads, 1):
        lead.key, lead.deal = number, deals[lead.deal]
    _orders(world, deals)


def _orders(world: World, deals: dict[int, int]) -> None:
    months: dict[str, int] = {}
    instalments = lines = 0
    for number, order in enumerate(world.orders, 1):
        month = f"{order.signed:%Y%m}"
        months[month] = months.get(month, 0) + 1
        order.key, order.deal, order.number = number, deals[order.deal], f"HT{month}-{months[month]:03d}"
        plan: dict[int, int] = {}
        for entry in order.instalments:
            instalments += 1
            entry.key, entry.order = instalments, number
            plan[entry.number] = instalments
        for line in order.lines:
            lines += 1
            line.key = lines
        for payment in order.payments:
            payment.order, payment.instalment = number, plan[payment.number]
    receipts = sorted((p for o in world.orders for p in o.payments), key=lambda p: (p.paid, p.order, p.number))
    for number, payment in enumerate(receipts, 1):
        payment.key = number
    line_key = 0
    for deal in world.deals:
        for line in deal.lines:
            line_key += 1
            line.key = line_key

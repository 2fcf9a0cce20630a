"""Orders of the Salesforce firm, and its invoices, payments and goals, which come from a spreadsheet beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from data.model import Instalment, Order
from data.salesforce_columns import record_id
from data.stamps import day_stamp, stamp

if TYPE_CHECKING:
    from data.salesforce import Salesforce

Row = dict[str, str]


def orders(dialect: Salesforce) -> Iterable[Row]:
    deals = {d.key: d for d in dialect.known.deals}
    for o in dialect.known.orders:
        stopped = o.stopped is not None and o.stopped <= dialect.day
        deal = deals.get(o.deal)
        yield {
            "Id": record_id("Order", o.key),
            "OwnerId": dialect.user_id(o.owner),
            "AccountId": record_id("Account", o.customer),
            "Pricebook2Id": record_id("Pricebook2", 1),
            "OpportunityId": record_id("Opportunity", o.deal) if o.deal else "",
            "QuoteId": record_id("Quote", o.deal) if deal is not None and deal.quoted and deal.lines else "",
            "EffectiveDate": day_stamp(o.signed.date()),
            "EndDate": day_stamp(o.ends),
            "Status": "Cancelled" if stopped else "Activated",
            "StatusCode": "C" if stopped else "A",
            "Description": o.terms,
            "Type": o.kind,
            "Name": o.title,
            "ActivatedDate": stamp(o.signed),
            "ActivatedById": dialect.user_id(o.owner),
            "CurrencyIsoCode": "USD",
            "OrderNumber": f"{o.key:08d}",
            "TotalAmount": f"{o.amount:.2f}",
            **dialect.audit(o.signed, o.owner),
        }


def order_items(dialect: Salesforce) -> Iterable[Row]:
    for o in dialect.known.orders:
        for x in o.lines:
            p = dialect.world.product_of(x.product)
            yield {
                "Id": record_id("OrderItem", x.key),
                "Product2Id": dialect.product(p.key),
                "OrderId": record_id("Order", o.key),
                "PricebookEntryId": record_id("PricebookEntry", p.key),
                "AvailableQuantity": f"{x.quantity:.2f}",
                "Quantity": f"{x.quantity:.2f}",
                "CurrencyIsoCode": "USD",
                "UnitPrice": f"{x.price:.2f}",
                "ListPrice": f"{p.price:.2f}",
                **dialect.audit(o.signed, o.owner),
                "OrderItemNumber": f"{x.key:010d}",
            }


def _billed(dialect: Salesforce) -> Iterable[tuple[Order, Instalment, str]]:
    """Instalments become invoices a month before they fall due, or sooner when paid in advance."""
    for o in dialect.known.orders:
        paid = {p.number: p.paid for p in reversed(o.payments)}
        for x in o.instalments:
            issued = max(o.signed.date(), x.due - timedelta(days=30))
            issued = min(issued, paid.get(x.number, issued))
            if issued <= dialect.day:
                yield o, x, issued.isoformat()


def invoices(dialect: Salesforce) -> Iterable[Row]:
    for o, x, issued in _billed(dialect):
        yield {
            "invoice_id": record_id("Invoice", x.key),
            "order_id": record_id("Order", o.key),
            "account_id": record_id("Account", o.customer),
            "owner_id": dialect.user_id(o.owner),
            "amount": f"{x.amount:.2f}",
            "issued_on": issued,
            "due_on": x.due.isoformat(),
        }


def payments(dialect: Salesforce) -> Iterable[Row]:
    of_order = {o.key: o for o in dialect.known.orders}
    found = sorted((p for o in dialect.known.orders for p in o.payments if p.paid <= dialect.day), key=lambda p: p.key)
    for p in found:
        o = of_order[p.order]
        plain = o.customer not in dialect.known.specials
        order = record_id("Order", o.key)
        paid = p.paid.isoformat()
        if plain and dialect.dirt.hits("Payment", p.key, "orphan", 0.006):
            dialect.dirt.count("Payment", "orphans", record_id("Payment", p.key))
            order = record_id("Order", 900000 + o.key)
        if plain and dialect.dirt.hits("Payment", p.key, "impossible", 0.008):
            dialect.dirt.count("Payment", "impossible_dates", record_id("Payment", p.key))
            paid = "2026-02-30"
        yield {
            "payment_id": record_id("Payment", p.key),
            "invoice_id": record_id("Invoice", p.instalment),
            "order_id": order,
            "account_id": record_id("Account", o.customer),
            "owner_id": dialect.user_id(o.owner),
            "amount": f"{p.amount:.2f}",
            "paid_on": paid,
        }


def targets(dialect: Salesforce) -> Iterable[Row]:
    for t in dialect.world.targets:
        if t.published <= dialect.day:
            yield {
                "owner_id": dialect.user_id(t.person),
                "month": t.month,
                "measure": t.measure,
                "value": f"{t.value:.0f}",
            }

"""Salesforce files that hang on opportunities: history, contact roles, line items, quotes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from data.model import Deal
from data.salesforce_columns import LOST, STAGES, record_id
from data.stamps import day_stamp, stamp

if TYPE_CHECKING:
    from data.salesforce import Salesforce

Row = dict[str, str]
_SEATS = 40


def _moments(deal: Deal, cut: datetime) -> list[tuple[datetime, str]]:
    """Every save of the record, whatever was changed: most of them move no stage."""
    found: dict[datetime, str] = {}
    for at, by in deal.edits:
        found.setdefault(at, by)
    for trail in (deal.stage, deal.expected, deal.amount):
        for at, _, by in trail.steps:
            found[at] = by
    if deal.end is not None:
        found[deal.end] = deal.owner.at(deal.end)
    last = min(cut, deal.end) if deal.end is not None else cut
    return sorted((at, by) for at, by in found.items() if deal.created <= at <= last)[: 2 * _SEATS]


def history(dialect: Salesforce) -> Iterable[Row]:
    for deal in dialect.known.deals:
        moments = _moments(deal, dialect.cut)
        before: tuple[str, float, date, str] | None = None
        moved = ""
        for index, (at, by) in enumerate(moments):
            closing = deal.end is not None and at >= deal.end
            name = dialect.world.stages[deal.stage.at(at)]
            label, chance, category = LOST if closing and deal.outcome != "won" else STAGES[name]
            amount = deal.amount.at(at)
            close = deal.end.date() if closing and deal.end is not None else deal.expected.at(at)
            following = stamp(moments[index + 1][0]) if index + 1 < len(moments) else ""
            yield {
                "Id": record_id("OpportunityHistory", deal.key * 2 * _SEATS + index),
                "OpportunityId": dialect.deal(deal),
                "CreatedById": dialect.user_id(by),
                "CreatedDate": stamp(at),
                "CreatedDateForInsert": stamp(at),
                "StageName": label,
                "Amount": f"{amount:.2f}",
                "ExpectedRevenue": f"{amount * chance / 100:.2f}",
                "CloseDate": day_stamp(close),
                "Probability": str(chance),
                "FromForecastCategory": before[3] if before else "",
                "ForecastCategory": category,
                "PrevForecastUpdate": moved,
                "FromOpportunityStageName": before[0] if before else "",
                "PrevOpportunityStageUpdate": moved,
                "CurrencyIsoCode": "USD",
                "ValidThroughDate": following,
                "SystemModstamp": following or stamp(at),
                "PrevAmount": f"{before[1]:.2f}" if before else "",
                "PrevCloseDate": day_stamp(before[2]) if before else "",
            }
            if before is None or before[0] != label:
                moved = stamp(at)
            before = (label, amount, close, category)


def contact_roles(dialect: Salesforce) -> Iterable[Row]:
    """People are tied to a deal when they are first spoken to about it; not all of them ever are."""
    labels = {"decider": "Decision Maker", "influencer": "Influencer", "user": "Technical Buyer", "gatekeeper": "Other"}
    seen: dict[int, list[int]] = {}
    first: dict[tuple[int, int], tuple[datetime, str]] = {}
    for a in dialect.known.done:
        if a.deal and a.contact not in seen.setdefault(a.deal, []) and len(seen[a.deal]) < 4:
            seen[a.deal].append(a.contact)
            first[a.deal, a.contact] = (a.logged, a.owner)
    for deal in dialect.known.deals:
        for place, contact in enumerate(seen.get(deal.key, [])):
            at, by = first[deal.key, contact]
            yield {
                "Id": record_id("OpportunityContactRole", deal.key * 8 + place),
                "OpportunityId": dialect.deal(deal),
                "ContactId": record_id("Contact", contact),
                "Role": labels[dialect.contacts[contact].buying_role],
                "IsPrimary": "1" if place == 0 else "0",
                **dialect.audit(at, by),
                "CurrencyIsoCode": "USD",
            }


def line_items(dialect: Salesforce) -> Iterable[Row]:
    for deal in dialect.known.deals:
        if deal.quoted is None or deal.quoted > dialect.cut:
            continue
        for place, x in enumerate(deal.lines, 1):
            p = dialect.world.product_of(x.product)
            yield {
                "Id": record_id("OpportunityLineItem", deal.key * 8 + place),
                "OpportunityId": dialect.deal(deal),
                "SortOrder": str(place),
                "PricebookEntryId": record_id("PricebookEntry", p.key),
                "Product2Id": dialect.product(p.key),
                "ProductCode": p.code,
                "Name": p.name,
                "CurrencyIsoCode": "USD",
                "Quantity": f"{x.quantity:.2f}",
                "Discount": f"{x.discount * 100:.1f}",
                "TotalPrice": f"{x.quantity * x.price:.2f}",
                "UnitPrice": f"{x.price:.2f}",
                "ListPrice": f"{p.price:.2f}",
                **dialect.audit(deal.quoted, deal.owner.at(deal.quoted)),
            }


def quotes(dialect: Salesforce) -> Iterable[Row]:
    number = 0
    for deal in sorted(
        (d for d in dialect.known.deals if d.quoted and d.lines), key=lambda d: (d.quoted or d.created, d.key)
    ):
        if deal.quoted is None or deal.quoted > dialect.cut:
            continue
        number += 1
        outcome = deal.outcome_at(dialect.cut)
        by = deal.owner.at(deal.quoted)
        yield {
            "Id": record_id("Quote", deal.key),
            "OwnerId": dialect.user_id(by),
            "Name": f"Quote {number:05d} {deal.name}",
            "CurrencyIsoCode": "USD",
            **dialect.audit(deal.quoted, by),
            "OpportunityId": dialect.deal(deal),
            "Pricebook2Id": record_id("Pricebook2", 1),
            "ContactId": record_id("Contact", deal.contact),
            "QuoteNumber": f"{number:08d}",
            "Status": "Accepted" if outcome == "won" else "Presented" if outcome == "open" else "Denied",
            "GrandTotal": f"{deal.amount.at(deal.quoted):.2f}",
            "Discount": f"{deal.discount * 100:.1f}",
        }

"""Salesforce's two activity files: tasks (to-dos, calls, e-mails) and events (meetings)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from data.diary import FACE
from data.model import Activity
from data.salesforce_columns import record_id
from data.stamps import day_stamp, stamp

if TYPE_CHECKING:
    from data.salesforce import Salesforce

Row = dict[str, str]
# To-dos share the object with finished calls, so their numbers start far above.
_TODO = 600000
_TYPES = {
    "call": "Call",
    "email": "Email",
    "message": "Message",
    "quote": "Quote",
    "visit": "Visit",
    "meeting": "Meeting",
    "demo": "Demo",
}
_SUBTYPES = {"call": "Call", "email": "Email"}
_RESULTS = {
    "reached": "Connected",
    "positive": "Connected - Positive",
    "neutral": "Connected - Neutral",
    "negative": "Connected - Negative",
    "no_answer": "No Answer",
}


def _deleted(dialect: Salesforce, table: str, number: int, customer: int) -> str:
    plain = customer not in dialect.known.specials
    return "1" if plain and dialect.dirt.hits(table, number, "deleted", 0.003) else "0"


def links(dialect: Salesforce, table: str, key: int, customer: int, contact: int, deal: int) -> Row:
    who = record_id("Contact", contact) if contact else ""
    # A task without a deal is related to the account itself, as users do it.
    what = record_id("Opportunity", deal) if deal else record_id("Account", customer)
    if contact and customer not in dialect.known.specials and dialect.dirt.hits(table, key, "orphan", 0.0005):
        dialect.dirt.count(table, "orphans", record_id(table, key))
        who = record_id("Contact", 900000 + contact)
    return {
        "WhoId": who,
        "WhatId": what,
        "WhoCount": "1" if who else "0",
        "WhatCount": "1",
        "AccountId": record_id("Account", customer),
        "CurrencyIsoCode": "USD",
    }


def tasks(dialect: Salesforce) -> Iterable[Row]:
    for a in dialect.known.done:
        if a.kind in FACE:
            continue
        call = a.kind == "call"
        yield {
            "Id": record_id("Task", a.key),
            **links(dialect, "Task", a.key, a.customer, a.contact, a.deal),
            "Subject": f"{_TYPES[a.kind]}: {a.subject}",
            "ActivityDate": day_stamp(a.at.date()),
            "Status": "Completed",
            "Priority": "Normal",
            "OwnerId": dialect.user_id(a.owner),
            "Description": a.note,
            "Type": _TYPES[a.kind],
            "TaskSubtype": _SUBTYPES.get(a.kind, "Task"),
            "IsDeleted": _deleted(dialect, "Task", a.key, a.customer),
            "IsClosed": "1",
            **dialect.audit(a.logged, a.owner),
            "CallDurationInSeconds": str(a.minutes * 60) if call else "",
            "CallType": ("Inbound" if a.inbound else "Outbound") if call else "",
            "CallDisposition": _RESULTS[a.outcome],
            "CompletedDateTime": stamp(a.at),
        }
    for t in dialect.known.tasks:
        done = t.done is not None and t.done <= dialect.cut
        yield {
            "Id": record_id("Task", _TODO + t.key),
            **links(dialect, "Task", _TODO + t.key, t.customer, 0, t.deal),
            "Subject": t.subject,
            "ActivityDate": day_stamp(t.due),
            "Status": "Completed" if done else "Not Started",
            "Priority": t.priority.title(),
            "OwnerId": dialect.user_id(t.owner),
            "Type": "Other",
            "TaskSubtype": "Task",
            "IsClosed": "1" if done else "0",
            **dialect.audit(t.created, t.author, t.done if done else None),
            "CompletedDateTime": stamp(t.done) if done and t.done else "",
        }


def events(dialect: Salesforce) -> Iterable[Row]:
    known = [(a, True) for a in dialect.known.done] + [(a, False) for a in dialect.known.planned]
    for a, done in known:
        if a.kind not in FACE:
            continue
        yield event(dialect, a, done, child=False)
        if a.joined:
            yield event(dialect, a, done, child=True)


def event(dialect: Salesforce, a: Activity, done: bool, *, child: bool) -> Row:
    """A meeting, or the copy that Salesforce keeps for each invited colleague."""
    customer = dialect.world.customer_of(a.customer)
    created = a.planned if a.planned is not None else a.logged
    prefix = "Cancelled" if done and a.outcome == "no_answer" else _TYPES[a.kind]
    return {
        "Id": record_id("Event", a.key * 2 + (1 if child else 0)),
        **links(dialect, "Event", a.key * 2 + (1 if child else 0), a.customer, a.contact, a.deal),
        "Subject": f"{prefix}: {a.subject}",
        "Location": customer.city,
        "ActivityDateTime": stamp(a.at),
        "ActivityDate": day_stamp(a.at.date()),
        "DurationInMinutes": str(a.minutes if done and a.minutes else 60),
        "Description": a.note if done else "",
        "OwnerId": dialect.user_id(a.joined if child else a.owner),
        "Type": _TYPES[a.kind],
        "ShowAs": "Busy",
        "IsDeleted": _deleted(dialect, "Event", a.key, a.customer),
        "IsChild": "1" if child else "0",
        "IsGroupEvent": "1" if a.joined else "0",
        "GroupEventType": "1" if a.joined else "0",
        **dialect.audit(created, a.owner, a.logged if done else None),
    }

"""Dynamics 365 keeps each kind of activity in a view of its own: what was done, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from data.dialects.views import Record, marked_up
from data.model import Activity

if TYPE_CHECKING:
    from data.dialects.dynamics365 import TripleDynamics


def _of(dialect: TripleDynamics, kind: str) -> list[Activity]:
    return [a for a in dialect.done if a.kind == kind]


def _contact_with(dialect: TripleDynamics, table: str, a: Activity) -> Record:
    """What every kind of activity says."""
    return {
        **dialect.hidden(table, a.key, a.logged),
        "Subject": a.subject,
        "Regarding": dialect.deal_name(a.deal) or dialect.customer_name(a.customer),
        "Owner": dialect.people[a.owner],
        "Description": marked_up(a.note),
        "Created On": a.logged,
    }


def appointments(dialect: TripleDynamics) -> Iterable[Record]:
    for a in _of(dialect, "meeting"):
        yield {
            **_contact_with(dialect, "Appointment", a),
            "Required Attendees": dialect.contacts[a.contact].name,
            "Start Time": a.at,
            "Duration": a.minutes or 60,
            "Status": "Completed",
        }


def phone_calls(dialect: TripleDynamics) -> Iterable[Record]:
    for a in _of(dialect, "call"):
        person = dialect.contacts[a.contact].name
        yield {
            **_contact_with(dialect, "Phone Call", a),
            "Call To": dialect.people[a.owner] if a.inbound else person,
            "Call From": person if a.inbound else dialect.people[a.owner],
            "Direction": "Incoming" if a.inbound else "Outgoing",
            "Left Voice Mail": "Yes" if a.outcome == "no_answer" else "No",
            "Actual End": a.at,
            "Duration": a.minutes,
            "Activity Status": "Completed",
        }


def emails(dialect: TripleDynamics) -> Iterable[Record]:
    for a in _of(dialect, "email"):
        yield {
            **_contact_with(dialect, "Email", a),
            "From": dialect.people[a.owner],
            "To": dialect.contacts[a.contact].name,
            "Direction": "Outgoing",
            "Date Sent": a.at,
            "Activity Status": "Completed",
        }


def letters(dialect: TripleDynamics) -> Iterable[Record]:
    for a in _of(dialect, "message"):
        yield {
            **_contact_with(dialect, "Activity", a),
            "Activity Type": "Letter",
            "Activity Status": "Completed",
            "Actual End": a.at,
        }


def quotes(dialect: TripleDynamics) -> Iterable[Record]:
    for a in _of(dialect, "quote"):
        yield {
            **dialect.hidden("Quote", a.key, a.logged),
            "Quote ID": f"QUO-{a.key:05d}",
            "Name": a.subject,
            "Potential Customer": dialect.customer_name(a.customer),
            "Opportunity": dialect.deal_name(a.deal),
            "Owner": dialect.people[a.owner],
            "Created On": a.at,
        }


def tasks(dialect: TripleDynamics) -> Iterable[Record]:
    for t in dialect.known.tasks:
        if t.deal in dialect.gone:
            continue
        done = t.done is not None and t.done <= dialect.cut
        yield {
            **dialect.hidden("Task", t.key, t.done if done and t.done else t.created),
            "Subject": t.subject,
            "Regarding": dialect.deal_name(t.deal) or dialect.customer_name(t.customer),
            "Priority": t.priority.title(),
            "Due Date": t.due,
            "Actual End": t.done if done else None,
            "Activity Status": "Completed" if done else "Open",
            "Owner": dialect.people[t.owner],
            "Created By": dialect.people[t.author],
            "Created On": t.created,
        }

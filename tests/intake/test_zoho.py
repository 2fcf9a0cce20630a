"""Zoho CRM: look-ups as id and name, API names, calls and meetings, the stages' history, paid invoices."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.intake.recognition import recognise
from tests.intake.exports import Built, build_from

_DEALS = """Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,Account Name,Stage,Probability (%),Lead Source,Created Time,Modified Time,Pipeline,Stage Modified Time,Reason For Loss
zcrm_1,zcrm_u1,Mia Roth,40000,Press line,2026-09-30,zcrm_a1,Alder GmbH,Needs Analysis,20,Trade Show,2026-03-01 09:00:00,2026-06-30 10:00:00,Standard,2026-04-01 10:00:00,
zcrm_2,zcrm_u2,Tom Baum,25000.50,Robot cell,2026-05-31,zcrm_a2,Birch AG,Closed Won,100,Referral,2026-01-10 09:00:00,2026-05-29 10:00:00,Standard,2026-05-29 10:00:00,
zcrm_3,zcrm_u2,Tom Baum,900,Spare parts,2026-04-15,zcrm_a1,Alder GmbH,Closed-Lost to Competition,0,,2026-02-10 09:00:00,2026-04-15 10:00:00,Standard,,Price
"""
_HISTORY = """Record Id,Deal Name.id,Deal Name,Stage,Amount,Closing Date,Modified Time,Modified By.id,Modified By,Stage Duration (Calendar Days)
h1,zcrm_2,Robot cell,Qualification,20000,2026-04-30,2026-01-10 09:00:00,zcrm_u2,Tom Baum,30
h2,zcrm_2,Robot cell,Qualification,25000.50,2026-04-30,2026-02-01 09:00:00,zcrm_u2,Tom Baum,8
h3,zcrm_2,Robot cell,Negotiation/Review,25000.50,2026-05-31,2026-02-09 09:00:00,zcrm_u2,Tom Baum,109
h4,zcrm_2,Robot cell,Closed Won,25000.50,2026-05-31,2026-05-29 10:00:00,zcrm_u2,Tom Baum,
"""
_CONTACTS = """Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name.id,Account Name,Title,Email,Created Time
zcrm_c1,zcrm_u1,Mia Roth,Ida,Alder,zcrm_a1,Alder GmbH,CEO,ida@alder.example,2026-01-01 09:00:00
"""
_CALLS = """Record Id,Subject,Call Type,Call Start Time,Call Duration,Call Duration (in seconds),Call Result,Contact Name.id,Contact Name,Related To.id,Related To,Call Owner.id,Call Owner
k1,Price,Outbound,2026-05-02 10:00:00,05:30,330,,zcrm_c1,Ida Alder,zcrm_1,Press line,zcrm_u1,Mia Roth
k2,Price,Outbound,2026-05-03 10:00:00,00:10,10,No response/Busy,,,zcrm_a1,Alder GmbH,zcrm_u1,Mia Roth
k3,Asks,Inbound,2026-05-04 10:00:00,,,,,,zcrm_a2,Birch AG,zcrm_u2,Tom Baum
k4,Missed,Missed,2026-05-05 10:00:00,,,,,,,,zcrm_u2,Tom Baum
"""
_MEETINGS = """Record Id,Title,From,To,Host.id,Host,Related To.id,Related To,Contact Name,Participants,Check-In Time
m1,Demo day,2026-05-10 10:00:00,2026-05-10 12:00:00,zcrm_u1,Mia Roth,zcrm_1,Press line,,,
m2,Plant tour,2026-05-11 10:00:00,2026-05-11 12:00:00,zcrm_u2,Tom Baum,zcrm_2,Robot cell,,,2026-05-11 10:07:00
"""
_TASKS = """Record Id,Task Owner.id,Task Owner,Subject,Due Date,Related To.id,Related To,Status,Priority,Closed Time,Created Time
t1,zcrm_u1,Mia Roth,Offer,2026-05-20,zcrm_1,Press line,Completed,High,2026-05-19 15:00:00,2026-05-10 09:00:00
t2,zcrm_u2,Tom Baum,Call,2026-07-20,zcrm_1,Press line,Not Started,Lowest,,2026-05-10 09:00:00
"""
_INVOICES = """Record Id,Invoice Number,Subject,Invoice Date,Due Date,Account Name.id,Account Name,Status,Grand Total,Invoice Owner,Modified Time
i1,1001,First half,2026-05-30,2026-06-15,zcrm_a2,Birch AG,Paid,12500.25,Tom Baum,2026-06-12 08:00:00
i2,1002,Second half,2026-05-30,2026-06-28,zcrm_a2,Birch AG,Created,12500.25,Tom Baum,2026-05-30 08:00:00
i3,1003,Wrong,2026-05-30,2026-06-28,zcrm_a2,Birch AG,Cancelled,1,Tom Baum,2026-05-30 08:00:00
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {
        "deals.csv": _DEALS,
        "history.csv": _HISTORY,
        "contacts.csv": _CONTACTS,
        "calls.csv": _CALLS,
        "meetings.csv": _MEETINGS,
        "tasks.csv": _TASKS,
        "invoices.csv": _INVOICES,
    }
    return build_from(tmp_path_factory.mktemp("zoho"), dict(files))


def test_every_row_is_accounted_for(firm: Built) -> None:
    assert firm.facts["profile"] == "zoho"
    accounts = {name: firm.account(f"{name}.csv") for name in ("deals", "history", "contacts", "calls", "invoices")}
    assert accounts == {
        "deals": (3, 3, 0, 0),
        "history": (4, 3, 1, 0),  # one row changed the amount only
        "contacts": (1, 1, 0, 0),
        "calls": (4, 4, 0, 0),
        "invoices": (3, 2, 0, 1),
    }
    assert firm.rows("select * from missing_references") == []
    assert firm.rows("select name from accounts order by 1") == [("Alder GmbH",), ("Birch AG",)]


def test_deals_have_their_money_their_end_and_people_with_names(firm: Built) -> None:
    assert firm.rows(
        "select opportunity_id, outcome, amount, probability, closed_at::date, loss_reason, u.user_id, u.name, a.name"
        " from opportunities o join users u on u.user_key = o.owner_key"
        " join accounts a on a.account_key = o.account_key order by 1"
    ) == [
        ("zcrm_1", "open", Decimal("40000.00"), 0.2, None, None, "zcrm_u1", "Mia Roth", "Alder GmbH"),
        ("zcrm_2", "won", Decimal("25000.50"), 1.0, dt.date(2026, 5, 31), None, "zcrm_u2", "Tom Baum", "Birch AG"),
        ("zcrm_3", "lost", Decimal("900.00"), 0.0, dt.date(2026, 4, 15), "Price", "zcrm_u2", "Tom Baum", "Alder GmbH"),
    ]


def test_the_history_has_the_moves_and_the_deals_without_one_their_last(firm: Built) -> None:
    assert firm.rows(
        "select opportunity_id, from_stage, to_stage, changed_at::date, is_derived from stage_changes"
        " join opportunities using (opportunity_key) order by 1, 4"
    ) == [
        ("zcrm_1", None, "Needs Analysis", dt.date(2026, 4, 1), True),
        ("zcrm_2", None, "Qualification", dt.date(2026, 1, 10), False),
        ("zcrm_2", "Qualification", "Negotiation/Review", dt.date(2026, 2, 9), False),
        ("zcrm_2", "Negotiation/Review", "Closed Won", dt.date(2026, 5, 29), False),
    ]
    assert firm.rows("select from_on, to_on from close_date_changes") == [(dt.date(2026, 4, 30), dt.date(2026, 5, 31))]


def test_a_call_is_about_a_deal_or_a_customer_and_counts_when_somebody_was_spoken_to(firm: Built) -> None:
    assert firm.rows(
        "select activity_id, kind, direction, minutes, activities.outcome, is_effective, o.opportunity_id, a.name from activities"
        " left join opportunities o using (opportunity_key)"
        " left join accounts a on a.account_key = activities.account_key order by 1"
    ) == [
        ("k1", "call", "out", 6, "unknown", True, "zcrm_1", "Alder GmbH"),
        ("k2", "call", "out", 0, "no_answer", False, None, "Alder GmbH"),
        ("k3", "call", "in", None, "unknown", True, None, "Birch AG"),
        ("k4", "call", "in", None, "no_answer", False, None, None),
        ("m1", "meeting", "out", None, "unknown", True, "zcrm_1", "Alder GmbH"),
        ("m2", "visit", "out", None, "unknown", True, "zcrm_2", "Birch AG"),
    ]
    assert firm.rows("select task_id, priority, status, completed_at::date from tasks order by 1") == [
        ("t1", "high", "done", dt.date(2026, 5, 19)),
        ("t2", "low", "open", None),
    ]


def test_a_paid_invoice_is_a_payment_and_the_other_is_outstanding(firm: Built) -> None:
    assert firm.rows(
        "select i.invoice_id, i.amount, due_on, coalesce(p.amount, 0), paid_on from invoices i"
        " left join payments p using (invoice_key) order by 1"
    ) == [
        ("i1", Decimal("12500.25"), dt.date(2026, 6, 15), Decimal("12500.25"), dt.date(2026, 6, 12)),
        ("i2", Decimal("12500.25"), dt.date(2026, 6, 28), Decimal("0.00"), None),
    ]


def test_api_names_are_the_labels_with_underscores(tmp_path: Path) -> None:
    deals = (
        "id,Deal_Name,Stage,Closing_Date,Account_Name,Owner,Amount,Probability,Created_Time\n"
        "554023000000101,Press line,Qualification,2026-09-30,Alder GmbH,Mia Roth,100,10,2026-03-01 09:00:00\n"
    )
    built = build_from(tmp_path, {"deals.csv": deals})
    assert built.rows(
        "select opportunity_id, o.name, a.name, u.name, expected_close_on, o.created_at::date from opportunities o"
        " join accounts a using (account_key) join users u on u.user_key = o.owner_key"
    ) == [
        ("554023000000101", "Press line", "Alder GmbH", "Mia Roth", dt.date(2026, 9, 30), dt.date(2026, 3, 1)),
    ]


def test_a_renamed_module_is_left_to_a_mapping() -> None:
    header = ["Record Id", "Students Pipeline Name", "Stage", "Closing Date", "Amount", "Client Name"]
    assert recognise(header) is None

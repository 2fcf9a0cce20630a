"""Pipedrive: list exports by `Entity - Field`, and the other words of its import sheets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.exports import Built, build_from

_DEALS = """Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency of Value,Deal - Probability,Deal - Organization,Deal - Pipeline,Deal - Contact person,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Update time,Deal - Last stage change,Deal - Won time,Deal - Lost time,Deal - Lost reason,Deal - Expected close date,Deal - Archive status,Deal - Archive time
1,Press line,Ann Lee,12000,EUR,40,Alder GmbH,Machines,Ida Alder,Proposal Made,Open,2026-03-02 08:00:00,2026-06-20 09:00:00,2026-05-11 10:00:00,,,,2026-08-31,Not archived,
2,Robot cell,Bo Kim,30000,EUR,100,Birch AG,Machines,,Negotiations Started,Won,2026-02-01 08:00:00,2026-06-01 09:00:00,2026-05-20 10:00:00,2026-06-01 09:00:00,,,2026-05-30,Not archived,
3,Spare parts,Ann Lee,500,EUR,,Alder GmbH,Service,,Qualified,Lost,2026-04-01 08:00:00,2026-05-05 09:00:00,,,2026-05-05 09:00:00,Price,2026-06-30,Not archived,
4,Old idea,Bo Kim,900,EUR,,Twin Ltd,Service,,Qualified,Open,2026-01-15 08:00:00,2026-02-15 09:00:00,,,,,,Archived,2026-02-15 09:00:00
5,Mistake,Bo Kim,1,EUR,,,Service,,Qualified,Deleted,2026-01-15 08:00:00,2026-02-15 09:00:00,,,,,,,
"""
_ORGANIZATIONS = """Organization - Name,Organization - Owner,Organization - City/town/village/locality of Address,Organization - Won deals,Organization - Organization created
Alder GmbH,Ann Lee,Ulm,0,2025-11-01 08:00:00
Birch AG,Bo Kim,Graz,1,2025-12-01 08:00:00
Twin Ltd,Bo Kim,Leeds,0,2025-10-01 08:00:00
Twin Ltd,Ann Lee,York,0,2025-12-24 08:00:00
"""
_PEOPLE = """Person - Name,Person - Email,Person - Phone,Person - Organization,Person - Owner
Ida Alder,"ida@alder.example, ida@home.example",+49 1,Alder GmbH,Ann Lee
"""
_ACTIVITIES = """Activity - ID,Activity - Subject,Activity - Type,Activity - Done,Activity - Due date,Activity - Due time,Activity - Duration,Activity - Marked as done time,Activity - Assigned to user,Activity - Note,Deal,Organization,Contact person
11,Talked prices,Call,Done,2026-05-02,09:00,00:30,2026-05-03 11:00:00,Ann Lee,ok,Press line,Alder GmbH,Ida Alder
12,Left word,Call,Done,2026-05-04,,,2026-05-04 11:00:00,Ann Lee,,Press line,Alder GmbH,
13,On site,Meeting,Done,2026-05-10,14:00,02:00,2026-05-12 08:00:00,Bo Kim,,Robot cell,Birch AG,
14,Send offer,Task,Done,2026-05-06,,,2026-05-06 15:00:00,Ann Lee,,Press line,,
15,Call again,Call,Undone,2026-07-01,,,,Ann Lee,,Press line,,
"""
_NOTES = """Note - Content,Note - Creation date,Note - User,Deal
"<p>Wants <b>two</b> presses</p>",2026-05-09 08:00:00,Ann Lee,Press line
"""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {"d.csv": _DEALS, "o.csv": _ORGANIZATIONS, "p.csv": _PEOPLE, "a.csv": _ACTIVITIES, "n.csv": _NOTES}
    return build_from(tmp_path_factory.mktemp("pipedrive"), dict(files))


def test_every_row_is_accounted_for(firm: Built) -> None:
    assert firm.facts["profile"] == "pipedrive"
    assert firm.account("d.csv") == (5, 4, 0, 1)
    assert firm.account("o.csv") == (4, 4, 0, 0)
    assert firm.account("a.csv") == (5, 5, 0, 0)
    assert firm.account("n.csv") == (1, 1, 0, 0)
    assert firm.rows("select file, line, reason from rejects") == [("d.csv", 6, "deleted_in_crm")]


def test_deals_are_open_won_or_lost_and_close_on_the_day_the_crm_says(firm: Built) -> None:
    assert firm.rows(
        "select opportunity_id, outcome, amount, probability, pipeline, closed_at::date, loss_reason"
        " from opportunities order by 1"
    ) == [
        ("1", "open", Decimal("12000.00"), 0.4, "Machines", None, None),
        ("2", "won", Decimal("30000.00"), 1.0, "Machines", dt.date(2026, 6, 1), None),
        ("3", "lost", Decimal("500.00"), None, "Service", dt.date(2026, 5, 5), "Price"),
        ("4", "lost", Decimal("900.00"), None, "Service", dt.date(2026, 2, 15), "Archived"),
    ]
    assert firm.facts["currency"] == "EUR"
    assert firm.facts["as_of"] == "2026-06-20"


def test_owners_and_customers_join_by_name_and_two_of_one_name_are_reported(firm: Built) -> None:
    assert firm.rows(
        "select opportunity_id, u.name, a.city from opportunities o join users u on u.user_key = o.owner_key"
        " left join accounts a on a.account_key = o.account_key order by 1"
    ) == [("1", "Ann Lee", "Ulm"), ("2", "Bo Kim", "Graz"), ("3", "Ann Lee", "Ulm"), ("4", "Bo Kim", None)]
    assert firm.rows("select table_name, row_id, reference, reason from missing_references") == [
        ("opportunities", "4", "Twin Ltd", "ambiguous")
    ]


def test_done_activities_are_contacts_and_the_rest_is_to_do(firm: Built) -> None:
    # the call had half an hour with somebody named, the second reached nobody that we know of, a meeting is a meeting
    assert firm.rows(
        "select activity_id, kind, happened_at, minutes, is_effective from activities where kind <> 'other' order by 1"
    ) == [
        ("11", "call", dt.datetime(2026, 5, 3, 11), 30, True),
        ("12", "call", dt.datetime(2026, 5, 4, 11), None, False),
        ("13", "meeting", dt.datetime(2026, 5, 10, 14), 120, True),
    ]
    assert firm.rows("select task_id, status, due_on, completed_at::date from tasks order by 1") == [
        ("14", "done", dt.date(2026, 5, 6), dt.date(2026, 5, 6)),
        ("15", "open", dt.date(2026, 7, 1), None),
    ]
    assert firm.rows("select email, a.name from contacts c join accounts a using (account_key)") == [
        ("ida@alder.example", "Alder GmbH")
    ]


def test_a_deal_says_since_when_it_is_in_its_stage(firm: Built) -> None:
    assert firm.rows(
        "select opportunity_id, to_stage, changed_at::date, is_derived from stage_changes"
        " join opportunities using (opportunity_key) order by 1"
    ) == [
        ("1", "Proposal Made", dt.date(2026, 5, 11), True),
        ("2", "Negotiations Started", dt.date(2026, 5, 20), True),
    ]


def test_the_words_of_the_import_sheet_need_no_mapping(tmp_path: Path) -> None:
    deals = (
        "Deal - Title*,Deal - Value,Organization*,Contact person*,Deal - Owner,Deal - Stage (pipeline),Deal - Creation date,"
        "Deal - Closed on,Deal - Currency of value,Deal - Status\n"
        "Press line,100,Alder GmbH,Ida,Ann Lee,Proposal Made (Machines),2026-03-02,,EUR,Open\n"
        "Robot cell,250,Birch AG,,Ann Lee,Qualified,2026-03-05,2026-04-01,EUR,Won\n"
    )
    built = build_from(tmp_path, {"deals.csv": deals})
    assert built.rows(
        "select o.name, stage, pipeline, outcome, closed_at::date, a.name, u.name from opportunities o"
        " join accounts a using (account_key) join users u on u.user_key = o.owner_key order by 1"
    ) == [
        ("Press line", "Proposal Made", "Machines", "open", None, "Alder GmbH", "Ann Lee"),
        ("Robot cell", "Qualified", "main", "won", dt.date(2026, 4, 1), "Birch AG", "Ann Lee"),
    ]
    assert built.account("deals.csv") == (2, 2, 0, 0)


def test_one_list_of_deals_with_the_columns_of_people_and_organizations_fills_all_three(tmp_path: Path) -> None:
    deals = (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Owner,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Organization,"
        "Deal - Contact person,Organization - Owner,Organization - City/town/village/locality of Address,Person - Email,"
        "Person - Phone\n"
        "1,Press line,100,Ann Lee,Qualified,Open,2026-03-02,Alder GmbH,Ida Alder,Bo Kim,Ulm,ida@alder.example,1\n"
        "2,Robot cell,250,Ann Lee,Qualified,Open,2026-03-03,Alder GmbH,Ida Alder,Bo Kim,Ulm,ida@alder.example,1\n"
        "3,No client,5,Ann Lee,Qualified,Open,2026-03-04,,,,,,\n"
    )
    built = build_from(tmp_path, {"deals.csv": deals})
    assert built.account("deals.csv") == (3, 3, 0, 0)
    assert built.rows("select a.name, city, u.name from accounts a join users u on u.user_key = a.owner_key") == [
        ("Alder GmbH", "Ulm", "Bo Kim")
    ]
    assert built.rows("select c.name, c.email, a.name from contacts c join accounts a using (account_key)") == [
        ("Ida Alder", "ida@alder.example", "Alder GmbH")
    ]
    assert built.rows("select sum(amount), count(account_key) from opportunities") == [(Decimal("355.00"), 2)]

"""HubSpot: the sample folder against an independent reading of its CSVs; stage columns and internal names by hand."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.exports import Built, build_from

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "hubspot"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")


def read(name: str) -> list[dict[str, str]]:
    """The rows of a sample file as plain text."""
    with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.csv"))}
    return build_from(tmp_path_factory.mktemp("hubspot"), files)


@needs_samples
def test_every_row_of_the_sample_is_accounted_for(sample: Built) -> None:
    for path in sorted(SAMPLES.glob("*.csv")):
        n = len(read(path.name))
        assert sample.account(path.name) == (n, n, 0, 0), path.name
    assert sample.facts["profile"] == "hubspot"
    assert sample.rows("select * from missing_references") == []


@needs_samples
def test_deals_by_pipeline_stage_and_money(sample: Built) -> None:
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for deal in read("hubspot_deals.csv"):
        expected[deal["Pipeline"], deal["Deal Stage"]].append(Decimal(deal["Amount"]))
    found = sample.rows("select pipeline, stage, count(*), sum(amount) from opportunities group by all")
    assert {(pipeline, stage): (n, amount) for pipeline, stage, n, amount in found} == {
        key: (len(amounts), sum(amounts)) for key, amounts in expected.items()
    }
    stages = [
        "Appointment Scheduled", "Qualified to Buy", "Presentation Scheduled", "Decision Maker Bought-In",
        "Contract Sent", "Closed Won", "Closed Lost",
    ]  # fmt: skip
    for pipeline in ("Sales Pipeline", "Renewals Pipeline"):
        in_order = sample.rows(f"select stage, outcome from stages where pipeline = '{pipeline}' order by position")
        assert in_order == list(zip(stages, ["open"] * 5 + ["won", "lost"], strict=True))


@needs_samples
def test_won_lost_and_open_deals_by_owner(sample: Built) -> None:
    words = {"Closed Won": "won", "Closed Lost": "lost"}
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for deal in read("hubspot_deals.csv"):
        key = deal["Deal Owner"], words.get(deal["Deal Stage"], "open")
        expected[key].append(Decimal(deal["Amount"]))
    found = sample.rows(
        "select u.name, outcome, count(*), sum(amount) from opportunities join users u on u.user_key = owner_key group by all"
    )
    assert {(name, outcome): (n, amount) for name, outcome, n, amount in found} == {
        key: (len(amounts), sum(amounts)) for key, amounts in expected.items()
    }


@needs_samples
def test_the_close_date_is_a_plan_until_the_deal_is_closed(sample: Built) -> None:
    deals = read("hubspot_deals.csv")
    closed = {d["Deal ID"]: d["Close Date"] for d in deals if d["Deal Stage"].startswith("Closed")}
    planned = {d["Deal ID"]: d["Close Date"] for d in deals if d["Deal ID"] not in closed}
    for column, days in (("closed_at", closed), ("expected_close_on", planned)):
        found = sample.rows(f"select opportunity_id, {column}::date from opportunities where {column} is not null")
        assert dict(found) == {deal: dt.date.fromisoformat(day) for deal, day in days.items()}


@needs_samples
def test_activities_by_kind_and_outcome(sample: Built) -> None:
    activities = read("hubspot_activities.csv")
    kinds = Counter(row["Activity Type"] for row in activities)
    by_kind = dict(sample.rows("select kind, count(*) from activities group by all"))
    assert by_kind == {
        "call": kinds["Call"], "email": kinds["Email"], "meeting": kinds["Meeting"], "other": kinds["Note"],
    }  # fmt: skip
    reached = sum(row["Call Outcome"] == "Connected" for row in activities)
    not_held = ("No Show", "Cancelled", "Rescheduled")
    held = sum(row["Activity Type"] == "Meeting" and row["Meeting Outcome"] not in not_held for row in activities)
    effective = sample.rows("select kind, count(*) from activities where is_effective group by all")
    assert dict(effective) == {"call": reached, "meeting": held}
    status = dict(sample.rows("select status, count(*) from tasks group by all"))
    done = sum(row["Task Status"] == "Completed" for row in activities)
    assert status == {"done": done, "open": kinds["Task"] - done}
    by_owner = Counter(row["Activity Owner"] for row in activities if row["Activity Type"] != "Task")
    found = sample.rows("select u.name, count(*) from activities join users u on u.user_key = owner_key group by all")
    assert dict(found) == by_owner


@needs_samples
def test_customers_people_and_tickets_find_each_other(sample: Built) -> None:
    domains = {row["Company Domain Name"] for row in read("hubspot_companies.csv")}
    contacts = sum(row["Associated Company Domain"] in domains for row in read("hubspot_contacts.csv"))
    assert sample.rows("select count(account_key) from contacts") == [(contacts,)]
    top = Counter(row["Associated Company Domain"] for row in read("hubspot_deals.csv"))
    names = {row["Company Domain Name"]: row["Company Name"] for row in read("hubspot_companies.csv")}
    found = sample.rows("select a.name, count(*) from opportunities join accounts a using (account_key) group by all")
    assert dict(found) == {names[domain]: n for domain, n in top.items()}
    tickets = read("hubspot_tickets.csv")
    assert dict(sample.rows("select status, count(*) from cases group by all")) == {
        "closed": sum(row["Ticket Status"] == "Closed" for row in tickets),
        "open": sum(row["Ticket Status"] != "Closed" for row in tickets),
    }
    leads = ("Lead", "Marketing Qualified Lead", "Sales Qualified Lead")
    expected = sum(row["Lifecycle Stage"] in leads for row in read("hubspot_contacts.csv"))
    assert sample.rows("select count(*) from leads") == [(expected,)]


_STAGES = (
    "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Amount in company currency,Currency,Close Date,Create Date,Deal owner,"
    'Associated Company,Associated Company IDs,"Date entered ""Appointment Scheduled (Sales Pipeline)""",'
    '"Date exited ""Appointment Scheduled (Sales Pipeline)""","Date entered ""Demo (onsite) (Sales Pipeline)""",'
    '"Latest time in ""Demo (onsite) (Sales Pipeline)""","Date entered ""Contract Sent (Sales Pipeline)""",'
    '"Date entered ""Closed Won (Sales Pipeline)""",Date entered current stage,Last Modified Date\n'
)


def test_stage_columns_are_a_history(tmp_path: Path) -> None:
    rows = (
        # one day, two stages; a stage skipped; won
        "11,Press line,Closed Won,Sales Pipeline,90,100,EUR,2026-03-09 10:00,2026-02-01 09:30,Ann Lee,Alder;Birch,501;502,"
        "2026-02-01 09:30,2026-02-20 00:00,,,2026-02-20 00:00,2026-03-09 10:00,2026-03-09 10:00,2026-03-10 08:00\n"
        # went back from the contract to the demo
        "12,Robot,Demo (onsite),Sales Pipeline,200,200,USD,2026-06-30 00:00,2026-02-02 09:30,ann@x.example,Birch,502,"
        "2026-02-02 09:30,2026-02-10 00:00,2026-03-05 00:00,12:00:00,2026-02-10 00:00,,2026-03-05 00:00,2026-03-11 08:00\n"
        # no history at all
        "13,Oven,Appointment Scheduled,Sales Pipeline,50,50,USD,2026-06-30 00:00,2026-03-01 09:30,,,,,,,,,,,2026-03-11 08:00\n"
    )
    built = build_from(tmp_path, {"deals.csv": _STAGES + rows})
    assert built.rows(
        "select opportunity_id, from_stage, to_stage, changed_at::date, is_derived from stage_changes"
        " join opportunities using (opportunity_key) order by 1, 4, 3"
    ) == [
        ("11", None, "Appointment Scheduled", dt.date(2026, 2, 1), False),
        ("11", "Appointment Scheduled", "Contract Sent", dt.date(2026, 2, 20), False),
        ("11", "Contract Sent", "Closed Won", dt.date(2026, 3, 9), False),
        ("12", None, "Appointment Scheduled", dt.date(2026, 2, 2), False),
        ("12", "Appointment Scheduled", "Contract Sent", dt.date(2026, 2, 10), False),
        ("12", "Contract Sent", "Demo (onsite)", dt.date(2026, 3, 5), False),
    ]
    assert built.account("deals.csv") == (3, 3, 0, 0)
    assert built.rows("select column_name, n from import_notes where code = 'history_from_columns'") == [
        ('Date entered "Appointment Scheduled (Sales Pipeline)"', 6)
    ]
    assert built.rows(
        "select opportunity_id, amount, outcome, a.account_id, a.name from opportunities left join accounts a using (account_key)"
        " order by 1"
    ) == [
        # of several companies the first; the amount in the company's currency
        ("11", Decimal("100.00"), "won", "501", "Alder"),
        ("12", Decimal("200.00"), "open", "502", "Birch"),
        ("13", Decimal("50.00"), "open", None, None),
    ]
    assert built.facts["currency"] == "USD"


def test_a_stage_date_that_cannot_be_read_is_listed_with_its_own_heading(tmp_path: Path) -> None:
    rows = "11,Press line,Contract Sent,Sales Pipeline,90,90,USD,,2026-02-01,Ann,,,soon,,,,2026-02-20,,,2026-03-10\n"
    built = build_from(tmp_path, {"deals.csv": _STAGES + rows})
    assert built.rows("select to_stage from stage_changes") == [("Contract Sent",)]
    assert built.rows("select line, column_name, content, reason from rejects") == [
        (2, 'Date entered "Appointment Scheduled (Sales Pipeline)"', "soon", "bad_date")
    ]
    assert built.account("deals.csv") == (1, 1, 0, 0)


def test_stages_entered_on_one_day_stand_in_the_order_of_the_pipeline(tmp_path: Path) -> None:
    head = (
        "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,"
        "Date entered Contract Sent,Date entered Appointment Scheduled,Date entered 'Qualified To Buy (Sales Pipeline)'\n"
    )
    rows = "11,Press line,Contract Sent,Sales Pipeline,90,2026-06-01,2026-02-01,2026-02-01,2026-02-01,2026-02-01\n"
    built = build_from(tmp_path, {"deals.csv": head + rows})
    assert dict(built.rows("select to_stage, from_stage from stage_changes")) == {
        "Appointment Scheduled": None,
        "Qualified To Buy": "Appointment Scheduled",
        "Contract Sent": "Qualified To Buy",
    }


def test_headings_of_stages_are_only_text(tmp_path: Path) -> None:
    nasty = "x'); drop table opportunities; --"
    head = f'Record ID,Deal Name,Deal Stage,Amount,Close Date,Create Date,"Date entered ""{nasty} (P)"""\n'
    built = build_from(tmp_path, {"d.csv": head + "1,A,Contract Sent,5,2026-06-01,2026-01-01,2026-01-02\n"})
    assert built.rows("select to_stage from stage_changes") == [(nasty,)]


def test_internal_names_and_internal_stage_ids(tmp_path: Path) -> None:
    deals = (
        "hs_object_id,dealname,dealstage,pipeline,amount,closedate,createdate,hubspot_owner_id,hs_is_closed_won,hs_is_closed,"
        "hs_primary_associated_company,hs_v2_date_entered_appointmentscheduled,hs_v2_date_entered_closedwon,hs_v2_date_entered_99812345,"
        "hs_v2_date_entered_current_stage\n"
        "1,Press line,closedwon,default,100,2026-03-09T10:00:00Z,2026-02-01T09:30:00Z,77,true,true,501,"
        "2026-02-01T09:30:00Z,2026-03-09T10:00:00Z,,2026-03-09T10:00:00Z\n"
        "2,Robot,99812345,default,200,2026-06-30T00:00:00Z,2026-02-02T09:30:00Z,77,false,false,502,"
        "2026-02-02T09:30:00Z,,2026-02-12T09:30:00Z,2026-02-12T09:30:00Z\n"
        "3,Oven,presentationscheduled,default,50,2026-06-30T00:00:00Z,2026-02-03T09:30:00Z,78,false,false,,2026-02-03T09:30:00Z,,,\n"
        "4,Belt,closedlost,default,60,2026-03-30T00:00:00Z,2026-02-03T09:30:00Z,78,false,true,,2026-02-03T09:30:00Z,,,\n"
    )
    companies = "hs_object_id,name,domain,numberofemployees\n501,Alder,alder.example,7\n502,Birch,birch.example,8\n"
    owners = (
        "Owner ID,First Name,Last Name,Email,Main Team\n77,Ann,Lee,ann@x.example,North\n78,Bo,Ek,bo@x.example,South\n"
    )
    calls = (
        "hs_object_id,hs_call_title,hs_call_disposition,hs_call_duration,hs_call_direction,hs_timestamp,hubspot_owner_id\n"
        "c1,Terms,f240bbac-87c9-4f6e-bf70-924b57d47db7,300000,OUTBOUND,2026-03-01T10:00:00Z,77\n"
        "c2,Terms,73a0d17f-1163-4015-bdd5-ec830791da20,0,OUTBOUND,2026-03-02T10:00:00Z,77\n"
    )
    files = {"d.csv": deals, "c.csv": companies, "o.csv": owners, "k.csv": calls}
    built = build_from(tmp_path, files, as_of=dt.date(2026, 4, 30))
    assert built.rows(
        "select opportunity_id, pipeline, stage, outcome, u.name, a.name, probability, expected_close_on, closed_at::date"
        " from opportunities o left join users u on u.user_key = o.owner_key left join accounts a using (account_key) order by 1"
    ) == [
        ("1", "Sales Pipeline", "Closed Won", "won", "Ann Lee", "Alder", 1.0, None, dt.date(2026, 3, 9)),
        ("2", "Sales Pipeline", "99812345", "open", "Ann Lee", "Birch", None, dt.date(2026, 6, 30), None),
        ("3", "Sales Pipeline", "Presentation Scheduled", "open", "Bo Ek", None, 0.6, dt.date(2026, 6, 30), None),
        ("4", "Sales Pipeline", "Closed Lost", "lost", "Bo Ek", None, 0.0, None, dt.date(2026, 3, 30)),
    ]
    moves = built.rows(
        "select opportunity_id, from_stage, to_stage from stage_changes join opportunities using (opportunity_key)"
        " where from_stage is not null order by 1"
    )
    assert moves == [
        ("1", "Appointment Scheduled", "Closed Won"),
        ("2", "Appointment Scheduled", "99812345"),
    ]
    assert built.rows("select activity_id, minutes, outcome, is_effective from activities order by 1") == [
        ("c1", 5, "reached", True),
        ("c2", 0, "no_answer", False),
    ]


def test_exports_of_meetings_tasks_line_items_and_products(tmp_path: Path) -> None:
    files = {
        "deals.csv": "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal owner\n"
        "1,Press line,Contract Sent,Sales Pipeline,100,2026-06-09,2026-02-01,Ann Lee (Deactivated User)\n"
        "2,Robot,Contract Sent,Sales Pipeline,100,2026-06-09,2026-02-01,Ann Lee\n",
        "meetings.csv": "Record ID,Meeting Name,Meeting Start Time,Meeting Outcome,Activity assigned to,Associated Deal IDs\n"
        "m1,Kick-off,2026-03-01 10:00,Completed,Ann Lee,1;2\nm2,Talk,2026-03-02 10:00,No Show,Ann Lee,2\n",
        "tasks.csv": "Record ID,Task Title,Task Status,Priority,Due Date,Completed at,Assigned to,Associated Deal\n"
        "t1,Offer,COMPLETED,High,2026-03-05,2026-03-04 09:00,Ann Lee,Press line\nt2,Ask,Not Started,,2026-05-05,,Ann Lee,Robot\n",
        "lines.csv": "Record ID,Name,Quantity,Unit price,Product ID,Associated Deal IDs\nl1,Press,2,50,p1,1\n",
        "products.csv": "Record ID,Name,SKU,Unit price,Unit cost\np1,Press,P-1,50,30\n",
    }
    built = build_from(tmp_path, files)
    assert {file["name"]: file["object"] for file in built.facts["files"]} == {
        "deals.csv": "Deals", "meetings.csv": "Meetings", "tasks.csv": "Tasks", "lines.csv": "LineItems", "products.csv": "Products",
    }  # fmt: skip
    assert built.rows("select user_id from users") == [("Ann Lee",)]  # who has left is one person under both names
    assert built.rows(
        "select activity_id, is_effective, opportunity_id from activities join opportunities using (opportunity_key) order by 1"
    ) == [("m1", True, "1"), ("m2", False, "2")]
    assert built.rows(
        "select task_id, status, priority, o.name from tasks join opportunities o using (opportunity_key) order by 1"
    ) == [("t1", "done", "high", "Press line"), ("t2", "open", "normal", "Robot")]
    assert built.rows(
        "select quantity, unit_price, l.unit_cost, p.name from line_items l join products p using (product_key)"
    ) == [(2.0, Decimal("50.00"), Decimal("30.00"), "Press")]

"""Dynamics 365: the sample folder against an independent reading of its CSVs, and both dialects by hand."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.intake.exports import Built, build_from

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "dynamics365"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")


def read(name: str) -> list[dict[str, str]]:
    """The rows of a sample file as plain text."""
    with (SAMPLES / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def money(text: str) -> Decimal:
    """An amount as the sample writes it: 13400, 0, "$7,450,000.00 "."""
    return Decimal(text.strip().lstrip("$").replace(",", "") or "0")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    files = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.csv"))}
    return build_from(tmp_path_factory.mktemp("dynamics"), files)


@needs_samples
def test_every_row_of_the_sample_is_accounted_for(sample: Built) -> None:
    for path in sorted(SAMPLES.glob("*.csv")):
        n_records, n_kept, n_merged, n_rejected = sample.account(path.name)
        unused = path.name in ("Campaign.csv", "Territory.csv")
        assert (n_records, n_merged) == (len(read(path.name)), 0), path.name
        assert (n_kept, n_rejected) == ((0, n_records) if unused else (n_records, 0)), path.name
    assert sample.facts["profile"] == "dynamics365"
    assert sample.facts["currency"] == "USD"


@needs_samples
def test_deals_by_outcome_stage_and_money(sample: Built) -> None:
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for deal in read("Opportunity.csv"):
        amount = deal["Actual Revenue"] if deal["Status"] == "Won" else deal["Est. revenue"]
        expected[deal["Status"].lower(), deal["Sales Stage"]].append(money(amount))
    found = sample.rows("select outcome, stage, count(*), sum(amount) from opportunities group by all")
    assert {(outcome, stage): (n, amount) for outcome, stage, n, amount in found} == {
        key: (len(amounts), sum(amounts)) for key, amounts in expected.items()
    }
    order = sample.rows("select stage, outcome from stages order by position")
    assert order == [(stage, "open") for stage in ("Qualify", "Develop", "Propose", "Close")]


@needs_samples
def test_open_deals_by_owner(sample: Built) -> None:
    people = {f"{user['First Name']} {user['Last Name']}" for user in read("User.csv")}
    expected: dict[str | None, list[Decimal]] = defaultdict(list)
    for deal in read("Opportunity.csv"):
        if deal["Status"] == "Open":
            expected[deal["Owner"] if deal["Owner"] in people else None].append(money(deal["Est. revenue"]))
    found = sample.rows(
        "select u.name, count(*), sum(amount) from opportunities left join users u on u.user_key = owner_key"
        " where outcome = 'open' group by all"
    )
    assert {name: (n, amount) for name, n, amount in found} == {
        name: (len(amounts), sum(amounts)) for name, amounts in expected.items()
    }
    strangers = [deal["Owner"] for deal in read("Opportunity.csv") if deal["Owner"] not in people]
    assert sample.rows(
        "select reference from missing_references where table_name = 'opportunities' and column_name = 'owner_id'"
    ) == [(owner,) for owner in strangers]


@needs_samples
def test_days_of_closing_and_reasons_of_losses(sample: Built) -> None:
    deals = read("Opportunity.csv")
    day = dt.datetime.strptime
    expected = Counter(
        day(deal["Actual Close Date"].split()[0], "%m/%d/%Y").year
        for deal in deals
        if deal["Status"] == "Won" and deal["Actual Close Date"]
    )
    found = sample.rows("select year(closed_at), count(*) from opportunities where outcome = 'won' group by all")
    assert dict(found) == expected
    reasons = sample.rows("select loss_reason, count(*) from opportunities where outcome = 'lost' group by all")
    assert dict(reasons) == Counter(deal["Status Reason"] for deal in deals if deal["Status"] == "Lost")
    assert sample.rows("select count(*) from opportunities where outcome <> 'lost' and loss_reason is not null") == [
        (0,)
    ]
    created = [day(deal["Created On"].split()[0], "%m/%d/%Y").date() for deal in deals]
    assert sample.rows("select min(created_at)::date, max(created_at)::date from opportunities") == [
        (min(created), max(created))
    ]


@needs_samples
def test_what_is_in_the_calendar_and_the_mailbox(sample: Built) -> None:
    mails = Counter((mail["Activity Status"], mail["Direction"]) for mail in read("Emails.csv"))
    found = dict(sample.rows("select (kind, direction), count(*) from activities group by all"))
    assert found == {
        ("email", "out"): mails["Completed", "Outgoing"],
        ("email", "in"): mails["Completed", "Incoming"],
        ("meeting", "out"): len(read("Appointments.csv")),
    }
    # A draft is a thing to do, a cancelled mail was none.
    assert dict(sample.rows("select status, count(*) from tasks group by all")) == {
        "open": mails["Open", "Outgoing"],
        "cancelled": mails["Canceled", "Outgoing"],
    }
    cancelled = sum(meeting["Status"] == "Canceled" for meeting in read("Appointments.csv"))
    assert sample.rows("select count(*) from activities where kind = 'meeting' and not is_effective") == [(cancelled,)]


@needs_samples
def test_goals_of_quarters_become_months_and_the_teams_goals_are_not_added_to_its_people(sample: Built) -> None:
    goals = read("Goal.csv")
    parents = {goal["Parent Goal"] for goal in goals}
    of_people: dict[str, Decimal] = defaultdict(Decimal)
    for goal in goals:
        if goal["Name"] not in parents and goal["Fiscal Year"] == "FY2025":
            of_people[goal["Goal Owner"]] += money(goal["Target"])
    found = sample.rows(
        "select u.name, coalesce(sum(value), 0) from targets join users u on u.user_key = owner_key"
        " where year(month) = 2025 group by all"
    )
    assert dict(found) == of_people
    assert sample.rows("select column_name, n from import_notes where code = 'spread_over_months'") == [
        ("From", 3 * len(goals))
    ]
    of_team = sum(money(goal["Target"]) for goal in goals if goal["Name"] in parents)
    assert sample.rows("select sum(value) from targets where team is not null") == [(of_team,)]
    # 7,450,000 over three months: the cents add up
    assert sample.rows(
        "select month, value from targets where team is not null and month < date '2025-04-01'"
        " and month >= date '2025-01-01' order by month"
    ) == [
        (dt.date(2025, 1, 1), Decimal("2483333.33")),
        (dt.date(2025, 2, 1), Decimal("2483333.34")),
        (dt.date(2025, 3, 1), Decimal("2483333.33")),
    ]


@needs_samples
def test_people_customers_and_goods(sample: Built) -> None:
    managers = {f"{user['First Name']} {user['Last Name']}": user["Manager"] or None for user in read("User.csv")}
    found = sample.rows("select u.name, m.name from users u left join users m on m.user_key = u.manager_key")
    assert dict(found) == managers
    regions = Counter(account["Territory"] for account in read("Account.csv"))
    assert dict(sample.rows("select region, count(*) from accounts group by all")) == regions
    customers = {account["Account Name"] for account in read("Account.csv")}
    known = sum(contact["Company Name"] in customers for contact in read("Contact.csv"))
    assert sample.rows("select count(account_key) from contacts") == [(known,)]
    costs = sum(Decimal(product["Standard Cost"] or "0") for product in read("Product.csv"))
    assert sample.rows("select sum(unit_cost) from products") == [(costs,)]


_VIEW = (
    "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic ,Potential Customer,"
    "Est. Revenue.,Est. Close Date,Pipeline Phase,Status,Status Reason,Actual Revenue,Actual Close Date,Currency,"
    "Est. Revenue (Base),Actual Revenue (Base),Probability,Owner,Created On,Modified On\n"
)


def test_a_view_in_the_old_casing_with_its_hidden_columns(tmp_path: Path) -> None:
    rows = (
        "6a1,abc==,4/28/2026 9:00,Press line,Alder,1000,5/30/2026,2-Develop,Open,In Progress,,,US Dollar,1000,,60,Ann Lee,1/15/2026 8:00,4/28/2026 9:00\n"
        "6a2,abd==,4/28/2026 9:00,Robot,Birch,900,3/30/2026,4-Close,Won,Won,800,3/20/2026,Euro,990,880,100,Ann Lee,1/16/2026 8:00,4/28/2026 9:00\n"
        "6a3,abe==,4/27/2026 9:00,Oven,Birch,500,3/30/2026,Site Visit,Lost,Out-Sold,0,3/21/2026,US Dollar,500,0,0,Bo Ek,1/17/2026 8:00,4/27/2026 9:00\n"
    )
    built = build_from(tmp_path, {"Opportunities.csv": _VIEW + rows})
    assert built.facts["as_of"] == "2026-04-28"
    assert built.rows(
        "select opportunity_id, o.name, stage, outcome, amount, closed_at::date, expected_close_on, probability, loss_reason,"
        " a.name, u.name from opportunities o join accounts a using (account_key) join users u on u.user_key = o.owner_key"
        " order by 1"
    ) == [
        ("6a1", "Press line", "Develop", "open", Decimal("1000.00"), None, dt.date(2026, 5, 30), 0.6, None, "Alder", "Ann Lee"),
        # a deal in euros counts with its amount in the base currency
        ("6a2", "Robot", "Close", "won", Decimal("880.00"), dt.date(2026, 3, 20), dt.date(2026, 3, 30), 1.0, None, "Birch", "Ann Lee"),
        ("6a3", "Oven", "Site Visit", "lost", Decimal("500.00"), dt.date(2026, 3, 21), dt.date(2026, 3, 30), 0.0, "Out-Sold", "Birch", "Bo Ek"),
    ]  # fmt: skip


def test_logical_names_with_and_without_formatted_values(tmp_path: Path) -> None:
    label = "@OData.Community.Display.V1.FormattedValue"
    deals = (
        f"opportunityid,name,_parentaccountid_value,_customerid_value,_ownerid_value,_ownerid_value{label},estimatedvalue,"
        "estimatedclosedate,actualvalue,actualclosedate,salesstage,statecode,statuscode,closeprobability,createdon,modifiedon\n"
        "o1,Press line,a1,a1,u1,Ann Lee,1000,2026-05-30,,,1,0,1,60,2026-01-15T08:00:00Z,2026-04-28T09:00:00Z\n"
        "o2,Robot,a1,a1,u2,Bo Ek,900,2026-03-30,800,2026-03-20,3,1,3,100,2026-01-16T08:00:00Z,2026-04-01T09:00:00Z\n"
        "o3,Oven,a2,a2,u2,Bo Ek,500,2026-03-30,0,2026-03-21,2,2,5,0,2026-01-17T08:00:00Z,2026-04-01T09:00:00Z\n"
    )
    accounts = (
        "accountid,name,accountnumber,revenue,numberofemployees,_ownerid_value\na1,Alder,A-1,5,6,u1\na2,Birch,A-2,,,\n"
    )
    lines = "opportunityproductid,_opportunityid_value,_productid_value,quantity,priceperunit,extendedamount\nl1,o1,p1,2,500,1000\n"
    products = "productid,name,productnumber,price,standardcost,statecode\np1,Press,P-1,500,300,0\n"
    calls = (
        "activityid,subject,phonenumber,directioncode,statecode,actualend,actualdurationminutes,_regardingobjectid_value,_ownerid_value\n"
        "c1,Terms,123,True,1,2026-04-20T10:00:00Z,12,o1,u1\n"
        "c2,Call back,124,True,0,,,o1,u1\n"
    )
    files = {"o.csv": deals, "a.csv": accounts, "l.csv": lines, "p.csv": products, "c.csv": calls}
    built = build_from(tmp_path, files)
    assert {file["object"] for file in built.facts["files"]} == {
        "Opportunity", "Account", "OpportunityProduct", "Product", "PhoneCall",
    }  # fmt: skip
    assert built.rows(
        "select opportunity_id, stage, outcome, amount, loss_reason, a.name, u.user_id, u.name"
        " from opportunities o join accounts a using (account_key) join users u on u.user_key = o.owner_key order by 1"
    ) == [
        ("o1", "Develop", "open", Decimal("1000.00"), None, "Alder", "u1", "Ann Lee"),
        ("o2", "Close", "won", Decimal("800.00"), None, "Alder", "u2", "Bo Ek"),
        ("o3", "Propose", "lost", Decimal("500.00"), "Out-Sold", "Birch", "u2", "Bo Ek"),
    ]
    assert built.rows(
        "select quantity, l.unit_cost, product_id from line_items l join products using (product_key)"
    ) == [(2.0, Decimal("300.00"), "p1")]
    # a call that is done is a contact with its deal, one that is planned is a task
    assert built.rows(
        "select kind, minutes, opportunity_id from activities join opportunities using (opportunity_key)"
    ) == [("call", 12, "o1")]
    assert built.rows("select task_id, status from tasks") == [("c2", "open")]


def test_the_view_of_all_activities(tmp_path: Path) -> None:
    deals = "Topic,Potential Customer,Est. revenue,Est. close date,Sales Stage,Status,Owner\nPress line,Alder,5,,Qualify,Open,Ann\n"
    activities = (
        "Subject,Regarding,Activity Type,Activity Status,Priority,Start Date,Due Date,Owner,Date Created\n"
        "Visit,Press line,Appointment,Scheduled,Normal,2026-04-02,2026-04-02,Ann,2026-04-01\n"
        "Ask,Press line,Phone Call,Completed,Normal,2026-04-03,2026-04-03,Ann,2026-04-01\n"
        "Ask again,Nobody knows,Phone Call,Open,High,,2026-05-03,Ann,2026-04-01\n"
        "Write,Alder,Task,Completed,Low,,2026-04-09,Ann,2026-04-01\n"
    )
    built = build_from(tmp_path, {"o.csv": deals, "a.csv": activities}, as_of=dt.date(2026, 4, 30))
    assert built.rows(
        "select subject, kind, is_effective, o.name from activities left join opportunities o using (opportunity_key)"
        " order by happened_at"
    ) == [("Visit", "meeting", True, "Press line"), ("Ask", "call", False, "Press line")]
    assert built.rows(
        "select subject, status, priority, a.name from tasks left join accounts a using (account_key) order by 1"
    ) == [
        ("Ask again", "open", "high", None),
        ("Write", "done", "low", "Alder"),
    ]
    assert built.account("a.csv") == (4, 4, 0, 0)
    # "Regarding" may be a record of many kinds: not finding it in one of them is nothing to report
    assert built.rows("select * from missing_references where table_name in ('activities', 'tasks')") == []


def test_deals_without_ids_keep_their_identity_from_export_to_export(tmp_path: Path) -> None:
    head = "Topic,Potential Customer,Est. revenue,Est. close date,Sales Stage,Status,Owner,Created On\n"
    first = (
        head
        + (
            "Press line,Alder,100,2026-05-01,Qualify,Open,Ann,2026-01-15 08:00\n"
            "Press line,Alder,200,2026-05-01,Qualify,Open,Ann,2026-01-15 08:00\n"  # another deal of the same name and minute
            "Press line,Birch,300,2026-05-01,Qualify,Open,Ann,2026-01-15 08:00\n"
        )
    )
    second = head + (
        "PRESS LINE ,Alder,150,2026-06-01,Propose,Open,Bo,2026-01-15 08:00\n"
        "Press line,Alder,200,2026-05-01,Qualify,Open,Ann,2026-01-15 08:00\n"
        "Press line,Birch,300,2026-05-01,Close,Won,Ann,2026-01-15 08:00\n"
    )
    built = []
    for name, text in (("one", first), ("two", second)):
        (tmp_path / name).mkdir()
        built.append(build_from(tmp_path / name, {"o.csv": text}))
    ids = [dict(one.rows("select opportunity_id, amount from opportunities order by opportunity_id")) for one in built]
    assert len(ids[0]) == 3
    assert ids[0].keys() == ids[1].keys()
    assert sorted(ids[0].values()) == [Decimal(100), Decimal(200), Decimal(300)]
    changed = {deal for deal in ids[0] if ids[0][deal] != ids[1][deal]}
    assert [ids[0][deal] for deal in changed] == [Decimal(100)]
    assert built[0].account("o.csv") == (3, 3, 0, 0)


def test_a_view_of_closed_deals_without_their_status(tmp_path: Path) -> None:
    head = "Topic,Potential Customer,Actual Revenue,Actual Close Date,Modified On,Owner,Modified On\n"
    rows = (
        "Robot,Birch,800.00,3/20/2026,4/1/2026 9:00,Ann,4/1/2026 9:00\n"
        "Oven,Birch,$0.00,3/21/2026,4/2/2026 9:00,Ann,4/2/2026 9:00\n"
    )
    built = build_from(tmp_path, {"closed.csv": head + rows})
    assert built.rows("select name, outcome, amount, closed_at::date from opportunities order by name desc") == [
        ("Robot", "won", Decimal("800.00"), dt.date(2026, 3, 20)),
        ("Oven", "lost", None, dt.date(2026, 3, 21)),
    ]
    assert built.facts["as_of"] == "2026-04-02"


def test_ranks_by_title_and_the_day_of_the_next_step(tmp_path: Path) -> None:
    people = "Full Name,Primary Email,Title,Manager\nAnn Lee,ann@example.com,VP Sales,\nBo Ek,bo@example.com,Account Executive,Ann Lee\n"
    contacts = "Full Name,Company Name,Job Title,Email\nCy Dow,Alder,VP Operations,cy@example.com\n"
    deals = (
        "Topic,Potential Customer,Est. revenue,Est. close date,Status,Owner,Next Step,Next Step Date\n"
        "Press line,Alder,5,5/30/2026,Open,Bo Ek,Send the offer,5/14/2026\n"
    )
    tasks = "Subject,Regarding,Due Date,Priority,Owner\nCall,Press line,5/20/2026,High,Bo Ek\n"
    files = {"u.csv": people, "c.csv": contacts, "o.csv": deals, "t.csv": tasks}
    built = build_from(tmp_path, files, as_of=dt.date(2026, 4, 30))
    assert built.rows("select name, role from users order by name") == [("Ann Lee", "director"), ("Bo Ek", "rep")]
    assert built.rows("select name, buying_role from contacts") == [("Cy Dow", "decider")]
    assert built.rows("select next_step, next_step_on from opportunities") == [("Send the offer", dt.date(2026, 5, 14))]
    # A to-do regards a deal or a customer: that of the deal is known by the deal.
    assert built.rows(
        "select o.name, a.name from tasks as t join opportunities as o using (opportunity_key)"
        " join accounts as a on a.account_key = t.account_key"
    ) == [("Press line", "Alder")]

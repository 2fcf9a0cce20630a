"""The data page's figures: answers worked by hand on firms of a few rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dashboard import queryfile
from dashboard.snapshots import assembly
from tests.builders import insert_rows

AS_OF = dt.date(2026, 6, 30)
Tables = dict[str, list[dict[str, Any]]]


def answer(name: str, tables: Tables, **own: Any) -> list[dict[str, Any]]:
    """The answer of a query file over a snapshot of these rows."""
    query = queryfile.load(f"data/{name}")
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 1")
        assembly.create_tables(con)
        insert_rows(con, tables)
        assembly.derive(con, AS_OF)
        assembly.build_marts(con, AS_OF)
        values = {"as_of": AS_OF} | own
        found = con.sql(query.sql, params={parameter: values[parameter] for parameter in query.parameters})
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def deal(key: str, owner: str | None = "u1", **more: Any) -> dict[str, Any]:
    """An open deal of yesterday, complete but for what is said."""
    return {
        "opportunity_id": key,
        "name": f"Deal {key}",
        "owner_id": owner,
        "pipeline": "main",
        "stage": "Talks",
        "outcome": "open",
        "amount": 100,
        "created_at": "2026-06-29 09:00:00",
        "expected_close_on": "2026-07-31",
        **more,
    }


USERS = [{"user_id": "u1", "name": "Ann", "team": "North"}, {"user_id": "u2", "name": "Bo", "team": "South"}]


def touch(number: int, **more: Any) -> dict[str, Any]:
    return {"activity_id": f"x{number}", "owner_id": "u1", "kind": "call", "outcome": "reached", **more} | {
        "happened_at": more.get("happened_at", "2026-06-28 10:00:00")
    }


# --- completeness ---------------------------------------------------------------------------------------------------

#: 20 contacts of Ann, none with a deal; 20 of Bo, 15 with a deal; two deals, one of which has an amount of 0.
FIRM: Tables = {
    "users": USERS,
    "opportunities": [deal("d1"), deal("d2", "u2", amount=0, next_step="call")],
    "activities": [touch(n) for n in range(20)]
    + [touch(n, owner_id="u2", opportunity_id="d2" if n < 35 else None) for n in range(20, 40)],
}


def fields(rows: list[dict[str, Any]], principle: int) -> dict[str, dict[str, Any]]:
    return {
        f"{row['table_name']}.{row['field']}": row
        for row in rows
        if row["kind"] == "field" and row["principle"] == principle
    }


def test_completeness_counts_what_can_be_expected() -> None:
    rows = answer("completeness", FIRM, principle=0)
    first = fields(rows, 1)
    contact = first["activities.opportunity_key"]
    assert (contact["n_rows"], contact["n_filled"], contact["filled_rate"]) == (40, 15, 0.375)
    # no deal is decided: a closing day can't be expected, and holds nothing back
    assert (first["opportunities.closed_at"]["n_rows"], first["opportunities.closed_at"]["filled_rate"]) == (0, None)
    assert first["opportunities.next_step"]["filled_rate"] == 0.5
    # an amount of 0 is a blank
    assert fields(rows, 2)["opportunities.amount"]["filled_rate"] == 0.5
    # happened_at 1, opportunity_key 0.375, closed_at not expected, next_step 0.5, outcome 1: mean of four
    assert contact["principle_rate"] == pytest.approx((1 + 0.375 + 0.5 + 1) / 4)
    assert contact["can_judge"] is False and contact["place"] == 1


def test_a_table_that_was_not_exported_stands_as_missing() -> None:
    approvals = fields(answer("completeness", FIRM, principle=0), 9)["approvals.requested_by_key"]
    assert (approvals["has_table"], approvals["filled_rate"], approvals["can_judge"]) == (False, 0.0, False)


def test_principles_judged_in_this_firm() -> None:
    """Stages and creation days are there (4; no deal is decided yet), and contacts say enough (8)."""
    rows = answer("completeness", FIRM, principle=0)
    assert {row["principle"] for row in rows if row["can_judge"]} == {4, 8}


def test_people_are_ordered_by_the_gap_to_everybody_with_few_records_last() -> None:
    cy = {"user_id": "u3", "name": "Cy"}
    rows = answer(
        "completeness",
        FIRM | {"users": [*USERS, cy], "activities": [*FIRM["activities"], touch(90, owner_id="u3")]},
        principle=1,
    )
    people = [row for row in rows if row["kind"] == "owner"]
    assert [(row["name"], row["is_few"]) for row in people] == [("Ann", False), ("Bo", False), ("Cy", True)]
    ann = people[0]
    assert (ann["table_name"], ann["field"], ann["field_rate"]) == ("activities", "opportunity_key", 0.0)
    # Ann's cells: 20 each of date, deal, outcome; one open deal without a next step
    assert (ann["n_rows"], ann["n_filled"]) == (61, 40)
    # her gaps: deals (0 + 10 p) / 30 - p with p = 15/41; next step (0 + 10 * 0.5) / 11 - 0.5; date and outcome none
    p = 15 / 41
    assert ann["ahead_rate"] == pytest.approx(((10 * p / 30 - p) + (5 / 11 - 0.5) + 0 + 0) / 4)


def test_moves_found_by_comparing_count_as_history_and_a_stage_alone_does_not() -> None:
    won = {"outcome": "won", "stage": "Won", "closed_at": "2026-06-20 09:00:00"}
    tables: Tables = {
        "users": USERS,
        "opportunities": [
            deal("d1", **won),
            deal("d2", **won),
            deal("d3", stage_entered_at="2026-06-20 09:00:00", **won),
        ],
        "stage_changes": [
            {"opportunity_id": "d1", "from_stage": None, "to_stage": "Won", "changed_at": "2026-06-20"},
            {"opportunity_id": "d2", "from_stage": "Talks", "to_stage": "Won", "changed_at": "2026-06-20"}
            | {"is_derived": True},
        ],
    }
    history = fields(answer("completeness", tables, principle=0), 4)["opportunities.stage_history"]
    assert (history["n_rows"], history["n_filled"]) == (3, 2)


# --- stale ----------------------------------------------------------------------------------------------------------

#: Days counted back from 30 June: 1 April is 90 days ago, 31 March 91; 1 January is 180, 31 December 181.
STALE: Tables = {
    "users": USERS,
    "opportunities": [
        deal("past", amount=300, expected_close_on="2026-06-29"),
        deal("today", expected_close_on="2026-06-30"),
        deal("idle", amount=500, created_at="2026-03-31 09:00:00"),
        deal("young", created_at="2026-04-01 09:00:00"),
        deal("touched", created_at="2026-01-01 09:00:00"),
        deal("shifted", created_at="2026-01-01 09:00:00"),
        deal("moved", None, amount=700, stage="Offer", created_at="2025-01-01 09:00:00"),
        deal("done", outcome="lost", closed_at="2025-02-01 09:00:00", expected_close_on="2025-01-01"),
    ],
    "activities": [
        touch(1, opportunity_id="touched", happened_at="2026-05-01 09:00:00"),
        touch(2, owner_id="u2", happened_at="2026-07-01 00:00:00", subject="Fair"),
        touch(3, owner_id="u2", happened_at="2026-06-30 23:00:00"),
    ],
    "close_date_changes": [
        {"opportunity_id": "shifted", "changed_at": "2026-05-02", "from_on": "2026-06-01", "to_on": "2026-07-31"}
    ],
    "stage_changes": [
        {"opportunity_id": "moved", "from_stage": "Talks", "to_stage": "Offer", "changed_at": "2026-03-01"}
    ],
    "tasks": [
        {"task_id": "t1", "owner_id": "u2", "due_on": "2025-12-31", "status": "open", "opportunity_id": "idle"},
        {"task_id": "t2", "owner_id": "u2", "due_on": "2026-01-01", "status": "open"},
        {"task_id": "t3", "owner_id": "u2", "due_on": "2025-01-01", "status": "done"},
    ],
}


def test_stale_records_by_owner() -> None:
    rows = {row["user_id"]: row for row in answer("stale_by_owner", STALE)}
    kinds = ("n_open", "n_past_close", "past_close_amount", "n_idle", "idle_amount", "n_future", "n_overdue")
    assert {user: tuple(row[kind] for kind in kinds) for user, row in rows.items()} == {
        "u1": (6, 1, Decimal(300), 1, Decimal(500), 0, 0),
        "u2": (0, 0, Decimal(0), 0, Decimal(0), 1, 1),
        None: (1, 0, Decimal(0), 1, Decimal(700), 0, 0),
    }


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("past_close", [("past", dt.date(2026, 6, 29), 1)]),
        ("idle", [("moved", dt.date(2026, 3, 1), 121), ("idle", dt.date(2026, 3, 31), 91)]),
        ("future", [("x2", dt.date(2026, 7, 1), 1)]),
        ("overdue", [("t1", dt.date(2025, 12, 31), 181)]),
        ("nonsense", []),
    ],
)
def test_stale_records(kind: str, found: list[tuple[object, ...]]) -> None:
    rows = answer("stale_records", STALE, kind=kind)
    assert [(row["record_id"], row["on_date"], row["n_days"]) for row in rows] == found


def test_a_stale_task_leads_to_its_deal() -> None:
    (task,) = answer("stale_records", STALE, kind="overdue")
    assert (task["opportunity_id"], task["amount"], task["owner_name"]) == ("idle", Decimal(500), "Bo")


# --- references -----------------------------------------------------------------------------------------------------


def missing(table: str, column: str, reference: str, n: int, reason: str = "absent") -> list[dict[str, Any]]:
    return [{"table_name": table, "column_name": column, "reference": reference, "reason": reason}] * n


NOWHERE: Tables = {
    "missing_references": [
        *missing("line_items", "product_id", "GTXPro", 3),
        *missing("line_items", "product_id", "GTX Plus", 1),
        *missing("cases", "contact_id", "Li", 2, "ambiguous"),
    ]
}


def test_references_that_lead_nowhere_name_the_most_frequent() -> None:
    rows = answer("missing_references", NOWHERE)
    assert [tuple(row.values()) for row in rows] == [
        ("line_items", "product_id", "absent", 4, 2, "GTXPro", 3),
        ("cases", "contact_id", "ambiguous", 2, 1, "Li", 2),
    ]


def test_texts_that_lead_nowhere_with_their_share() -> None:
    rows = answer("missing_values", NOWHERE)
    assert [(row["reference"], row["n_rows"], row["share"]) for row in rows] == [
        ("GTXPro", 3, 0.75),
        ("Li", 2, 1.0),
        ("GTX Plus", 1, 0.25),
    ]


def test_ownerless_open_deals_with_their_money() -> None:
    tables: Tables = {
        "users": USERS,
        "opportunities": [
            deal("d1"),
            deal("d2", None, amount=40),
            deal("d3", None, amount=2),
            deal("d4", None, outcome="lost", closed_at="2026-06-29 10:00:00"),
        ],
        "accounts": [{"account_id": "a1", "owner_id": "u1"}],
        "missing_references": missing("opportunities", "owner_id", "u9", 1),
    }
    (row,) = answer("ownerless", tables)
    assert (row["table_name"], row["n_rows"], row["n_ownerless"], row["n_unknown"]) == ("opportunities", 3, 2, 1)
    assert (row["ownerless_rate"], row["amount"]) == (pytest.approx(2 / 3), Decimal(42))


# --- duplicates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Inc.", "ACME, Inc"),
        ("Acme GmbH", "acme  gmbh & Co. KG"),
        ("上海宏达科技有限公司", "上海宏达 科技"),
        ("上海宏达科技有限公司", "上海宏达科技股份有限公司"),
        ("上海（宏达）科技", "上海(宏达)科技"),
        ("ＡＣＭＥ　Ltd", "acme"),
        ("Société Générale S.A.", "société générale"),
    ],
)
def test_customers_alike_but_for_writing_and_legal_form(one: str, other: str) -> None:
    accounts = [{"account_id": "a1", "name": one, "owner_id": "u1"}, {"account_id": "a2", "name": other}]
    tables: Tables = {"users": USERS, "accounts": accounts, "opportunities": [deal("d1", account_id="a2")]}
    rows = answer("duplicate_accounts", tables)
    assert [(row["place"], row["n_same"], row["account_id"], row["opportunity_id"]) for row in rows] == [
        (1, 2, "a2", "d1"),
        (1, 2, "a1", None),
    ]


@pytest.mark.parametrize(
    ("one", "other"), [("Texaco", "Texa"), ("Visa", "Vi"), ("Acme North", "Acme South"), ("公司", "有限公司"), ("", "")]
)
def test_other_customers_are_left_alone(one: str, other: str) -> None:
    tables: Tables = {"accounts": [{"account_id": "a1", "name": one}, {"account_id": "a2", "name": other}]}
    assert answer("duplicate_accounts", tables) == []


def person(key: str, **more: Any) -> dict[str, Any]:
    return {"contact_id": key, "name": key, "account_id": "a1", **more}


def test_persons_with_the_same_address_or_number() -> None:
    tables: Tables = {
        "users": USERS,
        "accounts": [{"account_id": "a1", "name": "Acme", "owner_id": "u1"}, {"account_id": "a2", "name": "Other"}],
        "opportunities": [
            deal("old", account_id="a1", created_at="2026-01-01 09:00:00"),
            deal("new", account_id="a1", created_at="2026-06-01 09:00:00"),
        ],
        "contacts": [
            person("c1", email="Ann@Example.com ", phone="+86 138-0013-8000"),
            person("c2", email="ann@example.com", phone="13800138000"),  # same address and number: told once
            person("c3", phone="(021) 5555 1234"),
            person("c4", phone="02155551234"),
            person("c7", phone="13900139000", account_id="a2"),
            person("c8", phone="13900139000"),  # another firm and another name: no lead
            {**person("c9", phone="13700137000", account_id="a2"), "name": "Lee"},
            {**person("d1", phone="13700137000"), "name": "LEE"},  # one name at two firms
            person("c5", phone="110"),
            person("c6", phone="110"),  # too short to be somebody's
            *(person(f"s{n}", email="info@example.com") for n in range(6)),  # six share a mailbox
        ],
    }
    rows = answer("duplicate_contacts", tables)
    assert [(row["kind"], row["shared"], row["contact_id"]) for row in rows] == [
        ("email", "ann@example.com", "c1"),
        ("email", "ann@example.com", "c2"),
        ("phone", "02155551234", "c3"),
        ("phone", "02155551234", "c4"),
        ("phone", "13700137000", "c9"),
        ("phone", "13700137000", "d1"),
    ]
    assert {row["n_groups"] for row in rows} == {3}
    assert {row["contact_id"]: row["opportunity_id"] for row in rows} == dict.fromkeys(
        ("c1", "c2", "c3", "c4", "d1"), "new"
    ) | {"c9": None}


def test_deals_entered_twice() -> None:
    accounts = [{"account_id": "a1", "name": "Acme"}, {"account_id": "a2", "name": "Other"}]
    tables: Tables = {
        "users": USERS,
        "accounts": accounts,
        "opportunities": [
            deal("d1", account_id="a1", name="Pump"),
            deal("d2", account_id="a1", name="pump "),
            deal("d3", account_id="a1", name="Pump", amount=99),
            deal("d4", account_id="a2", name="Pump"),
            deal("d5", account_id="a2", name="Gift", amount=0),
            deal("d6", account_id="a2", name="Gift", amount=0),
        ],
    }
    rows = answer("duplicate_deals", tables)
    assert [(row["place"], row["n_groups"], row["n_same"], row["opportunity_id"]) for row in rows] == [
        (1, 1, 2, "d1"),
        (1, 1, 2, "d2"),
    ]


# --- files and history ----------------------------------------------------------------------------------------------


def test_notes_of_the_import_name_their_file() -> None:
    tables: Tables = {
        "source_files": [{"source_file": 1, "name": "a.csv"}],
        "import_notes": [
            {"source_file": 1, "code": "decimal_comma", "column_name": "Betrag", "n": 7, "example": "3,5"},
            {"source_file": 1, "code": "ids_rounded", "n": 9},
        ],
    }
    assert [tuple(row.values()) for row in answer("import_notes", tables)] == [
        ("a.csv", "ids_rounded", "", 9, None),
        ("a.csv", "decimal_comma", "Betrag", 7, "3,5"),
    ]


def move(key: str, source: str | None, day: str, is_derived: bool) -> dict[str, Any]:
    return {
        "opportunity_id": key,
        "from_stage": source,
        "to_stage": "Offer",
        "changed_at": day,
        "is_derived": is_derived,
    }


def test_where_the_history_of_stages_comes_from() -> None:
    tables: Tables = {
        "users": USERS,
        "opportunities": [deal("d1"), deal("d2"), deal("d3", stage_entered_at="2026-06-01")],
        "stage_changes": [
            move("d1", None, "2026-01-01", False),
            move("d1", "Talks", "2026-02-01", False),
            move("d2", "Talks", "2026-03-31", True),
        ],
    }
    (row,) = answer("history_source", tables)
    # what d3 says of its own stage is no move
    assert tuple(row.values()) == (3, 1, dt.date(2026, 3, 31))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("missing_references", {}),
        ("missing_values", {}),
        ("ownerless", {}),
        ("stale_by_owner", {}),
        ("stale_records", {"kind": "idle"}),
        ("duplicate_accounts", {}),
        ("duplicate_contacts", {}),
        ("duplicate_deals", {}),
        ("import_notes", {}),
    ],
)
def test_an_empty_snapshot_has_nothing_to_mend(name: str, own: dict[str, str]) -> None:
    assert answer(name, {}, **own) == []


def test_an_empty_snapshot_can_judge_nothing() -> None:
    rows = answer("completeness", {}, principle=0)
    assert {row["kind"] for row in rows} == {"field"} and not any(row["can_judge"] for row in rows)
    assert tuple(answer("history_source", {})[0].values()) == (0, 0, None)

"""Proposals: what an unknown file is taken for, from its headings and from what stands in its columns."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.intake.canonical import tables
from dashboard.intake.proposal import Column, Proposal, choice_of, propose

STAGES = {"Prospecting": 0, "Engaging": 0, "Won": 0, "Lost": 0}

#: A flat list of deals, as small firms keep it; the customer is missing in every seventh row.
DEALS = [
    Column("opportunity_id"),
    Column("sales_agent", distinct=0.004),
    Column("product", distinct=0.001),
    Column("account", filled=0.84, distinct=0.01),
    Column("deal_stage", distinct=0.001, values=STAGES),
    Column("engage_date", filled=0.94, distinct=0.1, dates=1.0),
    Column("close_date", filled=0.76, distinct=0.1, dates=1.0),
    Column("close_value", filled=0.76, distinct=0.3, numbers=1.0),
]


def fields_of(proposal: Proposal | None, table: str) -> dict[str, Any]:
    """What a proposal lets fill one table."""
    assert proposal is not None
    return {
        name: value
        for into in proposal.object["into"]
        if into["table"] == table
        for name, value in into["fields"].items()
    }


def test_a_flat_list_of_deals_fills_deals_and_what_was_sold() -> None:
    found = propose(DEALS)
    assert found is not None and found.table == "opportunities" and found.confidence > 0.8
    assert fields_of(found, "opportunities") == {
        "opportunity_id": "opportunity_id",
        "owner_id": "sales_agent",
        "account_id": "account",
        "stage": "deal_stage",
        "created_at": "engage_date",
        "expected_close_on": "close_date",
        "amount": "close_value",
    }
    lines = fields_of(found, "line_items")
    assert (lines["product_id"], lines["opportunity_id"]) == ("product", "opportunity_id")


@pytest.mark.parametrize(
    ("columns", "table", "named"),
    [
        (
            [Column("sales_agent"), Column("manager", distinct=0.2), Column("regional_office", distinct=0.1)],
            "users",
            {"name": "sales_agent", "manager_id": "manager", "team": "regional_office"},
        ),
        (
            [
                Column("account"),
                Column("sector", distinct=0.1),
                Column("year_established", numbers=1.0),
                Column("revenue", numbers=1.0),
                Column("employees", numbers=1.0),
            ],
            "accounts",
            {"name": "account", "industry": "sector", "annual_revenue": "revenue", "headcount": "employees"},
        ),
        (
            [Column("product"), Column("series", distinct=0.4), Column("sales_price", numbers=1.0)],
            "products",
            {"name": "product", "family": "series", "list_price": "sales_price"},
        ),
        (
            [
                Column("客户名称", distinct=0.4),
                Column("业务员", distinct=0.1),
                Column("回款日期", dates=1.0),
                Column("回款金额", numbers=1.0),
            ],
            "payments",
            {"account_id": "客户名称", "owner_id": "业务员", "paid_on": "回款日期", "amount": "回款金额"},
        ),
        (
            [Column("月份", dates=1.0), Column("姓名", distinct=0.1), Column("目标金额", numbers=1.0)],
            "targets",
            {"month": "月份", "owner_id": "姓名", "value": "目标金额", "measure": {"const": "revenue"}},
        ),
    ],
    ids=["people", "customers", "products", "receipts", "goals"],
)
def test_small_lists_are_known_by_their_words(columns: list[Column], table: str, named: dict[str, Any]) -> None:
    found = propose(columns)
    assert found is not None and found.table == table
    assert fields_of(found, table) == named


def test_what_stands_in_a_column_decides_against_its_heading() -> None:
    """A column headed amount that holds dates is no amount."""
    columns = [one if one.heading != "close_value" else Column("close_value", dates=1.0) for one in DEALS]
    assert "amount" not in fields_of(propose(columns), "opportunities")


def test_texts_of_contacts_are_translated_by_the_words_in_them() -> None:
    kinds = {"Phone call": 0, "Site visit": 0, "微信": 0, "Zzz": 0}
    columns = [
        Column("date", dates=1.0),
        Column("salesperson", distinct=0.1),
        Column("customer", distinct=0.3),
        Column("type", distinct=0.01, values=kinds),
    ]
    found = propose(columns)
    assert found is not None and found.table == "activities"
    assert fields_of(found, "activities")["kind"] == {
        "from": "type",
        "values": {"Phone call": "call", "Site visit": "visit", "微信": "message"},
    }


def test_a_file_about_nothing_we_know_is_taken_for_nothing() -> None:
    columns = [Column("Latitude", numbers=1.0), Column("Longitude", numbers=1.0), Column("Humidity", numbers=1.0)]
    assert propose(columns) is None


def test_the_user_may_name_the_table_himself() -> None:
    columns = [
        Column("date", dates=1.0),
        Column("customer"),
        Column("total", numbers=1.0),
        Column("status", values={"open": 0}),
    ]
    assert (found := propose(columns, "orders")) is not None and found.table == "orders"
    assert fields_of(found, "orders")["amount"] == "total"


@pytest.mark.parametrize("table", [name for name in tables() if name not in ("stages", "approvals")])
def test_our_own_headings_are_the_best_words_for_each_table(table: str) -> None:
    kinds = {"date": "dates", "timestamp": "dates", "month": "dates"}
    columns = []
    for name, field in tables()[table].fields.items():
        shares = (
            {kinds.get(field.kind, "numbers"): 1.0}
            if field.kind in {*kinds, "amount", "number", "integer", "share"}
            else {}
        )
        columns.append(Column(name, values=dict.fromkeys(field.choices, 0), **shares))
    found = propose(columns, table)
    wrong = {name: value for name, value in fields_of(found, table).items() if isinstance(value, str) and value != name}
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Won", "won"),
        ("Closed Won", "won"),
        ("赢单", "won"),
        ("Closed Lost", "lost"),
        ("输单(价格)", "lost"),
        ("跟进中", "open"),
        ("?", None),
    ],
)
def test_outcomes_are_read_as_people_write_them(text: str, word: str | None) -> None:
    assert choice_of("opportunities", "outcome", text) == word

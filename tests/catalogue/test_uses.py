"""What each export would switch on, read from the queries."""

from __future__ import annotations

import pytest

from dashboard.catalogue.uses import uses


@pytest.mark.parametrize(
    ("table", "figures"),
    [
        ("leads", {"funnel/leads"}),  # the only figure that asks for leads
        ("payments", {"desk/collected", "desk/overdue", "deal/money"}),  # overdue by way of invoice_facts
        ("activities", {"desk/contacts", "salesperson/calendar", "deal/touches"}),  # the first two by way of rep_days
        ("stage_changes", {"deal/stage_trail", "funnel/moves"}),
    ],
)
def test_figures_about_an_export(table: str, figures: set[str]) -> None:
    assert figures <= set(uses(table).direct)


def test_a_figure_about_deals_only_gains_from_contacts() -> None:
    """deal_facts holds the contacts of a deal among much else: conversion needs none of them."""
    found = uses("activities")
    assert "funnel/conversion" in found.indirect and "funnel/conversion" not in found.direct


@pytest.mark.parametrize("table", ["leads", "payments", "activities", "targets", "cases"])
def test_no_figure_counts_twice_and_none_of_the_data_page(table: str) -> None:
    found = uses(table)
    assert not set(found.direct) & set(found.indirect)
    assert not [name for name in (*found.direct, *found.indirect) if name.startswith("data/")]


def test_what_nothing_reads_switches_nothing_on() -> None:
    assert uses("rejects") == uses("no_such_table")
    assert not uses("rejects").direct

"""A boss goes through his sales process in a browser: from a bar to its deals, from a rule to what follows from it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.test_cockpit import failures, headings, open_first_row

pytestmark = pytest.mark.browser


def test_a_bar_of_the_waterfall_leads_to_its_deals(visit, cockpit) -> None:
    page = visit(f"{cockpit.url}/changes?lang=zh")
    chart = page.get_by_test_id("stPlotlyChart").first
    bar = chart.locator(".barlayer .point path").nth(1).bounding_box()
    assert bar is not None
    middle = (bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.mouse.move(*middle)
    expect(chart.locator(".hoverlayer .hovertext")).to_be_visible()
    page.mouse.click(*middle)
    expect(page).to_have_url(re.compile("kind=new"))
    settled(page)
    open_first_row(page, "/deal.*opportunity_id=")
    assert failures(page) == []


def answer(page: Page) -> str:
    """The sentence that the page opens with."""
    return headings(page)[1]


def test_a_milestone_struck_off_counts_on_every_page_at_once(visit, cockpit) -> None:
    page = visit(f"{cockpit.url}/milestones?lang=en&room=playbook")
    before = answer(page)
    last = page.get_by_test_id("stMultiSelect").last
    last.get_by_role("button", name="Clear all").click()
    settled(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. Every page now judges by it.")).to_be_visible()
    try:
        assert answer(settled(page)) != before
        other = visit(f"{cockpit.url}/milestones?lang=en")
        assert answer(other) == answer(page)
        assert failures(other) == []
    finally:
        page.get_by_role("button", name="Back to default", exact=True).click()
        expect(page.get_by_text("The default playbook is back.")).to_be_visible()
    assert answer(settled(page)) == before

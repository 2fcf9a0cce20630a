"""A newcomer brings in flat files of his own in a browser: guessed, dragged right, mended, imported."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.intake.flat import write

pytestmark = pytest.mark.browser


def drag(page: Page, what: str, before: str) -> None:
    """Drag one stage in front of another with the mouse, as a person does: press, move in steps, let go."""
    stages = page.frame_locator("iframe[title*=sortable]")
    item, place = stages.get_by_text(what, exact=True), stages.get_by_text(before, exact=True)
    item.scroll_into_view_if_needed()
    start, end = item.bounding_box(), place.bounding_box()
    assert start is not None and end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=15)
    page.mouse.move(end["x"] + 8, end["y"] + end["height"] / 2, steps=5)
    page.mouse.up()


def expect_stages(page: Page, *names: str) -> None:
    """The stages from first to last, those in which a deal ends behind."""
    stages = page.frame_locator("iframe[title*=sortable]")
    expect(stages.locator(".sortable-container .sortable-item")).to_have_text(list(names))


def import_and_look(page: Page, url: str, go: str, done: str, lang: str) -> None:
    """Import what is shown, open the Desk, and find the stages on the Funnel."""
    page.get_by_role("button", name=go, exact=True).click()
    page.get_by_role("link", name=done).click()
    expect(page).to_have_url(re.compile(r":\d+/(\?|$)"))
    settled(page)
    page.goto(f"{url}/funnel?lang={lang}")
    expect(page.get_by_test_id("stMain").get_by_text("Engaging").first).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0


def test_unknown_files_become_a_snapshot_and_are_known_the_next_time(visit, empty_cockpit, tmp_path) -> None:
    files, url = write(tmp_path), empty_cockpit.url
    page = visit(f"{url}/data?lang=en")
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text("probably: deals")).to_be_visible()
    mend = page.get_by_role("button", name="Mend and try again")
    mend.click()
    expect(mend).to_have_count(0)
    settled(page)
    expect_stages(page, "Prospecting", "Engaging", "Won", "Lost")
    drag(page, "Engaging", "Prospecting")
    expect_stages(page, "Engaging", "Prospecting", "Won", "Lost")
    settled(page)
    import_and_look(page, url, "Import", "Open the desk", "en")

    page = visit(f"{url}/data?lang=zh")
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text("按您的映射")).to_have_count(4)
    settled(page)
    expect_stages(page, "Engaging", "Prospecting", "Won", "Lost")
    expect(page.get_by_role("button", name="改正并重新试算")).to_have_count(0)
    import_and_look(page, url, "导入", "去看老板桌面", "zh")

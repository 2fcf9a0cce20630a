"""What a boss does with the cockpit, done in a browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Position, TimeoutError, expect

from dashboard.ui import navigation
from tests.browser.conftest import settled

pytestmark = pytest.mark.browser

#: Addresses of the pages; the Desk is the first one and stands at the root.
PAGES = tuple("" if page.code == "desk" else page.code for page in navigation.ALL)
FIRST_ROW: Position = {"x": 60, "y": 52}  # in a table: below the headings (35 px), a row is 35 px high


def failures(page: Page) -> list[str]:
    """Error boxes on the page."""
    return page.locator("[data-testid=stAlertContentError], [data-testid=stException]").all_inner_texts()


def address(page: Page) -> tuple[str, dict[str, str]]:
    """(path, parameters) of the page's address."""
    parts = urlsplit(page.url)
    return parts.path.strip("/"), {name: values[0] for name, values in parse_qs(parts.query).items()}


def headings(page: Page) -> list[str]:
    """The page's title, its answer and its sections."""
    return page.get_by_test_id("stMain").get_by_role("heading").all_inner_texts()


def open_first_row(page: Page, opens: str) -> None:
    """Click the first row of the first table until the address has `opens`.

    The grid is a canvas that takes no click while it is being measured, and tells nobody when it is done.
    """
    for _ in range(8):
        page.get_by_test_id("stDataFrame").first.click(position=FIRST_ROW)
        try:
            page.wait_for_url(re.compile(opens), timeout=8_000)
        except TimeoutError:
            continue
        break
    expect(page).to_have_url(re.compile(opens))
    settled(page)


def test_from_upload_to_desk(visit, empty_cockpit, export) -> None:
    page = visit(f"{empty_cockpit.url}/data?lang=zh")
    page.locator("input[type=file]").set_input_files(export)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_text("一行不少")).to_be_visible()
    assert failures(settled(page)) == []
    page.get_by_role("link", name="去看老板桌面").click()
    expect(page).to_have_url(re.compile(r":\d+/(\?|$)"))
    assert re.search(r"\d", headings(settled(page))[1]), "the answer names figures"
    assert failures(page) == []


def test_from_desk_to_a_deal_and_back(visit, cockpit) -> None:
    page = visit(f"{cockpit.url}/?lang=zh")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="销售漏斗").click()
    expect(page).to_have_url(re.compile("/funnel"))
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_text("需求确认", exact=True).click()
    expect(page).to_have_url(re.compile(r"position=\d"))
    expect(page.get_by_role("heading", name=re.compile("需求确认 → "))).to_be_visible()
    settled(page)
    open_first_row(page, "/deal.*opportunity_id=")
    assert failures(page) == []
    deal = page.url
    page.get_by_test_id("stMain").locator("a[href*=salesperson]").first.click()
    expect(page).to_have_url(re.compile("/salesperson"))
    assert failures(settled(page)) == []
    page.go_back()
    expect(page).to_have_url(deal)
    assert failures(settled(page)) == []


def test_from_the_salespeople_to_one_of_them_and_to_a_deal(visit, cockpit) -> None:
    page = visit(f"{cockpit.url}/salesperson?lang=zh")
    open_first_row(page, "user_id=")
    assert failures(page) == []
    open_first_row(page, "/deal.*opportunity_id=")
    assert failures(page) == []


@pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "desk")
def test_a_click_changes_the_language_and_nothing_else(visit, cockpit, name: str) -> None:
    page = visit(f"{cockpit.url}/{name}?lang=zh&period=this_year")
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.get_by_role("button", name="中文", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("lang=en"))
    assert address(settled(page)) == (name, {"lang": "en", "period": "this_year"})
    assert failures(page) == []


def test_a_copied_link_shows_the_receiver_the_same(visit, cockpit) -> None:
    page = visit(f"{cockpit.url}/salesperson?lang=zh&period=last_quarter")
    open_first_row(page, "user_id=")
    receiver = visit(page.url, locale="en-US")
    assert address(receiver) == address(page)
    assert headings(receiver) == headings(page)


@pytest.mark.parametrize("name", PAGES, ids=lambda name: name or "desk")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_fits_a_phone(visit, cockpit, name: str, dark: bool) -> None:
    page = visit(
        f"{cockpit.url}/{name}?lang=en",
        viewport={"width": 390, "height": 844},
        color_scheme="dark" if dark else "light",
    )
    assert failures(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    back = page.locator("[data-testid=stApp]").evaluate("element => getComputedStyle(element).backgroundColor")
    shades = [int(shade) for shade in re.findall(r"\d+", back)[:3]]
    assert (sum(shades) < 3 * 128) is dark

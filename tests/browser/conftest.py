"""A real Chromium on a real server: nothing here is replaced by a double."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.server import Server
from dashboard.places import DATA

#: Imports and first drawings share two cores with the other tests.
PATIENCE_MS = 60_000
LOCAL = {"127.0.0.1", "localhost"}

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium on this machine: install Debian's package chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def cockpit(sample_home) -> Iterator[Server]:
    """A server whose folder holds the Chinese sample firm."""
    with Server(sample_home("zh")) as server:
        yield server


@pytest.fixture
def empty_cockpit(tmp_path_factory) -> Iterator[Server]:
    """A server whose folder holds nothing yet; one for each test, for what a test leaves there others would meet."""
    with Server(tmp_path_factory.mktemp("empty") / "home") as server:
        yield server


@pytest.fixture(scope="session")
def export(tmp_path_factory) -> list[Path]:
    """The files of the Chinese sample firm's latest export, as its CRM wrote them."""
    folder = tmp_path_factory.mktemp("export")
    newest = sorted((DATA / "zh").glob("*.zip"))[-1]
    with zipfile.ZipFile(newest) as archive:
        archive.extractall(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """visit(url, **settings of a context): a fresh visitor, watched for requests that leave the machine."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def opened(url: str, **settings) -> Page:
        settings = {"locale": "zh-CN", "viewport": {"width": 1440, "height": 1000}} | settings
        context = browser.new_context(**settings)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        for event in ("request", "websocket"):
            page.on(event, lambda sent: strangers.append(sent.url) if not is_local(sent.url) else None)
        page.goto(url)
        return settled(page)

    yield opened
    for context in contexts:
        context.close()
    assert strangers == [], "a request left this machine"


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about") or parts.hostname in LOCAL


def settled(page: Page) -> Page:
    """The page once its script has run to the end and nothing on it is out of date."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    return page

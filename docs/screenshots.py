"""Renews the pictures of the documents from the sample firms: `python -m docs.screenshots` (needs Chromium)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from benchmarks.server import Server
from dashboard.intake.demo import import_demo

IMAGES = Path(__file__).resolve().parent / "images"
#: File -> (address, language of the sample firm).
PICTURES = {
    "desk.png": ("", "en"),
    "funnel.png": ("funnel", "en"),
    "changes.png": ("changes", "en"),
    "forecast.png": ("forecast", "en"),
    "desk-zh.png": ("", "zh"),
    "milestones-zh.png": ("milestones", "zh"),
}


def main() -> None:
    """Draw every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for lang in dict.fromkeys(lang for _, lang in PICTURES.values()):
            home = Path(folder) / lang
            import_demo(home, lang)
            with Server(home) as server:
                for name, (address, wanted) in PICTURES.items():
                    if wanted == lang:
                        page = browser.new_page(viewport={"width": 1280, "height": 900})
                        page.goto(f"{server.url}/{address}?lang={lang}&period=this_year")
                        expect(page.locator("[data-test-script-state=notRunning]")).to_be_visible(timeout=60_000)
                        expect(page.get_by_role("heading").nth(2)).to_be_visible(timeout=60_000)
                        expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=60_000)
                        page.wait_for_load_state("networkidle")
                        page.screenshot(path=IMAGES / name)
                        page.close()
        browser.close()


if __name__ == "__main__":
    main()

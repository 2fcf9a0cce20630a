"""Pages run as a reader sees them: through the entry point, over a home folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]

Open = Callable[..., AppTest]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder that the app uses."""
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def open_app(home: Path) -> Open:
    """Opens a page by its code, with URL parameters; fails on any exception that reached the page."""

    def opened(page: str, **url: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=30)
        app.run()
        app.switch_page(f"../pages/{page}.py")
        app.query_params.update(url)
        app.run()
        assert not app.exception
        return app

    return opened

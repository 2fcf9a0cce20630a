"""The invented firms as a boss would load them: the last export of each, through the importer, once a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from dashboard import cli
from dashboard.places import DATA

FIRMS = ("zh", "en")
AS_OF = "2026-10-31"


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A home per firm, with its last export published."""
    made = {}
    for firm in FIRMS:
        made[firm] = tmp_path_factory.mktemp(f"stories-{firm}")
        export = DATA / firm / f"{AS_OF}.zip"
        code = cli.main(
            ["import", "--home", str(made[firm]), "--series", f"demo-{firm}", "--as-of", AS_OF, str(export)]
        )
        assert code == 0
    return made


@pytest.fixture(scope="session")
def stories() -> dict[str, dict[str, Any]]:
    """What is planted in each firm, by name."""
    told = json.loads((DATA / "stories.json").read_text(encoding="utf-8"))
    return {firm: told[firm]["stories"] for firm in FIRMS}


@pytest.fixture
def at_home(homes: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call with a firm: its home is the one that pages read until the end of the test."""

    def settle(firm: str) -> Path:
        monkeypatch.setenv("SALES_COCKPIT_HOME", str(homes[firm]))
        st.cache_resource.clear()
        return homes[firm]

    yield settle
    st.cache_resource.clear()

"""The invented firms as a boss would load them: their exports through the importer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from dashboard.places import DATA

FIRMS = ("zh", "en")


@pytest.fixture(scope="session")
def homes(sample_home: Callable[[str], Path]) -> dict[str, Path]:
    """A home per firm, with its three snapshots; the last is current."""
    return {firm: sample_home(firm) for firm in FIRMS}


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

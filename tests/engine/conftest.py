"""One home with two snapshots of the small firm, shared by the engine's tests: snapshots never change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.engine import Engine
from dashboard.snapshots.store import Snapshot, Store
from tests.engine import firm


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "home"
    firm.build(path, "2026-02-28")
    firm.build(path, "2026-03-31")
    return path


@pytest.fixture(scope="session")
def march(home: Path) -> Snapshot:
    return Store(home).list()[0]


@pytest.fixture(scope="session")
def engine(home: Path) -> Iterator[Engine]:
    made = Engine(Store(home))
    yield made
    made.close()

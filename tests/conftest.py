"""What many tests stand on and is dear to make: the invented firms, brought in once for all worker processes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.intake.demo import import_demo


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Call with a firm (zh, en): a home of the calling process's own that holds the firm's three snapshots."""
    own: dict[str, Path] = {}
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(firm: str) -> Path:
        if firm not in own:
            first = shared / f"sample-{firm}"
            with (shared / f"sample-{firm}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # the second worker to come waits for the first and finds it done
                if not first.exists():
                    building = shared / f"sample-{firm}.building"
                    import_demo(building, firm)
                    building.rename(first)
            own[firm] = tmp_path_factory.mktemp(f"sample-{firm}") / "home"
            shutil.copytree(first, own[firm])
        return own[firm]

    return made

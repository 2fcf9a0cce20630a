"""D1 and D3: what a rerun of the Desk costs, and what it takes from the start of the process to its first page."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.server import CHECKOUT, Server
from benchmarks.visitor import Visitor

PAGE = "desk"
RERUNS = 30
#: Views that differ in their filters, so that a rerun is not only the same answer again.
VIEWS = ("lang=zh", "lang=zh&period=last_quarter", "lang=en", "lang=zh&period=this_year")
#: Loaded on the path of a page these cost 0.5 s of the start.
UNWANTED = ("pandas", "plotly", "plotly.express")
LOADED = """
import json, sys
from streamlit.testing.v1 import AppTest
run = AppTest.from_file(sys.argv[1], default_timeout=120).run()
assert not run.exception, run.exception
print(json.dumps([name for name in sys.argv[2:] if name in sys.modules]))
"""


class PageFailed(RuntimeError):
    """The page showed an error instead of an answer."""


def run(home: Path, rounds: int, only: set[str]) -> list[Figure]:
    """D1 on one server, D3 on as many fresh ones as there are rounds."""
    figures = []
    if "D3" in only:
        figures.append(_start(home, rounds))
    if "D1" in only:
        figures.append(_rerun(home))
    return figures


def _rerun(home: Path) -> Figure:
    with Server(home) as server:
        visitor = Visitor(server.port)
        for view in VIEWS * 2:
            _checked(visitor, view)
        same = _series(server, visitor, VIEWS[:1])
        turning = _series(server, visitor, VIEWS)
        size = _checked(visitor, VIEWS[0])
        rss = server.rss()
        visitor.close()
    return Figure(
        "D1", "rerun of the Desk, warm", same["cpu"], "CPU ms", None, "", "25 CPU ms",
        {
            "wall ms": same["wall"],
            "CPU ms, filters and language turning": turning["cpu"],
            "kB on the wire": size / 1000,
            "server MB": rss,
        },
    )  # fmt: skip


def _series(server: Server, visitor: Visitor, views: tuple[str, ...]) -> dict[str, float]:
    """Mean CPU and median wall (ms) of RERUNS runs; the CPU clock of a process is too coarse for one run."""
    before, walls = server.cpu(), []
    for number in range(RERUNS):
        start = time.perf_counter()
        _checked(visitor, views[number % len(views)])
        walls.append(time.perf_counter() - start)
    return {"cpu": (server.cpu() - before) / RERUNS * 1000, "wall": statistics.median(walls) * 1000}


def _start(home: Path, rounds: int) -> Figure:
    walls, cpus = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        with Server(home) as server:
            visitor = Visitor(server.port)
            _checked(visitor, VIEWS[0])
            walls.append(time.perf_counter() - start)
            cpus.append(server.cpu())
            visitor.close()
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, str(CHECKOUT / "dashboard" / "app.py"), *UNWANTED],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, env=_environment(home),
    )  # fmt: skip
    unwanted = json.loads(loaded.stdout.splitlines()[-1]) if loaded.returncode == 0 else [loaded.stderr[-300:]]
    return Figure(
        "D3", "from process start to the first page", statistics.median(cpus), "CPU s", None, "", "1.0 CPU s",
        {"wall s": min(walls), "unwanted modules loaded": ", ".join(unwanted) or "none"},
    )  # fmt: skip


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"SALES_COCKPIT_HOME": str(home)}


def _checked(visitor: Visitor, query: str) -> int:
    run = visitor.open(PAGE, query)
    if run.errors or run.n_elements < 5:
        raise PageFailed(f"{query}: {run.n_elements} elements, {run.errors}")
    return run.bytes

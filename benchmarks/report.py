"""The report of a run: one JSON file and one table, with what is needed to judge the figures."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("duckdb", "streamlit", "plotly", "pyarrow", "numpy")


@dataclass(frozen=True)
class Figure:
    """One measured figure. `ratio` is the result where there is one; the target is a limit not to exceed."""

    id: str
    what: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""
    target: str = ""
    detail: dict[str, float | str] = field(default_factory=dict)


def surroundings() -> dict[str, object]:
    """The machine, the versions and the load: figures of different runs compare only where these do."""
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "versions": {name: version(name) for name in PACKAGES},
    }


def table(figures: list[Figure]) -> str:
    """The figures as aligned text, one line each, details indented below."""
    lines = []
    for one in figures:
        ratio = f"{one.ratio:8.2f} x {one.against}" if one.ratio is not None else ""
        target = f"   target {one.target}" if one.target else ""
        lines.append(f"{one.id:3} {one.what:46} {one.value:10.2f} {one.unit:7} {ratio}{target}")
        lines += [f"      {name}: {_short(value)}" for name, value in one.detail.items()]
    return "\n".join(lines)


def write(path: Path, scale: str, rounds: int, before: dict[str, object], figures: list[Figure]) -> None:
    """The run as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run = {
        "scale": scale,
        "rounds": rounds,
        "before": before,
        "after": surroundings(),
        "figures": [asdict(one) for one in figures],
    }
    path.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"

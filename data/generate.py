"""Writes the demo firms' snapshots and the list of what is planted in them: python -m data.generate."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from data import archive, chronicle, storybook
from data.model import World
from data.salesforce import Salesforce
from data.world import SEEDS, SNAPSHOTS, build
from data.xtools import XTools

DIALECTS: dict[str, type[XTools] | type[Salesforce]] = {"zh": XTools, "en": Salesforce}


def render(world: World, day: date, out: Path) -> chronicle.Count:
    """Write one snapshot of one firm; returns what it holds."""
    dialect = DIALECTS[world.firm](world, day)
    tables = dialect.tables()
    archive.write(out / world.firm / f"{day}.zip", tables, dialect, (day.year, day.month, day.day))
    return chronicle.count(tables, dialect.dirt)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m data.generate", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="folder to write to (default: this one)"
    )
    out: Path = parser.parse_args(arguments).out
    told: list[chronicle.Firm] = []
    for firm in DIALECTS:
        world = build(firm, SEEDS[firm])
        counts = {day.isoformat(): render(world, day, out) for day in SNAPSHOTS}
        told.append(chronicle.tell(world, DIALECTS[firm](world, SNAPSHOTS[-1]), counts))
    storybook.write(out, told)


if __name__ == "__main__":
    main()

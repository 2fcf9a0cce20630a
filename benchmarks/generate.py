"""The invented firm's CRM export: twelve CSV files of a chosen size, the same bytes every time.

`python -m benchmarks.generate --scale S --out FOLDER [--asof 2026-06-30]`
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

WORLD = Path(__file__).resolve().parent / "world"
END = dt.date(2026, 6, 30)
FILES = (
    "users",
    "products",
    "accounts",
    "contacts",
    "opportunities",
    "stage_changes",
    "activities",
    "tasks",
    "line_items",
    "orders",
    "invoices",
    "payments",
)


@dataclass(frozen=True)
class Scale:
    """Size of a firm, in rows."""

    n_reps: int
    n_accounts: int
    n_opportunities: int
    n_activities: int

    def sizes(self) -> dict[str, int]:
        """Numbers that the files of `world` call as macros."""
        return {
            "n_reps": self.n_reps,
            "n_managers": max(2, self.n_reps // 10),
            "n_accounts": self.n_accounts,
            "n_contacts": 2 * self.n_accounts,
            "n_opportunities": self.n_opportunities,
            "n_activities": self.n_activities,
            "n_tasks": self.n_opportunities // 2,
            "n_products": 40,
            "n_line_items": self.n_opportunities * 3 // 5,
        }


#: XS is for tests; L is not run by default (14 GB).
SCALES = {
    "XS": Scale(n_reps=12, n_accounts=120, n_opportunities=600, n_activities=5_000),
    "S": Scale(n_reps=50, n_accounts=5_000, n_opportunities=20_000, n_activities=200_000),
    "M": Scale(n_reps=500, n_accounts=100_000, n_opportunities=1_000_000, n_activities=10_000_000),
    "L": Scale(n_reps=2_000, n_accounts=400_000, n_opportunities=4_000_000, n_activities=100_000_000),
}


def generate(scale: Scale, folder: Path, as_of: dt.date = END) -> list[Path]:
    """Write the export as it would have been on `as_of` into `folder`; the files, in the order of FILES."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as con:
        for name, size in scale.sizes().items():
            con.execute(f"create macro {name}() as cast({size} as bigint)")
        con.execute(f"create macro as_of() as date '{as_of.isoformat()}'")
        con.execute((WORLD / "macros.sql").read_text(encoding="utf-8"))
        paths = []
        for name in FILES:
            path = folder / f"{name}.csv"
            con.sql((WORLD / f"{name}.sql").read_text(encoding="utf-8")).write_csv(str(path), header=True)
            paths.append(path)
    return paths


def ready(scale: str, root: Path, as_of: dt.date = END) -> list[Path]:
    """The files of a scale, written under `root` unless they are there already and whole."""
    folder = root / f"{scale}-{as_of.isoformat()}"
    done = folder / "complete"
    if not done.exists():
        generate(SCALES[scale], folder, as_of)
        done.touch()
    return [folder / f"{name}.csv" for name in FILES]


def main() -> None:
    """Command line: write one export and say how fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="S")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--asof", type=dt.date.fromisoformat, default=END)
    chosen = parser.parse_args()
    start = time.perf_counter()
    files = generate(SCALES[chosen.scale], chosen.out, chosen.asof)
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"{len(files)} files, {size:.0f} MB, {size / (time.perf_counter() - start):.0f} MB/s: {chosen.out}")


if __name__ == "__main__":
    main()

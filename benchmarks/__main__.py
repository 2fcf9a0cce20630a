"""Command line: `python -m benchmarks run --scale S --only I1,Q1 --rounds 3 --out benchmarks/out/run.json`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import desk, generate, ingest, questions, report

MEASURES = ("I1", "I2", "Q1", "Q3", "D1", "D3")
OUT = Path(__file__).resolve().parent / "out"


def main() -> None:
    """Make the export of the chosen scale if it is not there, measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    run = parser.add_subparsers(dest="command", required=True).add_parser("run")
    run.add_argument("--scale", choices=generate.SCALES, default="S")
    run.add_argument("--only", default=",".join(MEASURES), help="comma-separated: " + ", ".join(MEASURES))
    run.add_argument("--rounds", type=int, default=3)
    run.add_argument("--data", type=Path, default=OUT, help="folder for the export and the imported snapshot")
    run.add_argument("--out", type=Path, help="JSON file (default: benchmarks/out/<scale>.json)")
    chosen = parser.parse_args()
    only = set(chosen.only.split(","))
    if unknown := only - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    before = report.surroundings()
    figures = measure(chosen.scale, only, chosen.rounds, chosen.data)
    out = chosen.out or OUT / f"{chosen.scale}.json"
    report.write(out, chosen.scale, chosen.rounds, before, figures)
    print(report.table(figures))
    print(f"load before {before['load']}, after {report.surroundings()['load']}; written to {out}")


def measure(scale: str, only: set[str], rounds: int, data: Path) -> list[report.Figure]:
    """The figures of one scale, in the order of MEASURES."""
    files = generate.ready(scale, data)
    figures: list[report.Figure] = []
    if only & {"I1", "I2"}:
        figures += ingest.run(files, rounds, only)
    if only & {"Q1", "Q3", "D1", "D3"}:
        home = ingest.imported(files, data)
        if only & {"Q1", "Q3"}:
            figures += questions.run(ingest.snapshot_in(home), rounds, only)
        if only & {"D1", "D3"}:
            figures += desk.run(home, rounds, only)
    return figures


if __name__ == "__main__":
    main()

"""The marts and the canonical tables give the same answers: each is the other's oracle."""

from __future__ import annotations

import pytest

from benchmarks.generate import END, SCALES, generate
from benchmarks.ingest import snapshot_in
from benchmarks.questions import NAMES, SCANNED, ask, attached
from dashboard.intake.job import run_import


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    run_import(generate(SCALES["XS"], folder / "export"), folder / "home", as_of=END)
    with attached(snapshot_in(folder / "home")) as con:
        yield con


@pytest.mark.parametrize("name", NAMES)
def test_marts_and_canonical_tables_agree(snapshot, name: str) -> None:
    canonical, marts = (ask(snapshot, kind, name) for kind in ("canonical", "marts"))
    assert canonical.schema == marts.schema
    assert canonical.to_pylist() == marts.to_pylist()
    assert canonical.num_rows > 3


@pytest.mark.parametrize("name", SCANNED)
def test_the_plain_scan_reads_something(snapshot, name: str) -> None:
    (row,) = ask(snapshot, "scans", name).to_pylist()
    assert all(row.values())

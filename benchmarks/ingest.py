"""I1 and I2: what an import costs, against the least that reading those files can cost."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import meter
from benchmarks.generate import END
from benchmarks.report import Figure

#: Reads every cell and does nothing with it. Run in a process of its own, as the import is.
PARSE = """
import duckdb, sys
con = duckdb.connect()
for path in sys.argv[1:]:
    con.execute("select sum(hash(columns(*)) % 7) from read_csv(?, all_varchar = true)", [path]).fetchall()
"""
MEMORY = "SALES_COCKPIT_IMPORT_MB"
BARE = "import duckdb; duckdb.connect()"


def import_command(files: list[Path], home: Path) -> list[str | Path]:
    """The product's own command, as a user would give it."""
    return [
        sys.executable, "-m", "dashboard.cli", "import", *files, "--as-of", END.isoformat(), "--home", home,
    ]  # fmt: skip


def snapshot_in(home: Path) -> Path:
    """The one snapshot file that an import left in a home folder."""
    (path,) = (home / "snapshots").glob("*.duckdb")
    return path


def imported(files: list[Path], root: Path) -> Path:
    """A home folder with the files imported; made once and kept, for the measures that only read."""
    code = sorted(Path(__file__).resolve().parent.parent.glob("queries/*/*.sql"))
    made_at = max(int(path.stat().st_mtime) for path in [*code, *files])
    home = root / f"home-{files[0].parent.name}-{len(files)}-{made_at}"  # each export has its own, whatever its age
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        meter.of_process(import_command(files, home), _checkout())
        (home / "complete").touch()
    return home


def run(files: list[Path], rounds: int, only: set[str]) -> list[Figure]:
    """Interleaved rounds of parse limit and import; I2 once, with room for everything in memory."""
    parse: list[meter.Reading] = []
    imports: list[meter.Reading] = []
    size = 0.0
    for _ in range(rounds):
        parse.append(meter.of_process([sys.executable, "-c", PARSE, *files], _checkout()))
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            imports.append(meter.of_process(import_command(files, Path(folder)), _checkout()))
            size = snapshot_in(Path(folder)).stat().st_size / 1e6
    bare = meter.of_process([sys.executable, "-c", BARE], _checkout()).cpu
    limit, whole = meter.median(parse), meter.median(imports)
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    figures = [
        Figure(
            "I1", "import, rejects, keys, marts", whole.cpu, "CPU s", whole.cpu / limit.cpu, "parse limit", "3.5",
            {
                "parse limit, CPU s": limit.cpu,
                "start of a process, CPU s (in both)": bare,
                "wall s": whole.wall,
                "peak MB": whole.rss,
                "CSV MB": megabytes,
                "snapshot file / CSV": size / megabytes,
            },
        )
    ]  # fmt: skip
    if "I2" in only:
        figures.append(_roomy(files, whole))
    return figures


def _roomy(files: list[Path], whole: meter.Reading) -> Figure:
    """I2: what the default memory limit saves, and what it costs against one that never binds."""
    os.environ[MEMORY] = "8192"
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            roomy = meter.of_process(import_command(files, Path(folder)), _checkout())
    finally:
        del os.environ[MEMORY]
    return Figure(
        "I2",
        "peak memory of the import at its default limit",
        whole.rss,
        "MB",
        whole.cpu / roomy.cpu,
        "CPU at 8 GB",
        "700 MB, 1.05",
        {"peak MB at 8 GB": roomy.rss},
    )


def _checkout() -> Path:
    return Path(__file__).resolve().parent.parent

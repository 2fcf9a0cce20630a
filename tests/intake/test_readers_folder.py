"""Folders and mixed uploads, end to end: what is taken, in which order, and that every row is accounted for."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from dashboard.cli import main
from dashboard.intake.job import rebuild, run_import
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import Limits
from dashboard.intake.readers.folder import tables_below
from dashboard.snapshots import disk
from dashboard.snapshots.store import Store

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside the project")

USERS = "user_id,name,email\nu1,Ann,ann@example.com\n"
DEALS = "opportunity_id,name,owner_id,stage,outcome,amount,created_at\nd1,One,u1,Offer,open,10,2026-09-01\n"


def laid_out(folder: Path, files: dict[str, str]) -> Path:
    """Files by their path below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def packed_members(files: dict[str, bytes]) -> bytes:
    """Members as a ZIP."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in files.items():
            container.writestr(name, content)
    return sink.getvalue()


def converted(paths: list[Path], encoding: str) -> tuple[bytes, dict[str, int]]:
    """A workbook with one sheet of text per CSV file, and the records of each."""
    sink, counts = io.BytesIO(), {}
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    for path in paths:
        sheet = book.add_worksheet(path.stem)
        with path.open(encoding=encoding, newline="") as file:
            for i, row in enumerate(csv.reader(file)):
                for j, cell in enumerate(row):
                    if cell:
                        sheet.write_string(i, j, cell)
                counts[path.stem] = i
    book.close()
    return sink.getvalue(), counts


def accounted(files: list[dict[str, Any]]) -> bool:
    return all(file["n_records"] == file["n_kept"] + file["n_merged"] + file["n_rejected"] for file in files)


# --- which files ---------------------------------------------------------------------------------------------------


def test_tables_in_order_and_nothing_else(tmp_path: Path) -> None:
    folder = laid_out(
        tmp_path / "export",
        {
            "b.CSV": USERS, "a/z.csv": DEALS, "a/b/c.tsv": "x", "data.txt": "Id\tName\n1\ta\n", "book.xlsx": "x",
            "letter.txt": "Dear sir,\nhow do you do\n", "logo.png": "x", ".hidden.csv": USERS, ".git/x.csv": USERS,
            "~$book.xlsx": "x", "__MACOSX/._b.csv": "x", "README.txt": "a,b\nc,d", "empty.txt": "", "notes.md": "a,b",
        },
    )  # fmt: skip
    assert [name for name, _ in tables_below(folder)] == ["a/b/c.tsv", "a/z.csv", "b.CSV", "book.xlsx", "data.txt"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = laid_out(tmp_path / "outside", {"secret.csv": USERS})
    folder = laid_out(tmp_path / "export", {"a.csv": USERS})
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "folder").symlink_to(outside)
    (folder / "again.csv").symlink_to(folder / "a.csv")
    (folder / "round").symlink_to(folder)
    (folder / "nowhere.csv").symlink_to(folder / "none.csv")
    assert [name for name, _ in tables_below(folder)] == ["a.csv"]


@pytest.mark.parametrize(
    ("files", "limits", "code"),
    [
        ({}, Limits(), Code.FOLDER_NO_TABLE),
        ({"logo.png": "x", ".x.csv": USERS}, Limits(), Code.FOLDER_NO_TABLE),
        ({f"{i}.csv": USERS for i in range(6)}, Limits(max_folder_files=5), Code.FOLDER_TOO_MANY),
    ],
)
def test_folders_that_are_refused(files: dict[str, str], limits: Limits, code: Code, tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "export", files)
    folder.mkdir(exist_ok=True)
    with pytest.raises(IntakeError) as caught:
        tables_below(folder, limits)
    assert (caught.value.code, caught.value.facts["file"]) == (code, "export")


def test_a_folder_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = laid_out(tmp_path / "export", {"people/users.csv": USERS, "deals.csv": DEALS, "logo.png": "x"})
    assert main(["import", str(folder), "--home", str(tmp_path / "home"), "--format", "csv"]) == 0
    names = [row["name"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert names == ["deals.csv", "people/users.csv"]


def test_an_empty_folder_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "export").mkdir()
    assert main(["import", str(tmp_path / "export"), "--home", str(tmp_path / "home"), "--lang", "en"]) == 1
    assert "The folder “export” holds no table" in capsys.readouterr().err


# --- end to end ----------------------------------------------------------------------------------------------------


@needs_samples
def test_the_salesforce_samples_as_one_workbook(tmp_path: Path) -> None:
    paths = sorted((SAMPLES / "salesforce_devorg").glob("*.csv"))
    data, counts = converted(paths, "utf-8")
    book = tmp_path / "export.xlsx"
    book.write_bytes(data)
    result = run_import([book], tmp_path / "home")
    assert {file["name"]: file["n_records"] for file in result.files} == {
        f"export.xlsx / {name}": n for name, n in counts.items()
    }
    assert accounted(result.files)
    plain = run_import(paths, tmp_path / "plain")
    assert result.snapshot.n_rows == plain.snapshot.n_rows

    store = Store(tmp_path / "home")
    (kept,) = store.original_paths(result.snapshot.id)
    disk.decompress(kept, tmp_path / "kept")
    assert hashlib.sha256((tmp_path / "kept").read_bytes()).digest() == hashlib.sha256(data).digest()
    again = rebuild(store, result.snapshot.id)
    assert again.snapshot.n_rows == result.snapshot.n_rows
    assert [file["name"] for file in again.files] == [file["name"] for file in result.files]


@needs_samples
def test_the_chinese_samples_as_an_archive(tmp_path: Path) -> None:
    paths = [path for path in sorted((SAMPLES / "zh_crm").glob("*.csv")) if not path.name.isascii()]
    names = {path.name.encode("gb18030"): path for path in paths}
    # As Chinese programmes write it: names in GB18030 without the mark of UTF-8.
    holders = {f"{'x' * (len(raw) - 6)}{i:02}.csv": path.read_bytes() for i, (raw, path) in enumerate(names.items())}
    data = packed_members(holders)
    for holder, raw in zip(holders, names, strict=True):
        data = data.replace(holder.encode(), raw)
    archive = tmp_path / "导出.zip"
    archive.write_bytes(data)
    result = run_import([archive], tmp_path / "home")
    expected = {f"导出.zip/{path.name}": len(path.read_text("gb18030").splitlines()) - 1 for path in paths}
    assert {file["name"]: file["n_records"] for file in result.files} == expected
    assert {file["encoding"] for file in result.files} == {"gb18030"}
    assert accounted(result.files)


def test_a_workbook_row_is_reported_by_its_number(tmp_path: Path) -> None:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    for name, text, top in (("users", USERS, 0), ("deals", DEALS, 3)):
        sheet = book.add_worksheet(name)
        for i, line in enumerate(text.splitlines(), top):
            sheet.write_row(i, 0, line.split(","))
    sheet.write_row(5, 0, ["d2", "Two", "u1", "Offer", "open", "much", "2026-09-01"])
    sheet.write_row(8, 0, ["", "Three", "u1", "Offer", "open", "5", "2026-09-01"])
    book.close()
    path = tmp_path / "b.xlsx"
    path.write_bytes(sink.getvalue())
    result = run_import([path], tmp_path / "home")
    deals = next(file for file in result.files if file["name"] == "b.xlsx / deals")
    assert (deals["n_records"], deals["n_kept"], deals["n_rejected"], deals["n_blank"]) == (3, 1, 2, 2)

    with duckdb.connect(str(Store(tmp_path / "home").data_path(result.snapshot.id)), read_only=True) as con:
        found = con.execute("select file, line, column_name, reason from rejects order by line").fetchall()
    assert found == [
        ("b.xlsx / deals", 6, "amount", "bad_amount"),
        ("b.xlsx / deals", 9, "opportunity_id", "missing_id"),
    ]

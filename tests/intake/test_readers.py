"""The reader of uploads: category by category, on bytes built here. Every accepted file is counted by DuckDB too."""

from __future__ import annotations

import errno
import hashlib
import pickle
import random
from pathlib import Path

import pytest

from dashboard.intake.problem import Code, IntakeError, RowProblem
from dashboard.intake.readers import Limits, line_numbers, read_upload, repair
from dashboard.intake.readers.rewrite import Rewriter
from tests.intake.readers_bench import BASE, Frugal, count_by_duckdb, read_one, reasons, refused

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"


# --- A1 empty ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n" * 500, b"\r\n\r\n", b"  \n\t\n", b"\xff\xfe"])
def test_nothing_in_the_file(data: bytes, tmp_path: Path) -> None:
    assert refused(data, tmp_path).code == Code.EMPTY_FILE


@pytest.mark.parametrize("data", [b"Id,Name", b"Id,Name\n", b"\xef\xbb\xbfId;Name\r\n\r\n", b"sep=,\nId,Name\n"])
def test_headings_only(data: bytes, tmp_path: Path) -> None:
    error = refused(data, tmp_path)
    assert (error.code, error.facts["columns"]) == (Code.HEADER_ONLY, 2)


# --- A2 size and shape ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"", b'Id,"', b"\xff\xfe"])
def test_a_line_of_a_hundred_megabytes(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "in"
    with path.open("wb") as handle:
        handle.write(start)
        for _ in range(100):
            handle.write(b"x" * 1_000_000)
    with Frugal(), pytest.raises(IntakeError) as caught:
        read_upload(path, "x.csv", tmp_path)
    assert caught.value.code == Code.LINE_TOO_LONG


def test_too_many_bytes(tmp_path: Path) -> None:
    error = refused(BASE, tmp_path, Limits(max_bytes=10))
    assert (error.code, error.facts["size"], error.facts["allowed"]) == (Code.FILE_TOO_LARGE, len(BASE), 10)


def test_too_many_columns(tmp_path: Path) -> None:
    data = ",".join(f"c{i}x" for i in range(10_000)).encode() + b"\n" + b"," * 9_999 + b"\n"
    error = refused(data, tmp_path)
    assert (error.code, error.facts["found"]) == (Code.TOO_MANY_COLUMNS, 10_000)


@pytest.mark.parametrize(
    "row",
    [b"3," + b"x" * 5_000_000 + b",3\n", b'3,"' + b"x\n" * 1_500_000 + b'",3\n', b'3,"' + b"x" * 1_950_000 + b'",3\n'],
)
def test_one_endless_record_costs_itself_only(row: bytes, tmp_path: Path) -> None:
    file = read_one(BASE + row + b"4,Delta,40\n", tmp_path)
    assert (file.n_records, file.n_held_back) == (3, 1)
    assert file.problems[0].line == 4
    assert len(file.problems[0].text) <= 500


def test_a_file_of_broken_rows_is_refused(tmp_path: Path) -> None:
    error = refused(BASE + b"only one\n" * 200, tmp_path, Limits(max_held_back=100))
    assert error.code == Code.TOO_MANY_BROKEN_ROWS
    assert error.facts["line"] == 4


# --- A3 not a CSV --------------------------------------------------------------------------------------------------

FOREIGN = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Code.WORKBOOK_BROKEN),
    (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', Code.WORKBOOK_AS_PAGE),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Code.PDF_DOCUMENT),
    (b"<!DOCTYPE html>\n<html><body>login</body></html>", Code.HTML_PAGE),
    (b"<html><form><input name=q><table></table></form></html>", Code.HTML_PAGE),
    (b"\xef\xbb\xbf\n <table><tr><td>Id</td></tr></table>", Code.WORKBOOK_AS_PAGE),
    (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><body></body></html>', Code.WORKBOOK_AS_PAGE),
    (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x", Code.WORKBOOK_AS_PAGE),
    (b'<?xml version="1.0"?>\n<rows><row/></rows>', Code.XML_FILE),
    (b'{"records": [1, 2]}', Code.JSON_FILE),
    (b'[\n {"Id": 1},\n {"Id": 2}\n]', Code.JSON_FILE),
    (b"[1, 2, 3]", Code.JSON_FILE),
    (b"PAR1\x15\x04\x15", Code.PARQUET_FILE),
    (bytes(8) + b"DUCK" + bytes(100), Code.DATABASE_FILE),
    (b"SQLite format 3\x00" + bytes(100), Code.DATABASE_FILE),
    (b"\x7fELF\x02\x01\x01" + bytes(100), Code.EXECUTABLE_FILE),
    (b"MZ\x90\x00\x03" + bytes(100), Code.EXECUTABLE_FILE),
    (b"#!/bin/sh\nrm -rf /\n", Code.EXECUTABLE_FILE),
    (b"\x1f\x8b\x08\x00abc", Code.COMPRESSED_FILE),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", Code.COMPRESSED_FILE),
    (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94", Code.PICKLE_FILE),
    (b"\x80\x03cposix\nsystem\nq\x00.", Code.PICKLE_FILE),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), Code.MEDIA_FILE),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", Code.MEDIA_FILE),
    (b"{\\rtf1\\ansi hello}", Code.OFFICE_DOCUMENT),
    (random.Random(1).randbytes(5000), Code.BINARY_FILE),
    (bytes(5000), Code.BINARY_FILE),
]


@pytest.mark.parametrize(("data", "code"), FOREIGN)
def test_other_kinds_of_files_are_named(data: bytes, code: Code, tmp_path: Path) -> None:
    assert refused(data, tmp_path, name="export.csv").code == code


@pytest.mark.parametrize("first", [b"[Id],[Name]", b"<Id>;Name", b"MZone,Name", b"BM,Name", b"{Id},Name"])
def test_odd_headings_are_no_other_kind(first: bytes, tmp_path: Path) -> None:
    if first.startswith(b"<"):  # the price of recognising markup: a heading in angle brackets is refused, by name
        assert refused(first + b"\n1;2\n", tmp_path).code == Code.XML_FILE
    else:
        assert read_one(first + b"\n1,2\n", tmp_path).n_records == 1


# --- D headings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "column"),
    [(b"Id,Name,Name", "Name"), (b"Id,Amount, amount ", "amount"), ("编号,金额,金额\u200b".encode(), "金额")],
)
def test_duplicate_headings(head: bytes, column: str, tmp_path: Path) -> None:
    error = refused(head + b"\na,b,c\n", tmp_path)
    assert (error.code, error.facts["column"]) == (Code.DUPLICATE_HEADING, column)
    assert (error.facts["first_position"], error.facts["second_position"]) == (2, 3)


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (b"Id,Name,\n1,a,\n2,b,\n", ("Id", "Name")),
        (b"Id,Name,,,\n1,a,,,\n2,b\n", ("Id", "Name")),
        (b",Id,,Name\n0,1,,a\n", ("", "Id", "", "Name")),
        ("\ufeff Id\u00a0,\u200bClose\u00a0Date \n1,2\n".encode(), ("Id", "Close Date")),
        (b'"Id","Na\nme"\n1,2\n', ("Id", "Na\nme")),
    ],
)
def test_blank_and_dirty_headings(data: bytes, header: tuple[str, ...], tmp_path: Path) -> None:
    file = read_one(data, tmp_path)
    assert (file.header, file.n_held_back) == (header, 0)


def test_text_under_no_heading_is_not_lost_in_silence(tmp_path: Path) -> None:
    file = read_one(b"Id,Name,,\n1,a,,\n2,b,,x\n", tmp_path)
    assert (file.n_records, reasons(file.problems)) == (1, [(3, Code.TOO_MANY_FIELDS)])


@pytest.mark.parametrize(
    "data",
    [
        b"1,Acme,10\n2,Beta,20\n3,C,30\n",
        b"001bm00001ZL8U9AAL,Edge,Austin\n001bm00001ZL8UAAA1,Burl,Reno\n",
        b"Ann,ann@example.com\nBob,bob@example.com\n",
        "上海某公司,2024-01-02\n北京某公司,2024-03-04\n".encode(),
    ],
)
def test_missing_headings(data: bytes, tmp_path: Path) -> None:
    assert refused(data, tmp_path).code == Code.HEADERLESS


@pytest.mark.parametrize("head", [b"Rep,2023,2024", b"Rep,2024-01,2024-02", b"Rep,Q1,Q2"])
def test_years_may_be_headings(head: bytes, tmp_path: Path) -> None:
    assert read_one(head + b"\nA,10,20\nB,2024,4\n", tmp_path).n_records == 2


@pytest.mark.parametrize("data", [b"Name\nA\nB\n", b"Dear sir\nhello there\n", b"Id^Name\n1^a\n"])
def test_one_column_is_no_table(data: bytes, tmp_path: Path) -> None:
    assert refused(data, tmp_path).code == Code.ONE_COLUMN


def test_every_row_broken(tmp_path: Path) -> None:
    error = refused(b"Id,Name,City\n1,a\n2,b\n", tmp_path)
    assert (error.code, error.facts["found"], len(error.problems)) == (Code.ALL_ROWS_HELD_BACK, 2, 2)


# --- results -------------------------------------------------------------------------------------------------------


def test_a_clean_file_is_used_as_it_is(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + BASE
    file = read_one(data, tmp_path)
    assert file.path == tmp_path / "upload"
    assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (file.has_line_column, file.encoding, file.skip_lines) == (False, "utf-8-sig", 1)


def test_repair_keeps_a_clean_file_whole(tmp_path: Path) -> None:
    file = read_one(b'Id,Note\n1,"a\nb"\n\n2,c\n3,"d, ""e"""\n', tmp_path)
    mended = repair(file, tmp_path)
    assert mended.has_line_column and not file.has_line_column
    assert (mended.n_records, mended.n_blank, mended.n_held_back) == (file.n_records, file.n_blank, 0)
    assert line_numbers(mended, [1, 2, 3]) == line_numbers(file, [1, 2, 3]) == {1: 2, 2: 5, 3: 6}
    assert count_by_duckdb(mended) == 3
    assert repair(mended, tmp_path) is mended


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(Rewriter, "run", full)
    assert refused(BASE + b"3\n", tmp_path).code == Code.DISK_FULL
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_progress_ends_at_the_size(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"Id,Name\n" + b"1,abcdefgh\n" * 300_000)
    seen: list[tuple[str, int, int]] = []
    read_upload(path, "big.csv", tmp_path, progress=lambda *step: seen.append(step))
    size = path.stat().st_size
    assert len(seen) >= 3 and seen[-1] == ("big.csv", size, size)


def test_errors_travel_between_processes() -> None:
    error = IntakeError(Code.HEADERLESS, (RowProblem(1, 2, "", "x", Code.NUL_BYTE),), file="a", line=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, dict(copy.facts), copy.problems) == (error.code, dict(error.facts), error.problems)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="third-party samples are not in the repository")
def test_real_samples(tmp_path: Path) -> None:
    paths = sorted(SAMPLES.rglob("*.csv"))
    assert paths
    for path in paths:
        (file,) = read_upload(path, path.name, tmp_path)
        assert (file.n_held_back, file.problems) == (0, ())
        assert count_by_duckdb(file) == file.n_records > 0
        assert all(file.header)
        if "zh_crm" in path.parts and not path.name.isascii():
            assert file.encoding == "gb18030"

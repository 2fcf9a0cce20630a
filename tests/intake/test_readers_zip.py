"""ZIP uploads: weekly exports, Chinese member names, bombs, nests, passwords and broken containers."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import Limits
from tests.intake.readers_bench import BASE, count_by_duckdb, read_bytes


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as container:
        for name, data in members.items():
            container.writestr(name, data)
    return sink.getvalue()


def refused(data: bytes, job: Path, limits: Limits | None = None) -> IntakeError:
    with pytest.raises(IntakeError) as caught:
        read_bytes(data, job, limits, "export.zip")
    return caught.value


def test_a_weekly_export(tmp_path: Path) -> None:
    members = {
        "Account.csv": BASE,
        "data/Opportunity.csv": BASE + b"3,Gamma,30\n",
        "Empty.csv": b"Id,Name\n",
        "__MACOSX/._Account.csv": b"\x00\x05\x16\x07",
        ".DS_Store": b"\x00",
        "readme.txt": b"hello",
        "logo.png": b"\x89PNG",
    }
    files = {file.name: file for file in read_bytes(packed(members), tmp_path, name="export.zip")}
    assert list(files) == [f"export.zip/{n}" for n in ("Account.csv", "data/Opportunity.csv", "Empty.csv", "logo.png")]
    assert files["export.zip/data/Opportunity.csv"].n_records == 3
    assert files["export.zip/Empty.csv"].refused == Code.HEADER_ONLY
    assert files["export.zip/logo.png"].refused == Code.MEMBER_SKIPPED
    assert files["export.zip/logo.png"].problems[0].text == "export.zip/logo.png"
    for file in files.values():
        if not file.refused:
            assert file.path.parent == tmp_path
            assert count_by_duckdb(file) == file.n_records


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.csv", "C:\\x.csv", "/abs/x.csv", "a\nb.csv", "x" * 400 + ".csv"])
def test_member_names_are_never_paths(name: str, tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    (file,) = read_bytes(packed({name: BASE}), job, name="export.zip")
    assert file.path.parent == job
    assert file.name.startswith("export.zip/") and "\n" not in file.name and len(file.name) < 300
    assert [path.name for path in tmp_path.iterdir()] == ["job"]


def test_chinese_member_names(tmp_path: Path) -> None:
    flagged = packed({"客户.csv": BASE})
    assert read_bytes(flagged, tmp_path, name="e.zip")[0].name == "e.zip/客户.csv"
    raw = "客户.csv".encode("gb18030")
    placeholder = b"x" * len(raw)
    unflagged = packed({placeholder.decode(): BASE}).replace(placeholder, raw)
    assert read_bytes(unflagged, tmp_path, name="e.zip")[0].name == "e.zip/客户.csv"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packed({"a.csv": BASE, "b.zip": packed({"c.csv": BASE})}), Code.ZIP_NESTED),
        (packed({"b.csv": packed({"c.csv": BASE})}), Code.ZIP_NESTED),
        (packed({"a.csv": BASE})[:-30], Code.ZIP_BROKEN),
        (packed({"a.csv": BASE}, zipfile.ZIP_STORED).replace(b"Acme", b"Acne"), Code.ZIP_BROKEN),
        (b"PK\x03\x04" + bytes(100), Code.ZIP_BROKEN),
        (packed({"a.csv": BASE}, zipfile.ZIP_LZMA), Code.ZIP_UNSUPPORTED),
        (packed({"a.csv": BASE}, zipfile.ZIP_BZIP2), Code.ZIP_UNSUPPORTED),
        (packed({}), Code.ZIP_NO_TABLE),
        (packed({"a.png": b"x", "__MACOSX/a.csv": BASE}), Code.ZIP_NO_TABLE),
        (packed({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}), Code.WORKBOOK_BROKEN),
        (packed({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), Code.OFFICE_DOCUMENT),
        (packed({"mimetype": b"application/x", "content.xml": b"x"}), Code.OFFICE_DOCUMENT),
        (packed({"a.csv": packed({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"})}), Code.WORKBOOK_BROKEN),
        (packed({"a.csv": b"", "b.csv": b""}), Code.EMPTY_FILE),
    ],
)
def test_containers_that_are_refused(data: bytes, code: Code, tmp_path: Path) -> None:
    assert refused(data, tmp_path).code == code


def test_a_password(tmp_path: Path) -> None:
    data = bytearray(packed({"a.csv": BASE}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    error = refused(bytes(data), tmp_path)
    assert (error.code, error.facts["member"]) == (Code.ZIP_ENCRYPTED, "a.csv")


def test_bombs(tmp_path: Path) -> None:
    bomb = packed({"a.csv": b"Id,Name\n" + b"1,aaaaaaaa\n" * 3_000_000})
    assert refused(bomb, tmp_path).code == Code.ZIP_BOMB
    assert refused(bomb, tmp_path, Limits(max_ratio=10**6, max_unpacked=10**6)).code == Code.ZIP_TOO_LARGE
    many = packed({f"{i}.csv": BASE for i in range(30)})
    error = refused(many, tmp_path, Limits(max_members=20))
    assert (error.code, error.facts["found"], error.facts["allowed"]) == (Code.ZIP_TOO_MANY_MEMBERS, 30, 20)
    assert refused(many, tmp_path, Limits(max_unpacked=len(BASE) * 10)).code == Code.ZIP_TOO_LARGE
    assert refused(many, tmp_path, Limits(max_bytes=100)).code == Code.FILE_TOO_LARGE


def test_no_working_copy_is_left_behind_by_refused_members(tmp_path: Path) -> None:
    files = read_bytes(packed({"a.csv": BASE, "b.csv": b"", "c.csv": BASE + b"3\n4,d,5\n"}), tmp_path, name="e.zip")
    used = {file.path for file in files if not file.refused}
    assert set(tmp_path.iterdir()) == used | {tmp_path / "upload"}

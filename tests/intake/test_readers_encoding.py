"""Encodings: strict decoding, no mojibake, one bad row costs one row."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import line_numbers
from tests.intake.readers_bench import read_bytes, read_one, rows_by_duckdb

CHINESE = "编号,客户名称,备注\n1,上海某某机械有限公司,“报价”已发\n2,深圳市喆翔科技,下周拜访\n"
WESTERN = "Id,Name,City\n1,Müller & Söhne,Zürich\n2,Größe GmbH,Köln\n3,Peña – “Élan”,A Coruña\n"


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-32", "utf-32"),
        ("Id,Name\n" + "1,Acme\n" * 50, "utf-16-le", "utf-16"),
        ("Id,Name\n" + "1,Acme\n" * 50, "utf-16-be", "utf-16"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE.replace(",", "|").replace("\n", "\r\n"), "gb18030", "gb18030"),
        ("编号,名称\n1,𠮷野家\n2,上海\n", "gb18030", "gb18030"),
        (WESTERN, "cp1252", "cp1252"),
        ("Id,Name\n1,Müller\n", "latin-1", "cp1252"),
        ("Id,Name,Amount\n1,Ann,€ 5\n", "cp1252", "cp1252"),
        ("Id,Name\n1,Peña\n2,Muñoz\n3,Núñez\n", "latin-1", "cp1252"),
    ],
)
def test_text_comes_out_as_it_went_in(text: str, codec: str, encoding: str, tmp_path: Path) -> None:
    file = read_one(text.encode(codec), tmp_path)
    assert file.encoding == encoding
    expected = [tuple(line.split(file.delimiter)) for line in text.splitlines()]
    assert [file.header, *rows_by_duckdb(file)] == expected


@pytest.mark.parametrize("late", ["3,上海某公司,北京", "3,Müller,Zürich"])
@pytest.mark.parametrize("n_plain", [10, 300_000])
def test_the_first_accent_may_come_late(late: str, n_plain: int, tmp_path: Path) -> None:
    codec = "gb18030" if "上" in late else "cp1252"
    file = read_one(b"Id,Name,City\n" + b"1,Miller,Berne\n" * n_plain + late.encode(codec) + b"\n", tmp_path)
    assert (file.encoding, file.n_records, file.n_held_back) == (codec, n_plain + 1, 0)
    assert rows_by_duckdb(file)[-1] == tuple(late.split(","))


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\xe4\xb8", b"\xc0\xaf", b"\xed\xa0\x80"])
def test_one_bad_row_in_utf8(bad: bytes, tmp_path: Path) -> None:
    data = "编号,名称\n".encode() + "1,上海\n".encode() * 200 + b"2," + bad + b"\n" + "3,北京\n".encode() * 100
    file = read_one(data, tmp_path)
    assert (file.encoding, file.n_records, file.n_held_back) == ("utf-8", 300, 1)
    problem = file.problems[0]
    assert (problem.line, problem.record, problem.column, problem.reason) == (202, 201, "名称", Code.BAD_BYTES)
    assert problem.text.startswith("2,\\x")
    assert line_numbers(file, [200, 201]) == {200: 201, 201: 203}
    assert all("�" not in str(row) for row in rows_by_duckdb(file))


@pytest.mark.parametrize("bad", [b"\xff\xff", b"\x80", b"\xb0"])
def test_one_bad_row_in_gb18030(bad: bytes, tmp_path: Path) -> None:
    row = "1,上海某某公司\n".encode("gb18030")
    file = read_one("编号,名称\n".encode("gb18030") + row * 200 + b"2," + bad + b"\n" + row * 100, tmp_path)
    assert (file.encoding, file.n_records, file.n_held_back) == ("gb18030", 300, 1)
    assert (file.problems[0].line, file.problems[0].reason) == (202, Code.BAD_BYTES)


@pytest.mark.parametrize(
    "data",
    [
        "编号,名称\n1,上海\n".encode("utf-16")[:-1],
        "番号,名前\n1,カタカナ\n2,ひらがな\n".encode("shift-jis"),
        "編號,客戶名稱\n1,臺灣積體電路\n2,鴻海精密\n".encode("big5"),
        "编号,名称\n".encode() + "1,上海\n".encode() * 50 + "1,上海某公司\n".encode("gb18030") * 20,
        b"Id,Name\n" + b"1,\x81\x8d\x8f\x90\n" * 50,
    ],
)
def test_unknown_encodings_are_not_guessed(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read_bytes(data, tmp_path)
    assert caught.value.code == Code.ENCODING_UNKNOWN
    assert {"offset", "line", "bad_lines"} <= set(caught.value.facts)


def test_where_the_first_bad_byte_is(tmp_path: Path) -> None:
    data = "编号,名称\n".encode() + "1,上海\n".encode() * 5 + b"2,\xff\n" * 5
    with pytest.raises(IntakeError) as caught:
        read_bytes(data, tmp_path)
    assert caught.value.facts["line"] == 7
    assert caught.value.facts["offset"] == data.index(b"\xff")


def test_where_the_first_bad_byte_is_in_gb18030(tmp_path: Path) -> None:
    row = "1,上海某某公司\n".encode("gb18030")
    data = "编号,名称\n".encode("gb18030") + row * 30 + b"2,\xff\n" + row * 30 + b"2,\xff\n"
    with pytest.raises(IntakeError) as caught:
        read_bytes(data, tmp_path)
    assert (caught.value.facts["line"], caught.value.facts["bad_lines"]) == (32, 2)
    assert caught.value.facts["offset"] == data.index(b"\xff")
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_characters_split_between_blocks(tmp_path: Path) -> None:
    for codec in ("utf-8", "gb18030", "utf-16"):
        text = "编号,名称\n" + "".join(f"{i},客户有限公司{i:05d}\n" for i in range(70_000))
        file = read_one(text.encode(codec), tmp_path)
        assert (file.n_records, file.n_held_back) == (70_000, 0)
        assert rows_by_duckdb(file)[-1] == ("69999", "客户有限公司69999")

"""What must not hurt: bad inputs by category, each ending as tables with every record accounted for or as one sentence.

The categories are those of the safety spec: empty, shape, not a table, encoding, dialect, headings, ids, amounts, dates,
meaning, names. What single readers and macros do in detail is tested beside them; here whole uploads are brought in.
"""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import text
from dashboard.intake.problem import IntakeError
from tests.intake.exports import Built, build_from

HEAD = "opportunity_id,name,owner_id,stage,outcome,amount,created_at,expected_close_on"
USERS = "user_id,name,team\nu1,王芳,East\nu2,Ben,West\n"
GOOD = "d1,First,u1,Need,open,100,2026-01-05,2026-06-30"


def deals(*rows: str, head: str = HEAD) -> str:
    return "\n".join([head, *rows]) + "\n"


def zipped(**members: str | bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def brought_in(folder: Path, content: str | bytes, name: str = "deals.csv", **more: str | bytes) -> Built:
    """The upload as a snapshot; fails when one record of one file is unaccounted for."""
    built = build_from(folder, {name: content, "users.csv": USERS, **more})
    for file in built.facts["files"]:
        assert file["n_records"] == file["n_kept"] + file["n_merged"] + file["n_rejected"], file
    return built


def refused(folder: Path, content: str | bytes, name: str = "deals.csv") -> str:
    """The code of the refusal, after making sure that it can be said in both languages."""
    with pytest.raises(IntakeError) as error:
        build_from(folder, {name: content})
    code = str(error.value.code)
    for lang in ("zh", "en"):
        key = f"intake.{code}"
        facts = {
            **dict.fromkeys(text.catalogue.placeholders(text.catalogue.entries()[key][lang]), 1),
            **error.value.facts,
        }
        assert len(text.plain(key, lang, **facts)) > 10
    return code


def reasons(built: Built) -> list[str]:
    return [str(row[0]) for row in built.rows("select reason from rejects order by line, reason")]


# --- A: empty, shape, bombs, not a table ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n" * 500, b" \r\n\t\r\n"], ids=["0", "bom", "breaks", "blank"]
)
def test_a1_an_empty_file_is_called_empty(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content) == "empty_file"


def test_a1_headings_alone_do_not_replace_a_full_table(tmp_path: Path) -> None:
    assert refused(tmp_path, deals()) == "header_only"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * 80_000_000, "line_too_long"),
        ((",".join(f"c{i}" for i in range(17_000)) + "\n" + "1," * 16_999 + "1\n").encode(), "too_many_columns"),
        (zipped(**{"deals.csv": "a,b\n" + "0,0\n" * 12_000_000}), "zip_bomb"),
        (zipped(**{f"{i}.csv": "a,b\n1,2\n" for i in range(600)}), "zip_too_many_members"),
    ],
    ids=["line", "columns", "bomb", "members"],
)
def test_a2_absurd_shapes_are_refused_before_they_are_parsed(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n1 0 obj", "pdf_document"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "executable_file"),
        (b"PAR1" + bytes(64) + b"PAR1", "parquet_file"),
        (b"SQLite format 3\x00" + bytes(64), "database_file"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "html_page"),
        (b'[{"a": 1}, {"a": 2}]', "json_file"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00", "pickle_file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "media_file"),
        (b"\x1f\x8b\x08\x00" + bytes(64), "compressed_file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a3_what_is_no_table_is_named_for_what_it_is(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content) == code


# --- B: encoding ------------------------------------------------------------------------------------------------------

CHINESE = deals(
    GOOD.replace("First", "上海某某精密机械有限公司年度框架协议"),
    "d2,北京华远科技采购项目,u2,需求确认,open,5,2026-01-06,",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-32"])
def test_b_chinese_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    built = brought_in(tmp_path, CHINESE.encode(encoding))
    assert built.rows("select name from opportunities order by 1") == [
        ("上海某某精密机械有限公司年度框架协议",),
        ("北京华远科技采购项目",),
    ]


def test_b_one_broken_line_costs_one_record(tmp_path: Path) -> None:
    rows = [f"d{i},客户{i}项目,u1,需求,open,{i},2026-01-05," for i in range(300)]
    data = deals(*rows).encode()
    at = data.index("客户150".encode())
    built = brought_in(tmp_path, data[:at] + b"\xff\xfe\xff" + data[at + 3 :])
    assert built.account("deals.csv") == (300, 299, 0, 1) and reasons(built) == ["bad_bytes"]


def test_b_zero_bytes_and_text_that_runs_backwards_do_no_harm(tmp_path: Path) -> None:
    data = deals(GOOD, "d2,a\x00b,u1,Need,open,1,2026-01-05,", "d3,\u202eevil,u1,Need,open,1,2026-01-05,").encode()
    built = brought_in(tmp_path, data)
    assert built.account("deals.csv")[0] == 3 and built.account("deals.csv")[1] >= 2


# --- C: dialect -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "newline", "first"),
    [
        (";", "\n", ""),
        ("\t", "\r\n", ""),
        ("|", "\n", ""),
        (";", "\r\n", "sep=;"),
        (",", "\r", ""),
        ("\t", "\n", "sep=\t"),
    ],
    ids=["semicolon", "tab", "pipe", "sep", "cr", "sep tab"],
)
def test_c_separators_and_line_ends_are_found(tmp_path: Path, mark: str, newline: str, first: str) -> None:
    lines = [*([first] if first else []), *deals(GOOD, GOOD.replace("d1", "d2")).strip().replace(",", mark).split("\n")]
    built = brought_in(tmp_path, newline.join(lines) + newline)
    assert built.account("deals.csv") == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("d9,too few", "too_few_fields"),
        ("d9,a,u1,Need,open,1,2026-01-05,2026-02-01,too,many", "too_many_fields"),
        ('d9,"stray" quote,u1,Need,open,1,2026-01-05,2026-02-01', "stray_quote"),
        (HEAD, "repeated_header"),
    ],
    ids=lambda value: value if isinstance(value, str) and "," not in value else "",
)
def test_c_a_broken_record_is_held_back_alone_and_named(tmp_path: Path, row: str, reason: str) -> None:
    rows = [GOOD.replace("d1", f"d{i}") for i in range(8)]
    built = brought_in(tmp_path, deals(*rows[:4], row, *rows[4:]))
    assert built.account("deals.csv")[1] == 8 and reasons(built) == [reason]
    assert built.rows("select line from rejects") == [(6,)]


def test_c_an_unclosed_quote_does_not_swallow_the_rest_in_silence(tmp_path: Path) -> None:
    rows = [GOOD.replace("d1", f"d{i}") for i in range(40)]
    rows[20] = rows[20].replace("First", '"First')
    try:
        built = brought_in(tmp_path, deals(*rows))
    except IntakeError as error:
        assert str(error.code) in ("too_many_broken_rows", "all_rows_held_back")
    else:
        assert "unclosed_quote" in reasons(built)


# --- D: headings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [HEAD.replace("name", "amount"), HEAD.replace("name", "AMOUNT"), HEAD.replace("name", " amount ")],
    ids=["twice", "case", "blanks"],
)
def test_d_a_heading_twice_is_told_by_name(tmp_path: Path, head: str) -> None:
    assert refused(tmp_path, deals(GOOD, head=head)) == "duplicate_heading"


def test_d_a_file_without_headings_is_not_guessed_at(tmp_path: Path) -> None:
    assert refused(tmp_path, deals(GOOD.replace("d1", "d2"), head=GOOD)) in ("headerless", "not_recognised")


def test_d_headings_in_another_order_are_read_by_name(tmp_path: Path) -> None:
    order = [5, 0, 7, 1, 2, 6, 3, 4]
    lines = [[line.split(",")[i] for i in order] for line in (HEAD, GOOD)]
    built = brought_in(tmp_path, "\n".join(",".join(line) for line in lines) + "\n")
    assert built.rows("select opportunity_id, name, amount from opportunities")[0][:2] == ("d1", "First")


@pytest.mark.parametrize("extra", ["'; drop table users; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0"])
def test_d_headings_that_mean_harm_are_text(tmp_path: Path, extra: str) -> None:
    built = brought_in(tmp_path, deals(GOOD + ",x", head=f'{HEAD},"{extra}"'))
    assert built.account("deals.csv") == (1, 1, 0, 0) and built.rows("select count(*) from users") == [(2,)]


# --- E: ids and names -------------------------------------------------------------------------------------------------


def test_e_ids_are_text(tmp_path: Path) -> None:
    rows = [GOOD.replace("d1", one) for one in ("00123", "000123", "123", "1e5", "NA", "null", "NaN")]
    built = brought_in(tmp_path, deals(*rows))
    found = {str(row[0]) for row in built.rows("select opportunity_id from opportunities")}
    assert found == {"00123", "000123", "123", "1e5", "NA", "null", "NaN"}


def test_e_an_id_that_a_spreadsheet_has_damaged_is_held_back(tmp_path: Path) -> None:
    built = brought_in(tmp_path, deals(GOOD, GOOD.replace("d1", "1.23457E+15"), GOOD.replace("d1", "1.23457E+15")))
    assert built.account("deals.csv")[1] == 1 and set(reasons(built)) == {"damaged_id"}


def test_e_a_name_that_two_people_bear_joins_neither(tmp_path: Path) -> None:
    users = "user_id,name,team\nu1,李娜,East\nu2,李娜,West\nu3,Ben,West\n"
    built = build_from(
        tmp_path,
        {"deals.csv": deals(GOOD.replace("u1", "李娜"), GOOD.replace("d1", "d2").replace("u1", "Ben")), "u.csv": users},
    )
    assert built.rows("select opportunity_id, owner_key is null from opportunities order by 1") == [
        ("d1", True),
        ("d2", False),
    ]
    assert built.rows("select reference, reason from missing_references") == [("李娜", "ambiguous")]


# --- F: amounts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["NaN", "inf", "1e309", "#REF!", "1_000", "0x1F", "10 or 12", "--5", "1,23,4.5.6"])
def test_f_what_is_no_amount_holds_its_row_back(tmp_path: Path, cell: str) -> None:
    built = brought_in(tmp_path, deals(GOOD, GOOD.replace("d1", "d2").replace(",100,", f',"{cell}",')))
    assert built.account("deals.csv")[1:] == (1, 0, 1) and reasons(built) == ["bad_amount"]
    assert built.rows("select line, content from rejects") == [(3, cell)]


def test_f_brackets_mean_less_and_a_thousand_dimes_are_a_hundred(tmp_path: Path) -> None:
    rows = [GOOD.replace("d1", f"d{i}").replace(",100,", ",0.10,") for i in range(1000)]
    rows.append(GOOD.replace("d1", "credit").replace(",100,", ',"(1,234.00)",'))
    built = brought_in(tmp_path, deals(*rows))
    assert str(built.rows("select sum(amount) from opportunities where amount > 0")[0][0]) == "100.00"
    assert str(built.rows("select amount from opportunities where opportunity_id = 'credit'")[0][0]) == "-1234.00"


# --- G: dates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["2026-02-30", "0000-00-00", "infinity", "epoch", "9999-12-31", "31/31/2026", "soon"])
def test_g_a_day_that_never_was_is_no_day(tmp_path: Path, cell: str) -> None:
    built = brought_in(tmp_path, deals(GOOD, GOOD.replace("d1", "d2").replace("2026-06-30", cell)))
    n_records, n_kept, _, n_rejected = built.account("deals.csv")
    assert n_records == 2 and n_kept + n_rejected == 2
    assert built.rows(
        "select count(*) from opportunities where expected_close_on not between '2026-01-01' and '2027-01-01'"
    ) == [(0,)]
    assert reasons(built) != []


def test_g_the_order_of_day_and_month_is_proven_or_asked(tmp_path: Path) -> None:
    (tmp_path / "proven").mkdir()
    heads = "Id,Name,OwnerId,StageName,Amount,CloseDate,CreatedDate,IsWon,IsClosed"
    rows = [f"006{i},n,u1,New,5,03/0{i}/2026,{10 + i}/02/2026,0,0" for i in range(1, 9)]
    built = build_from(tmp_path / "proven", {"o.csv": deals(*rows, head=heads)})
    assert built.rows("select min(expected_close_on)::varchar, max(expected_close_on)::varchar from opportunities") == [
        ("2026-01-03", "2026-08-03")
    ]
    (tmp_path / "asked").mkdir()
    same = [f"006{i},n,u1,New,5,03/0{i}/2026,0{i}/02/2026,0,0" for i in range(1, 9)]
    assert refused(tmp_path / "asked", deals(*same, head=heads)) == "date_order_unknown"


# --- H: meaning -------------------------------------------------------------------------------------------------------


def test_h_managers_in_a_circle_and_deals_of_nobody_end_in_a_snapshot(tmp_path: Path) -> None:
    users = "user_id,name,manager_id\nu1,A,u2\nu2,B,u3\nu3,C,u1\nu4,D,u4\n"
    built = build_from(tmp_path, {"d.csv": deals(GOOD, GOOD.replace("d1", "d2").replace("u1", "u99")), "u.csv": users})
    assert built.rows("select count(*) from users") == [(4,)]
    assert built.rows("select reference from missing_references") == [("u99",)]


def test_h_of_two_records_with_one_id_the_later_wins_and_both_are_counted(tmp_path: Path) -> None:
    built = brought_in(tmp_path, deals(GOOD, GOOD.replace(",100,", ",250,")))
    assert built.account("deals.csv") == (2, 1, 1, 0)
    assert str(built.rows("select amount from opportunities")[0][0]) == "250.00"


def test_h_moves_backwards_in_stage_and_time_are_kept_as_they_were(tmp_path: Path) -> None:
    moves = "opportunity_id,from_stage,to_stage,changed_at\nd1,,B,2026-03-01\nd1,B,A,2026-02-01\nd1,A,B,2026-04-01\nd7,A,B,2026-04-01\n"
    built = brought_in(tmp_path, deals(GOOD), **{"moves.csv": moves})
    assert built.account("moves.csv")[0] == 4
    assert built.rows("select count(*) from deal_facts") == [(1,)]


# --- J: names of files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\Windows\\deals.csv",
        "<img src=x onerror=alert(1)>.csv",
        "*.csv",
        "deals.csv\n.exe",
        "长" * 200,
        "'; --",
        "$(rm -rf).csv",
    ],
)
def test_j_a_file_name_is_shown_and_never_opened(tmp_path: Path, name: str) -> None:
    built = brought_in(tmp_path, deals(GOOD), name=name)
    assert built.account(name) == (1, 1, 0, 0)
    assert built.rows("select name from source_files where source_file = 1") == [(name,)]


# --- anything ---------------------------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "u1",
            "王芳",
            "100",
            "1.234,50",
            "(5)",
            "2026-01-05",
            "03/04/2026",
            "45631",
            "Need",
            "won",
            "NaN",
            "=1+1",
            '"',
            "\n",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
)


def mangled(rows: list[list[str]], seed: int, cuts: int) -> bytes:
    """A file of deals with a few bytes put in, taken out or doubled."""
    lines = [HEAD, GOOD, *(",".join(cell if "\n" not in cell else f'"{cell}"' for cell in row) for row in rows)]
    data = bytearray(("\n".join(lines) + "\n").encode())
    picks = random.Random(seed)
    for _ in range(cuts):
        at = picks.randrange(len(HEAD), len(data))
        kind = picks.randrange(4)
        if kind == 0:
            del data[at : at + picks.randrange(1, 6)]
        elif kind == 1:
            data[at:at] = bytes([picks.choice(b'",;\n\r\t\x00\xff\x80')])
        elif kind == 2:
            data[at:at] = data[at : at + 9]
        else:
            data[at] = picks.randrange(256)
    return bytes(data)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(CELLS, min_size=7, max_size=9), max_size=6),
    seed=st.integers(0, 10_000),
    cuts=st.integers(0, 6),
)
def test_any_mangled_file_is_accounted_for_or_refused_in_one_sentence(
    rows: list[list[str]], seed: int, cuts: int, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("mangled")
    data = mangled([[f"k{i}", *row[1:]] for i, row in enumerate(rows)], seed, cuts)
    try:
        brought_in(folder, data)
    except IntakeError as error:
        assert f"intake.{error.code}" in text.catalogue.entries()

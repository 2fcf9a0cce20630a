"""How whole columns decide what one cell leaves open, and what an import says of a file's cells."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.intake.problem import IntakeError
from tests.intake.exports import Built, build_from

HEADING = "opportunity_id,name,stage,outcome,amount,probability,created_at"


def deals(amounts: list[str], *, separator: str = ",", created: list[str] | None = None) -> str:
    """A file of deals d0, d1, … with these amounts (and dates of creation)."""
    rows = [HEADING.replace(",", separator)]
    for i, amount in enumerate(amounts):
        day = created[i] if created else "2026-09-01"
        cells = [f"d{i}", "Deal", "Offer", "open", amount, "", day]
        rows.append(separator.join(f'"{cell}"' for cell in cells))
    return "\n".join(rows) + "\n"


def amounts_of(built: Built) -> list[str | None]:
    found = built.rows("select cast(amount as varchar) from opportunities order by opportunity_id")
    return [row[0] for row in found]


def notes_of(built: Built) -> dict[tuple[str, str], tuple[int, str]]:
    found = built.rows("select code, column_name, n, example from import_notes")
    return {(code, column): (n, example) for code, column, n, example in found}


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["1.234", "3.500,50"], ["1234.00", "3500.50"]),
        (["1,234", "3,500.50"], ["1234.00", "3500.50"]),
        (["1.234", "0,5"], ["1234.00", "0.50"]),
        (["1,234", "1,234,567"], ["1234.00", "1234567.00"]),
        (["1.234", "1.5M"], ["1.23", "1500000.00"]),
        (["1.234", "₹12,34,567"], ["1.23", "1234567.00"]),
    ],
)
def test_one_cell_proves_the_decimal_mark_of_its_column(tmp_path: Path, cells: list[str], read: list[str]) -> None:
    assert amounts_of(build_from(tmp_path, {"d.csv": deals(cells)})) == read


def test_nothing_proves_the_mark_so_it_is_asked_never_guessed(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refused:
        build_from(tmp_path, {"d.csv": deals(["1.234", "500"])})
    facts = refused.value.facts
    assert refused.value.code == "decimal_unknown"
    assert (facts["kind"], facts["file"], facts["column"], facts["found"]) == ("decimal", "d.csv", "amount", "1.234")


@pytest.mark.parametrize(("told", "read"), [("point", "1.23"), ("comma", "1234.00")])
def test_the_answer_is_kept_to(tmp_path: Path, told: str, read: str) -> None:
    assert amounts_of(build_from(tmp_path, {"d.csv": deals(["1.234"])}, decimal=told)) == [read]


def test_what_a_column_proves_counts_more_than_the_answer(tmp_path: Path) -> None:
    built = build_from(
        tmp_path,
        {"d.csv": deals(["1.234", "0,5"], created=["13/4/2026", "3/4/2026"])},
        decimal="point",
        date_order="mdy",
    )
    assert amounts_of(built) == ["1234.00", "0.50"]
    assert built.rows("select max(created_at) from opportunities") == [(dt.datetime(2026, 4, 13),)]


def test_another_column_of_the_file_decides_then_another_file(tmp_path: Path) -> None:
    lines = f'{HEADING}\nd0,Deal,Offer,open,1.234,"60,5 %",2026-09-01\n'
    built = build_from(tmp_path, {"d.csv": lines, "c.csv": "order_id,amount,ordered_on\no1,5.678,2026-01-01\n"})
    assert amounts_of(built) == ["1234.00"]
    assert built.rows("select amount, is_derived from orders") == [(Decimal("5678.00"), False)]


def test_a_file_parted_by_semicolons_has_decimal_commas(tmp_path: Path) -> None:
    built = build_from(tmp_path, {"d.csv": deals(["1.234", "500"], separator=";")})
    assert amounts_of(built) == ["1234.00", "500.00"]
    assert notes_of(built)["decimal_comma", "amount"][0] == 1


def test_a_column_that_contradicts_itself_keeps_what_reads_one_way(tmp_path: Path) -> None:
    built = build_from(tmp_path, {"d.csv": deals(["0.5", "0,5", "1.234", "7"])})
    assert amounts_of(built) == ["0.50", "0.50", "7.00"]
    assert built.rows("select line, content, reason, is_row_kept from rejects") == [
        (4, "1.234", "ambiguous_amount", False)
    ]
    assert built.account("d.csv") == (4, 3, 0, 1)


def test_a_profile_decides_where_nothing_else_does(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'name = "mine"\nlabel = { zh = "表", en = "sheet" }\ndate_order = "dmy"\ndecimal = "comma"\nutc_offset = "+08:00"\n'
        '[[object]]\nname = "Deals"\nsignature = ["Nr", "Summe"]\n[[object.into]]\ntable = "opportunities"\n'
        '[object.into.fields]\nopportunity_id = "Nr"\namount = "Summe"\ncreated_at = "Datum"\n'
        'name = { from = "Wo", json = "city" }\n',
        encoding="utf-8",
    )
    rows = 'Nr,Summe,Datum,Wo\n1,1.234,3/4/2026,"{""city"": ""Köln""}"\n2,5,2026-04-03T17:30:00Z,{broken\n'
    built = build_from(tmp_path, {"d.csv": rows}, mappings=[mapping])
    assert built.rows("select amount, created_at, name from opportunities order by opportunity_id") == [
        (Decimal("1234.00"), dt.datetime(2026, 4, 3), "Köln"),
        (Decimal("5.00"), dt.datetime(2026, 4, 4, 1, 30), None),
    ]


def test_a_profile_with_an_unknown_convention_is_refused(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text('name = "mine"\nlabel = { zh = "表", en = "sheet" }\ndecimal = ";"\n', encoding="utf-8")
    with pytest.raises(IntakeError, match="decimal"):
        build_from(tmp_path, {"d.csv": deals(["1"])}, mappings=[mapping])


# --- what becomes of a cell: a value, a blank with a reason, or its row held back --------------------------------------


@pytest.mark.parametrize("cell", ["NaN", "inf", "1e309", "#REF!", "1_000", "0x1F", "12 34"])
def test_an_amount_that_is_none_holds_its_row_back(tmp_path: Path, cell: str) -> None:
    built = build_from(tmp_path, {"d.csv": deals([cell, "7.5"])})
    assert amounts_of(built) == ["7.50"]
    assert built.rows("select content, reason, is_row_kept from rejects") == [(cell, "bad_amount", False)]
    assert built.account("d.csv") == (2, 1, 0, 1)


@pytest.mark.parametrize("cell", ["1900-01-01", "9999-12-31", "0000-00-00 00:00:00"])
def test_what_a_system_writes_for_no_date_is_blanked_and_listed(tmp_path: Path, cell: str) -> None:
    built = build_from(tmp_path, {"d.csv": deals(["1", "2"], created=[cell, "2026-09-01"])})
    assert built.rows("select count(*), count(created_at) from opportunities") == [(2, 1)]
    assert built.rows("select content, reason, is_row_kept from rejects") == [(cell, "no_date", True)]
    assert built.account("d.csv") == (2, 2, 0, 0)


@pytest.mark.parametrize("cell", ["2026-02-30", "13/13/2026", "yesterday"])
def test_a_date_that_is_none_holds_its_row_back(tmp_path: Path, cell: str) -> None:
    built = build_from(tmp_path, {"d.csv": deals(["1", "2"], created=[cell, "2026-09-01"])})
    assert built.account("d.csv") == (2, 1, 0, 1)
    assert built.rows("select content, is_row_kept from rejects") == [(cell, False)]


def test_an_amount_names_the_currency_of_its_deal(tmp_path: Path) -> None:
    built = build_from(tmp_path, {"d.csv": deals(["€ 1.500,00", "US$ 70,00", "€ 20,00"])})
    assert built.rows("select opportunity_id, amount, original_amount, currency from opportunities order by 1") == [
        ("d0", Decimal("1500.00"), Decimal("1500.00"), "EUR"),
        ("d1", None, Decimal("70.00"), "USD"),
        ("d2", Decimal("20.00"), Decimal("20.00"), "EUR"),
    ]


def test_notes_say_what_was_done_to_cells(tmp_path: Path) -> None:
    rows = (
        "opportunity_id,name,stage,amount,created_at,account_id\n"
        "d1,<b>One</b>,Offer,12.345,45365,Acme\nd2,Two,Offer,0.5,2026-09-01,a2\n"
    )
    built = build_from(tmp_path, {"d.csv": rows, "a.csv": "account_id,name\na1,Acme\na2,Beta\n"})
    assert notes_of(built) == {
        ("html_stripped", "name"): (1, "<b>One</b>"),
        ("sub_cent", "amount"): (1, "12.345"),
        ("day_numbers", "created_at"): (1, "45365"),
        ("joined_by_name", "account_id"): (1, "Acme"),
    }
    assert built.rows("select name, amount, created_at::date, account_key is null from opportunities order by 1") == [
        ("One", Decimal("12.35"), dt.date(2024, 3, 14), False),
        ("Two", Decimal("0.50"), dt.date(2026, 9, 1), False),
    ]


# --- ids -------------------------------------------------------------------------------------------------------------


def joined(tmp_path: Path, accounts: list[str], references: list[str], **wishes: Any) -> tuple[Built, list[str | None]]:
    """Deals d0, d1, … that refer to accounts by these ids; the names of the accounts they found."""
    listed = "account_id,name\n" + "".join(f"{one},A{i}\n" for i, one in enumerate(accounts))
    rows = "opportunity_id,name,stage,account_id\n" + "".join(
        f"d{i},Deal,Offer,{r}\n" for i, r in enumerate(references)
    )
    built = build_from(tmp_path, {"a.csv": listed, "d.csv": rows}, **wishes)
    found = built.rows(
        "select a.name from opportunities as o left join accounts as a using (account_key) order by o.opportunity_id"
    )
    return built, [row[0] for row in found]


def test_ids_of_15_and_18_characters_find_each_other_and_case_tells_them_apart(tmp_path: Path) -> None:
    accounts = ["001D000000Abc12IAB", "001D000000abc12IAA", "001D000000Xyz99"]
    references = ["001D000000Abc12", "001D000000abc12", "001D000000Xyz99IAB", "001D000000Abc12IAB"]
    built, found = joined(tmp_path, accounts, references)
    assert found == ["A0", "A1", "A2", "A0"]
    assert notes_of(built)["ids_folded", "account_id"] in [(1, "001D000000Xyz99"), (2, "001D000000Abc12")]
    assert built.rows("select count(*) from import_notes where code = 'ids_folded'") == [(2,)]


def test_one_record_under_both_forms_of_its_id_is_one(tmp_path: Path) -> None:
    built, _ = joined(tmp_path, ["001D000000Abc12IAB", "001D000000Abc12"], ["x"])
    assert built.rows("select account_id, name from accounts") == [("001D000000Abc12IAB", "A1")]
    assert built.account("a.csv") == (2, 1, 1, 0)


def test_ids_of_one_length_stay_as_they_are(tmp_path: Path) -> None:
    built, found = joined(tmp_path, ["001D000000Abc12"], ["001D000000Abc12", "001D000000ABC12"])
    assert found == ["A0", None]
    assert built.rows("select account_id from accounts") == [("001D000000Abc12",)]


def test_a_column_of_ids_with_a_point_and_a_zero_is_mended(tmp_path: Path) -> None:
    built, found = joined(tmp_path, ["123", "124"], ["123.0", "124.0", ""])
    assert found == ["A0", "A1", None]
    assert notes_of(built) == {("ids_pointed", "account_id"): (2, "123.0")}


def test_one_id_with_a_point_and_a_zero_among_others_is_left_alone(tmp_path: Path) -> None:
    _, found = joined(tmp_path, ["123", "1.0"], ["123", "1.0"])
    assert found == ["A0", "A1"]


def test_ids_that_a_spreadsheet_has_rounded_are_told_of(tmp_path: Path) -> None:
    accounts = ["5007000000123456", "5007000000123457"]
    built, found = joined(tmp_path, accounts, ["5007000000000000000", "5.007E+15"])
    assert found == [None, None]
    assert notes_of(built) == {("ids_rounded", "account_id"): (2, "5.007E+15")}
    assert built.rows("select reference, reason from missing_references order by 1") == [
        ("5.007E+15", "absent"),
        ("5007000000000000000", "absent"),
    ]


def test_zeros_in_front_and_case_tell_ids_apart_and_blanks_around_them_do_not(tmp_path: Path) -> None:
    _, found = joined(
        tmp_path, ["123", "00123", "\u00a0000123\u200b", "abc", "ABC"], ["000123", "00123", "\u3000123", "ABC"]
    )
    assert found == ["A2", "A1", "A0", "A4"]


def test_a_name_that_two_have_is_never_picked(tmp_path: Path) -> None:
    listed = "account_id,name\na1,Acme\na2,Acme\na3,Beta\n"
    rows = "opportunity_id,name,stage,account_id\nd1,Deal,Offer,Acme\nd2,Deal,Offer,Beta\nd3,Deal,Offer,a1\n"
    built = build_from(tmp_path, {"a.csv": listed, "d.csv": rows})
    assert built.rows("select row_id, reference, reason from missing_references") == [("d1", "Acme", "ambiguous")]
    assert notes_of(built) == {("joined_by_name", "account_id"): (1, "Beta")}


def test_a_large_file_is_looked_at_again_where_its_first_records_leave_a_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.intake.survey._WHOLE", 0)
    monkeypatch.setattr("dashboard.intake.survey._SAMPLE", 2)
    built = build_from(tmp_path, {"d.csv": deals(["1.234", "2.345", "0,5", "7"])})
    assert amounts_of(built) == ["1234.00", "2345.00", "0.50", "7.00"]

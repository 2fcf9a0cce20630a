"""From files to canonical tables: cells typed, references resolved, duplicates merged, nothing lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dashboard.intake.build import connect
from dashboard.intake.order import Order
from dashboard.intake.problem import IntakeError
from tests.intake.exports import build_from

USERS = "user_id,name,email,role,manager_id,team\nu1,Ann,ann@example.com,manager,,North\nu2,Bo,bo@example.com,rep,u1,North\n"
ACCOUNTS = "account_id,name,owner_id\na1,Acme,u2\na2,Beta,u1\n"


def deals(*rows: str) -> str:
    heading = "opportunity_id,account_id,owner_id,name,stage,outcome,amount,expected_close_on,created_at,closed_at"
    return "\n".join([heading, *rows]) + "\n"


def test_references_become_keys_and_a_manager_may_stand_after_his_people(tmp_path: Path) -> None:
    users = "user_id,name,email,manager_id\nu2,Bo,,u1\nu1,Ann,,\n"
    built = build_from(tmp_path, {"u.csv": users, "d.csv": deals("d1,,u2,One,Offer,open,10,2026-10-01,2026-09-01,")})
    assert built.rows(
        "select u.name, m.name from users u left join users m on m.user_key = u.manager_key order by 1"
    ) == [
        ("Ann", None),
        ("Bo", "Ann"),
    ]
    assert built.rows("select u.name from opportunities o join users u on u.user_key = o.owner_key") == [("Bo",)]


def test_people_may_be_named_by_id_name_or_mail_but_never_when_two_have_the_name(tmp_path: Path) -> None:
    users = "user_id,name,email\nu1,Li,li@example.com\nu2,Bo,bo@example.com\nu3,Li,other@example.com\n"
    rows = [
        f"d{i},,{owner},Deal,Offer,open,1,2026-10-01,2026-09-01,"
        for i, owner in enumerate(["u1", "Bo", "other@example.com", "Li"])
    ]
    built = build_from(tmp_path, {"u.csv": users, "d.csv": deals(*rows)})
    assert built.rows(
        "select o.opportunity_id, u.user_id from opportunities o left join users u on u.user_key = o.owner_key order by 1"
    ) == [
        ("d0", "u1"),
        ("d1", "u2"),
        ("d2", "u3"),
        ("d3", None),
    ]
    assert built.rows("select table_name, row_id, column_name, reference, reason from missing_references") == [
        ("opportunities", "d3", "owner_id", "Li", "ambiguous")
    ]


def test_a_bad_amount_holds_the_row_back_with_its_line_and_the_row_after_it_is_kept(tmp_path: Path) -> None:
    text = deals(
        'd1,,,"two\nlines",Offer,open,¥1.2万,2026-10-01,2026-09-01,',
        "d2,,,Bad,Offer,open,#REF!,2026-10-01,2026-09-01,",
        "d3,,,Good,Offer,open,(120.00),2026-10-01,2026-09-01,",
    )
    built = build_from(tmp_path, {"d.csv": text})
    assert built.rows("select opportunity_id, amount from opportunities order by 1") == [
        ("d1", Decimal("12000.00")),
        ("d3", Decimal("-120.00")),
    ]
    # heading is line 1, d1 fills lines 2 and 3, so d2 stands on line 4
    assert built.rows("select file, line, column_name, content, reason, is_row_kept from rejects") == [
        ("d.csv", 4, "amount", "#REF!", "bad_amount", False)
    ]
    assert built.account("d.csv") == (3, 2, 0, 1)


def test_a_bad_cell_of_lesser_weight_is_blanked_and_listed(tmp_path: Path) -> None:
    contacts = "contact_id,account_id,name,birthday\nc1,,Ann,1980-13-45\nc2,,Bo,1980-12-05\n"
    built = build_from(tmp_path, {"c.csv": contacts, "a.csv": ACCOUNTS, "u.csv": USERS})
    assert built.rows("select contact_id, birthday from contacts order by 1") == [
        ("c1", None),
        ("c2", dt.date(1980, 12, 5)),
    ]
    assert built.rows("select line, column_name, reason, is_row_kept from rejects") == [
        (2, "birthday", "bad_date", True)
    ]
    assert built.account("c.csv") == (2, 2, 0, 0)


def test_not_known_yet_is_not_an_error(tmp_path: Path) -> None:
    built = build_from(
        tmp_path, {"d.csv": deals("d1,,,TBD,Offer,open,待定,—,2026-09-01,", "d2,,,NULL,Offer,open,5,,2026-09-01,")}
    )
    assert built.rows("select name, amount from opportunities order by opportunity_id") == [
        ("TBD", None),
        ("NULL", Decimal("5.00")),
    ]
    assert built.rows("select count(*) from rejects") == [(0,)]


def test_duplicates_become_one_row_and_the_later_record_wins_but_fills_its_blanks(tmp_path: Path) -> None:
    first = deals(
        "d1,a1,,Old name,Offer,open,10,2026-10-01,2026-09-01,", "d2,,,Other,Offer,open,7,2026-10-01,2026-09-01,"
    )
    second = deals("d1,,,New name,Offer,open,,2026-11-01,2026-09-01,")
    built = build_from(tmp_path, {"one.csv": first, "two.csv": second, "a.csv": ACCOUNTS})
    assert built.rows(
        "select o.opportunity_id, o.name, amount, expected_close_on, a.name from opportunities o left join accounts a using (account_key) order by 1"
    ) == [
        ("d1", "New name", Decimal("10.00"), dt.date(2026, 11, 1), "Acme"),
        ("d2", "Other", Decimal("7.00"), dt.date(2026, 10, 1), None),
    ]
    assert built.account("one.csv") == (2, 2, 0, 0)
    assert built.account("two.csv") == (1, 0, 1, 0)


def test_ids_are_text_and_keep_their_zeros(tmp_path: Path) -> None:
    rows = [
        f"{deal},,,Deal,Offer,open,1,2026-10-01,2026-09-01," for deal in ("00123", "000123", "123", "1.23457E+15", "")
    ]
    built = build_from(tmp_path, {"d.csv": deals(*rows)})
    assert built.rows("select opportunity_id from opportunities order by 1") == [("000123",), ("00123",), ("123",)]
    assert built.rows("select line, reason from rejects order by 1") == [(5, "damaged_id"), (6, "missing_id")]


def test_thousand_times_ten_cents_is_a_hundred(tmp_path: Path) -> None:
    built = build_from(
        tmp_path,
        {"d.csv": deals(*(f"d{i},,,Deal,Offer,won,0.10,2026-10-01,2026-09-01,2026-10-01" for i in range(1000)))},
    )
    assert built.rows("select sum(amount) from opportunities") == [(Decimal("100.00"),)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["02/23/26 08:55 PM", "03/04/26"], [dt.date(2026, 2, 23), dt.date(2026, 3, 4)]),
        (["23/02/2026", "03/04/2026"], [dt.date(2026, 2, 23), dt.date(2026, 4, 3)]),
        (["2026年3月5日", "2026/3/6 10:22"], [dt.date(2026, 3, 5), dt.date(2026, 3, 6)]),
        (["45631", "2024-01-23T17:50:51.000+0000"], [dt.date(2024, 12, 5), dt.date(2024, 1, 23)]),
    ],
)
def test_one_cell_proves_the_order_of_a_whole_column(tmp_path: Path, written: list[str], read: list[dt.date]) -> None:
    rows = [f"d{i},,,Deal,Offer,open,1,,{text}," for i, text in enumerate(written)]
    built = build_from(tmp_path, {"d.csv": deals(*rows)}, source="canonical")
    assert [row[0] for row in built.rows("select created_at::date from opportunities order by opportunity_id")] == read


def test_nothing_proves_the_order_so_it_is_asked_never_guessed(tmp_path: Path) -> None:
    users = "Id,Username,Email,IsActive,ManagerId\n1,x,x@example.com,1,\n"
    deal = "Id,Name,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n1,One,Prospecting,03/04/2025,0,0,01/02/2025\n"
    with pytest.raises(IntakeError) as refused:
        build_from(tmp_path, {"u.csv": users, "d.csv": deal})
    assert refused.value.code == "date_order_unknown"
    assert refused.value.facts["found"] in ("03/04/2025", "01/02/2025")


def test_told_the_order_it_is_kept(tmp_path: Path) -> None:
    deal = "Id,Name,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n1,One,Prospecting,03/04/2025,0,0,01/02/2025\n"
    built = build_from(tmp_path, {"d.csv": deal}, date_order="dmy")
    assert built.rows("select expected_close_on, created_at::date from opportunities") == [
        (dt.date(2025, 4, 3), dt.date(2025, 2, 1))
    ]


def test_a_file_of_another_trade_is_named_and_the_rest_comes_in(tmp_path: Path) -> None:
    built = build_from(
        tmp_path, {"weather.csv": "day,rain\n2026-01-01,3\n", "d.csv": deals("d1,,,One,Offer,open,1,,2026-09-01,")}
    )
    assert built.account("weather.csv") == (1, 0, 0, 1)
    assert built.rows("select note from source_files order by source_file") == [("not_recognised",), (None,)]


def test_nothing_known_is_refused_with_one_reason(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refused:
        build_from(tmp_path, {"weather.csv": "day,rain\n2026-01-01,3\n"})
    assert (refused.value.code, refused.value.facts["file"]) == ("not_recognised", "weather.csv")


def test_owners_without_a_file_of_people_become_people(tmp_path: Path) -> None:
    built = build_from(
        tmp_path, {"d.csv": deals("d1,,Ann,One,Offer,open,1,,2026-09-01,", "d2,,Bo,Two,Offer,open,1,,2026-09-01,")}
    )
    assert built.rows("select user_id, name, role from users order by 1") == [
        ("Ann", "Ann", "rep"),
        ("Bo", "Bo", "rep"),
    ]


def test_headings_are_only_text(tmp_path: Path) -> None:
    hostile = 'opportunity_id,name,stage,amount,"\'); drop table users; --"\nd1,One,Offer,1,x\n'
    built = build_from(tmp_path, {"d.csv": hostile})
    assert built.account("d.csv") == (1, 1, 0, 0)


def test_a_second_currency_is_not_added_to_the_first(tmp_path: Path) -> None:
    heading = "opportunity_id,name,stage,outcome,amount,currency,created_at\n"
    rows = "d1,One,Offer,open,100,US Dollar,2026-09-01\nd2,Two,Offer,open,50,美元,2026-09-01\nd3,Three,Offer,open,999,EUR,2026-09-01\n"
    built = build_from(tmp_path, {"d.csv": heading + rows})
    assert built.rows("select opportunity_id, amount, original_amount, currency from opportunities order by 1") == [
        ("d1", Decimal("100.00"), Decimal("100.00"), "USD"),
        ("d2", Decimal("50.00"), Decimal("50.00"), "USD"),
        ("d3", None, Decimal("999.00"), "EUR"),
    ]


def test_the_importing_engine_touches_nothing_but_its_folder_and_the_uploads(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    job = tmp_path / "job"
    job.mkdir()
    upload = tmp_path / "upload.csv"
    upload.write_text("a,b\n3,4\n")
    con = connect(Order(uploads=[("upload.csv", upload)], folder=job, target=job / "snapshot.duckdb"))
    assert con.execute("select * from read_csv($1, all_varchar = true)", [str(upload)]).fetchall() == [("3", "4")]
    for hostile in (
        f"select * from read_csv('{secret}')",
        f"select * from read_csv('{job}/../secret.csv')",
        f"attach '{tmp_path}/other.duckdb'",
        f"copy (select 1) to '{tmp_path}/out.csv'",
        "set enable_external_access = true",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(hostile)


def test_a_list_of_stages_settles_their_order_and_what_they_mean(tmp_path: Path) -> None:
    stages = "pipeline,stage,position,outcome,default_probability\nmain,Offer,2,open,50%\nmain,Talk,1,open,10%\nmain,Deal,3,won,100%\n"
    built = build_from(
        tmp_path, {"s.csv": stages, "d.csv": deals("d1,,,One,Deal,,10,,2026-09-01,", "d2,,,Two,Offer,,5,,2026-09-01,")}
    )
    assert built.rows("select stage, position, outcome from stages order by position") == [
        ("Talk", 1, "open"),
        ("Offer", 2, "open"),
        ("Deal", 3, "won"),
    ]
    assert built.rows("select opportunity_id, outcome from opportunities order by 1") == [("d1", "won"), ("d2", "open")]
    assert built.account("s.csv") == (3, 3, 0, 0)

"""What a cell's text becomes: the tables of docs/profiles.md, "How cells are read", cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.intake.build import connect
from dashboard.intake.order import Order

#: The machine may be busy: a slow example is no fault.
UNHURRIED = settings(deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("job")
    opened = connect(Order(uploads=[], folder=folder, target=Path(folder) / "none.duckdb"))
    yield opened
    opened.close()


def read(con: duckdb.DuckDBPyConnection, macro: str, cell: str | None) -> Any:
    row = con.execute(f"select {macro}(x) from (select unnest($1::varchar[]) as x)", [[cell]]).fetchone()
    assert row is not None
    return row[0]


# cell, under a decimal point, under a decimal comma; None where it cannot be read so
AMOUNTS = [
    ("1234", "1234.00", "1234.00"),
    ("1234.5", "1234.50", None),
    ("1234,5", None, "1234.50"),
    ("480,000.00", "480000.00", None),
    ("€ 3.500,00", None, "3500.00"),
    ("3.500,00 EUR", None, "3500.00"),
    ("1 234,56", None, "1234.56"),
    ("1\u00a0234,56", None, "1234.56"),
    ("1\u202f234,56", None, "1234.56"),
    ("1'234.50", "1234.50", None),
    ("1’234.50", "1234.50", None),
    ("CHF 50.–", "50.00", "50.00"),
    ("1,234", "1234.00", "1.23"),
    ("1.234", "1.23", "1234.00"),
    ("0,6", None, "0.60"),
    ("US$ 1,200", "1200.00", "1.20"),
    ("1,200.00 USD", "1200.00", None),
    ("$7,450,000.00 ", "7450000.00", None),
    ("¥1.2万", "12000.00", None),
    ("CNY 1.2万", "12000.00", None),
    ("1.2万元", "12000.00", None),
    ("3百万", "3000000.00", "3000000.00"),
    ("442534171.543万", "4425341715430.00", None),
    ("12.5億", "1250000000.00", None),
    ("1.5M", "1500000.00", None),
    ("2.3k", "2300.00", None),
    ("2,3 Mio. €", None, "2300000.00"),
    ("R$ 1.234,56", None, "1234.56"),
    ("1 234,50 kr", None, "1234.50"),
    ("5,50 zł", None, "5.50"),
    ("₹12,34,567", "1234567.00", None),
    ("１，２３４．５０", "1234.50", None),
    ("(1,234.00)", "-1234.00", None),
    ("($5)", "-5.00", "-5.00"),
    ("(120.5)", "-120.50", None),
    ("-€5", "-5.00", "-5.00"),
    ("€-5", "-5.00", "-5.00"),
    ("5-", "-5.00", "-5.00"),
    ("−5", "-5.00", "-5.00"),
    ("12.345", "12.35", "12345.00"),
    ("0.005", "0.01", None),
    ("-0.005", "-0.01", None),
    ("9999999999999999", "9999999999999999.00", "9999999999999999.00"),
    ("99999999999999999", None, None),
]

#: Never amounts, whatever the mark.
NO_AMOUNTS = [
    "NaN", "inf", "-Infinity", "1e309", "1e5", "1.2E+07", "#REF!", "#N/A", "1_000", "0x1F", "12 34", "1,23,4", "1.2.3",
    "12,345,67", "(5", "5)", "-(5)", "--5", "999999999999999999999999亿", "12,5 %", "abc", "",
    "=1+1", "5 apples", "１２ ３４",
]  # fmt: skip


@pytest.mark.parametrize(("cell", "point", "comma"), AMOUNTS)
def test_an_amount_under_either_mark(
    con: duckdb.DuckDBPyConnection, cell: str, point: str | None, comma: str | None
) -> None:
    wanted = [Decimal(one) if one else None for one in (point, comma)]
    assert [read(con, "to_amount_point", cell), read(con, "to_amount_comma", cell)] == wanted
    readings = {one for one in wanted if one is not None}
    assert read(con, "to_amount_either", cell) == (readings.pop() if len(readings) == 1 else None)


@pytest.mark.parametrize("cell", NO_AMOUNTS)
def test_what_is_no_amount(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    for mark in ("point", "comma", "either"):
        assert read(con, f"to_amount_{mark}", cell) is None
        assert read(con, f"to_number_{mark}", cell) is None
        assert read(con, f"to_integer_{mark}", cell) is None


@pytest.mark.parametrize(
    ("cell", "share"),
    [("60%", 0.6), ("60 %", 0.6), ("60", 0.6), ("0.6", 0.6), ("0,6", 0.6), ("60,5 %", 0.605), ("６０％", 0.6), ("1", 1.0),
     ("100", 1.0), ("101", None), ("-5", None), ("NaN", None)],
)  # fmt: skip
def test_a_share(con: duckdb.DuckDBPyConnection, cell: str, share: float | None) -> None:
    assert read(con, "to_share_either", cell) == pytest.approx(share)


@pytest.mark.parametrize(
    ("cell", "currency"),
    [("US$ 1,200", "USD"), ("1,200 USD", "USD"), ("-€5", "EUR"), ("¥5", "CNY"), ("1.2万元", "CNY"), ("R$ 5", "BRL"),
     ("5 zł", "PLN"), ("₹5", "INR"), ("HK$5", "HKD"), ("5", None), ("1.5M", None), ("5-", None)],
)  # fmt: skip
def test_the_currency_that_an_amount_names(con: duckdb.DuckDBPyConnection, cell: str, currency: str | None) -> None:
    assert con.execute("select named_currency($1, '')", [cell]).fetchone() == (currency,)


def test_a_sign_of_many_currencies_is_that_of_the_profile(con: duckdb.DuckDBPyConnection) -> None:
    for cell, home, currency in (
        ("$5", "AUD", "AUD"),
        ("$5", "EUR", "USD"),
        ("¥5", "JPY", "JPY"),
        ("5 kr", "SEK", "SEK"),
    ):
        assert con.execute("select named_currency($1, $2)", [cell, home]).fetchone() == (currency,)


NOON = dt.datetime(2024, 3, 14, 14, 5)
DAY = dt.datetime(2024, 3, 14)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-03-14", DAY),
        ("2024-03-14 14:05", NOON),
        ("2024-03-14T14:05:00.000+0000", NOON),
        ("2024-03-14T14:05:00+08:00", NOON),  # the wall clock it was written by
        ("2024-03-14T14:05:00Z", NOON),
        ("2024-03-14 2:05 PM", NOON),
        ("2024-03-14 12:05 AM", dt.datetime(2024, 3, 14, 0, 5)),
        ("2024/3/14", DAY),
        ("2024/3/14 下午 2:05", NOON),
        ("2024.3.14 14:05", NOON),
        ("2024年3月14日", DAY),
        ("2024年3月14日 14:05", NOON),
        ("2024年3月14日 下午 2:05", NOON),
        ("2024年3月14日14时05分", NOON),
        ("20240314", DAY),
        ("20240314140500", NOON),
        ("14-Mar-2024", DAY),
        ("Mar 14, 2024", DAY),
        ("March 14, 2024, 2:05 PM", NOON),
        ("Thu, 14 Mar 2024 14:05:00", NOON),
        ("14.03.2024 14:05", NOON),
        ("3/14/24 02:05 PM", NOON),
        ("45365", DAY),
        ("45365.0", DAY),
        ("45365.586805555555", NOON),
        ("1710425100000", NOON),
        ("1710425100", NOON),
        ("２０２４－０３－１４", DAY),
        ("\u00a02024-03-14\u200b", DAY),
        ("3/3/2024", dt.datetime(2024, 3, 3)),  # reads one way
        ("3/4/2024", None),  # does not
        ("2024-02-30", None),
        ("2/29/2023", None),
        ("infinity", None),
        ("epoch", None),
        ("10000-01-01", None),
        ("1200-01-01", None),
        ("2024-03", None),
        ("明天", None),
    ],
)
def test_a_moment_where_no_order_is_proven(
    con: duckdb.DuckDBPyConnection, cell: str, moment: dt.datetime | None
) -> None:
    assert read(con, "to_timestamp_ymd", cell) == moment


@pytest.mark.parametrize(
    ("cell", "month_first", "day_first"),
    [
        ("3/4/2024", dt.datetime(2024, 3, 4), dt.datetime(2024, 4, 3)),
        ("3.4.24", dt.datetime(2024, 3, 4), dt.datetime(2024, 4, 3)),
        ("03-04-2024 14:05", dt.datetime(2024, 3, 4, 14, 5), dt.datetime(2024, 4, 3, 14, 5)),
        ("02/23/26 08:55 PM", dt.datetime(2026, 2, 23, 20, 55), None),
        ("5/20/2024 7:42", dt.datetime(2024, 5, 20, 7, 42), None),
        ("23/02/2026", None, dt.datetime(2026, 2, 23)),
    ],
)
def test_a_moment_in_either_order(
    con: duckdb.DuckDBPyConnection, cell: str, month_first: dt.datetime | None, day_first: dt.datetime | None
) -> None:
    assert (read(con, "to_timestamp_mdy", cell), read(con, "to_timestamp_dmy", cell)) == (month_first, day_first)


@pytest.mark.parametrize(
    "cell",
    ["1900-01-01", "1900-01-01 00:00:00", "9999-12-31T23:59:59Z", "0000-00-00", "0001-01-01", "1/1/1900", "12/31/9999"],
)
def test_what_systems_write_for_no_date(con: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert read(con, "is_no_date", cell) is True
    assert [read(con, f"to_timestamp_{order}", cell) for order in ("mdy", "dmy", "ymd")] == [None, None, None]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<p>Hello <b>you</b></p><p>next&nbsp;line &amp; more</p>", "Hello you\nnext line & more"),
        ("<div style='x'>one<br/>two</div>", "one\ntwo"),
        ("<script>alert(1)</script>text", "text"),
        ("x &lt;b&gt;", "x <b>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<p></p>", None),
        ("a < b and c > d", "a < b and c > d"),
        ("Ann <ann@example.com>", "Ann <ann@example.com>"),
        ("AT&T; R&D", "AT&T; R&D"),
    ],
)
def test_text_out_of_web_page_code(con: duckdb.DuckDBPyConnection, cell: str, text: str | None) -> None:
    assert read(con, "to_text", cell) == text


@pytest.mark.parametrize(
    ("cell", "value"),
    [('{"city": "Köln", "n": 5}', "Köln"), ('{"city":', None), ("[1]", None), ('{"city": null}', None), ("Köln", None)],
)
def test_a_value_out_of_json(con: duckdb.DuckDBPyConnection, cell: str, value: str | None) -> None:
    assert con.execute("select json_value($1, 'city')", [cell]).fetchone() == (value,)


@pytest.mark.parametrize("around", ["", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\t", "\u202a"])
@pytest.mark.parametrize("text", ["00123", "李明", "a b", "é"])
def test_blanks_around_a_text_are_no_part_of_it(con: duckdb.DuckDBPyConnection, around: str, text: str) -> None:
    assert read(con, "bare", around + text + around) == text
    assert read(con, "bare", around) is None


def test_an_id_of_15_characters_and_its_form_of_18(con: duckdb.DuckDBPyConnection) -> None:
    # blocks 006D0 | 00000 | Abc12: the fourth letter of the first and the first of the third are capitals: I, A, B
    assert read(con, "folded_id", "006D000000Abc12") == "006D000000Abc12IAB"
    assert read(con, "folded_id", "006D000000abc12") == "006D000000abc12IAA"
    assert [read(con, "folded_id", one) for one in ("006D000000Abc12IAB", "123456789012345", "Montgomery Burn")] == [
        "006D000000Abc12IAB", "123456789012345", "Montgomery Burn",
    ]  # fmt: skip


STYLES = [(",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("", "."), ("", ",")]


@UNHURRIED
@given(
    cents=st.integers(min_value=-(10**15) + 1, max_value=10**15 - 1),
    style=st.sampled_from(STYLES),
    currency=st.sampled_from(["", "€ ", "US$", "CNY "]),
)
def test_any_amount_in_any_style_comes_back_exactly(
    con: duckdb.DuckDBPyConnection, cents: int, style: tuple[str, str], currency: str
) -> None:
    thousands, mark = style
    whole, fraction = f"{abs(cents) // 100:,}".replace(",", thousands), f"{abs(cents) % 100:02}"
    cell = f"{'-' if cents < 0 else ''}{currency}{whole}{mark}{fraction}"
    macro = "to_amount_point" if mark == "." else "to_amount_comma"
    assert read(con, macro, cell) == Decimal(cents) / 100
    assert read(con, "to_amount_either", cell) == Decimal(cents) / 100


@UNHURRIED
@given(value=st.decimals(min_value=-(10**9), max_value=10**9, places=5, allow_nan=False))
def test_finer_than_a_cent_is_rounded_half_away_from_zero(con: duckdb.DuckDBPyConnection, value: Decimal) -> None:
    assert read(con, "to_amount_point", f"{value:f}") == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@UNHURRIED
@given(text=st.text(max_size=30))
def test_no_text_breaks_a_reading(con: duckdb.DuckDBPyConnection, text: str) -> None:
    cell = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    macros = [
        f"to_{kind}_{mark}"
        for kind in ("amount", "number", "integer", "share")
        for mark in ("point", "comma", "either")
    ]
    macros += [f"to_timestamp_{order}" for order in ("mdy", "dmy", "ymd")]
    macros += [
        "bare",
        "to_text",
        "to_flag",
        "to_currency",
        "readings",
        "folded_id",
        "is_no_date",
        "id_shape",
        "fine_mark",
    ]
    con.execute(f"select {', '.join(f'{macro}(x)' for macro in macros)} from (select $1::varchar as x)", [cell])


@UNHURRIED
@given(moment=st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2068, 12, 31)))
def test_any_minute_in_any_style_comes_back(con: duckdb.DuckDBPyConnection, moment: dt.datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    styles = {
        "ymd": (
            "%Y-%m-%d %H:%M",
            "%Y/%m/%d %H:%M",
            "%Y年%m月%d日 %H:%M",
            "%Y-%m-%dT%H:%M:00.000+0000",
            "%d-%b-%Y %H:%M",
        ),
        "mdy": ("%m/%d/%Y %H:%M", "%m/%d/%y %I:%M %p", "%m-%d-%Y %H:%M"),
        "dmy": ("%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%y %I:%M %p"),
    }
    for order, written in styles.items():
        cells = [minute.strftime(style) for style in written]
        sql = f"select distinct to_timestamp_{order}(x) from (select unnest($1::varchar[]) as x)"
        assert con.execute(sql, [cells]).fetchall() == [(minute,)], cells

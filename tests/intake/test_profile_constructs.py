"""What a profile can say about references, parts of a text and clocks, on profiles made for the test."""

from __future__ import annotations

from pathlib import Path

from tests.intake.exports import Built, build_from

_MINE = """
name = "mine"
label = { zh = "我的", en = "mine" }
currency = "CNY"
date_order = "ymd"
name_suffixes = ["(离职)", "（离职）"]

[[object]]
name = "deal"
signature = ["Deal", "Worth"]
[[object.into]]
table = "opportunities"
alternates = [{ join = ["Deal", "Client"], with = " / " }]
[object.into.fields]
opportunity_id = "No"
name = "Deal"
account_id = { id = "Client.id", name = "Client" }
owner_id = { id = "Seller.id", name = "Seller" }
stage = [{ from = "Where", pick = "^(.*?) *[(]" }, "Where"]
pipeline = { from = "Where", pick = "[(]([^()]*)[)]$" }
amount = "Worth"
created_at = "Since"

[[object]]
name = "talk"
signature = ["Talk", "Lasted"]
[[object.into]]
table = "activities"
[object.into.fields]
activity_id = "Talk"
kind = { const = "call" }
opportunity_id = { join = ["About", "Client"], with = " / " }
owner_id = "By"
happened_at = "Day"
minutes = { from = "Lasted", clock = true }

[[object]]
name = "client"
signature = ["Client name", "Town"]
[[object.into]]
table = "accounts"
[object.into.fields]
account_id = "Client no"
name = "Client name"
city = "Town"
"""

_DEALS = (
    "No,Deal,Client.id,Client,Seller.id,Seller,Where,Worth,Since\n"
    "1,Line,c1,Hengsheng,u1,李雷,Quoted (Hardware),100,2026-01-05\n"
    "2,Line,c2,Yuanfan,u2,韩梅梅,Agreed,200,2026-01-06\n"
)


def _built(folder: Path, files: dict[str, str]) -> Built:
    mapping = folder / "mine.toml"
    mapping.write_text(_MINE, encoding="utf-8")
    return build_from(folder, dict(files), mappings=(mapping,))


def test_people_and_customers_made_from_one_flat_file_have_their_ids_and_their_names(tmp_path: Path) -> None:
    talks = (
        "Talk,About,Client,By,Day,Lasted\nt1,Line,Yuanfan,韩梅梅,2026-02-01,01:30\nt2,,,王芳（离职）,2026-02-02,12\n"
    )
    built = _built(tmp_path, {"deals.csv": _DEALS, "talks.csv": talks})
    assert built.rows("select user_id, name from users order by 1") == [
        ("u1", "李雷"),
        ("u2", "韩梅梅"),
        ("王芳", "王芳（离职）"),
    ]
    assert built.rows("select account_id, name from accounts order by 1") == [("c1", "Hengsheng"), ("c2", "Yuanfan")]
    # by deal and client together the talk finds the second of two deals of one name
    assert built.rows(
        "select activity_id, u.name, o.opportunity_id, minutes from activities"
        " join users u on u.user_key = owner_key left join opportunities o using (opportunity_key) order by 1"
    ) == [("t1", "韩梅梅", "2", 90), ("t2", "王芳（离职）", None, 12)]


def test_a_reference_is_tried_by_id_and_then_by_name_and_says_what_it_missed(tmp_path: Path) -> None:
    clients = "Client no,Client name,Town\nX9,Hengsheng,Suzhou\nX10,Yuanfan,Ningbo\nX11,Yuanfan,Wuxi\n"
    built = _built(tmp_path, {"deals.csv": _DEALS, "clients.csv": clients})
    assert built.rows(
        "select opportunity_id, account_id from opportunities left join accounts using (account_key) order by 1"
    ) == [("1", "X9"), ("2", None)]
    assert built.rows("select column_name, reference, reason from missing_references") == [
        ("account_id", "Yuanfan", "ambiguous")
    ]


def test_a_stage_with_its_pipeline_in_brackets_is_parted(tmp_path: Path) -> None:
    built = _built(tmp_path, {"deals.csv": _DEALS})
    assert built.rows("select stage, pipeline from opportunities order by opportunity_id") == [
        ("Quoted", "Hardware"),
        ("Agreed", "main"),
    ]

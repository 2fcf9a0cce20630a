"""The quality tab: how far the data carry, what needs care, what is still to export; and how history is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.snapshots.store import Store
from tests.builders import build_snapshot
from tests.pages.conftest import Open

AS_OF = "2026-06-30"
Tables = dict[str, Sequence[Mapping[str, Any]]]


def words(app: AppTest) -> str:
    """All text of the page, without the backslashes of markdown."""
    kinds = (app.markdown, app.caption, app.error, app.success, app.warning)
    return "\n".join(str(element.value) for elements in kinds for element in elements).replace("\\", "")


def deal(key: str, owner: str | None = "u1", **more: Any) -> dict[str, Any]:
    return {
        "opportunity_id": key,
        "name": f"Deal {key}",
        "owner_id": owner,
        "account_id": "a1",
        "pipeline": "main",
        "stage": "Talks",
        "outcome": "open",
        "amount": 1000,
        "created_at": "2026-06-01 09:00:00",
        "expected_close_on": "2026-07-31",
        **more,
    }


#: One of ten contacts has a deal, one deal is past its day, two are alike, 99 lines name a product that is not there.
FIRM: Tables = {
    "users": [{"user_id": "u1", "name": "王芳", "team": "华东"}, {"user_id": "u2", "name": "![x](y)"}],
    "accounts": [
        {"account_id": "a1", "name": "宏达有限公司", "owner_id": "u1"},
        {"account_id": "a2", "name": "宏 达", "owner_id": "u1"},
    ],
    "contacts": [{"contact_id": "c1", "account_id": "a1", "phone": "13800138000"}],
    "opportunities": [
        deal("d1", expected_close_on="2026-06-01"),
        deal("d2", name="Twin", amount=7),
        deal("d3", name="twin", amount=7),
        deal("d4", None, amount=50),
    ],
    "activities": [
        {"activity_id": f"x{n}", "owner_id": "u1", "kind": "call", "outcome": "reached", "account_id": "a1"}
        | {"happened_at": "2026-06-20 10:00:00", "opportunity_id": "d1" if n == 0 else None}
        for n in range(10)
    ],
    "missing_references": [
        {"table_name": "line_items", "column_name": "product_id", "reference": "GTXPro", "reason": "absent"}
    ]
    * 99,
    "rejects": [{"file": "a.csv", "line": 7, "column_name": "金额", "reason": "bad_amount", "content": "=1+1"}],
    "source_files": [
        {"source_file": 1, "name": "<b>.csv", "object": "opportunities", "targets": "opportunities"}
        | {"profile": "xtools", "n_records": 3, "n_kept": 2, "n_merged": 0, "n_rejected": 1},
        {"source_file": 2, "name": "roles.csv", "object": "UserRole", "targets": "", "note": "object_not_used"}
        | {"profile": "salesforce", "n_records": 3, "n_kept": 0, "n_merged": 0, "n_rejected": 3},
    ],
    "import_notes": [
        {"source_file": 1, "code": "never_heard_of", "column_name": "编号", "n": 12, "example": "1.2E+15"}
    ],
}


def columns(app: AppTest) -> set[str]:
    return {name for frame in app.dataframe for name in frame.value.columns}


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "最缺的是跟进记录的“商机”，只有 10% 有记录"), ("en", "“deal” of contact records: only 10% have it")],
)
def test_the_answer_names_what_is_missing_most(open_app: Open, home: Path, lang: str, said: str) -> None:
    """Every table is there; nine of ten contacts lack their deal, which two principles need."""
    full: Tables = {
        "users": [{"user_id": "u1", "name": "王芳", "manager_id": "u2"}, {"user_id": "u2", "name": "李"}],
        "tasks": [{"task_id": "t1", "owner_id": "u1", "due_on": "2026-07-01"}],
        "products": [{"product_id": "p1", "unit_cost": 1}],
        "line_items": [{"line_id": "l1", "opportunity_id": "d1", "product_id": "p1"}],
        "invoices": [{"invoice_id": "i1", "due_on": "2026-07-01", "amount": 5}],
        "approvals": [{"approval_id": "p1", "requested_by_id": "u1", "decided_by_id": "u2", "decision": "approved"}],
    }
    build_snapshot(home, {**FIRM, **full}, AS_OF)
    app = open_app("data", lang=lang, room="quality", principle="1")
    assert said in words(app)
    assert "filled_rate" in columns(app)


@pytest.mark.parametrize(("lang", "said"), [("zh", "导出里一条也没有"), ("en", "of which the export holds none")])
def test_a_missing_table_is_named(open_app: Open, home: Path, lang: str, said: str) -> None:
    build_snapshot(home, {"users": FIRM["users"], "opportunities": [deal("d1", account_id=None)]}, AS_OF)
    assert said in words(open_app("data", lang=lang, room="quality"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_records_to_clean_up(open_app: Open, home: Path, lang: str) -> None:
    build_snapshot(home, FIRM, AS_OF)
    app = open_app("data", lang=lang, room="quality", part="records")
    text = words(app)
    if lang == "zh":
        told = (
            "1 个在谈商机（¥1,000）的预计成交日已经过了",
            "最多的是“GTXPro”，99 行",
            "没有负责人（共 4 条，25%）",
            "1 组客户",
        )
    else:
        told = (
            "1 open deal (¥1,000) is past the expected closing date",
            "Most often “GTXPro”: 99 rows",
            "1 of 4 open deals (25%)",
            "1 group of customers has the same name",
        )
    for sentence in told:
        assert sentence in text
    assert {"on_date", "n_past_close", "reference", "place"} <= columns(app)
    assert "![x](y)" not in text
    other = open_app("data", lang=lang, room="quality", part="records", twice="accounts")
    assert "account_id" in columns(other)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("其他提示（never_heard_of）", "roles.csv", "超兔 CRM", "回款记录", "要判断")),
        ("en", ("Another note (never_heard_of)", "roles.csv", "XTools", "Receipts", "Needed to judge")),
    ],
)
def test_files_and_what_is_still_to_export(open_app: Open, home: Path, lang: str, said: tuple[str, ...]) -> None:
    snapshot = build_snapshot(home, FIRM, AS_OF)
    manifest = home / "snapshots" / f"{snapshot.id}.json"
    manifest.chmod(0o600)
    manifest.write_text(manifest.read_text().replace('"profile": "test"', '"profile": "xtools"'))
    app = open_app("data", lang=lang, room="quality", part="files")
    notes = [str(value) for frame in app.dataframe if "note" in frame.value for value in frame.value["note"]]
    text = words(app) + "\n".join(notes)
    for sentence in said:
        assert sentence in text
    assert {"n_records", "n_rejects", "note"} <= columns(app)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", ["fields", "records", "files"])
def test_every_part_stands_with_next_to_nothing(open_app: Open, home: Path, lang: str, part: str) -> None:
    build_snapshot(home, {"orders": [{"order_id": "o1", "amount": 5, "ordered_on": "2026-06-01"}]}, AS_OF)
    for room in ("quality", "nonsense"):
        assert words(open_app("data", lang=lang, room=room, part=part, principle="x", stale="y", twice="z"))


def test_a_filter_in_the_address_does_not_cut_what_the_page_shows(open_app: Open, home: Path) -> None:
    """The page has no filter bar: it speaks of all the data."""
    build_snapshot(home, FIRM, AS_OF)
    app = open_app("data", lang="en", room="quality", part="records", team="华东")
    assert "1 of 4 open deals (25%)" in words(app)
    assert app.query_params["team"] == "华东"


def test_a_snapshot_of_an_older_version_asks_to_be_rebuilt(open_app: Open, home: Path) -> None:
    snapshot = build_snapshot(home, FIRM, AS_OF)
    store = Store(home)
    path = store.data_path(snapshot.id)
    manifest = home / "snapshots" / f"{snapshot.id}.json"
    manifest.chmod(0o600)
    manifest.write_text(manifest.read_text().replace('"schema_version": ', '"schema_version": -'))
    assert path.is_file()
    assert "press Rebuild" in words(open_app("data", lang="en", room="quality"))


# --- how the history is known -----------------------------------------------------------------------------------------


def moves(is_derived: bool) -> list[dict[str, Any]]:
    return [
        {"opportunity_id": "d1", "from_stage": "Start", "to_stage": "Talks", "changed_at": "2026-05-31"}
        | {"is_derived": is_derived}
    ]


@pytest.mark.parametrize(
    ("page", "own"),
    [("desk", {}), ("funnel", {}), ("salesperson", {"user_id": "u1"}), ("deal", {"opportunity_id": "d1"})],
)
@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "比较 3 份快照推出来的（导出里没有），准到约 31天；2026年4月30日以前"),
        ("en", "inferred from 3 snapshots, as the export has none: precise to about 31 days"),
    ],
)
def test_pages_say_when_history_comes_from_snapshots(
    open_app: Open, home: Path, page: str, own: dict[str, str], lang: str, said: str
) -> None:
    for day in ("2026-04-30", "2026-05-31", AS_OF):
        build_snapshot(home, {**FIRM, "stage_changes": moves(True)}, day)
    assert said in words(open_app(page, lang=lang, **own))


@pytest.mark.parametrize("page", ["desk", "funnel"])
def test_an_exported_history_needs_no_word(open_app: Open, home: Path, page: str) -> None:
    for day in ("2026-05-31", AS_OF):
        build_snapshot(home, {**FIRM, "stage_changes": moves(False)}, day)
    assert "inferred" not in words(open_app(page, lang="en"))


# --- salespeople without deals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("4 个在谈商机里有 4 个", "带上“负责人”一列")),
        ("en", ("4 of 4 open deals", "with the column of the owner")),
    ],
)
def test_nobody_is_called_calm_where_no_deal_has_an_owner(
    open_app: Open, home: Path, lang: str, said: tuple[str, ...]
) -> None:
    unowned = [{**row, "owner_id": None} for row in FIRM["opportunities"]]
    build_snapshot(home, {**FIRM, "opportunities": unowned}, AS_OF)
    text = words(open_app("salesperson", lang=lang))
    for sentence in said:
        assert sentence in text
    assert "stands out" not in text and "可以放手" not in text


def test_some_owners_are_still_shown(open_app: Open, home: Path) -> None:
    deals = [{**row, "owner_id": None} for row in FIRM["opportunities"]] + [deal("d9")]
    build_snapshot(home, {**FIRM, "opportunities": deals}, AS_OF)
    app = open_app("salesperson", lang="en")
    assert "4 of 5 open deals" in words(app) and "Only 1 salesperson owns any" in words(app)
    assert len(app.dataframe) == 1


def test_what_was_held_back_leaves_without_formulas(home: Path) -> None:
    """The file names where, why in words, and the text as uploaded, so that it opens harmlessly in a spreadsheet."""
    from dashboard.ui.data import quality_files
    from dashboard.ui.page import View

    build_snapshot(home, FIRM, AS_OF)
    csv = quality_files.rejects_csv(View("data", {"lang": ("en",)}, {})).decode("utf-8-sig").splitlines()
    assert csv == ["File,Line,Column,Reason,Content,Row kept", "a.csv,7,金额,Not an amount,'=1+1,"]

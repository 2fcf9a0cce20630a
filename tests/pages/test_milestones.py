"""The milestones page and its playbook editor as a boss uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.playbook import Rule, StageStandard
from dashboard.settings import Settings
from tests.builders import build_snapshot
from tests.pages.conftest import Open
from tests.queries.desk_firm import AS_OF, at, deal, people

NEED = "playbook.'main'.'需求'"


def firm(n: int = 12) -> dict[str, list[dict[str, Any]]]:
    """甲 claims 谈判 after calls alone; 乙's deals are where they say."""
    deals, touches = [], []
    for i in range(n):
        deals += [
            deal(f"a{i}", 1000, "2026-03-01", stage="谈判", stage_entered_at=at("2026-05-01")),
            deal(f"b{i}", 1000, "2026-03-01", stage="需求", owner_id="r2", stage_entered_at=at("2026-04-01")),
        ]
        for key, kind in ((f"a{i}", "call"), (f"b{i}", "visit")):
            touches.append(
                {"opportunity_id": key, "owner_id": "r1", "contact_id": "c1", "kind": kind, "outcome": "reached"}
                | {"happened_at": at("2026-04-02")}
            )
    contacts = [{"contact_id": "c1", "account_id": "a1", "buying_role": "user"}]
    deals[0]["name"] = "<b>[商机](x)</b>"
    return people() | {"opportunities": deals, "activities": touches, "contacts": contacts}


def answer(page: AppTest) -> str:
    """The page's one-sentence answer."""
    return next(block.value for block in page.markdown if block.value.startswith("#### "))


def texts(page: AppTest) -> str:
    """Everything said on the page."""
    said = [*page.markdown, *page.caption, *page.warning, *page.success, *page.error]
    return " ".join(str(block.value) for block in said)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_claims_what_the_records_do_not_carry(home: Path, open_app: Open, lang: str) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    page = open_app("milestones", lang=lang)
    said = answer(page)
    assert "甲" in said and "谈判" in said and "乙" not in said
    assert ("见过面或做过演示" if lang == "zh" else "a meeting, visit or demo") in said
    assert "50%" in said and len(page.metric) == 5
    listed = next(table.value for table in page.dataframe if "missing" in table.value)
    assert len(listed) == 12 and set(listed["evidence_stage"]) == {"沟通"}
    assert ("默认打法标准" if lang == "zh" else "default playbook") in texts(page)


def test_who_stands_out_with_a_small_part_is_not_said_to_have_most(home: Path, open_app: Open) -> None:
    tables = firm()
    tables["opportunities"].append(
        deal("b99", 20_000, "2026-03-01", stage="谈判", owner_id="r2", stage_entered_at=at("2026-05-01"))
    )
    build_snapshot(home, tables, AS_OF.isoformat())
    said = answer(open_app("milestones", lang="en"))  # 甲's 12,000 of 32,000
    assert "甲 stands out: 12 of 12 deals" in said and "Most is" not in said


def test_deals_that_earn_a_later_stage(home: Path, open_app: Open) -> None:
    tables = firm()
    tables["activities"].append({**tables["activities"][1], "kind": "quote", "happened_at": at("2026-04-03")})
    build_snapshot(home, tables, AS_OF.isoformat())
    page = open_app("milestones", lang="en", side="behind")
    (shown,) = [table.value for table in page.dataframe if "shown" in table.value]
    assert list(shown["shown"]) == ["a quote, demo or product lines"]


@pytest.mark.parametrize(
    ("tables", "part"),
    [
        (people(), "no open deals"),
        (people() | {"opportunities": firm()["opportunities"]}, "can't tell whether stages hold up"),
        (firm() | {"opportunities": firm()["opportunities"][1::2]}, "All 12 open deals"),
    ],
)
def test_little_data_is_answered_too(home: Path, open_app: Open, tables: dict[str, Any], part: str) -> None:
    kept = {row["opportunity_id"] for row in tables.get("opportunities", ())}
    touches = [row for row in tables.get("activities", ()) if row["opportunity_id"] in kept]
    build_snapshot(home, {**tables, "activities": touches}, AS_OF.isoformat())
    assert part in answer(open_app("milestones", lang="en"))


def test_without_a_snapshot_the_way_to_one_is_shown(open_app: Open) -> None:
    assert open_app("milestones", lang="en").main


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_past_says_when_it_is_too_thin(home: Path, open_app: Open, lang: str) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    assert ("太少" if lang == "zh" else "Too few past deals") in texts(open_app("milestones", lang=lang, room="past"))


def test_the_playbook_is_edited_and_in_force_at_once(home: Path, open_app: Open) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    page = open_app("milestones", lang="en", room="playbook")
    assert [box.value for box in page.multiselect if box.key == f"{NEED}.measures"] == [["contact", "meeting"]]
    page.multiselect(key=f"{NEED}.measures").set_value(["contact"])
    page.run()
    page.number_input(key=f"{NEED}.contact").set_value(2)
    page.number_input(key=f"{NEED}.days").set_value(21)
    page.button(key="playbook.save").click()
    page.run()
    assert not page.exception
    assert "Saved" in texts(page) and "1 stage changed" in texts(page)
    assert Settings(home).playbook() == [StageStandard("main", "需求", (Rule("contact", 2),), 21.0)]
    assert "24 of 24" in answer(page)  # one contact each is no longer enough for anybody
    desk = open_app("salesperson", lang="en", user_id="r2")
    pipeline = next(table.value for table in desk.dataframe if "flags" in table.value)
    assert all("ahead" in flags for flags in pipeline["flags"])
    page.button(key="playbook.reset").click()
    page.run()
    assert Settings(home).playbook() == []
    assert "12 of 24" in answer(page) and "default playbook is back" in texts(page)
    assert page.multiselect(key=f"{NEED}.measures").value == ["contact", "meeting"]


def test_a_deal_that_lacks_even_what_the_first_stage_demands(home: Path, open_app: Open) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    Settings(home).set_playbook([StageStandard("main", "沟通", (Rule("contact", 5),))])
    said = answer(open_app("deal", lang="en", opportunity_id="b1"))
    assert "lack even what the first stage demands" in said and "5 effective contacts" in said
    table = next(
        shown.value for shown in open_app("milestones", lang="en").dataframe if "evidence_stage" in shown.value
    )
    assert set(table["evidence_stage"]) == {"none"}


def test_what_stays_as_the_default_says_is_not_written(home: Path, open_app: Open) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    elsewhere = StageStandard("another", "stage", (Rule("need"),))
    Settings(home).set_playbook([elsewhere])
    page = open_app("milestones", lang="en", room="playbook")
    assert "1 stage standard belongs" in texts(page)
    page.button(key="playbook.save").click()
    page.run()
    assert Settings(home).playbook() == [elsewhere]


def test_what_this_export_cannot_show_is_said(home: Path, open_app: Open) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    Settings(home).set_playbook([StageStandard("main", "报价", (Rule("approval"),))])
    page = open_app("milestones", lang="en", room="playbook")
    assert any("Approvals granted" in str(block.value) for block in page.warning)
    assert "Not demanded, because this export can't show it: an approval granted" in texts(page)


def test_a_playbook_that_cannot_be_read_is_told_and_left_out(home: Path, open_app: Open) -> None:
    build_snapshot(home, firm(), AS_OF.isoformat())
    settings = Settings(home)
    settings.set_playbook([StageStandard("main", "需求", (Rule("contact", 9),))])
    settings._write([("update playbook set milestones = ?", ('[["<script>", 1]]',))])
    page = open_app("milestones", lang="en", room="playbook")
    assert "12 of 24" in answer(page)
    (warning,) = [block.value for block in page.warning if "script" in block.value]
    assert "was not taken" in warning and "<script>" not in warning


def test_where_nothing_is_demanded_yet_nobody_can_be_ahead(home: Path, open_app: Open) -> None:
    tables = firm()
    for row in tables["opportunities"]:
        row["stage"] = "沟通"
    build_snapshot(home, tables, AS_OF.isoformat())
    page = open_app("milestones", lang="en", side="behind")
    assert "24 open deals stand in stages of which the playbook demands nothing yet" in answer(page)
    (shown,) = [table.value for table in page.dataframe if "shown" in table.value]
    assert len(shown) == 12  # those that were visited


def test_headline_figures_are_held_against_the_snapshot_before(home: Path, open_app: Open) -> None:
    sound = firm()["opportunities"][1::2]
    visits = firm()["activities"][1::2]
    build_snapshot(home, {**firm(), "opportunities": sound, "activities": visits}, "2026-04-30")
    build_snapshot(home, firm(), AS_OF.isoformat())
    share, *_ = open_app("milestones", lang="en").metric
    assert (share.value, share.delta) == ("50%", "+50 pts")

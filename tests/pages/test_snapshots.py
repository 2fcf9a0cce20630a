"""The snapshots room of the data page: names, days, the trash, disk use, comparing two, and what is asked before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.intake.job import run_import
from dashboard.settings import Settings
from dashboard.snapshots.store import Snapshot, Store
from tests.builders import build_snapshot
from tests.pages.conftest import Open
from tests.pages.test_data import words

LANGUAGES = pytest.mark.parametrize("lang", ["zh", "en"])
DEAL = {"pipeline": "p", "stage": "沟通", "outcome": "open", "created_at": "2026-01-01", "amount": 100}
HEAD = "opportunity_id,name,stage,outcome,amount,created_at\n"


def two(home: Path) -> tuple[Snapshot, Snapshot]:
    """February and March; March is current."""
    february = [{**DEAL, "opportunity_id": key, "name": f"=商机{key}"} for key in ("d1", "d2", "d3")]
    march = [{**february[0], "amount": 150}, february[1], {**DEAL, "opportunity_id": "d4", "name": "新"}]
    made = [
        build_snapshot(home, {"opportunities": deals}, day)
        for deals, day in ((february, "2026-02-28"), (march, "2026-03-31"))
    ]
    return made[0], made[1]


def imported(home: Path, folder: Path, day: str, stage: str) -> Snapshot:
    """A snapshot of one upload without a history."""
    path = folder / f"{day}.csv"
    path.write_text(f"{HEAD}d1,One,{stage},open,10,2026-01-05\n", encoding="utf-8")
    return run_import([path], home, as_of=dt.date.fromisoformat(day)).snapshot


def shown(open_app: Open, lang: str, *opened: str) -> AppTest:
    """The snapshots room with these menus, expanders and questions open."""
    app = open_app("data", lang=lang, room="snapshots")
    return opening(app, *opened)


def opening(app: AppTest, *opened: str) -> AppTest:
    for key in opened:
        app.session_state[key] = True
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def has_button(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


@LANGUAGES
def test_a_closed_menu_offers_nothing_to_lose(open_app: Open, home: Path, lang: str) -> None:
    old, _ = two(home)
    app = shown(open_app, lang)
    assert not has_button(app, f"delete.{old.id}") and not has_button(app, "purge.empty")
    assert len(app.dataframe) == 0  # nothing is compared before it is asked for


@LANGUAGES
def test_a_snapshot_gets_a_name(open_app: Open, home: Path, lang: str) -> None:
    old, _ = two(home)
    app = shown(open_app, lang, f"menu.{old.id}")
    app.text_input(key=f"label.{old.id}").set_value("三月 *盘点* <b>").run()
    click(app, f"rename.{old.id}")
    assert Store(home).get(old.id).label == "三月 *盘点* <b>"
    assert "三月 \\*盘点\\*" in words(app) and "<b>" not in words(app).replace("\\<b\\>", "")
    assert not has_button(app, f"rename.{old.id}")  # the menu is closed again


@LANGUAGES
def test_another_day_is_a_rebuild_that_keeps_name_and_place(
    open_app: Open, home: Path, tmp_path: Path, lang: str
) -> None:
    made = {day: imported(home, tmp_path, day, stage) for day, stage in (("2026-01-31", "A"), ("2026-03-31", "B"))}
    january, march = made.values()
    Store(home).rename(january.id, "review")
    app = shown(open_app, lang, f"menu.{january.id}")
    assert app.button(key=f"redate.{january.id}").disabled
    app.date_input(key=f"day.{january.id}").set_value(dt.date(2026, 2, 10)).run()
    click(app, f"redate.{january.id}")
    store = Store(home)
    (current, moved) = store.list()
    assert (current.id, moved.as_of, moved.label) == (march.id, dt.date(2026, 2, 10), "review")
    assert store.current() == current
    # March tells its moves by what stood before it then
    assert ("该重建" if lang == "zh" else "should be rebuilt") in words(app)
    click(app, "step.main")
    (new_march, same) = Store(home).list()
    assert (new_march.before, same.id) == (moved.id, moved.id)
    assert not has_button(app, "step.main")
    assert Store(home).current() == new_march


@LANGUAGES
def test_deleted_undone_and_gone_for_good(open_app: Open, home: Path, lang: str) -> None:
    old, new = two(home)
    app = shown(open_app, lang, f"menu.{new.id}")
    click(app, f"delete.{new.id}")
    assert ("30 天内可以恢复" if lang == "zh" else "for 30 days") in words(app)
    click(app, "undo")
    assert {s.id for s in Store(home).list()} == {old.id, new.id}

    click(opening(app, f"menu.{new.id}"), f"delete.{new.id}")
    opening(app, "trash")
    assert has_button(app, f"restore.{new.id}") and not has_button(app, f"purge.{new.id}")
    opening(app, f"ask.{new.id}")
    assert ("无法恢复" if lang == "zh" else "Nothing can bring them back") in words(app)
    click(app, f"purge.{new.id}")
    assert Store(home).deleted() == [] and not has_button(app, "undo")
    assert not [path for path in home.rglob("*") if new.id in path.name]
    assert not [link for link in open_files() if new.id in link]


def test_emptying_the_trash_asks_first(open_app: Open, home: Path) -> None:
    made = two(home)
    for snapshot in made:
        Store(home).delete(snapshot.id)
    app = shown(open_app, "en", "trash")
    opening(app, "ask.empty")
    assert "2 snapshots leave the disk" in words(app)
    click(app, "purge.empty")
    assert not any((home / "trash").iterdir())


def test_the_days_in_the_trash_are_the_users(open_app: Open, home: Path) -> None:
    old, _ = two(home)
    Store(home).delete(old.id)
    app = shown(open_app, "en", "trash")
    assert "for 30 days" in words(app)
    app.number_input(key="trash.keep").set_value(7).run()
    assert Settings(home).trash_days == 7
    assert "for 7 days" in words(app)


@LANGUAGES
def test_what_takes_room_is_said(open_app: Open, home: Path, lang: str) -> None:
    old, _ = two(home)
    app = shown(open_app, lang, f"menu.{old.id}")
    assert ("占用磁盘" if lang == "zh" else "on the disk: snapshots") in words(app)
    assert ("原始文件 0 KB" if lang == "zh" else "original files 0 KB") in words(app)


@LANGUAGES
def test_two_snapshots_compared(open_app: Open, home: Path, lang: str) -> None:
    old, _ = two(home)
    app = shown(open_app, lang, "compare")
    said = words(app)
    assert ("新增商机 1 个" if lang == "zh" else "1 new deal") in said
    assert ("消失 1 个" if lang == "zh" else "1 gone") in said
    deals, tables = app.dataframe
    assert list(deals.value["name"]) == ["=商机d3"]  # what is gone is listed first
    counts = tables.value.set_index("table_name").loc["商机" if lang == "zh" else "deals"]
    assert list(counts) == [3, 3, 1, 1, 1]
    app.selectbox(key="compare.before").set_value(app.selectbox(key="compare.after").value).run()
    assert ("两份不同" if lang == "zh" else "two different") in words(app)
    assert app.query_params["before"] != old.id


def test_a_link_opens_the_comparison(open_app: Open, home: Path) -> None:
    old, new = two(home)
    app = open_app("data", lang="en", room="snapshots", after=new.id, before=old.id, kind="amount")
    assert list(app.dataframe[0].value["change"]) == [50]


def test_one_snapshot_has_nothing_to_be_compared_with(open_app: Open, home: Path) -> None:
    build_snapshot(home, {"opportunities": [{**DEAL, "opportunity_id": "d1"}]}, "2026-03-31")
    assert "It takes two snapshots" in words(shown(open_app, "en", "compare"))


def test_another_firms_file_is_doubted(open_app: Open, home: Path) -> None:
    for day, mark in (("2026-02-28", "a"), ("2026-03-31", "b")):
        deals: list[dict[str, Any]] = [{**DEAL, "opportunity_id": f"{mark}{n}"} for n in range(20)]
        build_snapshot(home, {"opportunities": deals}, day)
    assert "may be another firm" in words(shown(open_app, "en", "compare"))


@LANGUAGES
def test_the_same_files_again_are_said_and_may_be_imported(
    open_app: Open, home: Path, tmp_path: Path, lang: str
) -> None:
    first = imported(home, tmp_path, "2026-01-31", "A")
    imported(home, tmp_path, "2026-03-31", "B")
    app = open_app("data", lang=lang)
    app.file_uploader[0].set_value([("again.csv", (tmp_path / "2026-01-31.csv").read_bytes(), "text/csv")]).run()
    assert not app.exception
    assert ("一模一样" if lang == "zh" else "These very files") in words(app)
    # the proposed day is older than the newest snapshot: that is a question
    assert app.button(key="upload.go").disabled
    click(app, f"likeness.use.{first.id}")
    assert (current := Store(home).current()) is not None and current.id == first.id
    next(box for box in app.checkbox if (box.key or "").startswith("likeness.")).check().run()
    assert not app.button(key="upload.go").disabled


def open_files() -> list[str]:
    """Where the open handles of this process lead; [] where the system does not tell."""
    found = []
    for link in Path("/proc/self/fd").glob("*"):
        try:
            found.append(str(link.readlink()))
        except OSError:  # the handle of the listing itself
            continue
    return found

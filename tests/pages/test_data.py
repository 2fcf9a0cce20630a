"""The data page: first visit, upload from recognition to result, quality, snapshots and their undo."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import DateInput

from dashboard.snapshots.store import Store
from tests.builders import build_snapshot
from tests.pages.conftest import Open

AS_OF = dt.date(2026, 3, 31)
USERS = "user_id,name,team,role\nu1,王芳,华东,rep\nu2,李强,华南,rep\n"
DEALS = (
    "opportunity_id,name,owner_id,pipeline,stage,outcome,amount,created_at,expected_close_on\n"
    "d1,=HYPERLINK(1),u1,标准,需求,open,1200.50,2026-03-01,2026-05-01\n"
    "d2,![x](http://evil.test),u9,标准,需求,open,很多,2026-03-02,\n"
    ",无编号,u1,标准,需求,open,5,2026-03-03,\n"
)


def words(app: AppTest) -> str:
    """All text of the page."""
    kinds = (app.markdown, app.caption, app.error, app.success, app.warning)
    return "\n".join(str(element.value) for elements in kinds for element in elements)


def drop(app: AppTest, *files: tuple[str, str]) -> AppTest:
    app.file_uploader[0].set_value([(name, text.encode(), "text/csv") for name, text in files]).run()
    assert not app.exception
    return app


def day(app: AppTest) -> DateInput:
    """The day for which the dropped files are to count."""
    (found,) = [one for one in app.date_input if str(one.key).startswith("upload.as_of")]
    return found


@pytest.mark.parametrize(("lang", "said"), [("zh", "还没有数据"), ("en", "There is no data yet")])
def test_first_visit_shows_the_way_to_data(open_app: Open, lang: str, said: str) -> None:
    app = open_app("data", lang=lang)
    assert said in words(app)
    assert len(app.file_uploader) == 1


def test_upload_from_recognition_to_result(open_app: Open, home: Path) -> None:
    app = drop(open_app("data", lang="zh"), ("users.csv", USERS), ("deals.csv", DEALS))
    labels = [expander.label for expander in app.expander if "csv" in expander.label]
    assert len(labels) == 2 and any("商机" in label and "3 行" in label for label in labels)
    assert not list((home / "snapshots").glob("*.duckdb"))
    # the last row of the deals was created on 3 March: that day is proposed, and may be changed
    assert day(app).value == dt.date(2026, 3, 3)
    day(app).set_value(AS_OF).run()
    app.button(key="upload.go").click().run()
    assert not app.exception
    assert "收下 3 行，合并重复 0 行，留下不用 2 行，共 5 行" in words(app)
    (snapshot,) = Store(home).list()
    assert snapshot.n_rows["opportunities"] == 1
    assert not any((home / "jobs").iterdir())
    assert "x](http" not in words(app)


def test_without_a_date_in_the_files_the_day_is_asked(open_app: Open) -> None:
    app = drop(open_app("data", lang="zh"), ("users.csv", USERS))
    assert "没能从文件里看出日期" in words(app) and app.button(key="upload.go").disabled


def test_a_file_that_is_no_table_says_what_to_do(open_app: Open, home: Path) -> None:
    app = drop(open_app("data", lang="en"), ("deals.csv", "%PDF-1.7 this is not a table"))
    assert "Choose CSV as the format" in words(app)
    assert not list((home / "snapshots").iterdir())
    assert not any((home / "jobs").iterdir())


def test_day_and_month_are_asked_when_nothing_tells(open_app: Open, home: Path) -> None:
    heads = "Id,Name,OwnerId,StageName,Amount,CloseDate,CreatedDate,IsWon,IsClosed"
    deals = f"{heads}\n006a,a,005a,New,5,03/04/2025,03/04/2025,0,0\n"
    app = drop(open_app("data", lang="en"), ("Opportunity.csv", deals))
    assert "03/04/2025" in app.radio(key="upload.date_order").label.replace("\\", "")
    assert app.button(key="upload.go").disabled
    app.radio(key="upload.date_order").set_value("dmy").run()
    day(app).set_value(dt.date(2025, 5, 1)).run()
    assert not app.button(key="upload.go").disabled
    app.button(key="upload.go").click().run()
    assert [s.as_of.isoformat() for s in Store(home).list()] == ["2025-05-01"]


def test_the_decimal_mark_is_asked_when_nothing_tells(open_app: Open, home: Path) -> None:
    heads = "Id,Name,OwnerId,StageName,Amount,CloseDate,CreatedDate,IsWon,IsClosed"
    deals = f"{heads}\n006a,a,005a,New,1.234,2025-04-03,2025-04-03,0,0\n"
    app = drop(open_app("data", lang="zh"), ("Opportunity.csv", deals))
    assert "1.234" in app.radio(key="upload.decimal").label.replace("\\", "")
    assert app.button(key="upload.go").disabled
    app.radio(key="upload.decimal").set_value("comma").run()
    app.button(key="upload.go").click().run()
    (snapshot,) = Store(home).list()
    assert snapshot.recipe["decimal"] == "comma"


def test_snapshots_can_be_used_deleted_and_brought_back(open_app: Open, home: Path) -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "users": [{"user_id": "u1", "name": "a"}],
        "opportunities": [{"opportunity_id": "d1", "owner_id": "u1"}],
    }
    old = build_snapshot(home, tables, "2026-02-28")
    new = build_snapshot(home, tables, "2026-03-31")
    store = Store(home)
    app = open_app("data", lang="zh")
    assert "截至 2026年3月31日 · 上一份：2026年2月28日" in words(app).replace("\\", "")
    app.button(key=f"activate.{old.id}").click().run()
    assert store.current() == old
    app.session_state[f"menu.{new.id}"] = True
    app.run()
    app.button(key=f"delete.{new.id}").click().run()
    assert [s.id for s in store.list()] == [old.id]
    app.button(key="undo").click().run()
    assert {s.id for s in store.list()} == {old.id, new.id}
    assert not app.exception


def test_language_is_one_click_and_stays_in_the_address(open_app: Open) -> None:
    app = open_app("data", lang="zh")
    app.button(key="lang").click().run()
    assert app.query_params["lang"] == "en"
    assert "There is no data yet" in words(app)


def test_a_file_of_no_use_does_not_keep_the_others_out(open_app: Open, home: Path) -> None:
    app = drop(
        open_app("data", lang="en"), ("notes.csv", "%PDF-1.7 no table"), ("deals.csv", DEALS), ("users.csv", USERS)
    )
    labels = [one.label.replace("\\", "") for one in app.expander]
    assert any("“notes.csv” is a PDF" in label for label in labels)
    app.button(key="upload.go").click().run()
    assert not app.exception
    (snapshot,) = Store(home).list()
    assert [*snapshot.originals] == ["deals.csv", "users.csv"]

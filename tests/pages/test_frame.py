"""What surrounds every page: filters that hold, links that travel, and errors that say nothing about customers."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dashboard.snapshots.store import Store
from dashboard.ui.frame import report
from tests.builders import build_snapshot
from tests.pages.conftest import Open

FIRM: dict[str, list[dict[str, object]]] = {
    "users": [{"user_id": "u1", "name": "王芳", "team": "华东"}, {"user_id": "u2", "name": "李强", "team": "华南"}],
    "opportunities": [
        {"opportunity_id": "d1", "owner_id": "u1", "amount": 5, "pipeline": "p", "stage": "s", "outcome": "open"},
        {"opportunity_id": "d2", "owner_id": "u2", "amount": 7, "pipeline": "p", "stage": "s", "outcome": "open"},
    ],
}


@pytest.mark.parametrize("page", ["desk", "funnel", "salesperson", "deal"])
@pytest.mark.parametrize(("lang", "said"), [("zh", "上传导出文件"), ("en", "Upload exported files")])
def test_without_data_every_page_shows_how_to_begin(open_app: Open, page: str, lang: str, said: str) -> None:
    app = open_app(page, lang=lang)
    assert app.button(key="first.upload").label == said
    assert not app.error
    app.button(key="first.upload").click().run()
    assert len(app.file_uploader) == 1


def test_filters_hold_across_pages_and_reset_in_one_click(open_app: Open, home: Path) -> None:
    build_snapshot(home, FIRM, "2026-03-31")
    app = open_app("funnel", lang="zh", team="华东", period="last_year")
    app.query_params.clear()  # what the navigation does
    app.switch_page("../pages/salesperson.py").run()
    assert app.query_params == {"lang": "zh", "period": "last_year", "team": "华东"}
    assert app.selectbox(key="filter.period").value == "last_year"
    app.selectbox(key="filter.period").set_value("this_month").run()
    assert app.query_params["period"] == "this_month"
    next(button for button in app.button if button.label == "恢复默认").click().run()
    assert app.query_params == {"lang": "zh"}
    assert not app.error


def test_values_that_the_snapshot_does_not_know_are_named_and_ignored(open_app: Open, home: Path) -> None:
    build_snapshot(home, FIRM, "2026-03-31")
    app = open_app("salesperson", lang="en", team="Nowhere", snapshot="../../etc/passwd")
    captions = " ".join(str(caption.value) for caption in app.caption)
    assert "Not in this snapshot, and ignored: Nowhere" in captions
    assert "no longer there" in captions
    assert not app.error


def test_a_damaged_snapshot_is_said_in_a_sentence(open_app: Open, home: Path) -> None:
    snapshot = build_snapshot(home, FIRM, "2026-03-31")
    path = Store(home).data_path(snapshot.id)
    path.chmod(0o600)
    path.write_bytes(b"nothing" + path.read_bytes()[7:])
    app = open_app("salesperson", lang="en")  # the page opened before this one found it and said so
    assert "snapshot as of 31 Mar 2026 was found damaged" in app.warning[0].value.replace("\\", "")
    assert not Store(home).list()


def test_the_log_line_of_an_error_holds_no_customer_text(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("南宁安达 owes 5")
    except ValueError as error:
        with caplog.at_level(logging.ERROR):
            number = report(error)
    line = caplog.text
    assert number in line and "ValueError" in line and "test_frame.py" in line
    assert "南宁安达" not in line

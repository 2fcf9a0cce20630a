"""The mapping screen: files that no profile knows, from the first guess to a snapshot, and what is remembered."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.settings import Settings
from dashboard.snapshots.store import Store
from tests.intake.flat import DEALS, FILES
from tests.pages.conftest import Open
from tests.pages.test_data import drop, words


def button(app: AppTest, label: str):
    """The button with this label, wherever it stands."""
    return next(one for one in app.button if one.label == label)


@pytest.fixture
def dropped(open_app: Open, request: pytest.FixtureRequest) -> AppTest:
    app = open_app("data", lang=getattr(request, "param", "en"))
    app = drop(app, *FILES.items())
    app.default_timeout = 60
    return app


@pytest.mark.parametrize(
    ("dropped", "guess", "missing", "order"),
    [
        ("zh", "没见过的表头，推测是：商机", "80 行提到的名字", "阶段的先后"),
        ("en", "unknown headings, probably: deals", "80 rows mention names", "The order of the stages"),
    ],
    indirect=["dropped"],
)
def test_unknown_files_are_guessed_and_tried_out(dropped: AppTest, guess: str, missing: str, order: str) -> None:
    assert any(guess in expander.label for expander in dropped.expander)
    assert any(missing in expander.label for expander in dropped.expander) and order in words(dropped)
    assert [box.value for box in dropped.selectbox if (box.key or "").startswith("mapping.use.")] == [
        "opportunities",
        "users",
        "accounts",
        "products",
    ]


def test_a_name_spelt_differently_is_mended_and_the_files_imported(dropped: AppTest, home: Path) -> None:
    app = button(dropped, "Mend and try again").click().run()
    assert not app.exception and not any("mention names" in expander.label for expander in app.expander)
    app.button(key="upload.go").click().run()
    assert not app.exception
    (snapshot,) = Store(home).list()
    assert snapshot.n_rows["opportunities"] == DEALS
    (kept,) = snapshot.recipe["mappings"]
    lines = [into for one in tomllib.loads(kept)["object"] for into in one["into"] if into["table"] == "line_items"]
    assert lines[0]["fields"]["product_id"] == {"from": "product", "replace": {"GTXPro": "GTX Pro"}}


def test_what_was_decided_is_remembered_for_the_next_upload_until_it_is_forgotten(dropped: AppTest, home: Path) -> None:
    button(dropped, "Mend and try again").click().run()
    dropped.button(key="upload.go").click().run()
    assert len(Settings(home).mappings()) == 4
    app = drop(dropped, *FILES.items())
    assert all("by your mapping" in one.label for one in app.expander if ".csv" in one.label)
    assert not any("mention names" in expander.label for expander in app.expander)
    app.button(key="upload.unlearn").click().run()
    assert Settings(home).mappings() == {}
    assert any("unknown headings" in expander.label for expander in app.expander)


def test_a_file_can_be_left_out(dropped: AppTest) -> None:
    box = next(one for one in dropped.selectbox if one.value == "products")
    app = box.set_value("-").run()
    assert not app.exception
    assert not any(one.value == "products" for one in app.selectbox)
    # without a list of products they are made from the names in the deals
    assert "made from the names in the other files: products" in words(app)


def test_a_file_that_looks_like_nothing_can_be_told_what_it_is(open_app: Open) -> None:
    odd = "wer,was,wieviel\nAna,X-1,10\nBen,X-2,20\n"
    app = drop(open_app("data", lang="en"), ("odd.csv", odd))
    assert app.button(key="upload.go").disabled
    box = next(one for one in app.selectbox if (one.key or "").startswith("mapping.use."))
    assert box.value == "-"
    app = box.set_value("opportunities").run()
    assert not app.exception
    assert any("by your mapping: deals" in expander.label for expander in app.expander)

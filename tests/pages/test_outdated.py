"""A snapshot that another version built: said in a sentence, and mended by a button on the Data page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.intake.job import run_import
from dashboard.snapshots.assembly import SCHEMA_VERSION
from dashboard.snapshots.store import Store

ROOT = Path(__file__).resolve().parents[2]
DEALS = "opportunity_id,name,stage,outcome,amount,created_at\nd1,One,Offer,open,10,2026-09-01\n"


@pytest.fixture
def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose only snapshot says that an older schema made it."""
    home = tmp_path / "home"
    upload = tmp_path / "deals.csv"
    upload.write_text(DEALS, encoding="utf-8")
    made = run_import([upload], home).snapshot
    manifest = home / "snapshots" / f"{made.id}.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**facts, "schema_version": 0}), encoding="utf-8")
    monkeypatch.setenv("SALES_COCKPIT_HOME", str(home))
    return home


@pytest.mark.parametrize(("lang", "words"), [("zh", "重建"), ("en", "rebuilt")])
def test_a_page_says_that_the_snapshot_must_be_rebuilt(old_home: Path, lang: str, words: str) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    app.query_params["lang"] = lang
    app.run()
    assert not app.exception
    assert any(words in warning.value for warning in app.warning)


def test_the_button_rebuilds_it(old_home: Path) -> None:
    app = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60)
    app.query_params["lang"] = "en"
    app.run()
    app.switch_page("../pages/data.py").run()
    (old,) = Store(old_home).list()
    app.button(key=f"rebuild.{old.id}").click().run()
    (new,) = Store(old_home).list()
    assert new.id != old.id and new.schema_version == SCHEMA_VERSION
    assert not app.exception

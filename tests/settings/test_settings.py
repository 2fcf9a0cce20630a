"""Settings: defaults, what is written comes back, and the database is the user's alone."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest

from dashboard.playbook import Rule, StageStandard
from dashboard.settings import DEFAULT_TIERS, AccessEntry, Authority, Holiday, Settings, Tier


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home")


def test_defaults_need_no_file(settings: Settings) -> None:
    assert settings.fiscal_start == 1
    assert settings.get("language") is None
    assert settings.get("nothing", 7) == 7
    assert (settings.playbook(), settings.authority(), settings.calendar(), settings.access()) == ([], [], [], [])
    assert settings.tiers() == DEFAULT_TIERS
    assert settings.dismissed("main") == {}
    assert settings.mappings() == {}
    assert not settings.path.exists()


def test_single_values(settings: Settings) -> None:
    settings.set("fiscal_year_start_month", 4)
    settings.set("language", "zh")
    assert (settings.fiscal_start, Settings(settings.path.parent).get("language")) == (4, "zh")
    assert stat.S_IMODE(settings.path.stat().st_mode) == 0o600
    settings.set("fiscal_year_start_month", 13)
    assert settings.fiscal_start == 1
    settings.set("language", None)
    assert settings.get("language", "en") == "en"


def test_actions_belong_to_a_series(settings: Settings) -> None:
    settings.dismiss("main", "silent:d1", "done", dt.date(2026, 3, 31))
    settings.dismiss("main", "silent:d1", "dismissed", dt.date(2026, 4, 30))
    settings.dismiss("demo-zh", "silent:d2", "done", dt.date(2026, 3, 31))
    assert settings.dismissed("main") == {"silent:d1": "dismissed"}
    settings.undismiss("main", "silent:d1")
    assert settings.dismissed("main") == {}
    assert settings.dismissed("demo-zh") == {"silent:d2": "done"}


def test_mappings_are_remembered_by_signature(settings: Settings) -> None:
    settings.remember_mapping("s1", 'name = "客户"')
    assert settings.mappings() == {"s1": 'name = "客户"'}
    settings.remember_mapping("s1", 'name = "商机"')
    assert settings.mappings() == {"s1": 'name = "商机"'}
    settings.forget_mapping("s1")
    assert settings.mappings() == {}


def test_tables_are_replaced_whole(settings: Settings) -> None:
    stages = [
        StageStandard("main", "报价", (Rule("quote"), Rule("meeting", 2)), 14.0, None),
        StageStandard("main", "需求"),
    ]
    settings.set_playbook(stages)
    settings.set_authority([Authority("role", "rep", "discount", 0.1)])
    settings.set_tiers([Tier("VIP", 1, "threshold", 1_000_000.0)])
    settings.set_calendar([Holiday(dt.date(2026, 10, 1), False, "国庆")])
    settings.set_access([AccessEntry(" Boss@X.cn", "boss")])
    assert settings.playbook() == stages
    assert settings.authority() == [Authority("role", "rep", "discount", 0.1)]
    assert settings.tiers() == [Tier("VIP", 1, "threshold", 1_000_000.0)]
    assert settings.calendar() == [Holiday(dt.date(2026, 10, 1), False, "国庆")]
    assert settings.access() == [AccessEntry("boss@x.cn", "boss")]
    settings.set_tiers([])
    assert settings.tiers() == DEFAULT_TIERS


def test_an_address_stands_in_the_access_list_once(settings: Settings) -> None:
    settings.set_access([AccessEntry("a@x.cn", "boss")])
    with pytest.raises(ValueError, match="twice"):
        settings.set_access([AccessEntry("b@x.cn", "boss"), AccessEntry("B@x.cn", "rep", "u1")])
    assert settings.access() == [AccessEntry("a@x.cn", "boss")]

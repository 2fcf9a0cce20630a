"""The address: what a link says, what it leaves to the session, and what it may not say."""

from __future__ import annotations

from dashboard.ui import address


def test_a_new_visitor_gets_his_browsers_language_and_the_defaults():
    assert address.read({}, None, "en-GB") == ({"lang": ("en",)}, {})
    assert address.read({}, None, "fr") == ({"lang": ("zh",)}, {})
    assert address.read({}, None, None) == ({"lang": ("zh",)}, {})


def test_a_link_opens_the_same_view_in_a_new_browser():
    state = {"lang": ("zh",), "period": ("last_year",), "team": ("华东", "华南"), "snapshot": ("s1",)}
    url = address.write(state, {"opportunity_id": "00123"})
    assert url == {
        "lang": ["zh"],
        "period": ["last_year"],
        "team": ["华东", "华南"],
        "snapshot": ["s1"],
        "opportunity_id": ["00123"],
    }
    assert address.read(url, None, "en-US") == (state, {"opportunity_id": "00123"})


def test_a_link_that_names_its_language_states_the_whole_view():
    session: address.State = {"lang": ("en",), "period": ("last_year",), "team": ("a",)}
    assert address.read({"lang": ["zh"]}, session, None)[0] == {"lang": ("zh",)}


def test_filters_hold_when_the_navigation_clears_the_address():
    session: address.State = {"lang": ("en",), "period": ("last_year",), "team": ("a",)}
    assert address.read({}, session, None) == (session, {})
    changed, own = address.read({"team": ["b"], "user_id": ["u"]}, session, None)
    assert changed == {"lang": ("en",), "period": ("last_year",), "team": ("b",)}
    assert own == {"user_id": "u"}


def test_what_is_not_a_code_is_ignored():
    url = {"lang": ["今天"], "period": ["本季度"], "compare": ["'; drop"], "team": ["x" * 201, "", "y", "y"]}
    assert address.read(url, None, "en") == ({"lang": ("en",), "team": ("y",)}, {})


def test_defaults_stay_out_of_the_address():
    assert address.write({"lang": ("zh",)}, {"user_id": ""}) == {"lang": ["zh"]}
    state = address.changed({"lang": ("zh",)}, "period", ("last_month",))
    assert address.value(state, "period") == "last_month"
    assert address.changed(state, "period", ("this_quarter",)) == {"lang": ("zh",)}
    assert address.value({}, "period") == "this_quarter"

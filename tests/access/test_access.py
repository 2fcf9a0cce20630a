"""Who sees whose rows."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.access import BOSS, NOBODY, Viewer, viewer_as, viewer_of, visible_users

# boss 1 ← managers 2 and 3; 2 ← reps 4, 5; 5 ← trainee 6; 7 and 8 manage one another; 9 leads team East without reports
HIERARCHY = {1: None, 2: 1, 3: 1, 4: 2, 5: 2, 6: 5, 7: 8, 8: 7, 9: None, 10: None, 11: 11, 12: 11, 13: 7}
TEAMS = {9: "East", 10: "East"}
USERS: list[dict[str, Any]] = [
    {"user_key": key, "user_id": f"u{key}", "manager_key": manager, "team": TEAMS.get(key), "role": "rep"}
    for key, manager in HIERARCHY.items()
]


@pytest.mark.parametrize(
    ("user_id", "role", "seen"),
    [
        ("u4", "rep", {4}),
        ("u2", "rep", {2}),
        ("u2", "manager", {2, 4, 5, 6}),
        ("u1", "manager", {1, 2, 3, 4, 5, 6}),
        ("u3", "manager", {3}),
        ("u7", "manager", {7}),  # in a circle with 8: nobody is above
        ("u9", "manager", {9, 10}),  # nobody reports to him: his team
        ("u11", "manager", {11, 12}),  # his own manager: top of the line
        ("u99", "rep", set()),
        ("u99", "manager", set()),
        (None, "rep", set()),
        (None, "manager", set()),
        ("u4", "", set()),
        ("u4", "Boss", set()),
    ],
)
def test_visible_users(user_id: str | None, role: str, seen: set[int]) -> None:
    assert visible_users(Viewer(user_id, role), USERS) == frozenset(f"u{key}" for key in seen)


def test_a_boss_sees_everybody() -> None:
    assert visible_users(BOSS, USERS) is None
    assert visible_users(Viewer("u4", "boss"), []) is None


def test_viewer_of_an_address() -> None:
    entries: list[dict[str, Any]] = [
        {"email": "Boss@x.cn", "role": "boss", "user_id": None},
        {"email": "rep@x.cn", "role": "rep", "user_id": "u4"},
        {"email": "twice@x.cn", "role": "rep", "user_id": "u4"},
        {"email": "TWICE@x.cn", "role": "boss", "user_id": None},
        {"email": "odd@x.cn", "role": "owner", "user_id": None},
    ]
    assert viewer_of(" boss@X.cn", entries) == BOSS
    assert viewer_of("rep@x.cn", entries) == Viewer("u4", "rep")
    for address in ("twice@x.cn", "odd@x.cn", "nobody@x.cn", "", None):
        assert viewer_of(address, entries) == NOBODY
    assert visible_users(NOBODY, USERS) == frozenset()


def test_a_user_of_the_crm_as_viewer() -> None:
    assert viewer_as(USERS[1], USERS) == Viewer("u2", "manager")
    assert viewer_as(USERS[3], USERS) == Viewer("u4", "rep")
    assert viewer_as({**USERS[3], "role": "director"}, USERS) == Viewer("u4", "manager")

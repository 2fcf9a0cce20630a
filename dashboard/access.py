"""Access: who is looking, and whose rows he may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES = ("boss", "manager", "rep")


@dataclass(frozen=True)
class Viewer:
    """Somebody looking at a page: his id in the CRM (None for a boss who has none) and his role, one of ROLES."""

    user_id: str | None
    role: str


BOSS = Viewer(None, "boss")
NOBODY = Viewer(None, "rep")

User = Mapping[str, Any]


def visible_users(viewer: Viewer, users: Sequence[User]) -> frozenset[str] | None:
    """Ids of the users whose rows a viewer sees; None = everybody's, and nobody's as well.

    `users`: rows with user_key, user_id, manager_key, team. A boss sees all; a manager those below him, or where
    nobody reports to him his team; a rep himself; anyone else, or a user the CRM does not know, nothing. Who stands in
    a circle of managers sees only himself, since nothing says who is above whom.
    """
    if viewer.role == "boss":
        return None
    me = next((u for u in users if viewer.user_id is not None and u["user_id"] == viewer.user_id), None)
    if me is None or viewer.role not in ROLES:
        return frozenset()
    if viewer.role == "rep" or _is_in_circle(me, users):
        return frozenset({me["user_id"]})
    below = _below(me, users)
    if not below and me.get("team"):
        below = [u["user_id"] for u in users if u.get("team") == me["team"]]
    return frozenset({me["user_id"], *below})


def viewer_of(email: str | None, entries: Iterable[Mapping[str, Any]]) -> Viewer:
    """The viewer behind a verified e-mail address by the access rows (email, role, user_id); NOBODY when unknown.

    Look this up in every run: a right taken away is gone at the next click.
    """
    wanted = (email or "").strip().casefold()
    found = [e for e in entries if wanted and str(e["email"]).strip().casefold() == wanted]
    if len(found) != 1 or found[0]["role"] not in ROLES:
        return NOBODY
    return Viewer(found[0].get("user_id"), str(found[0]["role"]))


def viewer_as(user: User, users: Sequence[User]) -> Viewer:
    """The viewer that a user of the CRM would be: a manager when somebody reports to him or his role says so."""
    leads = any(u.get("manager_key") == user["user_key"] and u is not user for u in users)
    is_manager = leads or user.get("role") in ("manager", "director")
    return Viewer(user["user_id"], "manager" if is_manager else "rep")


def _is_in_circle(me: User, users: Sequence[User]) -> bool:
    managers = {u["user_key"]: u.get("manager_key") for u in users}
    seen: set[Any] = set()
    key = managers.get(me["user_key"])
    if key == me["user_key"]:
        return False  # his own manager: how some CRMs write "nobody above"
    while key is not None and key not in seen:
        if key == me["user_key"]:
            return True
        seen.add(key)
        key = managers.get(key)
    return False


def _below(me: User, users: Sequence[User]) -> list[str]:
    reports: dict[Any, list[User]] = {}
    for user in users:
        if user.get("manager_key") is not None:
            reports.setdefault(user["manager_key"], []).append(user)
    found: dict[Any, str] = {}
    waiting = [me["user_key"]]
    while waiting:
        for user in reports.get(waiting.pop(), []):
            if user["user_key"] not in found and user["user_key"] != me["user_key"]:
                found[user["user_key"]] = user["user_id"]
                waiting.append(user["user_key"])
    return list(found.values())

"""People: whose rows a viewer sees within the team filter, as the keys that each snapshot gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: The engine's own statement for what `visible_users` and the team filter need.
USERS_SQL = (
    "select user_key, user_id, name, email, role, manager_key, team, left_on from {side}.main.users order by user_key"
)

User = Mapping[str, Any]


def owners_of(
    users: Sequence[User], visible: frozenset[str] | None, teams: Sequence[str], today: Sequence[User] | None = None
) -> tuple[int, ...]:
    """Keys of the users of one snapshot that may be seen and are in one of the teams (all when there are none).

    `visible`: ids, None = all. `today`: for the snapshot before, the users of the snapshot itself: who is still there
    counts where he is now, so that both sides compare the same people; who has left counts where he was.
    """
    now = {u["user_id"]: u for u in today} if today is not None else {}
    chosen = []
    for user in users:
        team = now.get(user["user_id"], user)["team"]
        if (visible is None or user["user_id"] in visible) and (not teams or team in teams):
            chosen.append(int(user["user_key"]))
    return tuple(chosen)


def whole_teams(users: Sequence[User], owners: Sequence[int]) -> tuple[str, ...]:
    """Teams all of whose present members are among the owners: only then is the team's goal theirs to see."""
    seen, among = set(), frozenset(owners)
    broken = set()
    for user in users:
        if user["team"] is None:
            continue
        if user["user_key"] in among:
            seen.add(user["team"])
        elif user["left_on"] is None:
            broken.add(user["team"])
    return tuple(sorted(seen - broken))

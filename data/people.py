"""The staff of a firm, and how each of them works."""

from __future__ import annotations

from datetime import date
from random import Random

from data.model import Person, Traits
from data.vocabulary import Staff, Vocabulary

START = date(2024, 9, 1)
NOVICE_HIRED = date(2026, 8, 3)
LEAVER_LEFT = date(2026, 9, 15)

# The planted people are far from the others on purpose: a page that misses them is broken.
ARCHETYPES = {
    "owner": Traits("owner"),
    "manager": Traits("manager"),
    "star": Traits(
        "star",
        weight=1.1,
        skill=0.62,
        effect=0.84,
        tempo=0.85,
        diligence=0.12,
        discount=0.03,
        join=0.78,
        approval=1.0,
        tidy=0.97,
        linger=0.03,
        foresight=0.92,
        prompt=0.95,
    ),
    "weak": Traits(
        "weak",
        weight=0.95,
        skill=-0.75,
        effect=0.6,
        tempo=1.35,
        diligence=-0.22,
        discount=0.11,
        join=0.004,
        approval=0.008,
        tidy=0.08,
        linger=0.72,
        foresight=0.12,
        prompt=0.4,
    ),
    "steady": Traits("steady"),
    "careful": Traits(
        "careful", weight=0.95, skill=0.05, effect=0.77, tempo=1.1, diligence=0.1, discount=0.065, prompt=0.85
    ),
    "hasty": Traits(
        "hasty", weight=1.1, skill=-0.08, effect=0.7, tempo=0.8, diligence=-0.1, discount=0.095, prompt=0.65
    ),
    "solid": Traits("solid", weight=1.05, skill=0.14, effect=0.77, discount=0.065, foresight=0.6, prompt=0.85),
    "leaver": Traits("leaver", weight=0.9, skill=-0.1, prompt=0.6),
    "novice": Traits("novice", weight=0.75, skill=-0.2, effect=0.68, join=0.3, approval=0.3),
    "inflator": Traits(
        "inflator", weight=0.85, effect=0.7, discount=0.09, join=0.03, approval=0.02, tidy=0.7, foresight=0.2
    ),
}


def _hired(rng: Random, archetype: str) -> date:
    if archetype == "novice":
        return NOVICE_HIRED
    first = date(2016, 3, 1) if archetype in ("owner", "manager") else date(2020, 3, 1)
    return date.fromordinal(first.toordinal() + rng.randrange(1400))


def hire(vocabulary: Vocabulary, seed: int) -> list[Person]:
    """Everybody who ever worked there, owner first, then managers, then salespeople."""
    rng = Random(f"{seed}:{vocabulary.language}:people")

    def person(key: str, staff: Staff, role: str, team: str, manager: str) -> Person:
        name = vocabulary.person_pattern.format(first=staff.first, last=staff.last)
        left = LEAVER_LEFT if staff.archetype == "leaver" else None
        return Person(
            key,
            name,
            staff.first,
            staff.last,
            staff.login,
            role,
            team,
            staff.title,
            manager,
            _hired(rng, staff.archetype),
            left,
            ARCHETYPES[staff.archetype],
        )

    found = [person("B1", vocabulary.owner, "owner", vocabulary.headquarters, "")]
    for number, team in enumerate(vocabulary.teams, 2):
        found.append(person(f"M{number}", team.manager, "manager", team.name, "B1"))
    number = len(found)
    for position, team in enumerate(vocabulary.teams, 2):
        for staff in team.reps:
            number += 1
            found.append(person(f"M{number}", staff, "rep", team.name, f"M{position}"))
    return found

"""The words of one firm: names, places, goods and phrases, in its own language."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Item:
    """One product on the price list."""

    family: int
    name: str
    model: str
    price: float
    cost: float
    unit: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Staff:
    """One colleague: given name, surname, login, and what the simulation makes of him."""

    first: str
    last: str
    login: str
    title: str
    archetype: str


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    base: str
    manager: Staff
    reps: tuple[Staff, ...]
    places: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    language: str
    owner: Staff
    headquarters: str
    teams: tuple[Team, ...]
    surnames: tuple[str, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]
    person_pattern: str
    brands: tuple[str, ...]
    trades: tuple[tuple[str, str], ...]
    suffixes: tuple[str, ...]
    company_pattern: str
    short_pattern: str
    families: tuple[str, ...]
    items: tuple[Item, ...]
    item_code: str
    deciders: tuple[tuple[str, str], ...]
    influencers: tuple[tuple[str, str], ...]
    users: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    needs: tuple[str, ...]
    purposes: tuple[str, ...]
    competitors: tuple[str, ...]
    loss_reasons: tuple[str, ...]
    deal_kinds: tuple[str, str, str]
    next_steps: tuple[str, ...]
    openings: dict[str, tuple[str, ...]]
    results: dict[str, tuple[str, ...]]
    closers: tuple[str, ...]
    care: tuple[str, ...]
    care_notes: tuple[str, ...]
    collections: tuple[str, ...]
    copied_note: str
    tasks: tuple[str, ...]
    manager_tasks: tuple[str, ...]
    case_texts: dict[str, tuple[str, ...]]
    expense_kinds: tuple[tuple[str, float], ...]
    expense_purposes: tuple[str, ...]
    customer_notes: tuple[str, ...]
    contact_notes: tuple[str, ...]
    methods: tuple[str, ...]
    terms: tuple[str, ...]
    order_title: str
    renewal: str
    big_deal: str

    def person(self, rng: Random) -> tuple[str, str, str, bool]:
        """Given name, surname, full name, and whether a man."""
        male = rng.random() < 0.66
        first = rng.choice(self.men if male else self.women)
        last = rng.choice(self.surnames)
        return first, last, self.person_pattern.format(first=first, last=last), male

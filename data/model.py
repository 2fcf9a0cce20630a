"""What is true in a simulated firm, free of any CRM's headings.

A thing that changes over time keeps its whole trail, so that a renderer can ask what was known at a moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Trail(Generic[T]):
    """The values one field had, each with the moment and the author of the change, oldest first."""

    steps: list[tuple[datetime, T, str]] = field(default_factory=list)

    def set(self, at: datetime, value: T, by: str) -> None:
        """Record a value; an edit never predates the one before it."""
        if self.steps and at < self.steps[-1][0]:
            at = self.steps[-1][0]
        self.steps.append((at, value, by))

    def cut(self, moment: datetime) -> None:
        """Forget what came after the moment."""
        self.steps = [step for step in self.steps if step[0] <= moment]

    def at(self, moment: datetime) -> T:
        """The value at the moment, or the first one when the moment lies before it."""
        value = self.steps[0][1]
        for when, step, _ in self.steps:
            if when > moment:
                break
            value = step
        return value

    def since(self, moment: datetime) -> datetime:
        """When the value of that moment was set."""
        found = self.steps[0][0]
        for when, _, _ in self.steps:
            if when > moment:
                break
            found = when
        return found


@dataclass(frozen=True, slots=True)
class Traits:
    """How a salesperson works; 0 in a log-odds field means like everybody else."""

    archetype: str = "steady"
    weight: float = 1.0
    skill: float = 0.0
    effect: float = 0.74
    tempo: float = 1.0
    diligence: float = 0.0
    discount: float = 0.075
    join: float = 0.07
    approval: float = 0.12
    tidy: float = 0.8
    linger: float = 0.16
    foresight: float = 0.5
    prompt: float = 0.75


@dataclass(slots=True)
class Person:
    key: str
    name: str
    first: str
    last: str
    login: str
    role: str
    team: str
    title: str
    manager: str
    hired: date
    left: date | None
    traits: Traits


@dataclass(slots=True)
class Product:
    key: int
    code: str
    name: str
    model: str
    family: str
    price: float
    cost: float
    unit: str
    stock: int
    active: bool
    weight: float


@dataclass(slots=True)
class Contact:
    key: int
    customer: int
    first: str
    last: str
    name: str
    male: bool
    title: str
    department: str
    buying_role: str
    phone: str
    mobile: str
    email: str
    handle: str
    birthday: date | None
    main: bool
    created: datetime
    left: date | None
    note: str


@dataclass(slots=True)
class Customer:
    key: int
    number: str
    name: str
    short: str
    owner: Trail[str]
    team: str
    industry: str
    region: str
    city: str
    away: bool
    source: str
    headcount: int
    size: float
    phone: str
    created: datetime
    delay: float
    note: str
    special: str = ""
    contacts: list[Contact] = field(default_factory=list)


@dataclass(slots=True)
class Lead:
    key: int
    first: str
    last: str
    title: str
    company: str
    source: str
    region: str
    city: str
    owner: str
    created: datetime
    touched: datetime | None
    converted: datetime | None
    closed: datetime | None
    customer: int
    deal: int


@dataclass(slots=True)
class Line:
    key: int
    product: int
    quantity: int
    price: float
    discount: float


@dataclass(slots=True)
class Deal:
    key: int
    customer: int
    contact: int
    provider: str
    name: str
    created: datetime
    source: str
    need: str
    competitor: str
    kind: str
    owner: Trail[str] = field(default_factory=Trail)
    stage: Trail[int] = field(default_factory=Trail)
    expected: Trail[date] = field(default_factory=Trail)
    amount: Trail[float] = field(default_factory=Trail)
    step: Trail[tuple[str, date]] = field(default_factory=Trail)
    edits: list[tuple[datetime, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    quoted: datetime | None = None
    discount: float = 0.0
    end: datetime | None = None
    outcome: str = "open"
    loss_reason: str = ""
    deleted: datetime | None = None
    special: str = ""

    def outcome_at(self, moment: datetime) -> str:
        return self.outcome if self.end is not None and self.end <= moment else "open"


@dataclass(slots=True)
class Activity:
    key: int
    kind: str
    at: datetime
    logged: datetime
    planned: datetime | None
    owner: str
    joined: str
    customer: int
    contact: int
    deal: int
    outcome: str
    inbound: bool
    minutes: int
    away: bool
    subject: str
    note: str


@dataclass(slots=True)
class Task:
    key: int
    owner: str
    author: str
    customer: int
    deal: int
    subject: str
    priority: str
    created: datetime
    due: date
    done: datetime | None


@dataclass(slots=True)
class Instalment:
    key: int
    order: int
    number: int
    due: date
    amount: float


@dataclass(slots=True)
class Payment:
    key: int
    order: int
    instalment: int
    number: int
    paid: date
    amount: float
    method: str


@dataclass(slots=True)
class Order:
    key: int
    number: str
    deal: int
    customer: int
    owner: str
    title: str
    kind: str
    signed: datetime
    ends: date
    amount: float
    lines: list[Line]
    stopped: date | None
    terms: str
    instalments: list[Instalment] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


@dataclass(slots=True)
class Expense:
    key: int
    person: str
    approver: str
    customer: int
    activity: int
    kind: str
    amount: float
    spent: date
    decided: datetime | None
    accepted: bool
    purpose: str


@dataclass(slots=True)
class Case:
    key: int
    customer: int
    contact: int
    person: str
    product: int
    kind: str
    priority: str
    opened: datetime
    answered: datetime | None
    closed: datetime | None
    satisfaction: int
    text: str


@dataclass(slots=True)
class Approval:
    key: int
    kind: str
    deal: int
    asker: str
    decider: str
    amount: float
    discount: float
    asked: datetime
    decided: datetime | None
    decision: str


@dataclass(slots=True)
class Target:
    person: str
    month: str
    measure: str
    value: float
    published: date


@dataclass(slots=True)
class World:
    """Everything that happened in one firm, to the end of the simulation."""

    firm: str
    seed: int
    stages: tuple[str, ...]
    people: list[Person]
    products: list[Product]
    customers: list[Customer]
    leads: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    expenses: list[Expense] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def person(self, key: str) -> Person:
        return next(p for p in self.people if p.key == key)

    def customer_of(self, key: int) -> Customer:
        return self.customers[key - 1]

    def product_of(self, key: int) -> Product:
        return self.products[key - 1]

    def archetype(self, name: str) -> Person:
        return next(p for p in self.people if p.traits.archetype == name)

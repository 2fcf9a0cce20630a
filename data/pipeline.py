"""The stages of each firm and the odds of moving on from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random


@dataclass(frozen=True, slots=True)
class Step:
    """One open stage: the log-odds of moving on, and the effective contacts it usually takes."""

    name: str
    odds: float
    contacts: float
    probability: int


PIPELINES = {
    "zh": (
        Step("contact", 1.15, 1.7, 10),
        Step("needs", 1.15, 1.7, 30),
        Step("proposal", 1.15, 1.9, 50),
        Step("negotiation", 0.95, 2.0, 75),
    ),
    "en": (
        Step("prospecting", 1.4, 1.4, 10),
        Step("qualification", 1.45, 1.4, 20),
        Step("needs", 1.45, 1.5, 40),
        Step("proposal", 1.2, 1.6, 60),
        Step("negotiation", 1.0, 1.7, 80),
    ),
}
WON = "won"
# From this day the step out of the proposal stage is the weak link, in one team most of all.
WEAK_SINCE = date(2026, 4, 1)
WEAK_TEAM = {"zh": "华南", "en": "Central"}


def stages(firm: str) -> tuple[str, ...]:
    """Stage names in order, the won one last."""
    return (*(step.name for step in PIPELINES[firm]), WON)


def advance_odds(firm: str, step: Step, day: date, team: str) -> float:
    """Log-odds of leaving the stage forward on that day, before anything personal."""
    odds = step.odds
    if step.name == "proposal":
        if day >= WEAK_SINCE:
            odds -= 0.75
        if team == WEAK_TEAM[firm]:
            odds -= 1.35 if day >= WEAK_SINCE else 0.1
    if day.month == 12:
        odds += 0.4
    elif day.month in (3, 6, 9):
        odds += 0.12
    return odds


def contacts_needed(rng: Random, step: Step, effort: float) -> int:
    """Effective contacts spent in the stage before it is decided: at least one."""
    return max(1, round(rng.gauss(step.contacts * effort, 0.6)))

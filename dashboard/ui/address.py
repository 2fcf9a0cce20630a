"""The address of a view: the URL holds its state as codes, so that every view is a link."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.engine.filters import COMPARISONS, CUTS, PERIODS

#: What holds across pages, in the order in which it stands in the URL.
GLOBAL = ("lang", "period", "compare", "team", "region", "family", "tier", "pipeline", "snapshot")
#: The parts that filter.
FILTERS = ("period", "compare", *CUTS)
LANGS = ("zh", "en")

#: No value in a URL is longer than this, and no filter names more values: more is not from us.
MAX_LENGTH = 200
MAX_VALUES = 50

State = dict[str, tuple[str, ...]]

_CODES = {"lang": LANGS, "period": PERIODS, "compare": COMPARISONS}
_DEFAULTS = {"period": PERIODS[0], "compare": COMPARISONS[0]}


def language_of(locale: str | None) -> str:
    """The language for a browser's locale: English for en-*, Chinese for all else and for none."""
    return "en" if (locale or "").lower().startswith("en") else "zh"


def read(url: Mapping[str, list[str]], session: State | None, locale: str | None) -> tuple[State, dict[str, str]]:
    """The global state and the page's own parameters of this run.

    A URL that names its language states the whole view: what it leaves out is at its default. One that does not
    (a click in the navigation, a typed address) changes only what it names; the rest is as the session left it.
    """
    named = {name: values for name in GLOBAL if (values := _accepted(name, url.get(name, [])))}
    state = named if session is None or "lang" in named else {**session, **named}
    state = {name: state[name] for name in GLOBAL if name in state and state[name] != (_DEFAULTS.get(name),)}
    state.setdefault("lang", (language_of(locale),))
    own = {n: v[0][:MAX_LENGTH] for n, v in url.items() if n not in GLOBAL and v and v[0]}
    return state, own


def write(state: State, own: Mapping[str, str]) -> dict[str, list[str]]:
    """Query parameters that bring back this state: the language always, other things where not at their default."""
    url = {name: list(state[name]) for name in GLOBAL if state.get(name)}
    return url | {name: [value] for name, value in own.items() if value}


def changed(state: State, name: str, values: tuple[str, ...]) -> State:
    """The state with one of its parts replaced; an empty part or the default is left out."""
    rest = {n: v for n, v in state.items() if n != name}
    accepted = _accepted(name, list(values))
    return rest | ({name: accepted} if accepted and accepted != (_DEFAULTS.get(name),) else {})


def value(state: State, name: str) -> str:
    """One-value part of the state, or its default; '' where there is none."""
    return state[name][0] if state.get(name) else _DEFAULTS.get(name, "")


def _accepted(name: str, values: list[str]) -> tuple[str, ...]:
    kept = [v for v in dict.fromkeys(values) if v and len(v) <= MAX_LENGTH]
    if name in _CODES:
        kept = [v for v in kept if v in _CODES[name]]
    return tuple(kept if name in CUTS else kept[:1])[:MAX_VALUES]

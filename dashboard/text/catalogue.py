"""The catalogue of sentences: one TOML file per room, merged at start, looked up by dotted key."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from dashboard.text.escape import escape
from dashboard.text.formats import show

LANGUAGES = ("zh", "en")

_HERE = Path(__file__).parent


@cache
def entries() -> dict[str, dict[str, str]]:
    """All sentences: key -> language -> template. Raises ValueError when two files claim a key."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(_HERE.glob("*.toml")):
        for key, words in _leaves(tomllib.loads(path.read_text(encoding="utf-8")), ""):
            if key in found:
                raise ValueError(f"{path.name}: {key} is already taken")
            found[key] = words
    return found


def has(key: str) -> bool:
    """Whether there is such a sentence."""
    return key in entries()


def say(key: str, lang: str, currency: str | None = None, /, **facts: object) -> str:
    """A sentence as markdown. Facts are formatted by their type; everything that is not ours is escaped.

    Raises KeyError for an unknown key or a fact that the sentence names and the caller did not give.
    """
    return _fill(key, lang, currency, facts, is_markdown=True)


def plain(key: str, lang: str, currency: str | None = None, /, **facts: object) -> str:
    """The same as plain text: for table headings, chart labels, file names and logs."""
    return _fill(key, lang, currency, facts, is_markdown=False)


def placeholders(template: str) -> set[str]:
    """Names of the facts that a template needs."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _fill(key: str, lang: str, currency: str | None, facts: Mapping[str, object], *, is_markdown: bool) -> str:
    template = entries()[key][lang]
    if "{" not in template:
        return template
    parts: list[str] = []
    for text, name, spec in _parsed(template):
        parts.append(text)
        if name:
            shown = show(facts[name], lang, currency, spec)
            parts.append(escape(shown) if is_markdown else shown)
    return "".join(parts)


@cache
def _parsed(template: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((text, name or "", spec or "") for text, name, spec, _ in string.Formatter().parse(template))


def _leaves(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, value in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if not isinstance(value, dict):
            raise ValueError(f"{key}: expected a table with zh and en")
        if value.keys() <= set(LANGUAGES) and all(isinstance(v, str) for v in value.values()):
            yield key, value
        else:
            yield from _leaves(value, key)

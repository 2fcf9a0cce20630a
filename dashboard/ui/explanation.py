"""Explanations: what went wrong with an upload or a snapshot, and what its parts are called, as people say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.intake.problem import IntakeError
from dashboard.intake.profile import profiles
from dashboard.snapshots.problem import SnapshotError
from dashboard.text import Count, Listing, has
from dashboard.text.catalogue import entries, placeholders
from dashboard.text.formats import file_size

if TYPE_CHECKING:
    from dashboard.ui.page import View

_BYTES = ("size", "allowed")
#: Facts named `allowed` are bytes in these sentences, and numbers of things in the others.
_IN_BYTES = ("file_too_large", "zip_too_large", "workbook_too_large")


def problem(view: View, error: IntakeError | SnapshotError) -> str:
    """What went wrong and what to do, as markdown."""
    prefix = "intake.snapshot" if isinstance(error, SnapshotError) else "intake"
    return refusal(view, str(error.code), error.facts, prefix)


def refusal(view: View, code: str, known: Mapping[str, Any], prefix: str = "intake") -> str:
    """The sentence of a code with its facts, as markdown."""
    key = f"{prefix}.{code}"
    if not has(key):
        return view.say("intake.other", code=code)
    facts: dict[str, object] = dict.fromkeys(placeholders(entries()[key][view.lang]))
    for name, value in known.items():
        in_bytes = code in _IN_BYTES and name in _BYTES
        facts[name] = file_size(int(value)) if in_bytes else Count(value) if isinstance(value, int) else value
    return view.say(key, **facts)


def reason(view: View, code: str, **facts: object) -> str:
    """Why a file, record or cell was not taken over, as plain text."""
    for key in (f"intake.note.{code}", f"intake.{code}"):
        if has(key):
            return view.plain(key, **{**dict.fromkeys(placeholders(entries()[key][view.lang]), ""), **facts})
    return view.plain("intake.other", code=code)


def source_name(view: View, profile: str) -> str:
    """The name of the CRM behind a profile (or several joined by +), as people call it."""
    names = [profiles()[part].label[view.lang] if part in profiles() else part for part in profile.split("+") if part]
    return " + ".join(names)


def tables_named(view: View, targets: Sequence[str]) -> str:
    """Canonical tables in words."""
    return view.show(Listing([view.plain(f"ui.table_name.{name}") for name in targets])) if targets else ""

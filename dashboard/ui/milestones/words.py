"""The rules of the playbook in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.text.formats import Count

if TYPE_CHECKING:
    from dashboard.ui.page import View


def rule(view: View, measure: str, at_least: int) -> str:
    """A rule as plain text: “a meeting, visit or demo”, “3 effective contacts”."""
    kind = "rule" if at_least == 1 else "times"
    return view.plain(f"playbook.{kind}.{measure}", n=Count(at_least))


def name(view: View, measure: str) -> str:
    """A measure as plain text, without how much of it."""
    return view.plain(f"playbook.measure.{measure}")

"""The heading record: cleaned, checked, and told from a record of data."""

from __future__ import annotations

import re
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.limits import Limits

#: Zero-width and direction marks that copy and paste leaves in headings.
_INVISIBLE: Final = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
_KINDS: Final = (
    ("guid", re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")),
    ("date", re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:[ T].*)?")),
    ("number", re.compile(r"[-+(]?\s*[¥￥$€£]?\s*\d[\d,. ]*\s*[%)万亿]?")),
    ("id", re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")),
    ("url", re.compile(r"https?://\S+")),
)
_YEAR: Final = re.compile(r"(?:19|20|21)\d\d(?:[-/.]\d{1,2})?")


def cleaned(cell: bytes) -> str:
    """A heading as text: trimmed, invisible marks gone, no-break spaces made plain. Raises UnicodeDecodeError."""
    return cleaned_text(cell.decode("utf-8"))


def cleaned_text(cell: str) -> str:
    """The same for a heading that is text already."""
    return re.sub("[\u00a0\u2007\u202f\u3000]", " ", cell.translate(_INVISIBLE)).strip()


def without_tail(headings: tuple[str, ...]) -> tuple[str, ...]:
    """The headings without blank ones at the end, which spreadsheets add."""
    width = len(headings)
    while width and not headings[width - 1]:
        width -= 1
    return headings[:width]


def refuse_duplicates(headings: tuple[str, ...], file: str, limits: Limits) -> None:
    """Raise ``duplicate_heading`` when two headings agree but for case and spaces; some may repeat."""
    seen: dict[str, int] = {}
    for position, heading in enumerate(headings, 1):
        key = " ".join(heading.casefold().split())
        if key and key in seen and key not in limits.may_repeat:
            raise IntakeError(
                Code.DUPLICATE_HEADING, file=file, column=heading, first_position=seen[key], second_position=position
            )
        seen[key] = position


def looks_like_data(headings: tuple[str, ...], rows: list[list[str]]) -> str | None:
    """The first cell that betrays a file without headings, or None.

    A cell betrays itself by being a number, date, id, e-mail or address like the cells beneath it. Years are
    let through: pivot tables carry them as headings. ``rows``: a few cleaned records below.
    """
    for position, heading in enumerate(headings):
        kind = _kind(heading)
        if kind is None or _YEAR.fullmatch(heading):
            continue
        below = [row[position] for row in rows if position < len(row) and row[position]]
        alike = sum(_kind(cell) == kind for cell in below)
        if (below and alike * 2 > len(below)) or (not below and (kind != "number" or not rows)):
            return heading
    return None


def _kind(cell: str) -> str | None:
    for kind, pattern in _KINDS:
        if pattern.fullmatch(cell):
            return kind
    return None

"""Dates as Salesforce writes them."""

from __future__ import annotations

from datetime import date, datetime


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def day_stamp(day: date) -> str:
    """Date-only fields carry a midnight, as in the real export."""
    return f"{day:%Y-%m-%d} 00:00:00"

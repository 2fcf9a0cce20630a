"""The dirt of real exports: doubled rows, impossible dates, orphans, amounts and dates typed by hand.

What gets dirty depends on the record's own number, not on chance at rendering, so that a dirty row of one snapshot
is dirty in the same way in the next.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date

IMPOSSIBLE = "2026-02-30"
DUPLICATES = 0.003


class Dirt:
    """Decides and counts the dirt of one rendered snapshot."""

    def __init__(self, seed: int, firm: str) -> None:
        self._salt = f"{seed}:{firm}"
        self.counts: dict[str, Counter[str]] = {}
        self.ids: dict[str, list[str]] = {}

    def hits(self, table: str, key: int, what: str, share: float) -> bool:
        """Whether this record of the table is one of the share that is dirty in this way."""
        text = f"{self._salt}:{table}:{key}:{what}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest(), "big") < share * 2**48

    def count(self, table: str, what: str, key: str = "") -> None:
        self.counts.setdefault(table, Counter())[what] += 1
        if key:
            self.ids.setdefault(f"{table}:{what}", []).append(key)

    def amount(self, table: str, key: int, value: float, *, unknown: bool = False) -> str:
        """The amount as a number, or now and then as somebody typed it."""
        plain = f"{value:.2f}"
        if unknown and self.hits(table, key, "unknown", 0.003):
            self.count(table, "unknown_amounts", str(key))
            return "待定"
        if self.hits(table, key, "money", 0.005):
            self.count(table, "odd_amounts")
            if value % 1000 == 0 and value >= 10000:
                return f"{value / 10000:g}万"
            return f"¥{value:,.2f}"
        return plain

    def day(self, table: str, key: int, value: date) -> str:
        """The date in ISO form, or now and then in the two forms people type."""
        if self.hits(table, key, "slash", 0.003):
            self.count(table, "odd_dates")
            return f"{value.year}/{value.month}/{value.day}"
        if self.hits(table, key, "characters", 0.002):
            self.count(table, "odd_dates")
            return f"{value.year}年{value.month}月{value.day}日"
        return value.isoformat()

"""The order of an import: what is to be built, out of which uploads, and what the user decided about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dashboard.intake import profile
from dashboard.intake.conventions import Answers

Report = Callable[[str, float, str], None]  # step, share done 0 to 1, detail


@dataclass(frozen=True)
class Order:
    """What to build: uploads as (name given, path), where to, and what the user decided."""

    uploads: Sequence[tuple[str, Path]]
    folder: Path
    target: Path
    as_of: dt.date | None = None
    today: dt.date = field(default_factory=dt.date.today)
    source: str = "auto"
    mappings: Sequence[Path] = ()
    date_order: str | None = None
    decimal: str | None = None
    earlier: Sequence[tuple[dt.date, Path]] = ()
    memory_limit: str = "512MB"
    threads: int = 2
    is_rehearsed: bool | None = None  # None: as far as it is quick

    @cached_property
    def own(self) -> list[profile.Profile]:
        """The user's mappings, read. Raises IntakeError bad_mapping for one that cannot be."""
        return [profile.from_file(path) for path in self.mappings]

    @property
    def answers(self) -> Answers:
        """What the user said of how the files are written."""
        return Answers(self.date_order, self.decimal)

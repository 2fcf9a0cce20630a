"""Settings: what the user edits in the product, in one small database beside the snapshots."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from dashboard import playbook
from dashboard.places import QUERIES
from dashboard.playbook import PlaybookError, StageStandard

#: Values of settings that were never set.
DEFAULTS: Mapping[str, Any] = {"fiscal_year_start_month": 1, "language": None, "theme": None, "trash_days": 30}


@dataclass(frozen=True)
class Authority:
    """What a role, level or user may decide alone: up to `limit_value` money, or a discount of 0 to 1."""

    holder_kind: str
    holder: str
    decision: str
    limit_value: float


@dataclass(frozen=True)
class Tier:
    """One level of the customer pyramid; position 1 is the tip. `cut_value` is a share of value or an amount."""

    tier: str
    position: int
    cut_by: str
    cut_value: float


@dataclass(frozen=True)
class Holiday:
    """A day that is not as its weekday says."""

    day: dt.date
    is_working: bool
    name: str = ""


@dataclass(frozen=True)
class AccessEntry:
    """Who may sign in, as what, and which user of the CRM he is (None for the boss)."""

    email: str
    role: str
    user_id: str | None = None


#: The pyramid of the product's own marts: the best fifth, the next three tenths, the rest.
DEFAULT_TIERS = (
    Tier("A", 1, "share_of_value", 0.2),
    Tier("B", 2, "share_of_value", 0.5),
    Tier("C", 3, "share_of_value", 1.0),
)


class Settings:
    """Reads and writes the settings of one user's folder. Opens the database for each call: safe from any thread."""

    def __init__(self, home: Path) -> None:
        self.path = Path(home) / "settings.sqlite"

    # --- single values -----------------------------------------------------------------------------------------------

    def get(self, name: str, default: Any = None) -> Any:
        """A single value (anything JSON can hold), its default when it was never set."""
        rows = self._read("select value from setting where name = ?", (name,))
        if rows:
            return json.loads(rows[0]["value"])
        return DEFAULTS.get(name, default) if default is None else default

    def set(self, name: str, value: Any) -> None:
        """Set a single value; None forgets it."""
        if value is None:
            self._write([("delete from setting where name = ?", (name,))])
        else:
            text = json.dumps(value, ensure_ascii=False)
            self._write([("insert or replace into setting values (?, ?)", (name, text))])

    @property
    def fiscal_start(self) -> int:
        """Month in which the firm's year begins, 1 to 12."""
        month = self.get("fiscal_year_start_month")
        return month if isinstance(month, int) and 1 <= month <= 12 else 1

    @property
    def trash_days(self) -> int:
        """Days that a deleted snapshot can be brought back, 0 to 3650."""
        days = self.get("trash_days")
        return days if isinstance(days, int) and 0 <= days <= 3650 else int(DEFAULTS["trash_days"])

    # --- actions -----------------------------------------------------------------------------------------------------

    def dismissed(self, series: str) -> dict[str, str]:
        """State (done, dismissed) of the actions of a series that the user has dealt with, by action (kind:id)."""
        rows = self._read("select action, state from dismissed where series = ?", (series,))
        return {row["action"]: row["state"] for row in rows}

    def dismiss(self, series: str, action: str, state: str, as_of: dt.date) -> None:
        """Note that an action shown by the snapshot of that day is done or dismissed."""
        values = (series, action, state, _now(), as_of.isoformat())
        self._write([("insert or replace into dismissed values (?, ?, ?, ?, ?)", values)])

    def undismiss(self, series: str, action: str) -> None:
        """Bring an action back."""
        self._write([("delete from dismissed where series = ? and action = ?", (series, action))])

    # --- mappings ----------------------------------------------------------------------------------------------------

    def mappings(self) -> dict[str, str]:
        """The mappings remembered, as TOML by the signature of the headings they are for; the latest first."""
        rows = self._read("select signature, mapping from mapping order by saved_at desc, signature", ())
        return {row["signature"]: row["mapping"] for row in rows}

    def remember_mapping(self, signature: str, text: str) -> None:
        """Remember a mapping, as TOML, for the next file with these headings."""
        self._write([("insert or replace into mapping values (?, ?, ?)", (signature, text, _now()))])

    def forget_mapping(self, signature: str) -> None:
        """Forget a remembered mapping."""
        self._write([("delete from mapping where signature = ?", (signature,))])

    # --- tables ------------------------------------------------------------------------------------------------------

    def playbook(self) -> list[StageStandard]:
        """The standard sales method, as far as it can be read; empty until the user writes one."""
        return self.read_playbook()[0]

    def read_playbook(self) -> tuple[list[StageStandard], list[PlaybookError]]:
        """The standard sales method, and why stages of it were refused; those keep the default."""
        stages, problems = [], []
        for row in self._read("select * from playbook order by pipeline, stage"):
            try:
                stages.append(StageStandard(**{**row, "milestones": playbook.from_text(row["milestones"])}))
            except PlaybookError as error:
                error.facts.setdefault("stage", str(row["stage"])[:80])
                problems.append(error)
        return stages, problems

    def set_playbook(self, stages: Iterable[StageStandard]) -> None:
        """Replace the standard sales method; none = back to the default."""
        rows = [
            (s.pipeline, s.stage, playbook.to_text(s.milestones), s.expected_days, s.expected_touches) for s in stages
        ]
        self._replace("delete from playbook", "insert into playbook values (?, ?, ?, ?, ?)", rows)

    def authority(self) -> list[Authority]:
        """What is delegated to whom; empty until the user says so."""
        return [Authority(**row) for row in self._read("select * from authority order by 1, 2, 3")]

    def set_authority(self, entries: Iterable[Authority]) -> None:
        """Replace what is delegated to whom."""
        self._replace(
            "delete from authority", "insert into authority values (?, ?, ?, ?)", [astuple(e) for e in entries]
        )

    def tiers(self) -> Sequence[Tier]:
        """How the customer pyramid is cut, tip first; the product's own cut unless the user made another."""
        return [Tier(**row) for row in self._read("select * from tiers order by position")] or DEFAULT_TIERS

    def set_tiers(self, tiers: Iterable[Tier]) -> None:
        """Replace the cut of the pyramid; none = back to the product's own."""
        self._replace("delete from tiers", "insert into tiers values (?, ?, ?, ?)", [astuple(t) for t in tiers])

    def calendar(self) -> list[Holiday]:
        """Holidays and moved working days; all other days are as their weekday says."""
        rows = self._read("select * from calendar order by day")
        return [Holiday(dt.date.fromisoformat(r["day"]), bool(r["is_working"]), r["name"] or "") for r in rows]

    def set_calendar(self, days: Iterable[Holiday]) -> None:
        """Replace the holidays and moved working days."""
        self._replace(
            "delete from calendar",
            "insert into calendar values (?, ?, ?)",
            [(d.day.isoformat(), int(d.is_working), d.name) for d in days],
        )

    def access(self) -> list[AccessEntry]:
        """Who may sign in; empty = nobody but whoever sits at this machine."""
        return [AccessEntry(**row) for row in self._read("select * from access order by email")]

    def set_access(self, entries: Iterable[AccessEntry]) -> None:
        """Replace who may sign in. Raises ValueError when an address stands there twice, case apart."""
        rows = [(e.email.strip().casefold(), e.role, e.user_id) for e in entries]
        if len({email for email, _, _ in rows}) != len(rows):
            raise ValueError("an e-mail address stands in the access list twice")
        self._replace("delete from access", "insert into access values (?, ?, ?)", rows)

    # -----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        con = sqlite3.connect(self.path, timeout=10)
        try:
            con.row_factory = sqlite3.Row
            if is_new or not con.execute("select 1 from sqlite_master where name = 'dismissed'").fetchone():
                con.executescript((QUERIES / "settings" / "settings.sql").read_text(encoding="utf-8"))
            with con:
                yield con
        finally:
            con.close()

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        with self._open() as con:
            return [dict(row) for row in con.execute(sql, values)]

    def _write(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        with self._open() as con:
            for sql, values in statements:
                con.execute(sql, values)

    def _replace(self, delete: str, insert: str, rows: Iterable[Sequence[Any]]) -> None:
        """Replace all rows of a table, in one transaction."""
        self._write([(delete, ()), *((insert, row) for row in rows)])


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

"""The canonical tables as intake sees them: which fields a file may fill, and how each cell is read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Field:
    """One field: its kind of cell, the table it refers to, the words it allows, whether a bad cell costs the row."""

    name: str
    kind: str
    refers_to: str = ""
    choices: tuple[str, ...] = ()
    holds_row: bool = False

    @property
    def column(self) -> str:
        """The column that it fills: a reference fills a key."""
        return f"{self.name.removesuffix('_id')}_key" if self.kind == "ref" else self.name


@dataclass(frozen=True)
class Table:
    """One canonical table: its natural id (empty when it has none), its fields, and what makes two rows the same."""

    name: str
    order: int
    id: str
    fields: dict[str, Field]
    unique: tuple[str, ...]
    alternates: tuple[str, ...]
    identity: tuple[str, ...]

    @property
    def key(self) -> str:
        """The column of the join key; empty for a table that nobody refers to by key."""
        return self.id.removesuffix("_id") + "_key" if self.id else ""


@cache
def tables() -> dict[str, Table]:
    """All canonical tables by name, in the order of loading."""
    raw = tomllib.loads((Path(__file__).parent / "canonical.toml").read_text(encoding="utf-8"))
    made = {
        name: Table(
            name=name,
            order=spec["order"],
            id=spec.get("id", ""),
            fields={field: _field(field, kind) for field, kind in spec["fields"].items()},
            unique=tuple(spec.get("unique", ())),
            alternates=tuple(spec.get("alternates", ())),
            identity=tuple(spec.get("identity", ())),
        )
        for name, spec in raw.items()
    }
    return dict(sorted(made.items(), key=lambda item: item[1].order))


def _field(name: str, text: str) -> Field:
    holds_row = text.endswith("!")
    kind, _, rest = text.removesuffix("!").partition(" ")
    return Field(
        name=name,
        kind=kind,
        refers_to=rest if kind == "ref" else "",
        choices=tuple(rest.split("|")) if kind == "choice" else (),
        holds_row=holds_row,
    )

"""Files of one export as records, and the dirt that must not change a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from data.dirt import Dirt
from data.known import Known, Table

Row = dict[str, str]


class More(Enum):
    """What two of the three can say beyond what all of them can."""

    NOTHING = "nothing"
    #: Salesforce and XTools: since when a deal is in its stage.
    SINCE = "since"
    #: XTools and Dynamics: in which stage a deal was lost: that moves it to no other. In Dynamics nor does winning.
    WHERE_LOST = "where lost"


class Clean(Dirt):
    """No dirt of the demo's kind: that one changes figures."""

    def hits(self, table: str, key: int, what: str, share: float) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Mess:
    """What was done to a file on its way: its columns turned by so many places, its first record written twice."""

    turned: int = 0
    doubled: bool = False


def rows_of(table: Table) -> list[Row]:
    """The rows by heading."""
    return [dict(zip(table.heading, row, strict=True)) for row in table.rows]


def table_of(name: str, rows: Iterable[Row], heading: Sequence[str]) -> Table:
    """Rows as a file with these columns; what a row does not hold is blank."""
    found = []
    for row in rows:
        assert row.keys() <= set(heading), (name, row.keys() - set(heading))
        found.append([row.get(column, "") for column in heading])
    return Table(name, list(heading), found)


def revised(table: Table, changes: Mapping[str, Callable[[Row], str]], without: Sequence[str] = ()) -> Table:
    """The file with some columns written anew, some added at the end, some left out."""
    rows = rows_of(table)
    for row in rows:
        row.update({column: change(row) for column, change in changes.items()})
    heading = [column for column in dict.fromkeys([*table.heading, *changes]) if column not in without]
    return table_of(table.name, ({k: v for k, v in row.items() if k in heading} for row in rows), heading)


def messed(table: Table, mess: Mess) -> Table:
    """The file with its columns in another order, and a record twice."""
    place = mess.turned % len(table.heading)
    rows = [[*row[place:], *row[:place]] for row in table.rows]
    if mess.doubled and rows:
        rows.insert(len(rows) // 2, rows[0])
    return Table(table.name, [*table.heading[place:], *table.heading[:place]], rows)


def deleted_deals(known: Known) -> set[int]:
    """Keys of the deals that were deleted by then."""
    return {d.key for d in known.deals if d.deleted is not None and d.deleted <= known.cut}

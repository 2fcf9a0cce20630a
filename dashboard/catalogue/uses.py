"""Uses: which figures an export makes possible, read from the queries themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dashboard import queryfile
from dashboard.places import QUERIES

#: What every figure stands on; to say that it is used would say nothing.
_CORE = frozenset({"users", "accounts", "opportunities", "orders", "stages"})
#: A mart that joins more kinds of export than this is about the deal or customer, not about one of them.
_NARROW = 2


@dataclass(frozen=True)
class Uses:
    """Queries of a canonical table: those that are about it, and those that it only makes more exact."""

    direct: tuple[str, ...]
    indirect: tuple[str, ...]


@cache
def uses(table: str) -> Uses:
    """Figures that read a canonical table themselves or through a mart made of little else; and all others it reaches.

    The Data page's own queries do not count: they look at every table.
    """
    marts = _marts()
    about = {name for name, read in marts.items() if _is_about(table, read)}
    reached = {name for name in marts if table in _all_under(name)}
    direct, indirect = [], []
    for name in queryfile.page_queries():
        read = queryfile.load(name).tables
        if name.startswith("data/"):
            continue
        if table in read or read & about:
            direct.append(name)
        elif read & reached:
            indirect.append(name)
    return Uses(tuple(direct), tuple(indirect))


def _is_about(table: str, read: frozenset[str]) -> bool:
    exports = read - _CORE
    return table in exports and len(exports) <= _NARROW and not exports & _marts().keys()


@cache
def _marts() -> dict[str, frozenset[str]]:
    """What each mart reads, aliases within it apart."""
    paths = sorted((QUERIES / "marts").glob("*.sql"))
    known = {path.stem for folder in ("schema", "marts") for path in (QUERIES / folder).glob("*.sql")}
    return {path.stem: queryfile.tables_of(path.read_text(encoding="utf-8")) & known for path in paths}


@cache
def _all_under(mart: str) -> frozenset[str]:
    """Everything that a mart is made of, also through other marts."""
    read = _marts()[mart]
    return read.union(*(_all_under(name) for name in read & _marts().keys() - {mart}))

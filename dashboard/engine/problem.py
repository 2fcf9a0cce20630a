"""What can go wrong with a question to the engine: one exception, a closed list of codes, and no data in it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

#: Every code a QueryError can carry.
CODES: Final = frozenset(
    {
        "unknown_query",  # no query file of that name (facts: query)
        "missing_parameter",  # the query needs a value that was not given (facts: query, name)
        "unknown_parameter",  # a value was given that the query does not know (facts: query, name)
        "bad_parameter",  # the value does not have the type in the query's header (facts: query, name, type)
        "missing_table",  # the snapshot lacks a table or the query names one that is not opened to it (facts: query)
        "too_slow",  # stopped at the deadline (facts: query, seconds)
        "out_of_memory",  # stopped at the memory limit (facts: query)
        "failed",  # anything else (facts: query, kind = name of the database's exception)
    }
)


class QueryError(Exception):
    """A question without an answer. ``facts`` hold names of ours only, never SQL text or data."""

    def __init__(self, code: str, **facts: str | int | float) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = MappingProxyType(facts)

    def __str__(self) -> str:
        return f"{self.code}: " + ", ".join(f"{key}={value!r}" for key, value in self.facts.items())

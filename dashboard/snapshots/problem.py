"""What can go wrong with a stored snapshot: one exception, a closed list of codes."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

#: Every code a SnapshotError can carry.
CODES: Final = frozenset(
    {
        "unknown_snapshot",  # no snapshot of that id (facts: id)
        "unfinished_build",  # the file to publish is missing or still has a write-ahead log beside it
        "corrupt",  # the file is not the one that was published; it was set aside (facts: id, replaced_by)
        "disk_full",  # nothing was changed
        "no_room",  # the disk has less free than the import needs; nothing was begun (facts: needed, free, in words)
        "not_permitted",  # the folder or a file in it may not be read or written
        "disk_error",  # any other refusal by the file system
    }
)


class SnapshotError(Exception):
    """A refused operation on the snapshot store. ``code`` is one of CODES; ``facts`` are values for the sentence."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = MappingProxyType(facts)

    def __str__(self) -> str:
        return f"{self.code}: " + ", ".join(f"{key}={value!r}" for key, value in self.facts.items())


@contextmanager
def disk_problems(what: str) -> Iterator[None]:
    """Turn refusals of the file system during `what` into a SnapshotError."""
    try:
        yield
    except OSError as error:
        raise SnapshotError(_code(error), during=what) from error


def _code(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "not_permitted"
    return "disk_error"

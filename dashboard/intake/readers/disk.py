"""A full disk is the user's problem to solve, not a crash: it gets a code like every other reason."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dashboard.intake.problem import Code, IntakeError

#: No space, over quota, or over the file size allowed to the importing process.
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def full_disk_named(name: str) -> Iterator[None]:
    """Turn the OSError of a full disk into IntakeError disk_full for the upload ``name``; others pass."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise IntakeError(Code.DISK_FULL, file=name) from error
        raise

"""Whole folders: the tables below one, in a fixed order, by their paths within it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.archive import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, is_junk
from dashboard.intake.readers.limits import DEFAULT_LIMITS, Limits

_SUFFIXES: Final = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, ".zip")
#: Any of these in its first lines makes a .txt more likely a table than a letter.
_SEPARATORS: Final = (b"\t", b";", b"|", b",")


def tables_below(folder: Path, limits: Limits = DEFAULT_LIMITS) -> list[tuple[str, Path]]:
    """(path within the folder, file) of everything below it that looks like a table by its ending, sorted.

    Hidden files, by-products and lock files of office programmes are passed over, symbolic links are not followed.
    Raises IntakeError folder_no_table, folder_too_many.
    """
    found = sorted(_walk(folder))
    if not found:
        raise IntakeError(Code.FOLDER_NO_TABLE, file=folder.name or str(folder))
    if len(found) > limits.max_folder_files:
        raise IntakeError(
            Code.FOLDER_TOO_MANY, file=folder.name or str(folder), found=len(found), allowed=limits.max_folder_files
        )
    return found


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not is_junk(name)]
        for name in names:
            path = Path(place) / name
            shown = path.relative_to(folder).as_posix()
            if path.suffix.lower() not in _SUFFIXES or is_junk(shown) or name.startswith("~$"):
                continue
            if path.is_symlink() or not path.is_file() or (path.suffix.lower() == ".txt" and not _is_columnar(path)):
                continue
            yield shown, path


def _is_columnar(path: Path) -> bool:
    """Whether the first lines of a text file hold a separator each."""
    try:
        with path.open("rb") as handle:
            lines = [line for line in handle.read(4096).splitlines() if line.strip(b" \x00")][:2]
    except OSError:
        return True  # the reader will name what is wrong
    return any(all(mark in line for line in lines) for mark in _SEPARATORS) if lines else False

"""Zips that are the same byte for byte whenever the rows are."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from data.known import Table


class Dialect(Protocol):
    """How a CRM writes its files."""

    encoding: str
    newline: str
    quote_all: bool


def encode(table: Table, dialect: Dialect) -> bytes:
    """One CSV file."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, lineterminator=dialect.newline, quoting=csv.QUOTE_ALL if dialect.quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerow(table.heading)
    writer.writerows(table.rows)
    return text.getvalue().encode(dialect.encoding)


def write(path: Path, tables: Sequence[Table], dialect: Dialect, stamp: tuple[int, int, int]) -> None:
    """All files of one snapshot; names outside ASCII carry the zip's UTF-8 flag, which zipfile sets by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for table in tables:
            entry = zipfile.ZipInfo(f"{table.name}.csv", (*stamp, 18, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Otherwise the entry would remember on which system it was packed.
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, encode(table, dialect), compresslevel=9)

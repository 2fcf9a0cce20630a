"""How far the sheets of an older workbook (.xls) reach, read from its records before they are laid out in memory."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.extent import Bounds, Extent
from dashboard.intake.readers.limits import Limits

_ENCRYPTED: Final = "EncryptedPackage"
#: Streams below this many bytes lie in pieces of 64.
_SHORT, _PIECE = 4096, 64
_STREAMS: Final = ("Workbook", "Book")
_NO_SECTOR: Final = 0xFFFFFFF0  # this and above: the end of a chain, or no sector
#: Records of single cells: formula, text, number, truth or error, each with its row and column in front.
_CELLS: Final = frozenset((0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E, 0x201))
_MULTIPLE: Final = frozenset((0xBD, 0xBE))
_BEGIN, _SHEET, _PASSWORD = 0x809, 0x85, 0x2F
_FORMULA, _TRUTH, _MULTIPLE_BLANK, _BLANK = 0x06, 0x205, 0xBE, 0x201
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def measured(path: Path, name: str, limits: Limits) -> list[Extent]:
    """The extents of the sheets in the order of the workbook. Raises IntakeError office_document,
    workbook_encrypted, workbook_broken, workbook_too_many_cells, workbook_too_many_sheets."""
    try:
        with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return _extents(_stream(content, name), name, limits)
    except (struct.error, IndexError, ValueError) as error:
        raise IntakeError(Code.WORKBOOK_BROKEN, file=name) from error


def _stream(content: mmap.mmap, name: str) -> bytes:
    """The bytes of the stream that holds the workbook."""
    size = 1 << min(struct.unpack_from("<H", content, 30)[0], 12)
    n_sectors = len(content) // size + 1

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    parts = list(struct.unpack_from("<109I", content, 76))
    following = struct.unpack_from("<I", content, 68)[0]
    for _ in range(n_sectors):
        if following >= _NO_SECTOR:
            break
        *more, following = struct.unpack(f"<{size // 4}I", sector(following))
        parts += more
    table: list[int] = []
    for part in parts:
        if part < _NO_SECTOR:
            table += struct.unpack(f"<{size // 4}I", sector(part).ljust(size, b"\xff"))

    def chain(number: int) -> bytes:
        return b"".join(sector(one) for one in _chained(number, table, n_sectors))

    directory = chain(struct.unpack_from("<I", content, 48)[0])
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        text = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        entries[text] = struct.unpack_from("<II", directory, at + 116)
    if _ENCRYPTED in entries:
        raise IntakeError(Code.WORKBOOK_ENCRYPTED, file=name)
    place = next((entries[text] for text in _STREAMS if text in entries), None)
    if place is None:
        raise IntakeError(Code.OFFICE_DOCUMENT, file=name)
    if place[1] >= _SHORT:
        return chain(place[0])[: place[1]]
    # Short streams share sectors of their own, cut into pieces, under a table of their own.
    shared = chain(next(iter(entries.values()))[0])
    short_table = chain(struct.unpack_from("<I", content, 60)[0])
    pieces = _chained(place[0], struct.unpack(f"<{len(short_table) // 4}I", short_table), _SHORT // _PIECE)
    return b"".join(shared[one * _PIECE : (one + 1) * _PIECE] for one in pieces)[: place[1]]


def _chained(number: int, table: Sequence[int], longest: int) -> list[int]:
    """The sectors of a chain in their order. Raises ValueError for one that runs in a circle."""
    found: list[int] = []
    while number < _NO_SECTOR:
        found.append(number)
        if len(found) > longest:
            raise ValueError("a chain without an end")
        number = table[number]
    return found


def _extents(stream: bytes, name: str, limits: Limits) -> list[Extent]:
    sheets: list[int] = []
    begun: dict[int, Bounds] = {}
    bounds = Bounds("", name, limits)
    at, unpack = 0, struct.Struct("<HH").unpack_from
    while at + 4 <= len(stream):
        kind, length = unpack(stream, at)
        if kind in _CELLS and length >= 6:
            row, column = unpack(stream, at + 4)
            if kind != _BLANK:
                bounds.grow(row + 1, column + 1, 1)
            if kind in (_FORMULA, _TRUTH) and (error := _error(kind, stream, at + 4)):
                bounds.extent.errors[row, column] = error
        elif kind in _MULTIPLE and length >= 6:
            row, first = unpack(stream, at + 4)
            last = struct.unpack_from("<H", stream, at + 4 + length - 2)[0]
            if kind != _MULTIPLE_BLANK:
                bounds.grow(row + 1, last + 1, max(1, last - first + 1))
        elif kind == _BEGIN:
            bounds = begun[at] = Bounds("", name, limits)
        elif kind == _SHEET:
            sheets.append(struct.unpack_from("<I", stream, at + 4)[0])
        elif kind == _PASSWORD:
            raise IntakeError(Code.WORKBOOK_ENCRYPTED, file=name)
        at += 4 + length
    if len(sheets) > limits.max_sheets:
        raise IntakeError(Code.WORKBOOK_TOO_MANY_SHEETS, file=name, found=len(sheets), allowed=limits.max_sheets)
    found = [begun[place].extent if place in begun else Extent() for place in sheets]
    # The library lays out all sheets of such a workbook at once.
    together = sum(extent.n_rows * extent.n_columns for extent in found)
    if together > limits.max_cells:
        rows, columns = max(e.n_rows for e in found), max(e.n_columns for e in found)
        raise IntakeError(Code.WORKBOOK_TOO_MANY_CELLS, file=name, rows=rows, columns=columns, allowed=limits.max_cells)
    return found


def _error(kind: int, stream: bytes, at: int) -> str | None:
    if kind == _TRUTH:
        return _ERRORS.get(stream[at + 6]) if stream[at + 7] == 1 else None
    result = stream[at + 6 : at + 14]
    return _ERRORS.get(result[2]) if result[6:8] == b"\xff\xff" and result[0] == 2 else None

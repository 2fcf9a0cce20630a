"""How far the sheets of a workbook reach, found out before anything is unpacked into memory.

The library that reads workbooks lays a sheet out as a full grid: two cells in opposite corners would be seventeen
thousand million. So every sheet is inflated once, in pieces, its cells counted and its corners noted. Sizes that the
container states are believed only when they already are too large.
"""

from __future__ import annotations

import posixpath
import re
import xml.parsers.expat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.limits import MIB, Limits

_CHUNK: Final = 1 << 20
_LARGE_PART: Final = 64 * MIB
_ERROR_CELL: Final = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*? t="e"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>([^<]{1,20})</v>'
)
_SHARED: Final = re.compile(rb"""t\s*=\s*["']s["'][^>]*>\s*<v>\s*([0-9]+)\s*</v>""")
_MAX_ERRORS: Final = 200_000
_SPREADSHEET: Final = "office:spreadsheet"


@dataclass(slots=True)
class Extent:
    """The corner of a sheet, its number of cells, and the cells that hold an error such as #REF! by (row, column)
    from 0: the library reads those as blank."""

    n_rows: int = 0
    n_columns: int = 0
    n_cells: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


class Part:
    """One member of the container, inflated piece by piece and counted against the limits of the whole."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._n_bytes = 0

    def pieces(self, container: zipfile.ZipFile, member: str) -> Iterator[bytes]:
        """The bytes of a member. Raises IntakeError workbook_too_large."""
        packed = max(1, container.getinfo(member).compress_size)
        n_member = 0
        with container.open(member) as stream:
            while piece := stream.read(_CHUNK):
                n_member += len(piece)
                self._n_bytes += len(piece)
                bomb = n_member > MIB and n_member > packed * self._limits.max_ratio
                if bomb or self._n_bytes > self._limits.max_workbook_unpacked:
                    raise too_large(self._name, self._limits)
                yield piece


def too_large(name: str, limits: Limits) -> IntakeError:
    """The refusal of a workbook that unpacks to too much."""
    return IntakeError(Code.WORKBOOK_TOO_LARGE, file=name, allowed=limits.max_workbook_unpacked)


def extents(container: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, Extent]:
    """The extent of every sheet, by its name. Raises IntakeError workbook_too_large, workbook_too_many_cells,
    workbook_too_many_sheets, workbook_broken; what zipfile and expat raise for broken bytes."""
    infos = [info for info in container.infolist() if info.filename.lower().endswith((".xml", ".rels"))]
    if sum(info.file_size for info in infos) > limits.max_workbook_unpacked:
        raise too_large(name, limits)
    part = Part(name, limits)
    if "content.xml" in container.namelist():
        return _open_document(part.pieces(container, "content.xml"), name, limits)
    sheets = _sheet_members(container, part)
    if len(sheets) > limits.max_sheets:
        raise IntakeError(Code.WORKBOOK_TOO_MANY_SHEETS, file=name, found=len(sheets), allowed=limits.max_sheets)
    known = {info.filename.lower(): info.filename for info in container.infolist()}
    found = {}
    for sheet, member in sheets.items():
        if member.lower() in known:
            found[sheet] = _measured(container, known[member.lower()], sheet, part, name, limits)
    for info in infos:
        if "styles" in info.filename.lower():
            for _ in part.pieces(container, info.filename):
                pass
        elif "sharedstrings" in info.filename.lower():
            sizes = _string_sizes(part.pieces(container, info.filename))
            n_cells = sum(extent.n_cells for extent in found.values())
            if len(sizes) and int(sizes.max()) * n_cells > limits.max_sheet_text:
                _refuse_repeated_text(
                    container, [known[member.lower()] for member in sheets.values()], sizes, name, limits
                )
    return found


def _string_sizes(pieces: Iterator[bytes]) -> npt.NDArray[np.int64]:
    """Bytes of each text that cells share, its tags included."""
    sizes: list[int] = []
    n_open, tail = 0, b""
    for piece in pieces:
        first, *rest = (tail + piece).split(b"</si>")
        n_open += len(first) - len(tail)
        for text in rest:
            sizes.append(n_open)
            n_open = len(text)
        tail = (rest[-1] if rest else first)[-4:]
    return np.asarray(sizes, dtype=np.int64)


def _refuse_repeated_text(
    container: zipfile.ZipFile, members: list[str], sizes: npt.NDArray[np.int64], name: str, limits: Limits
) -> None:
    """A long text that many cells share is laid out once for each: add up how much that makes."""
    total = 0
    part = Part(name, limits)
    for member in members:
        rest = b""
        for piece in part.pieces(container, member):
            text = rest + piece
            used = np.asarray([int(digits[:9]) for digits in _SHARED.findall(text)], dtype=np.int64)
            total += int(sizes[used[used < len(sizes)]].sum())
            if total > limits.max_sheet_text:
                raise too_large(name, limits)
            rest = text[max(text.rfind(b"<c"), len(text) - 200) :] if b"<c" in text else b""


def _sheet_members(container: zipfile.ZipFile, part: Part) -> dict[str, str]:
    """Sheet name -> member of the container, worksheets only."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = unquote(attributes.get("Target", ""))
            whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            targets[attributes.get("Id", "")] = whole

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sheet":
            key = next((value for name, value in attributes.items() if local(name) == "id"), "")
            if key in targets:
                sheets[attributes.get("name", "")] = targets[key]

    for member, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = guarded()
        parser.StartElementHandler = handler
        for piece in part.pieces(container, member):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    return sheets


def local(tag: str) -> str:
    """A name without its prefix."""
    return tag.rpartition(":")[2]


def guarded() -> xml.parsers.expat.XMLParserType:
    """A parser that refuses document types, and with them every entity of a file's own."""
    parser = xml.parsers.expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise xml.parsers.expat.ExpatError("document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


class Bounds:
    """Keeps an extent within the limits while it grows."""

    def __init__(self, sheet: str, name: str, limits: Limits) -> None:
        self.extent = Extent()
        self._sheet, self._name, self._limits = sheet, name, limits

    def grow(self, n_rows: int, n_columns: int, n_cells: int) -> None:
        """Take note of rows and columns reached, and of cells met."""
        extent = self.extent
        extent.n_rows, extent.n_columns = max(extent.n_rows, n_rows), max(extent.n_columns, n_columns)
        extent.n_cells += n_cells
        if max(extent.n_cells, extent.n_rows * extent.n_columns) > self._limits.max_cells:
            raise IntakeError(
                Code.WORKBOOK_TOO_MANY_CELLS,
                file=f"{self._name} / {self._sheet}" if self._sheet else self._name,
                rows=extent.n_rows,
                columns=extent.n_columns,
                allowed=self._limits.max_cells,
            )


def _measured(container: zipfile.ZipFile, member: str, sheet: str, part: Part, name: str, limits: Limits) -> Extent:
    bounds = Bounds(sheet, name, limits)
    n_tags = n_placed = 0
    rest = b""
    for piece in part.pieces(container, member):
        text = rest + piece
        cut = max(text.rfind(b"<c "), text.rfind(b"<row"))
        if cut <= 0 or len(text) - cut > _CHUNK:
            cut = text.rfind(b"<") if text.rfind(b"<") > 0 else len(text)
        text, rest = text[:cut], text[cut:]
        tags, placed = _places(text, bounds)
        n_tags, n_placed = n_tags + tags, n_placed + placed
    tags, placed = _places(rest, bounds)
    if n_tags + tags == n_placed + placed > 0:
        return bounds.extent
    # Cells without an address, prefixed tags, odd quotes: told by a parser, at a tenth of the speed.
    return _parsed(container, member, sheet, Part(name, limits), name, limits)


def _places(text: bytes, bounds: Bounds) -> tuple[int, int]:
    """(cell tags, addresses of cells) in a run of whole tags, with the corners taken note of."""
    data = np.frombuffer(text + bytes(16), dtype=np.uint8)
    behind = data[2:-10]
    tags = (data[:-12] == 60) & (data[1:-11] == 99) & ((behind <= 32) | (behind == 47) | (behind == 62))
    n_tags = int(np.count_nonzero(tags))
    marks = (data[:-12] <= 32) & (data[1:-11] == 114) & (behind == 61) & (data[3:-9] == 34)
    at = np.flatnonzero(marks) + 4
    if not len(at):
        return n_tags, 0
    column: npt.NDArray[np.int64] = np.zeros(len(at), dtype=np.int64)
    for _ in range(3):
        byte = data[at]
        letter = (byte >= 65) & (byte <= 90)
        column = np.where(letter, column * 26 + byte - 64, column)
        at = at + letter
    row: npt.NDArray[np.int64] = np.zeros(len(at), dtype=np.int64)
    for _ in range(8):
        byte = data[at]
        digit = (byte >= 48) & (byte <= 57)
        row = np.where(digit, row * 10 + byte - 48, row)
        at = at + digit
    n_placed = int(np.count_nonzero(column))
    bounds.grow(int(row.max()), int(column.max()), n_placed)
    if b't="e"' in text and len(bounds.extent.errors) < _MAX_ERRORS:
        for letters, digits, shown in _ERROR_CELL.findall(text):
            bounds.extent.errors[int(digits) - 1, _column(letters.decode())] = shown.decode("ascii", "replace")
    return n_tags, n_placed


def _column(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


_ADDRESS: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,9})")


def _parsed(container: zipfile.ZipFile, member: str, sheet: str, part: Part, name: str, limits: Limits) -> Extent:
    bounds = Bounds(sheet, name, limits)
    row = column = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        kind = local(tag)
        if kind == "row":
            given = attributes.get("r", "")
            row, column = int(given) if given.isdigit() else row + 1, 0
        elif kind == "c":
            address = _ADDRESS.fullmatch(attributes.get("r", ""))
            if address:
                column = _column(address[1])
                bounds.grow(max(row, int(address[2])), column + 1, 1)
            else:
                bounds.grow(row, column + 1, 1)
            column += 1

    parser = guarded()
    parser.StartElementHandler = start
    for piece in part.pieces(container, member):
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return bounds.extent


def _open_document(pieces: Iterator[bytes], name: str, limits: Limits) -> dict[str, Extent]:
    """Sheets of an OpenDocument file, in which one tag may stand for any number of equal cells or rows."""
    found: dict[str, Extent] = {}
    bounds: Bounds | None = None
    n_rows = n_repeated = column = reached = n_filled = 0
    n_equal = n_signs = n_text = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal bounds, n_rows, n_repeated, column, reached, n_filled, n_equal, n_signs
        if tag == "table:table" and "table:name" in attributes:
            bounds = Bounds(attributes["table:name"], name, limits)
            found[attributes["table:name"]] = bounds.extent
            if len(found) > limits.max_sheets:
                raise IntakeError(Code.WORKBOOK_TOO_MANY_SHEETS, file=name, found=len(found), allowed=limits.max_sheets)
            n_rows = 0
        elif tag == "table:table-row":
            n_repeated = int(attributes.get("table:number-rows-repeated", "1"))
            column = reached = n_filled = n_signs = 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            n_equal = int(attributes.get("table:number-columns-repeated", "1"))
            column += n_equal
            if "office:value-type" in attributes or "table:formula" in attributes:
                reached, n_filled = column, n_filled + n_equal
        elif tag == "text:p":
            reached, n_filled = max(reached, column), max(n_filled, 1)

    def signs(text: str) -> None:
        nonlocal n_signs
        n_signs += len(text) * n_equal

    def end(tag: str) -> None:
        nonlocal n_rows, n_text
        if tag == "table:table-row" and bounds is not None:
            n_rows += n_repeated
            if reached:
                bounds.grow(n_rows, reached, n_filled * n_repeated)
            n_text += 4 * n_signs * n_repeated
            if n_text > limits.max_sheet_text:
                raise too_large(name, limits)

    parser = guarded()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, signs
    for piece in pieces:
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return found

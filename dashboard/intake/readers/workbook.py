"""Workbooks: every sheet that holds a table becomes one file of clean text, under limits checked beforehand."""

from __future__ import annotations

import hashlib
import uuid
import xml.parsers.expat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import python_calamine as calamine

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import older
from dashboard.intake.readers.archive import broken_named
from dashboard.intake.readers.blocks import chunks_of
from dashboard.intake.readers.cells import text_of
from dashboard.intake.readers.disk import full_disk_named
from dashboard.intake.readers.extent import Extent, extents
from dashboard.intake.readers.grid import Merged, Row, find_heading, write_records
from dashboard.intake.readers.limits import Limits
from dashboard.intake.readers.rewrite import remove_quietly
from dashboard.intake.readers.source import SourceFile, refused_file


def read_workbook(
    path: Path, name: str, kind: str, job: Path, limits: Limits, progress: Callable[[int], None]
) -> list[SourceFile]:
    """The tables of a workbook of ``kind`` xlsx, xls or ods; blank sheets and charts are passed over in silence.

    A sheet that is hidden or holds no usable table comes back with ``refused`` set; a workbook without a single usable
    one raises the reason of its first. Raises IntakeError and nothing else for any content.
    """
    size = path.stat().st_size
    if size > limits.max_workbook_bytes:
        raise IntakeError(Code.FILE_TOO_LARGE, file=name, size=size, allowed=limits.max_workbook_bytes)
    by_name = _checked_container(path, name, limits) if kind != "xls" else {}
    by_number = older.measured(path, name, limits) if kind == "xls" else []
    digest = hashlib.sha256()
    for chunk in chunks_of(path):
        digest.update(chunk)
    files: list[SourceFile] = []
    errors: list[IntakeError] = []
    with full_disk_named(name), path.open("rb") as handle:
        book = _opened(handle, name)
        sheets = book.sheets_metadata
        if len(sheets) > limits.max_sheets:
            raise IntakeError(Code.WORKBOOK_TOO_MANY_SHEETS, file=name, found=len(sheets), allowed=limits.max_sheets)
        for number, sheet in enumerate(sheets):
            shown = f"{name} / {_printable(sheet.name)}"
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            extent = by_number[number] if number < len(by_number) else by_name.get(sheet.name, Extent())
            try:
                grid = _guarded(name, book.get_sheet_by_index, number)
                if not grid.width:
                    continue
                if sheet.visible != calamine.SheetVisibleEnum.Visible:
                    files.append(refused_file(shown, job, Code.HIDDEN_SHEET))
                    continue
                file = _read_sheet(grid, extent, shown, job, limits)
            except IntakeError as error:
                if error.code in (Code.DISK_FULL, Code.WORKBOOK_BROKEN):
                    raise
                errors.append(error)
                files.append(refused_file(shown, job, error.code, error))
                continue
            finally:
                progress(size * (number + 1) // len(sheets))
            files.append(replace(file, encoding=kind, size=size, sha256=digest.hexdigest()))
    if all(file.refused for file in files):
        raise errors[0] if errors else IntakeError(Code.EMPTY_FILE, file=name, size=size)
    return files


def _checked_container(path: Path, name: str, limits: Limits) -> dict[str, Extent]:
    with broken_named(name, Code.WORKBOOK_BROKEN), zipfile.ZipFile(path) as container:
        if any(info.flag_bits & 1 for info in container.infolist()) or _is_locked(container):
            raise IntakeError(Code.WORKBOOK_ENCRYPTED, file=name)
        try:
            return extents(container, name, limits)
        except xml.parsers.expat.ExpatError as error:
            raise IntakeError(Code.WORKBOOK_BROKEN, file=name) from error


def _is_locked(container: zipfile.ZipFile) -> bool:
    """Whether an OpenDocument file needs a password: its manifest then says how its parts are encrypted."""
    try:
        with container.open("META-INF/manifest.xml") as stream:
            return b"encryption-data" in stream.read(1 << 20)
    except KeyError:
        return False


def _opened(handle: Any, name: str) -> calamine.CalamineWorkbook:
    book: calamine.CalamineWorkbook = _guarded(name, calamine.CalamineWorkbook.from_filelike, handle)
    return book


def _guarded(name: str, work: Callable[..., Any], *given: object) -> Any:
    """Call the library, whose complaints about a broken file come in many kinds."""
    try:
        return work(*given)
    except calamine.PasswordError as error:
        raise IntakeError(Code.WORKBOOK_ENCRYPTED, file=name) from error
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise IntakeError(Code.WORKBOOK_BROKEN, file=name) from error


def _read_sheet(grid: calamine.CalamineSheet, extent: Extent, name: str, job: Path, limits: Limits) -> SourceFile:
    if grid.width * grid.height > limits.max_cells:
        raise IntakeError(
            Code.WORKBOOK_TOO_MANY_CELLS, file=name, rows=grid.height, columns=grid.width, allowed=limits.max_cells
        )
    if grid.width > limits.max_columns:
        raise IntakeError(Code.TOO_MANY_COLUMNS, file=name, found=grid.width, allowed=limits.max_columns)
    left = grid.start[1] if grid.start else 0
    rows = _rows(grid, left, extent)
    heading = find_heading(rows, _merged(grid, left), name, limits)
    target = job / f"sheet-{uuid.uuid4().hex}.csv"
    try:
        written = write_records(heading, rows, target, name, limits)
        if not written.n_records:
            raise IntakeError(
                Code.ALL_ROWS_HELD_BACK,
                tuple(written.problems[:1000]),
                file=name,
                found=len(written.problems),
                line=written.problems[0].line,
                reason=written.problems[0].reason.value,
            )
    except BaseException:
        remove_quietly(target)
        raise
    return SourceFile(
        name=name,
        path=target,
        encoding="",
        delimiter=",",
        quote='"',
        header=heading.header,
        skip_lines=1,
        n_records=written.n_records,
        n_blank=written.last_line - heading.line - written.n_records - len(written.problems),
        n_held_back=len(written.problems),
        problems=heading.problems + tuple(written.problems),
        has_line_column=True,
        multiline=written.multiline,
        size=0,
        sha256="",
    )


def _rows(grid: calamine.CalamineSheet, left: int, extent: Extent) -> Iterator[Row]:
    """The rows that hold anything, as text, with the errors that the library leaves out."""
    errors: dict[int, list[tuple[int, str]]] = {}
    for (row, column), shown in extent.errors.items():
        errors.setdefault(row, []).append((column - left, shown))
    for index, values in enumerate(grid.iter_rows()):
        cells = [text_of(value) for value in values]
        for column, shown in errors.get(index, ()):
            if 0 <= column < len(cells) and not cells[column]:
                cells[column] = shown
        if any(cells) and any(cell.strip() for cell in cells):
            yield index + 1, cells


def _merged(grid: calamine.CalamineSheet, left: int) -> list[Merged]:
    ranges = grid.merged_cell_ranges or []
    return [(top, first - left, bottom, last - left) for (top, first), (bottom, last) in ranges if first >= left]


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:255]

"""Named limits of the reader; all are checked before or while streaming, never after loading."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes unless the name says otherwise."""

    max_bytes: int = 4 << 30  # one file, or one ZIP
    max_unpacked: int = 8 << 30  # all members of a ZIP together
    max_ratio: int = 200  # unpacked / packed of one member, looked at above 1 MiB unpacked
    max_members: int = 500  # entries of a ZIP, folders included
    max_columns: int = 2000  # fields of the heading record
    max_line_bytes: int = 2 * MIB  # a file without a line break in this many bytes is refused
    max_record_bytes: int = 1_900_000  # one record as UTF-8; DuckDB's default max_line_size is 2,000,000
    max_record_lines: int = 2_000  # physical lines of one record on the repair path
    max_held_back: int = 100_000  # rows set aside before the file as a whole is refused
    max_workbook_bytes: int = 256 * MIB  # one workbook as it comes
    max_workbook_unpacked: int = 1024 * MIB  # all XML in a workbook together
    max_workbook_members: int = 5_000  # entries of the container that a workbook is
    max_sheets: int = 250
    max_cells: int = 10_000_000  # rows times columns of one sheet, and its cells; about 100 bytes of memory each
    max_sheet_text: int = 1024 * MIB  # text of a workbook with what cells share counted for each of them
    max_folder_files: int = 500  # files below a folder that look like tables
    may_repeat: frozenset[str] = frozenset()  # headings, case folded, that may stand twice: the first is read


#: What is allowed when nobody says otherwise.
DEFAULT_LIMITS = Limits()

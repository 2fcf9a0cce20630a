"""What can be wrong with an upload: the closed list of codes, and the two shapes that carry them.

The sentence a person reads is written elsewhere, per language, keyed by the code; here are only codes and facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

Fact = str | int

#: Characters of an offending row that are kept for the report.
TEXT_LIMIT: Final = 500


class Code(StrEnum):
    """Every reason for which a file (``IntakeError``) or one row (``RowProblem``) is refused or set aside."""

    # --- the whole file: what it is ---
    EMPTY_FILE = "empty_file"  # no bytes, only a byte order mark, or only line breaks
    HEADER_ONLY = "header_only"  # headings and not one record
    OFFICE_DOCUMENT = "office_document"  # Word, PowerPoint, OpenDocument text, RTF
    PDF_DOCUMENT = "pdf_document"  # PDF
    HTML_PAGE = "html_page"  # a web page, often a login page saved as .csv or a table saved as .xls
    XML_FILE = "xml_file"  # any other XML
    JSON_FILE = "json_file"  # JSON
    PARQUET_FILE = "parquet_file"  # parquet, ORC, Avro, Arrow
    DATABASE_FILE = "database_file"  # DuckDB, SQLite, Access
    EXECUTABLE_FILE = "executable_file"  # ELF, Windows or Mac programme, script
    COMPRESSED_FILE = "compressed_file"  # gzip, bzip2, xz, zstd, 7z, rar: not a ZIP
    PICKLE_FILE = "pickle_file"  # Python pickle; never opened
    MEDIA_FILE = "media_file"  # image, sound or film
    BINARY_FILE = "binary_file"  # none of the above and not text
    # --- the whole file: limits ---
    FILE_TOO_LARGE = "file_too_large"  # more bytes than allowed
    LINE_TOO_LONG = "line_too_long"  # no line break within the allowed length at the start of the file
    TOO_MANY_COLUMNS = "too_many_columns"  # wider than allowed
    TOO_MANY_BROKEN_ROWS = "too_many_broken_rows"  # so many rows held back that the file is not what it seems
    DISK_FULL = "disk_full"  # no room for the working copy
    # --- the whole file: workbook ---
    WORKBOOK_BROKEN = "workbook_broken"  # cannot be opened, cut short, or not as any programme writes it
    WORKBOOK_ENCRYPTED = "workbook_encrypted"  # needs a password
    WORKBOOK_FORMAT = "workbook_format"  # a kind of workbook that is not read: xlsb
    WORKBOOK_AS_PAGE = "workbook_as_page"  # HTML or XML that Excel can show, under the name of a workbook
    WORKBOOK_TOO_LARGE = "workbook_too_large"  # unpacks to more bytes than allowed, or to an absurd multiple
    WORKBOOK_TOO_MANY_CELLS = "workbook_too_many_cells"  # rows times columns of a sheet are more than allowed
    WORKBOOK_TOO_MANY_SHEETS = "workbook_too_many_sheets"  # more sheets than allowed
    # --- the whole file: ZIP and folders ---
    FOLDER_NO_TABLE = "folder_no_table"  # a folder without a file that looks like a table
    FOLDER_TOO_MANY = "folder_too_many"  # more files below a folder than allowed
    ZIP_BROKEN = "zip_broken"  # cannot be opened, checksum wrong, cut short
    ZIP_ENCRYPTED = "zip_encrypted"  # a member needs a password
    ZIP_UNSUPPORTED = "zip_unsupported"  # a compression method other than stored or deflate
    ZIP_NESTED = "zip_nested"  # a ZIP inside the ZIP
    ZIP_TOO_MANY_MEMBERS = "zip_too_many_members"  # more members than allowed
    ZIP_TOO_LARGE = "zip_too_large"  # unpacks to more bytes than allowed
    ZIP_BOMB = "zip_bomb"  # one member unpacks to an absurd multiple of its packed size
    ZIP_NO_TABLE = "zip_no_table"  # nothing in it that could be read as a table
    # --- the whole file: text and headings ---
    ENCODING_UNKNOWN = "encoding_unknown"  # neither UTF-8/16 nor plausible GB18030 or cp1252
    ONE_COLUMN = "one_column"  # no separator found: one column cannot be a CRM table
    HEADERLESS = "headerless"  # the first record looks like data
    HEADER_UNREADABLE = "header_unreadable"  # broken quotes or bytes in the heading row
    DUPLICATE_HEADING = "duplicate_heading"  # the same heading twice (spaces and case apart)
    ALL_ROWS_HELD_BACK = "all_rows_held_back"  # headings are fine, every record is broken
    # --- the upload as a whole ---
    FILE_MISSING = "file_missing"  # no such file
    FILE_UNREADABLE = "file_unreadable"  # the file may not be read
    NOT_RECOGNISED = "not_recognised"  # no file has the headings of a CRM that we know
    NOTHING_KEPT = "nothing_kept"  # files are known, and nothing of use is left in them
    UNKNOWN_SOURCE = "unknown_source"  # --source names no profile
    BAD_MAPPING = "bad_mapping"  # a mapping file that cannot be read
    DATE_ORDER_UNKNOWN = "date_order_unknown"  # 03/04/2025: nothing in the upload proves which comes first
    DECIMAL_UNKNOWN = "decimal_unknown"  # 1.234: nothing in the upload proves whether that is more than a thousand
    RECORDS_LOST = "records_lost"  # the count of records does not come out even; nothing was published
    OUT_OF_MEMORY = "out_of_memory"  # needs more memory than allowed
    TOO_SLOW = "too_slow"  # took longer than allowed
    WORKER_DIED = "worker_died"  # the importing process ended without a word
    # --- one row ---
    TITLE_LINE = "title_line"  # report title or remark above the headings (not a record)
    FOOTER_LINE = "footer_line"  # totals, copyright or remark after the last record
    REPEATED_HEADER = "repeated_header"  # the headings once more among the records
    TOO_FEW_FIELDS = "too_few_fields"  # fewer cells than headings
    TOO_MANY_FIELDS = "too_many_fields"  # more cells than headings, with text in them
    TRUNCATED_RECORD = "truncated_record"  # the last record stops half-way
    STRAY_QUOTE = "stray_quote"  # text after a closing quote
    UNCLOSED_QUOTE = "unclosed_quote"  # a quote that is never closed
    NUL_BYTE = "nul_byte"  # a zero byte in the row
    BAD_BYTES = "bad_bytes"  # bytes that are not text in the file's encoding
    RECORD_TOO_LONG = "record_too_long"  # one record longer than allowed
    MEMBER_SKIPPED = "member_skipped"  # a ZIP member that is no table; its name is in the text
    HIDDEN_SHEET = "hidden_sheet"  # a sheet that its workbook hides; its name is in the text


#: The closed list, as plain strings.
CODES: Final = frozenset(code.value for code in Code)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row set aside.

    ``record``: 1-based number among the non-blank data records, held-back ones included; 0 = not a record.
    ``line``: 1-based physical line of the original file where the row starts; 0 = no line.
    ``column``: heading where the fault was found, or "". ``text``: the original text, cut to 500 characters.
    ``found`` / ``expected``: cells seen and wanted for ragged rows, bytes seen and allowed for long ones, else 0.
    """

    record: int
    line: int
    column: str
    text: str
    reason: Code
    found: int = 0
    expected: int = 0


class IntakeError(Exception):
    """A whole file is refused.

    ``code``: from ``Code``. ``facts``: values for the sentence (always ``file``). ``problems``: the rows behind it.
    """

    def __init__(self, code: Code, problems: tuple[RowProblem, ...] = (), **facts: Fact) -> None:
        super().__init__(code, facts)
        self.code = code
        self.problems = problems
        self.facts = MappingProxyType(facts)

    def __str__(self) -> str:
        return f"{self.code.value}: " + ", ".join(f"{key}={value!r}" for key, value in self.facts.items())

    def __reduce__(self) -> tuple[object, ...]:
        # Uploads are parsed in a child process; the default pickling of keyword arguments would lose the facts.
        return _rebuild, (self.code, self.problems, dict(self.facts))


def _rebuild(code: Code, problems: tuple[RowProblem, ...], facts: dict[str, Fact]) -> IntakeError:
    return IntakeError(code, problems, **facts)


def excerpt(raw: bytes) -> str:
    """Original bytes as text for the report: undecodable bytes shown as \\xNN, at most 500 characters."""
    return raw[: 4 * TEXT_LIMIT].decode("utf-8", "backslashreplace")[:TEXT_LIMIT]

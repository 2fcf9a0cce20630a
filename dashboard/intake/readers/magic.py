"""What a file is, judged by its first bytes and never by its name."""

from __future__ import annotations

import re
from typing import Final

from dashboard.intake.problem import Code

_PREFIXES: Final[tuple[tuple[bytes, Code], ...]] = (
    (b"%PDF", Code.PDF_DOCUMENT),
    (b"{\\rtf", Code.OFFICE_DOCUMENT),
    (b"\x7fELF", Code.EXECUTABLE_FILE),
    (b"#!/", Code.EXECUTABLE_FILE),
    (b"\xca\xfe\xba\xbe", Code.EXECUTABLE_FILE),
    (b"\xcf\xfa\xed\xfe", Code.EXECUTABLE_FILE),
    (b"\xfe\xed\xfa", Code.EXECUTABLE_FILE),
    (b"PAR1", Code.PARQUET_FILE),
    (b"ARROW1", Code.PARQUET_FILE),
    (b"Obj\x01", Code.PARQUET_FILE),
    (b"SQLite format 3\x00", Code.DATABASE_FILE),
    (b"\x00\x01\x00\x00Standard ", Code.DATABASE_FILE),
    (b"\x1f\x8b", Code.COMPRESSED_FILE),
    (b"BZh", Code.COMPRESSED_FILE),
    (b"\xfd7zXZ\x00", Code.COMPRESSED_FILE),
    (b"\x28\xb5\x2f\xfd", Code.COMPRESSED_FILE),
    (b"7z\xbc\xaf\x27\x1c", Code.COMPRESSED_FILE),
    (b"Rar!\x1a\x07", Code.COMPRESSED_FILE),
    (b"\x89PNG", Code.MEDIA_FILE),
    (b"\xff\xd8\xff", Code.MEDIA_FILE),
    (b"GIF87a", Code.MEDIA_FILE),
    (b"GIF89a", Code.MEDIA_FILE),
    (b"II*\x00", Code.MEDIA_FILE),
    (b"MM\x00*", Code.MEDIA_FILE),
)
_OLE_PREFIX: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_PREFIXES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05][\x80-\x95c}\](XKMJNG\x89\x88U]", re.DOTALL)
_MARKUP: Final = re.compile(rb"\s*<(?:[a-z!?/])", re.IGNORECASE)
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|script|div|style)\b", re.IGNORECASE)
_TABLE: Final = re.compile(rb"<table\b", re.IGNORECASE)
_FORM: Final = re.compile(rb"<(?:form|input|script)\b", re.IGNORECASE)
_WEB_ARCHIVE: Final = re.compile(rb"MIME-Version:[^\n]*\r?\n(?:[^\n]+\n)*?[^\n]*multipart/related", re.IGNORECASE)
_JSON: Final = re.compile(rb'\s*(?:\{\s*(?:"[^"\r\n]*"\s*:|\})|\[\s*(?:[\[{\]"]|-?\d[\d.eE+-]*\s*[,\]]))')
_TEXT_BOMS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27}) + b"\x7f"
#: Stray NULs are a row's problem; from this share on the file as a whole is not text.
_BINARY_SHARE: Final = 0.05


def is_zip(head: bytes) -> bool:
    """Whether the bytes start like a ZIP container (workbooks included)."""
    return head.startswith(_ZIP_PREFIXES)


def is_ole(head: bytes) -> bool:
    """Whether the bytes start like an OLE container: xls, a workbook with a password, an older document."""
    return head.startswith(_OLE_PREFIX)


def foreign_kind(head: bytes) -> Code | None:
    """The code for a file that is certainly no delimited text, or None.

    ``head``: the first bytes, 64 KiB are plenty. UTF-16/32 text is told by its mark or by its even NULs and passes.
    """
    if head.startswith(_TEXT_BOMS):
        return None
    for prefix, code in _PREFIXES:
        if head.startswith(prefix):
            return code
    if head[8:12] == b"DUCK":
        return Code.DATABASE_FILE
    if head.startswith(b"MZ") and b"\x00" in head[:256]:
        return Code.EXECUTABLE_FILE
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return Code.MEDIA_FILE
    if head[4:8] == b"ftyp" or (head.startswith((b"BM", b"ID3", b"OggS")) and b"\x00" in head[:32]):
        return Code.MEDIA_FILE
    if _PICKLE.match(head):
        return Code.PICKLE_FILE
    return _markup_kind(head) or _binary_kind(head)


def wide_order(head: bytes) -> str | None:
    """ "utf-16-le" or "utf-16-be" for UTF-16 text without a mark, told by NULs in every other byte; else None."""
    sample = head[: 4096 & ~1]
    if len(sample) < 8:
        return None
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even * 50 < odd and (odd > half * 0.4 or _reads_as_text(sample, "utf-16-le")):
        return "utf-16-le"
    if odd * 50 < even and (even > half * 0.4 or _reads_as_text(sample, "utf-16-be")):
        return "utf-16-be"
    return None


def _reads_as_text(sample: bytes, encoding: str) -> bool:
    """Whether the characters are those of tables in Chinese or a Western language, line breaks among them."""
    try:
        text = sample[:-2].decode(encoding)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    usual = sum(
        1 for c in text if " " <= c <= "~" or c in "\t\r\n" or "\u4e00" <= c <= "\u9fff" or "\uff00" <= c <= "\uff5e"
    )
    return "\n" in text and usual >= 0.95 * len(text)


def _markup_kind(head: bytes) -> Code | None:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        if b"urn:schemas-microsoft-com:office:" in text[:8192]:
            return Code.WORKBOOK_AS_PAGE
        if not _HTML.search(text[:4096]):
            return Code.XML_FILE
        # A page with a table and nothing to fill in is what many programmes call an Excel export.
        return Code.WORKBOOK_AS_PAGE if _TABLE.search(text) and not _FORM.search(text) else Code.HTML_PAGE
    if _WEB_ARCHIVE.match(text):
        return Code.WORKBOOK_AS_PAGE
    if _JSON.match(text):
        return Code.JSON_FILE
    return None


def _binary_kind(head: bytes) -> Code | None:
    if wide_order(head) is not None:
        return None
    sample = head[:65536]
    n_controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if n_controls >= 8 and n_controls > len(sample) * _BINARY_SHARE:
        return Code.BINARY_FILE
    return None

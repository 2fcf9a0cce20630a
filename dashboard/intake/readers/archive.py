"""ZIP uploads: members unpacked one by one into generated names, under limits, never trusting what the ZIP says."""

from __future__ import annotations

import errno
import struct
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers.limits import MIB, Limits
from dashboard.intake.readers.magic import is_zip

_CHUNK: Final = 1 << 20
_MAX_DIRECTORY_BYTES: Final = 64 * MIB
_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".tab")
WORKBOOK_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".ods", ".xlsb", ".et")
_JUNK_WORDS: Final = ("readme", "license", "manifest", "checksum")
#: zipfile raises these, and more by version, for bytes that do not fit together.
BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, struct.error, RuntimeError, IndexError)


@contextmanager
def broken_named(name: str, code: Code) -> Iterator[None]:
    """Turn what reading a broken container raises into IntakeError ``code``."""
    try:
        yield
    except (*BROKEN, KeyError, OverflowError) as error:
        raise IntakeError(code, file=name) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # an offset before the start of the file
            raise
        raise IntakeError(code, file=name) from error


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the ZIP. ``path`` is the unpacked copy; None for a member left packed, with the reason."""

    name: str
    path: Path | None
    reason: Code | None = None


def workbook_kind(path: Path, name: str) -> str | None:
    """ "xlsx" or "ods" for a workbook in a ZIP container, None for a plain ZIP. Broken ZIPs count as plain.

    Raises IntakeError office_document for other documents, workbook_format for workbooks in binary parts.
    """
    try:
        with broken_named(name, Code.ZIP_BROKEN), zipfile.ZipFile(path) as container:
            names = container.namelist()
            is_open_document = "mimetype" in names and "content.xml" in names
            kind = b""
            if is_open_document:
                with container.open("mimetype") as stream:
                    kind = stream.read(100)
    except IntakeError:
        return None
    if is_open_document:
        if b"spreadsheet" in kind:
            return "ods"
        raise IntakeError(Code.OFFICE_DOCUMENT, file=name)
    if "[Content_Types].xml" not in names:
        return None
    if "xl/workbook.bin" in names:
        raise IntakeError(Code.WORKBOOK_FORMAT, file=name)
    if any(member.startswith("xl/") for member in names):
        return "xlsx"
    raise IntakeError(Code.OFFICE_DOCUMENT, file=name)


def refuse_crowded(path: Path, name: str, allowed: int) -> None:
    """Raise zip_too_many_members by the end record alone, before any directory is read into memory."""
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - 65_557))
        tail = handle.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise IntakeError(Code.ZIP_BROKEN, file=name)
    n_members, n_bytes = struct.unpack_from("<HI", tail, at + 10)
    locator = tail.rfind(b"PK\x06\x07", 0, at)
    if n_bytes == 0xFFFFFFFF and locator >= 0:
        n_bytes = size - struct.unpack_from("<Q", tail, locator + 8)[0]  # at most what is left of the file
    if (n_members > allowed and n_members != 0xFFFF) or n_bytes > _MAX_DIRECTORY_BYTES:
        raise IntakeError(Code.ZIP_TOO_MANY_MEMBERS, file=name, found=n_members, allowed=allowed)


def unpack(path: Path, name: str, job: Path, limits: Limits) -> list[Member]:
    """Unpack the tables of a ZIP into ``job``. Folders, hidden files and read-me files are passed over in silence.

    Raises IntakeError zip_broken, zip_encrypted, zip_unsupported, zip_nested, zip_too_many_members,
    zip_too_large, zip_bomb, zip_no_table.
    """
    refuse_crowded(path, name, limits.max_members)
    with broken_named(name, Code.ZIP_BROKEN), zipfile.ZipFile(path) as container:
        entries = container.infolist()
        if len(entries) > limits.max_members:
            raise IntakeError(Code.ZIP_TOO_MANY_MEMBERS, file=name, found=len(entries), allowed=limits.max_members)
        members, n_unpacked = [], 0
        for entry in entries:
            shown = member_name(entry)
            if entry.is_dir() or is_junk(shown):
                continue
            if entry.flag_bits & _ENCRYPTED_FLAG:
                raise IntakeError(Code.ZIP_ENCRYPTED, file=name, member=shown)
            suffix = Path(shown).suffix.lower()
            if suffix == ".zip":
                raise IntakeError(Code.ZIP_NESTED, file=name, member=shown)
            if suffix and suffix not in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES):
                members.append(Member(f"{name}/{shown}", None, Code.MEMBER_SKIPPED))
                continue
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise IntakeError(Code.ZIP_UNSUPPORTED, file=name, member=shown, method=entry.compress_type)
            target = job / f"member-{uuid.uuid4().hex}"
            n_unpacked += _copy(container, entry, target, n_unpacked, name, shown, limits)
            members.append(Member(f"{name}/{shown}", target))
    if not any(member.path for member in members):
        raise IntakeError(Code.ZIP_NO_TABLE, file=name, members=len(entries))
    return members


def _copy(
    container: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    target: Path,
    n_before: int,
    name: str,
    shown: str,
    limits: Limits,
) -> int:
    """Bytes written. Counts what comes out, as the sizes in the directory may lie."""
    n_out = 0
    may_be_workbook = Path(shown).suffix.lower() in WORKBOOK_SUFFIXES
    with container.open(entry) as packed, target.open("wb") as sink:
        while chunk := packed.read(_CHUNK):
            # Whether a container is a workbook is told when the member is read; under any other name it is a nest.
            if n_out == 0 and is_zip(chunk) and not may_be_workbook and b"[Content_Types].xml" not in chunk[:4096]:
                raise IntakeError(Code.ZIP_NESTED, file=name, member=shown)
            n_out += len(chunk)
            if n_before + n_out > limits.max_unpacked:
                raise IntakeError(Code.ZIP_TOO_LARGE, file=name, member=shown, allowed=limits.max_unpacked)
            if n_out > MIB and n_out > limits.max_ratio * max(1, entry.compress_size):
                raise IntakeError(Code.ZIP_BOMB, file=name, member=shown, allowed=limits.max_ratio)
            sink.write(chunk)
    return n_out


def member_name(entry: zipfile.ZipInfo) -> str:
    """The name for people. Without the UTF-8 flag, Chinese programmes write GB18030, which Python reads as cp437."""
    shown = entry.filename
    if not entry.flag_bits & _UTF8_FLAG and not shown.isascii():
        raw = shown.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                shown = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return "".join(character for character in shown if character.isprintable())[:255]


def is_junk(shown: str) -> bool:
    """Whether a path, as shown, is a hidden file, a by-product of a system, or a read-me."""
    parts = [part for part in shown.replace("\\", "/").split("/") if part]
    if not parts or parts[0] == "__MACOSX" or any(part.startswith(".") and part.strip(".") for part in parts):
        return True
    stem = parts[-1].lower()
    return stem in ("thumbs.db", "desktop.ini") or (
        stem.endswith((".txt", ".md", "")) and not stem.endswith((".csv", ".tsv")) and stem.startswith(_JUNK_WORDS)
    )

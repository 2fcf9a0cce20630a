"""The door: one uploaded file in, one or more readable tables out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import archive
from dashboard.intake.readers.disk import full_disk_named
from dashboard.intake.readers.limits import DEFAULT_LIMITS, Limits
from dashboard.intake.readers.magic import is_ole, is_zip
from dashboard.intake.readers.rewrite import remove_quietly
from dashboard.intake.readers.source import SourceFile, refused_file
from dashboard.intake.readers.table import read_table

#: (name, bytes done, bytes in all) of the file being read.
Progress = Callable[[str, int, int], None]


def read_upload(
    path: Path, name: str, job: Path, limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> list[SourceFile]:
    """Read one upload: delimited text, a workbook, or a ZIP of such.

    ``path``: the bytes; ``name``: what the user called them, used in messages only; ``job``: an existing private
    folder for working copies. A ZIP member or a sheet that is no usable table comes back with ``refused`` set; a ZIP
    or workbook without a single usable one raises the part's own error, as a single file does. Raises IntakeError
    and nothing else for any content; OSError when the disk fails (a full disk is IntakeError disk_full).
    """
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise IntakeError(Code.FILE_TOO_LARGE, file=name, size=size, allowed=limits.max_bytes)
    kind = _container_kind(path, name, limits)
    if kind != "zip":
        return _read_one(path, name, kind, job, limits, _counted(progress, name, size))
    with full_disk_named(name):
        members = archive.unpack(path, name, job, limits)
    return _read_members(members, job, limits, progress)


def _container_kind(path: Path, name: str, limits: Limits) -> str:
    """ "text", "zip", or the kind of a workbook: "xlsx", "ods", "xls". Raises IntakeError for other documents."""
    with path.open("rb") as handle:
        head = handle.read(8)
    if is_ole(head):
        return "xls"
    if not is_zip(head):
        return "text"
    archive.refuse_crowded(path, name, limits.max_workbook_members)
    return archive.workbook_kind(path, name) or "zip"


def _read_one(
    path: Path, name: str, kind: str, job: Path, limits: Limits, progress: Callable[[int], None]
) -> list[SourceFile]:
    if kind == "text":
        return [read_table(path, name, job, limits, progress)]
    from dashboard.intake.readers.workbook import read_workbook  # takes its time to load; most uploads are text

    return read_workbook(path, name, kind, job, limits, progress)


def _read_members(
    members: list[archive.Member], job: Path, limits: Limits, progress: Progress | None
) -> list[SourceFile]:
    files: list[SourceFile] = []
    errors: list[IntakeError] = []
    for member in members:
        if member.path is None:
            files.append(refused_file(member.name, job, member.reason or Code.MEMBER_SKIPPED))
            continue
        size = member.path.stat().st_size
        try:
            kind = _container_kind(member.path, member.name, limits)
            if kind == "zip":
                raise IntakeError(Code.ZIP_NESTED, file=member.name, member=member.name)
            tables = _read_one(member.path, member.name, kind, job, limits, _counted(progress, member.name, size))
        except IntakeError as error:
            remove_quietly(member.path)
            if error.code in (Code.DISK_FULL, Code.ZIP_NESTED):
                raise
            errors.append(error)
            files.append(refused_file(member.name, job, error.code, error))
            continue
        if all(file.path != member.path for file in tables):
            remove_quietly(member.path)
        files += tables
    if all(file.refused for file in files):
        raise errors[0]
    return files


def _counted(progress: Progress | None, name: str, size: int) -> Callable[[int], None]:
    if progress is None:
        return _silent
    return partial(_report, progress, name, size)


def _report(progress: Progress, name: str, size: int, done: int) -> None:
    progress(name, min(done, size), size)


def _silent(done: int) -> None:
    """Nobody watches."""

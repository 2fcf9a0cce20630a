"""The door: one uploaded file in, one or more readable tables out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from dashboard.intake.problem import Code, IntakeError, RowProblem
from dashboard.intake.readers import archive
from dashboard.intake.readers.disk import full_disk_named
from dashboard.intake.readers.limits import DEFAULT_LIMITS, Limits
from dashboard.intake.readers.magic import is_zip
from dashboard.intake.readers.rewrite import remove_quietly
from dashboard.intake.readers.source import SourceFile
from dashboard.intake.readers.table import read_table

#: (name, bytes done, bytes in all) of the file being read.
Progress = Callable[[str, int, int], None]


def read_upload(
    path: Path, name: str, job: Path, limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> list[SourceFile]:
    """Read one upload: delimited text, or a ZIP of such.

    ``path``: the bytes; ``name``: what the user called them, used in messages only; ``job``: an existing private
    folder for working copies. A ZIP member that is no usable table comes back with ``refused`` set; a ZIP without a
    single usable one raises the member's own error, as a single file does. Raises IntakeError and nothing else
    for any content; OSError when the disk fails (a full disk is IntakeError disk_full).
    """
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise IntakeError(Code.FILE_TOO_LARGE, file=name, size=size, allowed=limits.max_bytes)
    with path.open("rb") as handle:
        head = handle.read(8)
    if not is_zip(head):
        return [read_table(path, name, job, limits, _counted(progress, name, size))]
    archive.refuse_crowded(path, name, limits)
    office = archive.workbook_kind(path)
    if office is not None:
        raise IntakeError(office, file=name, size=size)
    with full_disk_named(name):
        members = archive.unpack(path, name, job, limits)
    return _read_members(members, job, limits, progress)


def _read_members(
    members: list[archive.Member], job: Path, limits: Limits, progress: Progress | None
) -> list[SourceFile]:
    files: list[SourceFile] = []
    errors: list[IntakeError] = []
    for member in members:
        if member.path is None:
            files.append(_refused(member.name, job, member.reason or Code.MEMBER_SKIPPED))
            continue
        size = member.path.stat().st_size
        try:
            with member.path.open("rb") as handle:
                packed = is_zip(handle.read(8))
            office = archive.workbook_kind(member.path) if packed else None
            if packed:
                raise IntakeError(office or Code.ZIP_NESTED, file=member.name, member=member.name, size=size)
            file = read_table(member.path, member.name, job, limits, _counted(progress, member.name, size))
        except IntakeError as error:
            remove_quietly(member.path)
            if error.code in (Code.DISK_FULL, Code.ZIP_NESTED):
                raise
            errors.append(error)
            files.append(_refused(member.name, job, error.code, error))
            continue
        if file.path != member.path:
            remove_quietly(member.path)
        files.append(file)
    if all(file.refused for file in files):
        raise errors[0]
    return files


def _refused(name: str, job: Path, code: Code, error: IntakeError | None = None) -> SourceFile:
    problem = RowProblem(0, int(error.facts.get("line", 0)) if error else 0, "", name, code)
    return SourceFile(
        name=name,
        path=job,
        encoding="",
        delimiter="",
        quote="",
        header=(),
        skip_lines=0,
        n_records=0,
        n_blank=0,
        n_held_back=0,
        problems=(problem, *(error.problems if error else ())),
        has_line_column=False,
        multiline=False,
        size=0,
        sha256="",
        refused=code,
    )


def _counted(progress: Progress | None, name: str, size: int) -> Callable[[int], None]:
    if progress is None:
        return _silent
    return partial(_report, progress, name, size)


def _report(progress: Progress, name: str, size: int, done: int) -> None:
    progress(name, min(done, size), size)


def _silent(done: int) -> None:
    """Nobody watches."""

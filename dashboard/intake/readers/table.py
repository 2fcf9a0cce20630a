"""One delimited text file: recognise, decode, lay out, count, and repair where a strict reader would stumble."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.readers import charset, magic
from dashboard.intake.readers.blocks import HashedFile, aligned
from dashboard.intake.readers.charset import Utf8Evidence
from dashboard.intake.readers.disk import full_disk_named
from dashboard.intake.readers.footers import footer_offsets
from dashboard.intake.readers.layout import Layout, find_layout, grammar
from dashboard.intake.readers.limits import DEFAULT_LIMITS, Limits
from dashboard.intake.readers.rewrite import Rewriter, remove_quietly
from dashboard.intake.readers.source import SourceFile
from dashboard.intake.readers.structure import Structure, StructureScan
from dashboard.intake.readers.transcoding import WIDE, Damage, utf8_blocks

Progress = Callable[[int], None]

_MAGIC_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class _Text:
    """The file as UTF-8, read through once: where it is, how its data is built, whether it holds bad lines."""

    path: Path
    layout: Layout
    structure: Structure
    sha256: str
    has_bad_lines: bool


def read_table(path: Path, name: str, job: Path, limits: Limits, progress: Progress) -> SourceFile:
    """Read one file that is no ZIP. ``job``: existing folder for working copies. Raises IntakeError."""
    with full_disk_named(name):
        return _read(path, name, job, limits, progress)


def repair(
    file: SourceFile, job: Path, limits: Limits = DEFAULT_LIMITS, progress: Progress = lambda _: None
) -> SourceFile:
    """The same table by the repair path, for a file that a strict reader refused or counted differently.

    Returns the file itself when it was rewritten already. Raises IntakeError all_rows_held_back,
    too_many_broken_rows, disk_full.
    """
    if file.has_line_column:
        return file
    with file.path.open("rb") as handle:
        head = handle.read(limits.max_line_bytes + 1)
    complete = len(head) == file.path.stat().st_size
    layout = find_layout(_whole_lines(head, complete), complete, file.name, limits)
    with full_disk_named(file.name):
        return _rewritten(file, layout, job, limits, progress)


def _read(path: Path, name: str, job: Path, limits: Limits, progress: Progress) -> SourceFile:
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise IntakeError(Code.FILE_TOO_LARGE, file=name, size=size, allowed=limits.max_bytes)
    with path.open("rb") as handle:
        head = handle.read(limits.max_line_bytes + 1)
    complete = len(head) == size
    kind = magic.foreign_kind(head[:_MAGIC_BYTES])
    if kind is not None:
        raise IntakeError(kind, file=name, size=size)
    marked = charset.marked_encoding(head)
    wide = marked or magic.wide_order(head)
    wide = wide if wide in WIDE else None
    if wide is None and b"\n" not in head and b"\r" not in head and not complete:
        raise IntakeError(Code.LINE_TOO_LONG, file=name, size=size, allowed=limits.max_line_bytes)
    encoding, text = _as_text(path, name, job, limits, progress, head, complete, wide)
    if marked == "utf-8-sig" and encoding == "utf-8":
        encoding = "utf-8-sig"
    layout, structure = text.layout, text.structure
    file = SourceFile(
        name=name,
        path=text.path,
        encoding="utf-16" if encoding.startswith("utf-16") else encoding,
        delimiter=layout.delimiter.decode("utf-8", "replace"),
        quote='"',
        header=layout.header,
        skip_lines=layout.data_line - 1,
        n_records=structure.n_records,
        n_blank=structure.n_blank,
        n_held_back=0,
        problems=layout.problems,
        has_line_column=False,
        multiline=structure.multiline,
        size=size,
        sha256=text.sha256,
    )
    if (
        text.has_bad_lines
        or not layout.plain
        or not structure.regular
        or footer_offsets(text.path, grammar(layout.delimiter, limits), layout.data_offset)
    ):
        file = _rewritten(file, layout, job, limits, progress)
        if text.path != path:
            remove_quietly(text.path)
    if file.n_records == 0:
        raise IntakeError(Code.HEADER_ONLY, file=name, columns=len(file.header))
    return file


def _as_text(
    path: Path,
    name: str,
    job: Path,
    limits: Limits,
    progress: Progress,
    head: bytes,
    complete: bool,
    wide: str | None,
) -> tuple[str, _Text]:
    if wide is not None:
        return wide, _decoded(path, name, job, limits, progress, head, complete, wide)
    evidence = Utf8Evidence()
    evidence.feed(_whole_lines(head, complete), 0)
    encoding = evidence.verdict()
    if encoding == "utf-8":
        attempt = _utf8(path, name, limits, progress, head, complete)
        if isinstance(attempt, _Text):
            return encoding, attempt
        evidence, encoding = attempt, attempt.verdict()
    if encoding is None or encoding == "utf-8":
        raise IntakeError(
            Code.ENCODING_UNKNOWN,
            file=name,
            offset=evidence.first_bad_offset,
            line=evidence.first_bad_line,
            bad_lines=evidence.n_bad,
        )
    return encoding, _decoded(path, name, job, limits, progress, head, complete, encoding)


def _utf8(
    path: Path, name: str, limits: Limits, progress: Progress, head: bytes, complete: bool
) -> _Text | Utf8Evidence:
    """The file as it stands, or the evidence against its being UTF-8."""
    layout = find_layout(_whole_lines(head, complete), complete, name, limits)
    scan = _scan(layout, head, limits)
    evidence = Utf8Evidence()
    source = HashedFile(path, progress)
    offset = 0
    for block, whole in aligned(source.chunks(), limits.max_line_bytes):
        if whole:
            evidence.feed(block, offset)
            if evidence.hopeless():
                return evidence
        else:
            scan.found.long_record = True
        scan.feed(block[max(0, layout.data_offset - offset) :])
        offset += len(block)
    if evidence.verdict() != "utf-8":
        return evidence
    return _Text(path, layout, scan.finish(), source.sha256, evidence.n_bad > 0)


def _scan(layout: Layout, head: bytes, limits: Limits) -> StructureScan:
    """A scan that knows the line breaks above the data already: they must be of the same kind."""
    scan = StructureScan(layout.delimiter, layout.header_line, layout.width, limits.max_record_bytes)
    above = head[: layout.data_offset]
    scan.found.n_crlf = above.count(b"\r\n")
    scan.found.n_lf = above.count(b"\n") - scan.found.n_crlf
    return scan


def _decoded(
    path: Path,
    name: str,
    job: Path,
    limits: Limits,
    progress: Progress,
    head: bytes,
    complete: bool,
    encoding: str,
) -> _Text:
    """A UTF-8 copy in ``job``. Bytes that do not decode stay as they are, so that their rows can be held back."""
    source = HashedFile(path, progress)
    head_blocks = utf8_blocks(iter((head,)), encoding, name, limits.max_line_bytes, Damage(), final=complete)
    head_text = _whole_lines(b"".join(block for block, _ in head_blocks), complete)
    if not complete and b"\n" not in head_text and b"\r" not in head_text:
        raise IntakeError(Code.LINE_TOO_LONG, file=name, size=path.stat().st_size, allowed=limits.max_line_bytes)
    layout = find_layout(head_text, complete, name, limits)
    scan = _scan(layout, head_text, limits)
    target = job / f"text-{uuid.uuid4().hex}.csv"
    offset, damage = 0, Damage()
    with target.open("wb") as sink:
        for block, whole in utf8_blocks(source.chunks(), encoding, name, limits.max_line_bytes, damage):
            sink.write(block)
            scan.found.long_record = scan.found.long_record or not whole
            scan.feed(block[max(0, layout.data_offset - offset) :])
            offset += len(block)
    if not damage.tolerable:
        remove_quietly(target)
        raise IntakeError(
            Code.ENCODING_UNKNOWN, file=name, offset=damage.offset, line=damage.line, bad_lines=damage.n_bad
        )
    return _Text(target, layout, scan.finish(), source.sha256, damage.n_bad > 0)


def _whole_lines(head: bytes, complete: bool) -> bytes:
    """The head up to its last line break, or all of it when it is the whole file or has none."""
    if complete:
        return head
    cut = head.rfind(b"\n") + 1 or head.rfind(b"\r", 0, len(head) - 1) + 1
    return head[:cut] if cut else head


def _rewritten(file: SourceFile, layout: Layout, job: Path, limits: Limits, progress: Progress) -> SourceFile:
    target = job / f"rows-{uuid.uuid4().hex}.csv"
    try:
        outcome = Rewriter(layout, file.name, limits).run(file.path, target, progress)
    except BaseException:
        remove_quietly(target)
        raise
    if outcome.n_records == 0:
        remove_quietly(target)
        if not outcome.problems:
            raise IntakeError(Code.HEADER_ONLY, file=file.name, columns=layout.width)
        first = outcome.problems[0]
        raise IntakeError(
            Code.ALL_ROWS_HELD_BACK,
            tuple(outcome.problems[:1000]),
            file=file.name,
            found=len(outcome.problems),
            line=first.line,
            reason=first.reason.value,
        )
    return replace(
        file,
        path=target,
        skip_lines=1,
        n_records=outcome.n_records,
        n_blank=outcome.n_blank,
        n_held_back=len(outcome.problems),
        problems=layout.problems + tuple(outcome.problems),
        has_line_column=True,
        multiline=outcome.multiline,
    )

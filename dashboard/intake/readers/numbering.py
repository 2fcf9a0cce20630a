"""From record numbers back to physical lines of the original file, for reports about single rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.intake.readers.blocks import CHUNK, aligned, chunks_of
from dashboard.intake.readers.source import SourceFile


def line_numbers(file: SourceFile, records: Sequence[int]) -> dict[int, int]:
    """1-based data record number in ``file.path`` (blank records not counted) -> 1-based line of the original.

    One streaming pass at about the speed of counting; numbers that do not occur are left out of the result.
    """
    wanted = np.unique(np.asarray([number for number in records if 0 < number <= file.n_records], dtype=np.int64))
    result: dict[int, int] = {}
    if not len(wanted):
        return result
    if not (file.multiline or file.n_blank or file.has_line_column):
        return {number: number + file.skip_lines for number in wanted.tolist()}
    n_lines = n_records = 0  # line breaks seen, data records ended
    inside = False
    at = 0  # index into wanted
    after_end = True  # the next byte starts a record
    for block, _ in aligned(chunks_of(file.path), CHUNK):
        data = np.frombuffer(block, dtype=np.uint8)
        breaks = np.flatnonzero(data == 10)
        if b'"' in block or inside:
            quotes = np.flatnonzero(data == 34)
            ends = (np.searchsorted(quotes, breaks) + inside) % 2 == 0
            inside = bool((len(quotes) + inside) % 2)
        else:
            ends = np.ones(len(breaks), dtype=np.bool_)
        lines_at = np.arange(len(breaks), dtype=np.int64) + n_lines + 1  # number of the line each break ends
        # Starts of records: the byte behind a record end, and the block's first byte when the last block ended one.
        starts = breaks[ends] + 1
        start_lines = lines_at[ends] + 1
        if after_end:
            starts = np.concatenate((np.zeros(1, dtype=starts.dtype), starts))
            start_lines = np.concatenate((np.asarray([n_lines + 1], dtype=np.int64), start_lines))
        after_end = bool(len(ends) and ends[-1] and breaks[-1] == len(data) - 1) or (after_end and not len(data))
        real = starts < len(data)
        starts, start_lines = starts[real], start_lines[real]
        first = data[starts]
        second = data[np.minimum(starts + 1, len(data) - 1)]
        blank = (first == 10) | ((first == 13) & (second == 10))
        start_lines = start_lines[~blank & (start_lines > file.skip_lines)]
        until = int(np.searchsorted(wanted, n_records + len(start_lines), side="right"))
        for number in wanted[at:until]:
            line = int(start_lines[int(number) - n_records - 1])
            result[int(number)] = line
        at = until
        n_records += len(start_lines)
        n_lines += len(breaks)
        if at == len(wanted):
            break
    return _by_line_column(file, result) if file.has_line_column else result


def _by_line_column(file: SourceFile, lines: dict[int, int]) -> dict[int, int]:
    """A rewritten file carries the original line in its first column."""
    by_line = {line: number for number, line in lines.items()}
    mark = file.delimiter.encode()
    result: dict[int, int] = {}
    with file.path.open("rb") as handle:
        for line, text in enumerate(handle, 1):
            if line in by_line:
                result[by_line[line]] = int(text.split(mark, 1)[0])
                if len(result) == len(by_line):
                    break
    return result

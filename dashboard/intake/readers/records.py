"""One record out of physical lines: RFC 4180 with the leniency of DuckDB's strict mode, and nothing beyond it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from dashboard.intake.problem import Code
from dashboard.intake.readers.lines import LineSource

QUOTE: Final = b'"'


@dataclass(frozen=True, slots=True)
class Record:
    """Fields without their quotes, and how many physical lines they took. ``defect`` names a broken quote; the fields
    are then those before it. ``loose``: some unquoted field holds a quote, which is taken as a character."""

    fields: list[bytes]
    n_lines: int
    defect: Code | None = None
    loose: bool = False


@dataclass(frozen=True, slots=True)
class RecordGrammar:
    """The dialect in which records are read, and the limits of one record."""

    delimiter: bytes
    max_bytes: int
    max_lines: int

    @property
    def padding(self) -> bytes:
        """Bytes allowed between a delimiter and a quote."""
        return b" " if self.delimiter == b"\t" else b" \t"

    def is_blank(self, text: bytes) -> bool:
        """Whether a line holds nothing but white space (a row of empty cells is not blank)."""
        return not text.strip(self.padding + b"\x0b\x0c")

    def read(self, source: LineSource, start: int = 0) -> Record:
        """The record that begins ``start`` lines ahead; the source is not advanced. A line must be there."""
        line = source.peek(start)
        if line is None:
            raise ValueError("no line to read")
        text, fields, position, n_lines, n_bytes, loose = line.text, list[bytes](), 0, 1, line.size, False
        while True:
            begin = position
            while text[begin : begin + 1] and text[begin] in self.padding:
                begin += 1
            if text[begin : begin + 1] != QUOTE:
                end = text.find(self.delimiter, position)
                fields.append(text[position:] if end < 0 else text[position:end])
                loose = loose or QUOTE in fields[-1]
                if end < 0:
                    return Record(fields, n_lines, None, loose)
                position = end + 1
                continue
            parts: list[bytes] = []
            position = begin + 1
            while True:
                end = text.find(QUOTE, position)
                if end >= 0:
                    if text[end + 1 : end + 2] == QUOTE:
                        parts.append(text[position : end + 1])
                        position = end + 2
                        continue
                    parts.append(text[position:end])
                    break
                following = source.peek(start + n_lines)
                if following is None or n_lines >= self.max_lines or n_bytes + following.size > self.max_bytes:
                    return Record(fields, n_lines, Code.UNCLOSED_QUOTE, loose)
                parts.append(text[position:] + b"\n")
                text, position = following.text, 0
                n_lines += 1
                n_bytes += following.size + 1
            fields.append(b"".join(parts))
            position = end + 1
            while text[position : position + 1] and text[position] in self.padding:
                position += 1
            if position == len(text):
                return Record(fields, n_lines, None, loose)
            if text[position : position + 1] != self.delimiter:
                return Record(fields, n_lines, Code.STRAY_QUOTE, loose)
            position += 1

    def whole_record(self, width: int) -> re.Pattern[bytes]:
        """Matches a well-formed record of exactly ``width`` fields that can be copied as it stands."""
        mark = re.escape(self.delimiter)
        field = rb'(?:"[^"]*+(?:""[^"]*+)*+"|(?![ \t]*+")[^' + mark + rb'"\r\n]*+)'
        return re.compile(field + rb"(?:" + mark + field + rb"){" + str(width - 1).encode() + rb"}")

    def render(self, fields: list[bytes]) -> bytes:
        """Fields as one line without its break, quoted where needed."""
        special = (self.delimiter, QUOTE, b"\n", b"\r")
        return self.delimiter.join(
            QUOTE + cell.replace(QUOTE, b'""') + QUOTE if any(mark in cell for mark in special) else cell
            for cell in fields
        )


def fitted(fields: list[bytes], width: int) -> list[bytes]:
    """The fields without empty ones beyond ``width``: programmes append separators, and no text is lost."""
    if len(fields) > width and not any(cell.strip() for cell in fields[width:]):
        return fields[:width]
    return fields

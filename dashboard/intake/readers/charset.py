"""The encoding ladder: mark, UTF-8, UTF-16, then GB18030 against cp1252 by plausibility, else refuse.

Chinese files decode "successfully" as cp1252 and short Latin-1 words as GB18030, so the two are weighed: genuine
Chinese text lives in the first two levels of GB 2312, while a Latin-1 accent before an ASCII letter lands in
the rare extension planes of GBK.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from dashboard.intake.readers.utf8 import is_utf8

_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: cp1252 characters seen in real names and remarks besides letters.
_LATIN_SIGNS: Final = frozenset("€‚„…‰‹Œ‘’“”•–—™›œžŸŽŠš £¥§©«®°±²³´·»¼½¾¿¡ªº×÷¹µ¶¦¬\xad¢¤¯¸¨ˆ˜†‡ƒ")
#: Bad lines tolerated (and held back) in an otherwise sound file.
_BAD_SHARE: Final = 0.01
_SAMPLE_LINES: Final = 2000


def marked_encoding(head: bytes) -> str | None:
    """The encoding announced by a byte order mark, or None."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    return None


@dataclass(slots=True)
class Utf8Evidence:
    """What a pass over the bytes says for and against UTF-8. Lines are counted by 0x0A."""

    n_lines: int = 0
    n_bad: int = 0
    n_good_wide: int = 0  # lines in chunks with valid multi-byte sequences
    first_bad_offset: int = -1
    first_bad_line: int = 0
    bad_sample: list[bytes] = field(default_factory=list)

    def feed(self, chunk: bytes, offset: int) -> None:
        """Take one newline-aligned chunk that starts at ``offset`` of the file."""
        n_lines = int(np.count_nonzero(np.frombuffer(chunk, dtype=np.uint8) == 10))  # ten times bytes.count
        if not chunk.isascii():
            if is_utf8(chunk):
                self.n_good_wide += max(n_lines, 1)
            else:
                self._feed_lines(chunk, offset)
        self.n_lines += n_lines

    def _feed_lines(self, chunk: bytes, offset: int) -> None:
        position = offset
        for number, line in enumerate(chunk.split(b"\n"), self.n_lines + 1):
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    self.n_good_wide += 1
                except UnicodeDecodeError as error:
                    self.n_bad += 1
                    if self.first_bad_offset < 0:
                        self.first_bad_offset, self.first_bad_line = position + error.start, number
                    if len(self.bad_sample) < _SAMPLE_LINES:
                        self.bad_sample.append(line)
            position += len(line) + 1

    def tolerable(self) -> bool:
        """Whether the bad lines are few enough to hold them back one by one."""
        return self.n_bad <= max(1, int(self.n_lines * _BAD_SHARE))

    def hopeless(self) -> bool:
        """Whether it is already plain that the file is not UTF-8."""
        return self.n_bad > 200 and self.n_bad > self.n_good_wide

    def verdict(self) -> str | None:
        """ "utf-8" (bad lines to be held back), "gb18030", "cp1252", or None when nothing fits."""
        if self.n_bad == 0:
            return "utf-8"
        if self.n_good_wide >= self.n_bad:
            return "utf-8" if self.tolerable() else None
        return legacy_encoding(self.bad_sample) or ("utf-8" if self.tolerable() else None)


def legacy_encoding(lines: Iterable[bytes]) -> str | None:
    """ "gb18030" or "cp1252" for lines that are not UTF-8, or None when neither reads like text."""
    sample = list(lines)
    weight = _chinese_weight(sample)
    if weight >= 0.5:
        return "gb18030"
    if _latin_share(sample) >= 0.9:
        return "cp1252"
    return "gb18030" if weight >= 0.3 else None


def _chinese_weight(lines: list[bytes]) -> float:
    """Mean commonness (0..1) of the non-ASCII characters read as GB18030; 0 when many lines do not decode."""
    total, weight, n_failed = 0, 0.0, 0
    for line in lines:
        try:
            text = line.decode("gb18030")
        except UnicodeDecodeError:
            n_failed += 1
            continue
        for character in text:
            if character > "\x7f":
                total += 1
                weight += _commonness(character)
    if n_failed > max(1, len(lines) // 20) or (n_failed and n_failed == len(lines)):
        return 0.0
    return weight / total if total else 0.0


def _commonness(character: str) -> float:
    """1 for the 3,755 everyday characters and punctuation; below 0 for what Chinese text hardly ever holds, so that
    Big5, Shift-JIS and Latin-1 files, which often decode, do not pass."""
    raw = character.encode("gb18030")
    if len(raw) == 4:
        return 0.3 if ord(character) > 0x2E80 else -0.5
    lead, trail = raw[0], raw[1]
    if 0xE000 <= ord(character) <= 0xF8FF:
        return -2.0
    if lead < 0xA1 or trail < 0xA1:
        return -0.5
    if 0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3:
        return 1.0
    return 0.7 if 0xD8 <= lead <= 0xF7 else 0.0


def _latin_share(lines: list[bytes]) -> float:
    """Share of the non-ASCII bytes that are Western letters or usual signs; 0 when undefined bytes occur often."""
    total = good = n_failed = 0
    for line in lines:
        try:
            text = line.decode("cp1252")
        except UnicodeDecodeError:
            n_failed += 1
            continue
        wide = [character for character in text if character > "\x7f"]
        total += len(wide)
        good += sum(character.isalpha() or character in _LATIN_SIGNS for character in wide)
        # Letters beside letters: a word is mostly ASCII with an accent here and there.
        ascii_letters = sum(character.isascii() and character.isalpha() for character in text)
        if len(wide) > max(4, ascii_letters):
            good -= len(wide) // 2
    if n_failed > len(lines) // 20:
        return 0.0
    return good / total if total else 0.0

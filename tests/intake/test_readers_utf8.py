"""The fast checks against the plain ones: strict UTF-8, and where the bits are."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.intake.readers.bitmask import bits, positions
from dashboard.intake.readers.utf8 import is_utf8

LONG = "客户 Müller 𠮷\n".encode() * 2000
BAD = [b"\xc0\xaf", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80",
       b"\xf5\x80\x80\x80", b"\x80", b"\xe4\xb8", b"\xff", b"\xf0\x9f\x98"]  # fmt: skip


def decodes(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", [0, len(LONG) // 19 // 2 * 19, len(LONG)])
def test_one_bad_sequence_anywhere(bad: bytes, place: int) -> None:
    text = LONG[:place] + bad + LONG[place:]
    assert not decodes(text) and not is_utf8(text)


def test_good_text_of_every_kind() -> None:
    every = "".join(chr(i) for i in range(0x110000) if not 0xD800 <= i <= 0xDFFF)
    assert is_utf8(every.encode()) and is_utf8(LONG) and is_utf8(b"") and is_utf8(b"a" * 100_000)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=8), st.integers(0, len(LONG)))
def test_as_strict_as_decoding(piece: bytes, place: int) -> None:
    text = LONG[:place] + piece + LONG[place:]
    assert is_utf8(text) == decodes(text)


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.05, 0.3, 1])
@pytest.mark.parametrize("size", [1, 63, 64, 65, 5000])
def test_positions_of_bits(share: float, size: int) -> None:
    draw = random.Random(size)
    mask = np.asarray([draw.random() < share for _ in range(size)], dtype=np.bool_)
    found = positions(bits(mask))
    assert found.dtype == np.int64 and found.tolist() == np.flatnonzero(mask).tolist()

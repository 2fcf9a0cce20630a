"""Bytes of interest as bit masks, 64 bytes to a word: the arithmetic under the structure scan.

The running xor of the quote mask is 1 from an opening quote up to the byte before its closing one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]

_ONE: Final = np.uint64(1)
_TOP: Final = np.uint64(63)


def bits(mask: npt.NDArray[np.bool_]) -> Words:
    """A boolean per byte as words, padded with zeros."""
    packed = np.packbits(mask, bitorder="little")
    padded = np.zeros(-(-len(packed) // 8) * 8, dtype=np.uint8)
    padded[: len(packed)] = packed
    return padded.view("<u8").astype(np.uint64, copy=False)


def count(words: Words) -> int:
    """How many bits are set."""
    return int(np.bitwise_count(words).sum())


def prefix_xor(quotes: Words, inside: bool) -> Words:
    """Bit i = parity of the quotes up to and including i, plus the state before the block."""
    words = quotes.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        words ^= words << np.uint64(shift)
    parity = words >> _TOP
    before = np.empty_like(parity)
    before[0] = inside
    before[1:] = np.bitwise_xor.accumulate(parity)[:-1] ^ np.uint64(inside)
    flipped: Words = words ^ (np.uint64(0) - before)
    return flipped


def shift_up(words: Words, first: bool) -> Words:
    """Every bit moved to the next byte; ``first`` enters at the start."""
    moved = words << _ONE
    moved[1:] |= words[:-1] >> _TOP
    moved[0] |= np.uint64(first)
    return moved


def shift_down(words: Words) -> Words:
    """Every bit moved to the byte before."""
    moved = words >> _ONE
    moved[:-1] |= words[1:] << _TOP
    return moved


def positions(words: Words) -> Positions:
    """The indexes of the set bits, ascending."""
    at = np.flatnonzero(words)
    left = words[at]
    if count(left) > 3 * len(at):
        return _positions_of_many(words)
    # Few bits to a word, as line breaks are: take the lowest of each, and again until none is left.
    found = []
    while len(at):
        lowest = left & (np.uint64(0) - left)
        found.append((at << 6) + np.bitwise_count(lowest - _ONE))
        left = left ^ lowest
        more = left != 0
        at, left = at[more], left[more]
    if len(found) == 1:
        return found[0]
    return np.sort(np.concatenate(found), kind="stable") if found else at


def _positions_of_many(words: Words) -> Positions:
    flags = np.unpackbits(words.astype("<u8", copy=False).view(np.uint8), bitorder="little")
    # As booleans: numpy finds those five times faster than bytes.
    found: Positions = np.flatnonzero(flags.view(np.bool_))
    return found


def rank(words: Words, at: Positions) -> Positions:
    """For each index, how many bits are set before it."""
    totals = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum(np.bitwise_count(words), out=totals[1:])
    word, bit = at >> 6, (at & 63).astype(np.uint64)
    below: Positions = totals[word] + np.bitwise_count(words[word] & ((_ONE << bit) - _ONE))
    return below


def bit(words: Words, index: int) -> bool:
    """One bit."""
    return bool(words[index >> 6] >> np.uint64(index & 63) & _ONE)


def misplaced_quotes(quotes: Words, inside: Words, neighbours: Words, size: int) -> bool:
    """Whether a quote opens elsewhere than behind, or closes elsewhere than before, a separator, break or quote.

    ``neighbours``: the mask of those bytes. The byte before the block counts as a break; what follows it is unknown
    or the end of the file, and both are fine for a closing quote.
    """
    before, after = shift_up(neighbours, True), shift_down(neighbours)
    last = size - 1
    after[last >> 6] |= _ONE << np.uint64(last & 63)
    return bool(np.any(quotes & inside & ~before) or np.any(quotes & ~inside & ~after))

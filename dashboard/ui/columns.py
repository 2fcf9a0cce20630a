"""Columns: Python values as Arrow arrays, laid out by hand.

`pyarrow.array` asks pandas first whether a list is one of its own, and thereby imports it: half a second before the
first page, for nothing.
"""

from __future__ import annotations

import array
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

_EPOCH = dt.date(1970, 1, 1).toordinal()


def texts(values: Sequence[str | None]) -> pa.Array:
    """Text, null where None."""
    encoded = [b"" if value is None else value.encode("utf-8", "replace") for value in values]
    ends, end = array.array("i", [0]), 0
    for one in encoded:
        end += len(one)
        ends.append(end)
    return _array(pa.string(), values, pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(encoded)))


def numbers(values: Sequence[float | None]) -> pa.Array:
    """Floating point numbers, null where None."""
    flat = array.array("d", [0.0 if value is None else value for value in values])
    return _array(pa.float64(), values, pa.py_buffer(flat.tobytes()))


def days(values: Sequence[dt.date | None]) -> pa.Array:
    """Dates, null where None."""
    flat = array.array("i", [0 if value is None else value.toordinal() - _EPOCH for value in values])
    return _array(pa.date32(), values, pa.py_buffer(flat.tobytes()))


def flags(values: Sequence[bool | None]) -> pa.Array:
    """True, false, null."""
    return _array(pa.bool_(), values, _bits([bool(value) for value in values]))


def _array(kind: pa.DataType, values: Sequence[Any], *buffers: pa.Buffer) -> pa.Array:
    known = [value is not None for value in values]
    return pa.Array.from_buffers(kind, len(values), [None if all(known) else _bits(known), *buffers])


def _bits(values: Sequence[bool]) -> pa.Buffer:
    packed = bytearray((len(values) + 7) // 8)
    for i, value in enumerate(values):
        if value:
            packed[i >> 3] |= 1 << (i & 7)
    return pa.py_buffer(bytes(packed))

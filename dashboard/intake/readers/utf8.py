"""Whether bytes are UTF-8, strictly: no surrogates, no overlong forms, nothing cut at the end."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

#: From this size on, checking in place is faster than decoding to a string that nobody wants.
_LONG: Final = 1 << 14


def is_utf8(text: bytes) -> bool:
    """Whether the bytes decode."""
    if text.isascii():
        return True
    if len(text) < _LONG:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True
    ends = pa.py_buffer(np.asarray([0, len(text)], dtype=np.int64))
    one = pa.LargeStringArray.from_buffers(1, ends, pa.py_buffer(text))
    try:
        one.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True

"""Columns laid out by hand say what Arrow would have said, and leave pandas where it is."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pyarrow as pa
import pytest

from dashboard.ui import columns

DAY = dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("make", "kind", "values"),
    [
        (columns.texts, pa.string(), ["a", None, "", "中文😀", "b"] * 5),
        (columns.texts, pa.string(), []),
        (columns.texts, pa.string(), ["a"]),
        (columns.numbers, pa.float64(), [1.5, None, -0.0, 1e300] * 4),
        (columns.days, pa.date32(), [DAY, None, dt.date(1900, 1, 1), dt.date(9999, 12, 31)]),
        (columns.flags, pa.bool_(), [True, None, False] * 7),
    ],
)
def test_same_as_arrow(make, kind, values):
    made = make(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, kind))


def test_pandas_stays_out():
    code = "import sys; from dashboard.ui import columns as c; c.texts(['a']); print('pandas' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"

"""The forecast on firms whose future is known: its interval covers, and earlier forecasts know nothing of what came."""

from __future__ import annotations

import datetime as dt

import pytest

from benchmarks.forecast import CASES, KINDS, Kind, asked, simulated, tried


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3], KINDS[5]], ids=lambda kind: kind.name)
def test_the_interval_covers_as_often_as_it_claims(kind: Kind) -> None:
    found = tried(kind, 10, CASES[0])
    assert found.n == 10 and found.n_tested == 120
    assert found.n_in >= 7  # fewer would come by chance once in eight times, were it 80 %
    assert 0.75 <= found.n_hits / found.n_tested <= 0.95
    assert abs(found.error) < 0.15 * found.actual


def test_an_earlier_look_says_what_was_said_on_that_day() -> None:
    kind, until = KINDS[0], dt.date(2025, 7, 1)
    now, then = dt.date(2025, 5, 31), dt.date(2025, 4, 30)
    late = asked(simulated(3, kind, now, until), now, (dt.date(2025, 5, 1), dt.date(2025, 7, 1)))
    early = asked(simulated(3, kind, then, until), then, (dt.date(2025, 4, 1), dt.date(2025, 6, 1)))
    told = ["won_amount", "hoped_amount", "new_amount", "expected_amount", "low_amount", "high_amount", "dispersion"]
    for look in (0, 1, 4):
        assert early[look]["looked_on"] == late[look + 1]["looked_on"]
        for name in told:
            assert float(late[look + 1][name]) == pytest.approx(float(early[look][name])), name

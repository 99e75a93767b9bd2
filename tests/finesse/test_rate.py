"""The token bucket: never more than its rate and one burst, and nobody waits longer than it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.finesse.rate import TokenBucket


@pytest.mark.parametrize(
    ("rate", "burst", "moments", "taken"),
    [
        (2.0, 1, [0.0, 0.0, 0.4, 0.5, 0.9, 1.0], [True, False, False, True, False, True]),
        (10.0, 3, [0.0, 0.0, 0.0, 0.0, 0.1, 0.1], [True, True, True, False, True, False]),
        (
            1.0,
            2,
            [0.0, 0.0, 100.0, 100.0, 100.0],
            [True, True, True, True, False],
        ),  # a pause saves a burst up
        (1.0, 0, [0.0, 0.5, 1.0], [True, False, True]),  # a burst of less than one would let nothing pass
        (0.0, 1, [0.0, 0.0, 0.0], [True, True, True]),  # any number
        (1.0, 1, [5.0, 4.0, 5.9, 6.0], [True, False, False, True]),  # a clock that steps back gives nothing away
    ],
)
def test_who_may_pass(rate: float, burst: float, moments: list[float], taken: list[bool]) -> None:
    bucket = TokenBucket(rate=rate, burst=burst, now=moments[0])
    assert [bucket.take(now) for now in moments] == taken


@pytest.mark.parametrize(("ahead", "wait"), [(0, 0.5), (1, 1.0), (9, 5.0)])
def test_how_long_it_takes(ahead: int, wait: float) -> None:
    bucket = TokenBucket(rate=2.0, burst=1, now=0.0)
    assert bucket.wait(0.0) == 0.0
    assert bucket.take(0.0)
    assert bucket.wait(0.0, ahead) == pytest.approx(wait)
    assert TokenBucket(rate=0, burst=1, now=0.0).wait(0.0, 1000) == 0.0


@given(
    rate=st.floats(0.5, 500),
    burst=st.integers(1, 50),
    steps=st.lists(st.floats(0, 2), min_size=1, max_size=200),
)
def test_never_more_than_the_rate_and_one_burst(rate: float, burst: int, steps: list[float]) -> None:
    """Whenever one asks, and whoever is told to wait gets through after that."""
    bucket, now, passed = TokenBucket(rate=rate, burst=burst, now=0.0), 0.0, 0
    for step in steps:
        now += step
        while bucket.take(now):
            passed += 1
        assert passed <= burst + rate * now + 1e-6
        now += bucket.wait(now) + 1e-6
        assert bucket.take(now)
        passed += 1

"""The circuit breaker: opened by failures in a row, closed by any answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.finesse.breaker import Breaker
from generic_connector.finesse.failures import Down, NotReachable, TimedOut, command_error

F = Down("refused")


@pytest.mark.parametrize(
    ("threshold", "met", "is_open"),
    [
        (3, "", False),
        (3, "ff", False),
        (3, "fff", True),
        (3, "ffaff", False),
        (3, "fffa", False),
        (3, "fffaf", False),
        (1, "f", True),
        (0, "ffffffffff", False),
    ],
)
def test_when_it_is_open(threshold: int, met: str, is_open: bool) -> None:  # noqa: FBT001  a table of cases
    """f: a failure, a: an answer."""
    breaker = Breaker(threshold=threshold, pause=5.0)
    for one in met:
        if one == "f":
            breaker.failed(F, 0.0)
        else:
            breaker.answered()
    assert breaker.is_open is is_open
    assert (breaker.refusal(0.0) is not None) is is_open


@pytest.mark.parametrize(
    ("last", "code"), [(Down("refused"), "DOWN"), (NotReachable("no"), "NOT_REACHABLE"), (TimedOut("late"), "DOWN")]
)
def test_the_error_says_what_the_last_request_met(last: Down | NotReachable | TimedOut, code: str) -> None:
    breaker = Breaker(threshold=1, pause=5.0)
    breaker.failed(last, 0.0)
    refusal = breaker.refusal(1.0)
    assert refusal is not None
    assert (command_error(refusal, "user").code, refusal.reason) == (code, f"not tried: {last.reason}")


def test_one_request_is_let_through_where_nobody_probes() -> None:
    """Every pause one; another failure begins the pause anew."""
    breaker = Breaker(threshold=1, pause=5.0)
    breaker.failed(F, 0.0)
    let_through = [now for now in range(21) if breaker.refusal(float(now)) is None]
    assert let_through == [5, 10, 15, 20]
    breaker.failed(F, 22.0)
    assert [now for now in range(22, 33) if breaker.refusal(float(now)) is None] == [27, 32]


@given(met=st.lists(st.booleans(), max_size=40), threshold=st.integers(1, 6))
def test_it_is_open_exactly_while_the_last_ones_all_failed(met: list[bool], threshold: int) -> None:
    breaker = Breaker(threshold=threshold, pause=5.0)
    for answered in met:
        if answered:
            breaker.answered()
        else:
            breaker.failed(F, 0.0)
    assert breaker.is_open is (len(met) >= threshold and not any(met[-threshold:]))

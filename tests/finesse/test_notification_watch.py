"""A notification service that is dead for everybody, seen by what the agents' sessions meet."""

from __future__ import annotations

import pytest

from generic_connector.finesse.notification_watch import NotificationWatch


@pytest.mark.parametrize(
    ("met", "tries"),
    [
        ("?", [0]),
        ("f?", [1]),
        ("ff?", [1]),  # at one time: one try
        ("f??", [1, 0]),  # nothing new
        ("f?f?", [1, 2]),
        ("f?fff?f?", [1, 2, 3]),
        ("f?a?f?", [1, 0, 1]),
        ("f?of?", [1, 2]),  # while one is open, the service lives
    ],
)
def test_failed_tries_in_a_row(met: str, tries: list[int]) -> None:
    """f: one could not be opened, a: the service answered, ?: somebody looks, o: looks while a session is open."""
    watch, counted = NotificationWatch(), []
    for one in met:
        match one:
            case "f":
                watch.failed("no")
            case "a":
                watch.answered()
            case "?":
                counted.append(watch.failed_tries(open_sessions=0))
            case "o":
                assert watch.failed_tries(open_sessions=1) == 0
    assert counted == tries

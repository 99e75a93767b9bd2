"""Whether the commands come to us, told by a clock that we move."""

from __future__ import annotations

from generic_connector.broker.activemq.place import Place


def test_a_probe_that_comes_back_makes_the_commands_ours() -> None:
    place = Place(1.0, prefetch=10)
    assert (place.wants_probe(0.0), place.is_ours(0.0, 0)) == (True, False)
    place.heard(0.1)
    assert (place.wants_probe(0.2), place.is_ours(0.2, 0)) == (False, True)


def test_probes_that_stay_away_say_that_we_are_passed_over() -> None:
    """Not one that is late, but three."""
    place = Place(1.0, prefetch=10)
    place.heard(0.0)
    assert [place.is_ours(now, 0) for now in (1.0, 2.9, 3.0, 10.0)] == [True, True, False, False]
    assert place.wants_probe(10.0)
    place.heard(10.1)
    assert place.is_ours(10.2, 0)


def test_a_busy_queue_needs_no_probes() -> None:
    place = Place(1.0, prefetch=10)
    for tenth in range(100):
        place.heard(tenth / 10)
        assert not place.wants_probe(tenth / 10 + 0.1)
        assert place.is_ours(tenth / 10, 0)


def test_at_the_limit_of_unacknowledged_commands_nothing_can_be_said() -> None:
    """The broker sends nothing then, whoever we are: we stay where we were."""
    place = Place(1.0, prefetch=10)
    place.heard(0.0)
    assert (place.is_ours(60.0, 10), place.is_ours(60.0, 9)) == (True, False)


def test_a_broker_that_refuses_probes_is_believed() -> None:
    place = Place(1.0, prefetch=10)
    place.cannot_probe()
    assert (place.interval, place.wants_probe(5.0), place.is_ours(5.0, 0)) == (None, False, True)


def test_without_probes_the_commands_are_ours() -> None:
    place = Place(None, prefetch=10)
    assert (place.interval, place.wants_probe(5.0), place.is_ours(5.0, 0)) == (None, False, True)

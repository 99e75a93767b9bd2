from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from generic_connector.agents.seats import Seats


def test_a_seat_is_taken_once_and_freed_for_somebody_else() -> None:
    seats = Seats(2)
    assert [seats.take(agent) for agent in ("ann", "bob", "ann", "sue")] == [True, True, True, False]
    seats.release("bob")
    assert [seats.take(agent) for agent in ("sue", "bob", "ann")] == [True, False, True]


def test_releasing_what_nobody_holds_frees_nothing() -> None:
    seats = Seats(1)
    seats.take("ann")
    seats.release("bob")
    assert seats.take("bob") is False


def test_no_limit_is_any_number() -> None:
    seats = Seats(0)
    assert all(seats.take(str(agent)) for agent in range(1000))


def test_the_gauge_shows_how_many_are_taken() -> None:
    seats = Seats(5)
    seats.take("ann")
    seats.take("bob")
    seats.release("ann")
    assert REGISTRY.get_sample_value("generic_connector_agents_signed_in") == 1


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcd")), max_size=40))
def test_there_are_never_more_holders_than_seats(steps: list[tuple[bool, str]]) -> None:
    """An agent gets a seat exactly when it has one already or one is free."""
    seats, holders = Seats(2), set[str]()
    for takes, agent in steps:
        if not takes:
            seats.release(agent)
            holders.discard(agent)
            continue
        assert seats.take(agent) is (agent in holders or len(holders) < 2)
        holders |= {agent} if agent in holders or len(holders) < 2 else set()

"""The outbox: one queue per destination, bounds, gaps, what is in flight, and whose client is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from generic_connector.broker.door import EventMessage
from generic_connector.broker.outbox import Cause, Outbox


def event(body: str, destination: str = "A", *, lasting: bool = False) -> EventMessage:
    return EventMessage(destination=destination, body=body, correlation_id="", lasting=lasting)


def put(outbox: Outbox, *bodies: str, destination: str = "A", **how: Any) -> list[tuple[str, str]]:
    """Put events, give what had to go."""
    dropped = [one for body in bodies for one in outbox.put(event(body, destination, **how))]
    return [(gone.body, cause.value) for gone, cause in dropped]


def drain(outbox: Outbox) -> list[str]:
    """Send all that can be sent, then ask for the snapshots that are due."""
    told = []
    while (waiting := outbox.take()) is not None:
        told.append(waiting.event.body)
        outbox.sent(waiting)
    while (destination := outbox.take_gap()) is not None:
        told.append(f"snapshot for {destination}")
    return told


def test_the_oldest_of_all_goes_first() -> None:
    outbox = Outbox(10, 100)
    for number in range(6):
        put(outbox, str(number), destination="ABC"[number % 3])
    assert drain(outbox) == ["0", "1", "2", "3", "4", "5"]


def test_a_destination_that_passes_its_bound_gets_a_snapshot_and_keeps_what_lasts() -> None:
    """Others lose nothing. What comes while it has the gap is told by the snapshot, too."""
    outbox = Outbox(3, 100)
    put(outbox, "other", destination="B")
    assert put(outbox, "1") == []
    assert put(outbox, "last", lasting=True) == []
    assert put(outbox, "2") == []
    assert put(outbox, "3") == [("1", "gap"), ("2", "gap"), ("3", "gap")]
    assert put(outbox, "4") == [("4", "gap")]
    assert put(outbox, "last too", lasting=True) == []
    assert len(outbox) == 3
    assert drain(outbox) == ["other", "last", "last too", "snapshot for A"]
    assert put(outbox, "5") == []
    assert drain(outbox) == ["5"]


def test_lasting_events_beyond_the_bound_go_the_oldest_first() -> None:
    outbox = Outbox(2, 100)
    assert put(outbox, "1", "2", "3", "4", lasting=True) == [("1", "full"), ("2", "full")]
    assert drain(outbox) == ["3", "4", "snapshot for A"]


def test_beyond_the_bound_of_all_whoever_waits_longest_gets_a_snapshot() -> None:
    outbox = Outbox(10, 4)
    put(outbox, "a1", "a2")
    put(outbox, "b1", "b2", destination="B")
    assert put(outbox, "c1", destination="C") == [("a1", "gap"), ("a2", "gap")]
    assert drain(outbox) == ["b1", "b2", "c1", "snapshot for A"]


def test_beyond_the_bound_of_all_lasting_events_go_where_a_gap_is_oldest() -> None:
    outbox = Outbox(10, 3)
    put(outbox, "a1", "a2", lasting=True)
    put(outbox, "b1", "b2", destination="B", lasting=True)
    assert put(outbox, "c1", destination="C", lasting=True) == [("a2", "full")]
    assert len(outbox) == 3


def test_the_bodies_have_a_bound_too() -> None:
    outbox = Outbox(10, 100, most_characters=10)
    assert put(outbox, "12345", "67890") == []
    assert put(outbox, "x", destination="B") == [("12345", "gap"), ("67890", "gap")]


def test_gaps_of_destinations_that_come_and_go_have_a_bound() -> None:
    """A broker that never returns, and commands that each name a temporary topic by another door."""
    outbox = Outbox(1, 3)
    for number in range(100):
        put(outbox, "1", "2", destination=f"T{number}")
    assert len(outbox._lanes) <= 3
    assert len(outbox._ready) < 300
    assert len(drain(outbox)) <= 3


def test_a_heap_that_nobody_empties_does_not_grow() -> None:
    """While the broker is away, each lasting event beyond the bound changes the first of its lane."""
    outbox = Outbox(2, 100)
    put(outbox, *map(str, range(10_000)), lasting=True)
    assert len(outbox._ready) < 300
    assert drain(outbox) == ["9998", "9999", "snapshot for A"]


def test_a_snapshot_has_room_however_large() -> None:
    """Else it would be given up for a snapshot, for ever."""
    outbox = Outbox(2, 3)
    for number in range(10):
        assert outbox.put(event(str(number)), restating=True) == []
    assert drain(outbox) == [str(number) for number in range(10)]


def test_what_is_not_confirmed_goes_first_again() -> None:
    outbox = Outbox(10, 100)
    put(outbox, "1", "2", "3")
    places = []
    for _ in range(3):
        waiting = outbox.take()
        assert waiting is not None
        places.append(outbox.sent(waiting))
    put(outbox, "4")
    outbox.confirm(places[0])
    assert outbox.in_flight == 2
    assert outbox.take_back() == []
    assert (outbox.in_flight, len(outbox)) == (0, 3)
    assert drain(outbox) == ["2", "3", "4"]


def test_what_comes_back_to_a_gap_is_told_by_the_snapshot() -> None:
    outbox = Outbox(2, 100)
    put(outbox, "1")
    put(outbox, "2", lasting=True)
    for _ in range(2):
        waiting = outbox.take()
        assert waiting is not None
        outbox.sent(waiting)
    put(outbox, "3", "4", "5")
    assert [(gone.body, cause) for gone, cause in outbox.take_back()] == [("1", Cause.GAP)]
    assert drain(outbox) == ["2", "snapshot for A"]


def test_a_destination_without_its_client_is_held_and_holds_nobody_else() -> None:
    there: set[str] = set()
    outbox = Outbox(2, 100)
    put(outbox, "a1")
    put(outbox, "b1", "b2", "b3", destination="B")
    outbox.hold(there.__contains__)
    assert drain(outbox) == []
    put(outbox, "a2")
    there.add("C")
    put(outbox, "c1", destination="C")
    assert drain(outbox) == ["c1"]
    there.add("A")
    outbox.release("A")
    outbox.release("unknown")
    assert drain(outbox) == ["a1", "a2"]
    put(outbox, "b4", destination="B", lasting=True)
    assert drain(outbox) == []
    outbox.release_all()
    assert drain(outbox) == ["b4", "snapshot for B"]


def test_clients_of_a_pattern_are_looked_for() -> None:
    there: set[str] = set()
    outbox = Outbox(2, 100)
    put(outbox, "a1")
    put(outbox, "b1", destination="B")
    outbox.hold(there.__contains__)
    there |= {"B"}
    outbox.look_again()
    assert drain(outbox) == ["b1"]


class OutboxMachine(RuleBasedStateMachine):
    """Whatever happens in whatever order, no event vanishes without a word, and none overtakes another one."""

    BOUND, TOTAL = 4, 9

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(self.BOUND, self.TOTAL)
        self.there: set[str] = set()
        self.open: dict[str, EventMessage] = {}  # put, and neither confirmed nor given up
        self.flight: list[Any] = []
        self.owed: set[str] = set()  # destinations that lost what a snapshot restates
        self.last: defaultdict[str, int] = defaultdict(int)
        self.number = 0

    def gone(self, dropped: Any) -> None:
        for one, cause in dropped:
            del self.open[one.body]
            if cause is Cause.GAP:
                assert not one.lasting
                self.owed.add(one.destination)
            else:
                assert one.lasting

    @rule(destination=st.sampled_from("ABCDE"), lasting=st.booleans(), restating=st.booleans())
    def put(self, destination: str, lasting: bool, restating: bool) -> None:  # noqa: FBT001 - hypothesis passes names
        self.number += 1
        one = event(str(self.number), destination, lasting=lasting)
        self.open[one.body] = one
        self.gone(self.outbox.put(one, restating=restating))

    @rule()
    def take(self) -> None:
        waiting = self.outbox.take()
        if waiting is not None:
            destination = waiting.event.destination
            assert waiting.number > self.last[destination]
            self.last[destination] = waiting.number
            self.flight.append((self.outbox.sent(waiting), waiting))

    @precondition(lambda self: self.flight)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        count = data.draw(st.integers(1, len(self.flight)))
        self.outbox.confirm(self.flight[count - 1][0])
        for _, waiting in self.flight[:count]:
            del self.open[waiting.event.body]
        del self.flight[:count]

    @rule()
    def connection_breaks(self) -> None:
        for _, waiting in self.flight:
            destination = waiting.event.destination
            self.last[destination] = min(self.last[destination], waiting.number - 1)
        self.flight.clear()
        self.gone(self.outbox.take_back())

    @rule()
    def snapshot(self) -> None:
        destination = self.outbox.take_gap()
        if destination is not None:
            self.owed.discard(destination)

    @rule()
    def hold(self) -> None:
        self.there.clear()
        self.outbox.hold(self.there.__contains__)

    @rule(destination=st.sampled_from("ABCDE"))
    def client_returns(self, destination: str) -> None:
        self.there.add(destination)
        self.outbox.release(destination)

    @rule(destination=st.sampled_from("ABCDE"))
    def client_vanishes(self, destination: str) -> None:
        self.there.discard(destination)

    @rule()
    def patience_ends(self) -> None:
        self.outbox.release_all()

    @invariant()
    def counts_are_right(self) -> None:
        assert len(self.outbox) + self.outbox.in_flight == len(self.open)
        assert self.outbox.in_flight == len(self.flight)
        lanes = self.outbox._lanes.values()
        assert len(self.outbox) == sum(len(lane.waiting) for lane in lanes)
        assert self.outbox._characters == sum(len(one.event.body) for lane in lanes for one in lane.waiting)

    def teardown(self) -> None:
        """In the end all that was not given up comes out, and whoever lost something is told anew."""
        self.outbox.release_all()
        expected = {body for body in self.open if body not in {one.event.body for _, one in self.flight}}
        bodies = []
        while (waiting := self.outbox.take()) is not None:
            bodies.append(waiting.event.body)
        assert Counter(bodies) == Counter(expected)
        while (destination := self.outbox.take_gap()) is not None:
            self.owed.discard(destination)
        assert self.owed == set()
        assert not self.outbox._lanes
        assert not self.outbox


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=60), st.integers(1, 5), st.integers(1, 12))
@settings(deadline=None)
def test_the_bounds_hold(events: list[tuple[str, bool]], bound: int, total: int) -> None:
    outbox = Outbox(bound, total)
    for number, (destination, lasting) in enumerate(events):
        outbox.put(event(str(number), destination, lasting=lasting))
        assert len(outbox) <= total
        assert all(len(lane.waiting) <= bound for lane in outbox._lanes.values())


@pytest.mark.parametrize(("bound", "total"), [(0, 0), (1, 1)])
def test_the_smallest_bounds(bound: int, total: int) -> None:
    outbox = Outbox(bound, total)
    put(outbox, "1")
    assert drain(outbox) == ["1"]

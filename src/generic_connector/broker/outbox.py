"""Events that wait for a broker, and those on their way to it. Pure.

Each destination has a queue with a bound, so that one that is busy costs no other one anything; the oldest event of
all goes first. A destination that passes its bound has a gap: what a snapshot restates is given up, what none restates
(EventMessage.lasting) is kept within the same bound, and when the destination can be sent to again its gap is asked to
be closed by a snapshot. What was handed to the network is kept until the broker has confirmed it.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from generic_connector.broker.door import EventMessage

MOST_CHARACTERS = 256 * 1024 * 1024
"""Of the bodies of all waiting events together."""

_SPARE = 100


class Cause(StrEnum):
    """Why an event was given up."""

    GAP = "gap"  # a snapshot takes its place
    FULL = "full"  # nothing takes its place


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event, its place in the order of all, and when it is no longer worth sending (ms since 1970, None: never)."""

    number: int
    event: EventMessage
    expires_ms: int | None = None


Dropped = tuple[EventMessage, Cause]


@dataclass(slots=True)
class _Lane:
    """What waits for one destination. gap: something was given up that a snapshot restates."""

    bound: int
    waiting: deque[Waiting] = field(default_factory=deque)
    gap: bool = False


class Outbox:
    """All lanes. bound: events that may wait for one destination; total: for all together.

    Lanes are ready, or held because their client is not there (hold). In flight are the events that were sent and are
    not confirmed; take_back() lets them wait again, before all others.
    """

    def __init__(self, bound: int, total: int, *, most_characters: int = MOST_CHARACTERS) -> None:
        self._bound = max(bound, 1)
        self._total = max(total, 1)
        self._most_characters = most_characters
        self._numbers = itertools.count(1)
        self._lanes: dict[str, _Lane] = {}
        self._whole: dict[str, None] = {}  # lanes without a gap, the one that waits for longest first
        self._torn: dict[str, None] = {}  # lanes with a gap in which something waits
        self._bare: dict[str, None] = {}  # lanes in which nothing waits, but which need a snapshot
        self._ready: list[tuple[int, str]] = []  # a heap of each ready lane's first; may hold what is gone by now
        self._due: dict[str, None] = {}  # ready lanes of which nothing is left but a snapshot to ask for
        self._held: set[str] = set()
        self._is_there: Callable[[str], bool] | None = None
        self._waiting = 0
        self._characters = 0
        self._flight: deque[Waiting] = deque()
        self._flight_characters = 0
        self._confirmed = 0

    def __len__(self) -> int:
        return self._waiting

    @property
    def in_flight(self) -> int:
        """Events that were sent and are not confirmed."""
        return len(self._flight)

    @property
    def characters_in_flight(self) -> int:
        """The length of their bodies."""
        return self._flight_characters

    # -- in

    def put(self, event: EventMessage, expires_ms: int | None = None, *, restating: bool = False) -> list[Dropped]:
        """Add at the end, and give what had to go for it. restating: part of a snapshot, for which there is room."""
        lane = self._lane(event.destination)
        if lane.gap and not event.lasting:
            return [(event, Cause.GAP)]
        self._append(lane, Waiting(next(self._numbers), event, expires_ms))
        if len(lane.waiting) == 1:
            self._offer(event.destination)
        if restating:
            lane.bound += 1
            return []
        return self._trim(event.destination) + self._make_room()

    def _lane(self, destination: str) -> _Lane:
        lane = self._lanes.get(destination)
        if lane is None:
            lane = self._lanes[destination] = _Lane(self._bound)
        return lane

    def _append(self, lane: _Lane, waiting: Waiting) -> None:
        lane.waiting.append(waiting)
        self._waiting += 1
        self._characters += len(waiting.event.body)

    def _removed(self, waiting: Waiting) -> Waiting:
        self._waiting -= 1
        self._characters -= len(waiting.event.body)
        return waiting

    # -- bounds

    def _trim(self, destination: str) -> list[Dropped]:
        """Bring a lane within its bound."""
        lane = self._lanes[destination]
        dropped: list[Dropped] = []
        if len(lane.waiting) > lane.bound and not lane.gap:
            dropped += self._tear(destination)
        while len(lane.waiting) > lane.bound:
            dropped.append((self._removed(lane.waiting.popleft()).event, Cause.FULL))
        if dropped:
            self._offer(destination)
        return dropped

    def _make_room(self) -> list[Dropped]:
        """Bring all together within their bounds, at the expense of the destination that waits for longest."""
        dropped: list[Dropped] = []
        while self._waiting > self._total or self._characters > self._most_characters:
            destination = next(iter(self._whole), None)
            dropped += self._tear(destination) if destination is not None else self._shorten_torn()
        while len(self._lanes) > self._total:  # hence there are bare ones: such as temporary topics, long gone
            self._forget(next(iter(self._bare)))
        return dropped

    def _tear(self, destination: str) -> list[Dropped]:
        """Give up what a snapshot restates."""
        lane = self._lanes[destination]
        lane.gap = True
        given_up = [self._removed(waiting).event for waiting in lane.waiting if not waiting.event.lasting]
        lane.waiting = deque(waiting for waiting in lane.waiting if waiting.event.lasting)
        self._offer(destination)
        return [(event, Cause.GAP) for event in given_up]

    def _shorten_torn(self) -> list[Dropped]:
        """Give up the oldest of the lane that has its gap for longest."""
        destination = next(iter(self._torn))
        oldest = self._removed(self._lanes[destination].waiting.popleft())
        self._offer(destination)
        return [(oldest.event, Cause.FULL)]

    # -- out

    def _offer(self, destination: str) -> None:
        """Say that a lane's first has changed."""
        lane = self._lanes[destination]
        self._sort(destination, lane)
        self._due.pop(destination, None)
        if self._is_there is not None and not self._is_there(destination):
            self._held.add(destination)
        elif lane.waiting:
            heapq.heappush(self._ready, (lane.waiting[0].number, destination))
            if len(self._ready) > 2 * len(self._lanes) + _SPARE:
                self._sweep()
        elif lane.gap:
            self._due[destination] = None
        else:
            self._forget(destination)

    def _sort(self, destination: str, lane: _Lane) -> None:
        kinds = (self._whole, self._torn, self._bare)
        kind = self._bare if not lane.waiting else self._torn if lane.gap else self._whole
        for other in kinds:
            if other is not kind:
                other.pop(destination, None)
        kind.setdefault(destination)

    def _sweep(self) -> None:
        """Leave only what is there still: while nothing can be sent, nobody takes the rest out."""
        ready = [(name, lane) for name, lane in self._lanes.items() if lane.waiting and name not in self._held]
        self._ready = [(lane.waiting[0].number, name) for name, lane in ready]
        heapq.heapify(self._ready)

    def _forget(self, destination: str) -> None:
        del self._lanes[destination]
        for names in (self._whole, self._torn, self._bare, self._due):
            names.pop(destination, None)
        self._held.discard(destination)

    def take(self) -> Waiting | None:
        """Take the oldest of all that are ready, None when there is none. Follow up with sent(), if it was."""
        while self._ready:
            number, destination = heapq.heappop(self._ready)
            lane = self._lanes.get(destination)
            if lane is not None and lane.waiting and lane.waiting[0].number == number:
                waiting = self._removed(lane.waiting.popleft())
                self._offer(destination)
                return waiting
        return None

    def take_gap(self) -> str | None:
        """Take a destination of which nothing waits any more and that needs a snapshot, None when there is none."""
        destination = next(iter(self._due), None)
        if destination is not None:
            self._forget(destination)
        return destination

    def sent(self, waiting: Waiting) -> int:
        """Keep what was sent until it is confirmed, and give its place among all that were sent."""
        self._flight.append(waiting)
        self._flight_characters += len(waiting.event.body)
        return self._confirmed + len(self._flight)

    def confirm(self, place: int) -> None:
        """Forget all that was sent up to that place. Of no effect for what was taken back."""
        while self._confirmed < place:
            self._confirmed += 1
            self._flight_characters -= len(self._flight.popleft().event.body)

    def take_back(self) -> list[Dropped]:
        """Let all that is in flight wait again, before all others; give what there is no room for."""
        flight, self._flight, self._flight_characters = self._flight, deque(), 0
        self._confirmed += len(flight)  # a confirmation that comes too late means nobody
        dropped: list[Dropped] = []
        for waiting in reversed(flight):
            lane = self._lane(waiting.event.destination)
            if lane.gap and not waiting.event.lasting:
                dropped.append((waiting.event, Cause.GAP))
                continue
            lane.waiting.appendleft(waiting)
            self._waiting += 1
            self._characters += len(waiting.event.body)
        for destination in {waiting.event.destination for waiting in flight}:
            dropped += self._trim(destination)
            self._offer(destination)
        return dropped + self._make_room()

    # -- whose client is there

    def hold(self, is_there: Callable[[str], bool]) -> None:
        """Hold every lane whose client is not there, until release() or release_all()."""
        self._is_there = is_there
        self._ready.clear()
        self._due.clear()
        self._offer_all(self._lanes)

    def release(self, destination: str) -> None:
        """Hear that a client is there."""
        if destination in self._held:
            self._held.discard(destination)
            self._offer(destination)

    def release_all(self) -> None:
        """Hold nothing any more."""
        self._is_there = None
        held, self._held = self._held, set()
        self._offer_all(held)

    def look_again(self) -> None:
        """Hear that several clients may be there."""
        self._offer_all(self._held)

    def _offer_all(self, destinations: Iterable[str]) -> None:
        self._held = set()
        for destination in list(destinations):
            self._offer(destination)

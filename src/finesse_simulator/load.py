"""Many customers, who call a queue at planned times and hang up after a while, whatever becomes of their calls.

The load is an open loop: the next customer does not wait for the one before. All times are the engine's, and what a
call causes is told at its planned time, so that who measures can say how late it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from finesse_simulator.engine import dialing
from finesse_simulator.engine.model import Call
from finesse_simulator.engine.world import World


class Load(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """So many calls a second, for so many seconds, each of them over after talk_seconds. Phones answer by themselves.

    to: the queue. variables: what every call carries.
    """

    calls_per_second: float
    seconds: float
    talk_seconds: float = 10.0
    to: str = "8800"
    variables: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not (self.calls_per_second > 0 and self.seconds > 0 and self.talk_seconds > 0):
            raise ValueError("callsPerSecond, seconds and talkSeconds must be greater than 0")


class LoadPlayer:
    """Plays loads in a world. Several may be played at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._customers = 0

    def play(self, load: Load) -> int:
        """Plan a load from now on; give the number of its calls. ValueError where there is no such queue."""
        if dialing.find_queue(self._world, load.to) is None:
            raise ValueError(f"{load.to} is no queue")
        began, count = self._world.clock.now, round(load.calls_per_second * load.seconds)
        self._next(load, lambda number: began + number / load.calls_per_second, 0, count)
        return count

    def _next(self, load: Load, when: Callable[[int], float], number: int, count: int) -> None:
        """Plan one customer, who will plan the next."""
        if number < count:
            self._world.clock.at(when(number), partial(self._call, load, when, number, count))

    def _call(self, load: Load, when: Callable[[int], float], number: int, count: int) -> None:
        self._next(load, when, number + 1, count)
        self._customers += 1
        call = dialing.customer_calls(self._world, f"55{self._customers:08}", load.to, load.variables)
        self._world.clock.after(load.talk_seconds, partial(self._hang_up, call))

    def _hang_up(self, call: Call) -> None:
        if not call.ended:
            dialing.customer_hangs_up(self._world, call)

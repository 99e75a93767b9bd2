"""What one core carries when it is saturated: the connector is frozen, work piles up before it, and it is let go.

So neither the pretend Finesse nor the clients need to be as fast as the connector for the time that is measured; they
did their part before. What counts is the processor's time that the connector takes for the pile.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.crowd import Crowd, until
from bench.finesse import Finesse
from bench.site import Site

_FROZEN = 1.2
"""Seconds. The broker and the notification service must not take the connector for dead."""

_ROUNDS = 5
_PAUSE = 2.0
_PATIENCE = 20.0
_MOST = 0.8  # of the pile; its end is mixed with what comes meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Medians of some rounds. pile: events or commands. per_second: of the clock; per_core_second: of the processor."""

    pile: int
    per_second: float
    per_core_second: float


async def events(site: Site, crowd: Crowd, finesse: Finesse, calls: float, talk_seconds: float) -> Burst:
    """Let notifications pile up, of calls that nobody acts on."""
    crowd.begin_book(acting=False)
    await finesse.play_load(calls, _ROUNDS * (_FROZEN + _PAUSE) + _PAUSE, talk_seconds)
    await asyncio.sleep(_PAUSE)
    rounds = []
    for _ in range(_ROUNDS):
        await finesse.told()
        site.connector.freeze()
        await asyncio.sleep(_FROZEN)
        pile = int(_MOST * len(await finesse.told()))
        rounds.append(await _let_go(site, pile, lambda: crowd.events))
        await asyncio.sleep(_PAUSE)
    await until(lambda: crowd.everybody_is("READY"), _PATIENCE)
    return _median(rounds)


async def commands(site: Site, crowd: Crowd, count: int) -> Burst:
    """Let commands pile up that read an agent's state at Finesse."""
    rounds = []
    for _ in range(_ROUNDS):
        crowd.begin_book(acting=False)
        site.connector.freeze()
        await crowd.command_all("GetState", count / _FROZEN, count)
        rounds.append(await _let_go(site, count, lambda: len(crowd.answered["GetState"])))
    return _median(rounds)


async def _let_go(site: Site, pile: int, done: Callable[[], int]) -> Burst:
    loop, pid, before = asyncio.get_running_loop(), site.connector.pid, done()
    began, cpu = loop.time(), _running_seconds(pid)
    site.connector.thaw()
    await until(lambda: done() - before >= pile, _PATIENCE)
    count, seconds, used = done() - before, loop.time() - began, _running_seconds(pid) - cpu
    return Burst(pile=count, per_second=count / seconds, per_core_second=count / used)


def _median(rounds: list[Burst]) -> Burst:
    return Burst(
        pile=round(statistics.median(one.pile for one in rounds)),
        per_second=statistics.median(one.per_second for one in rounds),
        per_core_second=statistics.median(one.per_core_second for one in rounds),
    )


def _running_seconds(pid: int) -> float:
    """Give the processor time of all threads, finer than cost.cpu_seconds does."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

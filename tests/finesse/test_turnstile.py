"""The way in: in order, the urgent first, so many at once, and no place lost by whoever gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from generic_connector.finesse.failures import Overloaded
from generic_connector.finesse.turnstile import Turnstile


class Crowd:
    """Who came in, in order, each staying until told to go."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.turnstile = turnstile
        self.inside: list[str] = []
        self.refused: list[str] = []
        self._go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str, urgent: bool = False, patience: float | None = None) -> None:
        """Let people come, one after the other."""
        for name in names:
            self._go[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._visit(name, urgent, patience))
            await asyncio.sleep(0)

    async def _visit(self, name: str, urgent: bool, patience: float | None) -> None:  # noqa: FBT001  private
        try:
            async with self.turnstile.passing(urgent=urgent, patience=patience):
                self.inside.append(name)
                await self._go[name].wait()
        except Overloaded:
            self.refused.append(name)

    async def go(self, *names: str) -> None:
        """Let people go, and others come in for them."""
        for name in names:
            self._go[name].set()
        await settled()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110  a test looks at others' state
                await asyncio.sleep(0.002)

    async def end(self) -> None:
        """Send everybody home."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert self.turnstile.waiting == 0
        with suppress(Overloaded):  # whatever happened, one may still pass
            async with self.turnstile.passing(urgent=True, patience=1.0):
                pass


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_first_come_first_served_and_the_urgent_before_the_rest() -> None:
    crowd = Crowd(Turnstile(rate=0, burst=1, at_once=1))
    await crowd.come("a", "b", "c")
    await crowd.come("U", "V", urgent=True)
    assert (crowd.inside, crowd.turnstile.waiting) == (["a"], 4)
    await crowd.go("a", "b", "c", "U", "V")
    assert crowd.inside == ["a", "U", "V", "b", "c"]
    await crowd.end()


async def test_no_more_than_so_many_are_inside() -> None:
    crowd = Crowd(Turnstile(rate=0, burst=1, at_once=2))
    await crowd.come("a", "b", "c", "d")
    assert crowd.inside == ["a", "b"]
    await crowd.go("b")
    assert crowd.inside == ["a", "b", "c"]
    await crowd.end()


async def test_who_gives_up_loses_nobody_elses_turn() -> None:
    crowd = Crowd(Turnstile(rate=0, burst=1, at_once=1))
    await crowd.come("a", "b", "c")
    crowd.tasks["b"].cancel()
    await crowd.go("a")
    assert crowd.inside == ["a", "c"]
    await crowd.end()


async def test_who_gives_up_in_the_moment_of_the_turn_passes_it_on() -> None:
    crowd = Crowd(Turnstile(rate=0, burst=1, at_once=1))
    await crowd.come("a", "b", "c")
    crowd._go["a"].set()
    await asyncio.sleep(0)  # a has left, b has got the turn and not taken it up
    crowd.tasks["b"].cancel()
    await settled()
    assert crowd.inside == ["a", "c"]
    await crowd.end()


async def test_the_rate_lets_one_after_the_other_in() -> None:
    delayed: list[int] = []
    crowd = Crowd(Turnstile(rate=50, burst=1, delayed=lambda: delayed.append(1)))
    await crowd.come("a", "b", "c", "d")
    await crowd.until(lambda: len(crowd.inside) == 4)
    assert crowd.inside == ["a", "b", "c", "d"]
    assert delayed
    await crowd.end()


async def test_a_wait_that_is_foreseen_to_be_too_long_is_refused_at_once() -> None:
    crowd = Crowd(Turnstile(rate=1, burst=1))
    await crowd.come("a", "b", "c", urgent=True, patience=2.5)
    await crowd.come("d", urgent=True, patience=2.5)
    await settled()
    assert (crowd.inside, crowd.refused, crowd.turnstile.waiting) == (["a"], ["d"], 2)
    await crowd.end()


async def test_a_wait_that_becomes_too_long_is_refused_then() -> None:
    crowd = Crowd(Turnstile(rate=0, burst=1, at_once=1))
    await crowd.come("a")
    await crowd.come("b", patience=0.02)
    await crowd.until(lambda: crowd.refused == ["b"])
    await crowd.come("c")
    await crowd.go("a")
    assert crowd.inside == ["a", "c"]
    await crowd.end()


async def test_an_error_inside_gives_the_place_free() -> None:
    turnstile = Turnstile(rate=0, burst=1, at_once=1)
    for _ in range(3):
        with pytest.raises(KeyError):
            async with turnstile.passing(urgent=True):
                raise KeyError
    assert turnstile.waiting == 0

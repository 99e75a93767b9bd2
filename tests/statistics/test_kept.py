"""A result that is given out again."""

from __future__ import annotations

import asyncio

import pytest

from generic_connector.statistics.kept import Kept


class Question:
    """Counts how often it is asked; answers when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.go = asyncio.Event()
        self.wrong = False

    async def ask(self) -> int:
        self.asked += 1
        await self.go.wait()
        if self.wrong:
            raise ValueError("wrong")
        return self.asked

    def kept(self, seconds: float = 5) -> Kept[int]:
        return Kept(self.ask, seconds, lambda: self.now)


async def test_an_answer_is_good_for_a_while() -> None:
    question = Question()
    question.go.set()
    kept = question.kept()
    assert await kept.get() == 1
    question.now = 4.9
    assert await kept.get() == 1
    question.now = 5
    assert await kept.get() == 2


async def test_who_asks_meanwhile_gets_the_same_answer() -> None:
    """Even where answers are not kept at all."""
    question = Question()
    kept = question.kept(0)
    waiting = [asyncio.create_task(kept.get()) for _ in range(3)]
    await asyncio.sleep(0)
    question.go.set()
    assert await asyncio.gather(*waiting) == [1, 1, 1]
    assert await kept.get() == 2


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    question = Question()
    question.wrong = True
    kept = question.kept()
    waiting = [asyncio.create_task(kept.get()) for _ in range(2)]
    await asyncio.sleep(0)
    question.go.set()
    assert [str(error) for error in await asyncio.gather(*waiting, return_exceptions=True)] == ["wrong", "wrong"]
    question.wrong = False
    assert await kept.get() == 2


async def test_who_leaves_stops_nobody_else() -> None:
    question = Question()
    kept = question.kept()
    leaving, staying = (asyncio.create_task(kept.get()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    question.go.set()
    assert await staying == 1
    assert question.asked == 1


async def test_closing_ends_the_waiting() -> None:
    question = Question()
    kept = question.kept()
    waiting = asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    kept.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from generic_connector.agents.inbox import Inbox


def inbox(work_limit: int = 2, news_limit: int = 3) -> Inbox[str, str]:
    return Inbox(work_limit=work_limit, news_limit=news_limit)


def all_news(box: Inbox[str, str]) -> list[str]:
    return list(iter(box.take_news, None))


def all_work(box: Inbox[str, str]) -> list[str]:
    return list(iter(box.take_work, None))


def test_work_is_taken_in_order_and_refused_past_the_limit() -> None:
    box = inbox()
    assert [box.put_work(one) for one in "abc"] == [True, True, False]
    assert all_work(box) == ["a", "b"]


def test_work_of_our_own_goes_first_and_knows_no_limit() -> None:
    box = inbox(work_limit=1)
    box.put_work("command")
    box.put_work_first("chore")
    assert all_work(box) == ["chore", "command"]


def test_news_past_the_limit_replaces_all_that_waits() -> None:
    """What is left cannot be told in order without the rest: the owner reads back instead."""
    box = inbox()
    for one in "abc":
        box.put_news(one)
    assert not box.overflowed
    box.put_news("d")
    assert (box.overflowed, all_news(box)) == (True, ["d"])


def test_work_never_keeps_news_waiting() -> None:
    box = inbox()
    box.put_work("a")
    box.put_news("b")
    assert (box.take_news(), box.take_work()) == ("b", "a")


async def test_the_bell_rings_for_everything_that_comes() -> None:
    """And once for all that came before the owner looked."""
    box = inbox()
    for put in (box.put_work, box.put_work_first, box.put_news):
        put("a")
        await asyncio.wait_for(box.wait(), 1)
    box.ring()
    box.ring()
    await asyncio.wait_for(box.wait(), 1)
    waiting = asyncio.ensure_future(box.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


@given(st.lists(st.sampled_from(["work", "news", "take work", "take news"]), max_size=40))
def test_it_never_holds_more_than_its_limits(steps: list[str]) -> None:
    box = inbox()
    for number, step in enumerate(steps):
        match step:
            case "work":
                box.put_work(str(number))
            case "news":
                box.put_news(str(number))
            case "take work":
                box.take_work()
            case _:
                box.take_news()
        assert len(box._work) <= 2
        assert len(box._news) <= 3

"""Few threads for drivers that block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.workers import Workers
from notification_clients.waiting import until


class Driver:
    """Hangs while connecting or after, until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.connect = threading.Event()
        self.connect.set()

    def __call__(self, connected: Callable[[], None]) -> str:
        self.connect.wait()
        connected()
        self.go.wait()
        return "rows"


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.connect.set()
    driver.go.set()


def workers(limit: int = 2, *, connect: float = 5, query: float = 5) -> Workers:
    return Workers("test", limit=limit, connect_timeout=connect, query_timeout=query)


async def test_a_result_comes_back(driver: Driver) -> None:
    driver.go.set()
    ours = workers()
    assert await ours.run(driver) == "rows"
    assert (ours.running, ours.hanging) == (0, 0)


async def test_an_error_comes_back() -> None:
    def fail(_: Callable[[], None]) -> None:
        raise StatisticsUnavailable("no")

    with pytest.raises(StatisticsUnavailable, match=r"^no$"):
        await workers().run(fail)


async def test_a_query_that_takes_too_long(driver: Driver) -> None:
    ours = workers(query=0.05)
    with pytest.raises(StatisticsUnavailable, match=r"^the query took longer than 0\.05 s$"):
        await ours.run(driver)
    assert (ours.running, ours.hanging) == (1, 1)


async def test_connecting_that_takes_too_long(driver: Driver) -> None:
    driver.connect.clear()
    with pytest.raises(StatisticsUnavailable, match=r"^connecting took longer than 0\.05 s$"):
        await workers(connect=0.05).run(driver)


async def test_the_query_has_its_time_from_connecting(driver: Driver) -> None:
    """A slow query is not ended by the time-out for connecting."""
    ours = workers(connect=0.05, query=5)
    waiting = asyncio.create_task(ours.run(driver))
    await asyncio.sleep(0.15)
    driver.go.set()
    assert await waiting == "rows"


async def test_nothing_piles_up(driver: Driver) -> None:
    """When every thread hangs, the next are refused without waiting; when one is free again, all is well."""
    ours = workers(2, query=0.02)
    for _ in range(2):
        with pytest.raises(StatisticsUnavailable, match="the query took"):
            await ours.run(driver)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for _ in range(50):
        with pytest.raises(StatisticsUnavailable, match=r"^every connection hangs \(2\)$"):
            await ours.run(driver)
    assert loop.time() - begin < 0.5
    assert (ours.running, ours.hanging) == (2, 2)
    driver.go.set()
    await until(lambda: ours.running == 0)
    assert await ours.run(driver) == "rows"


async def test_who_finds_all_busy_waits(driver: Driver) -> None:
    ours = workers(1)
    first, second = (asyncio.create_task(ours.run(driver)) for _ in range(2))
    await asyncio.sleep(0.02)
    assert ours.running == 1
    driver.go.set()
    assert list(await asyncio.gather(first, second)) == ["rows", "rows"]


async def test_who_waits_too_long_for_a_free_one(driver: Driver) -> None:
    ours = workers(1, connect=0.05)
    first = asyncio.create_task(ours.run(driver))
    await asyncio.sleep(0.02)
    with pytest.raises(StatisticsUnavailable, match=r"^every connection is in use \(1\)$"):
        await ours.run(driver)
    driver.go.set()
    assert await first == "rows"


async def test_who_is_cancelled_leaves_the_thread_to_itself(driver: Driver) -> None:
    ours = workers()
    waiting = asyncio.create_task(ours.run(driver))
    await until(lambda: ours.running == 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ours.hanging == 1
    driver.go.set()
    await until(lambda: ours.running == 0)


def test_the_loop_may_end_before_the_thread(driver: Driver) -> None:
    """What hangs keeps nobody from ending, and says nothing when it comes back."""

    async def give_up() -> None:
        with pytest.raises(StatisticsUnavailable):
            await workers(query=0.02).run(driver)

    asyncio.run(give_up())
    threads = [thread for thread in threading.enumerate() if thread.name == "test"]
    assert all(thread.daemon for thread in threads)
    driver.go.set()
    for thread in threads:
        thread.join(5)

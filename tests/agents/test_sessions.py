"""What is written to the session store, when, and what happens when it is away."""

from __future__ import annotations

import asyncio

import pytest
import structlog

from generic_connector.agents.sessions import Sessions
from generic_connector.broker.door import DoorState
from generic_connector.protocol.formats import Format
from generic_connector.store.door import Changes, Key, LeaseReport, Saved, StoreUnavailable
from generic_connector.store.records import DestinationRecord, Kind

KEY = Key(Kind.DESTINATION, "CRM1")


class Store:
    """Keeps what is written, while it is there."""

    def __init__(self) -> None:
        self.written: list[Changes] = []
        self.begun: list[str] = []
        self.away = False
        self.slow: asyncio.Event | None = None

    async def hold(self, *, able: bool, insist: bool = False) -> LeaseReport:
        raise NotImplementedError

    async def release(self) -> None: ...

    async def load(self) -> Saved:
        raise NotImplementedError

    async def save(self, changes: Changes) -> None:
        if self.slow is not None:
            await self.slow.wait()
        if self.away:
            raise StoreUnavailable("it is away")
        self.written.append(changes)

    async def begin(self, message_id: str) -> None:
        if self.away:
            raise StoreUnavailable("it is away")
        self.begun.append(message_id)

    async def close(self) -> None: ...


class Somebody:
    """A destination that changes."""

    def __init__(self) -> None:
        self.key = KEY
        self.door = DoorState.OPEN
        self.format = Format.TEXT

    def record(self) -> DestinationRecord:
        return DestinationRecord(name="CRM1", door="memory", format=self.format)

    def door_state(self) -> DoorState:
        return self.door


async def test_only_the_last_state_is_written() -> None:
    """However often it changed, and not again when it is as it was."""
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    for each in (Format.JSON, Format.TEXT, Format.JSON):
        somebody.format = each
        sessions.changed(somebody)
    assert await sessions.flush()
    sessions.changed(somebody)
    assert await sessions.flush()
    assert store.written == [{KEY: somebody.record()}]


async def test_who_is_gone_is_taken_away() -> None:
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    sessions.changed(somebody)
    await sessions.flush()
    sessions.gone(KEY)
    await sessions.flush()
    assert store.written == [{KEY: somebody.record()}, {KEY: None}]


async def test_nothing_is_written_while_events_wait_in_our_memory() -> None:
    """Who takes over would believe that they were told."""
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    somebody.door = DoorState.CONNECTING
    sessions.changed(somebody)
    assert (await sessions.flush(), store.written, sessions.waiting) == (False, [], 1)
    somebody.door = DoorState.OPEN
    assert (await sessions.flush(), len(store.written), sessions.waiting) == (True, 1, 0)


async def test_a_store_that_is_away_is_tried_again() -> None:
    """What changed meanwhile is written when it is back; the log says both, once."""
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    store.away = True
    with structlog.testing.capture_logs() as log:
        sessions.changed(somebody)
        assert [await sessions.flush() for _ in range(3)] == [False] * 3
        await sessions.begin("ID:1")
        store.away = False
        assert await sessions.flush()
        await sessions.begin("ID:2")
    assert (store.written, store.begun) == ([{KEY: somebody.record()}], ["ID:2"])
    assert [line["event"] for line in log] == ["sessions are not kept at present", "sessions are kept again"]


async def test_what_changes_while_it_is_written_is_written_again() -> None:
    store, somebody = Store(), Somebody()
    store.slow = asyncio.Event()
    sessions = Sessions(store)
    sessions.changed(somebody)
    writing = asyncio.create_task(sessions.flush())
    await asyncio.sleep(0)
    somebody.format = Format.JSON
    sessions.changed(somebody)
    store.slow.set()
    assert not await writing
    assert await sessions.flush()
    assert [changes[KEY].format for changes in store.written] == [Format.TEXT, Format.JSON]  # type: ignore[union-attr]


async def test_a_write_that_is_cancelled_is_not_forgotten() -> None:
    store, somebody = Store(), Somebody()
    store.slow = asyncio.Event()
    sessions = Sessions(store)
    sessions.changed(somebody)
    writing = asyncio.create_task(sessions.flush())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    store.slow = None
    assert sessions.waiting == 1
    assert await sessions.flush()


async def test_the_writer_writes_soon() -> None:
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    writer = asyncio.create_task(sessions.run())
    sessions.changed(somebody)
    async with asyncio.timeout(5):
        while not store.written:  # noqa: ASYNC110  a deadline stands above
            await asyncio.sleep(0)
    writer.cancel()
    await asyncio.wait([writer])


async def test_the_writer_does_not_wait_for_what_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose events wait, and changes that come while others are written, keep nobody else from being written."""
    monkeypatch.setattr("generic_connector.agents.sessions.RETRY", 3600)
    store, somebody, held = Store(), Somebody(), Somebody()
    held.key, held.door = Key(Kind.DESTINATION, "CRM2"), DoorState.CONNECTING
    sessions = Sessions(store)
    writer = asyncio.create_task(sessions.run())
    sessions.changed(held)
    for wanted in range(1, 4):
        somebody.format = Format.JSON if wanted % 2 else Format.TEXT
        sessions.changed(somebody)
        async with asyncio.timeout(5):
            while len(store.written) < wanted:  # noqa: ASYNC110  a deadline stands above
                await asyncio.sleep(0)
    writer.cancel()
    await asyncio.wait([writer])
    assert sessions.waiting == 1


async def test_without_a_store_nothing_is_kept() -> None:
    sessions = Sessions(None)
    sessions.changed(Somebody())
    sessions.gone(KEY)
    await sessions.begin("ID:1")
    assert (sessions.waiting, await sessions.flush()) == (0, True)


async def test_everything_can_be_written_again() -> None:
    """The store may have lost it."""
    store, somebody = Store(), Somebody()
    sessions = Sessions(store)
    for _ in range(2):
        sessions.changed(somebody)
        await sessions.flush()
        sessions.forget_written()
    assert len(store.written) == 2

"""The client's end of a broker, as the suite needs it, and the two kinds that it brings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

from generic_connector.broker.door import EventMessage
from generic_connector.broker.memory import MemoryDoor
from generic_connector.broker.stomp.errors import StompError
from generic_connector.client import Client, Target, connected

Hear = Callable[[str], None]
"""Takes the body of an event."""


class Broker(Protocol):
    """The client's end of a broker."""

    async def send(self, command_type: str, body: str, reply_to: str = "") -> None:
        """Put a command on the connector's queue."""

    async def listen(self, destination: str, hear: Hear) -> None:
        """Hear every event at a destination from now on."""


class MemoryBroker(MemoryDoor):
    """A broker without a network: the connector's door and the client's end in one object."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: defaultdict[str, list[Hear]] = defaultdict(list)

    async def send(self, command_type: str, body: str, reply_to: str = "") -> None:
        """Put a command on the connector's queue."""
        self.deliver(command_type, body, reply_to=reply_to)

    async def listen(self, destination: str, hear: Hear) -> None:
        """Hear every event at a destination from now on."""
        self._listeners[destination].append(hear)

    def publish(self, event: EventMessage) -> None:
        """Take an event from the connector."""
        super().publish(event)
        for hear in self._listeners[event.destination]:
            hear(event.body)


class StompBroker:
    """A broker by STOMP. `stomp_broker` makes one."""

    def __init__(self, target: Target, queue: str, client: Client, stack: AsyncExitStack) -> None:
        self._target = target
        self._queue = queue
        self._client = client
        self._stack = stack
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, command_type: str, body: str, reply_to: str = "") -> None:
        """Put a command on the connector's queue. Raises StompError."""
        await self._client.send(command_type, body, queue=self._queue, reply_to=reply_to)

    async def listen(self, destination: str, hear: Hear) -> None:
        """Hear every event at a destination from now on. Raises StompError."""
        client = await self._stack.enter_async_context(connected(self._target))
        await client.subscribe(destination)
        self._tasks.add(asyncio.create_task(_pass_on(client, hear), name=f"listening at {destination}"))

    async def close(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pass_on(client: Client, hear: Hear) -> None:
    with suppress(StompError):  # what is missing then shows in the case
        while True:
            hear(await client.event())


@asynccontextmanager
async def stomp_broker(target: Target, queue: str) -> AsyncIterator[StompBroker]:
    """Connect to a broker for the time of the `async with`. Raises StompError."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(connected(target))
        broker = StompBroker(target, queue, client, stack)
        stack.push_async_callback(broker.close)
        yield broker

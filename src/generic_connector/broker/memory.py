"""A broker door without a broker, for tests: commands are put in by hand, events are kept to be looked at."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from generic_connector.broker.door import (
    BodyFault,
    CommandMessage,
    CommandReceiver,
    DoorState,
    EventMessage,
    GapListener,
)
from generic_connector.broker.mapping import check_event_address

Until = int | Callable[[Sequence[str]], bool]
"""When to stop waiting: at this many events, or when the bodies so far satisfy the predicate."""


class MemoryDoor:
    """A BrokerDoor that keeps every command and every event in lists.

    delivered holds the commands that the receiver took, in order, acknowledged the message ids of those that are dealt
    with; events maps each destination to what was published
    there. cut() and restore() play a broker that is away: commands and events wait meanwhile, in order.
    """

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.delivered: list[CommandMessage] = []
        self.acknowledged: list[str] = []
        self.events: defaultdict[str, list[EventMessage]] = defaultdict(list)
        self._state = DoorState.CLOSED
        self._receive: CommandReceiver | None = None
        self._on_gap: GapListener | None = None
        self._waiting_commands: list[CommandMessage] = []
        self._waiting_events: list[EventMessage] = []
        self._message_ids = itertools.count(1)
        self._changed = asyncio.Event()

    @property
    def state(self) -> DoorState:
        """OPEN from start() to stop(), but CONNECTING between cut() and restore()."""
        return self._state

    async def start(self, receive: CommandReceiver, on_gap: GapListener | None = None) -> None:
        """Hand over what was delivered before, and from now on everything at once."""
        self._receive = receive
        self._on_gap = on_gap
        self.restore()

    def publish(self, event: EventMessage) -> None:
        """Keep the event. Raises ValueError for a destination that no event may be sent to."""
        check_event_address(event)
        if self._state is not DoorState.OPEN:
            self._waiting_events.append(event)
            return
        self.events[event.destination].append(event)
        self._changed.set()

    def expect(self, destinations: Collection[str]) -> None:
        """Do nothing: nobody was away."""

    async def stop_commands(self) -> None:
        """Let commands wait from now on."""
        self._receive = None

    async def stop(self) -> None:
        """Take no more commands over."""
        self._state = DoorState.CLOSED
        self._receive = None

    async def abort(self) -> None:
        """Stop, and give up the events that wait."""
        await self.stop()
        self._waiting_events.clear()

    # -- what a test does

    def deliver(
        self,
        command_type: str,
        body: str = "",
        *,
        reply_to: str = "",
        correlation_id: str = "",
        fault: BodyFault | None = None,
        redelivered: bool = False,
        sender: str = "",
        properties: Mapping[str, str] | None = None,
    ) -> CommandMessage:
        """Put a command into the queue, as a client does, and give it back with its message id."""
        command = CommandMessage(
            type=command_type,
            body=body,
            fault=fault,
            reply_to=reply_to,
            correlation_id=correlation_id,
            message_id=f"ID:memory-{next(self._message_ids)}",
            redelivered=redelivered,
            sender=sender,
            properties=properties or {},
        )
        self._hand_over(command)
        return command

    def redeliver(self, command: CommandMessage) -> None:
        """Deliver a command once more, marked as a broker marks what was not acknowledged."""
        self._hand_over(replace(command, redelivered=True))

    def cut(self) -> None:
        """Let the broker go away."""
        self._state = DoorState.CONNECTING

    def restore(self) -> None:
        """Let the broker come back: what waited goes through, in order."""
        self._state = DoorState.OPEN
        commands, self._waiting_commands = self._waiting_commands, []
        events, self._waiting_events = self._waiting_events, []
        for event in events:
            self.publish(event)
        for command in commands:
            self._hand_over(command)

    def gap(self, destination: str) -> None:
        """Play a door that gave events of a destination up and can send there again."""
        if self._on_gap is not None:
            self._on_gap(destination)

    def bodies(self, destination: str) -> list[str]:
        """Give the bodies of the events sent there, in order."""
        return [event.body for event in self.events[destination]]

    async def wait_for(self, destination: str, until: Until, deadline: float = 5.0) -> list[str]:
        """Wait for events at a destination and give the bodies of all that were sent there.

        until is a number of events, or a predicate on the bodies. Raises TimeoutError that shows the bodies when the
        deadline (seconds) passes.
        """
        try:
            async with asyncio.timeout(deadline):
                while not self._satisfied(destination, until):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise TimeoutError(f"waited in vain at {destination}, which got {self.bodies(destination)}") from error
        return self.bodies(destination)

    def _satisfied(self, destination: str, until: Until) -> bool:
        bodies = self.bodies(destination)
        return until(bodies) if callable(until) else len(bodies) >= until

    def _hand_over(self, command: CommandMessage) -> None:
        if self._receive is None or self._state is not DoorState.OPEN:
            self._waiting_commands.append(command)
            return
        self.delivered.append(command)
        command = replace(command, acknowledge=partial(self.acknowledged.append, command.message_id))
        if not self._receive(command):
            command.acknowledge()

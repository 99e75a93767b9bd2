"""The broker door to the embedded broker: no socket, no codec, just the core."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

import structlog

from generic_connector.broker.destinations import TEMPORARY_TOPIC
from generic_connector.broker.door import CommandReceiver, DoorState, EventMessage, GapListener
from generic_connector.broker.embedded.broker import EmbeddedBroker
from generic_connector.broker.embedded.core import AckMode, Delivery, Subscription
from generic_connector.broker.embedded.messages import USER, message_frame, message_from_send
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.mapping import QUEUE, TOPIC, check_event_address, command_from_frame, frame_from_event
from generic_connector.broker.metrics import COMMAND_FAULTS, COMMANDS, EVENTS, EVENTS_DROPPED
from generic_connector.broker.outbox import Outbox
from generic_connector.broker.text_encoding import TextEncoding

CLIENT_RETURN = 30.0
"""Seconds for which what is told to those who are expected waits."""

MOST_WAITING, MOST_WAITING_IN_ALL = 1_000, 100_000
"""Events that may wait for one of them, and for all together."""

log = structlog.get_logger(door="embedded")


class EmbeddedDoor:
    """A BrokerDoor with its own broker, which lives from start() to stop()."""

    name = "embedded"

    def __init__(self, settings: EmbeddedSettings) -> None:
        self.broker = EmbeddedBroker(settings)
        self._receive: CommandReceiver | None = None
        self._subscriptions: list[Subscription] = []
        self._state = DoorState.CLOSED
        self._on_gap: GapListener | None = None
        self._expected: set[str] = set()
        self._outbox = Outbox(MOST_WAITING, MOST_WAITING_IN_ALL)
        self._patience: asyncio.TimerHandle | None = None

    @property
    def state(self) -> DoorState:
        """OPEN from start() to stop(): the broker is here."""
        return self._state

    async def start(self, receive: CommandReceiver, on_gap: GapListener | None = None) -> None:
        """Let clients in and take their commands. Raises OSError when a port is taken.

        Nothing waits here but for those who are expected. A client that does not read is disconnected, which it sees.
        """
        self._receive, self._on_gap = receive, on_gap
        for queue in self.broker.settings.command_queues:
            subscription = Subscription(
                id="door", destination=QUEUE + queue, subscriber=self, ack=AckMode.CLIENT_INDIVIDUAL, exclusive=True
            )
            self.broker.core.subscribe(subscription)
            self._subscriptions.append(subscription)
        try:
            await self.broker.start()
        except OSError:
            self._leave_queues()
            raise
        self._state = DoorState.OPEN

    def publish(self, event: EventMessage) -> None:
        """Deliver an event to whoever listens. Raises ValueError for a destination that no event may be sent to.

        There are no temporary topics here: one of another broker's is refused.
        """
        check_event_address(event)
        if event.destination.startswith(TEMPORARY_TOPIC):
            raise ValueError("the embedded broker has no temporary topics")
        if event.destination not in self._expected:
            self._send(event)
            return
        for given_up, cause in self._outbox.put(event):
            EVENTS_DROPPED.labels("embedded", cause.value).inc()
            log.warning("events are dropped", cause=cause.value, destination=given_up.destination)

    def expect(self, destinations: Collection[str]) -> None:
        """Keep what is told to these until they listen again, for half a minute."""
        self._expected = {name for name in destinations if not self.broker.core.has_listener(TOPIC + name)}
        if self._expected:
            self._outbox.hold(lambda name: name not in self._expected)
            self.broker.core.on_listener = self._listens
            self._patience = asyncio.get_running_loop().call_later(CLIENT_RETURN, self._expect_nobody)

    def _listens(self, topic: str) -> None:
        """Give somebody who is back what waited, once the broker has said that it listens."""
        name = topic.removeprefix(TOPIC)
        if name in self._expected:
            asyncio.get_running_loop().call_soon(self._is_back, name)

    def _is_back(self, name: str) -> None:
        self._expected.discard(name)
        self._outbox.release(name)
        while (waiting := self._outbox.take()) is not None:
            self._send(waiting.event)
        while (gap := self._outbox.take_gap()) is not None and self._on_gap is not None:
            self._on_gap(gap)

    def _expect_nobody(self) -> None:
        """Give up on those who are not back: what waits for them goes to nobody, as with any topic."""
        for name in tuple(self._expected):
            self._is_back(name)

    def _send(self, event: EventMessage) -> None:
        message_id = self.broker.next_message_id()
        frame = frame_from_event(event, TextEncoding.UTF_8)
        now_ms = int(time.time() * 1000)
        self.broker.core.send(message_from_send(frame, user="", message_id=message_id, now_ms=now_ms))
        EVENTS.labels("embedded").inc()

    async def stop_commands(self) -> None:
        """Let commands wait in their queues."""
        self._leave_queues()

    async def abort(self) -> None:
        """Take no more commands, and cut all connections."""
        if self._state is DoorState.CLOSED:
            return
        self._state = DoorState.CLOSED
        self._leave_queues()
        await self.broker.abort()
        log.info("door closed at once")

    async def stop(self) -> None:
        """Take no more commands, and end all connections after what was written to them."""
        if self._state is DoorState.CLOSED:
            return
        self._state = DoorState.CLOSED
        self._leave_queues()
        await self.broker.stop()
        log.info("door closed")

    def _leave_queues(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        for subscription in self._subscriptions:
            self.broker.core.unsubscribe(subscription)
        self._subscriptions.clear()

    # -- core.Subscriber

    def ready(self) -> bool:
        """Say yes: taking a command over never waits."""
        return True

    def deliver(self, subscription: Subscription, delivery: Delivery, ack_id: str) -> None:
        """Hand a command over and acknowledge it, whatever the receiver does."""
        frame = message_frame(delivery.message, subscription.id, ack_id, redelivered=delivery.attempts > 1)
        command = command_from_frame(frame, frame.headers.get(USER, ""))
        COMMANDS.labels("embedded").inc()
        if command.fault is not None:
            COMMAND_FAULTS.labels("embedded", command.fault.name.lower()).inc()
        try:
            if self._receive is not None:
                self._receive(command)
        except Exception:  # nothing may stop the consumer
            log.exception("a command could not be taken over", message_id=command.message_id)
        self.broker.core.acknowledge(subscription, ack_id)

"""The broker door to the embedded broker: no socket, no codec, just the core."""

from __future__ import annotations

import time

import structlog

from generic_connector.broker.destinations import TEMPORARY_TOPIC
from generic_connector.broker.door import CommandReceiver, DoorState, EventMessage, GapListener
from generic_connector.broker.embedded.broker import EmbeddedBroker
from generic_connector.broker.embedded.core import AckMode, Delivery, Subscription
from generic_connector.broker.embedded.messages import USER, message_frame, message_from_send
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.mapping import QUEUE, check_event_address, command_from_frame, frame_from_event
from generic_connector.broker.metrics import COMMAND_FAULTS, COMMANDS, EVENTS
from generic_connector.broker.text_encoding import TextEncoding

log = structlog.get_logger(door="embedded")


class EmbeddedDoor:
    """A BrokerDoor with its own broker, which lives from start() to stop()."""

    name = "embedded"

    def __init__(self, settings: EmbeddedSettings) -> None:
        self.broker = EmbeddedBroker(settings)
        self._receive: CommandReceiver | None = None
        self._subscriptions: list[Subscription] = []
        self._state = DoorState.CLOSED

    @property
    def state(self) -> DoorState:
        """OPEN from start() to stop(): the broker is here."""
        return self._state

    async def start(self, receive: CommandReceiver, on_gap: GapListener | None = None) -> None:  # noqa: ARG002  # below
        """Let clients in and take their commands. Raises OSError when a port is taken.

        on_gap is never called: nothing waits here. A client that does not read is disconnected, which it can see.
        """
        self._receive = receive
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

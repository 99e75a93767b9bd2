"""Queues, topics and who gets what. Pure: no I/O; the clock is given.

Delivery works as in ActiveMQ: an exclusive consumer of the highest priority gets all of a queue, else consumers of the
highest priority take turns; what was delivered but not acknowledged returns to the front of its queue, marked as
redelivered, when its consumer leaves. A topic delivers to whoever listens now, and nothing is acknowledged there.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import structlog

from generic_connector.broker.embedded.messages import Message
from generic_connector.broker.mapping import QUEUE, TOPIC
from generic_connector.broker.metrics import EVENTS_DROPPED

log = structlog.get_logger(door="embedded")

MOST_REFUSALS = 6
"""A message that was refused (NACK) more often is given up, as ActiveMQ does."""

MOST_QUEUES = 1000

_LONGEST_NAME = 300
_NOT_IN_NAMES = frozenset(",*>?\n\r\0")


class RefusedError(Exception):
    """The broker does not do what was asked; the text is for the client."""


class AckMode(StrEnum):
    """When a delivery counts as done."""

    AUTO = "auto"
    CLIENT = "client"  # an ACK settles that delivery and all before it
    CLIENT_INDIVIDUAL = "client-individual"


@dataclass(slots=True)
class Delivery:
    """A message on its way. attempts: how often it was handed to a consumer; refusals: how often it came back."""

    message: Message
    attempts: int = 0
    refusals: int = 0


class Subscriber(Protocol):
    """A consumer's end. Its methods are called from within the broker and must neither wait nor raise."""

    def ready(self) -> bool:
        """Say whether a message from a queue may be delivered now; wake() the broker when that becomes true."""

    def deliver(self, subscription: Subscription, delivery: Delivery, ack_id: str) -> None:
        """Take a message."""


@dataclass(eq=False, slots=True, kw_only=True)
class Subscription:
    """One subscription. prefetch: how many deliveries of a queue may be unacknowledged."""

    id: str
    destination: str
    subscriber: Subscriber = field(repr=False)
    ack: AckMode = AckMode.AUTO
    exclusive: bool = False
    priority: int = 0
    prefetch: int = 100
    number: int = 0
    unacknowledged: dict[str, Delivery] = field(default_factory=dict, repr=False)

    def has_room(self) -> bool:
        """Say whether a message from a queue may be delivered."""
        return len(self.unacknowledged) < self.prefetch and self.subscriber.ready()


@dataclass(slots=True)
class _Queue:
    waiting: deque[Delivery] = field(default_factory=deque)
    consumers: list[Subscription] = field(default_factory=list)  # highest priority first
    dispatching: bool = False

    def add(self, consumer: Subscription) -> None:
        """Put a consumer behind all of the same priority."""
        behind = sum(1 for other in self.consumers if other.priority >= consumer.priority)
        self.consumers.insert(behind, consumer)

    def next_consumer(self) -> Subscription | None:
        """Give who gets the next message, None if nobody can take one."""
        for consumer in self.consumers:
            if consumer.exclusive:
                return consumer if consumer.has_room() else None
        for consumer in self.consumers:
            if consumer.has_room():
                self.consumers.remove(consumer)
                self.add(consumer)
                return consumer
        return None


class BrokerCore:
    """All queues and topics. now_ms gives ms since 1970; the limits are those of the settings.

    on_listener: hears each topic that somebody begins to listen to.
    """

    def __init__(self, *, queue_limit: int, storage_limit: int, now_ms: Callable[[], float]) -> None:
        self._queue_limit = queue_limit
        self._storage_limit = storage_limit
        self._now_ms = now_ms
        self._queues: dict[str, _Queue] = {}
        self._topics: dict[str, list[Subscription]] = {}
        self.on_listener: Callable[[str], None] = lambda _: None
        self._stored = 0
        self._numbers = itertools.count(1)

    def waiting(self, destination: str) -> int:
        """Give how many messages wait in a queue."""
        queue = self._queues.get(destination)
        return 0 if queue is None else len(queue.waiting)

    def has_listener(self, topic: str) -> bool:
        """Say whether somebody listens to a topic."""
        return topic in self._topics

    def send(self, message: Message) -> None:
        """Deliver to everybody at a topic, or put into a queue. Raises RefusedError."""
        check_destination(message.destination)
        if message.destination.startswith(TOPIC):
            for subscription in tuple(self._topics.get(message.destination, ())):
                subscription.subscriber.deliver(subscription, Delivery(message, attempts=1), _next_ack_id(subscription))
            return
        queue = self._queue(message.destination)
        if len(queue.waiting) >= self._queue_limit or self._stored + message.size > self._storage_limit:
            raise RefusedError(f"{message.destination} is full")
        self._stored += message.size
        queue.waiting.append(Delivery(message))
        self._dispatch(queue)
        self._forget_if_idle(message.destination)

    def subscribe(self, subscription: Subscription) -> None:
        """Begin to deliver. Raises RefusedError."""
        check_destination(subscription.destination)
        if subscription.destination.startswith(TOPIC):
            subscription.number = next(self._numbers)
            self._topics.setdefault(subscription.destination, []).append(subscription)
            self.on_listener(subscription.destination)
            return
        queue = self._queue(subscription.destination)
        subscription.number = next(self._numbers)
        queue.add(subscription)
        self._dispatch(queue)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Deliver no more; what was not acknowledged goes to others."""
        if subscription.destination.startswith(TOPIC):
            self._leave_topic(subscription)
            return
        queue = self._queues.get(subscription.destination)
        if queue is None or subscription not in queue.consumers:
            return
        queue.consumers.remove(subscription)
        queue.waiting.extendleft(reversed(subscription.unacknowledged.values()))
        subscription.unacknowledged.clear()
        self._dispatch(queue)
        self._forget_if_idle(subscription.destination)

    def _leave_topic(self, subscription: Subscription) -> None:
        listeners = self._topics.get(subscription.destination, [])
        if subscription in listeners:
            listeners.remove(subscription)
        if not listeners:
            self._topics.pop(subscription.destination, None)

    def acknowledge(self, subscription: Subscription, ack_id: str) -> None:
        """Count a delivery as done, in mode client all before it, too. Raises RefusedError for an unknown one."""
        for settled in _take(subscription, ack_id):
            self._settle(settled)
        self.wake(subscription)

    def refuse(self, subscription: Subscription, ack_id: str) -> None:
        """Put a delivery back (NACK), or give it up after too many. Raises RefusedError for an unknown one."""
        queue = self._queues.get(subscription.destination)
        for delivery in reversed(_take(subscription, ack_id)):
            delivery.refusals += 1
            if delivery.refusals > MOST_REFUSALS or queue is None:
                log.error("a message was refused too often and is given up", destination=subscription.destination)
                EVENTS_DROPPED.labels("embedded", "refused").inc()
                self._settle(delivery)
            else:
                queue.waiting.appendleft(delivery)
        self.wake(subscription)

    def wake(self, subscription: Subscription) -> None:
        """Go on delivering: the subscriber has room again."""
        queue = self._queues.get(subscription.destination)
        if queue is not None:
            self._dispatch(queue)
            self._forget_if_idle(subscription.destination)

    def _queue(self, destination: str) -> _Queue:
        queue = self._queues.get(destination)
        if queue is None:
            if len(self._queues) >= MOST_QUEUES:
                raise RefusedError("there are too many queues")
            queue = self._queues[destination] = _Queue()
        return queue

    def _dispatch(self, queue: _Queue) -> None:
        if queue.dispatching:  # a consumer acknowledged from within deliver()
            return
        queue.dispatching = True
        try:
            while queue.waiting and (consumer := queue.next_consumer()) is not None:
                self._deliver(queue.waiting.popleft(), consumer)
        finally:
            queue.dispatching = False

    def _deliver(self, delivery: Delivery, consumer: Subscription) -> None:
        if 0 < delivery.message.expires_ms <= self._now_ms():
            EVENTS_DROPPED.labels("embedded", "expired").inc()
            self._settle(delivery)
            return
        delivery.attempts += 1
        ack_id = _next_ack_id(consumer)
        if consumer.ack is AckMode.AUTO:
            self._settle(delivery)
        else:
            consumer.unacknowledged[ack_id] = delivery
        consumer.subscriber.deliver(consumer, delivery, ack_id)

    def _settle(self, delivery: Delivery) -> None:
        self._stored -= delivery.message.size

    def _forget_if_idle(self, destination: str) -> None:
        queue = self._queues.get(destination)
        if queue is not None and not queue.waiting and not queue.consumers:
            del self._queues[destination]


_ack_numbers = itertools.count(1)


def _next_ack_id(subscription: Subscription) -> str:
    return f"{subscription.number}-{next(_ack_numbers)}"


def _take(subscription: Subscription, ack_id: str) -> list[Delivery]:
    """Take a delivery out, with all before it in mode client."""
    pending = subscription.unacknowledged
    if subscription.destination.startswith(TOPIC):
        return []
    if ack_id not in pending:
        raise RefusedError(f"no message waits for the acknowledgement {ack_id}")
    if subscription.ack is AckMode.CLIENT_INDIVIDUAL:
        return [pending.pop(ack_id)]
    until = list(pending).index(ack_id) + 1
    return [pending.pop(key) for key in list(pending)[:until]]


def check_destination(destination: str) -> None:
    """Raise RefusedError unless it is `/queue/NAME` or `/topic/NAME`, without wildcards, composites and options."""
    name = destination.removeprefix(QUEUE) if destination.startswith(QUEUE) else destination.removeprefix(TOPIC)
    if name == destination or not 0 < len(name) <= _LONGEST_NAME:
        raise RefusedError("a destination is /queue/NAME or /topic/NAME")
    if not _NOT_IN_NAMES.isdisjoint(name):
        raise RefusedError("wildcards, several destinations at once and options are not supported")

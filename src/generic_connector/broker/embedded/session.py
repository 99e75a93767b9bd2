"""What a client of the embedded broker may do once it is logged in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from generic_connector.broker.embedded.core import AckMode, BrokerCore, Delivery, RefusedError, Subscription
from generic_connector.broker.embedded.messages import message_frame, message_from_send, number
from generic_connector.broker.embedded.rights import Operation
from generic_connector.broker.mapping import QUEUE
from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.frames import Command, Frame

_MOST_SUBSCRIPTIONS = 1000
_MOST_IN_TRANSACTION = 1000
_MOST_TRANSACTIONS = 10
_PREFETCH = 100
_MOST_PREFETCH = 1000
_HIGHEST_PRIORITY = 127


class Host(Protocol):
    """What a session needs of its broker."""

    core: BrokerCore
    command_destinations: frozenset[str]

    def may(self, user: str, operation: Operation, destination: str) -> bool:
        """Say whether the user ("" for anonymous) may do that there."""

    def next_message_id(self) -> str:
        """Give an id that was not given before."""


class Channel(Protocol):
    """What a session needs of its connection."""

    def send(self, frame: Frame) -> None:
        """Write a frame; whether the client reads it is the channel's business."""

    def has_room(self) -> bool:
        """Say whether the client keeps up with reading."""


class Session:
    """One client's subscriptions, deliveries and transactions. It is a core.Subscriber.

    handle() raises RefusedError for what is not done, after which the client may go on, and ProtocolError for what
    STOMP does not allow, after which it may not. Receipts are the connection's business. A transaction keeps frames
    until COMMIT and then carries them out in order; those that are refused then do not undo the others.
    """

    def __init__(self, host: Host, channel: Channel, user: str) -> None:
        self._host = host
        self._channel = channel
        self._user = user
        self._subscriptions: dict[str, Subscription] = {}
        self._by_number: dict[str, Subscription] = {}
        self._transactions: dict[str, list[Frame]] = {}
        self._handlers: dict[str, Callable[[Frame], None]] = {
            Command.SEND: self._send,
            Command.SUBSCRIBE: self._subscribe,
            Command.UNSUBSCRIBE: self._unsubscribe,
            Command.ACK: self._acknowledge,
            Command.NACK: self._refuse,
            Command.BEGIN: self._begin,
            Command.COMMIT: self._commit,
            Command.ABORT: self._abort,
        }

    def handle(self, frame: Frame) -> None:
        """Carry a client's frame out."""
        handler = self._handlers.get(frame.command)
        if handler is None:
            raise ProtocolError(f"{frame.command} is not allowed here")
        if "transaction" in frame.headers and frame.command in (Command.SEND, Command.ACK, Command.NACK):
            self._keep_for_commit(frame)
        else:
            handler(frame)

    def end(self) -> None:
        """Give everything up; what was not acknowledged goes to others."""
        for subscription in tuple(self._subscriptions.values()):
            self._host.core.unsubscribe(subscription)
        self._subscriptions.clear()
        self._by_number.clear()

    def wake(self) -> None:
        """Go on: the client reads again."""
        for subscription in tuple(self._subscriptions.values()):
            self._host.core.wake(subscription)

    # -- core.Subscriber

    def ready(self) -> bool:
        """Say whether the client keeps up."""
        return self._channel.has_room()

    def deliver(self, subscription: Subscription, delivery: Delivery, ack_id: str) -> None:
        """Write a message to the client."""
        explicit = None if subscription.ack is AckMode.AUTO else ack_id
        redelivered = delivery.attempts > 1
        self._channel.send(message_frame(delivery.message, subscription.id, explicit, redelivered=redelivered))

    # -- the commands

    def _send(self, frame: Frame) -> None:
        destination = _required(frame, "destination")
        self._check(Operation.SEND, destination)
        if frame.oversized and destination not in self._host.command_destinations:
            raise RefusedError("the body is too large")  # a command that is too large is answered with an event
        message_id = self._host.next_message_id()
        now_ms = int(time.time() * 1000)
        self._host.core.send(message_from_send(frame, user=self._user, message_id=message_id, now_ms=now_ms))

    def _subscribe(self, frame: Frame) -> None:
        subscription_id, destination = _required(frame, "id"), _required(frame, "destination")
        self._check(Operation.SUBSCRIBE, destination)
        if subscription_id in self._subscriptions or len(self._subscriptions) >= _MOST_SUBSCRIPTIONS:
            raise RefusedError("the subscription id is in use, or there are too many subscriptions")
        subscription = Subscription(
            id=subscription_id,
            destination=destination,
            subscriber=self,
            ack=_ack_mode(frame),
            exclusive=frame.headers.get("activemq.exclusive") == "true",
            priority=_number(frame, "activemq.priority", 0, 0, _HIGHEST_PRIORITY),
            prefetch=_number(frame, "activemq.prefetchSize", _PREFETCH, 1, _MOST_PREFETCH),
        )
        self._subscriptions[subscription_id] = subscription
        try:
            self._host.core.subscribe(subscription)
        except RefusedError:
            del self._subscriptions[subscription_id]
            raise
        self._by_number[str(subscription.number)] = subscription

    def _unsubscribe(self, frame: Frame) -> None:
        subscription = self._subscriptions.pop(_required(frame, "id"), None)
        if subscription is None:
            raise RefusedError("there is no such subscription")
        self._by_number.pop(str(subscription.number), None)
        self._host.core.unsubscribe(subscription)

    def _acknowledge(self, frame: Frame) -> None:
        subscription, ack_id = self._acknowledged(frame)
        self._host.core.acknowledge(subscription, ack_id)

    def _refuse(self, frame: Frame) -> None:
        subscription, ack_id = self._acknowledged(frame)
        self._host.core.refuse(subscription, ack_id)

    def _acknowledged(self, frame: Frame) -> tuple[Subscription, str]:
        ack_id = _required(frame, "id")
        subscription = self._by_number.get(ack_id.partition("-")[0])
        if subscription is None:
            raise RefusedError(f"no message waits for the acknowledgement {ack_id[:40]}")
        return subscription, ack_id

    def _begin(self, frame: Frame) -> None:
        transaction = _required(frame, "transaction")
        if transaction in self._transactions or len(self._transactions) >= _MOST_TRANSACTIONS:
            raise RefusedError("the transaction has begun before, or there are too many")
        self._transactions[transaction] = []

    def _commit(self, frame: Frame) -> None:
        refusals = []
        for kept in self._take_transaction(frame):
            try:
                self._handlers[kept.command](kept)
            except RefusedError as error:
                refusals.append(str(error))
        if refusals:
            raise RefusedError(refusals[0])

    def _abort(self, frame: Frame) -> None:
        self._take_transaction(frame)

    def _take_transaction(self, frame: Frame) -> list[Frame]:
        kept = self._transactions.pop(_required(frame, "transaction"), None)
        if kept is None:
            raise RefusedError("there is no such transaction")
        return kept

    def _keep_for_commit(self, frame: Frame) -> None:
        kept = self._transactions.get(frame.headers["transaction"])
        if kept is None or len(kept) >= _MOST_IN_TRANSACTION:
            raise RefusedError("there is no such transaction, or it is too long")
        kept.append(frame)

    def _check(self, operation: Operation, destination: str) -> None:
        if not self._host.may(self._user, operation, destination):
            raise RefusedError(f"you may not {operation} {'to ' if operation == Operation.SUBSCRIBE else ''}there")


def command_destinations(queues: tuple[str, ...]) -> frozenset[str]:
    """Give the destinations of the command queues."""
    return frozenset(QUEUE + queue for queue in queues)


def _required(frame: Frame, name: str) -> str:
    value = frame.headers.get(name)
    if value is None:
        raise ProtocolError(f"{frame.command} needs the header {name}")
    return value


def _ack_mode(frame: Frame) -> AckMode:
    try:
        return AckMode(frame.headers.get("ack", "auto"))
    except ValueError as error:
        raise ProtocolError("ack is auto, client or client-individual") from error


def _number(frame: Frame, name: str, default: int, lowest: int, highest: int) -> int:
    return min(max(number(frame.headers.get(name, ""), default), lowest), highest)

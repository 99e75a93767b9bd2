"""The door to a message broker: what the product needs of ActiveMQ, of the embedded broker and of the in-memory one.

Whoever stands behind the door maps its own messages to these two and nothing else: the rest of the product cannot
tell one broker from another. Source of the mapping: client-protocol.md section 1, broker.md section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class BodyFault(StrEnum):
    """Why the body of a command message cannot be read."""

    NOT_TEXT = "the message is not a TextMessage"
    NOT_UTF8 = "the body is not UTF-8 text"
    TOO_LARGE = "the body is larger than the broker door accepts"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMessage:
    """One message from the command queue.

    type is the JMSType ("" when the client sent none). body is "" for a null, empty or missing body, and when fault
    says why it cannot be read. reply_to is a destination that publish() takes ("" when the client sent none).
    sender is the user who sent it where the broker proves that, "" where it does not: never a client's own word.
    """

    type: str
    body: str = field(default="", repr=False)  # it may hold a password
    fault: BodyFault | None = None
    reply_to: str = ""
    correlation_id: str = ""
    message_id: str = ""
    redelivered: bool = False
    sender: str = ""
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """One event on its way to a client's topic. destination is a bare topic name, or a reply_to as it was received."""

    destination: str = field(repr=False)  # a Connect may have named its password as one
    body: str = field(repr=False)  # it holds customers' data
    correlation_id: str


class DoorState(StrEnum):
    """Whether messages can pass now."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"


CommandReceiver = Callable[[CommandMessage], None]
"""Takes a command over. When it returns, the command is in an inbox and the door acknowledges it; it never waits and
never raises."""


class BrokerDoor(Protocol):
    """One way in and out for clients."""

    @property
    def name(self) -> str:
        """A word for logs and metrics: activemq, embedded, memory."""

    @property
    def state(self) -> DoorState:
        """Whether messages can pass now."""

    async def start(self, receive: CommandReceiver) -> None:
        """Begin to consume commands. Returns at once where the broker is away: the door goes on trying for ever."""

    def publish(self, event: EventMessage) -> None:
        """Hand an event over, in order. Never waits; what cannot be sent now is kept in a bounded buffer.

        Raises ValueError when the destination is not one that an event may be sent to (broker.destinations).
        """

    async def stop(self) -> None:
        """Stop consuming, send what is still in the buffer if that can be done at once, close."""

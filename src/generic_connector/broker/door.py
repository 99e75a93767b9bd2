"""The door to a message broker: what the product needs of ActiveMQ, of the embedded broker and of the in-memory one.

Whoever stands behind the door maps its own messages to these two and nothing else: the rest of the product cannot
tell one broker from another. Source of the mapping: client-protocol.md section 1, broker.md section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
    acknowledge: tells the broker that the command is dealt with; only for a receiver that keeps it (CommandReceiver).
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
    acknowledge: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """One event on its way to a client's topic. destination is a bare topic name, or a reply_to as it was received.

    lasting: no snapshot could restate it, such as the end of a call or the answer to a command; it is kept where others
    are given up for a snapshot.
    """

    destination: str = field(repr=False)  # a Connect may have named its password as one
    body: str = field(repr=False)  # it holds customers' data
    correlation_id: str
    lasting: bool = False


class DoorState(StrEnum):
    """Whether messages can pass now."""

    CONNECTING = "connecting"
    STANDBY = "standby"  # connected, but another instance gets the commands
    OPEN = "open"
    CLOSED = "closed"


CommandReceiver = Callable[[CommandMessage], bool | None]
"""Takes a command over; it never waits and never raises.

When it returns True, it keeps the command and acknowledges it itself when it is carried out: until then the broker
would deliver it again, to whoever serves then. Else the door acknowledges it at once."""


GapListener = Callable[[str], None]
"""Hears of a destination whose events were given up because too many waited: it needs a fresh snapshot, which is
published from within the call. It never waits and never raises."""


class BrokerDoor(Protocol):
    """One way in and out for clients."""

    @property
    def name(self) -> str:
        """A word for logs and metrics: activemq, embedded, memory."""

    @property
    def state(self) -> DoorState:
        """Whether messages can pass now."""

    async def start(self, receive: CommandReceiver, on_gap: GapListener | None = None) -> None:
        """Begin to consume commands. Returns at once where the broker is away: the door goes on trying for ever.

        on_gap: hears of destinations that need a snapshot, once events can be sent there again.
        """

    def publish(self, event: EventMessage) -> None:
        """Hand an event over, in order for each destination. Never waits; what cannot be sent now is kept.

        Where too many wait for a destination, those that a snapshot restates are given up and a snapshot is asked for.

        Raises ValueError when the destination is not one that an event may be sent to (broker.destinations).
        """

    def expect(self, destinations: Collection[str]) -> None:
        """Hear who were clients before we took over. What is told to them before they are back waits for a while."""

    async def stop_commands(self) -> None:
        """Take no more commands over, while events still go out. The broker gives what comes to another instance."""

    async def stop(self) -> None:
        """Stop consuming, send what waits and see that it arrived, for a few seconds at the longest; close."""

    async def abort(self) -> None:
        """Leave at once. The events that wait are given up: somebody else is in charge now."""

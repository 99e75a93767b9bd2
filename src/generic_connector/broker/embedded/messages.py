"""What the broker keeps of a SEND frame and makes of it for a receiver, as ActiveMQ does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generic_connector.broker.stomp.frames import CONTENT_LENGTH, Command, Frame

USER = "JMSXUserID"
"""The header that tells the sender's login. Only the broker writes it: what a client gives is dropped."""

_OVERHEAD = 300
"""Bytes that a message costs us besides its text, roughly."""

_LONGEST_NUMBER = 18

_OURS = frozenset(
    {
        *("ack", "amq-msg-type", CONTENT_LENGTH, "destination", "expires", USER, "message-id", "persistent"),
        *("priority", "receipt", "redelivered", "subscription", "timestamp", "transaction"),
    }
)
"""Headers of SEND that are for the broker, or that only the broker may write."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message in the broker. headers are those of MESSAGE, without what belongs to one delivery.

    expires_ms: ms since 1970, 0 for never. oversized: its body was larger than the limit and is gone.
    """

    destination: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    expires_ms: int = 0
    oversized: bool = False

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers.items()) + _OVERHEAD


def number(text: str, default: int) -> int:
    """Read a whole number of a client, the default for anything else."""
    return int(text) if len(text) <= _LONGEST_NUMBER and text.isascii() and text.isdigit() else default


def message_from_send(frame: Frame, *, user: str, message_id: str, now_ms: int) -> Message:
    """Take a SEND frame over. user: the sender's login, "" for anonymous; it cannot be forged."""
    given = frame.headers
    expires_ms = number(given.get("expires", ""), 0)
    headers = {
        "expires": str(expires_ms),
        "destination": given["destination"],
        "priority": given.get("priority", "4"),
        "message-id": message_id,
        "timestamp": str(now_ms),
        **{name: value for name, value in given.items() if name not in _OURS},
    }
    if given.get("persistent") == "true":
        headers["persistent"] = "true"
    if user:
        headers[USER] = user
    is_text = CONTENT_LENGTH not in given or given.get("amq-msg-type") == "text"
    if not is_text or b"\0" in frame.body:  # a text with NUL would be cut short without it
        headers[CONTENT_LENGTH] = str(len(frame.body))
    return Message(given["destination"], headers, frame.body, expires_ms, frame.oversized)


def message_frame(message: Message, subscription: str, ack_id: str | None, *, redelivered: bool) -> Frame:
    """Give the MESSAGE frame of one delivery. ack_id: None where the subscriber need not acknowledge."""
    headers = {**message.headers, "subscription": subscription}
    if ack_id is not None:
        headers["ack"] = ack_id
    if redelivered:
        headers["redelivered"] = "true"
    return Frame(Command.MESSAGE, headers, message.body, message.oversized)

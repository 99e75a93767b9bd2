"""STOMP frames and the names that occur in them (STOMP 1.2, "STOMP Frames")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Command(StrEnum):
    """Every command of STOMP 1.2, from both sides."""

    CONNECT = "CONNECT"
    STOMP = "STOMP"
    SEND = "SEND"
    SUBSCRIBE = "SUBSCRIBE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    ACK = "ACK"
    NACK = "NACK"
    BEGIN = "BEGIN"
    COMMIT = "COMMIT"
    ABORT = "ABORT"
    DISCONNECT = "DISCONNECT"

    CONNECTED = "CONNECTED"
    MESSAGE = "MESSAGE"
    RECEIPT = "RECEIPT"
    ERROR = "ERROR"


UNESCAPED = frozenset({Command.CONNECT, Command.CONNECTED})
"""The frames whose headers are not escaped, so that peers of every version can read them ("Value Encoding")."""

LONGEST_COMMAND = max(map(len, Command))

CONTENT_LENGTH = "content-length"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    headers holds the first of repeated headers, as the standard demands. oversized says that the body was larger than
    the parser's limit and was thrown away (a strict parser refuses such frames). The repr shows neither header
    values nor the body: there may be a passcode or a customer's data in them.
    """

    command: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    oversized: bool = False

    def __repr__(self) -> str:
        return f"Frame({self.command}, headers={sorted(self.headers)}, body={len(self.body)} bytes)"

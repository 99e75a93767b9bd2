"""What can go wrong with STOMP.

StompError
├── ProtocolError          bytes or frames that STOMP 1.2 does not allow
├── ConnectFailedError     no usable connection came about: refused, deadline, TLS, login
├── BrokerRefusedError     the broker answered a request with an ERROR frame
└── ConnectionLostError    the connection ended: closed by the broker, cut, or silent for too long
"""

from __future__ import annotations


class StompError(Exception):
    """Anything that goes wrong between us and a STOMP peer. Its text is one line, fit for a log, without secrets."""


class ProtocolError(StompError):
    """The peer sent, or we were about to send, what STOMP 1.2 does not allow. The connection cannot go on."""


class ConnectFailedError(StompError):
    """A broker could not be reached or did not let us in."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class BrokerRefusedError(StompError):
    """The broker answered with an ERROR frame; the text is its `message` header, never its body."""


class ConnectionLostError(StompError):
    """The connection ended before the answer came."""

"""What the operations port is run by."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsSettings:
    """Where the port is, and who may read the metrics. username "" lets everybody who reaches the port do so."""

    host: str = "127.0.0.1"
    port: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    ssl_context: ssl.SSLContext | None = None
    connection_limit: int = 64
    """Connections at a time; one more is closed at once."""
    connection_deadline: float = 10.0
    """Seconds that a connection may live, after so many for the TLS handshake: one question, one answer."""

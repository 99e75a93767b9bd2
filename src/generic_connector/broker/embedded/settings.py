"""What an operator can set about the embedded broker."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from generic_connector.broker.embedded.rights import Rights
from generic_connector.broker.senders import Senders


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedSettings:
    """Where the embedded broker listens, whom it lets in, and its bounds.

    A port of 0 takes a free one, None does not listen. ssl_context: serve TLS on both ports. allowed_origins: web
    pages' origins, such as "https://crm.example", that may connect by WebSocket besides pages from the broker's own
    host and port; "*" allows all. users: names to what hash_password() made; without users everybody may come in, with
    users only they, and with anonymous also those who give no login. rights, senders: what they may do once they are
    in. heart_beat_ms: what we offer and ask for.

    Bounds: body_limit bytes; connection_limit clients; queue_limit messages in a queue and storage_limit bytes in all
    queues, beyond which a SEND is refused with ERROR; unread_limit bytes that wait for one client's network, beyond
    which the client is told so and disconnected: a gap in its events would be worse, for it could not see it.
    login_deadline: seconds from connecting to CONNECT.
    """

    command_queues: tuple[str, ...] = ("Connector1",)
    host: str = "127.0.0.1"
    tcp_port: int | None = 61613
    websocket_port: int | None = None
    websocket_path: str = "/stomp"
    allowed_origins: tuple[str, ...] = ()
    ssl_context: ssl.SSLContext | None = None
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    anonymous: bool = False
    rights: Rights = Rights.EQUAL
    senders: Senders = field(default_factory=Senders)
    heart_beat_ms: int = 10_000
    body_limit: int = 1024 * 1024
    connection_limit: int = 5000
    queue_limit: int = 10_000
    storage_limit: int = 256 * 1024 * 1024
    unread_limit: int = 4 * 1024 * 1024
    login_deadline: float = 10.0

"""How to reach Finesse, as the links need it. The configuration file's settings are mapped onto this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from generic_connector.finesse.elements import ANSWER_LIMIT
from generic_connector.finesse.payloads import NOTIFICATION_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class FinesseSettings:
    """How to reach Finesse. Times are seconds, sizes are characters or bytes."""

    nodes: tuple[str, ...]
    """The nodes' URLs in order of preference, such as https://fin1.example.com:8445."""

    connect_timeout: float = 3.0
    """Longest time to connect, TLS included; it is tried twice."""
    request_timeout: float = 10.0
    """Longest time from sending a request to the whole answer."""
    connections: int = 100
    """Most connections to one node at a time."""
    requests_per_second: float = 200.0
    """Most requests to one node per second, looks at SystemInfo aside; 0: any number."""
    requests_burst: int = 400
    """Most requests at once after a pause."""
    breaker_failures: int = 5
    """After so many requests in a row that met no node, further ones fail at once until it answers; 0: never."""
    answer_limit: int = ANSWER_LIMIT
    """Largest body of an answer, in bytes."""

    health_interval: float = 10.0
    """Time between two looks at SystemInfo."""
    health_timeout: float = 5.0
    """Longest time from asking for SystemInfo to the whole answer."""
    retry_delay: float = 1.0
    """Time to the next look at SystemInfo after something went wrong."""
    return_to_first: float = 0.0
    """How long the first node must have been healthy before it is used again; 0: the other one is kept."""

    xmpp_transport: Literal["tls", "plain", "websocket"] = "tls"
    """tls: TLS from the first byte (port 5223). plain: no encryption at all (port 5222). Never STARTTLS.
    websocket: RFC 7395, encrypted (port 8445 from Finesse 12.6 on, 7443 before)."""
    xmpp_websocket_path: str = "/ws/"
    """Where on the server the WebSocket is."""
    xmpp_websocket_tls: bool = True
    """Whether the WebSocket is encrypted. Off only in a lab (port 7071)."""
    xmpp_host: str = ""
    """Host of the notification service; "": the host of the node in use."""
    xmpp_port: int = 0
    """Port of the notification service; 0: what SystemInfo says (from 12.6 on), else the transport's usual one."""
    sign_in_deadline: float = 10.0
    """Longest time to open a notification session, from its turn on."""
    sessions_per_second: float = 100.0
    """Most notification sessions to open per second, of all agents together; 0: any number."""
    sessions_at_once: int = 50
    """Most notification sessions that are being opened at a time; 0: any number."""
    ping_interval: float = 5.0
    """Time between two pings on a notification session. Finesse wants one every 20 s at the least."""
    ping_deadline: float = 12.0
    """A notification session that is silent for so long is lost."""
    resource_prefix: str = "gc"
    """What the resource of a notification session begins with; the rest is random. Not "desktop"."""
    payload_limit: int = NOTIFICATION_LIMIT
    """Largest Update document, in characters."""

    tls_verify: bool = True
    """Whether certificates are verified. Off only in a lab: it is logged."""
    tls_ca_file: Path | None = None
    """Certificates to trust (PEM) instead of the system's; a self-signed node's own certificate will do."""
    tls_strict: bool = True
    """Off: accept certificates that break RFC 5280 in small things, as Python did before 3.13."""
    tls_minimum_version: Literal["1.2", "1.3"] = "1.2"
    """The oldest version of TLS that is spoken."""

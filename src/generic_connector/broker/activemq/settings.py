"""What an operator can set about ActiveMQ."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from generic_connector.broker.stomp.client import BROKER_LIMITS, ConnectSettings
from generic_connector.broker.text_encoding import TextEncoding
from generic_connector.broker.urls import BrokerUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveMqSettings:
    """Where the broker is and how to speak with it. Raises ValueError for what cannot be.

    urls: in order of preference, `stomp://host:61613` or `stomp+ssl://host:61614`. queues: names without `/queue/`.
    queue_senders: queues that the broker lets one user alone write to, each with that user.
    consumer_priority: 0 to 127, the exclusive consumer with the highest one is active. prefetch: commands per queue
    that may be on the way to us. heart_beat_ms: 0 would mean that a dead broker goes unnoticed and is refused.
    buffered_events: how many wait for a broker that is away, for each destination; buffered_events_total: for all.
    client_return: seconds that a destination's events wait for its client after the broker came back, 0: not at all.
    event_lifetime: seconds until the broker drops an event
    (clocks must agree), None: it does not. send_empty_type: JMSType "" rather than null. body_limit: bytes.
    return_to_first: seconds between looks whether the first URL is back while connected to another, None: stay.
    connect_deadline: seconds for each URL. probe_interval: seconds between looks whether the commands come to us, None:
    that is taken for granted (place.py). ssl_context: for stomp+ssl, None: the system's authorities.
    """

    urls: tuple[str, ...]
    username: str = ""
    password: str = field(default="", repr=False)
    queues: tuple[str, ...] = ("Connector1",)
    queue_senders: Mapping[str, str] = field(default_factory=dict)
    consumer_priority: int = 127
    prefetch: int = 1000
    heart_beat_ms: int = 2000
    buffered_events: int = 1000
    buffered_events_total: int = 100_000
    client_return: float = 30.0
    event_lifetime: float | None = None
    send_empty_type: bool = True
    text_encoding: TextEncoding = TextEncoding.AUTO
    body_limit: int = 1024 * 1024
    return_to_first: float | None = None
    connect_deadline: float = 5.0
    probe_interval: float | None = None
    ssl_context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        if not self.urls or not self.queues:
            raise ValueError("at least one broker URL and one command queue are needed")
        if self.heart_beat_ms < 1 or self.prefetch < 1:
            raise ValueError("heart_beat_ms and prefetch must be at least 1")
        self.parsed_urls()

    def parsed_urls(self) -> list[BrokerUrl]:
        """Give the URLs in their order."""
        return [BrokerUrl.parse(url) for url in self.urls]

    def connect_settings(self) -> ConnectSettings:
        """Give what each STOMP connection needs of these settings."""
        return ConnectSettings(
            login=self.username,
            passcode=self.password,
            heart_beat_ms=self.heart_beat_ms,
            deadline=self.connect_deadline,
            ssl_context=self.ssl_context,
            limits=replace(BROKER_LIMITS, body=self.body_limit),
        )

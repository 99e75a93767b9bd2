"""An agent's notification client on slixmpp: code that none of us wrote checks the servers."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Any, Self

from slixmpp import JID, ClientXMPP
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from notification_clients.directory import DOMAIN, PASSWORD
from notification_clients.waiting import until


class Agent(ClientXMPP):
    """Signs in on entry; collects notifications (node, Update text), presence and stream errors."""

    def __init__(
        self,
        port: int,
        address: str,
        password: str = PASSWORD,
        *,
        context: ssl.SSLContext | None = None,
        priority: int | None = 0,
        domain: str = DOMAIN,
    ) -> None:
        super().__init__(
            f"{address.partition('/')[0]}@{domain}/{address.partition('/')[2]}",
            password,
            ssl_context=context or ssl.create_default_context(),
            plugin_config={"feature_mechanisms": {"unencrypted_plain": context is None}},
        )
        self.port = port
        self.own_domain = domain
        self.own_priority = priority
        self.enable_direct_tls = context is not None
        self.enable_starttls = False
        self.enable_plaintext = context is None
        self.whitespace_keepalive_interval = 3600
        for plugin in ("xep_0030", "xep_0060", "xep_0199"):
            self.register_plugin(plugin)
        self.notifications: list[tuple[str, str]] = []
        self.recipients: list[str] = []
        self.seen: list[str] = []  # presence: "type from"
        self.ended: list[str] = []  # stream errors and refused passwords
        self.gone = False
        self.register_handler(Callback("events", MatchXPath("{jabber:client}message"), self._hear))
        self.add_event_handler("session_start", self._begin)
        self.add_event_handler("presence_available", self._see)
        self.add_event_handler("presence_unavailable", self._see)
        self.add_event_handler("stream_error", lambda error: self.ended.append(error["condition"]))
        self.add_event_handler("failed_auth", lambda error: self.ended.append(error["condition"]))
        self.add_event_handler("disconnected", self._end)
        self.started = False

    async def __aenter__(self) -> Self:
        self.connect("127.0.0.1", self.port)
        await until(lambda: self.started or self.gone)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.gone:
            self.abort()
            await until(lambda: self.gone)
        self.cancel_connection_attempt()

    async def round_trip(self) -> None:
        """Return when all that the server had to say before is here."""
        await self.plugin["xep_0199"].send_ping(JID(self.own_domain), timeout=10)

    async def _begin(self, _event: Any) -> None:
        if self.own_priority is not None:
            self.send_presence(ppriority=self.own_priority)
        await self.round_trip()
        self.started = True

    def _hear(self, message: Any) -> None:
        for items in message.xml.iter("{http://jabber.org/protocol/pubsub#event}items"):
            for notification in items.iter("{http://jabber.org/protocol/pubsub}notification"):
                self.notifications.append((items.get("node"), notification.text))
                self.recipients.append(str(message["to"]))

    def _see(self, presence: Any) -> None:
        self.seen.append(f"{presence['type']} {presence['from']}")

    def _end(self, _reason: Any) -> None:
        self.gone = True

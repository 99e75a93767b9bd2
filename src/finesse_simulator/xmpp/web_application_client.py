"""Finesse's web application as a client of a real server: the user finesse@domain, whose presence agents watch."""

from __future__ import annotations

import asyncio
import base64
from typing import cast
from xml.etree.ElementTree import Element

from finesse_simulator.xmpp.markup import element, local_name
from finesse_simulator.xmpp.stanzas import BIND, SASL
from finesse_simulator.xmpp.stream import STREAMS, StreamOpened, StreamParser

USER = "finesse"


class WebApplicationClient(asyncio.Protocol):
    """One connection. It lets everybody watch who asks, and says whether it is available.

    When signing in goes wrong, ready() never returns: whoever waits for it has a deadline.
    """

    def __init__(self, domain: str, password: str, *, available: bool) -> None:
        self._domain = domain
        self._password = password
        self._available = available
        self._signed_in = False
        self._parser = StreamParser()
        self._transport: asyncio.Transport | None = None
        self._ready = asyncio.Event()

    @classmethod
    async def connect(cls, port: int, domain: str, password: str, *, available: bool) -> WebApplicationClient:
        """Connect on this machine, sign in, and tell presence; OSError when there is no server."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(domain, password, available=available), "127.0.0.1", port)
        try:
            await client.ready()
        except BaseException:
            client.close()
            raise
        return client

    async def ready(self) -> None:
        """Return when it has signed in and told presence."""
        await self._ready.wait()

    def set_available(self, *, available: bool) -> None:
        """Tell presence."""
        self._available = available
        self._tell()

    def close(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the stream; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it
        self._open()

    def data_received(self, data: bytes) -> None:
        """Take what the server sent; asyncio calls it."""
        parser = self._parser
        for event in parser.feed(data):
            if isinstance(event, Element):
                self._hear(event)
            elif not isinstance(event, StreamOpened):
                self.close()
            if self._parser is not parser:
                return

    def _open(self) -> None:
        self._parser = StreamParser()
        self._send(f'<stream:stream to="{self._domain}" xmlns="jabber:client" xmlns:stream="{STREAMS}" version="1.0">')

    def _hear(self, stanza: Element) -> None:
        match local_name(stanza), stanza.get("type"):
            case "features", _ if self._signed_in:
                resource = element("resource", None, USER)
                self._send(element("iq", {"type": "set", "id": "bind"}, element("bind", {"xmlns": BIND}, resource)))
            case "features", _:
                response = base64.b64encode(f"\0{USER}\0{self._password}".encode()).decode()
                self._send(element("auth", {"xmlns": SASL, "mechanism": "PLAIN"}, response))
            case "success", _:
                self._signed_in = True
                self._open()
            case "iq", "result":
                self._tell()
                self._ready.set()
            case "presence", "subscribe":
                self._send(element("presence", {"type": "subscribed", "to": stanza.get("from")}))

    def _tell(self) -> None:
        self._send(element("presence", None if self._available else {"type": "unavailable"}))

    def _send(self, text: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(text.encode())

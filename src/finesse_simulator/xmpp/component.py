"""A server's external component: the simulator's place in a real XMPP server (XEP-0114)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import cast
from xml.etree.ElementTree import Element

from finesse_simulator.xmpp.markup import element, local_name
from finesse_simulator.xmpp.stream import STREAMS, StreamClosed, StreamFault, StreamOpened, StreamParser

_ACCEPT = "jabber:component:accept"
_STANZA_LIMIT = 1024 * 1024  # bytes; from our own server


class ComponentError(Exception):
    """The server did not take the component, or is gone."""


class Component(asyncio.Protocol):
    """One connection of a component to its server.

    name: the component's address. on_stanza: called with each stanza. on_lost: called once, after the handshake had
    succeeded, when the connection is gone.
    """

    def __init__(
        self, name: str, secret: str, on_stanza: Callable[[Element], None], on_lost: Callable[[], None]
    ) -> None:
        self._name = name
        self._secret = secret
        self._on_stanza = on_stanza
        self._on_lost = on_lost
        self._parser = StreamParser(stanza_limit=_STANZA_LIMIT)
        self._transport: asyncio.Transport | None = None
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        name: str,
        secret: str,
        *,
        on_stanza: Callable[[Element], None],
        on_lost: Callable[[], None],
    ) -> Component:
        """Connect and shake hands; OSError when there is no server, ComponentError when it refuses."""
        loop = asyncio.get_running_loop()
        _, component = await loop.create_connection(lambda: cls(name, secret, on_stanza, on_lost), host, port)
        try:
            await component.accepted()
        except BaseException:
            await component.close()
            raise
        return component

    async def accepted(self) -> None:
        """Return when the handshake has succeeded; ComponentError when it has not."""
        await self._accepted

    def send(self, text: str) -> None:
        """Send a stanza; lost when the connection is."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(text.encode())

    async def close(self) -> None:
        """Close; return when the socket is gone. on_lost is not called."""
        self._on_lost = _nothing
        if self._transport is not None:
            self._transport.abort()
            await self._gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open the stream; asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclasses of it
        self.send(f'<stream:stream xmlns="{_ACCEPT}" xmlns:stream="{STREAMS}" to="{self._name}">')

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits; asyncio calls it."""
        self._gone.set()
        if not self._accepted.done():
            self._accepted.set_exception(ComponentError(f"the server closed before the handshake: {exc}"))
        elif not self._accepted.cancelled() and self._accepted.exception() is None:
            self._on_lost()

    def data_received(self, data: bytes) -> None:
        """Take what the server sent; asyncio calls it."""
        for event in self._parser.feed(data):
            match event:
                case StreamOpened(attributes):
                    digest = hashlib.sha1(f"{attributes.get('id', '')}{self._secret}".encode()).hexdigest()  # noqa: S324 - XEP-0114 says so
                    self.send(element("handshake", None, digest))
                case StreamClosed():
                    self._fail("the server closed the stream")
                case StreamFault(condition):
                    self._fail(f"the server's stream is broken: {condition}")
                case Element():
                    self._take(event)

    def _take(self, stanza: Element) -> None:
        if stanza.tag == f"{{{_ACCEPT}}}handshake":
            if not self._accepted.done():
                self._accepted.set_result(None)
        elif stanza.tag == f"{{{STREAMS}}}error":
            self._fail(f"the server says {', '.join(local_name(each) for each in stanza)}")
        else:
            self._on_stanza(stanza)

    def _fail(self, reason: str) -> None:
        if not self._accepted.done():
            self._accepted.set_exception(ComponentError(reason))
        if self._transport is not None:
            self._transport.abort()


def _nothing() -> None:
    """Take the place of a callback that is not wanted any more."""

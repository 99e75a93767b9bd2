"""A client that is nothing but a socket: tests compare what comes over the wire, byte for byte."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from types import TracebackType
from typing import Self

from notification_clients.directory import DOMAIN, PASSWORD


def header(domain: str) -> str:
    return (
        f"<?xml version='1.0'?><stream:stream to='{domain}' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    )


HEADER = header(DOMAIN)


def plain(user: str, password: str = PASSWORD) -> str:
    response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    return f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{response}</auth>"


class RawClient:
    """Sends text, and reads up to an expected ending; nothing may come that was not asked for."""

    def __init__(self, port: int, *, context: ssl.SSLContext | None = None, domain: str = DOMAIN) -> None:
        self._port = port
        self._domain = domain
        self._context = context

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._context)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def send(self, text: str | bytes) -> None:
        self._writer.write(text if isinstance(text, bytes) else text.encode())

    async def dribble(self, text: str) -> None:
        """Send one byte a write."""
        for byte in text.encode():
            self._writer.write(bytes((byte,)))
            await self._writer.drain()
            await asyncio.sleep(0)

    async def read(self, ending: str) -> str:
        """Read up to and including this ending."""
        return (await asyncio.wait_for(self._reader.readuntil(ending.encode()), 10)).decode()

    async def ask(self, text: str, ending: str) -> str:
        self.send(text)
        return await self.read(ending)

    async def rest(self) -> str:
        """Read all that comes until the server closes."""
        return (await asyncio.wait_for(self._reader.read(), 10)).decode()

    async def nothing(self, *, within: float = 0.1) -> bool:
        """Say whether the server stays silent for so many seconds."""
        try:
            return not await asyncio.wait_for(self._reader.read(1), within)
        except TimeoutError:
            return True

    async def sign_in(
        self, user: str, resource: str = "cti", *, presence: str | None = "<presence/>", password: str = PASSWORD
    ) -> None:
        """Authenticate, bind, and become available; a ping shows that all was taken."""
        await self.ask(header(self._domain), "</stream:features>")
        await self.ask(plain(user, password), '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>')
        await self.ask(header(self._domain), "</stream:features>")
        resource = f"<resource>{resource}</resource>" if resource else ""
        await self.ask(
            f"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{resource}</bind></iq>", "</iq>"
        )
        if presence is not None:
            self.send(presence)
        await self.ping()

    async def ping(self) -> str:
        """Ask for a sign of life; give all that came before it, and the answer."""
        return await self.ask(
            f"<iq type='get' to='{self._domain}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>",
            f'from="{self._domain}" to="',
        ) + await self.read("/>")

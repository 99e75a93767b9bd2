"""The scripted notification service by WebSocket: frames instead of a stream, the same honest sign-in."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from aiohttp import WSMsgType, web

from finesse.scripted_xmpp import DOMAIN

_SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_FRAMES = "urn:ietf:params:xml:ns:xmpp-framing"
_STREAMS = "xmlns:stream='http://etherx.jabber.org/streams'"
OPEN = f"<open xmlns='{_FRAMES}' from='{DOMAIN}' id='1' version='1.0'/>"
CLOSE = f"<close xmlns='{_FRAMES}'/>"


@dataclass
class Script:
    """What the server does; the defaults are an honest Finesse."""

    mechanisms: tuple[str, ...] = ("PLAIN",)
    failure: str = ""
    silent_after: str = ""
    """Regular expression: when a client's frame matches, nothing more is said."""
    refuse_bind: bool = False
    session: bool = True
    protocol: str = "xmpp"
    redirect: str = ""
    answer_open: str = OPEN
    """What to answer the first frame with."""


@dataclass
class Peer:
    """One client's connection: the frames it sent, and a way to send to it."""

    socket: web.WebSocketResponse
    transport: asyncio.BaseTransport
    frames: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def cut(self) -> None:
        transport = cast("asyncio.Transport", self.transport)  # uvloop's are no subclasses of it
        if not transport.is_closing():  # Python 3.11.2 cannot cut TLS that was closed twice
            transport.abort()

    async def publish(self, payload: str, sender: str = f"pubsub.{DOMAIN}") -> None:
        await self.socket.send_str(
            f"<message xmlns='jabber:client' from='{sender}' to='1001@{DOMAIN}'>"
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='/finesse/api/User/1001'><item>"
            f"<notification xmlns='http://jabber.org/protocol/pubsub'>{escape(payload)}</notification>"
            "</item></items></event></message>"
        )

    async def until(self, pattern: str) -> str:
        """Wait for a frame that matches, and give it."""
        async with asyncio.timeout(5):
            while not (found := [frame for frame in self.frames if re.search(pattern, frame)]):
                self.news.clear()
                await self.news.wait()
        return found[0]

    async def until_closed(self) -> None:
        async with asyncio.timeout(5):
            while not self.closed:
                self.news.clear()
                await self.news.wait()


class ScriptedWebSocket:
    """The server. Enter it with `serving`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.peers: list[Peer] = []
        self.asked: list[str] = []  # paths
        self.port = 0

    @property
    def last(self) -> Peer:
        return self.peers[-1]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.script.redirect:
            raise web.HTTPFound(self.script.redirect)
        socket = web.WebSocketResponse(protocols=(self.script.protocol,), timeout=0.2)
        await socket.prepare(request)
        assert request.transport is not None
        peer = Peer(socket, request.transport)
        self.peers.append(peer)
        try:
            await self._converse(peer)
        finally:  # the handler is cancelled when the client is gone
            peer.closed = True
            peer.news.set()
        return socket

    async def _converse(self, peer: Peer) -> None:
        silent = False
        with contextlib.suppress(ConnectionError):
            async for message in peer.socket:
                if message.type is not WSMsgType.TEXT:
                    break
                peer.frames.append(message.data)
                peer.news.set()
                silent = silent or bool(self.script.silent_after and re.search(self.script.silent_after, message.data))
                if not silent:
                    for answer in self._answers(ET.fromstring(message.data), peer):  # noqa: S314 - a test's own
                        await peer.socket.send_str(answer)

    def _answers(self, frame: ET.Element, peer: Peer) -> list[str]:
        match frame.tag.rpartition("}")[2]:
            case "open":
                return [self.script.answer_open, self._features(peer)]
            case "auth" if self.script.failure:
                return [f"<failure {_SASL}><{self.script.failure}/></failure>", CLOSE]
            case "auth":
                return [f"<success {_SASL}/>"]
            case "close":
                return [CLOSE]
            case "iq":
                return self._iq(frame)
        return []

    def _features(self, peer: Peer) -> str:
        if any("<auth" in frame for frame in peer.frames):
            session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>" if self.script.session else ""
            return f"<stream:features {_STREAMS}><bind xmlns='{_BIND}'/>{session}</stream:features>"
        mechanisms = "".join(f"<mechanism>{name}</mechanism>" for name in self.script.mechanisms)
        return f"<stream:features {_STREAMS}><mechanisms {_SASL}>{mechanisms}</mechanisms></stream:features>"

    def _iq(self, iq: ET.Element) -> list[str]:
        head = f"xmlns='jabber:client' id='{iq.get('id')}' from='{DOMAIN}'"
        resource = iq.findtext(f"{{{_BIND}}}bind/{{{_BIND}}}resource")
        if resource and self.script.refuse_bind:
            return [f"<iq type='error' {head}/>"]
        if resource:
            return [f"<iq type='result' {head}><bind xmlns='{_BIND}'><jid>1001@{DOMAIN}/{resource}</jid></bind></iq>"]
        return [f"<iq type='result' {head}/>"] if iq.get("type") in ("get", "set") else []


@contextlib.asynccontextmanager
async def serving(script: Script | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedWebSocket]:
    """Serve on a free port of 127.0.0.1, at every path."""
    server = ScriptedWebSocket(script or Script())
    application = web.Application()
    application.router.add_get("/{path:.*}", server.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        for peer in server.peers:
            peer.cut()
        await runner.cleanup()

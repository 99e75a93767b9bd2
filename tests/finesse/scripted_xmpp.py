"""A notification service that does what a test tells it, step by step, also what no real one should do.

Of an honest sign-in it knows just enough; everything else is in `Script`. It keeps the text of every connection, so
that a test can say what the client sent and what it did not.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

DOMAIN = "fin1.example.com"
_PUBSUB = f"pubsub.{DOMAIN}"
_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'"
    f" from='{DOMAIN}' id='1' xml:lang='en' version='1.0'>"
)
_SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
_STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


@dataclass
class Script:
    """What the server does; the defaults are an honest Finesse."""

    mechanisms: tuple[str, ...] = ("PLAIN",)
    starttls: bool = False
    failure: str = ""
    """SASL failure condition to answer the sign-in with."""
    silent_after: str = ""
    """Regular expression: when the client's text matches, nothing more is said."""
    refuse_bind: bool = False
    before_features: str = ""
    """What to send instead of the first stream features."""
    ping_error: bool = False
    """Answer pings with an error, as a server without XEP-0199 does."""


@dataclass
class Connection:
    """One client's connection: what it sent, and a way to send to it."""

    writer: asyncio.StreamWriter
    received: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def send(self, text: str) -> None:
        self.writer.write(text.encode())

    def publish(self, *payloads: str, sender: str = _PUBSUB, extra: str = "") -> None:
        items = "".join(
            f"<item id='i'><notification xmlns='http://jabber.org/protocol/pubsub'>{escape(payload)}</notification></item>"
            for payload in payloads
        )
        self.send(
            f"<message from='{sender}' to='1001@{DOMAIN}'>"
            f"<event xmlns='http://jabber.org/protocol/pubsub#event'>"
            f"<items node='/finesse/api/User/1001'>{items}</items></event>{extra}</message>"
        )

    async def until(self, pattern: str) -> str:
        """Wait until the client sent something that matches; give what it sent so far."""
        async with asyncio.timeout(5):
            while not re.search(pattern, self.received):
                self.news.clear()
                await self.news.wait()
        return self.received

    async def until_closed(self) -> None:
        async with asyncio.timeout(5):
            while not self.closed:
                self.news.clear()
                await self.news.wait()


def _new_parser() -> Any:
    return ET.XMLPullParser(("start", "end"))


class ScriptedServer:
    """The server. Enter it with `serving`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.connections: list[Connection] = []
        self.connected = asyncio.Event()
        self.port = 0

    @property
    def last(self) -> Connection:
        return self.connections[-1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        self.connections.append(connection)
        self.connected.set()
        parser = _new_parser()
        with contextlib.suppress(ConnectionError, ssl.SSLError, ET.ParseError):
            while data := await reader.read(65536):
                connection.received += data.decode(errors="replace")
                connection.news.set()
                if self.script.silent_after and re.search(self.script.silent_after, connection.received):
                    continue
                if data.startswith((b"<?xml", b"<stream:stream")):
                    parser = _new_parser()
                parser.feed(data)
                self._answer(connection, parser)
        connection.closed = True
        connection.news.set()
        writer.transport.abort()

    def _answer(self, connection: Connection, parser: Any) -> None:
        for event, element in parser.read_events():
            name = element.tag.rpartition("}")[2]
            if (event, name) == ("start", "stream"):
                connection.send(_HEADER + self._features(connection))
            elif (event, name) == ("end", "stream"):
                connection.send("</stream:stream>")
            elif (event, name) == ("end", "auth"):
                connection.send(self._authenticate())
            elif (event, name) == ("end", "iq"):
                connection.send(self._iq(element))

    def _authenticate(self) -> str:
        failure = self.script.failure
        return f"<failure {_SASL}><{failure}/></failure></stream:stream>" if failure else f"<success {_SASL}/>"

    def _features(self, connection: Connection) -> str:
        if "<auth" in connection.received:
            bind = f"<bind xmlns='{_BIND}'/>"
            session = "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>"
            return f"<stream:features>{bind}{session}</stream:features>"
        if self.script.before_features:
            return self.script.before_features
        mechanisms = "".join(f"<mechanism>{name}</mechanism>" for name in self.script.mechanisms)
        starttls = _STARTTLS if self.script.starttls else ""
        return f"<stream:features>{starttls}<mechanisms {_SASL}>{mechanisms}</mechanisms></stream:features>"

    def _iq(self, iq: ET.Element) -> str:
        head = f"id='{iq.get('id')}' from='{DOMAIN}'"
        resource = iq.findtext(f"{{{_BIND}}}bind/{{{_BIND}}}resource")
        if resource and self.script.refuse_bind:
            return f"<iq type='error' {head}><error type='cancel'><conflict xmlns='{_STANZAS}'/></error></iq>"
        if resource:
            return f"<iq type='result' {head}><bind xmlns='{_BIND}'><jid>1001@{DOMAIN}/{resource}</jid></bind></iq>"
        if iq.get("type") not in ("get", "set"):
            return ""
        is_ping = iq.find("{urn:xmpp:ping}ping") is not None
        return f"<iq type='error' {head}/>" if is_ping and self.script.ping_error else f"<iq type='result' {head}/>"


@contextlib.asynccontextmanager
async def serving(script: Script | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedServer]:
    """Serve on a free port of 127.0.0.1; with TLS from the first byte when tls is given."""
    server = ScriptedServer(script or Script())
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for connection in server.connections:
            connection.writer.transport.abort()
            await connection.until_closed()

"""Hostile bytes from a notification service to a session by TCP.

An input: a byte for how far an honest server gets before (see STAGES), a byte for the size of the pieces, the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections.abc import Iterable
from typing import Any

from finesse.scripted_xmpp import DOMAIN
from fuzz.source import headed, pick, pieces
from fuzz.watching import SECRET, play
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import FinesseError
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context
from generic_connector.finesse.xmpp import TcpWire

_SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_HEADER = (
    f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    f"from='{DOMAIN}' id='1' version='1.0'>"
)
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
HONEST = (
    f"{_HEADER}<stream:features><mechanisms {_SASL}><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    f"<success {_SASL}/>",
    f"{_HEADER}<stream:features>{_BIND}</bind></stream:features>",
    f"<iq type='result' id='{{id}}'>{_BIND}<jid>1001@{DOMAIN}/gc-1</jid></bind></iq>",
    f"<iq type='result' id='gc-ready' from='{DOMAIN}'/>",
)
"""What an honest server says, step by step; {id}: that of the client's last request."""

SETTINGS = FinesseSettings(nodes=("https://127.0.0.1:8445",), xmpp_transport="plain", payload_limit=4096)
ADDRESS = XmppAddress(host="127.0.0.1", port=5222, domain=DOMAIN)
ANN = Credentials(user_id="1001", secret=SECRET)


@functools.cache
def tls_context(settings: FinesseSettings = SETTINGS) -> ssl.SSLContext:
    """Give the one context of all sessions, as the product does: to make it costs more than all the rest."""
    return make_tls_context(settings)


class Pipe(asyncio.Transport):
    """A connection to nobody; it keeps what was written."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self._protocol = protocol
        self._closing = False
        self.written = bytearray()

    def write(self, data: Any) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


class PipedWire(TcpWire):
    """The wire without a network."""

    pipe: Pipe

    def connect(self) -> None:
        self.pipe = Pipe(self._client)
        self._client._run_out_filters = asyncio.ensure_future(self._client.run_filters())
        self._client.connection_made(self.pipe)

    def take(self, data: bytes) -> None:
        """Hear bytes, unless the connection was closed before."""
        if not self.pipe.is_closing():
            self._client.data_received(data)

    @property
    def last_id(self) -> str:
        """The id of the last request that the client made."""
        return bytes(self.pipe.written).decode().rpartition(' id="')[2].partition('"')[0]


class Owner:
    """Whoever opened the session, and what it heard."""

    def __init__(self) -> None:
        self.heard: list[Notification] = []
        self.closed: list[SessionClosed] = []


def one(data: bytes) -> None:
    """Let the server say this to a session."""
    stage, data = headed(data)
    size, data = headed(data)
    honest = HONEST[: pick(range(len(HONEST) + 1), stage)]

    async def script() -> None:
        await converse(honest, list(pieces(data, size)))

    play(script)


async def converse(honest: tuple[str, ...], hostile: Iterable[bytes], settings: FinesseSettings = SETTINGS) -> Owner:
    """Let a session hear an honest beginning, then the rest, then see that it has ended as it must."""
    owner, wires = Owner(), []

    def make_wire(*arguments: Any) -> PipedWire:
        wires.append(PipedWire(*arguments, tls_context=tls_context()))
        return wires[0]

    session = AgentSession(
        make_wire, ADDRESS, ANN, settings, on_notification=owner.heard.append, on_closed=owner.closed.append
    )
    opening = asyncio.ensure_future(session.open())
    await asyncio.sleep(0)
    for step in honest:
        wires[0].take(step.replace("{id}", wires[0].last_id).encode())
        await _a_moment()
    if len(honest) == len(HONEST):
        assert opening.done()
    for piece in hostile:
        wires[0].take(piece)
        await asyncio.sleep(0)
    await _a_moment()
    was_open = opening.done() and opening.exception() is None
    wires[0].pipe.close()
    with contextlib.suppress(FinesseError):
        await opening
    await session.close()
    assert len(owner.closed) == was_open
    return owner


async def opened(data: Iterable[bytes], settings: FinesseSettings = SETTINGS) -> AgentSession:
    """Open a session at a server that says this from the beginning. Raises as the session's open does."""
    wires: list[PipedWire] = []

    def make_wire(*arguments: Any) -> PipedWire:
        wires.append(PipedWire(*arguments, tls_context=tls_context()))
        return wires[0]

    session = AgentSession(make_wire, ADDRESS, ANN, settings, on_notification=_ignore, on_closed=_ignore)
    opening = asyncio.ensure_future(session.open())
    await asyncio.sleep(0)
    for piece in data:
        wires[0].take(piece)
    await opening
    return session


class Deaf:
    """An ear that hears nothing."""

    signed_in = refused = heard = lost = lambda *_, **__: None


def _ignore(_: object) -> None:
    """Take it for read."""


async def _a_moment() -> None:
    """Let everybody who can go on do so: nothing here waits for a network."""
    for _ in range(10):
        await asyncio.sleep(0)

"""Hostile frames from a notification service to a session by WebSocket.

An input: a byte for how far an honest server gets before, then frames between RECORD bytes; what is no UTF-8 comes as
a binary frame.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, cast

import aiohttp
from aiohttp import WSMessage, WSMsgType

from finesse.scripted_websocket import OPEN
from finesse.scripted_xmpp import DOMAIN
from fuzz.source import headed, pick, records
from fuzz.watching import play
from fuzz.xmpp import ADDRESS, ANN, SETTINGS, Owner, tls_context
from generic_connector.finesse.failures import FinesseError
from generic_connector.finesse.session import AgentSession
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.websocket import WebSocketWire

_SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_FEATURES = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>{}</stream:features>"
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
_ANSWER = "<iq xmlns='jabber:client' type='result' id='{}' from='" + DOMAIN + "'>{}</iq>"
HONEST = (
    OPEN,
    _FEATURES.format(f"<mechanisms {_SASL}><mechanism>PLAIN</mechanism></mechanisms>"),
    f"<success {_SASL}/>",
    OPEN,
    _FEATURES.format(f"{_BIND}</bind>"),
    _ANSWER.format("gc-bind", f"{_BIND}<jid>1001@{DOMAIN}/gc-1</jid></bind>"),
    _ANSWER.format("gc-ready", ""),
)
"""What an honest server says, frame by frame."""


class FakeSocket:
    """A WebSocket to nobody: what is put in is heard."""

    protocol = "xmpp"
    close_code: int | None = None
    closed = False

    def __init__(self) -> None:
        self._frames: asyncio.Queue[WSMessage | None] = asyncio.Queue()

    def put(self, frame: bytes) -> None:
        try:
            self._frames.put_nowait(WSMessage(WSMsgType.TEXT, frame.decode(), None))
        except UnicodeDecodeError:
            self._frames.put_nowait(WSMessage(WSMsgType.BINARY, frame, None))

    def end(self) -> None:
        self._frames.put_nowait(None)

    async def send_str(self, _text: str) -> None:
        await asyncio.sleep(0)

    async def close(self) -> None:
        self.closed = True

    def __aiter__(self) -> FakeSocket:
        return self

    async def __anext__(self) -> WSMessage:
        for _ in range(3):  # as in a network, whoever hears a frame can go on before the next one
            await asyncio.sleep(0)
        frame = await self._frames.get()
        if frame is None:
            raise StopAsyncIteration
        return frame


class PipedWire(WebSocketWire):
    """The wire without a network."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, tls_context=tls_context())
        self.socket = FakeSocket()

    def _http(self) -> aiohttp.ClientSession:
        return cast("aiohttp.ClientSession", contextlib.nullcontext())

    async def _connected(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse | None:  # noqa: ARG002
        return cast("aiohttp.ClientWebSocketResponse", self.socket)


def one(data: bytes) -> None:
    """Let the server say this to a session."""
    stage, data = headed(data)
    honest = HONEST[: pick(range(len(HONEST) + 1), stage)]

    async def script() -> None:
        await converse([*(step.encode() for step in honest), *records(data)], is_honest=len(honest) == len(HONEST))

    play(script)


async def converse(frames: Sequence[bytes], settings: FinesseSettings = SETTINGS, *, is_honest: bool = False) -> Owner:
    """Let a session hear frames, then see that it has ended as it must. is_honest: they begin by opening it."""
    owner, wires = Owner(), []

    def make_wire(*arguments: Any) -> PipedWire:
        wires.append(PipedWire(*arguments))
        return wires[0]

    session = AgentSession(
        make_wire, ADDRESS, ANN, settings, on_notification=owner.heard.append, on_closed=owner.closed.append
    )
    opening = asyncio.ensure_future(session.open())
    for frame in frames:
        wires[0].socket.put(frame)
    wires[0].socket.end()
    with contextlib.suppress(FinesseError):
        await opening
        await wires[0].gone.wait()
        assert owner.closed or not is_honest
    await session.close()
    return owner

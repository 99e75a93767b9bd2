"""The server by WebSocket (RFC 7395), frame by frame."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from finesse_simulator.certificate import self_signed
from finesse_simulator.xmpp.server import XmppServer
from notification_clients.directory import DOMAIN, TEAM, Agents
from notification_clients.raw import plain
from notification_clients.waiting import until

OPEN = f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{DOMAIN}' version='1.0'/>"
CLOSE = '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>'
PING = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"
BIND = (
    "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<resource>cti</resource></bind></iq>"
)
USER = "/finesse/api/User/1001"
ME = f"1001@{DOMAIN}/cti"

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # the test's own client, when it is cut


@pytest.fixture
async def server(agents: Agents) -> AsyncIterator[XmppServer]:
    server = XmppServer(domain=DOMAIN, plain_port=None, websocket_port=0)
    await server.start(agents)
    yield server
    await server.stop()


class Frames:
    """A client that is nothing but a WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def read(self) -> str:
        return await self.socket.receive_str(timeout=5)

    async def ask(self, frame: str) -> str:
        await self.socket.send_str(frame)
        return await self.read()

    async def over(self) -> bool:
        """Say whether the server has closed, and has nothing more to say."""
        message = await self.socket.receive(timeout=5)
        return message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)

    async def sign_in(self, user: str = "1001") -> None:
        await self.ask(OPEN)
        await self.read()
        await self.ask(plain(user))
        await self.ask(OPEN)
        await self.read()
        await self.ask(BIND)
        await self.socket.send_str("<presence xmlns='jabber:client'/>")
        await self.ask(PING)


@asynccontextmanager
async def frames(server: XmppServer, path: str = "/ws") -> AsyncIterator[Frames]:
    url = f"ws://127.0.0.1:{server.websocket_port}{path}"
    async with aiohttp.ClientSession() as client, client.ws_connect(url, protocols=["xmpp"]) as socket:
        assert socket.protocol == "xmpp"
        yield Frames(socket)


@pytest.mark.parametrize("path", ["/ws", "/ws/"])
async def test_the_whole_conversation(server: XmppServer, agents: Agents, path: str) -> None:
    async with frames(server, path) as client:
        for features in (
            '<mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>PLAIN</mechanism></mechanisms>',
            '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><session xmlns="urn:ietf:params:xml:ns:xmpp-session"/>',
        ):
            opened = await client.ask(OPEN)
            assert opened.startswith(f'<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="{DOMAIN}" id="')
            assert await client.read() == (
                f'<stream:features xmlns:stream="http://etherx.jabber.org/streams">{features}</stream:features>'
            )
            if "PLAIN" in features:
                assert await client.ask(plain("1001")) == '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>'
        assert await client.ask(BIND) == (
            '<iq xmlns="jabber:client" type="result" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">'
            f"<jid>{ME}</jid></bind></iq>"
        )
        await client.socket.send_str("<presence xmlns='jabber:client'/>")
        assert await client.ask(PING) == f'<iq xmlns="jabber:client" type="result" id="p" to="{ME}"/>'
        assert agents.presence == [("1001", "cti", True)]
        server.publish(USER, ("1001",), "<Update>&amp;</Update>")
        message = await client.read()
        assert message.startswith(f'<message xmlns="jabber:client" from="pubsub.{DOMAIN}" to="1001@{DOMAIN}" id="')
        assert "&lt;Update&gt;&amp;amp;&lt;/Update&gt;" in message
        assert await client.ask(CLOSE) == CLOSE
        assert await client.over()
    assert agents.presence[1:] == [("1001", "cti", False)]


async def test_a_wrong_password_ends_the_stream(server: XmppServer) -> None:
    async with frames(server) as client:
        await client.ask(OPEN)
        await client.read()
        assert "<not-authorized/>" in await client.ask(plain("1001", "wrong"))
        assert await client.read() == CLOSE
        assert await client.over()


@pytest.mark.parametrize(
    ("frame", "condition"),
    [
        ("<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>", "not-well-formed"),
        ("<presence xmlns='jabber:client'>", "not-well-formed"),
        ("</stream:stream>", "not-well-formed"),
        ("", "not-well-formed"),
        ("text", "bad-format"),
        ("<!DOCTYPE a><a/>", "not-well-formed"),
        ("<!-- comment --><presence xmlns='jabber:client'/>", "restricted-xml"),
        ("<presence/>", "invalid-namespace"),
        ("<other xmlns='jabber:client'/>", "unsupported-stanza-type"),
        (f"<presence xmlns='jabber:client'>{'x' * 300_000}</presence>", "policy-violation"),
    ],
)
async def test_a_frame_that_breaks_the_rules_ends_the_stream(server: XmppServer, frame: str, condition: str) -> None:
    async with frames(server) as client:
        await client.sign_in()
        assert await client.ask(frame) == (
            f'<stream:error xmlns:stream="http://etherx.jabber.org/streams">'
            f'<{condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>'
        )
        assert await client.read() == CLOSE
        assert await client.over()


async def test_what_comes_before_the_stream_is_opened_is_refused(server: XmppServer) -> None:
    async with frames(server) as client:
        assert (await client.ask(plain("1001"))).startswith("<open ")
        assert "invalid-namespace" in await client.read()


async def test_a_client_that_does_not_speak_xmpp_is_refused(server: XmppServer) -> None:
    async with aiohttp.ClientSession() as client:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.ws_connect(f"ws://127.0.0.1:{server.websocket_port}/ws", protocols=["chat"])
    assert caught.value.status == 400


async def test_subscriptions_pings_and_cuts(server: XmppServer) -> None:
    async with frames(server) as client:
        await client.sign_in()
        subscribed = await client.ask(
            f"<iq xmlns='jabber:client' type='set' to='pubsub.{DOMAIN}' id='s'><pubsub "
            f"xmlns='http://jabber.org/protocol/pubsub'><subscribe node='{TEAM}' jid='{ME}'/></pubsub></iq>"
        )
        assert f'<subscription node="{TEAM}" jid="{ME}"' in subscribed
        await client.socket.ping(b"x")  # of the WebSocket itself
        server.publish(TEAM, (), "<Update/>")
        assert f'to="{ME}"' in await client.read()
        server.disconnect("1001")
        assert await client.over()
    await until(lambda: server.sessions() == [])


async def test_a_frozen_server_is_silent_and_goes_on_after(server: XmppServer) -> None:
    async with frames(server) as client:
        await client.sign_in()
        server.freeze()
        await client.socket.send_str(PING)
        server.publish(USER, ("1001",), "<Update/>")
        with pytest.raises(TimeoutError):
            await client.socket.receive(timeout=0.1)
        server.thaw()
        assert 'type="result"' in await client.read()


async def test_a_client_that_does_not_read_is_dropped(agents: Agents) -> None:
    server = XmppServer(domain=DOMAIN, plain_port=None, websocket_port=0, write_limit=200_000)
    await server.start(agents)
    try:
        async with frames(server) as client:
            await client.sign_in()
            count = 0
            while server.sessions():
                server.publish(USER, ("1001",), "x" * 60_000)  # all in one go: nothing is sent meanwhile
                count += 1
                assert count < 1000
    finally:
        await server.stop()


async def test_stopping_says_so_and_the_ports_are_taken_again(server: XmppServer, agents: Agents) -> None:
    port = server.websocket_port
    async with frames(server) as client:
        await client.sign_in()
        await server.stop()
        assert "<system-shutdown " in await client.read()
        assert await client.read() == CLOSE
    await server.start(agents)
    assert server.websocket_port == port


async def test_a_silent_client_is_dropped_also_by_tls(agents: Agents) -> None:
    certificate = self_signed(DOMAIN, "127.0.0.1")
    server = XmppServer(
        domain=DOMAIN,
        tls_port=None,
        plain_port=None,
        secure_websocket_port=0,
        ssl_context=certificate.server_context(),
        idle_timeout=0.2,
    )
    await server.start(agents)
    try:
        url = f"wss://127.0.0.1:{server.secure_websocket_port}/ws/"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, protocols=["xmpp"], ssl=certificate.client_context()) as socket,
        ):
            client = Frames(socket)
            await client.sign_in()
            assert "<connection-timeout " in await client.read()
    finally:
        await server.stop()

"""Connections that fall silent, do not read, are cut or are told to go."""

from __future__ import annotations

import asyncio
import socket

import pytest

from finesse_simulator.certificate import self_signed
from finesse_simulator.xmpp.server import XmppServer
from notification_clients.directory import DOMAIN, Agents
from notification_clients.raw import RawClient
from notification_clients.waiting import until

NODE = "/finesse/api/User/1001"


async def test_a_silent_client_is_asked_and_then_dropped(agents: Agents) -> None:
    """A client that answers pings stays, one that does not is dropped."""
    server = XmppServer(domain=DOMAIN, tls_port=None, idle_timeout=0.6, ping_interval=0.2)
    await server.start(agents)
    assert server.plain_port
    try:
        async with RawClient(server.plain_port) as lively, RawClient(server.plain_port) as dead:
            await lively.sign_in("1001")
            await dead.sign_in("1002")
            for _ in range(5):
                asked = await lively.read("</iq>")
                assert asked.startswith('<iq type="get" id="')
                assert asked.endswith(f'from="{DOMAIN}" to="1001@{DOMAIN}/cti"><ping xmlns="urn:xmpp:ping"/></iq>')
                lively.send(f"<iq type='result' id='x' to='{DOMAIN}'/>")
            assert (await dead.rest()).endswith(
                '<stream:error><connection-timeout xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>'
                "</stream:stream>"
            )
            assert server.sessions() == [f"1001@{DOMAIN}/cti"]
            assert agents.presence[-1] == ("1002", "cti", False)
    finally:
        await server.stop()


async def test_a_client_that_does_not_read_is_dropped_and_delays_nobody(agents: Agents) -> None:
    server = XmppServer(domain=DOMAIN, tls_port=None, write_limit=200_000)
    await server.start(agents)
    assert server.plain_port
    try:
        async with RawClient(server.plain_port) as deaf, RawClient(server.plain_port) as hearing:
            deaf._writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await deaf.sign_in("1001")
            await hearing.sign_in("1002")
            deaf._reader._transport.pause_reading()  # type: ignore[attr-defined]  # there is no public way
            payload = f"<Update>{'x' * 60_000}</Update>"
            count = 0
            while server.sessions() != [f"1002@{DOMAIN}/cti"]:
                server.publish(NODE, ("1001", "1002"), payload)
                count += 1
                assert count < 1000
                assert "</Update>" not in await hearing.read("</message>")
            assert agents.presence[-1] == ("1001", "cti", False)
    finally:
        await server.stop()


async def test_disconnect_cuts_one_or_all_without_a_farewell(port: int, server: XmppServer, agents: Agents) -> None:
    async with RawClient(port) as one, RawClient(port) as two, RawClient(port) as other:
        await one.sign_in("1001", "a", presence=None)
        await two.sign_in("1001", "b", presence=None)
        await other.sign_in("Agent001")
        server.disconnect("1001")
        assert await one.rest() == ""
        assert await two.rest() == ""
        assert server.sessions() == [f"agent001@{DOMAIN}/cti"]
        server.disconnect("AGENT001")
        assert await other.rest() == ""
        assert server.sessions() == []
        assert agents.presence == [("agent001", "cti", True), ("agent001", "cti", False)]
    async with RawClient(port) as last:
        await last.sign_in("1002")
        server.disconnect()
        assert await last.rest() == ""


async def test_a_frozen_server_is_silent_and_goes_on_after(port: int, server: XmppServer) -> None:
    async with RawClient(port) as client, RawClient(port) as late:
        await client.sign_in("1001")
        server.freeze()
        client.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")
        late.send("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        server.publish(NODE, ("1001",), "<Update>lost</Update>")
        async with RawClient(port) as newcomer:
            assert await newcomer.nothing(within=0.05)
        assert await client.nothing(within=0.05)
        server.thaw()
        server.publish(NODE, ("1001",), "<Update>heard</Update>")
        heard = await client.read("</message>") + await client.read("/>")
        assert "heard" in heard
        assert "lost" not in heard
        assert '<iq type="result" id="1"' in heard
        await late.read("</stream:features>")


async def test_stop_says_that_the_system_shuts_down_and_start_takes_the_same_port(
    port: int, server: XmppServer, agents: Agents
) -> None:
    async with RawClient(port) as client, RawClient(port) as stranger:
        await client.sign_in("1001")
        await server.stop()
        assert await client.rest() == (
            '<stream:error><system-shutdown xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>'
            "</stream:stream>"
        )
        assert (await stranger.rest()).endswith("</stream:stream>")
    assert agents.presence == [("1001", "cti", True), ("1001", "cti", False)]
    server.publish(NODE, ("1001",), "<Update/>")
    await server.start(agents)
    assert server.plain_port == port
    async with RawClient(port) as client:
        await client.sign_in("1001")


async def test_stop_does_not_wait_for_a_client_that_does_not_close(port: int, server: XmppServer) -> None:
    with socket.create_connection(("127.0.0.1", port)) as mute:
        await until(lambda: server._connections)
        began = asyncio.get_running_loop().time()
        await server.stop()
        assert asyncio.get_running_loop().time() - began < 3
        mute.setblocking(False)


async def test_fifty_big_notifications_arrive_in_order(port: int, server: XmppServer) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        for number in range(50):
            server.publish(NODE, ("1001",), f"<Update>{number}:{'x' * 60_000}</Update>")
        received = [await client.read("</message>") for _ in range(50)]
        numbers = [int(each.partition("&lt;Update&gt;")[2].partition(":")[0]) for each in received]
        assert numbers == list(range(50))


async def test_a_crashed_server_says_nothing_and_comes_back_on_the_same_port(
    port: int, server: XmppServer, agents: Agents
) -> None:
    async with RawClient(port) as client, RawClient(port) as stranger:
        await client.sign_in("1001")
        await server.crash()
        assert (await client.rest(), await stranger.rest()) == ("", "")
    assert agents.presence == [("1001", "cti", True), ("1001", "cti", False)]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    server.publish(NODE, ("1001",), "<Update/>")
    await server.start(agents)
    assert server.plain_port == port
    async with RawClient(port) as client:
        await client.sign_in("1001")


@pytest.mark.parametrize("tls", [False, True])
async def test_a_frozen_server_learns_who_left_only_when_it_goes_on(agents: Agents, *, tls: bool) -> None:
    certificate = self_signed(DOMAIN, "127.0.0.1")
    server = XmppServer(domain=DOMAIN, ssl_context=certificate.server_context())
    await server.start(agents)
    port = server.tls_port if tls else server.plain_port
    assert port
    context = certificate.client_context() if tls else None
    try:
        async with RawClient(port, context=context) as stays:
            await stays.sign_in("1001")
            async with RawClient(port, context=context) as leaves:
                await leaves.sign_in("1002")
                await server.suspend()
            assert await stays.nothing()
            assert agents.presence == [("1001", "cti", True), ("1002", "cti", True)]
            await server.resume()
            await until(lambda: len(agents.presence) > 2)
            assert agents.presence[2:] == [("1002", "cti", False)]
            await stays.ping()
    finally:
        await server.stop()


@pytest.mark.parametrize("end", ["crash", "stop"])
async def test_a_frozen_server_whose_clients_left_can_end(
    port: int, server: XmppServer, agents: Agents, end: str
) -> None:
    async with RawClient(port) as client:
        await client.sign_in("1001")
        await server.suspend()
    await getattr(server, end)()
    assert agents.presence == [("1001", "cti", True), ("1001", "cti", False)]
    assert server.sessions() == []

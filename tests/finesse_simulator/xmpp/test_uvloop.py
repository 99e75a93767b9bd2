"""The server on uvloop, whose transports are other classes than asyncio's."""

from __future__ import annotations

import sys

import pytest

from finesse_simulator.certificate import self_signed
from finesse_simulator.xmpp.server import XmppServer
from notification_clients.directory import DOMAIN, Agents
from notification_clients.raw import RawClient

NODE = "/finesse/api/User/1001"


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
@pytest.mark.parametrize("tls", [False, True])
def test_signing_in_hearing_freezing_cutting_and_stopping(agents: Agents, *, tls: bool) -> None:
    import uvloop  # noqa: PLC0415 - not there on Windows

    uvloop.run(_story(agents, tls=tls))
    assert agents.presence == [
        ("1001", "cti", True),
        ("1002", "cti", True),
        ("1002", "cti", False),
        ("1001", "cti", False),
    ]


async def _story(agents: Agents, *, tls: bool) -> None:
    certificate = self_signed(DOMAIN, "127.0.0.1")
    server = XmppServer(domain=DOMAIN, ssl_context=certificate.server_context(), write_limit=200_000)
    await server.start(agents)
    port = server.tls_port if tls else server.plain_port
    assert port
    context = certificate.client_context() if tls else None
    async with RawClient(port, context=context) as client, RawClient(port, context=context) as deaf:
        await client.sign_in("1001")
        await deaf.sign_in("1002")
        server.publish(NODE, ("1001",), "<Update>1</Update>")
        assert "1&lt;/Update&gt;" in await client.read("</message>")
        server.freeze()
        client.send(f"<iq type='get' to='{DOMAIN}' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")
        assert await client.nothing(within=0.05)
        server.thaw()
        assert await client.read("/>") == f'<iq type="result" id="1" from="{DOMAIN}" to="1001@{DOMAIN}/cti"/>'
        deaf._writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of both directions
        count = 0
        while len(server.sessions()) > 1:
            server.publish(NODE, ("1002",), "x" * 100_000)
            count += 1
            assert count < 1000
            await client.ping()
        await server.stop()
        assert (await client.rest()).endswith("</stream:stream>")

"""The simulator's notifications through a real prosody, heard by slixmpp (xmpp-and-http.md section 1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slixmpp import JID
from slixmpp.exceptions import IqError

from finesse_simulator.certificate import Certificate, self_signed
from finesse_simulator.xmpp.prosody import ProsodyMissingError, ProsodyServer
from live.parts import require_part
from notification_clients.agent import Agent
from notification_clients.directory import DOMAIN, TEAM, Agents
from notification_clients.waiting import until

pytestmark = pytest.mark.live

USER = "/finesse/api/User/1001"
UPDATE = "<Update><data>&amp; &lt;b&gt; \N{EURO SIGN}</data></Update>"
SERVICE = f"pubsub.{DOMAIN}"


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return self_signed(DOMAIN, "127.0.0.1")


@pytest.fixture
async def server(agents: Agents, certificate: Certificate, tmp_path: Path) -> AsyncIterator[ProsodyServer]:
    require_part("prosody")
    (tmp_path / "server.crt").write_text(certificate.certificate, encoding="ascii")
    (tmp_path / "server.key").write_text(certificate.key, encoding="ascii")
    server = ProsodyServer(
        domain=DOMAIN,
        folder=tmp_path / "prosody",
        certificate=tmp_path / "server.crt",
        key=tmp_path / "server.key",
    )
    await server.start(agents)
    yield server
    await server.stop()


@pytest.fixture
def port(server: ProsodyServer) -> int:
    assert server.plain_port
    return server.plain_port


async def test_an_agent_signs_in_and_hears_of_its_own_nodes(
    port: int, server: ProsodyServer, agents: Agents, certificate: Certificate
) -> None:
    """By the clear port and by direct TLS; the directory hears who comes and goes."""
    assert server.tls_port
    async with (
        Agent(port, "1001/cti") as agent,
        Agent(server.tls_port, "Agent001/cti", context=certificate.client_context()) as other,
    ):
        await until(lambda: len(agents.presence) == 2)
        assert agents.presence == [("1001", "cti", True), ("agent001", "cti", True)]
        server.publish(USER, ("1001",), UPDATE)
        server.publish("/finesse/api/SystemInfo", ("1001", "Agent001", "1003"), "<Update/>")
        await until(lambda: len(agent.notifications) == 2 and other.notifications)
        assert agent.notifications == [(USER, UPDATE), ("/finesse/api/SystemInfo", "<Update/>")]
        assert other.notifications == [("/finesse/api/SystemInfo", "<Update/>")]
        assert other.recipients == [f"agent001@{DOMAIN}"]
    await until(lambda: len(agents.presence) == 4)
    assert agents.presence[2:] == [("agent001", "cti", False), ("1001", "cti", False)]
    assert server.sessions() == []


async def test_a_wrong_password(port: int) -> None:
    async with Agent(port, "1001/cti", "wrong") as agent:
        await until(lambda: agent.ended)
        assert agent.ended == ["not-authorized"]
        assert not agent.started


async def test_without_presence_nothing_comes(port: int, server: ProsodyServer, agents: Agents) -> None:
    async with Agent(port, "1001/cti", priority=None) as agent:
        server.publish(USER, ("1001",), "<Update>1</Update>")
        agent.send_presence(ppriority=-1)
        await agent.round_trip()
        agent.send_presence(ppriority=0)
        await until(lambda: agents.presence == [("1001", "cti", True)])
        server.publish(USER, ("1001",), "<Update>2</Update>")
        await until(lambda: agent.notifications)
        agent.send_presence(ptype="unavailable")
        await until(lambda: agents.presence[1:] == [("1001", "cti", False)])
        server.publish(USER, ("1001",), "<Update>3</Update>")
        await agent.round_trip()
        assert agent.notifications == [(USER, "<Update>2</Update>")]


async def test_explicit_subscriptions(port: int, server: ProsodyServer, agents: Agents) -> None:
    async with Agent(port, "1001/cti") as agent, Agent(port, "1001/desktop") as desktop:
        xep_0060: Any = agent.plugin["xep_0060"]
        subids = []
        for _ in range(2):
            result = await xep_0060.subscribe(SERVICE, TEAM, bare=False)
            subids.append(result["pubsub"]["subscription"]["subid"])
        server.publish(TEAM, (), UPDATE)
        await until(lambda: len(agent.notifications) == 2)
        assert agent.recipients == [f"1001@{DOMAIN}/cti"] * 2
        for subid in subids:
            await xep_0060.unsubscribe(SERVICE, TEAM, subid=subid, bare=False)
        server.publish(TEAM, (), UPDATE)
        await agent.round_trip()
        assert len(agent.notifications) == 2
        assert desktop.notifications == []
        for refused, condition in (
            (xep_0060.unsubscribe(SERVICE, TEAM, bare=False), "unexpected-request"),
            (xep_0060.subscribe(SERVICE, "/nowhere", bare=False), "item-not-found"),
            (agent.plugin["xep_0030"].get_info(jid=JID(SERVICE), node="/nowhere"), "item-not-found"),
        ):
            with pytest.raises(IqError) as caught:
                await refused
            assert caught.value.condition == condition
        info = await agent.plugin["xep_0030"].get_info(jid=JID(SERVICE), node=TEAM)
        assert {identity[:2] for identity in info["disco_info"]["identities"]} == {("pubsub", "leaf")}
        await xep_0060.subscribe(SERVICE, TEAM, bare=False)
        agent.abort()
        await until(lambda: ("1001", "cti", False) in agents.presence)
        server.publish(TEAM, (), UPDATE)
        await desktop.round_trip()
        assert desktop.notifications == [], "the subscription of a session that is gone does not reach another"


async def test_the_same_full_address_twice_closes_the_older_session(
    port: int, server: ProsodyServer, agents: Agents
) -> None:
    async with Agent(port, "1001/cti") as old, Agent(port, "1001/cti") as new:
        await until(lambda: old.gone)
        assert old.ended == ["conflict"]
        server.publish(USER, ("1001",), UPDATE)
        await until(lambda: new.notifications)
        assert agents.presence == [("1001", "cti", True), ("1001", "cti", False), ("1001", "cti", True)]


async def test_the_presence_of_the_web_application(port: int, server: ProsodyServer) -> None:
    finesse = f"finesse@{DOMAIN}/finesse"
    async with Agent(port, "1001/cti") as agent:
        agent.send_presence_subscription(pto=f"finesse@{DOMAIN}")
        await until(lambda: f"available {finesse}" in agent.seen)
        server.set_web_application_available(available=False)
        await until(lambda: f"unavailable {finesse}" in agent.seen)
    async with Agent(port, "1001/cti") as again:
        await until(lambda: f"unavailable {finesse}" in again.seen)
        server.set_web_application_available(available=True)
        await until(lambda: f"available {finesse}" in again.seen)


async def test_disconnect_cuts_one_agent_or_all(port: int, server: ProsodyServer, agents: Agents) -> None:
    async with Agent(port, "1001/cti") as one, Agent(port, "1002/cti") as other:
        server.disconnect("1001")
        await until(lambda: one.gone)
        assert one.ended == []
        await other.round_trip()
        server.disconnect()
        await until(lambda: other.gone)
        await until(lambda: len(agents.presence) == 4)


async def test_prosody_killed_and_started_again(port: int, server: ProsodyServer, agents: Agents) -> None:
    """Everybody's presence ends with it; subscriptions and ports are the same after."""
    async with Agent(port, "1001/cti") as agent:
        xep_0060: Any = agent.plugin["xep_0060"]
        await xep_0060.subscribe(SERVICE, TEAM, bare=False)
        server.kill()
        await until(lambda: agent.gone)
        await until(lambda: agents.presence[1:] == [("1001", "cti", False)])
    await server.stop()
    server.publish(TEAM, (), UPDATE)
    await server.start(agents)
    assert server.plain_port == port
    async with Agent(port, "1001/cti") as agent:
        await until(server.sessions)
        server.publish(TEAM, (), UPDATE)
        await until(lambda: agent.notifications)
        await server.stop()
        await until(lambda: agent.gone)
        assert agent.ended == ["system-shutdown"]


async def test_a_frozen_prosody_is_silent_and_goes_on_after(port: int, server: ProsodyServer) -> None:
    async with Agent(port, "1001/cti") as agent:
        server.freeze()
        server.publish(USER, ("1001",), UPDATE)
        assert server.pid
        await until(lambda: "\nState:\tT" in Path(f"/proc/{server.pid}/status").read_text(encoding="ascii"))
        assert agent.notifications == []
        server.thaw()
        await until(lambda: agent.notifications)
        server.freeze()  # stop() ends it all the same


async def test_order_is_kept_and_nothing_is_lost(port: int, server: ProsodyServer) -> None:
    async with Agent(port, "1001/cti") as agent:
        payloads = [f"<Update>{number}{'x' * 60_000}</Update>" for number in range(50)]
        for payload in payloads:
            server.publish(USER, ("1001",), payload)
        await until(lambda: len(agent.notifications) == 50)
        assert [text for _, text in agent.notifications] == payloads


async def test_a_missing_prosody_is_said_clearly(tmp_path: Path, agents: Agents) -> None:
    server = ProsodyServer(domain=DOMAIN, folder=tmp_path, program="no-such-prosody")
    with pytest.raises(ProsodyMissingError, match=r"no-such-prosody was not found.*apt-get install"):
        await server.start(agents)


async def test_the_doors_for_websocket_are_open(agents: Agents, tmp_path: Path) -> None:
    """Framing of RFC 7395, at /ws."""
    require_part("prosody")
    server = ProsodyServer(domain=DOMAIN, folder=tmp_path, plain_port=None, websocket_port=0)
    await server.start(agents)
    try:
        url = f"ws://127.0.0.1:{server.websocket_port}/ws"
        async with aiohttp.ClientSession() as client, client.ws_connect(url, protocols=["xmpp"]) as socket:
            await socket.send_str(f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{DOMAIN}' version='1.0'/>")
            assert "<open " in await socket.receive_str()
            features = await socket.receive_str()
            assert "<mechanism>PLAIN</mechanism>" in features
            assert features.count("<mechanism>") == 1
            assert "starttls" not in features
    finally:
        await server.stop()

"""The connector's notification sessions with servers that no one here wrote, by direct TLS and by WebSocket.

The servers are ejabberd and prosody, the simulator is their component pubsub.<domain> (xmpp-and-http.md section 1).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from finesse import updates
from finesse.test_xmpp import Owner
from finesse_simulator.certificate import Certificate, self_signed
from finesse_simulator.scenario import Scenario
from finesse_simulator.xmpp.ejabberd import EjabberdMissingError, EjabberdServer
from finesse_simulator.xmpp.prosody import ProsodyServer
from generic_connector.finesse.failures import NotAuthorised, SubscriptionRefused
from generic_connector.finesse.model import Credentials, TeamMemberChanged, UserChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context
from journeys.test_story import InMemory, play
from journeys.transcripts import text_story
from journeys.world import a_world
from live.parts import require_part
from notification_clients.agent import Agent
from notification_clients.directory import DOMAIN, PASSWORD, TEAM, Agents
from notification_clients.waiting import until

pytestmark = pytest.mark.live

ANN = Credentials(user_id="1001", secret=PASSWORD)
USER = "/finesse/api/User/1001"
SERVERS = {"ejabberd": EjabberdServer, "prosody": ProsodyServer}

Server = EjabberdServer | ProsodyServer


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return self_signed("localhost", "127.0.0.1")


@pytest.fixture(params=["ejabberd-tls", "ejabberd-websocket", "prosody-tls", "prosody-websocket"])
def transport(request: pytest.FixtureRequest) -> tuple[str, str]:
    server, _, transport = str(request.param).partition("-")
    return server, transport


@pytest.fixture
async def server(
    transport: tuple[str, str], agents: Agents, certificate: Certificate, tmp_path: Path
) -> AsyncIterator[Server]:
    name = transport[0]
    require_part(name)
    pem, key = tmp_path / "server.crt", tmp_path / "server.key"
    pem.write_text(certificate.certificate, encoding="ascii")
    key.write_text(certificate.key, encoding="ascii")
    server = SERVERS[name](domain=DOMAIN, folder=tmp_path / name, secure_websocket_port=0, certificate=pem, key=key)
    await server.start(agents)
    yield server
    await server.stop()


SignIn = Callable[..., Awaitable[AgentSession]]


@pytest.fixture
def sign_in(server: Server, transport: tuple[str, str], tmp_path: Path) -> SignIn:
    """How the connector opens a session at this server by this transport."""

    async def sign_in(owner: Owner, credentials: Credentials = ANN, **more: Any) -> AgentSession:
        kind = transport[1]
        times = {name: more.pop(name) for name in ("ping_interval", "ping_deadline") if name in more}
        settings = FinesseSettings(
            nodes=("https://localhost:8445",),
            xmpp_transport="websocket" if kind == "websocket" else "tls",
            tls_ca_file=tmp_path / "server.crt",
            **times,
        )
        port = server.secure_websocket_port if kind == "websocket" else server.tls_port
        assert port
        return await open_session(
            XmppAddress(host="127.0.0.1", port=port, domain=DOMAIN),
            credentials,
            settings,
            make_tls_context(settings),
            on_notification=owner.on_notification,
            on_closed=owner.on_closed,
            **more,
        )

    return sign_in


async def test_a_session_from_sign_in_to_farewell(server: Server, agents: Agents, sign_in: SignIn) -> None:
    """A wrong password, the own node, a team's node, a refused node, the web application, pings, and leaving."""
    with pytest.raises(NotAuthorised):
        await sign_in(Owner(), Credentials(user_id="1001", secret="wrong"))
    owner, presence = Owner(), list[bool]()
    session = await sign_in(owner, on_web_application=presence.append, ping_interval=0.1, ping_deadline=0.5)
    await until(lambda: agents.presence == [("1001", session.jid.partition("/")[2], True)])
    await until(lambda: presence[-1:] == [True])

    server.publish(USER, ("1001",), updates.USER_NOT_READY)
    await session.subscribe(TEAM)
    await session.subscribe(TEAM)
    server.publish(TEAM, (), updates.MEMBER_CHANGED)
    with pytest.raises(SubscriptionRefused) as refused:
        await session.subscribe("/nowhere")
    assert refused.value.reason == "item-not-found"
    await owner.until(heard=2)
    await asyncio.sleep(0.7)  # longer than the deadline: it is the pings that keep it open
    assert [(heard.node, type(heard.content)) for heard in owner.heard] == [
        (USER, UserChanged),
        (TEAM, TeamMemberChanged),
    ]

    server.set_web_application_available(available=False)
    await until(lambda: presence[-1:] == [False])
    await session.close()
    assert [closed.expected for closed in owner.closed] == [True]
    await until(lambda: len(agents.presence) == 2)
    assert agents.presence[1][2] is False
    assert server.subscriptions.of_node(TEAM) == ()


async def test_sessions_that_are_cut_frozen_or_lose_their_server(server: Server, sign_in: SignIn) -> None:
    cut, frozen, orphan = Owner(), Owner(), Owner()
    await sign_in(cut)
    await until(server.sessions)
    server.disconnect("1001")
    await cut.until(closed=1)
    await sign_in(frozen, ping_interval=0.1, ping_deadline=0.4)
    server.freeze()
    await frozen.until(closed=1)
    server.thaw()
    await sign_in(orphan)
    server.kill()
    await orphan.until(closed=1)
    assert not [owner for owner in (cut, frozen, orphan) if owner.closed[0].expected]
    assert frozen.closed[0].reason == "no sign of life for 0.4 s"


async def test_a_server_that_shuts_down_and_comes_back(server: Server, agents: Agents, sign_in: SignIn) -> None:
    """With the same ports."""
    owner = Owner()
    await sign_in(owner)
    await server.stop()
    await owner.until(closed=1)
    assert not owner.closed[0].expected
    await server.start(agents)
    again = Owner()
    session = await sign_in(again)
    server.publish(USER, ("1001",), updates.USER_NOT_READY)
    await again.until(heard=1)
    await session.close()


async def test_the_same_resource_twice_is_a_conflict(
    server: Server, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    del server
    monkeypatch.setattr("secrets.token_hex", lambda _: "same")
    first, second = Owner(), Owner()
    await sign_in(first)
    session = await sign_in(second)
    await first.until(closed=1)
    assert first.closed[0].conflict
    await session.close()


async def test_ejabberd_as_other_clients_see_it(agents: Agents, tmp_path: Path) -> None:
    """Slixmpp in clear: nodes, presence of each session, and the end of all of them."""
    require_part("ejabberd")
    server = EjabberdServer(domain=DOMAIN, folder=tmp_path)
    await server.start(agents)
    assert server.plain_port
    try:
        async with Agent(server.plain_port, "1001/cti") as one, Agent(server.plain_port, "Agent001/cti") as other:
            await until(lambda: len(agents.presence) == 2)
            assert agents.presence == [("1001", "cti", True), ("agent001", "cti", True)]
            server.publish("/finesse/api/SystemInfo", ("1001", "Agent001", "1003"), "<Update/>")
            await until(lambda: one.notifications and other.notifications)
            assert other.recipients == [f"agent001@{DOMAIN}"]
            server.disconnect()
            await until(lambda: one.gone and other.gone)
        async with Agent(server.plain_port, "1001/cti", "wrong") as nobody:
            await until(lambda: nobody.ended)
            assert nobody.ended == ["not-authorized"]
    finally:
        await server.stop()


async def test_a_missing_ejabberd_is_said_clearly(tmp_path: Path, agents: Agents) -> None:
    server = EjabberdServer(domain=DOMAIN, folder=tmp_path)
    server.libraries = str(tmp_path)
    with pytest.raises(EjabberdMissingError, match=r"ejabberd was not found.*apt-get install"):
        await server.start(agents)


async def test_the_story_with_ejabberd(tmp_path: Path) -> None:
    """The whole product, with ejabberd carrying the notifications."""
    require_part("ejabberd")

    def ejabberd(scenario: Scenario, certificate: Certificate) -> EjabberdServer:
        pem, key = tmp_path / "server.pem", tmp_path / "server.key"
        pem.write_text(certificate.certificate)
        key.write_text(certificate.key)
        return EjabberdServer(domain=scenario.xmpp.domain, folder=tmp_path / "ejabberd", certificate=pem, key=key)

    async with a_world(make_notifications=ejabberd) as world:
        assert await play(world, InMemory(world, "CRM1")) == text_story()

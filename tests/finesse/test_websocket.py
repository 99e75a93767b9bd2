"""The notification session by WebSocket: against a scripted server, and against the simulator's."""

import asyncio
import base64
import gc
import logging
import re
import ssl
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from finesse import updates
from finesse.scripted_websocket import CLOSE, OPEN, Script, ScriptedWebSocket, serving
from finesse.scripted_xmpp import DOMAIN
from finesse.test_subscriptions import TEAM, Agents
from finesse.test_xmpp import ANN, Owner, nothing_is_left, settings, tls_context
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import NotAuthorised, NotificationsUnavailable
from generic_connector.finesse.model import Credentials, TeamMemberChanged, UserChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress


async def sign_in(port: int, owner: Owner, credentials: Credentials = ANN, **changes: Any) -> AgentSession:
    chosen = settings(**{"xmpp_transport": "websocket", "xmpp_websocket_tls": False} | changes)
    return await open_session(
        XmppAddress(host="127.0.0.1", port=port, domain=DOMAIN),
        credentials,
        chosen,
        tls_context(chosen),
        on_notification=owner.on_notification,
        on_closed=owner.on_closed,
    )


@asynccontextmanager
async def session_at(
    script: Script | None = None, **changes: Any
) -> AsyncIterator[tuple[ScriptedWebSocket, Owner, AgentSession]]:
    owner = Owner()
    async with serving(script) as server:
        session = await sign_in(server.port, owner, **changes)
        yield server, owner, session
        await session.close()
    assert len(owner.closed) == 1
    await nothing_is_left()


async def refused(script: Script, **changes: Any) -> Exception:
    owner = Owner()
    async with serving(script) as server:
        with pytest.raises((NotAuthorised, NotificationsUnavailable)) as caught:
            await sign_in(server.port, owner, **changes)
        await asyncio.gather(*(peer.until_closed() for peer in server.peers))
    assert owner.closed == []
    await nothing_is_left()
    return caught.value


# --- a scripted server -------------------------------------------------------------------------------------------


async def test_the_whole_conversation() -> None:
    """Every frame is a document of its own, and presence comes before open returns."""
    async with session_at() as (server, _, session):
        resource = session.jid.partition("/")[2]
        assert re.fullmatch("gc-[0-9a-f]{8}", resource)
        await session.close()
        await server.last.until_closed()
        client = "xmlns='jabber:client'"
        response = base64.b64encode(f"\0{ANN.user_id}\0{ANN.secret}".encode()).decode()
        opening = f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to=\"{DOMAIN}\" version='1.0'/>"
        assert server.last.frames == [
            opening,
            f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{response}</auth>",
            opening,
            (
                f"<iq {client} type='set' id='gc-bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                f"<resource>{resource}</resource></bind></iq>"
            ),
            f"<iq {client} type='set' id='gc-session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>",
            f"<presence {client}><priority>0</priority></presence>",
            f"<presence {client} type='subscribe' to=\"finesse@{DOMAIN}\"/>",
            f"<iq {client} type='get' id='gc-ready' to=\"{DOMAIN}\"><ping xmlns='urn:xmpp:ping'/></iq>",
            f"<presence {client} type='unavailable'/>",
            CLOSE,
        ]
        assert server.asked == ["/ws/"]


async def test_a_server_that_offers_no_session_is_not_asked_for_one() -> None:
    async with session_at(Script(session=False), xmpp_websocket_path="/ws") as (server, _, _session):
        assert not [frame for frame in server.last.frames if "gc-session" in frame]
        assert server.asked == ["/ws"]


async def test_a_notification_arrives_and_anothers_does_not() -> None:
    async with session_at() as (server, owner, _):
        await server.last.publish(updates.DIALOG_CHANGED, sender=f"1002@{DOMAIN}/x")
        await server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
    [notification] = owner.heard
    assert isinstance(notification.content, UserChanged)
    assert notification.node == "/finesse/api/User/1001"


async def test_a_wrong_password_is_told_apart() -> None:
    assert isinstance(await refused(Script(failure="not-authorized")), NotAuthorised)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(failure="temporary-auth-failure"), "temporary-auth-failure"),
        (Script(mechanisms=("SCRAM-SHA-1",)), "does not offer SASL PLAIN"),
        (Script(refuse_bind=True), "refused the resource"),
        (Script(protocol="chat"), "does not speak XMPP"),
        (Script(answer_open=CLOSE), "the server closed the stream"),
        (Script(answer_open=CLOSE.replace("/>", " see-other-uri='ws://evil.example/'/>")), "closed the stream"),
        (Script(answer_open="<message/>"), "does not open the stream"),
        (Script(answer_open="<open"), "not well-formed"),
        (Script(answer_open=f"<!DOCTYPE open>{OPEN}"), "DOCTYPE"),
        (Script(silent_after="<open"), "no session within 0.5 s"),
        (Script(silent_after="<auth"), "no session within 0.5 s"),
        (Script(silent_after="<bind"), "no session within 0.5 s"),
        (Script(silent_after="<presence"), "no session within 0.5 s"),
    ],
)
async def test_a_session_that_cannot_be_opened_says_why(script: Script, reason: str) -> None:
    error = await refused(script, sign_in_deadline=0.5)
    assert isinstance(error, NotificationsUnavailable)
    assert reason in error.reason


async def test_a_server_cannot_send_the_credentials_to_another_host() -> None:
    async with serving() as other:
        error = await refused(Script(redirect=f"http://127.0.0.1:{other.port}/ws/"))
        assert "sends us elsewhere" in str(error)
        assert other.asked == []


async def test_a_refused_connection_is_not_tried_again() -> None:
    async with serving() as server:
        pass
    with pytest.raises(NotificationsUnavailable, match="cannot connect to ws:"):
        await sign_in(server.port, Owner())
    await nothing_is_left()


@pytest.mark.parametrize("user_id", ["", "a@evil.example", "a/b"])
async def test_an_id_that_cannot_be_a_user_is_not_authorised(user_id: str) -> None:
    async with serving() as server:
        with pytest.raises(NotAuthorised):
            await sign_in(server.port, Owner(), Credentials(user_id=user_id, secret="s"))
        assert server.peers == []


async def test_cancelling_the_opening_leaves_nothing() -> None:
    async with serving(Script(silent_after="<auth")) as server:
        opening = asyncio.create_task(sign_in(server.port, Owner()))
        async with asyncio.timeout(5):
            while not server.peers:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        await server.last.until("<auth")
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await server.last.until_closed()
    await nothing_is_left()


async def test_tls_is_verified_against_the_configured_host(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    owner = Owner()
    async with serving(tls=server_tls) as server:
        with pytest.raises(NotificationsUnavailable, match="certificate"):
            await sign_in(server.port, owner, xmpp_websocket_tls=True)
        assert server.peers == []
        session = await sign_in(server.port, owner, xmpp_websocket_tls=True, tls_ca_file=ca_file)
        await server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
        await session.close()
    await nothing_is_left()


async def test_the_password_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = base64.b64encode(f"\0{ANN.user_id}\0{ANN.secret}".encode()).decode()
    with structlog.testing.capture_logs() as lines:
        async with session_at():
            pass
    assert not [text for text in (caplog.text, str(lines)) if secret in text or ANN.secret in text]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("<a></b>", "not well-formed"),
        ("<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"<a/>", "no text"),
        (f"<message>{'x' * 10_000}</message>", "too large"),
        (CLOSE, "closed the stream"),
    ],
)
async def test_a_frame_that_cannot_be_taken_ends_the_session(frame: str | bytes, reason: str) -> None:
    owner = Owner()
    async with serving() as server:
        await sign_in(server.port, owner, payload_limit=1000)
        if isinstance(frame, bytes):
            await server.last.socket.send_bytes(frame)
        else:
            await server.last.socket.send_str(frame)
        await owner.until(closed=1)
        await server.last.until_closed()
    assert reason in owner.closed[0].reason
    await nothing_is_left()


async def test_a_cut_is_told_once() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server.port, owner)
        server.last.cut()
        await owner.until(closed=1)
        await session.close()
    assert [(closed.expected, closed.conflict) for closed in owner.closed] == [(False, False)]
    await nothing_is_left()


async def test_a_frozen_server_is_noticed_within_the_deadline() -> None:
    owner = Owner()
    async with serving() as server:
        await sign_in(server.port, owner, ping_interval=0.1, ping_deadline=0.3)
        server.script.silent_after = "ping"
        frozen = asyncio.get_running_loop().time()
        await owner.until(closed=1)
        assert asyncio.get_running_loop().time() - frozen < 1
        await server.last.until_closed()
    assert owner.closed == [SessionClosed("no sign of life for 0.3 s")]
    await nothing_is_left()


async def test_closing_does_not_wait_for_a_server_that_says_nothing() -> None:
    async with session_at() as (server, _, session):
        server.script.silent_after = "<"
        async with asyncio.timeout(2):
            await session.close()


async def test_sessions_that_ended_leave_no_memory_behind() -> None:
    gone: list[weakref.ref[AgentSession]] = []
    async with serving() as server:
        for _ in range(5):
            session = await sign_in(server.port, Owner())
            gone.append(weakref.ref(session))
            await session.close()
            del session
        await asyncio.gather(*(peer.until_closed() for peer in server.peers))
    await nothing_is_left()
    gc.collect()
    assert [reference() for reference in gone] == [None] * 5


def test_it_works_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test_a_notification_arrives_and_anothers_does_not())
        runner.run(test_a_cut_is_told_once())


# --- the simulator's server --------------------------------------------------------------------------------------


@pytest.fixture
async def simulated(server_tls: ssl.SSLContext) -> AsyncIterator[XmppServer]:
    server = XmppServer(
        domain=DOMAIN, plain_port=0, tls_port=None, websocket_port=0, secure_websocket_port=0, ssl_context=server_tls
    )
    await server.start(Agents())
    yield server
    await server.stop()
    await nothing_is_left()


async def test_an_agent_hears_the_simulator_by_websocket(simulated: XmppServer, ca_file: Path) -> None:
    owner = Owner()
    assert simulated.secure_websocket_port
    session = await sign_in(simulated.secure_websocket_port, owner, xmpp_websocket_tls=True, tls_ca_file=ca_file)
    simulated.publish(f"/finesse/api/User/{ANN.user_id}", (ANN.user_id,), updates.USER_NOT_READY)
    await session.subscribe(TEAM)
    simulated.publish(TEAM, (), updates.MEMBER_CHANGED)
    await owner.until(heard=2)
    assert [type(heard.content) for heard in owner.heard] == [UserChanged, TeamMemberChanged]
    await session.close()
    assert simulated.sessions() == []
    assert simulated.subscriptions.of_node(TEAM) == ()


async def test_the_simulator_refuses_cuts_freezes_and_shuts_down(simulated: XmppServer) -> None:
    port = simulated.websocket_port
    assert port
    with pytest.raises(NotAuthorised):
        await sign_in(port, Owner(), Credentials(user_id=ANN.user_id, secret="wrong"))
    cut, silent, told = Owner(), Owner(), Owner()
    await sign_in(port, cut)
    simulated.disconnect(ANN.user_id)
    await cut.until(closed=1)
    await sign_in(port, silent, ping_interval=0.1, ping_deadline=0.3)
    simulated.freeze()
    with pytest.raises(NotificationsUnavailable, match="no session within"):
        await sign_in(port, Owner(), sign_in_deadline=0.3)
    await silent.until(closed=1)
    simulated.thaw()
    await sign_in(port, told)
    await simulated.stop()
    await told.until(closed=1)
    assert [owner.closed[0].reason for owner in (cut, silent, told)] == [
        "the connection was lost",
        "no sign of life for 0.3 s",
        "the server closed the stream (system-shutdown)",
    ]


async def test_the_same_resource_twice_is_a_conflict(simulated: XmppServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "same")
    first, second = Owner(), Owner()
    assert simulated.websocket_port
    await sign_in(simulated.websocket_port, first)
    session = await sign_in(simulated.websocket_port, second)
    await first.until(closed=1)
    assert first.closed == [SessionClosed("the server closed the stream (conflict)", conflict=True)]
    await session.close()


async def test_a_hundred_sessions_open_side_by_side(simulated: XmppServer) -> None:
    owner = Owner()
    assert simulated.websocket_port
    sessions = await asyncio.gather(*(sign_in(simulated.websocket_port, owner) for _ in range(100)))
    assert len(simulated.sessions()) == 100
    await asyncio.gather(*(session.close() for session in sessions))
    assert len(owner.closed) == 100

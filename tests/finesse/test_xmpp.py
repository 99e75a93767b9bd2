"""The notification session against a scripted server: an honest one, and every way in which one can fail."""

import asyncio
import base64
import functools
import gc
import logging
import re
import ssl
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from finesse import updates
from finesse.scripted_xmpp import DOMAIN, Script, ScriptedServer, serving
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import NotAuthorised, NotificationsUnavailable
from generic_connector.finesse.model import Credentials, Notification, UserChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context

ANN = Credentials(user_id="1001", secret="pass&word")


tls_context = functools.cache(make_tls_context)  # as the product does: one for all sessions


def settings(**changes: Any) -> FinesseSettings:
    chosen: dict[str, Any] = {"xmpp_transport": "plain", "sign_in_deadline": 5.0} | changes
    return FinesseSettings(nodes=("https://127.0.0.1:8445",), **chosen)


@dataclass
class Owner:
    """Whoever opened the session, and what it heard."""

    heard: list[Notification] = field(default_factory=list)
    closed: list[SessionClosed] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def on_notification(self, notification: Notification) -> None:
        self.heard.append(notification)
        self.news.set()

    def on_closed(self, closed: SessionClosed) -> None:
        self.closed.append(closed)
        self.news.set()

    async def until(self, *, heard: int = 0, closed: int = 0) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < heard or len(self.closed) < closed:
                self.news.clear()
                await self.news.wait()


async def sign_in(
    server: ScriptedServer,
    owner: Owner,
    credentials: Credentials = ANN,
    *,
    host: str = "127.0.0.1",
    domain: str = DOMAIN,
    **changes: Any,
) -> AgentSession:
    chosen = settings(**changes)
    return await open_session(
        XmppAddress(host=host, port=server.port, domain=domain),
        credentials,
        chosen,
        tls_context(chosen),
        on_notification=owner.on_notification,
        on_closed=owner.on_closed,
    )


@asynccontextmanager
async def session_at(script: Script | None = None, **changes: Any) -> AsyncIterator[tuple[ScriptedServer, Owner]]:
    owner = Owner()
    async with serving(script) as server:
        session = await sign_in(server, owner, **changes)
        yield server, owner
        await session.close()
    assert len(owner.closed) == 1
    await nothing_is_left()


async def nothing_is_left() -> None:
    """No task runs on after a session has ended."""
    async with asyncio.timeout(3):
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


async def refused(script: Script, **changes: Any) -> Exception:
    """Open a session that cannot be opened; give the reason, having seen that nothing is left behind."""
    owner = Owner()
    async with serving(script) as server:
        with pytest.raises((NotAuthorised, NotificationsUnavailable)) as caught:
            await sign_in(server, owner, **changes)
        mine = [task for task in asyncio.all_tasks() if "slixmpp" in repr(task)]
        assert not mine
    assert owner.closed == []
    return caught.value


# --- signing in --------------------------------------------------------------------------------------------------


async def test_presence_with_priority_0_is_told_before_open_returns() -> None:
    async with session_at() as (server, _):
        assert "<presence><priority>0</priority></presence>" in server.last.received


async def test_the_credentials_travel_as_sasl_plain_and_the_id_keeps_its_case() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server, owner, Credentials(user_id="Agent001", secret="s"))
        await session.close()
        sent = re.search(r"mechanism=['\"]PLAIN['\"][^>]*>([^<]*)<", server.last.received)
    assert sent is not None
    assert base64.b64decode(sent[1]) == b"\0Agent001\0s"


async def test_the_resource_is_random_and_never_desktop() -> None:
    resources = set()
    for _ in range(2):
        async with session_at() as (server, _):
            found = re.search(r"<resource>(.*?)</resource>", server.last.received)
            assert found is not None
            resources.add(found[1])
    assert len(resources) == 2
    assert all(resource.startswith("gc-") for resource in resources)


async def test_plain_is_chosen_though_others_are_listed() -> None:
    async with session_at(Script(mechanisms=("SCRAM-SHA-1", "DIGEST-MD5", "PLAIN"))) as (server, _):
        assert "SCRAM" not in server.last.received


async def test_starttls_is_not_begun_even_if_offered() -> None:
    async with session_at(Script(starttls=True)) as (server, _):
        assert "starttls" not in server.last.received


async def test_direct_tls_is_used_and_the_configured_host_verified(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    owner = Owner()
    async with serving(tls=server_tls) as server:
        session = await sign_in(server, owner, xmpp_transport="tls", tls_ca_file=ca_file)
        server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
        await session.close()
    await nothing_is_left()


async def test_wrong_password_is_told_apart() -> None:
    error = await refused(Script(failure="not-authorized"))
    assert isinstance(error, NotAuthorised)


@pytest.mark.parametrize("user_id", ["", "a@evil.example", "a/b", " ", "a\0b"])
async def test_an_id_that_cannot_be_a_user_is_not_authorised(user_id: str) -> None:
    async with serving() as server:
        with pytest.raises(NotAuthorised):
            await sign_in(server, Owner(), Credentials(user_id=user_id, secret="s"))
        assert server.connections == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(failure="temporary-auth-failure"), "temporary-auth-failure"),
        (Script(mechanisms=("SCRAM-SHA-1",)), "does not offer SASL PLAIN"),
        (Script(refuse_bind=True), "refused the resource"),
        (Script(before_features="</stream:stream>"), "End of stream"),
        (Script(before_features="<not-well-formed"), "no session within 0.5 s"),
        (Script(before_features="<a></b>"), ""),
        (Script(silent_after="<stream:stream"), "no session within 0.5 s"),
        (Script(silent_after="<auth"), "no session within 0.5 s"),
        (Script(silent_after="<bind"), "no session within 0.5 s"),
        (Script(silent_after="<presence"), "no session within 0.5 s"),
    ],
)
async def test_a_session_that_cannot_be_opened_says_why(script: Script, reason: str) -> None:
    error = await refused(script, sign_in_deadline=0.5)
    assert isinstance(error, NotificationsUnavailable)
    assert reason in error.reason


async def test_a_refused_connection_is_not_tried_again() -> None:
    async with serving() as server:
        pass
    with pytest.raises(NotificationsUnavailable, match="cannot connect"):
        await sign_in(server, Owner())
    await nothing_is_left()


async def test_a_certificate_that_is_not_trusted_ends_the_attempt(server_tls: ssl.SSLContext) -> None:
    async with serving(tls=server_tls) as server:
        with pytest.raises(NotificationsUnavailable, match="certificate"):
            await sign_in(server, Owner(), xmpp_transport="tls")


async def test_a_clear_port_does_not_pass_for_tls() -> None:
    async with serving() as server:
        with pytest.raises(NotificationsUnavailable):
            await sign_in(server, Owner(), xmpp_transport="tls", sign_in_deadline=0.5)
        assert all("AG" not in connection.received for connection in server.connections)


async def test_a_server_cannot_send_the_credentials_to_another_host() -> None:
    async with serving() as other:
        redirect = (
            "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            f"127.0.0.1:{other.port}</see-other-host></stream:error></stream:stream>"
        )
        error = await refused(Script(before_features=redirect))
        assert "see-other-host" in str(error)
        assert other.connections == []


async def test_cancelling_the_opening_leaves_nothing() -> None:
    async with serving(Script(silent_after="<auth")) as server:
        opening = asyncio.create_task(sign_in(server, Owner()))
        await server.connected.wait()
        await server.last.until("<auth")
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await server.last.until_closed()


async def test_the_password_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        async with session_at():
            pass
    secret = base64.b64encode(b"\0" + b"1001" + b"\0" + ANN.secret.encode()).decode()
    assert secret not in caplog.text
    assert ANN.secret not in caplog.text
    assert secret not in str(lines)


# --- notifications -----------------------------------------------------------------------------------------------


async def test_a_notification_arrives_parsed_and_unescaped_once() -> None:
    async with session_at() as (server, owner):
        server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
    content = owner.heard[0].content
    assert isinstance(content, UserChanged)
    assert content.user.reason_code is not None
    assert content.user.reason_code.label == "Lunch & more"  # &amp;amp; on the wire


async def test_every_item_of_a_message_is_heard_in_order() -> None:
    async with session_at() as (server, owner):
        server.last.publish(updates.USER_NOT_READY, updates.DIALOG_CHANGED, updates.DIALOGS_REMOVED)
        await owner.until(heard=3)
    assert [type(notification.content).__name__ for notification in owner.heard] == [
        "UserChanged",
        "DialogChanged",
        "DialogsRemoved",
    ]


async def test_delayed_messages_and_those_of_other_users_are_ignored() -> None:
    async with session_at() as (server, owner):
        server.last.publish(
            updates.DIALOG_CHANGED, extra="<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"
        )
        server.last.publish(updates.DIALOG_CHANGED, sender=f"1002@{DOMAIN}/x")
        server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
    assert [type(notification.content) for notification in owner.heard] == [UserChanged]


async def test_unreadable_and_unknown_payloads_are_skipped() -> None:
    async with session_at(payload_limit=5000) as (server, owner):
        for payload in ("", "no XML", "<Update>" + "x" * 6000 + "</Update>", updates.QUEUE_CHANGED):
            server.last.publish(payload)
        server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)


async def test_a_notification_in_pieces_arrives_whole() -> None:
    async with session_at() as (server, owner):
        message = (
            "<message from='pubsub.x'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'><item>"
            "<notification xmlns='http://jabber.org/protocol/pubsub'>&lt;Update&gt;&lt;data&gt;&lt;user/&gt;&lt;/data"
            "&gt;&lt;event&gt;PUT&lt;/event&gt;&lt;/Update&gt;</notification></item></items></event></message>"
        )
        for character in message:
            server.last.send(character)
            await asyncio.sleep(0)
        await owner.until(heard=1)


async def test_a_fault_in_a_callback_does_not_end_the_session() -> None:
    owner = Owner()
    calls: list[Notification] = []

    def fail_once(notification: Notification) -> None:
        calls.append(notification)
        if len(calls) == 1:
            raise RuntimeError
        owner.on_notification(notification)

    async with serving() as server:
        chosen = settings()
        session = await open_session(
            XmppAddress(host="127.0.0.1", port=server.port, domain=DOMAIN),
            ANN,
            chosen,
            tls_context(chosen),
            on_notification=fail_once,
            on_closed=owner.on_closed,
        )
        server.last.publish(updates.USER_NOT_READY)
        server.last.publish(updates.USER_NOT_READY)
        await owner.until(heard=1)
        await session.close()


# --- staying alive, and ending -----------------------------------------------------------------------------------


async def test_a_servers_ping_is_answered() -> None:
    async with session_at() as (server, _):
        server.last.send(f"<iq type='get' id='s1' from='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>")
        sent = await server.last.until(r"<iq [^>]*id=\"s1\"[^>]*>")
        assert re.search(r"<iq type='result' id=\"s1\"", sent)


@pytest.mark.parametrize("ping_error", [False, True])
async def test_pings_keep_a_quiet_session_open(ping_error: bool) -> None:  # noqa: FBT001 - a parameter of the test
    async with session_at(Script(ping_error=ping_error), ping_interval=0.05, ping_deadline=0.4) as (server, owner):
        await server.last.until("gc-12")  # longer than the deadline
        assert owner.closed == []


async def test_a_frozen_server_is_noticed_within_the_deadline() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server, owner, ping_interval=0.1, ping_deadline=0.3)
        server.script.silent_after = "<presence"
        frozen = asyncio.get_running_loop().time()
        await owner.until(closed=1)
        assert asyncio.get_running_loop().time() - frozen < 1
        await session.close()
        await server.last.until_closed()
    assert owner.closed == [SessionClosed("no sign of life for 0.3 s")]
    await nothing_is_left()


async def test_a_pause_of_our_own_is_not_taken_for_the_servers() -> None:
    async with session_at(ping_interval=0.05, ping_deadline=0.3) as (server, owner):
        time.sleep(0.5)  # noqa: ASYNC251 - that is the point
        await server.last.until("gc-9")
        assert owner.closed == []


async def test_a_cut_is_told_once() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server, owner)
        server.last.writer.transport.abort()
        await owner.until(closed=1)
        await session.close()
    assert [(closed.expected, closed.conflict) for closed in owner.closed] == [(False, False)]
    await nothing_is_left()


async def test_a_conflict_is_told_as_such() -> None:
    owner = Owner()
    async with serving() as server:
        await sign_in(server, owner)
        server.last.send(
            "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
        )
        await owner.until(closed=1)
    assert owner.closed == [SessionClosed("the server closed the stream (conflict)", conflict=True)]
    await nothing_is_left()


async def test_a_stanza_that_never_ends_ends_the_session() -> None:
    owner = Owner()
    async with serving() as server:
        await sign_in(server, owner, payload_limit=1000)
        server.last.send("<message>" + "x" * 10_000)
        await owner.until(closed=1)
    assert "too large" in owner.closed[0].reason


async def test_closing_says_goodbye_and_is_idempotent() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server, owner)
        await session.close()
        await session.close()
        await server.last.until_closed()
        assert "<presence type='unavailable'/></stream:stream>" in server.last.received
    assert owner.closed == [SessionClosed("closed by us", expected=True)]
    await nothing_is_left()


async def test_closing_does_not_wait_for_a_server_that_says_nothing() -> None:
    owner = Owner()
    async with serving() as server:
        session = await sign_in(server, owner)
        server.script.silent_after = "<presence"
        async with asyncio.timeout(2):
            await session.close()
    await nothing_is_left()


def test_it_works_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test_a_notification_arrives_parsed_and_unescaped_once())
        runner.run(test_a_cut_is_told_once())


async def test_sessions_that_ended_leave_no_memory_behind() -> None:
    gone: list[weakref.ref[AgentSession]] = []
    async with serving() as server:
        for _ in range(5):
            session = await sign_in(server, Owner())
            gone.append(weakref.ref(session))
            await session.close()
            del session
        assert not [task for task in asyncio.all_tasks() if "slixmpp" in repr(task)]
    gc.collect()
    assert [reference() for reference in gone] == [None] * 5

"""The notification session against the simulator's own server, which shares no code with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from finesse import updates
from finesse.test_xmpp import ANN, Owner, nothing_is_left, settings, tls_context
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import NotAuthorised, NotificationsUnavailable
from generic_connector.finesse.model import Credentials, UserChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress

NODE = f"/finesse/api/User/{ANN.user_id}"


class Agents:
    """A directory that knows one agent, and who is present."""

    def __init__(self) -> None:
        self.present: list[bool] = []

    def check_password(self, user_id: str, password: str) -> bool:
        return (user_id, password) == (ANN.user_id, ANN.secret)

    def node_exists(self, _node: str) -> bool:
        return True

    def may_subscribe(self, _user_id: str, _node: str) -> bool:
        return True

    def presence_changed(self, _user_id: str, _resource: str, *, available: bool) -> None:
        self.present.append(available)


@pytest.fixture
def agents() -> Agents:
    return Agents()


@pytest.fixture
async def server(agents: Agents) -> AsyncIterator[XmppServer]:
    server = XmppServer(domain="fin1.example.com")
    await server.start(agents)
    yield server
    await server.stop()
    await nothing_is_left()


async def sign_in(server: XmppServer, owner: Owner, credentials: Credentials = ANN, **changes: float) -> AgentSession:
    assert server.plain_port is not None
    chosen = settings(**changes)
    return await open_session(
        XmppAddress(host="127.0.0.1", port=server.plain_port, domain=server.domain_name),
        credentials,
        chosen,
        tls_context(chosen),
        on_notification=owner.on_notification,
        on_closed=owner.on_closed,
    )


async def test_an_agent_is_present_once_the_session_is_open_and_no_more_when_closed(
    server: XmppServer, agents: Agents
) -> None:
    session = await sign_in(server, Owner())
    assert agents.present == [True]
    await session.close()
    assert agents.present == [True, False]


async def test_notifications_arrive_with_no_subscription(server: XmppServer) -> None:
    owner = Owner()
    session = await sign_in(server, owner)
    server.publish(NODE, (ANN.user_id,), updates.USER_NOT_READY)
    await owner.until(heard=1)
    await session.close()
    content = owner.heard[0].content
    assert isinstance(content, UserChanged)
    assert content.user.reason_code is not None
    assert content.user.reason_code.label == "Lunch & more"


async def test_a_wrong_password_is_not_authorised(server: XmppServer) -> None:
    with pytest.raises(NotAuthorised):
        await sign_in(server, Owner(), Credentials(user_id=ANN.user_id, secret="wrong"))


async def test_a_cut_is_heard_at_once(server: XmppServer) -> None:
    owner = Owner()
    await sign_in(server, owner)
    server.disconnect(ANN.user_id)
    await owner.until(closed=1)
    assert not owner.closed[0].expected


async def test_a_second_session_with_the_same_resource_ends_the_first(
    server: XmppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "same")
    first, second = Owner(), Owner()
    await sign_in(server, first)
    session = await sign_in(server, second)
    await first.until(closed=1)
    assert first.closed[0].conflict
    await session.close()


async def test_a_frozen_server_is_noticed(server: XmppServer) -> None:
    owner = Owner()
    await sign_in(server, owner, ping_interval=0.1, ping_deadline=0.3)
    server.freeze()
    await owner.until(closed=1)
    server.thaw()
    assert owner.closed == [SessionClosed("no sign of life for 0.3 s")]


async def test_a_frozen_server_does_not_hold_up_the_sign_in(server: XmppServer) -> None:
    server.freeze()
    with pytest.raises(NotificationsUnavailable, match="no session within"):
        await sign_in(server, Owner(), sign_in_deadline=0.3)
    server.thaw()


async def test_a_server_that_shuts_down_is_heard(server: XmppServer) -> None:
    owner = Owner()
    await sign_in(server, owner)
    await server.stop()
    await owner.until(closed=1)
    assert "system-shutdown" in owner.closed[0].reason


async def test_a_hundred_sessions_open_side_by_side(server: XmppServer) -> None:
    owner = Owner()
    sessions = await asyncio.gather(*(sign_in(server, owner) for _ in range(100)))
    assert len(server.sessions()) == 100
    await asyncio.gather(*(session.close() for session in sessions))
    assert len(owner.closed) == 100

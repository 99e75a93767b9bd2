"""Explicit subscriptions, against the simulator's server and, where it must misbehave, a scripted one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from finesse import updates
from finesse.scripted_xmpp import DOMAIN, Script, serving
from finesse.test_xmpp import ANN, Owner, nothing_is_left, settings, tls_context
from finesse.test_xmpp import sign_in as sign_in_at
from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.finesse.failures import NotificationsUnavailable, SubscriptionRefused, TimedOut
from generic_connector.finesse.model import TeamMemberChanged
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress

TEAM = updates.TEAM_NODE
QUEUE = "/finesse/api/Queue/1004"


class Agents:
    """A directory with one team that may be watched and one that may not."""

    def check_password(self, user_id: str, password: str) -> bool:
        return (user_id, password) == (ANN.user_id, ANN.secret)

    def node_exists(self, node: str) -> bool:
        return node != "/nowhere"

    def may_subscribe(self, _user_id: str, node: str) -> bool:
        return "6000" not in node

    def presence_changed(self, _user_id: str, _resource: str, *, available: bool) -> None:
        pass


@pytest.fixture
async def server() -> AsyncIterator[XmppServer]:
    server = XmppServer(domain=DOMAIN)
    await server.start(Agents())
    yield server
    await server.stop()
    await nothing_is_left()


async def sign_in(server: XmppServer, owner: Owner, **more: Any) -> AgentSession:
    assert server.plain_port is not None
    chosen = settings()
    return await open_session(
        XmppAddress(host="127.0.0.1", port=server.plain_port, domain=DOMAIN),
        ANN,
        chosen,
        tls_context(chosen),
        on_notification=owner.on_notification,
        on_closed=owner.on_closed,
        **more,
    )


def held(server: XmppServer) -> list[tuple[str, str]]:
    """Give node and address of every subscription there is."""
    return [(each.node, str(each.address)) for each in server.subscriptions.of_user(f"{ANN.user_id}@{DOMAIN}")]


async def test_a_members_change_comes_by_the_teams_node(server: XmppServer) -> None:
    owner = Owner()
    session = await sign_in(server, owner)
    await session.subscribe(TEAM)
    server.publish(TEAM, (), updates.MEMBER_CHANGED)
    await owner.until(heard=1)
    assert (owner.heard[0].node, owner.heard[0].source) == (TEAM, "/finesse/api/User/1001002")
    assert isinstance(owner.heard[0].content, TeamMemberChanged)
    await session.close()


async def test_subscribing_twice_makes_one_subscription_of_the_full_address(server: XmppServer) -> None:
    session = await sign_in(server, Owner())
    await asyncio.gather(session.subscribe(TEAM), session.subscribe(TEAM))
    await session.subscribe(TEAM)
    assert held(server) == [(TEAM, session.jid)]
    await session.close()


async def test_a_subscription_that_is_there_already_is_taken_over(server: XmppServer) -> None:
    """As after a subscribe whose answer was lost."""
    session = await sign_in(server, Owner())
    server.subscriptions.add(TEAM, Address.parse(session.jid))
    server.subscriptions.add(TEAM, Address.parse(session.jid))
    await session.subscribe(TEAM)
    assert held(server) == [(TEAM, session.jid)] * 2
    await session.unsubscribe(TEAM)
    assert held(server) == []
    await session.close()


async def test_unsubscribing_ends_it_once(server: XmppServer) -> None:
    owner = Owner()
    session = await sign_in(server, owner)
    await session.unsubscribe(TEAM)
    await session.subscribe(TEAM)
    await session.subscribe(QUEUE)
    await session.unsubscribe(TEAM)
    await session.unsubscribe(TEAM)
    assert held(server) == [(QUEUE, session.jid)]
    server.publish(TEAM, (), updates.MEMBER_CHANGED)
    server.publish(QUEUE, (), updates.QUEUE_CHANGED)
    await owner.until(heard=1)
    assert [notification.node for notification in owner.heard] == [QUEUE]
    await session.close()


async def test_one_that_is_gone_already_counts_as_unsubscribed(server: XmppServer) -> None:
    session = await sign_in(server, Owner())
    await session.subscribe(TEAM)
    [subscription] = server.subscriptions.of_node(TEAM)
    server.subscriptions.remove(TEAM, subscription.address, subscription.subid)
    await session.unsubscribe(TEAM)
    await session.close()


async def test_closing_ends_all_of_them(server: XmppServer) -> None:
    owner = Owner()
    session = await sign_in(server, owner)
    await session.subscribe(TEAM)
    await session.subscribe(QUEUE)
    await session.close()
    assert held(server) == []
    assert [closed.expected for closed in owner.closed] == [True]


async def test_what_lost_sessions_left_behind_is_ended(server: XmppServer) -> None:
    """But not what other programs, or sessions of ours that live, subscribed to."""
    lost = Owner()
    gone = await sign_in(server, lost)
    await gone.subscribe(TEAM)
    server.disconnect()
    await lost.until(closed=1)
    sibling = await sign_in(server, Owner())
    await sibling.subscribe(TEAM)
    desktop = f"{ANN.user_id}@{DOMAIN}/desktop"
    server.subscriptions.add(TEAM, Address.parse(desktop))
    session = await sign_in(server, Owner(), siblings=lambda: [sibling.jid])
    await session.subscribe(TEAM)
    assert held(server) == [(TEAM, sibling.jid), (TEAM, desktop), (TEAM, session.jid)]
    await session.close()
    await sibling.close()


@pytest.mark.parametrize(
    ("node", "condition"), [("/finesse/api/Team/6000/Users", "forbidden"), ("/nowhere", "item-not-found")]
)
async def test_a_refusal_says_why(server: XmppServer, node: str, condition: str) -> None:
    session = await sign_in(server, Owner())
    with pytest.raises(SubscriptionRefused) as caught:
        await session.subscribe(node)
    assert caught.value.reason == condition
    await session.subscribe(TEAM)  # a refusal is no obstacle for the next
    await session.close()


async def test_a_session_that_is_over_takes_no_subscription(server: XmppServer) -> None:
    session = await sign_in(server, Owner())
    await session.close()
    with pytest.raises(NotificationsUnavailable):
        await session.subscribe(TEAM)


async def test_a_cut_ends_the_waiting_for_an_answer() -> None:
    async with serving() as scripted:
        session = await sign_in_at(scripted, Owner())
        scripted.script.silent_after = "<presence"
        asking = asyncio.create_task(session.subscribe(TEAM))
        await scripted.last.until("<subscriptions/>")
        scripted.last.writer.transport.abort()
        with pytest.raises(NotificationsUnavailable):
            await asking
        await session.close()
    await nothing_is_left()


async def test_a_service_that_says_nothing_is_not_waited_for() -> None:
    async with serving() as scripted:
        session = await sign_in_at(scripted, Owner(), request_timeout=0.1)
        scripted.script.silent_after = "<presence"
        with pytest.raises(TimedOut):
            await session.subscribe(TEAM)
        async with asyncio.timeout(3):
            await session.close()
    await nothing_is_left()


async def test_another_user_cannot_answer_for_the_service() -> None:
    async with serving() as scripted:
        session = await sign_in_at(scripted, Owner(), request_timeout=0.2)
        scripted.script.silent_after = "<presence"
        asking = asyncio.create_task(session.subscribe(TEAM))
        await scripted.last.until("<subscriptions/>")
        scripted.last.send(f"<iq type='result' id='gc-ask-1' from='1002@{DOMAIN}/x'/>")
        with pytest.raises(TimedOut):
            await asking
        await session.close()


async def test_a_service_that_does_not_list_is_subscribed_to_all_the_same() -> None:
    """And an answer without a subid is one."""
    async with serving(Script()) as scripted:
        session = await sign_in_at(scripted, Owner())
        await session.subscribe("/finesse/api/Team/5&6/Users")
        sent = scripted.last.received
        assert f'<subscribe node="/finesse/api/Team/5&amp;6/Users" jid="{session.jid}"/>' in sent
        await session.close()
        assert '<unsubscribe node="/finesse/api/Team/5&amp;6/Users"' in scripted.last.received
        assert "subid" not in scripted.last.received

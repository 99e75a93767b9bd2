"""The server as slixmpp sees it: code that none of us wrote (finesse-notifications.md sections 4 to 7 and 9)."""

from __future__ import annotations

from typing import Any

import pytest
from slixmpp import JID
from slixmpp.exceptions import IqError

from finesse_simulator.certificate import self_signed
from finesse_simulator.xmpp.server import XmppServer
from notification_clients.agent import Agent
from notification_clients.directory import DOMAIN, TEAM, Agents
from notification_clients.waiting import until

USER = "/finesse/api/User/1001"
UPDATE = "<Update><data>&amp; &lt;b&gt; \N{EURO SIGN}</data></Update>"


async def test_an_agent_hears_of_its_own_nodes(port: int, server: XmppServer, agents: Agents) -> None:
    async with Agent(port, "1001/cti") as agent, Agent(port, "1002/cti") as other:
        await until(lambda: len(agents.presence) == 2)
        server.publish(USER, ("1001",), UPDATE)
        server.publish("/finesse/api/SystemInfo", ("1001", "1002", "1003"), "<Update/>")
        await until(lambda: len(agent.notifications) == 2 and other.notifications)
        assert agent.notifications == [(USER, UPDATE), ("/finesse/api/SystemInfo", "<Update/>")]
        assert other.notifications == [("/finesse/api/SystemInfo", "<Update/>")]
        assert agent.recipients == [f"1001@{DOMAIN}"] * 2
    await until(lambda: len(agents.presence) == 4)
    assert agents.presence[2:] == [("1002", "cti", False), ("1001", "cti", False)]


async def test_direct_tls(agents: Agents) -> None:
    certificate = self_signed(DOMAIN, "127.0.0.1")
    server = XmppServer(domain=DOMAIN, plain_port=None, ssl_context=certificate.server_context())
    await server.start(agents)
    assert server.tls_port
    try:
        async with Agent(server.tls_port, "1001/cti", context=certificate.client_context()) as agent:
            assert agent.started
            server.publish(USER, ("1001",), UPDATE)
            await until(lambda: agent.notifications)
            await server.stop()
            await until(lambda: agent.gone)
            assert agent.ended == ["system-shutdown"]
    finally:
        await server.stop()


async def test_a_wrong_password(port: int) -> None:
    async with Agent(port, "1001/cti", "wrong") as agent:
        await until(lambda: agent.ended)
        assert agent.ended == ["not-authorized"]
        assert not agent.started


async def test_without_presence_nothing_comes(port: int, server: XmppServer, agents: Agents) -> None:
    async with Agent(port, "1001/cti", priority=None) as agent:
        server.publish(USER, ("1001",), "<Update>1</Update>")
        agent.send_presence(ppriority=-1)
        await agent.round_trip()
        server.publish(USER, ("1001",), "<Update>2</Update>")
        agent.send_presence(ppriority=0)
        await agent.round_trip()
        server.publish(USER, ("1001",), "<Update>3</Update>")
        agent.send_presence(ptype="unavailable")
        await agent.round_trip()
        server.publish(USER, ("1001",), "<Update>4</Update>")
        await agent.round_trip()
        assert agent.notifications == [(USER, "<Update>3</Update>")]
        assert agents.presence == [("1001", "cti", True), ("1001", "cti", False)]


async def test_several_sessions_of_one_agent(port: int, server: XmppServer) -> None:
    """All that are available get a copy; with the other setting, only the one with the highest priority."""
    async with (
        Agent(port, "1001/desktop") as desktop,
        Agent(port, "1001/cti") as cti,
        Agent(port, "1001/hidden", priority=-1) as hidden,
    ):
        server.publish(USER, ("1001",), "<Update>1</Update>")
        await until(lambda: desktop.notifications and cti.notifications)
        server.deliver_to = "highest-priority"
        await desktop.round_trip()  # the most recently active of equals
        server.publish(USER, ("1001",), "<Update>2</Update>")
        cti.send_presence(ppriority=5)
        await cti.round_trip()
        server.publish(USER, ("1001",), "<Update>3</Update>")
        for each in (desktop, cti, hidden):
            await each.round_trip()
        assert [text for _, text in desktop.notifications] == ["<Update>1</Update>", "<Update>2</Update>"]
        assert [text for _, text in cti.notifications] == ["<Update>1</Update>", "<Update>3</Update>"]
        assert hidden.notifications == []


async def test_sessions_of_one_agent_see_each_other(port: int) -> None:
    async with Agent(port, "1001/desktop") as desktop:
        async with Agent(port, "1001/cti") as cti:
            assert f"available 1001@{DOMAIN}/cti" in desktop.seen
            assert f"available 1001@{DOMAIN}/desktop" in cti.seen
        await until(lambda: f"unavailable 1001@{DOMAIN}/cti" in desktop.seen)


async def test_the_same_full_address_twice_closes_the_older_session(
    port: int, server: XmppServer, agents: Agents
) -> None:
    async with Agent(port, "1001/cti") as old, Agent(port, "1001/cti") as new:
        await until(lambda: old.gone)
        assert old.ended == ["conflict"]
        server.publish(USER, ("1001",), UPDATE)
        await until(lambda: new.notifications)
        assert agents.presence == [("1001", "cti", True), ("1001", "cti", False), ("1001", "cti", True)]


async def test_explicit_subscription_by_slixmpp_itself(port: int, server: XmppServer) -> None:
    service = f"pubsub.{DOMAIN}"
    async with Agent(port, "1001/cti") as agent:
        xep_0060: Any = agent.plugin["xep_0060"]
        result = await xep_0060.subscribe(service, TEAM, bare=False)
        subid = result["pubsub"]["subscription"]["subid"]
        listed = await xep_0060.get_subscriptions(service)
        assert [each["node"] for each in listed["pubsub"]["subscriptions"]] == [TEAM]
        server.publish(TEAM, (), UPDATE)
        await until(lambda: agent.notifications)
        assert agent.recipients == [f"1001@{DOMAIN}/cti"]
        await xep_0060.unsubscribe(service, TEAM, subid=subid, bare=False)
        server.publish(TEAM, (), UPDATE)
        await agent.round_trip()
        assert len(agent.notifications) == 1
        with pytest.raises(IqError) as caught:
            await xep_0060.unsubscribe(service, TEAM, bare=False)
        assert caught.value.condition == "unexpected-request"
        info = await agent.plugin["xep_0030"].get_info(jid=JID(service), node=TEAM)
        assert {identity[:2] for identity in info["disco_info"]["identities"]} == {("pubsub", "leaf")}


async def test_the_presence_of_the_web_application(port: int, server: XmppServer) -> None:
    """Who subscribes to finesse@domain is told at once and at each change, also in a later session."""
    finesse = f"finesse@{DOMAIN}/finesse"
    async with Agent(port, "1001/cti") as agent, Agent(port, "1002/cti") as other:
        agent.send_presence_subscription(pto=f"finesse@{DOMAIN}")
        await until(lambda: agent.seen)
        server.set_web_application_available(available=False)
        server.set_web_application_available(available=True)
        server.set_web_application_available(available=True)
        server.set_web_application_available(available=False)
        await agent.round_trip()
        told = [each for each in agent.seen if each.endswith(finesse)]
        assert told == [f"{kind} {finesse}" for kind in ("available", "unavailable", "available", "unavailable")]
        assert [each for each in other.seen if "finesse@" in each] == []
    server.set_web_application_available(available=True)
    async with Agent(port, "1001/cti") as again:
        await until(lambda: f"available {finesse}" in again.seen)
        again.send_presence_subscription(pto=f"finesse@{DOMAIN}", ptype="unsubscribe")
        await again.round_trip()
        server.set_web_application_available(available=False)
        await again.round_trip()
        assert f"unavailable {finesse}" not in again.seen

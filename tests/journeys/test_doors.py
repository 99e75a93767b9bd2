"""Several doors at once: each client is answered by the door through which it said Hello."""

from __future__ import annotations

from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target, connected
from journeys.world import a_world


async def test_events_go_out_where_the_client_came_in() -> None:
    """The CRM's agent is heard at the CRM's broker, the browser's agent at the embedded one; both take queue calls."""
    embedded = EmbeddedDoor(EmbeddedSettings(tcp_port=0))
    async with a_world(doors=[embedded]) as world:
        target = Target(url=BrokerUrl.parse(f"stomp://127.0.0.1:{embedded.broker.tcp_port}"))
        async with connected(target) as browser:
            await browser.subscribe("BROWSER")
            for command, body in (
                ("Hello#BROWSER", ""),
                ("Connect#1002", "BROWSER,agent-secret-1002"),
                ("Login#1002", "agent-secret-1002,4002"),
            ):
                await browser.send(command, body, queue="Connector1")
            heard = [await browser.event() for _ in range(4)]
            assert [event.split("#")[1] for event in heard] == ["IN_SERVICE", "AgentInfo", "State", "DialogStatus"]
            await world.sign_in("1001", "CRM1")
            world.send("MakeReady#1001")
            await world.hears("CRM1", 1)
            world.finesse.customer_call("5550188", "8800")
            assert "NewInboundCall" in (await world.hears("CRM1", 2))[1]
            await browser.send("MakeReady#1002", "", queue="Connector1")
            assert "#State#READY#" in await browser.event()
            assert world.door.bodies("BROWSER") == []
            assert world.unheard("CRM1") == []


async def test_a_client_moves_to_another_door() -> None:
    """A Hello through another door takes the destination along, with its agents."""
    embedded = EmbeddedDoor(EmbeddedSettings(tcp_port=0))
    async with a_world(doors=[embedded]) as world:
        await world.sign_in("1001", "CRM1")
        target = Target(url=BrokerUrl.parse(f"stomp://127.0.0.1:{embedded.broker.tcp_port}"))
        async with connected(target) as client:
            await client.subscribe("CRM1")
            await client.send("Hello#CRM1", "", queue="Connector1")
            assert await client.event() == "System#IN_SERVICE"
            await client.send("MakeReady#1001", "", queue="Connector1")
            assert "#State#READY#" in await client.event()
            assert world.unheard("CRM1") == []

"""The whole product with a real broker between connector and client: only Finesse is pretended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from finesse_simulator.certificate import Certificate
from finesse_simulator.scenario import Scenario
from finesse_simulator.xmpp.prosody import ProsodyServer
from generic_connector.agents.settings import ClientSettings
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.door import DoorState
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from generic_connector.protocol.formats import Format
from journeys.test_story import InMemory, play
from journeys.transcripts import json_story, text_story
from journeys.world import World, a_world, as_json
from live.activemq import ActiveMqBroker, JmsClient, JmsMessage, StartJmsClient
from live.parts import require_part

pytestmark = pytest.mark.live
pytest_plugins = ("live.activemq",)

CALL = "16777217"
HOSTILE = "😀 #|, =\t<&\"' ä漢"


class ByJms:
    """The client's end of ActiveMQ in Java, as a client of the original connector is written."""

    def __init__(self, jms: JmsClient, destination: str) -> None:
        self._jms = jms
        self._destination = destination
        self.messages: list[JmsMessage] = []

    async def send(self, command_type: str, body: str) -> None:
        await self._jms.send(command_type, body or None)

    async def receive(self) -> str:
        messages = await self._jms.wait_for(self._destination, len(self.messages) + 1)
        self.messages.append(messages[len(self.messages)])
        return self.messages[-1].body or ""


class ByStomp:
    """The client's end of ActiveMQ by STOMP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def send(self, command_type: str, body: str) -> None:
        await self._client.send(command_type, body, queue="Connector1")

    async def receive(self) -> str:
        return await self._client.event()


async def until(condition: Callable[[], bool], deadline: float = 15.0) -> None:
    """Look every 10 ms whether something in another process has come about."""
    async with asyncio.timeout(deadline):
        while not condition():  # noqa: ASYNC110  # nothing tells us when
            await asyncio.sleep(0.01)


@asynccontextmanager
async def a_site(broker: ActiveMqBroker, clients: ClientSettings | None = None) -> AsyncIterator[World]:
    """Build the contact centre with ActiveMQ in between."""
    door = ActiveMqDoor(ActiveMqSettings(urls=(broker.stomp_url,)))
    async with a_world(doors=[door], clients=clients) as world:
        await until(lambda: door.state is DoorState.OPEN)
        yield world


async def test_the_story_in_java_and_text(activemq: ActiveMqBroker, jms: JmsClient) -> None:
    """A Java OpenWire client plays the story; every event is a TextMessage with an empty JMSType."""
    async with a_site(activemq) as world:
        await jms.subscribe("CRM1")
        conversation = ByJms(jms, "CRM1")
        assert await play(world, conversation) == text_story()
        assert {(one.kind, one.type, one.persistent) for one in conversation.messages} == {("TextMessage", "", False)}


async def test_the_story_in_java_and_json(activemq: ActiveMqBroker, jms: JmsClient) -> None:
    """The same in JSON."""
    async with a_site(activemq, ClientSettings(default_format=Format.JSON)) as world:
        await jms.subscribe("CRM1")
        transcript = await play(world, ByJms(jms, "CRM1"), json=True)
        assert [as_json(body) for body in transcript] == json_story()


async def test_the_story_by_stomp(activemq: ActiveMqBroker) -> None:
    """The same by STOMP."""
    async with a_site(activemq) as world, connected(Target(url=BrokerUrl.parse(activemq.stomp_url))) as client:
        await client.subscribe("CRM1")
        assert await play(world, ByStomp(client)) == text_story()


async def ringing(world: World, jms: JmsClient, destination: str, hello: str) -> list[JmsMessage]:
    """Sign in and let a customer call whose variables hold whatever can go wrong."""
    await jms.subscribe(destination)
    await jms.send(f"Hello#{destination}", hello)
    await jms.send("Connect#1001", f"{destination},agent-secret-1001")
    await jms.send("Login#1001", "agent-secret-1001,4001")
    await jms.send("MakeReady#1001")
    await jms.wait_for(destination, 5)
    world.finesse.customer_call("5550188", "8800", {"callVariable2": HOSTILE})
    return await jms.wait_for(destination, 7)


async def test_odd_characters_in_text(activemq: ActiveMqBroker, jms: JmsClient) -> None:
    """Emoji pass unharmed through ActiveMQ both ways; `#`, `|` and `,` are replaced where text needs it."""
    async with a_site(activemq) as world:
        messages = await ringing(world, jms, "CRM1", "TEXT")
        assert f"|callVariable2={HOSTILE.replace('#', '00100011').translate(str.maketrans('|,', '  '))}|" in (
            messages[-1].body or ""
        )
        await jms.send("AnswerCall#1001", CALL)
        await jms.send("update_call_variable#1001", f"{CALL},callVariable3,{HOSTILE}")
        messages = await jms.wait_for("CRM1", 10)
        assert f"|callVariable3={HOSTILE.replace('#', '00100011').translate(str.maketrans('|,', '  '))}|" in (
            messages[-1].body or ""
        )
        assert world.finesse.call(CALL)["variables"]["callVariable3"] == HOSTILE


async def test_odd_characters_in_json(activemq: ActiveMqBroker, jms: JmsClient) -> None:
    """JSON carries every value unchanged."""
    async with a_site(activemq) as world:
        messages = await ringing(world, jms, "CRM1", "JSON")
        event = as_json(messages[-1].body or "")
        assert (event["type"], event["callVariables"][1]) == ("NewInboundCall", {"callVariable2": HOSTILE})


async def test_mistakes_of_a_java_client(activemq: ActiveMqBroker, jms: JmsClient) -> None:
    """A 1 MB body, a BytesMessage, an unknown command: each is answered, and nothing stops."""
    async with a_site(activemq):
        await jms.subscribe("CRM1")
        await jms.send("Hello#CRM1")
        for command, body, kind in (
            ("GetState#1001", "ä" * 524_288, "TEXT"),
            ("GetState#1001", "bytes", "BYTES"),
            ("MakeCoffee#1001", None, "TEXT"),
        ):
            await jms.send(command, body, kind=kind, reply_to="topic://CRM1")
        await jms.send("Beat#CRM1")
        bodies = [message.body or "" for message in await jms.wait_for("CRM1", 5)]
        assert [body.split("#")[:3] for body in bodies] == [
            ["System", "IN_SERVICE"],
            *[["1001", "Error", "PLEASE_RETRY"]] * 3,
            ["System", "IN_SERVICE"],
        ]


async def test_the_broker_is_killed_in_the_middle(
    activemq: ActiveMqBroker,
    start_jms_client: StartJmsClient,
) -> None:
    """The connector comes back to a broker that was killed and started again, and goes on with the same agent."""
    async with a_site(activemq) as world:
        client = await start_jms_client(activemq)
        await client.subscribe("CRM1")
        await client.send("Connect#1001", "CRM1,agent-secret-1001")
        await client.send("Login#1001", "agent-secret-1001,4001")
        await client.send("MakeReady#1001")
        await client.wait_for("CRM1", 4)
        (door,) = [one for one in world.connector.doors if one.name == "activemq"]
        activemq.kill()
        await until(lambda: door.state is not DoorState.OPEN)
        activemq.start()
        await until(lambda: door.state is DoorState.OPEN)
        client = await start_jms_client(activemq)
        await client.subscribe("CRM1")
        world.finesse.customer_call("5550188", "8800")
        bodies = [message.body or "" for message in await client.wait_for("CRM1", 2)]
        assert [body.split("#")[1] for body in bodies] == ["State", "NewInboundCall"]
        await client.send("AnswerCall#1001", CALL)
        bodies = [message.body or "" for message in await client.wait_for("CRM1", 4)]
        assert [body.split("#")[1:3] for body in bodies[2:]] == [["State", "TALKING"], ["InboundCall", "ACTIVE"]]


async def test_the_story_with_a_real_xmpp_server(tmp_path: Path) -> None:
    """Prosody carries the notifications: the connector is tested against a server that no one here wrote."""
    require_part("prosody")

    def prosody(scenario: Scenario, certificate: Certificate) -> ProsodyServer:
        pem, key = tmp_path / "server.pem", tmp_path / "server.key"
        pem.write_text(certificate.certificate)
        key.write_text(certificate.key)
        return ProsodyServer(domain=scenario.xmpp.domain, folder=tmp_path / "prosody", certificate=pem, key=key)

    async with a_world(make_notifications=prosody) as world:
        assert await play(world, InMemory(world, "CRM1")) == text_story()

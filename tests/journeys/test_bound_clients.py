"""Two clients who do not trust each other, at a connector that is set up by a file, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from generic_connector.broker.embedded import EmbeddedDoor, hash_password
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from generic_connector.config import Settings, load
from generic_connector.config.mapping import to_clients, to_embedded
from journeys.world import World, a_world, without_times

PASSWORDS = {"crm1": "first pass", "siebel": "second pass"}
FOREIGN = "No agent of this id is connected from a destination of this user: send Connect and Login first"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give what a site writes: crm1 by default has crm1 and what begins with it, siebel has what is listed."""
    users = ", ".join(f'{name} = "{hash_password(password)}"' for name, password in PASSWORDS.items())
    file = tmp_path / "connector.toml"
    file.write_text(
        '[clients]\naccess = "bound"\nsenders = { siebel = ["SIEBEL.*"] }\n[broker.activemq]\nenabled = false\n'
        f"[broker.embedded]\nenabled = true\ntcp_port = 0\nusers = {{ {users} }}\n"
    )
    return load(file, {})


@asynccontextmanager
async def bound(settings: Settings) -> AsyncIterator[tuple[World, EmbeddedDoor]]:
    door = EmbeddedDoor(to_embedded(settings))
    async with a_world(doors=[door], clients=to_clients(settings)) as world:
        yield world, door


@asynccontextmanager
async def client(door: EmbeddedDoor, user: str, destination: str) -> AsyncIterator[Client]:
    """Log in as a user and listen."""
    url = BrokerUrl.parse(f"stomp://127.0.0.1:{door.broker.tcp_port}")
    async with connected(Target(url=url, username=user, password=PASSWORDS[user])) as one:
        await one.subscribe(destination)
        yield one


async def send(one: Client, command: str, body: str = "", reply_to: str = "") -> None:
    await one.send(command, body, queue="Connector1", reply_to=reply_to)


async def sign_in(one: Client, agent_id: str, destination: str) -> None:
    await send(one, f"Connect#{agent_id}", f"{destination},agent-secret-{agent_id}")
    await send(one, f"Login#{agent_id}", f"agent-secret-{agent_id},4{agent_id[1:]}")
    while "#DialogStatus#" not in await one.event():
        pass


async def test_each_commands_its_own(settings: Settings) -> None:
    """A stranger is refused and hears nothing of the other; a supervisor's client acts on a member."""
    async with (
        bound(settings) as (world, door),
        client(door, "crm1", "crm1.desk") as crm1,
        client(door, "siebel", "SIEBEL.1") as siebel,
    ):
        await sign_in(crm1, "1001", "crm1.desk")
        await sign_in(siebel, "1003", "SIEBEL.1")
        assert [(await siebel.event()).split("#")[1] for _ in range(2)] == ["TeamInfoIDs", "TeamInfoNames"]

        await send(siebel, "MakeCall#1001", "5551", "SIEBEL.1")
        assert await siebel.event() == f"1001#Error#PLEASE_RETRY#{FOREIGN}"
        await send(siebel, "GetState#1999", reply_to="SIEBEL.1")
        assert await siebel.event() == f"1999#Error#PLEASE_RETRY#{FOREIGN}"
        await send(siebel, "MakeReady#1001", reply_to="crm1.desk")  # nobody is told
        with pytest.raises(StompError, match="you may not subscribe"):
            await siebel.subscribe("crm1.desk")

        await send(siebel, "MakeReady#1001", reply_to="SIEBEL.1")
        assert (await crm1.event()).startswith("1001#State#READY#")
        ready = "1003#State#READY####<time>#Ann Lee#1001#4001##Ann Lee#ann"
        assert without_times(await siebel.event()) == ready
        assert world.unheard("crm1.desk") == []


async def test_who_is_not_proved_is_not_heard(settings: Settings) -> None:
    """The door in memory proves nobody: whatever comes by it is refused, and nobody is told."""
    async with bound(settings) as (world, _):
        world.send("Hello#CRM1")
        world.send("Connect#1001", "CRM1,agent-secret-1001", reply_to="CRM1")
        world.send("GetState#1001", reply_to="CRM1")
        assert world.unheard("CRM1") == []
        assert world.connector.hub.agents == {}

"""The broker goes away under load: what becomes of every command and every event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.door import DoorState
from journeys.world import World, a_world
from live.activemq import JmsClient, StartBroker, StartJmsClient, failover_url
from live.load import Load
from live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
pytest_plugins = ("live.activemq",)


async def until(condition: Callable[[], bool], deadline: float = 30.0) -> None:
    """Look every 10 ms whether something in another process has come about."""
    async with asyncio.timeout(deadline):
        while not condition():  # noqa: ASYNC110  # nothing tells us when
            await asyncio.sleep(0.01)


@asynccontextmanager
async def loaded(jms: JmsClient, *urls: str) -> AsyncIterator[tuple[World, ActiveMqDoor, Load]]:
    """Build the contact centre with a broker in between; the load begins with `async with load`."""
    door = ActiveMqDoor(ActiveMqSettings(urls=urls, heart_beat_ms=1000, connect_deadline=2.0))
    async with a_world(doors=[door]) as world:
        await until(lambda: door.state is DoorState.OPEN)
        yield world, door, Load(world, door, jms)


async def test_kill_minus_nine_of_the_master_of_a_pair(
    start_activemq: StartBroker, start_jms_client: StartJmsClient, tmp_path: Path
) -> None:
    """The second broker takes the shared store over, with the commands that nobody had acknowledged."""
    store = tmp_path / "store"
    master = start_activemq(store=store)
    other = start_activemq(store=store, standby=True)
    jms = await start_jms_client(master, url=failover_url(master, other))
    async with loaded(jms, master.stomp_url, other.stomp_url) as (_, door, load):
        async with load:
            await load.flow()
            master.kill()
            await until(lambda: door.state is not DoorState.OPEN)
            await until(lambda: door.state is DoorState.OPEN)
            await load.flow()
        report = await load.report()
        print(report)


async def test_kill_minus_nine_and_restart(start_activemq: StartBroker, start_jms_client: StartJmsClient) -> None:
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with loaded(jms, broker.stomp_url) as (_, door, load):
        async with load:
            await load.flow()
            broker.kill()
            await until(lambda: door.state is not DoorState.OPEN)
            broker.start()
            await until(lambda: door.state is DoorState.OPEN)
            await load.flow()
        print(await load.report())


async def test_a_frozen_broker(start_activemq: StartBroker, start_jms_client: StartJmsClient) -> None:
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with loaded(jms, broker.stomp_url) as (_, door, load):
        async with load:
            await load.flow()
            broker.freeze()
            await until(lambda: door.state is not DoorState.OPEN)
            broker.thaw()
            await until(lambda: door.state is DoorState.OPEN)
            await load.flow()
        print(await load.report())


async def test_a_network_that_swallows_everything(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with (
        Wire(broker.stomp_port) as wire,
        loaded(jms, f"stomp://127.0.0.1:{wire.port}") as (_, door, load),
    ):
        async with load:
            await load.flow()
            wire.cut()
            await until(lambda: door.state is not DoorState.OPEN)
            wire.heal()
            await until(lambda: door.state is DoorState.OPEN)
            await load.flow()
        print(await load.report())

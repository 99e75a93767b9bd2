"""The broker goes away under load: what becomes of every command and every event.

The client is a Java program with a failover: transport, the load about 20 commands and 200 events a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import structlog

from agents.office import counted
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.door import DoorState, EventMessage
from journeys.world import World, a_world
from live.activemq import ActiveMqBroker, JmsClient, StartBroker, StartJmsClient, failover_url
from live.load import CRM, Load, Report
from live.wire import Wire

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
pytest_plugins = ("live.activemq",)

log = structlog.get_logger()


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


def let_acknowledgements_be_lost(door: ActiveMqDoor) -> None:
    """From now on the broker does not hear that commands were taken over."""
    assert door._commands is not None
    assert door._commands._connection is not None
    door._commands._connection.acknowledge = lambda message: None  # type: ignore[method-assign]  # noqa: ARG005


async def closed_and_open_again(door: ActiveMqDoor, bring_back: Callable[[], None]) -> None:
    """Wait until the door has noticed on both connections, let the broker return, and wait for the door."""
    await until(lambda: door.state is not DoorState.OPEN and not door._events.connected)
    bring_back()
    await until(lambda: door.state is DoorState.OPEN)


def all_is_well(report: Report, *, may_be_lost: int = 0) -> None:
    """Check that each command was answered and done once, and that each event came, in order."""
    log.info("counted", **asdict(report))
    assert report.commands_sent == report.commands_answered
    assert report.carried_out_twice == 0
    assert report.events_out_of_order == 0
    assert len(report.events_lost) <= may_be_lost
    assert report.events_received == report.events_expected - len(report.events_lost) + report.events_doubled


IN_THE_BROKER = 10
"""Events that a broker may have confirmed and not handed on to the clients when it is killed. Nobody else has them."""


async def test_kill_minus_nine_of_the_master_of_a_pair(
    start_activemq: StartBroker, start_jms_client: StartJmsClient, tmp_path: Path
) -> None:
    """The second broker takes the shared store over, with the commands that nobody had acknowledged."""
    store = tmp_path / "store"
    master = start_activemq(store=store)
    other = start_activemq(store=store, standby=True)
    jms = await start_jms_client(master, url=failover_url(master, other))
    async with loaded(jms, master.stomp_url, other.stomp_url) as (_, door, load):
        repeated = counted("commands_refused", reason="repeated")
        async with load:
            await load.flow()
            let_acknowledgements_be_lost(door)
            await load.flow(commands=3)
            master.kill()
            await closed_and_open_again(door, lambda: None)
            await load.flow()
        all_is_well(await load.report(), may_be_lost=IN_THE_BROKER)
        assert counted("commands_refused", reason="repeated") >= repeated + 3


async def test_kill_minus_nine_and_restart(start_activemq: StartBroker, start_jms_client: StartJmsClient) -> None:
    """The commands that nobody had acknowledged come again without a mark, and are known."""
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with loaded(jms, broker.stomp_url) as (_, door, load):
        repeated = counted("commands_refused", reason="repeated")
        async with load:
            await load.flow()
            let_acknowledgements_be_lost(door)
            await load.flow(commands=3)
            broker.kill()
            await closed_and_open_again(door, broker.start)
            await load.flow()
        all_is_well(await load.report(), may_be_lost=IN_THE_BROKER)
        assert counted("commands_refused", reason="repeated") >= repeated + 3


async def test_a_frozen_broker(start_activemq: StartBroker, start_jms_client: StartJmsClient) -> None:
    """What lay in its sockets it may read when it thaws, though it was sent again: such events come twice."""
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with loaded(jms, broker.stomp_url) as (_, door, load):
        async with load:
            await load.flow()
            broker.freeze()
            await closed_and_open_again(door, broker.thaw)
            await load.flow()
        all_is_well(await load.report())


async def test_a_network_that_swallows_everything(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    """No FIN, no RST: only the heart-beats tell."""
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    async with (
        Wire(broker.stomp_port) as wire,
        loaded(jms, f"stomp://127.0.0.1:{wire.port}") as (_, door, load),
    ):
        async with load:
            await load.flow()
            wire.cut()
            await closed_and_open_again(door, wire.heal)
            await load.flow()
        all_is_well(await load.report())


@asynccontextmanager
async def a_door(broker: ActiveMqBroker, **settings: Any) -> AsyncIterator[ActiveMqDoor]:
    """Open a door that hears commands and does nothing with them."""
    door = ActiveMqDoor(ActiveMqSettings(urls=(broker.stomp_url,), heart_beat_ms=1000, **settings))
    await door.start(lambda _: None)
    await until(lambda: door.state is DoorState.OPEN)
    yield door
    await door.stop()


def publish(door: ActiveMqDoor, destination: str, *bodies: str) -> None:
    for body in bodies:
        door.publish(EventMessage(destination=destination, body=body, correlation_id=""))


async def test_events_wait_for_a_client_that_returns_later_than_the_connector(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    """A topic without a listener forgets; a client that is back is not held up by one that is not."""
    broker = start_activemq()
    prompt, late = await start_jms_client(broker), await start_jms_client(broker)
    await prompt.subscribe("EV.prompt")
    await late.subscribe("EV.late")
    numbers = [str(number) for number in range(200)]
    async with a_door(broker) as door:
        late.kill()
        broker.kill()
        await until(lambda: door.state is not DoorState.OPEN)
        for number in numbers:
            publish(door, "EV.late", number)
            publish(door, "EV.prompt", number)
        broker.start()
        assert [one.body for one in await prompt.wait_for("EV.prompt", 200)] == numbers
        assert len(door._events._sender.outbox) == 200
        late = await start_jms_client(broker)
        await late.subscribe("EV.late")
        assert [one.body for one in await late.wait_for("EV.late", 200)] == numbers


async def test_a_client_that_listens_to_a_pattern_is_there(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    broker = start_activemq()
    client = await start_jms_client(broker)
    await client.subscribe("EV.>")
    async with a_door(broker) as door:
        broker.kill()
        await until(lambda: door.state is not DoorState.OPEN)
        publish(door, "EV.a.b", "1")
        broker.start()
        assert [one.body for one in await client.wait_for("EV.>", 1)] == ["1"]


async def test_a_broker_that_does_not_let_us_read_its_advisories(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    """Events go out as soon as it is back: here the client is back before the connector."""
    broker = start_activemq({"gc": "word", "c1": "pw"}, advisory_readers="c1")
    client = await start_jms_client(broker, "c1", "pw")
    await client.subscribe("EV.c1")
    async with a_door(broker, username="gc", password="word") as door:
        broker.freeze()
        await until(lambda: not door._events.connected)
        publish(door, "EV.c1", "1")
        broker.thaw()
        assert [one.body for one in await client.wait_for("EV.c1", 1)] == ["1"]


async def test_a_client_that_never_returns_is_not_waited_for_for_ever(start_activemq: StartBroker) -> None:
    broker = start_activemq()
    async with a_door(broker, client_return=0.5) as door:
        broker.kill()
        await until(lambda: door.state is not DoorState.OPEN)
        publish(door, "EV.gone", "1")
        broker.start()
        await until(lambda: not door._events._sender.outbox)


async def test_beyond_the_bound_the_client_gets_a_snapshot(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    """The agent changed the state more often than events are kept; the client hears how it is now."""
    broker = start_activemq()
    client = await start_jms_client(broker)
    door = ActiveMqDoor(ActiveMqSettings(urls=(broker.stomp_url,), heart_beat_ms=1000, buffered_events=3))
    async with a_world(doors=[door]) as world:
        await client.subscribe(CRM)
        await client.send("Connect#1001", f"{CRM},agent-secret-1001")
        await client.send("Login#1001", "agent-secret-1001,4001")
        await client.wait_for(CRM, 3)
        broker.kill()
        await until(lambda: door.state is not DoorState.OPEN)
        for state in ["READY", "NOT_READY"] * 3:
            world.finesse.set_agent_state("1001", state, reason_code_id="31" if state == "NOT_READY" else "")
            await world.finesse.wait_for_agent("1001", state)
        broker.start()
        bodies = [one.body or "" for one in await client.wait_for(CRM, 6)][3:]
        told = [body.split("#")[:3] for body in bodies]
        assert told == [["System", "IN_SERVICE"], ["1001", "State", "NOT_READY"], ["1001", "DialogStatus", ""]]

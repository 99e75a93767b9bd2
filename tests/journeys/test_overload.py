"""More than anybody should send: everything is answered, nobody else waits for it, and nothing grows without end."""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import pytest
import structlog

from finesse_simulator import scenario as scenarios
from finesse_simulator.scenario import Scenario
from fuzz.watching import check
from generic_connector.agents import clients as clients_module
from generic_connector.agents import hub as hub_module
from generic_connector.agents import roster
from generic_connector.agents.agent import Agent
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.finesse.session import AgentSession
from journeys.world import World, a_scenario, a_world

MANY = 10_000
BUSY = "Error#PLEASE_RETRY#Too many commands wait for this agent"


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """Of so many commands so much is logged that it would take most of the time; none of it is an error."""
    with structlog.testing.capture_logs() as lines:
        yield
    check(lines)


def site(ids: Iterable[str]) -> Scenario:
    """Give a contact centre with these agents, whom nobody calls."""
    people = [scenarios.Agent(id=one, password=f"agent-secret-{one}", first_name="A", last_name=one) for one in ids]
    devices = [scenarios.Device(extension=f"4{one.id[1:]}") for one in people]
    queues = [msgspec.structs.replace(queue, agents=()) for queue in a_scenario().queues]
    return a_scenario(agents=tuple(people), devices=tuple(devices), queues=tuple(queues))


def numbers(count: int) -> list[str]:
    return [str(20_001 + number) for number in range(count)]


def what_each_heard(bodies: Iterable[str]) -> dict[str, list[str]]:
    """Give for every agent what was told, in brief and in order."""
    heard: dict[str, list[str]] = {}
    for body in bodies:
        agent, event, first = (*body.split("#"), "")[:3]
        heard.setdefault(agent, []).append(f"{event} {first}" if event in {"State", "Error"} else event)
    return heard


# --- clients by a socket, who read all the time ------------------------------------------------------------------


@dataclass
class Caller:
    """A client at the embedded broker: what it heard, by the correlation ids of what it sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[tuple[str, str]] = field(default_factory=list)

    def send(self, *commands: tuple[str, str, str]) -> None:
        """Send commands at once: each a JMSType, a body and a correlation id."""
        frames = (
            f"SEND\ndestination:/queue/Connector1\ntype:{kind}\nreply-to:/topic/CALLER\ncorrelation-id:{mine}\n\n{body}\0"
            for kind, body, mine in commands
        )
        self.writer.write("".join(frames).encode())

    async def listen(self) -> None:
        """Hear events until cancelled."""
        while True:
            frame = (await self.reader.readuntil(b"\0")).decode().lstrip("\n")
            assert frame.startswith("MESSAGE\n"), frame
            mine = re.search("^correlation-id:(.*)$", frame, re.MULTILINE)
            self.heard.append((mine[1] if mine else "", frame.partition("\n\n")[2][:-1]))

    async def until(self, count: int) -> None:
        """Wait until so many events came."""
        async with asyncio.timeout(50):
            while len(self.heard) < count:  # noqa: ASYNC110 - the count is what is waited for
                await asyncio.sleep(0.01)


@asynccontextmanager
async def a_caller(door: EmbeddedDoor) -> AsyncIterator[Caller]:
    """Connect a client that hears CALLER."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.broker.tcp_port)
    writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
    assert (await reader.readuntil(b"\0")).startswith(b"CONNECTED")
    writer.write(b"SUBSCRIBE\nid:1\ndestination:/topic/CALLER\n\n\0")
    caller = Caller(reader, writer)
    listening = asyncio.create_task(caller.listen())
    try:
        yield caller
    finally:
        listening.cancel()
        writer.transport.abort()


@asynccontextmanager
async def a_world_with_a_caller(scenario: Scenario | None = None) -> AsyncIterator[tuple[World, Caller]]:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0))
    async with a_world(scenario, doors=[door]) as world, a_caller(door) as caller:
        yield world, caller


# --- many agents -------------------------------------------------------------------------------------------------


async def everybody_at_once(count: int) -> None:
    """Let all agents of one destination connect, sign in and go ready in one go; and then ask, in one go."""
    ids = numbers(count)
    async with a_world_with_a_caller(site(ids)) as (world, caller):
        for one in ids:
            caller.send(
                (f"Connect#{one}", f"CALLER,agent-secret-{one}", one),
                (f"Login#{one}", f"agent-secret-{one},4{one[1:]}", one),
                (f"MakeReady#{one}", "", one),
            )
        async with asyncio.timeout(280):
            while len(caller.heard) < 4 * count:  # noqa: ASYNC110 - the count is what is waited for
                await asyncio.sleep(0.1)
        signed_in = ["AgentInfo", "State NOT_READY", "DialogStatus", "State READY"]
        assert what_each_heard(body for _, body in caller.heard) == dict.fromkeys(ids, signed_in)
        assert len(world.connector.hub.agents) == count
        caller.heard.clear()
        caller.send(*((f"GetState#{one}", "", one) for one in ids))
        await caller.until(count)
        assert sorted(mine for mine, _ in caller.heard) == ids
        assert what_each_heard(body for _, body in caller.heard) == {one: ["State READY"] for one in ids}


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=[pytest.mark.conformance, pytest.mark.timeout(400)])])
async def test_everybody_at_once(count: int) -> None:
    """Nobody is late, none is mixed up, every event reaches the one client; 2,000 is what a cluster can have."""
    await everybody_at_once(count)


# --- many commands -----------------------------------------------------------------------------------------------


async def test_ten_thousand_commands_for_one_agent() -> None:
    """Each is answered once, carried out or refused; whoever else asks meanwhile is answered in the middle of it."""
    async with a_world_with_a_caller() as (world, caller):
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1002", "CRM2")
        caller.send(*(("GetState#1001", "", str(number)) for number in range(MANY)))
        await caller.until(1)
        world.send("GetState#1002")
        (answer,) = await world.hears("CRM2", 1)
        flooded = len(caller.heard)
        assert answer.startswith("1002#State#NOT_READY#")
        assert flooded < MANY / 2
        await caller.until(MANY)
    answers = Counter(what for _, body in caller.heard for what in [body.partition("#")[2][: len(BUSY)]])
    done = sum(count for what, count in answers.items() if what.startswith("State#NOT_READY"))
    assert done + answers[BUSY] == MANY
    assert done >= world.connector.hub._surroundings.settings.inbox_limit
    assert {mine for mine, _ in caller.heard} == {str(number) for number in range(MANY)}


async def test_a_burst_that_the_door_hands_over_at_once() -> None:
    """The inbox takes its hundred; the others hear so at once; the quiet agent is answered before the hundred are."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1002", "CRM2")
        limit = world.connector.hub._surroundings.settings.inbox_limit
        for _ in range(MANY):
            world.send("GetState#1001")
        world.send("GetState#1002")
        inbox = world.connector.hub.agents["1001"]._inbox
        assert len(inbox._work) == limit
        busy = await world.hears("CRM1", MANY - limit)
        assert {event.partition("#")[2][: len(BUSY)] for event in busy} == {BUSY}
        await world.hears("CRM2", 1)
        assert len(world.unheard("CRM1")) < limit
        answers = await world.hears("CRM1", limit)
        assert {event.split("#")[1] for event in answers} == {"State"}
        assert world.unheard("CRM1") == []


# --- bounds ------------------------------------------------------------------------------------------------------


async def test_ten_thousand_destinations_and_more() -> None:
    """Each Hello is answered; those of longest ago are forgotten; who has agents stays, and so does the agent."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        hub = world.connector.hub
        names = [f"D{number}" for number in range(MANY + 500)]
        for name in names:
            world.send(f"Hello#{name}")
        assert [world.door.bodies(name) for name in names] == [["System#IN_SERVICE"]] * len(names)
        assert len(list(hub.clients)) <= clients_module.MOST_WITHOUT_AGENTS + 1
        assert len(hub._taken) <= roster.REMEMBERED
        world.send("GetState#1001")
        assert what_each_heard(await world.hears("CRM1", 1)) == {"1001": ["State NOT_READY"]}


async def test_agents_who_do_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than there is room for: those past it hear so at once, the others that they are not known; nobody stays."""
    monkeypatch.setattr(hub_module, "MOST_AGENTS", 51)
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        for one in numbers(200):
            world.send(f"Connect#{one}", "CRM2,wrong")
        assert len(world.connector.hub.agents) == 51
        heard = Counter(event.split("#")[2] for event in await world.hears("CRM2", 200))
        assert heard == {"SUBSCRIPTION_FAILED": 50, "PLEASE_RETRY": 150}
        assert list(world.connector.hub.agents) == ["1001"]
        world.send("GetState#1001")
        assert what_each_heard(await world.hears("CRM1", 1)) == {"1001": ["State NOT_READY"]}


@pytest.mark.parametrize("count", [50, pytest.param(300, marks=[pytest.mark.conformance, pytest.mark.timeout(300)])])
async def test_agents_come_and_go(count: int) -> None:
    """Twice: of those who have gone nothing is left, neither agent nor session nor task."""
    ids = numbers(count)
    async with a_world(site(ids)) as world:
        before = alive()
        for _ in range(2):
            for one in ids:
                world.send(f"Connect#{one}", f"CRM1,agent-secret-{one}")
                world.send(f"Login#{one}", f"agent-secret-{one},4{one[1:]}")
                world.send(f"force_logout#{one}")
            heard = what_each_heard(await world.door.wait_for("CRM1", 4 * len(ids), 50))
            assert heard == {one: ["AgentInfo", "State NOT_READY", "DialogStatus", "State LOGOUT"] for one in ids}
            async with asyncio.timeout(20):
                while alive() != before:  # noqa: ASYNC110 - nothing tells that an object is gone
                    await asyncio.sleep(0.2)
            world.door.events.clear()


def alive() -> tuple[int, int, int]:
    """Count the agents, the sessions and the tasks, but not the simulator's for each connection that is kept."""
    gc.collect()
    kinds = Counter(type(one) for one in gc.get_objects())
    tasks = [task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task.get_coro())]
    return kinds[Agent], kinds[AgentSession], len(tasks)

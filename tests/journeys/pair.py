"""Instances that share a broker, a session store and the pretend Finesse, all in one process.

The broker is the one from inside, standing apart: it gives commands to exclusive consumers as ActiveMQ does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from generic_connector.agents.settings import AgentSettings
from generic_connector.app import Connector
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.activemq.check import try_broker
from generic_connector.broker.door import BrokerDoor
from generic_connector.broker.embedded.broker import EmbeddedBroker
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.instance import Instance, Role
from generic_connector.store.door import Changes, Holder, Key, LeaseReport, Saved, SessionStore, StoreUnavailable
from generic_connector.store.records import AgentRecord, DestinationRecord
from journeys.world import a_scenario, in_process, without_times

DEADLINE = 15.0
LEASE = 1.0


@dataclass
class SharedMemory:
    """What a Redis keeps. away: nobody can reach it."""

    records: dict[Key, AgentRecord | DestinationRecord] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    holder: object = None
    until: float = 0.0
    successor: object = None
    successor_until: float = 0.0
    away: bool = False


class MemoryStore:
    """A SessionStore in memory, as one of several instances sees it. cut_off: this one cannot reach it."""

    def __init__(self, memory: SharedMemory, lease: float = LEASE) -> None:
        self._memory = memory
        self._lease = lease
        self.cut_off = False

    async def hold(self, *, able: bool, insist: bool = False) -> LeaseReport:
        self._reach()
        now, memory = asyncio.get_running_loop().time(), self._memory
        if memory.holder not in (None, self) and now < memory.until and not insist:
            if able:
                memory.successor, memory.successor_until = self, now + self._lease
            return LeaseReport(holder=Holder.ANOTHER)
        fresh = memory.holder is not self
        memory.holder, memory.until = self, now + self._lease
        waits = memory.successor not in (None, self) and now < memory.successor_until
        return LeaseReport(holder=Holder.WE, fresh=fresh, successor=waits)

    async def release(self) -> None:
        self._reach()
        if self._memory.holder is self:
            self._memory.holder = None

    async def load(self) -> Saved:
        self._reach()
        records = self._memory.records.values()
        return Saved(
            destinations=tuple(each for each in records if isinstance(each, DestinationRecord)),
            agents=tuple(each for each in records if isinstance(each, AgentRecord)),
            begun=frozenset(self._memory.begun),
        )

    async def save(self, changes: Changes) -> None:
        self._reach()
        if self._memory.holder is not self:
            raise StoreUnavailable("the lease is not ours")
        for key, record in changes.items():
            if record is None:
                self._memory.records.pop(key, None)
            else:
                self._memory.records[key] = record

    async def begin(self, message_id: str) -> None:
        self._reach()
        self._memory.begun.add(message_id)

    async def close(self) -> None:
        pass

    def _reach(self) -> None:
        if self._memory.away or self.cut_off:
            raise StoreUnavailable("it cannot be reached")


@dataclass
class RunningInstance:
    """An instance and the task it runs in."""

    instance: Instance
    task: asyncio.Task[None]
    told_to_stop: asyncio.Event
    store: SessionStore | None

    @property
    def is_ready(self) -> bool:
        """Whether it serves and every agent's session is open."""
        connector = self.instance.connector
        up = connector is not None and all(agent.link.is_up for agent in connector.hub.agents.values())
        return up and self.instance.role is Role.ACTIVE

    @property
    def connector(self) -> Connector:
        """What it serves with now."""
        assert self.instance.connector is not None
        return self.instance.connector

    async def becomes(self, role: Role) -> None:
        """Wait until the instance has that role."""
        async with asyncio.timeout(DEADLINE):
            while self.instance.role is not role:  # noqa: ASYNC110  a deadline stands above
                await asyncio.sleep(0.01)

    @property
    def is_kept(self) -> bool:
        """Whether everything that changed is in the store."""
        return self.connector.hub.sessions.waiting == 0

    async def stop(self) -> None:
        """Tell it to stop, and wait until it has ended."""
        self.told_to_stop.set()
        await asyncio.wait_for(self.task, DEADLINE)

    async def die(self) -> None:
        """Let it end as a killed process does: sockets close, nothing is said, and what it held stays held."""
        if isinstance(self.store, MemoryStore):
            self.store.cut_off = True
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task


class Crm:
    """A client that remembers what it heard."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.heard: list[str] = []

    async def say(self, command: str, body: str = "") -> None:
        """Put a command into the connector's queue."""
        await self._client.send(command, body, queue="Connector1")

    async def hears(self, count: int) -> list[str]:
        """Wait for so many events and give them, times left out."""
        bodies = [without_times(await asyncio.wait_for(self._client.event(), DEADLINE)) for _ in range(count)]
        self.heard += bodies
        return bodies

    async def hears_up_to(self, *words: str) -> list[str]:
        """Wait until an event with each of these words came; give all events until then."""
        bodies: list[str] = []
        while not all(any(word in body for body in bodies) for word in words):
            bodies += await self.hears(1)
        return bodies

    async def sign_in(self, agent_id: str, destination: str) -> list[str]:
        """Connect and sign in; give the three events."""
        password = f"agent-secret-{agent_id}"
        await self.say(f"Connect#{agent_id}", f"{destination},{password}")
        await self.say(f"Login#{agent_id}", f"{password},4{agent_id[1:]}")
        return await self.hears(3)


@dataclass
class Stage:
    """What the instances share."""

    finesse: Simulator
    finesse_settings: FinesseSettings
    broker: EmbeddedBroker
    memory: SharedMemory
    running: list[RunningInstance] = field(default_factory=list)
    serving: list[int] = field(default_factory=list)
    drain: float = 5.0

    @property
    def broker_url(self) -> str:
        """Where the broker is."""
        return f"stomp://127.0.0.1:{self.broker.tcp_port}"

    def begin(
        self,
        store: SessionStore | None = None,
        *,
        url: str = "",
        priority: int = 127,
        make_door: Callable[[], BrokerDoor] | None = None,
    ) -> RunningInstance:
        """Start an instance. url: the broker's, where it is reached otherwise. make_door: instead of ActiveMQ's."""
        told_to_stop = asyncio.Event()
        make = make_door or partial(_activemq, url or self.broker_url, priority)
        instance = Instance(
            lambda: self._connector(store, make()),
            store=store,
            lease=LEASE,
            able=lambda: _can_be_reached(url or self.broker_url),
            on_role=lambda _: self._count(),
        )
        task = asyncio.create_task(instance.run(told_to_stop))
        running = RunningInstance(instance, task, told_to_stop, store)
        self.running.append(running)
        return running

    def _count(self) -> None:
        """Note how many serve, each time that this changes."""
        self.serving.append(sum(one.instance.role is Role.ACTIVE and not one.task.done() for one in self.running))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110  a deadline stands above
                await asyncio.sleep(0.01)

    def member(self, url: str = "") -> RunningInstance:
        """Start an instance of those that share the memory."""
        return self.begin(MemoryStore(self.memory), url=url)

    def _connector(self, store: SessionStore | None, door: BrokerDoor) -> Connector:
        agents = AgentSettings(reconnect_delay=0.05, reconnect_delay_max=0.5)
        return Connector(doors=[door], finesse=self.finesse_settings, agents=agents, store=store, drain=self.drain)

    @asynccontextmanager
    async def a_client(self, destination: str, *, url: str = "", hello: bool = True) -> AsyncIterator[Crm]:
        """Connect a client and let it say Hello, where it does."""
        async with connected(Target(url=BrokerUrl.parse(url or self.broker_url))) as client:
            await client.subscribe(destination)
            crm = Crm(client)
            if hello:
                await crm.say(f"Hello#{destination}")
                assert await crm.hears(1) == ["System#IN_SERVICE"]
            yield crm


def _activemq(url: str, priority: int) -> ActiveMqDoor:
    return ActiveMqDoor(
        ActiveMqSettings(urls=(url,), probe_interval=0.2, heart_beat_ms=500, consumer_priority=priority)
    )


async def _can_be_reached(url: str) -> bool:
    return (await try_broker(BrokerUrl.parse(url), ActiveMqSettings(urls=(url,), connect_deadline=1.0))).reachable


@asynccontextmanager
async def a_stage(scenario: Scenario | None = None) -> AsyncIterator[Stage]:
    """Put up the pretend Finesse and the broker; end what still runs afterwards."""
    scenario = scenario or a_scenario(pace=2.0)
    certificate = certificate_for(scenario)
    notifications = in_process(scenario, certificate)
    broker = EmbeddedBroker(EmbeddedSettings(command_queues=("Unused",), tcp_port=0, heart_beat_ms=500))
    await broker.start()
    try:
        async with Simulator(scenario, notifications, certificate) as simulator:
            settings = FinesseSettings(
                nodes=(simulator.rest_url,), xmpp_port=notifications.tls_port or 0, tls_verify=False, retry_delay=0.2
            )
            stage = Stage(simulator, settings, broker, SharedMemory())
            try:
                yield stage
            finally:
                for running in stage.running:
                    running.task.cancel()
                await asyncio.gather(*(running.task for running in stage.running), return_exceptions=True)
    finally:
        await broker.abort()

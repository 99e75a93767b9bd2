"""All the clients and agents that are played, and the load on them: an open loop, arrivals do not wait for answers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.agent import Agent, Order
from chaos.due import OURS, answers
from chaos.session import Session
from chaos.transcript import Heard, Sent
from generic_connector.conformance.control import Control, ControlError
from generic_connector.protocol.formats import Format

TICK = 0.05
BREATH = 50
"""Commands of a flood after which everything else gets a turn."""

BEAT_EVERY = 5.0
QUEUE_NUMBER = "8800"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is played. agents sit at `servers` destinations, `desktops` of them at one of their own each.

    calls, dials: arrivals a second, of customers and of numbers that agents dial.
    """

    agents: int = 200
    servers: int = 4
    desktops: int = 20
    calls: float = 4.0
    dials: float = 0.5


@dataclass(slots=True)
class Place:
    """A destination as its CRM knows it. status: the last System; beat: the Beat or Hello without an answer."""

    session: Session
    agents: list[Agent] = field(default_factory=list)
    status: str = ""
    beat: Sent | None = None
    beat_at: float = 0.0


def seats(load: Load) -> dict[str, list[str]]:
    """Give the destinations with the ids of their agents."""
    ids = [str(1001 + number) for number in range(load.agents)]
    at_desktops = ids[len(ids) - load.desktops :] if load.desktops else []
    at_servers = ids[: len(ids) - load.desktops]
    given = {f"CRM{number + 1}": at_servers[number :: load.servers] for number in range(load.servers)}
    return given | {f"DESK{agent_id}": [agent_id] for agent_id in at_desktops}


class Crowd:
    """The clients. control is the pretend Finesse's door, urls are the broker's.

    loaded: calls come; resting: nobody sends anything.
    """

    def __init__(self, load: Load, urls: Sequence[str], control: Control) -> None:
        self.load = load
        self.control = control
        self.agents: dict[str, Agent] = {}
        self.places: dict[str, Place] = {}
        self.heard: list[Heard] = []
        self.sent: dict[str, Sent] = {}
        self.known_states: dict[str, str] = {}
        self.loaded = False
        self.resting = False
        self._urls = urls
        self._ids = itertools.count(1)
        self._numbers = itertools.count(70_000_001)
        self._chance = random.Random(1)  # noqa: S311  no secret
        self._tasks: list[asyncio.Task[None]] = []
        for number, (destination, ids) in enumerate(seats(load).items()):
            self._add(destination, ids, Format.JSON if number % 2 == 0 else Format.TEXT)

    def _add(self, destination: str, ids: Sequence[str], event_format: Format) -> None:
        place = Place(Session(destination, self._urls, event_format, self))
        self.places[destination] = place
        for number, agent_id in enumerate(ids):
            agent = Agent(agent_id, destination, prober=number == 0 and len(ids) > 1)
            self.agents[agent_id] = agent
            place.agents.append(agent)

    @property
    def probers(self) -> list[Agent]:
        """The agents whose answers show that a destination is served."""
        return [agent for agent in self.agents.values() if agent.prober]

    # -- life

    async def start(self) -> None:
        """Connect all destinations; agents sign in by themselves."""
        for place in self.places.values():
            place.session.start()
        self._tasks = [asyncio.create_task(job()) for job in (self._tick, self._customers, self._dials)]

    async def stop(self) -> None:
        """End all connections. Agents stay signed in."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for place in self.places.values():
            await place.session.stop()

    def begin_book(self) -> None:
        """Begin a new play: what was heard and sent before is forgotten."""
        self.heard.clear()
        for place in self.places.values():
            place.session.lost.clear()
        self.sent = {one.id: one for one in self.waiting}
        self.known_states = {agent.id: agent.state for agent in self.agents.values()}

    @property
    def waiting(self) -> list[Sent]:
        """The commands that have no answer yet."""
        of_agents = [agent.waits_for for agent in self.agents.values()]
        return [one for one in (*of_agents, *(place.beat for place in self.places.values())) if one is not None]

    # -- what sessions tell

    def hear(self, heard: Heard) -> None:
        """Write an event down and let it reach whom it concerns."""
        self.heard.append(heard)
        place = self.places[heard.destination]
        if heard.name == "System":
            place.status = heard.state
        elif heard.name == "Destination":
            for agent in place.agents:
                agent.sign_in_again(heard.at)
        if place.beat is not None and answers(place.beat, heard):
            place.beat = None
        for agent in self._concerned(place, heard):
            agent.hear(heard)

    def _concerned(self, place: Place, heard: Heard) -> list[Agent]:
        agent = self.agents.get(heard.agent)
        if agent is not None and agent.destination == heard.destination:
            return [agent]
        return [one for one in place.agents if one.waits_for is not None and one.waits_for.id == heard.correlation]

    def was_cut_off(self, destination: str) -> None:
        """Say Hello, and let every agent look at its state."""
        place = self.places[destination]
        self._to_destination(place, "Hello")
        for agent in place.agents:
            agent.was_cut_off()

    def confirmed(self, sent: Sent) -> None:
        """Note that the broker has a command."""
        self.sent[sent.id] = sent
        agent = self.agents.get(sent.agent)
        if agent is not None and agent.waits_for is not None and agent.waits_for.id == sent.id:
            agent.waits_for = sent

    def unconfirmed(self, sent: Sent) -> None:
        """Let the agent, or the destination, go on without an answer: it will look at its state first."""
        agent = self.agents.get(sent.agent)
        place = self.places[sent.destination]
        if agent is not None and agent.waits_for is not None and agent.waits_for.id == sent.id:
            agent.was_cut_off()
        if place.beat is not None and place.beat.id == sent.id:
            place.beat = None

    # -- acting

    def _to_destination(self, place: Place, name: str) -> None:
        destination = place.session.destination
        place.beat = self._note(Sent(id=self._id(), at=time.time(), destination=destination, agent="", name=name))
        place.beat_at = place.beat.at
        place.session.send(f"{name}#{destination}", _asked_format(name, place), place.beat)

    def give(self, agent: Agent, order: Order) -> Sent:
        """Send an agent's command."""
        place = self.places[agent.destination]
        if order.name == "Login":
            place.session.send(f"Connect#{agent.id}", f"{agent.destination},{agent.password}")
        sent = Sent(
            id=self._id(),
            at=time.time(),
            destination=agent.destination,
            agent=agent.id,
            name=order.name,
            target=order.target,
        )
        place.session.send(f"{order.name}#{agent.id}", order.body, self._note(sent))
        return sent

    def _note(self, sent: Sent) -> Sent:
        self.sent[sent.id] = sent
        return sent

    def _id(self) -> str:
        return f"{OURS}{next(self._ids)}"

    async def _tick(self) -> None:
        while True:
            now = time.time()
            for place in self.places.values():
                if place.session.connected.is_set() and not self.resting:
                    self._act(place, now)
            await asyncio.sleep(TICK)

    def _act(self, place: Place, now: float) -> None:
        if place.beat is None and now - place.beat_at > BEAT_EVERY:
            self._to_destination(place, "Beat")
        if place.status != "IN_SERVICE":
            return
        for agent in place.agents:
            order = agent.next(now)
            if order is not None:
                agent.waits_for = self.give(agent, order)

    # -- load

    async def _customers(self) -> None:
        for number in itertools.count(1):
            await asyncio.sleep(self._chance.expovariate(self.load.calls))
            if self.loaded:
                with contextlib.suppress(ControlError):  # nobody can call a Finesse that is not there
                    await self.control.customer_calls(f"55{number:06}", QUEUE_NUMBER, {})

    async def _dials(self) -> None:
        while True:
            await asyncio.sleep(self._chance.expovariate(self.load.dials))
            free = [one for one in self.agents.values() if one.idle and not one.prober and one.state == "READY"]
            if self.loaded and free:
                self._chance.choice(free).number = str(next(self._numbers))

    async def flood(self, orders: Sequence[tuple[Agent, Order]]) -> None:
        """Send many commands as fast as the network takes them, beside what the agents do by themselves."""
        for number, (agent, order) in enumerate(orders):
            self.give(agent, order)
            if number % BREATH == 0:
                await asyncio.sleep(0)
            while self.places[agent.destination].session.is_full:  # noqa: ASYNC110  a pause is short
                await asyncio.sleep(TICK)

    @property
    def lost_connections(self) -> Counter[str]:
        """Why connections of clients ended, and how often."""
        return sum((place.session.lost for place in self.places.values()), Counter[str]())


def _asked_format(name: str, place: Place) -> str:
    return str(place.session.event_format).upper() if name == "Hello" else ""

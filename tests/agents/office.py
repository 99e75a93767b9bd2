"""A whole connector without networks: the hub between a Finesse and a broker that are both in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from functools import partial
from typing import Any

from prometheus_client import REGISTRY

from agents.fake_finesse import FakeFinesse, until
from agents.fake_site import FakeSite
from agents.people import ANN, BOB, COLLEAGUE, DESK, EXTENSION, SUE, ann, bob, sue
from generic_connector.agents.hub import Hub
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.broker.door import CommandMessage
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.model import User

CRM = "crm"
"""The destination that everybody belongs to where a test says nothing else."""

EXTENSIONS = {ANN: EXTENSION, BOB: COLLEAGUE, SUE: DESK}
SIGNED_IN = ["AgentInfo", "State NOT_READY", "DialogStatus -"]
"""What an agent hears who signs in while nothing is going on."""

RE_LOGIN = "1001#State#RE_LOGIN######1001####"


class Office:
    """What a test does as clients do, and what it looks at."""

    def __init__(self, finesse: FakeFinesse, hub: Hub, door: MemoryDoor) -> None:
        self.finesse = finesse
        self.hub = hub
        self.door = door
        self._read: dict[str, int] = {}

    def send(self, command: str, body: str = "", agent: str = ANN, **properties: Any) -> CommandMessage:
        """Send a command of an agent."""
        return self.door.deliver(f"{command}#{agent}", body, **properties)

    def connect(self, agent: str = ANN, destination: str = CRM, password: str = "") -> CommandMessage:
        """Send Connect."""
        return self.send("Connect", f"{destination},{password or self.finesse.passwords[agent]}", agent)

    def login(self, agent: str = ANN, password: str = "", **properties: Any) -> CommandMessage:
        """Send Login."""
        return self.send(
            "Login", f"{password or self.finesse.passwords[agent]},{EXTENSIONS[agent]}", agent, **properties
        )

    async def sign_in(self, agent: str = ANN, destination: str = CRM) -> None:
        """Connect and sign in, and hear what there is to hear."""
        self.connect(agent, destination)
        self.login(agent)
        await self.door.wait_for(destination, lambda bodies: any(f"{agent}#DialogStatus" in body for body in bodies))
        await self.idle(agent)
        self.forget(destination)

    def forget(self, destination: str = CRM) -> None:
        """Look only at what is told from now on."""
        self._read[destination] = len(self.door.bodies(destination))

    def bodies(self, destination: str = CRM) -> list[str]:
        """Give what was told since the test forgot, whole."""
        return self.door.bodies(destination)[self._read.get(destination, 0) :]

    def told(self, destination: str = CRM) -> list[str]:
        """Give what was told since the test forgot, in brief and without Ann's id."""
        return [brief(body) for body in self.bodies(destination)]

    async def hears(self, *expected: str, destination: str = CRM, agent: str = ANN) -> None:
        """Wait until as much was told as expected, and until the agent has nothing to do; then compare."""
        with suppress(TimeoutError):  # the comparison shows more
            await until(lambda: len(self.bodies(destination)) >= len(expected))
        await self.idle(agent)
        assert self.told(destination) == list(expected)

    async def idle(self, agent: str = ANN) -> None:
        """Wait until an agent has taken every notification and carried out every command."""
        await until(lambda: is_idle(self.hub, agent))

    def viewed(self, agent: str = ANN) -> str:
        """Give the state in which the connector believes the agent to be."""
        return self.hub.agents[agent].user.state


def is_idle(hub: Hub, agent_id: str) -> bool:
    """Whether nothing waits for an agent and nothing is being done."""
    agent = hub.agents.get(agent_id)
    if agent is None:
        return True
    inbox = agent._inbox
    return agent._active is None and not inbox._work and not inbox._news and not inbox._bell.is_set()


@asynccontextmanager
async def open_office(
    users: Sequence[User] = (), *, clients: ClientSettings | None = None, **settings: Any
) -> AsyncIterator[Office]:
    """Open an office with Ann, Bob and Sue, and leave nothing behind. settings: those of the agents."""
    finesse = FakeFinesse(ann(), bob(), sue(), *users)
    quick: dict[str, Any] = {"reconnect_delay": 0.001, "reconnect_delay_max": 0.01, "time_zone": UTC}
    site = FakeSite()
    hub = Hub(
        finesse=finesse,
        statistics=site,
        recorder=site,
        agents=AgentSettings(**(quick | settings)),
        clients=clients or ClientSettings(),
    )
    door = MemoryDoor()
    await door.start(partial(hub.receive, door), hub.gap_listener(door))
    try:
        yield Office(finesse, hub, door)
    finally:
        await hub.roster.stop()
        await door.stop()
    assert finesse.open_sessions() == []


def counted(name: str, **labels: str) -> float:
    """Give what a counter of the product says now."""
    return REGISTRY.get_sample_value(f"generic_connector_{name}_total", labels) or 0.0


def brief(body: str) -> str:
    """Shorten an event to what transcripts are about: whose, which, in what state. Ann's id is left out."""
    fields = body.split("#")
    if fields[0] in {"System", "DESTINATION"}:
        return body
    return " ".join([*([] if fields[0] == ANN else [fields[0]]), fields[1], *_essence(fields)])


def _essence(fields: list[str]) -> list[str]:
    match fields[1:]:
        case ["State", state, *_] if fields[8] != fields[0]:
            return [state, "of", fields[8]]
        case ["InboundCall" | "ConsultCall", state, dialog, *_]:
            return [state, dialog.partition(":")[2]]
        case ["NewInboundCall" | "NewOutboundPreviewCall", _, _, dialog, *_]:
            return [dialog.partition(":")[2]]
        case ["DialogStatus", first, *rest]:
            return [part for part in (first, *rest[3:4]) if part] or ["-"]
        case ["State" | "Error" | "DialogState" | "ConnectStatus", state, *_]:
            return [state]
    return []

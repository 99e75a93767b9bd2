"""A whole contact centre in one process: the pretend Finesse, the connector, an in-memory broker, and its clients."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from finesse_simulator import scenario as scenarios
from finesse_simulator.certificate import Certificate
from finesse_simulator.notifying import NotificationServer
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.vocabulary import Deployment
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.app import Connector
from generic_connector.broker.door import BrokerDoor
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.settings import FinesseSettings

TIME = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b")
DEADLINE = 10.0


def without_times(body: str) -> str:
    """Give an event with every time replaced by `<time>`: a transcript is compared, not the clock."""
    return TIME.sub("<time>", body)


def a_scenario(*, uccx: bool = False, pace: float = 10.0, **changes: Any) -> Scenario:
    """Give the built-in contact centre, on free ports and in a hurry."""
    scenario = scenarios.default()
    changes.setdefault("rest", msgspec.structs.replace(scenario.rest, https_port=0, http_port=-1))
    changes.setdefault("control", msgspec.structs.replace(scenario.control, port=-1))
    if uccx:
        changes.setdefault("deployment", Deployment.UCCX)
    return msgspec.structs.replace(scenario, pace=pace, **changes)


class Notifications(NotificationServer, Protocol):
    """A notification server that clients reach by direct TLS, or by WebSocket."""

    @property
    def tls_port(self) -> int | None:
        """Where it listens, after start()."""

    @property
    def secure_websocket_port(self) -> int | None:
        """Where it listens for WebSockets, after start()."""


MakeNotifications = Callable[[Scenario, Certificate], Notifications]


def in_process(scenario: Scenario, certificate: Certificate) -> XmppServer:
    """Make the notification server that needs no other software."""
    context = certificate.server_context()
    return XmppServer(domain=scenario.xmpp.domain, ssl_context=context, secure_websocket_port=0)


@dataclass
class World:
    """What a journey plays with."""

    finesse: Simulator
    notifications: Notifications
    connector: Connector
    door: MemoryDoor

    def send(self, command_type: str, body: str = "", *, reply_to: str = "") -> None:
        """Let a client send a command."""
        self.door.deliver(command_type, body, reply_to=reply_to)

    async def hears(self, destination: str, count: int) -> list[str]:
        """Wait until a destination got that many events since it was last asked; give them, times left out."""
        seen = self._seen.get(destination, 0)
        bodies = await self.door.wait_for(destination, seen + count, DEADLINE)
        self._seen[destination] = seen + count
        return [without_times(body) for body in bodies[seen : seen + count]]

    async def hears_until(self, destination: str, enough: Callable[[Sequence[str]], bool]) -> list[str]:
        """Wait until the events since the last look are enough; give them, times left out."""
        seen = self._seen.get(destination, 0)
        bodies = await self.door.wait_for(destination, lambda all_of_them: enough(all_of_them[seen:]), DEADLINE)
        self._seen[destination] = len(bodies)
        return [without_times(body) for body in bodies[seen:]]

    async def hears_up_to(self, destination: str, *words: str) -> list[str]:
        """Wait until events with all of these words came; give the events since the last look, times left out."""

        def enough(bodies: Sequence[str]) -> bool:
            return all(any(word in body for body in bodies) for word in words)

        return await self.hears_until(destination, enough)

    def unheard(self, destination: str) -> list[str]:
        """Give the events at a destination that no one waited for."""
        return [without_times(body) for body in self.door.bodies(destination)[self._seen.get(destination, 0) :]]

    async def sign_in(self, agent_id: str, destination: str, extension: str = "") -> list[str]:
        """Connect an agent and sign in; give the three events."""
        password = f"agent-secret-{agent_id}"
        self.send(f"Connect#{agent_id}", f"{destination},{password}")
        self.send(f"Login#{agent_id}", f"{password},{extension or '4' + agent_id[1:]}")
        return await self.hears(destination, 3)

    def __post_init__(self) -> None:
        self._seen: dict[str, int] = {}


@asynccontextmanager
async def a_world(
    scenario: Scenario | None = None,
    *,
    agents: AgentSettings | None = None,
    clients: ClientSettings | None = None,
    doors: Sequence[BrokerDoor] = (),
    make_notifications: MakeNotifications = in_process,
    websocket: bool = False,
    retry_delay: float = 1.0,
) -> AsyncIterator[World]:
    """Build the contact centre, and take it down again.

    doors: further doors beside the one in memory. websocket: notifications come that way, not by XMPP's own port.
    retry_delay: seconds until a node that was out of service is looked at again.
    """
    scenario = scenario or a_scenario()
    certificate = certificate_for(scenario)
    notifications = make_notifications(scenario, certificate)
    door = MemoryDoor()
    async with Simulator(scenario, notifications, certificate) as simulator:
        finesse = FinesseSettings(
            nodes=(simulator.rest_url,),
            xmpp_transport="websocket" if websocket else "tls",
            xmpp_port=(notifications.secure_websocket_port if websocket else notifications.tls_port) or 0,
            tls_verify=False,
            retry_delay=retry_delay,
        )
        connector = Connector(doors=[door, *doors], finesse=finesse, agents=agents, clients=clients)
        async with connector:
            yield World(simulator, notifications, connector, door)


# --- what events look like -------------------------------------------------------------------------------------------


def variables(ani: str, associated: str = "", **values: str) -> str:
    """Write the call variables of a text event."""
    pairs = [("ani", ani), ("associatedDialogId", associated)]
    pairs += [(f"callVariable{number}", values.pop(f"callVariable{number}", "")) for number in range(1, 11)]
    pairs += list(values.items())
    return "|".join(f"{name}={value}" for name, value in pairs)


def party(address: str, state: str, kind: str = "AGENT_DEVICE", cause: str = "") -> str:
    """Write one participant of a text event."""
    return f"{address},{state},{kind},{cause},<time>"


def as_json(body: str) -> Any:
    """Read a JSON event."""
    return json.loads(body)

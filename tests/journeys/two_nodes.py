"""A contact centre behind two Finesse nodes, A and B, and a connector that knows both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec

from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.scenario import Fidelity, Scenario, SecondServer, Timings, many_agents
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Deployment, Profile
from generic_connector.agents.settings import AgentSettings
from generic_connector.app import Connector
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.settings import FinesseSettings
from journeys.world import World

A, B = "a.example.test", "b.example.test"
QUICK = AgentSettings(reconnect_delay=0.05, reconnect_delay_max=0.2)


def two_node_scenario(
    agents: int = 3, *, uccx: bool = False, presence_loss: float = 600.0, late: str = "off", pace: float = 10.0
) -> Scenario:
    """Give a contact centre of two nodes. presence_loss: simulated seconds until a missed session has consequences.

    late: what a node does that misses a session which is at the other node (Fidelity.late_forced_logout).
    """
    base = many_agents(agents, deployment=Deployment.UCCX if uccx else Deployment.UCCE)
    return msgspec.structs.replace(
        base,
        profile=Profile.V12_6,  # each node tells its ports
        host=A,
        pace=pace,
        rest=msgspec.structs.replace(base.rest, http_port=-1),
        xmpp=msgspec.structs.replace(base.xmpp, domain=A, plain_port=-1),
        second_server=SecondServer(host=B, domain=B, https_port=0, plain_port=-1, tls_port=0),
        control=msgspec.structs.replace(base.control, port=-1),
        timings=Timings(presence_loss=presence_loss),
        fidelity=Fidelity(late_forced_logout=late),  # type: ignore[arg-type]
    )


@asynccontextmanager
async def two_nodes(
    scenario: Scenario | None = None, *, agents: AgentSettings = QUICK, **finesse: Any
) -> AsyncIterator[World]:
    """Build the contact centre, and take it down again. finesse: settings of the door to it."""
    async with make_simulator(scenario or two_node_scenario()) as simulator:
        quick: dict[str, Any] = {"health_interval": 0.3, "retry_delay": 0.1, "health_timeout": 1.0}
        settings = FinesseSettings(nodes=urls(simulator), tls_verify=False, **quick | finesse)
        door = MemoryDoor()
        async with Connector(doors=[door], finesse=settings, agents=agents) as connector:
            yield World(simulator, simulator.notification_server, connector, door)  # type: ignore[arg-type]


def urls(simulator: Simulator) -> tuple[str, ...]:
    """Give the addresses of the nodes, each by a name of its own."""
    first, second = (server.rest_url for server in simulator.servers)
    return first, second.replace("127.0.0.1", "localhost")


def node_in_use(world: World) -> str:
    """Say which node the connector uses."""
    port = urlsplit(world.connector.finesse.node).port
    return next(server.name for server in world.finesse.servers if urlsplit(server.rest_url).port == port)


def brief(events: Sequence[str]) -> list[str]:
    """Shorten events to what transcripts are about: which, in what state, which call."""
    return [_brief(event.split("#")) for event in events]


def _brief(fields: Sequence[str]) -> str:
    match fields[1:]:
        case ["InboundCall", state, dialog, *_]:
            return f"InboundCall {state} {dialog.partition(':')[2]}"
        case ["NewInboundCall", _, _, dialog, *_]:
            return f"NewInboundCall {dialog.partition(':')[2]}"
        case ["DialogStatus", first, state, *_]:
            return f"DialogStatus {first} {state}".strip()
        case ["State" | "Error" as name, what, *_]:
            return f"{name} {what}"
    return "#".join(fields[:2])


def patient(**changes: Any) -> AgentSettings:
    """Give the agents' settings with changes."""
    return replace(QUICK, **changes)

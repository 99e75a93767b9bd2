"""How long until all agents are back after one of two Finesse nodes died: `scripts/measure_failover.py [agents]`.

The pretend Finesse and the connector share one process, so a real connector is quicker. Finesse signs out whoever is
not back within 60 seconds.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable

import msgspec
import structlog

from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.scenario import SecondServer, many_agents
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Profile
from generic_connector.app import Connector
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.settings import FinesseSettings

A, B = "a.example.test", "b.example.test"


def contact_centre(agents: int) -> Simulator:
    """Make a contact centre with two nodes on free ports."""
    base = many_agents(agents)
    scenario = msgspec.structs.replace(
        base,
        profile=Profile.V12_6,
        host=A,
        xmpp=msgspec.structs.replace(base.xmpp, domain=A),
        second_server=SecondServer(host=B, domain=B, https_port=0, plain_port=-1, tls_port=0),
        control=msgspec.structs.replace(base.control, port=-1),
    )
    return make_simulator(scenario)


async def until(what: str, condition: Callable[[], bool]) -> None:
    """Wait until something holds, and print how long it took."""
    began = time.monotonic()
    while not condition():  # noqa: ASYNC110  what is waited for is in several rooms
        await asyncio.sleep(0.1)
    print(f"{what}: {time.monotonic() - began:.1f} s")


async def measure(agents: int) -> None:
    """Sign everybody in, kill the node in use, and wait until everybody has been read back at the other."""
    async with contact_centre(agents) as finesse:
        urls = tuple(server.rest_url for server in finesse.servers)
        door = MemoryDoor()
        async with Connector(doors=[door], finesse=FinesseSettings(nodes=urls, tls_verify=False)):
            for number in range(1001, 1001 + agents):
                door.deliver(f"Connect#{number}", f"CRM,agent-secret-{number}")
                door.deliver(f"Login#{number}", f"agent-secret-{number},{number + 3000}")
            await until("signed in", lambda: told(door) >= agents)
            await finesse.set_server_state("A", "killed")
            await until("sessions at the other node", lambda: finesse.counters()["sessions_now"]["B"] >= agents)
            await until("read back after that", lambda: told(door) >= 2 * agents)
            counters = finesse.counters()
            print("most sessions within a second:", counters["sessions_peak_per_second"]["B"])
            print("signed out by Finesse:", counters["forced_logouts"])
            print("errors told:", sum("#Error#" in body for body in door.bodies("CRM")))


def told(door: MemoryDoor) -> int:
    """Count who was told where everybody stands."""
    return sum("#DialogStatus#" in body for body in door.bodies("CRM"))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))

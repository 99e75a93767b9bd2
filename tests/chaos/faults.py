"""The faults: one row each, with what it does, how it is undone, and what it may do to the truth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from chaos.agent import Order
from chaos.site import Topology
from chaos.stage import Stage

Act = Callable[[Stage], Awaitable[None]]

ONE = Topology()
TWO_NODES = Topology(nodes=2)
TWO_LATE_NODES = Topology(nodes=2, late_logout=True)
TWO_BROKERS = Topology(brokers=2)
WITH_FILE = Topology(store="file")
PAIR = Topology(connectors=2, store="redis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row. lasts: seconds from the fault until it is undone. recovery: counted from the fault, or from its undoing.

    blind: what came and went at Finesse while it lasted could not be known by anybody. destinations: whom it concerns,
    empty for all. spoils: the site is not what it was afterwards. late: seconds that pass after the recovery before
    the play ends, for what comes late. forces_out: it signs agents out itself, which is not counted.
    """

    name: str
    topology: Topology
    inject: Act
    undo: Act | None = None
    lasts: float = 0.0
    recovery: Literal["fault", "undo"] = "undo"
    blind: bool = False
    destinations: frozenset[str] = frozenset()
    spoils: bool = False
    late: float = 0.0
    forces_out: bool = False


# -- brokers


async def _kill_broker(stage: Stage) -> None:
    stage.site.brokers[0].kill()


async def _restart_broker(stage: Stage) -> None:
    await stage.site.brokers[0].come()


async def _freeze_broker(stage: Stage) -> None:
    stage.site.brokers[0].freeze()


async def _thaw_broker(stage: Stage) -> None:
    stage.site.brokers[0].thaw()


async def _cut_broker(stage: Stage) -> None:
    for proxy in stage.site.broker_networks[0]:
        proxy.freeze()


async def _mend_broker(stage: Stage) -> None:
    for proxy in stage.site.broker_networks[0]:
        proxy.thaw()


# -- clients


async def _freeze_client(stage: Stage) -> None:
    stage.crowd.places["CRM1"].session.freeze()


async def _thaw_client(stage: Stage) -> None:
    stage.crowd.places["CRM1"].session.thaw()


async def _client_vanishes(stage: Stage) -> None:
    stage.crowd.places["CRM1"].session.vanish()


async def _client_comes_back(stage: Stage) -> None:
    stage.crowd.places["CRM1"].session.wanted.set()


async def _all_at_once(stage: Stage) -> None:
    agents = list(stage.crowd.agents.values())
    await stage.crowd.flood([(agents[number % len(agents)], Order("GetState")) for number in range(2000)])


async def _one_floods(stage: Stage) -> None:
    agent = stage.crowd.places["CRM1"].agents[1]
    await stage.crowd.flood([(agent, Order("GetState"))] * 10_000)


# -- Finesse


async def _cut_notifications(stage: Stage) -> None:
    await stage.control.tell("POST", "/disconnect", {})


async def _leave_service(stage: Stage) -> None:
    await stage.control.leave_service()


async def _return_to_service(stage: Stage) -> None:
    await stage.control.return_to_service()


def _presence(*, available: bool) -> Act:
    async def act(stage: Stage) -> None:
        await stage.control.tell("PUT", "/web-application", {"available": available})

    return act


def _node_a(state: str) -> Act:
    async def act(stage: Stage) -> None:
        await stage.control.tell("PUT", "/servers/A", {"state": state})

    return act


async def _force_out_late(stage: Stage) -> None:
    await stage.control.tell("POST", "/forced-logout", {"user": None, "server": "A"})


# -- connectors and their store


async def _kill_connector(stage: Stage) -> None:
    stage.site.connectors[0].kill()


async def _start_connector(stage: Stage) -> None:
    await stage.site.connectors[0].start()


async def _stop_connector(stage: Stage) -> None:
    await stage.site.connectors[0].terminate()


async def _freeze_connector(stage: Stage) -> None:
    stage.site.connectors[0].freeze()


async def _thaw_connector(stage: Stage) -> None:
    stage.site.connectors[0].thaw()


async def _cut_redis(stage: Stage) -> None:
    stage.site.redis_networks[0].freeze()


async def _mend_redis(stage: Stage) -> None:
    stage.site.redis_networks[0].thaw()


async def _kill_redis(stage: Stage) -> None:
    assert stage.site.redis is not None
    stage.site.redis.kill()


async def _restart_redis(stage: Stage) -> None:
    assert stage.site.redis is not None
    await stage.site.redis.start()


FAULTS = (
    Fault(name="broker killed and restarted", topology=ONE, inject=_kill_broker, undo=_restart_broker, lasts=2),
    Fault(name="broker frozen 8 s", topology=ONE, inject=_freeze_broker, undo=_thaw_broker, lasts=8),
    Fault(name="broker's network cut 8 s", topology=ONE, inject=_cut_broker, undo=_mend_broker, lasts=8),
    Fault(
        name="client frozen 8 s",
        topology=ONE,
        inject=_freeze_client,
        undo=_thaw_client,
        lasts=8,
        destinations=frozenset({"CRM1"}),
    ),
    Fault(
        name="client gone 8 s",
        topology=ONE,
        inject=_client_vanishes,
        undo=_client_comes_back,
        lasts=8,
        blind=True,
        destinations=frozenset({"CRM1"}),
    ),
    Fault(name="notification sessions cut", topology=ONE, inject=_cut_notifications, recovery="fault", blind=True),
    Fault(name="CTI outage 20 s", topology=ONE, inject=_leave_service, undo=_return_to_service, lasts=20, blind=True),
    Fault(
        name="presence of finesse@domain gone",
        topology=ONE,
        inject=_presence(available=False),
        undo=_presence(available=True),
        lasts=8,
        blind=True,
    ),
    Fault(name="2,000 commands at once", topology=ONE, inject=_all_at_once, recovery="fault"),
    Fault(name="one agent floods 10,000", topology=ONE, inject=_one_floods, recovery="fault"),
    Fault(
        name="broker killed and its partner takes over",
        topology=TWO_BROKERS,
        inject=_kill_broker,
        recovery="fault",
        spoils=True,
    ),
    Fault(
        name="node A killed", topology=TWO_NODES, inject=_node_a("killed"), recovery="fault", blind=True, spoils=True
    ),
    Fault(
        name="node A frozen", topology=TWO_NODES, inject=_node_a("frozen"), recovery="fault", blind=True, spoils=True
    ),
    Fault(
        name="node A's notification service killed",
        topology=TWO_NODES,
        inject=_node_a("notifications_down"),
        recovery="fault",
        blind=True,
        spoils=True,
    ),
    Fault(
        name="node A's web application down",
        topology=TWO_NODES,
        inject=_node_a("web_application_down"),
        recovery="fault",
        blind=True,
        spoils=True,
    ),
    Fault(
        name="node A killed and it signs out late",
        topology=TWO_LATE_NODES,
        inject=_node_a("killed"),
        undo=_force_out_late,
        lasts=10,
        recovery="fault",
        forces_out=True,
        blind=True,
        spoils=True,
    ),
    Fault(
        name="connector killed and restarted",
        topology=WITH_FILE,
        inject=_kill_connector,
        undo=_start_connector,
        lasts=1,
        recovery="fault",
        blind=True,
    ),
    Fault(
        name="connector stopped and restarted",
        topology=WITH_FILE,
        inject=_stop_connector,
        undo=_start_connector,
        lasts=1,
        recovery="fault",
        blind=True,
    ),
    Fault(
        name="active connector killed", topology=PAIR, inject=_kill_connector, recovery="fault", blind=True, spoils=True
    ),
    Fault(
        name="active connector frozen 15 s",
        topology=PAIR,
        inject=_freeze_connector,
        undo=_thaw_connector,
        lasts=15,
        recovery="fault",
        blind=True,
        spoils=True,
        late=10,
    ),
    Fault(
        name="active connector cut from the broker 15 s",
        topology=PAIR,
        inject=_cut_broker,
        undo=_mend_broker,
        lasts=15,
        recovery="fault",
        spoils=True,
        late=5,
    ),
    Fault(
        name="active connector cut from redis 15 s",
        topology=PAIR,
        inject=_cut_redis,
        undo=_mend_redis,
        lasts=15,
        recovery="fault",
        blind=True,
        spoils=True,
        late=5,
    ),
    Fault(
        name="redis killed and restarted",
        topology=PAIR,
        inject=_kill_redis,
        undo=_restart_redis,
        lasts=3,
        blind=True,
    ),
)
"""Every fault, those of one topology together."""

"""The end of silent monitoring: by the supervisor, or because the agent's call is gone.

Sources: finesse-rest.md sections 8.7 and 9.10; finesse-notifications.md section 11.7.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import CallType, DialogState, PartyState


def monitor_of(world: World, agent: Agent) -> Call | None:
    """Find the call that lets somebody overhear the agent."""
    for call in world.calls.values():
        party = call.party_of(agent)
        if call.type is CallType.SUPERVISOR_MONITOR and party is not None and party.passive and party.live:
            return call
    return None


def stop(world: World, monitor: Call, origin: Origin = NOBODY) -> None:
    """End the monitoring: the agent's silent leg goes first, the agent's own call goes on."""
    listening = [party.agent for party in monitor.parties if not party.passive]
    close(world, monitor, origin)
    for agent in listening:
        if agent is not None:
            agents.settle(world, agent, delay=world.scenario.timings.delete_to_ready)


def close(world: World, monitor: Call, origin: Origin = NOBODY) -> None:
    """End the monitoring and leave everybody's state alone."""
    monitor.cancel_timers()
    now = world.clock.moment()
    if monitor.state is DialogState.ACTIVE and world.scenario.ending == "full":
        for party in monitor.parties:
            if party.passive:
                party.enter(PartyState.DROPPED, now)
        world.tell_changed(monitor, origin)
        _drop_all(monitor, world)
        world.tell_changed(monitor)
        origin = NOBODY
    for agent in list(monitor.watchers):
        world.tell_left(monitor, agent, origin)
    _drop_all(monitor, world)
    wrap_up.forget_if_over(world, monitor)


def _drop_all(monitor: Call, world: World) -> None:
    for party in monitor.live_parties():
        party.enter(PartyState.DROPPED, world.clock.moment())
    monitor.state = DialogState.DROPPED


def agent_left(world: World, agent: Agent, call: Call) -> None:
    """Stop overhearing an agent who is off the call."""
    monitor = monitor_of(world, agent)
    if monitor is not None and monitor.overhears is call:
        stop(world, monitor)


def moved(world: World, agent: Agent, call: Call, to: Call) -> None:
    """Overhear an agent whose part in a call went on in another one."""
    monitor = monitor_of(world, agent)
    if monitor is not None and monitor.overhears is call:
        monitor.overhears = to

"""What becomes of an agent whose notification sessions are gone. Each server watches those at its own door.

A minute after the last session at a server has ended, that server gives the agent up. Who is still at another server,
or may still come back to one, is left alone; unless the scenario has servers be late (`late_forced_logout`).

Sources: finesse-notifications.md section 5; finesse-rest.md sections 5 and 14.1.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, state_requests, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import ON_CALL, AgentState


def session_opened(agent: Agent, resource: str, server: str) -> None:
    """Count a session in; it comes in time when the wait has not run out."""
    agent.sessions.setdefault(server, set()).add(resource)
    _stop_waiting(agent, server)


def session_closed(world: World, agent: Agent, resource: str, server: str) -> None:
    """Count a session out; with the last one at the server the wait begins."""
    resources = agent.sessions.get(server, set())
    if resource not in resources:
        return
    resources.discard(resource)
    if not resources:
        del agent.sessions[server]
        _wait(world, agent, server)


def server_lost(world: World, server: str) -> None:
    """Hear nothing of a server any more, though its sessions are open: everybody there is waited for."""
    world.lost_servers.add(server)
    for agent in world.agents.values():
        if server in agent.sessions:
            _wait(world, agent, server)


def server_found(world: World, server: str) -> None:
    """Hear of a server again: who is still there has come back in time, or not."""
    world.lost_servers.discard(server)
    for agent in world.agents.values():
        if server in agent.sessions:
            _stop_waiting(agent, server)


def force_out(world: World, agent: Agent) -> bool:
    """Do at once what a late server does; say whether there was anybody to do it to."""
    return _force(world, agent, late=True)


def _wait(world: World, agent: Agent, server: str) -> None:
    _stop_waiting(agent, server)
    delay = world.scenario.timings.presence_loss
    agent.farewells[server] = world.clock.after(delay, lambda: _give_up(world, agent, server))


def _stop_waiting(agent: Agent, server: str) -> None:
    farewell = agent.farewells.pop(server, None)
    if farewell is not None:
        farewell.cancel()


def _give_up(world: World, agent: Agent, server: str) -> None:
    del agent.farewells[server]
    late = _elsewhere(world, agent, server)
    if not late or world.scenario.fidelity.late_forced_logout != "off":
        _force(world, agent, late=late)


def _elsewhere(world: World, agent: Agent, server: str) -> bool:
    """Say whether the agent is at another server, or may still come back to one."""
    there = agent.sessions.keys() - world.lost_servers
    return bool((there | agent.farewells.keys()) - {server})


def _force(world: World, agent: Agent, *, late: bool) -> bool:
    """Sign the agent out (UCCX, or UCCE so configured), or make it not ready (UCCE by default)."""
    if not agent.signed_in:
        return False
    world.counts.forced += 1
    world.counts.late += late
    wanted = world.scenario.fidelity.late_forced_logout if late else "off"
    by_default = "logout" if world.scenario.uccx or world.scenario.logout_on_disconnect else "not_ready"
    if (by_default if wanted == "off" else wanted) == "logout":
        reason = world.system_reason("connection_logout", AgentState.LOGOUT)
        state_requests.force_out(world, agent, reason, NOBODY)
    else:
        _make_not_ready(world, agent)
    return True


def _make_not_ready(world: World, agent: Agent) -> None:
    reason = world.system_reason("connection_not_ready", AgentState.NOT_READY)
    if agent.state in ON_CALL:
        agents.make_pending(world, agent, AgentState.NOT_READY, reason)
    elif agent.work is not None:
        wrap_up.finish(world, agent, AgentState.NOT_READY, reason)
    else:
        agents.enter(world, agent, AgentState.NOT_READY, reason=reason)

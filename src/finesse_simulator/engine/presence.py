"""What becomes of an agent whose notification sessions are gone.

Sources: finesse-notifications.md section 5; finesse-rest.md sections 5 and 14.1.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, state_requests, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import ON_CALL, AgentState


def session_opened(agent: Agent, resource: str) -> None:
    """Count a session in; it comes in time when the wait has not run out."""
    agent.sessions.add(resource)
    if agent.farewell is not None:
        agent.farewell.cancel()
        agent.farewell = None


def session_closed(world: World, agent: Agent, resource: str) -> None:
    """Count a session out; with the last one the wait begins."""
    if resource not in agent.sessions:
        return
    agent.sessions.discard(resource)
    if not agent.sessions:
        agent.farewell = world.clock.after(world.scenario.timings.presence_loss, lambda: _give_up(world, agent))


def _give_up(world: World, agent: Agent) -> None:
    """Sign the agent out (UCCX, or UCCE so configured), or make it not ready (UCCE by default)."""
    agent.farewell = None
    if not agent.signed_in:
        return
    if world.scenario.uccx or world.scenario.logout_on_disconnect:
        reason = world.system_reason("connection_logout", AgentState.LOGOUT)
        state_requests.force_out(world, agent, reason, NOBODY)
        return
    reason = world.system_reason("connection_not_ready", AgentState.NOT_READY)
    if agent.state in ON_CALL:
        agents.make_pending(world, agent, AgentState.NOT_READY, reason)
    elif agent.work is not None:
        wrap_up.finish(world, agent, AgentState.NOT_READY, reason)
    else:
        agents.enter(world, agent, AgentState.NOT_READY, reason=reason)

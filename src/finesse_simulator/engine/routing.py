"""Queues: calls wait, the agent who has been ready longest is reserved, rung, and passed over when it does not answer.

Sources: finesse-rest.md sections 5, 9.2 and 9.4.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, calls
from finesse_simulator.engine.model import Agent, Call, Party
from finesse_simulator.engine.world import World
from finesse_simulator.scenario import Queue
from finesse_simulator.vocabulary import AgentState, CallType, DialogState


def enqueue(world: World, call: Call, queue: Queue) -> None:
    """Let a call wait for an agent of the queue."""
    call.queue, call.routed = queue, True
    if call.associated_id is None:  # a consultation stays one
        call.type = CallType.ACD_IN if world.scenario.uccx else CallType.PREROUTE_ACD_IN
    call.dialed_number = queue.number
    world.waiting.append(call)
    world.history.entered(call)
    route(world)


def route(world: World) -> None:
    """Give waiting calls, oldest first, to agents who are ready, longest first."""
    if not world.waiting:
        return
    busy = world.busy_addresses()
    ready = [agent for agent in world.agents.values() if agent.state is AgentState.READY]
    free = sorted((agent for agent in ready if agent.extension not in busy), key=lambda agent: agent.ready_since)
    for call in list(world.waiting):
        if not free:
            return
        agent = next((agent for agent in free if _serves(agent, call)), None)
        if agent is not None:
            free.remove(agent)
            world.waiting.remove(call)
            _reserve(world, call, agent)


def _serves(agent: Agent, call: Call) -> bool:
    return call.queue is not None and (not call.queue.agents or agent.id in call.queue.agents)


def _reserve(world: World, call: Call, agent: Agent) -> None:
    call.reserved = agent
    agents.enter(world, agent, AgentState.RESERVED)
    world.later(call, world.scenario.timings.reserved_to_alerting, lambda: _ring(world, call, agent))


def _ring(world: World, call: Call, agent: Agent) -> None:
    call.reserved = None
    call.dnis = agent.extension
    if world.busy(agent.extension):  # the phone was taken meanwhile
        _not_answered(world, call, agent)
        return
    party = calls.ring(world, call, agent.extension)
    if call.queue is not None:
        world.later(call, call.queue.ring_seconds, lambda: _ring_no_answer(world, call, party))


def _ring_no_answer(world: World, call: Call, party: Party) -> None:
    """Take the call back: the agent gets a DELETE as if the caller had gone, and is made not ready."""
    call.cancel_timers()
    agent = party.agent
    if agent is None:
        return
    world.tell_left(call, agent)
    call.parties.remove(party)
    call.state = DialogState.INITIATED
    world.tell_changed(call)
    _not_answered(world, call, agent)


def _not_answered(world: World, call: Call, agent: Agent) -> None:
    world.waiting.insert(0, call)
    if agent.pending is AgentState.LOGOUT:
        agents.resume(world, agent)
    else:
        reason = world.system_reason("not_answered", AgentState.NOT_READY)
        delay = world.scenario.timings.delete_to_ready
        agents.enter(world, agent, AgentState.NOT_READY, reason=reason, delay=delay)
    world.clock.after(0, world.route)

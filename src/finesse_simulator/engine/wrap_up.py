"""After-call work: who does it, how long, and how it ends.

Sources: finesse-rest.md sections 5 and 9.3; finesse-notifications.md section 11.1.
"""

from __future__ import annotations

from finesse_simulator.engine import agents
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Reason
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import AgentState, DialogState, PartyState, WrapUpMode

_ALWAYS = frozenset({WrapUpMode.REQUIRED, WrapUpMode.REQUIRED_WITH_WRAP_UP_DATA})


def applies(agent: Agent, call: Call) -> bool:
    """Say whether work follows this call. With OPTIONAL, it follows when the agent asked for a state meanwhile."""
    mode = mode_for(agent, call)
    return mode in _ALWAYS or (mode is WrapUpMode.OPTIONAL and agent.pending is not None)


def mode_for(agent: Agent, call: Call) -> WrapUpMode:
    """Give the agent's setting for this call: incoming counts when it came by a queue, outgoing when it placed it."""
    party = call.party_of(agent)
    if party is not None and party.address == call.from_address:
        consultation = call.associated_id is not None
        return (not consultation and agent.profile.wrap_up_on_outgoing) or WrapUpMode.NOT_ALLOWED
    return agent.profile.wrap_up_on_incoming if call.routed else WrapUpMode.NOT_ALLOWED


def begin(world: World, agent: Agent, call: Call) -> None:
    """Start the work; it ends by a request, or by its timer."""
    if agent.pending in {AgentState.READY, AgentState.NOT_READY}:
        agent.idle_state, agent.idle_reason = agent.pending, agent.pending_reason
        agent.pending = agent.pending_reason = None
    ready_next = agent.idle_state is AgentState.READY and agent.pending is None
    state = AgentState.WORK_READY if ready_next and not world.scenario.uccx else AgentState.WORK
    agent.work = call
    agent.work_timer = world.clock.after(agent.profile.wrap_up_seconds, lambda: _time_is_up(world, agent))
    agents.enter(world, agent, state, delay=world.scenario.timings.call_to_work)


def _time_is_up(world: World, agent: Agent) -> None:
    leave_call(world, agent)
    agents.resume(world, agent, delay=world.scenario.timings.delete_to_ready)


def data_missing(agent: Agent) -> bool:
    """Say whether the agent has to give a wrap-up reason before leaving."""
    call = agent.work
    required = WrapUpMode.REQUIRED_WITH_WRAP_UP_DATA
    if call is None or agent not in call.watchers:
        return False  # nowhere to enter it: the call was passed on
    return mode_for(agent, call) is required and not call.wrap_up_reason


def finish(world: World, agent: Agent, state: AgentState, reason: Reason | None, origin: Origin = NOBODY) -> None:
    """End the work by going to an idle state."""
    leave_call(world, agent)
    agents.enter(world, agent, state, reason=reason, origin=origin, delay=world.scenario.timings.delete_to_ready)


def leave_call(world: World, agent: Agent) -> None:
    """Let go of the call that was worked on; nothing happens when there is none."""
    call, agent.work = agent.work, None
    if agent.work_timer is not None:
        agent.work_timer.cancel()
        agent.work_timer = None
    if call is None:
        return
    party = call.party_of(agent)
    if party is None or party.state is not PartyState.WRAP_UP:
        return  # the call was passed on
    party.enter(PartyState.DROPPED, world.clock.moment())
    goes_on = bool(call.live_parties())
    if not goes_on and not any(other.state is PartyState.WRAP_UP for other in call.parties):
        call.state = DialogState.DROPPED
    world.tell_left(call, agent)
    if goes_on:
        call.parties.remove(party)
        world.tell_changed(call)
    forget_if_over(world, call)


def forget_if_over(world: World, call: Call) -> None:
    """Take a call out of the books when nobody is on it and nobody works on it."""
    if all(party.state is PartyState.DROPPED for party in call.parties):
        call.ended = True
        call.cancel_timers()
        world.history.over(call)
        world.calls.pop(call.id, None)
        world.clock.after(0, world.route)  # a phone is free

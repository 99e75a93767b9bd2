"""How an agent goes from state to state by itself: calls, ends of calls, forced changes.

Sources: finesse-rest.md sections 5 and 14.1. What clients ask for is in state_requests.
"""

from __future__ import annotations

from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Reason
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import ON_CALL, WRAPPING_UP, AgentState, PartyState

_IDLE = frozenset({AgentState.READY, AgentState.NOT_READY})
_HEARD = frozenset({PartyState.INITIATING, PartyState.INITIATED, PartyState.ACTIVE, PartyState.FAILED})


def enter(
    world: World,
    agent: Agent,
    state: AgentState,
    *,
    reason: Reason | None = None,
    origin: Origin = NOBODY,
    delay: float = 0.0,
    tell: bool = True,
) -> None:
    """Go to a state and say so, or leave that to the caller. The idle states are remembered to come back to."""
    agent.state, agent.reason, agent.changed = state, reason, world.clock.moment()
    if state in _IDLE:
        agent.idle_state, agent.idle_reason = state, reason
        agent.pending = agent.pending_reason = None
        agent.last_reason_id = str(reason.id) if reason else "-1"
    if tell:
        world.tell_user(agent, origin, delay=delay)
    if state is AgentState.READY:
        agent.ready_since = world.clock.now
        world.clock.after(0, world.route)


def talking(world: World, agent: Agent, *, routed: bool, delay: float = 0.0) -> None:
    """Be on a call. On UCCX a call that did not come by a queue leaves the state alone."""
    if agent.state is AgentState.TALKING or (world.scenario.uccx and not routed):
        return
    enter(world, agent, AgentState.TALKING, delay=delay)


def holding(world: World, agent: Agent, *, delay: float = 0.0) -> None:
    """Have every call on hold. UCCX knows no such state."""
    if not world.scenario.uccx and agent.state is AgentState.TALKING:
        enter(world, agent, AgentState.HOLD, delay=delay)


def settle(world: World, agent: Agent, *, delay: float = 0.0) -> None:
    """Go to the state that the agent's remaining calls ask for; without any, go on as after a call."""
    legs = world.legs(agent)
    heard = [call for call, party in legs if party.state in _HEARD and not _is_offer(call)]
    if heard:
        talking(world, agent, routed=any(call.routed for call in heard), delay=delay)
    elif any(party.state is PartyState.HELD for _, party in legs):
        holding(world, agent, delay=delay)
    elif not legs and (agent.state in ON_CALL or (agent.pending and agent.work is None)):
        resume(world, agent, delay=delay)


def _is_offer(call: Call) -> bool:
    """Say whether the call only offers a customer's record."""
    return call.outbound is not None and call.outbound.reservation


def resume(world: World, agent: Agent, *, delay: float = 0.0) -> None:
    """After a call: go to the state asked for meanwhile, else to the one before the call."""
    if agent.pending is AgentState.LOGOUT:
        sign_out(world, agent, agent.pending_reason)
        return
    if agent.state in _IDLE and agent.pending is None:
        return  # UCCX, a call that did not come by a queue
    state = agent.pending or agent.idle_state
    reason = agent.pending_reason if agent.pending else agent.idle_reason
    enter(world, agent, state, reason=reason, delay=delay)


def sign_out(world: World, agent: Agent, reason: Reason | None, origin: Origin = NOBODY) -> None:
    """Leave the phone, and with it what still rings there."""
    world.counts.sign_outs += 1
    for call in [call for call in world.calls.values() if agent in call.watchers]:
        world.tell_left(call, agent)
        party = call.party_of(agent)
        if party is not None:
            party.agent = None
    world.phones.pop(agent.extension, None)
    agent.extension, agent.mobile = "", None
    agent.pending = agent.pending_reason = None
    agent.last_reason_id = str(reason.id) if reason else "-1"
    enter(world, agent, AgentState.LOGOUT, reason=reason, origin=origin)


def make_pending(
    world: World, agent: Agent, state: AgentState, reason: Reason | None = None, origin: Origin = NOBODY
) -> None:
    """Remember a state for after the call, and say so."""
    agent.pending, agent.pending_reason = state, reason
    world.tell_user(agent, origin)


def ring_elsewhere(world: World, agent: Agent) -> None:
    """Have the phone ring for a call that came by no queue: no queue may choose this agent meanwhile (UCCX)."""
    if world.scenario.uccx and agent.state is AgentState.READY:
        reason = world.system_reason("non_icd_call", AgentState.NOT_READY)
        enter(world, agent, AgentState.NOT_READY, reason=reason)


def stop_work(world: World, agent: Agent) -> None:
    """Leave the after-call state when another call cut the work short and did not change the state (UCCX)."""
    if agent.state in WRAPPING_UP:
        reason = world.system_reason("non_icd_call", AgentState.NOT_READY)
        enter(world, agent, AgentState.NOT_READY, reason=reason)

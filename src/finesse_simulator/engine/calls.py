"""What happens to a call: it rings, is answered, held, retrieved, and ends.

Sources: finesse-rest.md sections 6 to 9; finesse-notifications.md sections 8.2, 10 and 11.1 to 11.3.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import ON_CALL, UNANSWERED, AgentState, CallType, DialogState, PartyState

_CALLING = frozenset({PartyState.INITIATING, PartyState.INITIATED})


def ring(world: World, call: Call, extension: str) -> Party:
    """Let a phone ring, and tell those on the call and the agent at the phone."""
    party = world.party(extension, PartyState.ALERTING)
    caller_is_agent = bool(call.watchers)
    call.parties.insert(1 if caller_is_agent else 0, party)
    call.state = DialogState.ALERTING
    world.tell_changed(call)
    if party.agent is not None:
        _ring_agent(world, call, party.agent)
        world.tell_entered(call, party.agent)
    if party.agent is not None and party.agent.profile.auto_answer:
        world.later(call, world.scenario.timings.auto_answer, lambda: answer(world, call, party))
    return party


def _ring_agent(world: World, call: Call, agent: Agent) -> None:
    if call.routed:
        return  # reserved before
    agents.ring_elsewhere(world, agent)
    if call.type is CallType.AGENT_INSIDE and agent.state is AgentState.READY:
        agents.enter(world, agent, AgentState.RESERVED)


def answer(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Establish the call: every party that waited becomes active, with the present as its start."""
    call.cancel_timers()
    world.history.answered(call)
    now = world.clock.moment()
    for one in call.parties:
        if one is party or one.state in _CALLING:
            one.enter(PartyState.ACTIVE, now)
            one.started = now
    call.state = DialogState.ACTIVE
    for one in call.parties:
        if one.agent is not None:
            wrap_up.leave_call(world, one.agent)
            agents.talking(world, one.agent, routed=call.routed)
            agents.stop_work(world, one.agent)
    world.tell_changed(call, origin, delay=world.scenario.timings.talking_to_active)


def hold(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Put one's own leg on hold; the start time stays."""
    party.enter(PartyState.HELD, world.clock.moment())
    if party.agent is not None:
        agents.holding(world, party.agent)
    world.tell_changed(call, origin, delay=world.scenario.timings.talking_to_active)


def retrieve(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Take one's own leg back."""
    party.enter(PartyState.ACTIVE, world.clock.moment())
    if party.agent is not None:
        agents.talking(world, party.agent, routed=call.routed)
    world.tell_changed(call, origin, delay=world.scenario.timings.talking_to_active)


def drop(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Hang up."""
    call.cancel_timers()
    if call.state in UNANSWERED:
        abandon(world, call, origin)
    else:
        _clear(world, call, party, origin)


def abandon(world: World, call: Call, origin: Origin = NOBODY) -> None:
    """End a call that nobody answered: each agent gets a DELETE in which only it has dropped (section 9.4)."""
    call.cancel_timers()
    if call in world.waiting:
        world.waiting.remove(call)
    reserved, call.reserved = call.reserved, None
    watchers = list(call.watchers)
    for agent in watchers:
        world.tell_left(call, agent, origin)
    _drop_all(world, call)
    wrap_up.forget_if_over(world, call)
    for agent in [*watchers, *([reserved] if reserved else [])]:
        _after_unanswered(world, agent)


def _after_unanswered(world: World, agent: Agent) -> None:
    """Go back to what was before; a NOT_READY agent whose phone rang in vain has gone nowhere."""
    if agent.state in ON_CALL or (agent.pending and agent.work is None):
        agents.resume(world, agent, delay=world.scenario.timings.delete_to_ready)


def _drop_all(world: World, call: Call) -> None:
    now = world.clock.moment()
    for party in call.parties:
        if party.state is not PartyState.DROPPED:
            party.enter(PartyState.DROPPED, now)
    call.state = DialogState.DROPPED


def _clear(world: World, call: Call, dropper: Party, origin: Origin) -> None:
    """End an answered call of two parties; nothing happens when it is worked on already."""
    if not call.live_parties():
        return
    working = [party for party in call.parties if party.agent is not None and wrap_up.applies(party.agent, call)]
    if working:
        _clear_with_work(world, call, working, origin)
    elif world.scenario.ending == "full":
        _clear_in_steps(world, call, dropper, origin)
    else:
        _leave(world, call, origin)


def _clear_in_steps(world: World, call: Call, dropper: Party, origin: Origin) -> None:
    dropper.enter(PartyState.DROPPED, world.clock.moment())
    world.tell_changed(call, origin)
    _drop_all(world, call)
    world.tell_changed(call)
    _leave(world, call, NOBODY)


def _leave(world: World, call: Call, origin: Origin) -> None:
    """Take the call from every agent who does not work on it, and let them go on."""
    leaving = [agent for agent in call.watchers if not _works_on(call, agent)]
    for agent in leaving:
        world.tell_left(call, agent, origin)
    if not call.watchers:
        _drop_all(world, call)
    wrap_up.forget_if_over(world, call)
    for agent in leaving:
        agents.resume(world, agent, delay=world.scenario.timings.delete_to_ready)


def _works_on(call: Call, agent: Agent) -> bool:
    party = call.party_of(agent)
    return party is not None and party.state is PartyState.WRAP_UP


def _clear_with_work(world: World, call: Call, working: list[Party], origin: Origin) -> None:
    """First the agent wraps up, then the other has dropped; the dialog stays ACTIVE (section 9.3)."""
    now = world.clock.moment()
    for party in working:
        party.enter(PartyState.WRAP_UP, now)
    world.tell_changed(call, origin)
    others = [party for party in call.parties if party.live]
    for party in others:
        party.enter(PartyState.DROPPED, now)
    if others:
        world.tell_changed(call, delay=world.scenario.timings.wrap_up_to_dropped)
    _leave(world, call, NOBODY)
    for party in working:
        if party.agent is not None:
            wrap_up.begin(world, party.agent, call)

"""How calls end, and how one of several leaves a call that goes on.

Sources: finesse-rest.md sections 9.2 to 9.5 and 9.9; finesse-notifications.md sections 11.1, 11.2 and 11.5.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, monitoring, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import UNANSWERED, CallType, DialogState, PartyState

_RINGING = frozenset({PartyState.ALERTING, PartyState.INITIATED, PartyState.INITIATING})
_ENOUGH = 2


def drop(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Hang up: of two parties the call ends, of more it goes on."""
    if call.type is CallType.SUPERVISOR_MONITOR:
        monitoring.stop(world, call, origin)
        return
    others = [other for other in call.live_parties() if other is not party]
    talking = [other for other in others if other.state not in _RINGING]
    if call.state in UNANSWERED or (others and not talking and not call.hidden_caller):
        abandon(world, call, origin)
    elif len(others) + call.hidden_caller >= _ENOUGH:
        _step_out(world, call, party, origin)
    else:
        call.cancel_timers()
        _clear(world, call, party, origin)


def drop_hidden(world: World, call: Call) -> None:
    """Let the caller hang up who withholds the number and is therefore in no list (section 6.2)."""
    call.hidden_caller = False
    drop(world, call, world.party("", PartyState.ACTIVE))


def abandon(world: World, call: Call, origin: Origin = NOBODY) -> None:
    """End a call that nobody answered: each agent gets a DELETE in which only it has dropped (section 9.4)."""
    call.cancel_timers()
    if call in world.waiting:
        world.waiting.remove(call)
    reserved, call.reserved = call.reserved, None
    _dismiss(world, call, origin, reserved)


def _dismiss(world: World, call: Call, origin: Origin, reserved: Agent | None = None) -> None:
    """Take the call from every agent who does not work on it, and let them go on."""
    leaving = [agent for agent in call.watchers if not _works_on(call, agent)]
    for agent in leaving:
        world.tell_left(call, agent, origin)
    if reserved is not None:
        leaving.append(reserved)
    finished = call.state in UNANSWERED or not call.watchers or any(party.state in _RINGING for party in call.parties)
    if finished:
        drop_all(world, call)
    _let_go(world, call, leaving)
    wrap_up.forget_if_over(world, call)
    for agent in leaving:
        agents.settle(world, agent, delay=world.scenario.timings.delete_to_ready)


def _let_go(world: World, call: Call, leaving: list[Agent]) -> None:
    for agent in leaving:
        party = call.party_of(agent)
        if party is not None:
            unlink(world, party)
        monitoring.agent_left(world, agent, call)


def drop_all(world: World, call: Call) -> None:
    """Let everybody be off the call who does not work on it."""
    now = world.clock.moment()
    for party in call.live_parties():
        party.enter(PartyState.DROPPED, now)
    call.hidden_caller = False
    call.state = DialogState.DROPPED


def unlink(world: World, party: Party) -> None:
    """Let a call and the consultation about it be strangers; what was offered for the pair is offered no more."""
    link, party.link = party.link, None
    if link is None:
        return
    call, other = link
    established = other.link is not None and other.link[0].answered
    other.link = None
    if established and other.state is PartyState.HELD:
        world.tell_changed(call)


# ---- two parties, of whom one hangs up


def _clear(world: World, call: Call, dropper: Party, origin: Origin) -> None:
    if not call.live_parties():
        return  # it is worked on already
    working = [party for party in call.live_parties() if _will_work(world, party, call)]
    if working or any(party.state is PartyState.WRAP_UP for party in call.parties):
        _clear_with_work(world, call, working, origin)
    elif world.scenario.ending == "full":
        _clear_in_steps(world, call, dropper, origin)
    else:
        _dismiss(world, call, origin)


def _will_work(world: World, party: Party, call: Call) -> bool:
    """Say whether work follows for the party: not while another call of the agent goes on."""
    agent = party.agent
    if agent is None or party.state in _RINGING or not wrap_up.applies(agent, call):
        return False
    return all(other is call for other, _ in world.legs(agent))


def _clear_in_steps(world: World, call: Call, dropper: Party, origin: Origin) -> None:
    dropper.enter(PartyState.DROPPED, world.clock.moment())
    world.tell_changed(call, origin)
    drop_all(world, call)
    world.tell_changed(call)
    _dismiss(world, call, NOBODY)


def _clear_with_work(world: World, call: Call, working: list[Party], origin: Origin) -> None:
    """First the agent wraps up, then the other has dropped; the dialog stays ACTIVE (section 9.3)."""
    now = world.clock.moment()
    for party in working:
        party.enter(PartyState.WRAP_UP, now)
    if working:
        world.tell_changed(call, origin)
    others = call.live_parties()
    for party in others:
        party.enter(PartyState.DROPPED, now)
    call.hidden_caller = False
    if others:
        world.tell_changed(call, delay=world.scenario.timings.wrap_up_to_dropped)
    _dismiss(world, call, NOBODY)
    for party in working:
        _begin_work(world, call, party)


def _begin_work(world: World, call: Call, party: Party) -> None:
    agent = party.agent
    if agent is None:
        return
    unlink(world, party)
    monitoring.agent_left(world, agent, call)
    wrap_up.begin(world, agent, call)


def _works_on(call: Call, agent: Agent) -> bool:
    party = call.party_of(agent)
    return party is not None and party.state is PartyState.WRAP_UP


# ---- one of several


def _step_out(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Leave a call that goes on: first shown as dropped, then not at all (section 9.9)."""
    agent, works = party.agent, _will_work(world, party, call)
    party.enter(PartyState.WRAP_UP if works else PartyState.DROPPED, world.clock.moment())
    world.tell_changed(call, origin)
    if works:
        _begin_work(world, call, party)
        return
    if agent is not None and agent in call.watchers:
        world.tell_left(call, agent)
    if party in call.parties:
        call.parties.remove(party)
    world.tell_changed(call)
    if agent is not None:
        unlink(world, party)
        monitoring.agent_left(world, agent, call)
        agents.settle(world, agent, delay=world.scenario.timings.delete_to_ready)
    world.clock.after(0, world.route)  # a phone is free

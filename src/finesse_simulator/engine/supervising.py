"""What supervisors do: overhear a member of a team, come into the call, put somebody off it.

Sources: finesse-rest.md sections 8.7 to 8.9, 9.10 and 9.11; finesse-notifications.md sections 11.7 and 11.8. No capture
of a barge exists: the agent consults the supervisor's phone, which answers by itself, and the two calls become a
conference. As with every call that the phone system places on somebody's behalf (section 9.8), the target sees a
temporary call beside it.
"""

from __future__ import annotations

from functools import partial

from finesse_simulator import api_errors
from finesse_simulator.engine import agents, calls, consulting, dialing, ending, monitoring, wrap_up
from finesse_simulator.engine.actions import is_conference, may_drop_others
from finesse_simulator.engine.model import Agent, Call, Leg, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import AgentState, CallType, DialogState, PartyState

_MOMENT = 0.001


# ---- silent monitor


def silent_monitor(world: World, supervisor: Agent, extension: str, origin: Origin) -> None:
    """Let the supervisor overhear the agent at an extension."""
    leg = audible(world, extension)
    agent = world.phones.get(extension)
    if agent is None or leg is None:
        world.tell_call_error(supervisor, _refusal(world, agent), origin)
    elif supervisor.state is not AgentState.NOT_READY or world.engaged(supervisor):
        world.tell_call_error(supervisor, api_errors.WRONG_STATE, origin)
    elif monitoring.monitor_of(world, agent) is not None:
        world.tell_call_error(supervisor, api_errors.RESOURCE_BUSY, origin)
    else:
        monitor = Call(world.new_id(), CallType.SUPERVISOR_MONITOR, supervisor.extension, overhears=leg[0])
        reach = partial(_listen, world, monitor, agent)
        dialing.place(world, monitor, supervisor, extension, reach=reach, origin=origin)


def audible(world: World, extension: str) -> Leg | None:
    """Find the call that can be overheard at an extension: established, not on hold, no monitoring itself."""
    agent = world.phones.get(extension)
    legs = world.legs(agent) if agent is not None else []
    talked = [leg for leg in legs if leg[1].state is PartyState.ACTIVE and leg[0].state is DialogState.ACTIVE]
    return next((leg for leg in talked if leg[0].type is not CallType.SUPERVISOR_MONITOR), None)


def _refusal(world: World, agent: Agent | None) -> api_errors.ApiError:
    refused = {AgentState.HOLD, AgentState.NOT_READY, AgentState.TALKING}
    if world.scenario.uccx or (agent is not None and agent.state in refused):
        return api_errors.monitor_refused(uccx=world.scenario.uccx)
    return api_errors.WRONG_STATE


def _listen(world: World, monitor: Call, agent: Agent) -> None:
    """Ring at the agent's phone without its noticing, and be through at once."""
    call = monitor.overhears
    own = call.party_of(agent) if call is not None else None
    if own is None or not own.live:
        ending.abandon(world, monitor)
        return
    overheard = world.party(agent.extension, PartyState.ALERTING)
    overheard.passive = True
    monitor.parties.append(overheard)
    monitor.state = DialogState.ALERTING
    world.tell_changed(monitor)
    world.tell_entered(monitor, agent)
    world.later(monitor, world.scenario.timings.auto_answer, lambda: calls.answer(world, monitor, overheard))


# ---- barge


def barge(world: World, supervisor: Agent, monitor: Call, origin: Origin) -> None:
    """Bring the supervisor into the call that is overheard."""
    found = barged(monitor)
    if found is None or supervisor not in monitor.watchers:
        world.tell_call_error(supervisor, api_errors.NO_ACTIVE_CALL, origin, monitor.uri)
        return
    call, party = found
    agent = party.agent
    if agent is None or party.state is not PartyState.ACTIVE or party.link is not None:
        world.tell_call_error(supervisor, api_errors.WRONG_STATE, origin, monitor.uri)
        return
    monitoring.close(world, monitor, origin)
    party.enter(PartyState.HELD, world.clock.moment())
    world.tell_changed(call)
    consultation = consulting.prepare(world, call, agent, monitor.id)
    consultation.reserved = supervisor
    number = supervisor.extension
    reach = partial(_ring, world, consultation, supervisor, party)
    consulting.start(world, consultation, found, number, reach=reach)


def barged(monitor: Call) -> Leg | None:
    """Find the overheard agent's part in the call."""
    call = monitor.overhears
    agent = next((party.agent for party in monitor.parties if party.passive), None)
    party = call.party_of(agent) if call is not None and agent is not None else None
    return (call, party) if call is not None and party is not None and party.live else None


def barge_fault(world: World, monitor: Call) -> api_errors.ApiFaultError | None:
    """Say why the supervisor cannot come into the call, None when nothing is in the way (section 8.8)."""
    found = barged(monitor)
    if found is None or monitor.state is not DialogState.ACTIVE:
        return api_errors.invalid_state("The call is not monitored")
    call, party = found
    if party.state is PartyState.HELD:
        return api_errors.invalid_destination("toAddress")
    if party.link is not None:
        return api_errors.barge_refused("20999", "A consultation is outstanding")
    if is_conference(call) and call.controller is not party.agent:
        return api_errors.barge_refused("20999", "The agent is not the conference controller")
    if len(call.live_parties()) + call.hidden_caller >= world.scenario.conference_parties:
        return api_errors.barge_refused("20700", "The conference is full")
    return None


def _ring(world: World, consultation: Call, supervisor: Agent, held: Party) -> None:
    """Ring at the supervisor's phone, which answers by itself."""
    if held.link is None or held.state is not PartyState.HELD:
        ending.abandon(world, consultation)
        return
    consultation.reserved = None
    temporary = _temporary(world, consultation, supervisor)
    party = world.party(supervisor.extension, PartyState.ALERTING)
    consultation.parties.append(party)
    consultation.state = DialogState.ALERTING
    world.tell_changed(consultation)
    world.tell_entered(consultation, supervisor, delay=_MOMENT)
    _forget(world, temporary)
    wait = world.scenario.timings.auto_answer
    world.later(consultation, wait, lambda: _come_in(world, consultation, party, held))


def _temporary(world: World, consultation: Call, supervisor: Agent) -> Call:
    now = world.clock.moment()
    kind = CallType.ACD_IN if world.scenario.uccx else CallType.PREROUTE_ACD_IN
    temporary = Call(world.new_id(), kind, consultation.from_address, supervisor.extension)
    temporary.dialed_number = temporary.dnis = supervisor.extension
    temporary.state = DialogState.ALERTING
    caller = Party(consultation.from_address, PartyState.INITIATED, now, now, device=True)
    temporary.parties = [world.party(supervisor.extension, PartyState.ALERTING), caller]
    temporary.variables.update(consultation.variables)
    world.add(temporary)
    world.tell_entered(temporary, supervisor)
    return temporary


def _forget(world: World, temporary: Call) -> None:
    temporary.type, temporary.state = CallType.TRANSFER, DialogState.DROPPED
    for party in temporary.parties:
        party.enter(PartyState.DROPPED, world.clock.moment(), "OTHER")
    for agent in list(temporary.watchers):
        world.tell_left(temporary, agent)
    wrap_up.forget_if_over(world, temporary)


def _come_in(world: World, consultation: Call, party: Party, held: Party) -> None:
    """Answer, and be in the conference: the supervisor's phone is shown ringing once more, now for the call itself."""
    calls.answer(world, consultation, party)
    if held.link is None or held.agent is None:
        return
    own = held.link[1]
    call = next(call for call, leg in world.legs(held.agent) if leg is held)
    consultation.type = CallType.CONFERENCE
    world.tell_changed(consultation)
    held.link = None
    held.enter(PartyState.ACTIVE, world.clock.moment())
    call.controller = held.agent
    consulting.merge(world, call, consultation, own, CallType.CONFERENCE)
    party.enter(PartyState.ALERTING, world.clock.moment())
    if party.agent is not None:
        world.tell_entered(call, party.agent)
    party.enter(PartyState.ACTIVE, world.clock.moment())
    agents.settle(world, held.agent)
    if party.agent is not None:
        agents.settle(world, party.agent)
    world.tell_changed(call, delay=world.scenario.timings.talking_to_active)


# ---- participant drop


def drop_participant(world: World, call: Call, party: Party, target: str, origin: Origin) -> None:
    """Put somebody off a conference."""
    if party.agent is None or not may_drop_others(call, party.agent, world.scenario):
        world.refuse(party, api_errors.DROP_NOT_ENABLED, origin, call)
        return
    victim = droppable(call, target)
    if victim is None:
        world.refuse(party, api_errors.UNREACHABLE, origin, call)
    else:
        ending.drop(world, call, victim, origin)


def droppable(call: Call, target: str) -> Party | None:
    """Find the agent's phone that can be put off the call."""
    party = call.party_at(target)
    states = {PartyState.ACTIVE, PartyState.ACCEPTED, PartyState.HELD}
    return party if party is not None and party.device and party.state in states else None

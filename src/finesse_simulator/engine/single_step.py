"""Passing a call on without a word: TRANSFER_SST, with its temporary call.

Sources: finesse-rest.md sections 8.4 and 9.8; finesse-notifications.md section 11.6. The transferor's view of the
temporary call before its DELETE is not captured: it is shown as the consultation that the phone system makes of it.
A target that is busy or nowhere is refused before anything happens.
"""

from __future__ import annotations

from dataclasses import replace

from finesse_simulator import api_errors
from finesse_simulator.api_errors import ApiError
from finesse_simulator.engine import agents, calls, consulting, dialing, ending, monitoring, routing, wrap_up
from finesse_simulator.engine.model import NOBODY, Agent, Call, Leg, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.scenario import Queue
from finesse_simulator.vocabulary import CallType, DialogState, PartyState

_ROUTED = {True: CallType.ACD_IN, False: CallType.PREROUTE_ACD_IN}
_MOMENT = 0.001


def transfer(world: World, call: Call, party: Party, number: str, origin: Origin) -> None:
    """Put the call on hold, dial, and let go as soon as the target rings."""
    agent, error = party.agent, _obstacle(world, party, number)
    if agent is None or error is not None:
        world.refuse(party, error or api_errors.WRONG_STATE, origin, call)
        return
    party.enter(PartyState.HELD, world.clock.moment())
    temporary = consulting.prepare(world, call, agent)
    temporary.wrap_up_reason = call.wrap_up_reason
    _show_hold(world, call, agent)
    leg = (call, party)
    consulting.start(world, temporary, leg, number, reach=lambda: _reach(world, leg, temporary, number))


def _show_hold(world: World, call: Call, agent: Agent) -> None:
    """Be on hold for a moment, and talk again for the temporary call."""
    agents.settle(world, agent)
    agents.talking(world, agent, routed=call.routed)
    world.tell_changed(call)


def _obstacle(world: World, party: Party, number: str) -> ApiError | None:
    if party.agent is not None and len(world.legs(party.agent)) > 1:
        return api_errors.WRONG_STATE
    if dialing.find_queue(world, number) is not None:
        return None
    if world.is_device(number):
        return api_errors.TARGET_BUSY if world.busy(number) else None
    outcome = dialing.outside_number(world, number).outcome
    return {"busy": api_errors.TARGET_BUSY, "bad": api_errors.UNREACHABLE}.get(outcome)


def _reach(world: World, leg: Leg, temporary: Call, number: str) -> None:
    """Let go towards the target, unless the call is over or taken back meanwhile."""
    party = leg[1]
    own = temporary.party_of(party.agent) if party.agent else None
    if own is None or party.link is None or party.state is not PartyState.HELD:
        ending.abandon(world, temporary)
        return
    queue = dialing.find_queue(world, number)
    if queue is not None:
        _to_queue(world, leg, temporary, queue)
    elif world.is_device(number) and world.busy(number):
        dialing.fail(world, temporary, "BUSY")
    else:
        _to_number(world, leg, temporary, number)


# ---- to a phone, of an agent or outside


def _to_number(world: World, leg: Leg, temporary: Call, number: str) -> None:
    call, party = leg
    _end_work_on(world, call, number)
    target = world.party(number, PartyState.ALERTING)
    temporary.parties.append(replace(target))
    temporary.state = DialogState.ALERTING
    world.tell_changed(temporary)
    party.link = None
    _connect(world, call, temporary, target)
    if target.agent is not None:
        calls.ring_agent(world, temporary, target.agent)
        _offer(world, temporary, leg, target.agent)
    agent = party.agent
    works = agent is not None and wrap_up.applies(agent, call)
    call.type, call.secondary_id, call.state = CallType.TRANSFER, None, DialogState.ACTIVE
    party.enter(PartyState.DROPPED, world.clock.moment(), "OTHER")
    call.parties.insert(0, target)
    if target.agent is not None:
        world.tell_entered(call, target.agent, delay=_MOMENT)
    _end_temporary(world, temporary)
    _leave(world, call, party, works=works)
    if target.agent is not None:
        world.tell_changed(call, only=[target.agent])  # data only


def _end_work_on(world: World, call: Call, number: str) -> None:
    """End the after-call work of a target who has left this very call: it comes back."""
    agent = world.phones.get(number)
    if agent is not None and agent.work is call:
        wrap_up.leave_call(world, agent)
        agents.resume(world, agent)


def _connect(world: World, call: Call, temporary: Call, target: Party) -> None:
    """Let the target answer by itself, or when its number says so."""
    temporary.cancel_timers()
    for one in temporary.parties:
        one.link = None
    if target.device:
        calls.answer_by_itself(world, call, target)
        return
    outside = dialing.outside_number(world, target.address)
    if outside.after >= 0:
        world.later(call, outside.after, lambda: calls.answer(world, call, target))


def _offer(world: World, temporary: Call, leg: Leg, agent: Agent) -> None:
    """Show the target who calls: the other party, as if at a phone of the contact centre."""
    now = world.clock.moment()
    caller = next((one.address for one in leg[0].live_parties() if one is not leg[1]), "")
    rung = [one for one in temporary.parties if one.agent is agent]
    shown = [Party(caller, PartyState.INITIATED, now, now, device=True)] if caller else []
    temporary.parties = [*rung, *shown]
    temporary.from_address, temporary.type, temporary.associated_id = caller, _ROUTED[world.scenario.uccx], None
    world.tell_entered(temporary, agent)


def _end_temporary(world: World, temporary: Call) -> None:
    """Delete the temporary call; everybody has dropped out of it for another reason."""
    now = world.clock.moment()
    temporary.type, temporary.state = CallType.TRANSFER, DialogState.DROPPED
    for one in temporary.parties:
        one.enter(PartyState.DROPPED, now, "OTHER")
    for agent in list(temporary.watchers):
        world.tell_left(temporary, agent, delay=world.scenario.timings.talking_to_active)
    wrap_up.forget_if_over(world, temporary)


def _leave(world: World, call: Call, party: Party, *, works: bool) -> None:
    """Take the transferor from the call, which everybody hears, and then the call from the transferor."""
    agent = party.agent
    call.parties.remove(party)
    world.tell_changed(call)
    if agent is None:
        return
    world.tell_left(call, agent, NOBODY)
    monitoring.agent_left(world, agent, call)
    consulting.leave_for_good(world, call, agent, works=works)


# ---- to a queue


def _to_queue(world: World, leg: Leg, temporary: Call, queue: Queue) -> None:
    """Let the others wait in the queue; the agent who serves it gets a fresh call with a new id."""
    call, party = leg
    agent = party.agent
    if agent is None:
        return
    works = wrap_up.applies(agent, call)
    party.link = None
    temporary.cancel_timers()
    _end_temporary(world, temporary)
    fresh = _fresh(world, call, party, queue)
    others = [one.agent for one in fresh.parties if one.agent in call.watchers and one.agent is not None]
    world.tell_left(call, agent)
    _move(world, call, fresh)
    monitoring.agent_left(world, agent, call)
    for other in others:
        world.tell_left(call, other)
        world.tell_entered(fresh, other)
    wrap_up.forget_if_over(world, call)
    consulting.leave_for_good(world, call, agent, works=works)
    routing.enqueue(world, fresh, queue)


def _fresh(world: World, call: Call, party: Party, queue: Queue) -> Call:
    fresh = Call(world.new_id(), _ROUTED[world.scenario.uccx], call.from_address, queue.number)
    fresh.dialed_number = fresh.dnis = queue.number
    fresh.variables.update(call.variables)
    fresh.outbound, fresh.hidden_caller = call.outbound, call.hidden_caller
    fresh.parties = [one for one in call.live_parties() if one is not party]
    return world.add(fresh)


def _move(world: World, call: Call, fresh: Call) -> None:
    """Let those who wait be on the fresh call, and nobody on the old one."""
    call.parties = [replace(one, link=None) for one in call.parties]
    ending.drop_all(world, call)
    call.type = CallType.TRANSFER
    for one in fresh.parties:
        one.enter(PartyState.INITIATED, world.clock.moment())
        if one.link is not None:
            one.link[1].link = (fresh, one)
        if one.agent is not None:
            monitoring.moved(world, one.agent, call, fresh)

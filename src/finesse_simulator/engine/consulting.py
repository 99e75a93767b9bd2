"""Asking somebody else while the call is on hold: the consultation and what can become of the two calls.

Sources: finesse-rest.md sections 8.2, 8.3, 9.7 and 9.9; finesse-notifications.md sections 11.4 and 11.5. Where these
do not say: the request of a consultation is echoed when the new call appears; a conference shows its controller back
on the call first, then the consultation's end, then everybody.
"""

from __future__ import annotations

from dataclasses import replace

from finesse_simulator import api_errors
from finesse_simulator.engine import agents, calls, dialing, ending, monitoring, wrap_up
from finesse_simulator.engine.clock import Task
from finesse_simulator.engine.model import NOBODY, Agent, Call, Leg, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import CallType, DialogState, PartyState


def consult(world: World, call: Call, party: Party, number: str, origin: Origin) -> None:
    """Put the call on hold and dial a colleague, a queue or a number outside."""
    agent = party.agent
    if agent is None or len(world.legs(agent)) > 1:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    calls.hold(world, call, party)
    consultation = prepare(world, call, agent)
    start(
        world,
        consultation,
        (call, party),
        number,
        reach=lambda: dialing.reach(world, consultation, number),
        origin=origin,
    )


def prepare(world: World, call: Call, agent: Agent, associated_id: int | None = None) -> Call:
    """Make a consultation that carries the data of the call, in nobody's collection yet."""
    kind = CallType.OUT if world.scenario.uccx else CallType.CONSULT
    variables = dict(call.variables)
    asked = associated_id or call.id
    return Call(world.new_id(), kind, agent.extension, variables=variables, associated_id=asked)


def start(world: World, consultation: Call, held: Leg, number: str, *, reach: Task, origin: Origin = NOBODY) -> None:
    """Dial, with the held call at the other end of the link."""
    agent = held[1].agent
    if agent is not None:
        party = dialing.place(world, consultation, agent, number, reach=reach, origin=origin)
        party.link, held[1].link = held, (consultation, party)


# ---- completing


def transfer(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Leave both calls and let the others talk, on the held one."""
    joined = _joined(party)
    agent = party.agent
    if joined is None or agent is None:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    other, own = joined
    works = wrap_up.applies(agent, call)
    world.tell_left(call, agent, origin)
    party.enter(PartyState.DROPPED, world.clock.moment(), "OTHER")
    party.link = None
    movers = merge(world, call, other, own, CallType.TRANSFER)
    call.controller = next((mover.agent for mover in movers if mover.agent), None) if call.controller else None
    _admit(world, call, movers)
    call.parties.remove(party)
    world.tell_changed(call)
    monitoring.agent_left(world, agent, call)
    monitoring.agent_left(world, agent, other)
    leave_for_good(world, call, agent, works=works)


def leave_for_good(world: World, call: Call, agent: Agent, *, works: bool) -> None:
    """Go on after a call that was passed on: its data is out of reach, but work may follow."""
    if works and not world.legs(agent):
        wrap_up.begin(world, agent, call)
    else:
        agents.settle(world, agent, delay=world.scenario.timings.delete_to_ready)
    world.clock.after(0, world.route)  # a phone is free


def conference(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Bring everybody together on the held call."""
    joined = _joined(party)
    agent = party.agent
    if joined is None or agent is None:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    other, own = joined
    if call.type is CallType.CONFERENCE and call.controller is not agent:
        world.refuse(party, api_errors.not_controller(uccx=world.scenario.uccx), origin, call)
    elif too_many(world, call, other):
        world.refuse(party, api_errors.CONFERENCE_FULL, origin, call)
    else:
        _bring_together(world, call, party, (other, own), origin)


def too_many(world: World, *together: Call) -> bool:
    """Say whether a conference of these calls would be too big; the one who brings them together counts once."""
    parties = sum(len(call.live_parties()) + call.hidden_caller for call in together)
    return parties - (len(together) - 1) > world.scenario.conference_parties


def _bring_together(world: World, call: Call, party: Party, joined: tuple[Call, Party], origin: Origin) -> None:
    other, own = joined
    if party.agent is None:
        return
    call.controller = party.agent
    party.enter(PartyState.ACTIVE, world.clock.moment())
    party.link = None
    call.type, call.secondary_id = CallType.CONFERENCE, other.id
    world.tell_changed(call, origin)
    movers = merge(world, call, other, own, CallType.CONFERENCE)
    former = list(call.watchers)
    _admit(world, call, movers)
    world.tell_changed(call, only=former)
    monitoring.moved(world, party.agent, other, call)
    agents.settle(world, party.agent)


def _joined(party: Party) -> tuple[Call, Party] | None:
    """Give the established call that stands against a held one."""
    if party.link is None or party.link[0].state is not DialogState.ACTIVE:
        return None
    return party.link


def _dissolve(world: World, other: Call, own: Party) -> list[Party]:
    """End the call that is merged into the other; give the parties who go on there."""
    now = world.clock.moment()
    other.cancel_timers()
    movers = [party for party in other.live_parties() if party is not own]
    own.link = None
    other.parties = [replace(party, link=None) for party in other.parties]
    ending.drop_all(world, other)
    watchers = sorted(other.watchers, key=lambda agent: agent is not own.agent)
    own.enter(PartyState.DROPPED, now)
    for agent in watchers:
        world.tell_left(other, agent)
    wrap_up.forget_if_over(world, other)
    return movers


def merge(world: World, call: Call, other: Call, own: Party, kind: CallType) -> list[Party]:
    """Let the parties of one call be parties of the other, with all that hangs on them; give who came."""
    call.hidden_caller = call.hidden_caller or other.hidden_caller
    movers = _dissolve(world, other, own)
    call.type, call.secondary_id, call.associated_id = kind, other.id, None
    call.state = DialogState.ACTIVE
    if other.queue is not None and call.queue is None:
        call.queue = other.queue
    call.routed = call.routed or other.routed
    call.outbound = call.outbound or other.outbound
    _rename_status(world, call, kind)
    for party in movers:
        call.parties.insert(0 if kind is CallType.TRANSFER else len(call.parties), party)
        if party.link is not None:
            party.link[1].link = (call, party)
        if party.agent is not None:
            monitoring.moved(world, party.agent, other, call)
    return movers


def _rename_status(world: World, call: Call, kind: CallType) -> None:
    """Tell on UCCX that a dialler's call is not with its first agent alone any more (section 7.4)."""
    if world.scenario.uccx and call.outbound is not None and not call.outbound.direct:
        call.variables["BAStatus"] = "TRANSFERRED" if kind is CallType.TRANSFER else "CONFERENCED"


def _admit(world: World, call: Call, movers: list[Party]) -> None:
    """Put the call into the collections of the agents who come to it."""
    for party in movers:
        if party.agent is not None and party.agent not in call.watchers:
            agents.settle(world, party.agent)
            world.tell_entered(call, party.agent)

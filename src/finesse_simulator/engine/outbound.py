"""Calls of campaigns: a customer's record is offered first (preview), or the customer comes on the line (progressive).

Sources: finesse-rest.md sections 6.3, 7.4, 8.11 and 9.12; finesse-notifications.md section 11.9. No captures exist.
Where these do not say: on UCCE the reservation is a call that the agent's phone answers by itself, told before the
agent's state, as clients of the original connector saw it; on UCCX it begins as the agent's own outgoing call and
becomes the preview. A customer whose number is not listed answers. A decision shows as BAResponse before the
reservation goes.
"""

from __future__ import annotations

from collections.abc import Mapping

from finesse_simulator import api_errors
from finesse_simulator.engine import agents, calls, dialing, ending, wrap_up
from finesse_simulator.engine.actions import knows_direct_preview
from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.engine.model import Agent, Call, Origin, Outbound, Party
from finesse_simulator.engine.world import World
from finesse_simulator.scenario import Campaign, OutsideNumber
from finesse_simulator.vocabulary import AgentState, CallType, DialogState, PartyState, Profile

_PROGRESSIVE = "PROGRESSIVE"
_UNANSWERED_SECONDS = 15.0


# ---- beginning


def start_preview(world: World, who: str, customer: str, variables: Mapping[str, str]) -> Call:
    """Offer a customer's record to an agent, or to the longest ready agent of a campaign."""
    campaign, agent = _choose(world, who, "preview")
    direct = world.scenario.uccx or campaign.mode == "direct_preview"
    if direct and not knows_direct_preview(world.scenario):
        raise NotReachableError("direct preview needs UCCX, or UCCE 12.6")
    mode = "DIRECT_PREVIEW" if direct else "PREVIEW"
    kind = CallType.OUTBOUND_PREVIEW
    if direct and world.scenario.profile is Profile.V12_6:
        kind = CallType.OUTBOUND_DIRECT_PREVIEW
    record = Outbound(agent, customer, mode, campaign.number, direct=direct)
    return offer(world, record, kind, _record_variables(world, campaign, customer, variables))


def start_progressive(world: World, who: str, customer: str, variables: Mapping[str, str]) -> Call:
    """Give a customer who has answered to an agent, or to the longest ready agent of a campaign."""
    campaign, agent = _choose(world, who, "progressive")
    record = Outbound(agent, customer, _PROGRESSIVE, campaign.number)
    call = Call(world.new_id(), CallType.OUTBOUND, agent.extension, customer, customer, customer, outbound=record)
    call.variables.update(_record_variables(world, campaign, customer, variables))
    call.variables["BAStatus"] = f"{_PROGRESSIVE}_OUTBOUND"
    call.routed, call.reserved = True, agent
    world.add(call)
    agents.enter(world, agent, AgentState.RESERVED_OUTBOUND)
    world.later(call, world.scenario.timings.reserved_to_alerting, lambda: _ring(world, call, record))
    return call


def _choose(world: World, who: str, mode: str) -> tuple[Campaign, Agent]:
    """Find the agent and the campaign; who names one of them."""
    campaign = next((one for one in world.scenario.campaigns if one.name == who), None)
    serving = campaign.agents or tuple(world.agents) if campaign is not None else (who,)
    ready = [world.agents[one] for one in serving if one in world.agents and _is_free(world, world.agents[one])]
    if not ready:
        raise NotReachableError(f"{who}: no such agent or campaign, or nobody is ready")
    agent = min(ready, key=lambda one: one.ready_since)
    fitting = (one for one in world.scenario.campaigns if mode in one.mode and agent.id in (one.agents or (agent.id,)))
    return campaign or next(fitting, None) or Campaign(name="Campaign"), agent


def _is_free(world: World, agent: Agent) -> bool:
    return agent.state is AgentState.READY and not world.busy(agent.extension)


def _record_variables(world: World, campaign: Campaign, customer: str, variables: Mapping[str, str]) -> dict[str, str]:
    record = {
        "BACampaign": campaign.name,
        "BAAccountNumber": "",
        "BAResponse": "",
        "BAStatus": "",
        "BADialedListID": "",
        "BATimeZone": "",
        "BABuddyName": "",
    }
    if world.scenario.uccx:
        record["BACustomerNumber"] = customer
    return record | dict(variables)


# ---- the reservation


def offer(world: World, record: Outbound, kind: CallType, variables: Mapping[str, str]) -> Call:
    """Reserve the agent and show the record."""
    agent = record.agent
    call = Call(world.new_id(), kind, record.port, agent.extension, agent.extension, agent.extension, outbound=record)
    record.reservation = True
    call.variables.update(variables)
    call.variables["BAStatus"] = f"{record.mode}_OUTBOUND_RESERVATION"
    call.reserved = agent
    world.add(call)
    agents.enter(world, agent, AgentState.RESERVED_OUTBOUND_PREVIEW, tell=world.scenario.uccx)
    show = _show_own_call if world.scenario.uccx else _show_reservation
    world.later(call, world.scenario.timings.reserved_to_alerting, lambda: show(world, call, record))
    return call


def _show_reservation(world: World, call: Call, record: Outbound) -> None:
    call.reserved = None
    call.state = DialogState.ALERTING
    own = world.party(record.agent.extension, PartyState.ALERTING)
    port = world.party(record.port, PartyState.INITIATED)
    call.parties += [own, port]
    world.tell_entered(call, record.agent)
    world.tell_user(record.agent)
    world.later(call, world.scenario.timings.auto_answer, lambda: _establish(world, call, own, port))


def _establish(world: World, call: Call, own: Party, port: Party) -> None:
    """Let the phone answer the dialler."""
    own.enter(PartyState.ACTIVE, world.clock.moment())
    call.state = DialogState.ACTIVE
    world.tell_changed(call, delay=world.scenario.timings.talking_to_active)
    port.enter(PartyState.ACTIVE, world.clock.moment())
    world.tell_changed(call)


def _show_own_call(world: World, call: Call, record: Outbound) -> None:
    call.reserved = None
    kind, call.type, call.state = call.type, CallType.OUT, DialogState.INITIATING
    own = world.party(record.agent.extension, PartyState.INITIATING)
    call.parties.append(own)
    world.tell_entered(call, record.agent)
    world.later(call, world.scenario.timings.initiating_to_initiated, lambda: _become_preview(world, call, own, kind))


def _become_preview(world: World, call: Call, own: Party, kind: CallType) -> None:
    call.type, call.state = kind, DialogState.ACTIVE
    own.enter(PartyState.ACTIVE, world.clock.moment())
    world.tell_changed(call)


# ---- the agent's decision


def accept(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Let the customer be dialled."""
    call.cancel_timers()
    party.enter(PartyState.ACCEPTED, world.clock.moment())
    call.state = DialogState.ACCEPTED
    world.tell_changed(call, origin)
    world.later(call, world.scenario.timings.initiating_to_initiated, lambda: _dial(world, call, party))


def reject(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Give the record back."""
    _decline(world, call, party, "REJECT", origin)


def close(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Finish the record."""
    _decline(world, call, party, "CLOSE", origin)


def _decline(world: World, call: Call, party: Party, response: str, origin: Origin) -> None:
    call.variables["BAResponse"] = response
    world.tell_changed(call, origin)
    _end_reservation(world, call)
    if party.agent is not None:
        agents.settle(world, party.agent, delay=world.scenario.timings.delete_to_ready)


def _end_reservation(world: World, call: Call) -> None:
    call.cancel_timers()
    ending.drop_all(world, call)
    for agent in list(call.watchers):
        world.tell_left(call, agent)
    wrap_up.forget_if_over(world, call)


def _dial(world: World, reservation: Call, party: Party) -> None:
    """Place the customer's call; what the dialler knows of it follows a moment later."""
    record, agent = reservation.outbound, party.agent
    if record is None or agent is None:
        _end_reservation(world, reservation)
        return
    leg = Outbound(agent, record.customer, record.mode, record.port, direct=record.direct)
    call = Call(world.new_id(), CallType.OUTBOUND, agent.extension, outbound=leg, routed=True)
    call.variables.update(reservation.variables)
    call.variables["BAStatus"] = ""
    if world.scenario.uccx:
        _end_reservation(world, reservation)
    number = record.customer
    dialing.place(
        world, call, agent, number, reach=lambda: dialing.reach_outside(world, call, _customer(world, number))
    )
    if not world.scenario.uccx:
        _end_reservation(world, reservation)
    call.variables["BAStatus"] = f"{record.mode}_OUTBOUND"
    world.tell_changed(call)


def _customer(world: World, number: str) -> OutsideNumber:
    listed = {outside.number for outside in world.scenario.outside_numbers}
    return dialing.outside_number(world, number) if number in listed else OutsideNumber(number=number)


# ---- progressive


def _ring(world: World, call: Call, record: Outbound) -> None:
    """Bring the customer to the agent's phone."""
    call.reserved = None
    call.state = DialogState.ALERTING
    party = world.party(record.agent.extension, PartyState.ALERTING)
    customer = world.party(record.customer, PartyState.ACTIVE)
    call.parties += [party, customer]
    world.tell_entered(call, record.agent)
    calls.answer_by_itself(world, call, party)
    world.later(call, _UNANSWERED_SECONDS, lambda: _not_answered(world, call, record.agent))


def _not_answered(world: World, call: Call, agent: Agent) -> None:
    """Lose the customer and make the agent not ready (section 5)."""
    call.cancel_timers()
    world.tell_left(call, agent)
    ending.drop_all(world, call)
    wrap_up.forget_if_over(world, call)
    if agent.pending is AgentState.LOGOUT:
        agents.resume(world, agent)
        return
    reason = world.system_reason("not_answered", AgentState.NOT_READY)
    agents.enter(world, agent, AgentState.NOT_READY, reason=reason)


# ---- correcting the outcome


def reclassify(world: World, call: Call, party: Party, outcome: str, origin: Origin) -> None:
    """Correct what the dialler found at the other end; BAResponse is the only confirmation (section 8.12)."""
    if call.outbound is None:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    call.outbound.classification = outcome
    call.variables["BAResponse"] = outcome
    world.tell_changed(call, origin)

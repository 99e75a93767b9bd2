"""How calls begin: an agent dials, or a customer does.

Sources: finesse-rest.md sections 8.1 and 9.5; finesse-notifications.md section 11.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from finesse_simulator.api_errors import WRONG_STATE
from finesse_simulator.engine import agents, calls, ending, routing
from finesse_simulator.engine.clock import Task
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.scenario import OutsideNumber, Queue
from finesse_simulator.vocabulary import AgentState, CallType, DialogState, PartyState, Profile


class NotReachableError(ValueError):
    """A customer's call has nowhere to go; the text says why."""


def make_call(world: World, agent: Agent, number: str, variables: Mapping[str, str], origin: Origin) -> None:
    """Dial: off-hook at once, then the number, then what the far end does."""
    if not _may_dial(world, agent):
        world.tell_call_error(agent, WRONG_STATE, origin)
        return
    if agent.state is AgentState.READY:
        reason = world.system_reason("call_placed", AgentState.NOT_READY)
        agents.enter(world, agent, AgentState.NOT_READY, reason=reason)
    kind = CallType.OUT if world.scenario.uccx else CallType.AGENT_INSIDE
    call = Call(world.new_id(), kind, agent.extension)
    call.variables.update(variables)
    place(world, call, agent, number, reach=lambda: reach(world, call, number), origin=origin)


def place(world: World, call: Call, agent: Agent, number: str, *, reach: Task, origin: Origin = NOBODY) -> Party:
    """Let an agent's phone go off the hook and dial. reach: what happens when the number is dialled."""
    call.state = DialogState.INITIATING
    caller = world.party(agent.extension, PartyState.INITIATING)
    call.parties.append(caller)
    world.add(call)
    agents.talking(world, agent, routed=call.routed)
    world.tell_entered(call, agent, origin, delay=world.scenario.timings.talking_to_initiating)
    wait = world.scenario.timings.initiating_to_initiated
    world.later(call, wait, lambda: _dialled(world, call, caller, number, reach))
    return caller


def _may_dial(world: World, agent: Agent) -> bool:
    """NOT_READY may, READY from UCCE 12.5 on (section 5), and nobody whose phone is in use."""
    from_ready = not world.scenario.uccx and world.scenario.profile is not Profile.V11_6
    states = {AgentState.NOT_READY, AgentState.READY} if from_ready else {AgentState.NOT_READY}
    return agent.state in states and not world.busy(agent.extension)


def _dialled(world: World, call: Call, caller: Party, number: str, reach: Task) -> None:
    call.to_address = call.dialed_number = call.dnis = number
    if call.type is CallType.AGENT_INSIDE and not world.is_device(number):
        call.type = CallType.OUT
    call.state = DialogState.INITIATED
    caller.enter(PartyState.INITIATED, world.clock.moment())
    world.tell_changed(call)
    world.later(call, world.scenario.timings.initiated_to_alerting, reach)


def reach(world: World, call: Call, number: str) -> None:
    """Find out what the number is and what it does."""
    queue = find_queue(world, number)
    if queue is not None:
        routing.enqueue(world, call, queue)
    elif not world.is_device(number):
        reach_outside(world, call, outside_number(world, number))
    elif world.busy(number):
        fail(world, call, "BUSY")
    else:
        calls.ring(world, call, number)


def outside_number(world: World, number: str) -> OutsideNumber:
    """Say what a number outside does when it is called."""
    listed = {outside.number: outside for outside in world.scenario.outside_numbers}
    return listed.get(number) or OutsideNumber(number=number, outcome=world.scenario.unlisted_numbers)


def reach_outside(world: World, call: Call, outside: OutsideNumber) -> None:
    """Let a number outside ring, or fail."""
    if outside.outcome != "answer":
        fail(world, call, "BUSY" if outside.outcome == "busy" else "BAD_DESTINATION")
        return
    party = calls.ring(world, call, outside.number)
    if outside.after >= 0:
        world.later(call, outside.after, lambda: calls.answer(world, call, party))


def fail(world: World, call: Call, cause: str) -> None:
    """Let a call have reached nobody; it waits to be dropped."""
    call.state = DialogState.FAILED
    for party in call.parties:
        party.enter(PartyState.FAILED, world.clock.moment(), cause)
    world.tell_changed(call)


def find_queue(world: World, number: str) -> Queue | None:
    """Find the queue behind a route point."""
    return next((queue for queue in world.queues if queue.number == number), None)


def customer_calls(world: World, number: str, destination: str, variables: Mapping[str, str]) -> Call:
    """Let a customer call a queue or an extension. number: empty when it is withheld."""
    if world.is_device(number):
        raise NotReachableError(f"{number} is an extension, not a customer's number")
    queue = find_queue(world, destination)
    if queue is None and not world.is_device(destination):
        raise NotReachableError(f"{destination} is neither a queue nor an extension")
    if queue is None and world.busy(destination):
        raise NotReachableError(f"{destination} is busy")
    call = Call(world.new_id(), CallType.OTHER_IN, number, destination, destination, destination)
    call.variables.update(variables)
    call.hidden_caller = not number
    if number:
        call.parties.append(world.party(number, PartyState.INITIATED))
    world.add(call)
    if queue is not None:
        routing.enqueue(world, call, queue)
    else:
        calls.ring(world, call, destination)
    return call


def customer_hangs_up(world: World, call: Call) -> None:
    """Let the outside party go."""
    outside = next((party for party in call.parties if not party.device and party.live), None)
    if outside is not None:
        ending.drop(world, call, outside)
    elif call.hidden_caller:
        ending.drop_hidden(world, call)


def outside_answers(world: World, call: Call) -> None:
    """Let the outside party that is being rung answer."""
    for party in call.parties:
        if not party.device and party.state is PartyState.ALERTING:
            calls.answer(world, call, party)
            return
    raise NotReachableError(f"no outside party of call {call.id} is being rung")

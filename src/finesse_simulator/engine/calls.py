"""What happens to a call while it lasts: it rings, is answered, held and retrieved. How it ends is in `ending`.

Sources: finesse-rest.md sections 6 to 9; finesse-notifications.md sections 8.2, 10 and 11.1 to 11.4.
"""

from __future__ import annotations

from finesse_simulator.engine import agents, wrap_up
from finesse_simulator.engine.actions import offered
from finesse_simulator.engine.model import NOBODY, Agent, Call, Origin, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import AgentState, CallType, DialogState, PartyState

_CALLING = frozenset({PartyState.INITIATING, PartyState.INITIATED})
_FROM_COLLEAGUES = frozenset({CallType.AGENT_INSIDE, CallType.CONSULT})


def ring(world: World, call: Call, extension: str) -> Party:
    """Let a phone ring, and tell those on the call and the agent at the phone."""
    party = world.party(extension, PartyState.ALERTING)
    caller_is_agent = bool(call.watchers)
    call.parties.insert(1 if caller_is_agent else 0, party)
    call.state = DialogState.ALERTING
    world.tell_changed(call)
    if party.agent is not None:
        ring_agent(world, call, party.agent)
        world.tell_entered(call, party.agent)
    answer_by_itself(world, call, party)
    return party


def answer_by_itself(world: World, call: Call, party: Party) -> None:
    """Let a phone answer that is set to."""
    if party.agent is not None and party.agent.profile.auto_answer:
        world.later(call, world.scenario.timings.auto_answer, lambda: answer(world, call, party))


def ring_agent(world: World, call: Call, agent: Agent) -> None:
    """Reserve an agent whom a colleague calls; a queue has done so before."""
    if agent.state is AgentState.RESERVED:
        return
    agents.ring_elsewhere(world, agent)
    if call.type in _FROM_COLLEAGUES and agent.state is AgentState.READY:
        agents.enter(world, agent, AgentState.RESERVED)


def answer(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Establish the call: every party that waited becomes active, with the present as its start."""
    call.cancel_timers()
    world.history.answered(call)
    call.answered = True
    now = world.clock.moment()
    for one in call.parties:
        if one is party or one.state in _CALLING:
            one.enter(PartyState.ACTIVE, now)
            one.started = now
    call.state = DialogState.ACTIVE
    for one in call.live_parties():
        if one.agent is not None and not one.passive:
            join(world, call, one.agent)
    world.tell_changed(call, origin, delay=world.scenario.timings.talking_to_active)
    for one in call.parties:
        if one.link is not None:
            world.tell_changed(one.link[0])  # the held call can be transferred now


def join(world: World, call: Call, agent: Agent) -> None:
    """Let an agent be on the call, and on no after-call work."""
    wrap_up.leave_call(world, agent)
    agents.talking(world, agent, routed=call.routed)
    agents.stop_work(world, agent)


def hold(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Put one's own leg on hold; the start time stays."""
    _turn(world, call, party, PartyState.HELD, origin)


def retrieve(world: World, call: Call, party: Party, origin: Origin = NOBODY) -> None:
    """Take one's own leg back; the agent's other call stays as it is (section 8.2)."""
    _turn(world, call, party, PartyState.ACTIVE, origin)


def _turn(world: World, call: Call, party: Party, state: PartyState, origin: Origin) -> None:
    link = party.link
    before = offered(*link, world.scenario) if link else ()
    party.enter(state, world.clock.moment())
    if party.agent is not None:
        agents.settle(world, party.agent)
    world.tell_changed(call, origin, delay=world.scenario.timings.talking_to_active)
    if link is not None and offered(*link, world.scenario) != before:
        world.tell_changed(link[0])

"""The live numbers of queues, computed from agents and calls as they are now.

Sources: finesse-rest.md section 11; finesse-notifications.md section 8.3. Where these do not say who counts as what:
a reserved agent is neither ready nor busy for its own queue; an agent on hold talks; a call that came by another queue,
or straight from outside, makes its agent busy with something else.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from finesse_simulator.engine.model import Agent, Call, Party
from finesse_simulator.engine.summaries import QueueStatistics, QueueView
from finesse_simulator.engine.world import World
from finesse_simulator.scenario import Queue
from finesse_simulator.vocabulary import AgentState

_RESERVED = frozenset(
    {AgentState.RESERVED, AgentState.RESERVED_OUTBOUND, AgentState.RESERVED_OUTBOUND_PREVIEW},
)
_TALKING = frozenset({AgentState.TALKING, AgentState.HOLD})


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """A contact service queue as UCCX's real-time tables have it: agents now, calls today. Durations are seconds."""

    name: str
    logged_in: int
    available: int
    unavailable: int
    working: int
    talking: int
    reserved: int
    calls_waiting: int
    oldest_contact: float
    total_calls: int
    handled: int
    abandoned: int
    dequeued: int
    average_talk: float
    average_wait: float
    longest_talk: float
    longest_wait: float


def serves(agent: Agent, queue: Queue) -> bool:
    """Say whether an agent is assigned to a queue."""
    return not queue.agents or agent.id in queue.agents


def queues_of(world: World, agent: Agent) -> list[Queue]:
    """Give an agent's queues; a supervisor's are those of the members of its teams too (section 11.1)."""
    teams = set(agent.profile.supervises)
    seen = [other for other in world.agents.values() if other is agent or other.profile.team in teams]
    return [queue for queue in world.queues if any(serves(member, queue) for member in seen)]


def view_queue(world: World, queue: Queue) -> QueueView:
    """Show a queue as it is now."""
    return QueueView(queue.id, queue.name, queue_statistics(world, queue))


def queue_statistics(world: World, queue: Queue) -> QueueStatistics:
    """Count a queue's agents and waiting calls."""
    assigned = [agent for agent in world.agents.values() if serves(agent, queue)]
    if not assigned:
        return QueueStatistics()
    counts = Counter(_doing(world, agent, queue) for agent in assigned if agent.signed_in)
    waiting = waiting_calls(world, queue)
    return QueueStatistics(
        calls_in_queue=len(waiting),
        start_of_longest=min((world.history.entry(call) for call in waiting), default=None),
        ready=counts["ready"],
        not_ready=counts["not ready"],
        busy_other=counts["other"],
        logged_on=counts.total(),
        talking_inbound=counts["inbound"],
        talking_outbound=counts["outbound"],
        talking_internal=counts["internal"],
        wrap_up_not_ready=counts["work"],
        wrap_up_ready=counts["work ready"],
    )


def service_summary(world: World, queue: Queue) -> ServiceSummary:
    """Count a queue as UCCX does: whoever is not available, reserved, talking or at work is unavailable."""
    states = Counter(agent.state for agent in world.agents.values() if serves(agent, queue) and agent.signed_in)
    waiting, now = waiting_calls(world, queue), world.clock.moment()
    oldest = max(((now - world.history.entry(call)).total_seconds() for call in waiting), default=0.0)
    day = world.history.day(queue.id)
    return ServiceSummary(
        name=queue.name,
        logged_in=states.total(),
        available=states[AgentState.READY],
        unavailable=states[AgentState.NOT_READY],
        working=states[AgentState.WORK] + states[AgentState.WORK_READY],
        talking=sum(states[state] for state in _TALKING),
        reserved=sum(states[state] for state in _RESERVED),
        calls_waiting=len(waiting),
        oldest_contact=oldest,
        total_calls=day.total,
        handled=day.handled,
        abandoned=day.abandoned,
        dequeued=day.dequeued,
        average_talk=day.talk / day.talks if day.talks else 0.0,
        average_wait=day.wait / day.handled if day.handled else 0.0,
        longest_talk=day.longest_talk,
        longest_wait=day.longest_wait,
    )


def waiting_calls(world: World, queue: Queue) -> list[Call]:
    """Give the calls that wait in a queue and have not been given to anybody yet."""
    return [call for call in world.waiting if call.queue is not None and call.queue.id == queue.id]


def _doing(world: World, agent: Agent, queue: Queue) -> str:
    """Name what a signed-in agent does, as seen from a queue."""
    if agent.state in _TALKING:
        return _talking(world, agent, queue)
    if agent.state in _RESERVED:
        return "reserved" if _reserved_for(world, agent, queue) else "other"
    return {
        AgentState.READY: "ready",
        AgentState.NOT_READY: "not ready",
        AgentState.WORK: "work",
        AgentState.WORK_READY: "work ready",
    }.get(agent.state, "other")


def _talking(world: World, agent: Agent, queue: Queue) -> str:
    found = [(call, party) for call, party in world.calls_at(agent.extension) if party.agent is agent]
    routed = [call for call, _ in found if call.queue is not None]
    if routed:
        return "inbound" if any(_is_of(call, queue) for call in routed) else "other"
    if any(_outside(call, party) for call, party in found):
        return "outbound" if any(call.from_address == agent.extension for call, _ in found) else "other"
    return "internal"


def _outside(call: Call, own: Party) -> bool:
    return not call.from_address or any(not party.device for party in call.parties if party is not own)


def _reserved_for(world: World, agent: Agent, queue: Queue) -> bool:
    calls = [call for call in world.calls.values() if call.reserved is agent or agent in call.watchers]
    return any(_is_of(call, queue) for call in calls)


def _is_of(call: Call, queue: Queue) -> bool:
    return call.queue is not None and call.queue.id == queue.id

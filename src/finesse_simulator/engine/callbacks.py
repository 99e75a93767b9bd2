"""Personal callbacks: arranged during a campaign's call, offered as a preview when their time has come.

Sources: finesse-rest.md sections 7.4, 8.13. The time has no zone: here it is that of the simulated clock, UTC. Where
the reference does not say: an arrangement also shows as BAResponse; an agent who is not ready then is tried again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from finesse_simulator import api_errors
from finesse_simulator.engine import outbound
from finesse_simulator.engine.model import Call, Origin, Outbound, Party
from finesse_simulator.engine.world import World
from finesse_simulator.vocabulary import AgentState, CallType

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)
_TRY_AGAIN = 30.0
_TRIES = 120


def moment(time: str) -> datetime | None:
    """Read a callback's time, None when it is none."""
    if not _TIME.fullmatch(time):
        return None
    try:
        return datetime.fromisoformat(time).replace(tzinfo=UTC)
    except ValueError:
        return None


def arrange(world: World, call: Call, party: Party, wish: tuple[str, str], origin: Origin) -> None:
    """Arrange a callback or change it. wish: time and number; what is empty stays as it was."""
    record = call.outbound
    if record is None or party.agent is None:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    before = record.callback or ("", record.customer)
    record.callback = (wish[0] or before[0], wish[1] or before[1])
    world.tell_changed(call, origin)
    call.variables["BAResponse"] = f"Callback {record.callback[0]}".rstrip()
    world.tell_changed(call)
    _await(world, call, replace(record, agent=party.agent))


def cancel(world: World, call: Call, party: Party, origin: Origin) -> None:
    """Forget the callback."""
    record = call.outbound
    if record is None:
        world.refuse(party, api_errors.WRONG_STATE, origin, call)
        return
    record.callback = None
    call.variables["BAResponse"] = ""
    world.tell_changed(call, origin)


def _await(world: World, call: Call, arranged: Outbound) -> None:
    due = moment(arranged.callback[0]) if arranged.callback else None
    if due is None:
        return  # only the number is known yet
    wait = max(0.0, (due - world.clock.moment()).total_seconds())
    world.clock.after(wait, lambda: _due(world, call, arranged, _TRIES))


def _due(world: World, call: Call, arranged: Outbound, tries: int) -> None:
    """Offer the callback to the agent, unless it was changed or cancelled meanwhile."""
    record, agent = call.outbound, arranged.agent
    if record is None or arranged.callback is None or record.callback != arranged.callback or tries == 0:
        return
    if agent.state is not AgentState.READY or world.busy(agent.extension):
        world.clock.after(_TRY_AGAIN, lambda: _due(world, call, arranged, tries - 1))
        return
    record.callback = None
    fresh = Outbound(agent, arranged.callback[1], arranged.mode, arranged.port, direct=arranged.direct)
    if fresh.mode not in {"PREVIEW", "DIRECT_PREVIEW"}:
        fresh.mode = "DIRECT_PREVIEW" if world.scenario.uccx else "PREVIEW"
    outbound.offer(world, fresh, CallType.OUTBOUND_PERSONAL_CALLBACK_PREVIEW, call.variables | {"BAResponse": ""})

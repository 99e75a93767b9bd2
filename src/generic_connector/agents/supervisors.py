"""A supervisor acting on a member of the team who is not connected here.

The member's own notifications do not come to us, so the result is looked for. Source: client-protocol.md section 3,
"Acting on somebody else's agent"; finesse-rest.md section 5.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generic_connector.agents import translate
from generic_connector.errors import CommandError
from generic_connector.finesse import model, payloads

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn

LOOK_EVERY = 0.5
"""Seconds between looks at the member."""


async def change_member(agent: Agent, turn: Turn, operation: str, becomes: str, **values: Any) -> None:
    """Change a member's state with the supervisor's rights and tell the supervisor the state that came of it."""
    with turn.waiting() as refusal:
        await agent.asking.change_another(turn, operation, **values)
        user = await _look_until(agent, turn, becomes, refusal)
    turn.ended = True
    viewer = translate.Viewer(turn.subject, zone=agent.settings.time_zone)
    turn.tell(replace(translate.state_event(user, viewer), supervisor_id=agent.id))


async def _look_until(agent: Agent, turn: Turn, becomes: str, refusal: asyncio.Future[None]) -> model.User:
    """Give the member as soon as the state has come, or is on its way. Raises CommandError where it does not come."""
    deadline = time.monotonic() + agent.settings.result_timeout
    while True:
        await asyncio.wait([refusal], timeout=LOOK_EVERY)  # first: the member may be in that state already
        if refusal.done():
            refusal.result()
        user = await agent.asking.ask("user", payloads.parse_user, user_id=turn.subject)
        if becomes in {user.state, user.pending_state}:
            return user
        if time.monotonic() > deadline:
            raise CommandError("PLEASE_RETRY", "Finesse accepted the request, but nothing came of it")

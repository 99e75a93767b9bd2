"""Commands of outbound campaigns: previews, callbacks, reclassification.

Source: client-protocol.md section 4; finesse-rest.md sections 8.11 to 8.13.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from generic_connector.agents import translate
from generic_connector.agents.call_commands import own_extension
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn


async def schedule_callback(agent: Agent, turn: Turn, *, status: str) -> None:
    """Set the time, then the number of a callback: two requests, as Finesse's own desktop makes them.

    The client hears Control and InboundCall for the first, CallBack, Control and InboundCall for the second.
    """
    arguments, viewer = turn.command.arguments, agent.mirror.viewer
    dialog_id, target = arguments["dialog_id"], _target(agent, turn)
    when, number = arguments["callback_time"], arguments["callback_number"]
    turn.before = (translate.control(f"The callback time is {when.replace('T', ' ')}", viewer),)
    with turn.waiting() as outcome:
        await agent.asking.change_dialog(
            turn, "update_scheduled_callback", dialog_id, target_media_address=target, callback_time=when
        )
        await asyncio.wait([outcome], timeout=agent.settings.result_timeout)
        if outcome.done():
            outcome.result()
    called = events.CallBack(
        agent_id=agent.id, status=status, dialog_id=dialog_id, callback_time=when, callback_number=number
    )
    turn.before = (called, translate.control(f"The callback was {status.lower()}", viewer))
    await agent.asking.change_dialog(
        turn, "update_scheduled_callback", dialog_id, target_media_address=target, callback_number=number
    )


async def cancel_callback(agent: Agent, turn: Turn) -> None:
    """Cancel a callback."""
    dialog_id = turn.command.arguments["dialog_id"]
    called = events.CallBack(agent_id=agent.id, status="Canceled", dialog_id=dialog_id)
    turn.before = (called, translate.control("The callback was canceled", agent.mirror.viewer))
    target = _target(agent, turn)
    await agent.asking.change_dialog(turn, "cancel_scheduled_callback", dialog_id, target_media_address=target)


async def reclassify(agent: Agent, turn: Turn) -> None:
    """Say what an outbound call turned out to be."""
    arguments = turn.command.arguments
    dialog_id, value = arguments["dialog_id"], arguments["classification"]
    reclassified = events.Reclassify(agent_id=agent.id, dialog_id=dialog_id, value=value)
    turn.before = (reclassified, translate.control(f"The call was reclassified as {value}", agent.mirror.viewer))
    target = _target(agent, turn)
    await agent.asking.change_dialog(turn, "reclassify", dialog_id, target_media_address=target, classification=value)


def _target(agent: Agent, turn: Turn) -> str:
    return turn.command.arguments.get("target_media_address") or own_extension(agent)

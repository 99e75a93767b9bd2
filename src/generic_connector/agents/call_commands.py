"""Commands about calls: make, answer, hold, pass on, consult, join, look at.

Source: client-protocol.md section 4; finesse-rest.md section 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generic_connector.agents import translate
from generic_connector.agents.choices import WRAP_UP, read_choices
from generic_connector.errors import CommandError
from generic_connector.finesse import model, payloads
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn


def own_extension(agent: Agent) -> str:
    """Give the extension that the agent is signed in with. Raises CommandError when the agent is not."""
    if not agent.watched or not agent.mirror.is_signed_in:
        raise CommandError("CF_INVALID_OBJECT_STATE", "The agent is not signed in")
    return agent.mirror.extension


# --- making and ending calls ---------------------------------------------------------------------------------------


async def make_call(agent: Agent, turn: Turn) -> None:
    """Dial a number from the agent's extension."""
    number = turn.command.arguments["number"]
    await agent.asking.start_call(turn, "make_call", from_address=own_extension(agent), to_address=number)


async def act_on_call(agent: Agent, turn: Turn, *, action: str) -> None:
    """Take an action on the agent's own leg of a call."""
    extension = own_extension(agent)
    dialog_id = turn.command.arguments["dialog_id"]
    await agent.asking.change_dialog(turn, "take_action", dialog_id, action=action, target_media_address=extension)


async def call_from_dialog(agent: Agent, turn: Turn, *, operation: str) -> None:
    """Consult somebody about a call, or pass it on to somebody, by number."""
    number, dialog_id = turn.command.arguments["number"], turn.command.arguments["dialog_id"]
    extension = own_extension(agent)
    await agent.asking.change_dialog(turn, operation, dialog_id, target_media_address=extension, to_address=number)


async def send_dtmf(agent: Agent, turn: Turn) -> None:
    """Press keys during a call; success is silent."""
    arguments = turn.command.arguments
    extension = own_extension(agent)
    await agent.asking.press_keys(
        turn, arguments["dialog_id"], target_media_address=extension, digits=arguments["digits"]
    )


# --- call data -----------------------------------------------------------------------------------------------------


async def wrap_up(agent: Agent, turn: Turn) -> None:
    """Give a call its wrap-up reason. Finesse takes the label; the client may send the code that it was offered."""
    own_extension(agent)
    wanted = turn.command.arguments["reason"]
    try:
        choices = await read_choices(agent, WRAP_UP, fresh=False)
        reason = choices.accepted.get(wanted, wanted)
    except CommandError:  # the reason counts for more than the list of reasons
        reason = wanted
    await agent.asking.change_dialog(
        turn, "update_call_data", turn.command.arguments["dialog_id"], wrap_up_reason=reason
    )


async def update_call_variables(agent: Agent, turn: Turn) -> None:
    """Set call variables."""
    own_extension(agent)
    dialog_id = turn.command.arguments["dialog_id"]
    await agent.asking.change_dialog(turn, "update_call_data", dialog_id, variables=turn.command.variables)


# --- looking -------------------------------------------------------------------------------------------------------


async def get_dialog_state(agent: Agent, turn: Turn) -> None:
    """Tell the state of one call as the agent sees it, NOT_FOUND when there is none."""
    try:
        dialog = await _read_dialog(agent, turn)
        state = translate.call_state(dialog, agent.mirror.viewer)
    except CommandError as error:
        if error.code != "NO_DIALOG_ID":
            raise
        state = "NOT_FOUND"
    dialog_id, full_name = turn.command.arguments["dialog_id"], agent.user.full_name
    turn.tell(events.DialogState(agent_id=agent.id, dialog_id=dialog_id, state=state, full_name=full_name))


async def get_dialog_state_controls(agent: Agent, turn: Turn) -> None:
    """Tell the state of one call and what the agent may do with it."""
    turn.tell(translate.dialog_state_controls(await _read_dialog(agent, turn), agent.mirror.viewer))


async def get_dialog_participants(agent: Agent, turn: Turn) -> None:
    """Tell who is in a call."""
    turn.tell(translate.conference_participants(await _read_dialog(agent, turn), agent.mirror.viewer))


async def _read_dialog(agent: Agent, turn: Turn) -> model.Dialog:
    return await agent.asking.ask("dialog", payloads.parse_dialog, dialog_id=turn.command.arguments["dialog_id"])

"""Which function carries out which command: the table, and the one place where a command ends.

A handler returns when Finesse has accepted the request; what comes of it arrives as notifications and is told by the
agent. It raises CommandError (the command's one error) or OutOfService.
Source: client-protocol.md sections 3, 4 and 7.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from generic_connector.agents import (
    call_commands,
    list_commands,
    outbound_commands,
    state_commands,
    supervisor_commands,
)
from generic_connector.agents.agent import Agent
from generic_connector.agents.choices import LOGOUT, NOT_READY, WRAP_UP
from generic_connector.agents.signing import connect, force_logout, sign_in
from generic_connector.agents.turn import Turn
from generic_connector.errors import CommandError
from generic_connector.finesse.failures import OutOfService
from generic_connector.operations.hiding import hiding
from generic_connector.operations.logs import context
from generic_connector.protocol.commands import COMMANDS

log = structlog.get_logger()

Handler = Callable[[Agent, Turn], Awaitable[None]]


async def carry_out(agent: Agent, turn: Turn) -> None:
    """Carry out one command and end it as the protocol says; raises nothing.

    A command that must not be carried out twice is put on record first: whoever succeeds a connector that dies on the
    way gets the command from the broker again, and knows by the record whether it was begun.
    """
    if turn.client is None:
        turn.client = agent.client
    destination = turn.client.shown if turn.client is not None else ""
    with (
        hiding(*agent.secrets(turn)),
        context(agent=turn.subject, destination=destination, command=turn.command.name),
    ):
        if not COMMANDS[turn.command.name].repeatable:
            await agent.surroundings.sessions.begin(turn.message_id)
        await _carry_out(agent, turn)


async def _carry_out(agent: Agent, turn: Turn) -> None:
    if turn.command.name != "Connect" and not agent.surroundings.finesse.in_service:  # since it was queued
        turn.out_of_service()
        return
    try:
        await HANDLERS[turn.command.name](agent, turn)
    except CommandError as error:
        turn.fail(error)
    except OutOfService:
        turn.out_of_service()
    except Exception:
        log.exception("command crashed")
        turn.fail(CommandError("PLEASE_RETRY", "The connector could not carry out the command"))


HANDLERS: Mapping[str, Handler] = {
    "Connect": connect,
    "Login": sign_in,
    "MobileAgentLogin": sign_in,
    "force_logout": force_logout,
    # states
    "Logout": state_commands.log_out,
    "LogoutWithReason": state_commands.log_out,
    "refresh": state_commands.refresh,
    "GetState": state_commands.get_state,
    "MakeReady": partial(state_commands.change_state, state="READY"),
    "MakeNotReady": partial(state_commands.change_state, state="NOT_READY"),
    "MakeNotReadyWithReason": partial(state_commands.change_state, state="NOT_READY"),
    "MakeWorkReady": partial(state_commands.change_state, state="READY", becomes=("WORK_READY",)),
    "MakeWorkNotReady": partial(state_commands.change_state, state="NOT_READY", becomes=("WORK",)),
    "reasoncodelogout": partial(state_commands.tell_reasons, category=LOGOUT),
    "reasoncodenotready": partial(state_commands.tell_reasons, category=NOT_READY),
    "wrapupreasoncode": partial(state_commands.tell_reasons, category=WRAP_UP),
    # calls
    "MakeCall": call_commands.make_call,
    "AnswerCall": partial(call_commands.act_on_call, action="ANSWER"),
    "ReleaseCall": partial(call_commands.act_on_call, action="DROP"),
    "HoldCall": partial(call_commands.act_on_call, action="HOLD"),
    "RetrieveCall": partial(call_commands.act_on_call, action="RETRIEVE"),
    "TransferCall": partial(call_commands.act_on_call, action="TRANSFER"),
    "ConferenceCall": partial(call_commands.act_on_call, action="CONFERENCE"),
    "Transfer_sst": partial(call_commands.call_from_dialog, operation="transfer_sst"),
    "ConsultCall": partial(call_commands.call_from_dialog, operation="consult_call"),
    "SendDTMF": call_commands.send_dtmf,
    "wrapup": call_commands.wrap_up,
    "update_call_variable": call_commands.update_call_variables,
    "GetDialogState": call_commands.get_dialog_state,
    "GetDialogStateControls": call_commands.get_dialog_state_controls,
    "GetDialogParticipants": call_commands.get_dialog_participants,
    # supervisors
    "SilentMonitor": supervisor_commands.silent_monitor,
    "EndSilentMonitor": partial(call_commands.act_on_call, action="DROP"),
    "BargeIn": supervisor_commands.barge_in,
    "DropParticipant": supervisor_commands.drop_participant,
    "GetTeamUsers": supervisor_commands.get_team_users,
    "GetTeamUserState": supervisor_commands.get_team_user_state,
    # outbound campaigns
    "AcceptOutboundPreview": partial(call_commands.act_on_call, action="ACCEPT"),
    "RejectOutboundPreview": partial(call_commands.act_on_call, action="REJECT"),
    "CloseOutboundPreview": partial(call_commands.act_on_call, action="CLOSE"),
    "SHCEDULECALLBACK": partial(outbound_commands.schedule_callback, status="Scheduled"),
    "UPDATECALLBACK": partial(outbound_commands.schedule_callback, status="Updated"),
    "CANCELSHCEDULECALLBACK": outbound_commands.cancel_callback,
    "RECLASSIFYCALL": outbound_commands.reclassify,
    # lists
    "GetAllAgents": list_commands.get_all_agents,
    "GetPhonebooks": list_commands.get_phone_books,
    "GetTeamPhonebooks": list_commands.get_team_phone_books,
    "GetPhonebookContacts": list_commands.get_phone_book_contacts,
    "GetQueueList": list_commands.get_queue_list,
    "GETSKILLGROPU": list_commands.get_skill_groups,
    "GETSUPERVISOR": list_commands.get_supervisors,
    "ZOOMPauseRecording": partial(list_commands.record, pause=True),
    "ZOOMResumeRecording": partial(list_commands.record, pause=False),
}
"""One handler for each command of an agent (protocol.commands)."""

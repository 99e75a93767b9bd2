"""How each command of an agent is carried out: one small function per command, and the table that names them.

A handler returns when Finesse has accepted the request; what comes of it arrives as notifications and is told by the
agent. It raises CommandError (the command's one error) or OutOfService.
Source: client-protocol.md sections 3, 4 and 7.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from generic_connector.agents import translate
from generic_connector.agents.agent import Agent
from generic_connector.agents.choices import LOGOUT, NOT_READY, WRAP_UP, read_choices, read_with
from generic_connector.agents.signing import SIGNED_OUT_STATES, connect, force_logout, sign_in
from generic_connector.agents.supervisors import change_member
from generic_connector.agents.turn import Turn
from generic_connector.errors import CommandError
from generic_connector.finesse import payloads
from generic_connector.finesse.failures import OutOfService
from generic_connector.protocol import events

log = structlog.get_logger()

Handler = Callable[[Agent, Turn], Awaitable[None]]


async def carry_out(agent: Agent, turn: Turn) -> None:
    """Carry out one command and end it as the protocol says; raises nothing."""
    if turn.client is None:
        turn.client = agent.client
    try:
        await HANDLERS[turn.command.name](agent, turn)
    except CommandError as error:
        turn.fail(error)
    except OutOfService:
        turn.out_of_service()
    except Exception:
        log.exception("command crashed", agent=turn.subject, command=turn.command.name)
        turn.fail(CommandError("PLEASE_RETRY", "The connector could not carry out the command"))


# --- what is asked and answered --------------------------------------------------------------------------------------


async def get_state(agent: Agent, turn: Turn) -> None:
    """Ask for the user and tell the state, whether it is news or not."""
    answer = await agent.ask("user", rights=turn.actor, user_id=turn.subject)
    user = read_with(payloads.parse_user, answer.body, "user")
    if turn.subject != agent.id:
        viewer = translate.Viewer(turn.subject, zone=agent.settings.time_zone)
        turn.tell(translate.state_event(user, viewer))
        return
    agent.take_user(user)
    turn.tell(translate.state_event(agent.user, agent.viewer))


async def refresh(agent: Agent, turn: Turn) -> None:
    """Tell everything anew, as after a sign-in; what was missed is told as well."""
    user, dialogs = await agent.read()
    agent.take_read_back(user, dialogs)
    turn.tell(translate.agent_info_event(agent.user, agent.id))
    agent.tell_state(turn, answer=True)
    turn.tell(agent.calls.status(agent.viewer))


async def get_dialog_state(agent: Agent, turn: Turn) -> None:
    """Tell the state of one call as the agent sees it, NOT_FOUND when there is none."""
    dialog_id = turn.command.arguments["dialog_id"]
    try:
        answer = await agent.ask("dialog", dialog_id=dialog_id)
        dialog = read_with(payloads.parse_dialog, answer.body, "dialog")
        state = translate.call_state(dialog, agent.viewer)
    except CommandError as error:
        if error.code != "NO_DIALOG_ID":
            raise
        state = "NOT_FOUND"
    turn.tell(
        events.DialogState(agent_id=agent.id, dialog_id=dialog_id, state=state, full_name=agent.user.full_name),
    )


async def tell_reasons(agent: Agent, turn: Turn, *, category: str) -> None:
    """Tell the reason codes or wrap-up reasons that the agent may choose from."""
    choices = await read_choices(agent, category, fresh=True)
    turn.tell(
        events.ReasonCodes(
            agent_id=agent.id,
            category=category,
            reasons=choices.reasons,
            full_name=agent.user.full_name,
        ),
    )


# --- states ----------------------------------------------------------------------------------------------------------


async def log_out(agent: Agent, turn: Turn) -> None:
    """Sign out, with the reason code that was sent, if any."""
    if turn.subject != agent.id:
        await change_member(agent, turn, "sign_out", "LOGOUT")
        return
    reason = await _reason_id(agent, turn, LOGOUT)
    await agent.change_user(turn, "sign_out", "LOGOUT", reason_code_id=reason)


async def change_state(agent: Agent, turn: Turn, *, state: str, becomes: tuple[str, ...] = ()) -> None:
    """Ask for READY or NOT_READY, with the reason code that was sent, if any."""
    if turn.subject != agent.id:
        await change_member(agent, turn, "change_state", state, state=state)
        return
    reason = await _reason_id(agent, turn, NOT_READY)
    await agent.change_user(turn, "change_state", state, *becomes, state=state, reason_code_id=reason)


async def _reason_id(agent: Agent, turn: Turn, category: str) -> str:
    """Give Finesse's id for the reason code that the client sent; its code and its id are both accepted."""
    wanted = turn.command.arguments.get("reason", "")
    if not wanted:
        return ""
    for fresh in (False, True):  # a code that is not in the list we have may be new
        choices = await read_choices(agent, category, fresh=fresh)
        if wanted in choices.accepted:
            return choices.accepted[wanted]
    raise CommandError("PLEASE_RETRY", f"Finesse has no {category} reason code {wanted!r} for this agent")


# --- calls -----------------------------------------------------------------------------------------------------------


async def make_call(agent: Agent, turn: Turn) -> None:
    """Dial a number from the agent's extension."""
    number = turn.command.arguments["number"]
    extension = _own_extension(agent)
    await agent.start_call(turn, "make_call", from_address=extension, to_address=number)


async def act_on_call(agent: Agent, turn: Turn, *, action: str) -> None:
    """Take an action on the agent's own leg of a call."""
    extension = _own_extension(agent)
    dialog_id = turn.command.arguments["dialog_id"]
    await agent.change_dialog(turn, "take_action", dialog_id, action=action, target_media_address=extension)


async def wrap_up(agent: Agent, turn: Turn) -> None:
    """Give a call its wrap-up reason. Finesse takes the label; the client may send the code that it was offered."""
    wanted = turn.command.arguments["reason"]
    try:
        choices = await read_choices(agent, WRAP_UP, fresh=False)
        reason = choices.accepted.get(wanted, wanted)
    except CommandError:  # the reason counts for more than the list of reasons
        reason = wanted
    await agent.change_dialog(turn, "update_call_data", turn.command.arguments["dialog_id"], wrap_up_reason=reason)


async def update_call_variables(agent: Agent, turn: Turn) -> None:
    """Set call variables."""
    dialog_id = turn.command.arguments["dialog_id"]
    await agent.change_dialog(turn, "update_call_data", dialog_id, variables=turn.command.variables)


def _own_extension(agent: Agent) -> str:
    if not agent.extension or agent.user.state in SIGNED_OUT_STATES:
        raise CommandError("CF_INVALID_OBJECT_STATE", "The agent is not signed in")
    return agent.extension


HANDLERS: Mapping[str, Handler] = {
    "Connect": connect,
    "Login": sign_in,
    "Logout": log_out,
    "LogoutWithReason": log_out,
    "force_logout": force_logout,
    "refresh": refresh,
    "GetState": get_state,
    "MakeReady": partial(change_state, state="READY"),
    "MakeNotReady": partial(change_state, state="NOT_READY"),
    "MakeNotReadyWithReason": partial(change_state, state="NOT_READY"),
    "MakeWorkReady": partial(change_state, state="READY", becomes=("WORK_READY",)),
    "MakeWorkNotReady": partial(change_state, state="NOT_READY", becomes=("WORK",)),
    "MakeCall": make_call,
    "AnswerCall": partial(act_on_call, action="ANSWER"),
    "ReleaseCall": partial(act_on_call, action="DROP"),
    "HoldCall": partial(act_on_call, action="HOLD"),
    "RetrieveCall": partial(act_on_call, action="RETRIEVE"),
    "GetDialogState": get_dialog_state,
    "reasoncodelogout": partial(tell_reasons, category=LOGOUT),
    "reasoncodenotready": partial(tell_reasons, category=NOT_READY),
    "wrapupreasoncode": partial(tell_reasons, category=WRAP_UP),
    "wrapup": wrap_up,
    "update_call_variable": update_call_variables,
}
"""One handler for each command of an agent (protocol.commands)."""

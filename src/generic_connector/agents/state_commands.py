"""Commands about the agent's state and the reasons for it.

Source: client-protocol.md section 4; finesse-rest.md section 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generic_connector.agents import translate
from generic_connector.agents.choices import LOGOUT, NOT_READY, read_choices
from generic_connector.agents.supervisors import change_member
from generic_connector.errors import CommandError
from generic_connector.finesse import payloads
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn


async def get_state(agent: Agent, turn: Turn) -> None:
    """Ask for the user and tell the state, whether it is news or not."""
    agent.mirror.begin_reading_user()
    agent.take_user(await agent.asking.ask("user", payloads.parse_user, user_id=agent.id))
    agent.answer_with_state(turn)


async def refresh(agent: Agent, turn: Turn) -> None:
    """Tell everything anew, as after a sign-in; what was missed is told as well."""
    user, dialogs = await agent.read()
    agent.hearing.take_read_back(user, dialogs)
    turn.tell(translate.agent_info_event(agent.user, agent.id))
    agent.answer_with_state(turn)
    turn.tell(agent.mirror.calls.status(agent.mirror.viewer))


async def log_out(agent: Agent, turn: Turn) -> None:
    """Sign out, with the reason code that was sent, if any."""
    if turn.subject != agent.id:
        await change_member(agent, turn, "sign_out", "LOGOUT")
        return
    reason = await _reason_id(agent, turn, LOGOUT)
    await agent.asking.change_user(turn, "sign_out", "LOGOUT", reason_code_id=reason)


async def change_state(agent: Agent, turn: Turn, *, state: str, becomes: tuple[str, ...] = ()) -> None:
    """Ask for READY or NOT_READY, with the reason code that was sent, if any."""
    if turn.subject != agent.id:
        await change_member(agent, turn, "change_state", state, state=state)
        return
    reason = await _reason_id(agent, turn, NOT_READY)
    await agent.asking.change_user(turn, "change_state", state, *becomes, state=state, reason_code_id=reason)


async def tell_reasons(agent: Agent, turn: Turn, *, category: str) -> None:
    """Tell the reason codes or wrap-up reasons that the agent may choose from."""
    choices = await read_choices(agent, category, fresh=True)
    full_name = agent.user.full_name
    turn.tell(
        events.ReasonCodes(agent_id=agent.id, category=category, reasons=choices.reasons, full_name=full_name),
    )


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

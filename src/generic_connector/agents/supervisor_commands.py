"""Commands of supervisors: their teams, listening in, joining, taking somebody out of a call.

Source: client-protocol.md section 4; finesse-rest.md sections 8.7 to 8.9 and 10.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generic_connector.agents import translate
from generic_connector.agents.call_commands import own_extension
from generic_connector.finesse import model, payloads
from generic_connector.finesse.failures import FinesseError, command_error
from generic_connector.protocol import events

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent
    from generic_connector.agents.turn import Turn


async def silent_monitor(agent: Agent, turn: Turn) -> None:
    """Listen to a member's call unheard."""
    extension, member = own_extension(agent), _extension_of(agent, turn.command.arguments["extension"])
    await agent.asking.start_call(turn, "silent_monitor", from_address=extension, to_address=member)


async def barge_in(agent: Agent, turn: Turn) -> None:
    """Make the call that is listened to a conference with the supervisor."""
    extension, arguments = own_extension(agent), turn.command.arguments
    await agent.asking.start_call(
        turn,
        "barge_call",
        from_address=extension,
        to_address=_extension_of(agent, arguments["extension"]),
        dialog_id=arguments["dialog_id"],
    )


async def drop_participant(agent: Agent, turn: Turn) -> None:
    """Take a party out of a call."""
    party = _extension_of(agent, turn.command.arguments["extension"])
    turn.after = (translate.control(f"{party} was taken out of the call", agent.mirror.viewer),)
    dialog_id = turn.command.arguments["dialog_id"]
    await agent.asking.change_dialog(turn, "participant_drop", dialog_id, target_media_address=party)


def _extension_of(agent: Agent, named: str) -> str:
    """Give the extension that a client means: some name the agent's login id instead (the seeds write both)."""
    connected = agent.surroundings.agents.values()
    if any(one.mirror.extension == named for one in connected):
        return named
    return next((one.mirror.extension for one in connected if one.id == named and one.mirror.extension), named)


async def get_team_users(agent: Agent, turn: Turn) -> None:
    """Tell who is in a team and how they are; hear of changes from then on, where that was asked for."""
    team_id = turn.command.arguments["team_id"]
    if "subscribe" in turn.command.arguments:  # before the list is read, so that no change falls in between
        try:
            await agent.link.subscribe(f"/finesse/api/Team/{team_id}/Users")
        except FinesseError as failure:
            raise command_error(failure, "team") from failure
    team = await agent.asking.ask("team", payloads.parse_team, team_id=team_id)
    turn.tell(events.TeamUsersList(agent_id=agent.id, users=tuple(_team_user(agent, user) for user in team.users)))


def _team_user(agent: Agent, user: model.User) -> events.TeamUser:
    reason = user.reason_code
    return events.TeamUser(
        first_name=user.first_name,
        last_name=user.last_name,
        extension=user.extension,
        login_id=user.login_id,
        state=user.state,
        pending_state=user.pending_state,
        media_type=user.media_type,
        state_change_time=agent.mirror.viewer.time(user.state_change_time),
        label=reason.label if reason is not None and translate.reason_code(user) else "",
    )


async def get_team_user_state(agent: Agent, turn: Turn) -> None:
    """Tell the state of a member."""
    member_id = turn.command.arguments["member_id"]
    user = await agent.asking.ask("user", payloads.parse_user, user_id=member_id)
    viewer = translate.Viewer(member_id, zone=agent.settings.time_zone)
    turn.tell(replace(translate.state_event(user, viewer), supervisor_id=agent.id))

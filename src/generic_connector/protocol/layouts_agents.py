"""How the events of the system and of agents are laid out, and the answers that are no calls.

Source: client-protocol.md section 5; the order of JSON members is that of the second seed's samples.
"""

from __future__ import annotations

from itertools import zip_longest

from generic_connector.protocol import events
from generic_connector.protocol.events import Event, Reason, Team
from generic_connector.protocol.kinds import (
    BOOLEAN,
    CATEGORY,
    CODE,
    COUNT,
    REASONS,
    STRING,
    TEAM,
    TEAMS,
    WORDS,
    word_of,
)
from generic_connector.protocol.layout import Constant, Layout, Member, Values, Word, make, member, value

_STATUS_BAR = "PrintStatusBar"
_ID = value("agent_id")
_AGENT = member("agentId", "agent_id")


def _receiver(event: events.State) -> str:
    """Whose State event it is: the supervisor's when a supervisor hears of a member."""
    return event.supervisor_id or event.agent_id


def _read_state(values: Values) -> Event:
    receiver = values.pop("receiver", "")
    if receiver and receiver != values["agent_id"]:
        values["supervisor_id"] = receiver
    return make(events.State, values)


def _read_reason_codes(values: Values) -> Event:
    if "codes" in values:
        pairs = zip_longest(values.pop("codes"), values.pop("labels"), fillvalue="")
        values["reasons"] = tuple(Reason(code=code, label=label) for code, label in pairs)
    return make(events.ReasonCodes, values)


def _read_team_ids(values: Values) -> Event:
    teams = tuple(Team(id=team_id, name="") for team_id in values.pop("ids"))
    return make(events.TeamInfoIds, {**values, "teams": teams})


def _read_team_names(values: Values) -> Event:
    teams = tuple(Team(id="", name=name) for name in values.pop("names"))
    return make(events.TeamInfoNames, {**values, "teams": teams})


def _codes(event: events.ReasonCodes) -> tuple[str, ...]:
    return tuple(reason.code for reason in event.reasons)


def _labels(event: events.ReasonCodes) -> tuple[str, ...]:
    return tuple(reason.label for reason in event.reasons)


def _team_ids(event: events.TeamInfoIds) -> tuple[str, ...]:
    return tuple(team.id for team in event.teams)


def _team_names(event: events.TeamInfoNames) -> tuple[str, ...]:
    return tuple(team.name for team in event.teams)


def _supervisor(event: events.AgentInfo) -> bool:
    return event.supervisor


SYSTEM = (
    Layout(
        event=events.System,
        text=(Word("System"), value("status")),
        members=(member("status", "status", word_of("IN_SERVICE", "OUT_OF_SERVICE")),),
    ),
    Layout(
        event=events.Destination,
        text=(Word("DESTINATION"), value("destination"), value("status")),
        members=(member("destination", "destination"), member("status", "status", word_of("RECONNECT"))),
    ),
)

_AGENT_INFO_START = (
    _ID,
    Word("AgentInfo"),
    value("first_name"),
    value("last_name"),
    value("supervisor", BOOLEAN),
    value("wrap_up_on_incoming"),
)
_AGENT_INFO_END = (value("team", TEAM), value("full_name"), value("login_name"))


def _agent_info_members(number_of_teams: Constant | Member) -> tuple[Constant | Member, ...]:
    return (
        member("firstName", "first_name"),
        member("lastName", "last_name"),
        member("supervisor", "supervisor", BOOLEAN),
        member("wrapUpOnIncoming", "wrap_up_on_incoming"),
        number_of_teams,
        member("teams", "teams", TEAMS),
        member("team", "team", TEAM),
        _AGENT,
    )


AGENTS = (
    Layout(
        event=events.AgentInfo,
        applies=_supervisor,
        text=(
            *_AGENT_INFO_START,
            value("number_of_teams", COUNT, "TotalNumberOfTeams:", lambda event: event.teams),
            value("teams", TEAMS),
            *_AGENT_INFO_END,
        ),
        members=_agent_info_members(member("totalNumberOfTeams", "teams", COUNT)),
    ),
    Layout(
        event=events.AgentInfo,
        text=(*_AGENT_INFO_START, *_AGENT_INFO_END),
        members=_agent_info_members(Constant("totalNumberOfTeams", "")),
    ),
    Layout(
        event=events.State,
        build=_read_state,
        text=(
            value("receiver", STRING, "", _receiver),
            Word("State"),
            value("state"),
            value("reason_code"),
            value("state_change_time_string"),
            value("pending_state"),
            value("state_change_time"),
            value("full_name"),
            value("agent_id"),
            value("extension"),
            value("label"),
            value("full_name"),
            value("login_name"),
        ),
        members=(
            _AGENT,
            member("state", "state"),
            member("reasonCode", "reason_code"),
            member("stateChangeTimeString", "state_change_time_string"),
            member("pendingState", "pending_state"),
            member("stateChangeTime", "state_change_time"),
            member("fullName", "full_name"),
            member("extension", "extension"),
            member("label", "label"),
            member("supervisorId", "supervisor_id", optional=True),
        ),
    ),
)

ANSWERS = (
    Layout(
        event=events.ReasonCodes,
        build=_read_reason_codes,
        text=(
            _ID,
            Word("ReasonCodes"),
            value("category", CATEGORY, "Category:"),
            value("codes", WORDS, "", _codes),
            value("labels", WORDS, "Labels:", _labels),
            value("full_name"),
        ),
        members=(member("category", "category", CATEGORY), member("reasonCodes", "reasons", REASONS), _AGENT),
    ),
    Layout(
        event=events.TeamInfoIds,
        build=_read_team_ids,
        text=(_ID, Word("TeamInfoIDs"), Word("TeamID"), value("ids", WORDS, "", _team_ids), value("full_name")),
        members=None,
    ),
    Layout(
        event=events.TeamInfoNames,
        build=_read_team_names,
        text=(_ID, Word("TeamInfoNames"), Word("TeamName"), value("names", WORDS, "", _team_names), value("full_name")),
        members=None,
    ),
    Layout(
        event=events.TeamMemberStateChanged,
        text=(_ID, Word("TeamMemberStateChanged"), value("team_id"), value("state")),
        members=None,
    ),
    Layout(
        event=events.Control,
        text=(_ID, Word("Control"), Word(_STATUS_BAR), value("message")),
        members=(Constant("action", _STATUS_BAR), member("message", "message"), _AGENT),
    ),
    Layout(
        event=events.Error,
        text=(_ID, Word("Error"), value("code", CODE), value("message")),
        members=(member("code", "code", CODE), member("message", "message"), _AGENT, member("command", "command")),
    ),
    Layout(
        event=events.ConnectStatus,
        text=(_ID, Word("ConnectStatus"), value("status")),
        members=(member("status", "status"), _AGENT),
    ),
)

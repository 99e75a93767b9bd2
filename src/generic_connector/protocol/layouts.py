"""The event table: every event in every shape, its text fields and its JSON members in the order of the wire.

The codecs only walk along these rows, forwards to write and backwards to read. A row is chosen by the event's class
and, where a class has several shapes, by `applies`; the first that fits counts.
Source: client-protocol.md sections 2 and 5; the order of JSON members is that of the second seed's samples.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from generic_connector.protocol import events
from generic_connector.protocol.events import DialogSummary, Event, Reason, Team
from generic_connector.protocol.kinds import (
    BOOLEAN,
    CALL_DATA,
    CATEGORY,
    CODE,
    COUNT,
    PARTICIPANTS,
    REASONS,
    STRING,
    TEAM,
    TEAMS,
    WORDS,
)
from generic_connector.protocol.layout import Constant, Layout, Values, Word, make, member, value

DROPPED = "DROPPED"
"""The state of a call that has ended."""

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


def _read_dialog_status(values: Values) -> Event:
    dialog, associated = _summary(values, "dialog"), _summary(values, "associated")
    return events.DialogStatus(agent_id=values["agent_id"], dialog=dialog, associated=associated)


def _summary(values: Values, which: str) -> DialogSummary | None:
    if not values[f"{which}.dialog_id"]:
        return None
    attributes = ("dialog_id", "state", "from_address", "call_data")
    return DialogSummary(**{attribute: values[f"{which}.{attribute}"] for attribute in attributes})


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


def _has_dialog(event: events.DialogStatus) -> bool:
    return event.dialog is not None


def _running(event: events.InboundCall) -> bool:
    return event.state != DROPPED


_SYSTEM = (
    Layout(
        event=events.System,
        text=(Word("System"), value("status")),
        members=(member("status", "status"),),
    ),
    Layout(
        event=events.Destination,
        text=(Word("DESTINATION"), value("destination"), value("status")),
        members=(member("destination", "destination"), member("status", "status")),
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


def _agent_info_members(number_of_teams: Any) -> tuple[Any, ...]:
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


_AGENTS = (
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

_DIALOG_STATUS_MEMBERS = (
    member("dialogId", "dialog.dialog_id"),
    member("state", "dialog.state"),
    member("fromAddress", "dialog.from_address"),
    member("callVariables", "dialog.call_data", CALL_DATA),
    member("assDialogId", "associated.dialog_id"),
    member("assDialogState", "associated.state"),
    member("assFromAddress", "associated.from_address"),
    member("assCallVariables", "associated.call_data", CALL_DATA),
    _AGENT,
)
_DIALOG_STATUS = (
    Layout(
        event=events.DialogStatus,
        applies=_has_dialog,
        build=_read_dialog_status,
        text=(
            _ID,
            Word("DialogStatus"),
            value("dialog.dialog_id"),
            value("dialog.state"),
            value("dialog.from_address"),
            value("dialog.call_data", CALL_DATA),
            value("associated.dialog_id"),
            value("associated.state"),
            value("associated.from_address"),
            value("associated.call_data", CALL_DATA),
        ),
        members=_DIALOG_STATUS_MEMBERS,
    ),
    Layout(
        event=events.DialogStatus,
        text=(_ID, Word("DialogStatus"), Word(""), Word(""), Word("")),
        members=_DIALOG_STATUS_MEMBERS,
    ),
)


def _new_call(event: type[events.NewInboundCall]) -> Layout:
    return Layout(
        event=event,
        text=(
            _ID,
            Word(event.name),
            value("from_address"),
            value("call_data", CALL_DATA),
            value("dialog_id", prefix="DialogID:"),
            value("call_type", prefix="CallType:"),
            value("start_time"),
        ),
        members=(
            member("dialogId", "dialog_id"),
            member("fromAddress", "from_address"),
            member("callVariables", "call_data", CALL_DATA),
            member("callType", "call_type"),
            _AGENT,
        ),
    )


_INBOUND_CALL_TEXT = (
    _ID,
    Word("InboundCall"),
    value("state"),
    value("dialog_id", prefix="DialogID:"),
    value("from_address"),
    value("call_data", CALL_DATA),
    value("start_time"),
    value("call_type", prefix="CallType:"),
    value("participants_count", COUNT, "ParticipantsCount:", lambda event: event.participants),
    value("participants", PARTICIPANTS, "participants:"),
)
_CALLS = (
    _new_call(events.NewInboundCall),
    _new_call(events.NewOutboundPreviewCall),
    Layout(
        event=events.InboundCall,
        applies=_running,
        text=_INBOUND_CALL_TEXT,
        members=(
            member("dialogId", "dialog_id"),
            member("state", "state"),
            member("startTime", "start_time"),
            member("prevDialogId", "prev_dialog_id"),
            member("fromAddress", "from_address"),
            member("callVariables", "call_data", CALL_DATA),
            member("participantsCount", "participants", COUNT),
            member("participants", "participants", PARTICIPANTS),
            member("callType", "call_type"),
            _AGENT,
        ),
    ),
    Layout(
        event=events.InboundCallFailed,
        text=(
            _ID,
            Word("InboundCall"),
            Word("FAILED"),
            value("dialog_id", prefix="DialogID:"),
            value("cause"),
            value("full_name"),
        ),
        members=(
            member("dialogId", "dialog_id"),
            member("prevDialogId", "prev_dialog_id"),
            Constant("state", "FAILED"),
            _AGENT,
            member("cause", "cause"),
        ),
    ),
    Layout(
        event=events.InboundCall,
        text=_INBOUND_CALL_TEXT,
        members=(
            member("dialogId", "dialog_id"),
            member("prevDialogId", "prev_dialog_id"),
            member("state", "state"),
            _AGENT,
        ),
    ),
    Layout(
        event=events.ConsultCall,
        text=(
            _ID,
            Word("ConsultCall"),
            value("state"),
            value("dialog_id", prefix="AssDialogID:"),
            value("from_address"),
            value("call_data", CALL_DATA),
            value("agent_name"),
        ),
        members=(
            member("state", "state"),
            member("assDialogId", "dialog_id"),
            member("fromAddress", "from_address"),
            member("toAddress", "to_address"),
            member("startTime", "start_time"),
            member("callVariables", "call_data", CALL_DATA),
            member("participants", "participants", PARTICIPANTS),
            member("callType", "call_type"),
            _AGENT,
        ),
    ),
    Layout(
        event=events.ConsultCallFailed,
        text=(
            _ID,
            Word("ConsultCall"),
            Word("FAILED"),
            value("dialog_id", prefix="AssDialogID:"),
            value("cause"),
            value("agent_name"),
        ),
        members=(Constant("state", "FAILED"), member("assDialogId", "dialog_id"), _AGENT, member("cause", "cause")),
    ),
)

_ANSWERS = (
    Layout(
        event=events.DialogState,
        text=(_ID, Word("DialogState"), value("state"), value("dialog_id"), value("full_name")),
        members=(member("dialogId", "dialog_id"), member("state", "state"), _AGENT),
    ),
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
        members=(member("category", "category"), member("reasonCodes", "reasons", REASONS), _AGENT),
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

LAYOUTS = (*_SYSTEM, *_AGENTS, *_DIALOG_STATUS, *_CALLS, *_ANSWERS)
"""All shapes of all events, in the order in which a reader tries them."""

_BY_EVENT = {row.event: tuple(other for other in LAYOUTS if other.event is row.event) for row in LAYOUTS}


def layout_of(event: Event) -> Layout:
    """Give the row for an event. Raises KeyError for a class without a row, which a test rules out."""
    return next(row for row in _BY_EVENT[type(event)] if row.applies(event))

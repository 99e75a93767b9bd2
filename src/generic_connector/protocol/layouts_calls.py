"""How the events of calls are laid out: DialogStatus, new calls, running, ended and failed calls, consultations.

Source: client-protocol.md section 5; the order of JSON members is that of the second seed's samples.
"""

from __future__ import annotations

from generic_connector.protocol import events
from generic_connector.protocol.events import DialogSummary, Event
from generic_connector.protocol.kinds import CALL_DATA, COUNT, PARTICIPANTS, WORDS, word_of
from generic_connector.protocol.layout import Constant, Layout, Values, Word, member, value

DROPPED = "DROPPED"
"""The state of a call that has ended."""

_ID = value("agent_id")
_AGENT = member("agentId", "agent_id")


def _read_dialog_status(values: Values) -> Event:
    dialog, associated = _summary(values, "dialog"), _summary(values, "associated")
    return events.DialogStatus(agent_id=values["agent_id"], dialog=dialog, associated=associated)


def _summary(values: Values, which: str) -> DialogSummary | None:
    if not values[f"{which}.dialog_id"]:
        return None
    attributes = ("dialog_id", "state", "from_address", "call_data")
    return DialogSummary(**{attribute: values[f"{which}.{attribute}"] for attribute in attributes})


def _has_dialog(event: events.DialogStatus) -> bool:
    return event.dialog is not None


def _running(event: events.InboundCall) -> bool:
    return event.state != DROPPED


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
DIALOG_STATUS = (
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
CALLS = (
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
            member("state", "state", word_of(DROPPED)),
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

CALL_ANSWERS = (
    Layout(
        event=events.DialogState,
        text=(_ID, Word("DialogState"), value("state"), value("dialog_id"), value("full_name")),
        members=(member("dialogId", "dialog_id"), member("state", "state"), _AGENT),
    ),
    Layout(
        event=events.DialogStateControls,
        text=(_ID, Word("DialogStateControls"), value("state"), value("dialog_id"), value("actions", WORDS)),
        members=(
            member("dialogId", "dialog_id"),
            member("state", "state"),
            member("actions", "actions", WORDS),
            _AGENT,
        ),
    ),
    Layout(
        event=events.ConferenceParticipants,
        text=(_ID, Word("ConferenceParticipants"), value("participants", WORDS)),
        members=(member("participants", "participants", WORDS), _AGENT),
    ),
    Layout(
        event=events.CallBack,
        text=(Word("CallBack"), value("status", prefix="Callback ")),
        members=(
            member("status", "status", word_of("Scheduled", "Updated", "Canceled")),
            member("dialogId", "dialog_id"),
            member("callbackTime", "callback_time"),
            member("callbackNumber", "callback_number"),
            _AGENT,
        ),
    ),
    Layout(
        event=events.Reclassify,
        text=(_ID, Word("Reclassify"), value("dialog_id"), value("value")),
        members=(member("dialogId", "dialog_id"), member("value", "value"), _AGENT),
    ),
)

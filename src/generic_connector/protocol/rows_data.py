"""The commands about what belongs to a call: its state, parties, wrap-up reason, variables, recording."""

from __future__ import annotations

from dataclasses import replace

from generic_connector.protocol import bodies
from generic_connector.protocol.checks import ID
from generic_connector.protocol.command_rows import Argument, CommandRow
from generic_connector.protocol.row_parts import DIALOG_ID

_NAME_AND_VALUE = r"\s*[^=,\s][^=,]*,[\s\S]*"
_PAIR = r"\s*[^|=\s][^|=]*=[^|]*"
_PAIRS = rf"(?=[^=,]*=)(?:{_PAIR}|\s*)(?:\|(?:{_PAIR}|\s*))*"

DATA = (
    CommandRow(
        name="GetDialogState",
        arguments=(DIALOG_ID,),
        repeatable=True,
        body="<dialogId>",
        about="Asks for the state of a call; NOT_FOUND when there is none.",
        finesse="GET Dialog",
        events=("DialogState",),
        errors=("MISSING_DIALOG_ID",),
    ),
    CommandRow(
        name="GetDialogStateControls",
        arguments=(DIALOG_ID,),
        repeatable=True,
        body="<dialogId>",
        about="Asks what the agent may do with a call now.",
        finesse="GET Dialog",
        events=("DialogStateControls",),
        errors=("MISSING_DIALOG_ID", "NO_DIALOG_ID"),
    ),
    CommandRow(
        name="GetDialogParticipants",
        arguments=(DIALOG_ID,),
        repeatable=True,
        body="<dialogId>",
        about="Asks for the extensions of the parties of a call.",
        finesse="GET Dialog",
        events=("ConferenceParticipants",),
        errors=("MISSING_DIALOG_ID", "NO_DIALOG_ID"),
    ),
    CommandRow(
        name="reasoncodelogout",
        repeatable=True,
        about="Asks for the reason codes of signing out.",
        finesse="GET ReasonCodes?category=LOGOUT",
        events=("ReasonCodes",),
        errors=("CF_RESOURCE_BUSY",),
    ),
    CommandRow(
        name="reasoncodenotready",
        repeatable=True,
        about="Asks for the reason codes of being not ready.",
        finesse="GET ReasonCodes?category=NOT_READY",
        events=("ReasonCodes",),
        errors=("CF_RESOURCE_BUSY",),
    ),
    CommandRow(
        name="wrapupreasoncode",
        repeatable=True,
        about="Asks for the wrap-up reasons.",
        finesse="GET User/WrapUpReasons",
        events=("ReasonCodes",),
        errors=("CF_RESOURCE_BUSY",),
    ),
    CommandRow(
        name="wrapup",
        arguments=(
            Argument(
                name="reason", missing="MISSING_REASON_CODE", commas=True, about="the wrap-up reason; may hold commas"
            ),
            DIALOG_ID,
        ),
        split=bodies.at_last_comma,
        repeatable=False,  # by then the call may be over, and the client would read an Error for what succeeded
        body="<reason>,<dialogId>",
        about="Gives a call its wrap-up reason. The InboundCall with the new data follows from Finesse.",
        finesse="PUT Dialog UPDATE_CALL_DATA wrapUpReason",
        errors=("MISSING_DIALOG_ID", "MISSING_REASON_CODE", "E_CTI_INVALID_CALL_ID"),
    ),
    CommandRow(
        name="update_call_variable",
        arguments=(
            replace(DIALOG_ID, missing="INVALID_CALL_DATA", check=replace(ID, code="INVALID_CALL_DATA")),
            Argument(
                name="variables",
                missing="INVALID_CALL_DATA",
                commas=True,
                about="names and values; in the first form values hold no `|`, in the second anything",
            ),
        ),
        split=bodies.at_first_comma,
        variables=True,
        repeatable=False,  # the data may have been changed again in between, by a routing script or another agent
        unreadable="INVALID_CALL_DATA",
        body="<dialogId>,<name>=<value>|<name>=<value>… or <dialogId>,<name>,<value>",
        body_pattern=rf"\s*{ID.pattern},(?:{_NAME_AND_VALUE}|{_PAIRS})",
        about="Sets call variables or ECC variables of a call.",
        finesse="PUT Dialog UPDATE_CALL_DATA",
        events=("InboundCall ACTIVE",),
        errors=("INVALID_CALL_DATA",),
    ),
    CommandRow(
        name="ZOOMPauseRecording",
        repeatable=True,
        about="Pauses the recording of the agent's call, where a recorder is configured.",
        finesse="none: the configured recorder's HTTP request",
        events=("Control",),
    ),
    CommandRow(
        name="ZOOMResumeRecording",
        repeatable=True,
        about="Goes on with the recording of the agent's call, where a recorder is configured.",
        finesse="none: the configured recorder's HTTP request",
        events=("Control",),
    ),
)

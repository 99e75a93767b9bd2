"""The command table: every command that clients may send, one row each.

The parser, the documentation and many tests are read out of these rows. client-protocol.md section 4 is the source of
all of them; `repeatable` is ours and argued where it is False.
"""

from __future__ import annotations

from generic_connector.protocol import bodies
from generic_connector.protocol.command_rows import (
    ANY_CF,
    Argument,
    CommandRow,
    Subject,
    event_format,
    extension,
)

_STATE_ERRORS = ("PLEASE_RETRY", "CF_INVALID_OBJECT_STATE", "CF_RESOURCE_BUSY")
_CALL_ERRORS = ("MISSING_DIALOG_ID", "NO_DIALOG_ID", ANY_CF)
_SIGNED_IN = ("AgentInfo", "State", "DialogStatus")

_DIALOG_ID = Argument(name="dialog_id", missing="MISSING_DIALOG_ID", about="id of the call, as the events give it")
_REASON = Argument(
    name="reason", missing="MISSING_REASON_CODE", about="a code that `ReasonCodes` offered, or Finesse's id of it"
)
_PASSWORD = Argument(name="password", missing="MISSING_PASSWORD", about="the agent's password; may hold commas")

_SESSION = (
    CommandRow(
        name="Hello",
        subject=Subject.DESTINATION,
        arguments=(Argument(name="format", optional=True, check=event_format, about="the format of the events"),),
        repeatable=True,
        body="[JSON|TEXT]",
        about="The first command of a client: says where it listens, and asks whether Finesse can be worked with.",
        finesse="SystemInfo",
        events=("System",),
    ),
    CommandRow(
        name="Beat",
        subject=Subject.DESTINATION,
        repeatable=True,
        about="Asks again at any time. After `Destination` RECONNECT, connect and sign in every agent again.",
        events=("System", "Destination RECONNECT"),
    ),
    CommandRow(
        name="Connect",
        arguments=(
            Argument(name="destination", about="the topic on which the agent's events are wanted"),
            _PASSWORD,
            Argument(name="sso", optional=True, about="the word `SSO`: the password is a bearer token"),
        ),
        split=bodies.connect,
        repeatable=True,
        body="<destination>,<password>[,SSO]",
        about="Opens the agent's notification session. Success is silent; send Login at once.",
        finesse="notification session (XMPP)",
        errors=("SUBSCRIPTION_FAILED", "UNABLE_TO_SUBSCRIBE_TO_FINESSE", "MISSING_PASSWORD"),
    ),
    CommandRow(
        name="Login",
        arguments=(
            _PASSWORD,
            Argument(
                name="extension",
                missing="MISSING_EXTENSION",
                check=extension,
                about="the agent's extension: digits, or `+` and digits",
            ),
        ),
        split=bodies.at_last_comma,
        repeatable=True,
        body="<password>,<extension>",
        about="Signs the agent in. A supervisor's text clients hear TeamInfoIDs and TeamInfoNames as well.",
        finesse="PUT User LOGIN; GET User; GET Dialogs",
        events=_SIGNED_IN,
        errors=(
            "MISSING_PASSWORD",
            "MISSING_EXTENSION",
            "WRONG_EXTENSION",
            "LICENSES_EXCEEDED",
            "USER_NOT_FOUND",
            "GENERAL_ERROR",
            ANY_CF,
        ),
    ),
    CommandRow(
        name="Logout",
        repeatable=True,
        about="Signs the agent out; a supervisor may sign out a member.",
        finesse="PUT User LOGOUT",
        events=("State LOGOUT",),
        errors=_STATE_ERRORS,
    ),
    CommandRow(
        name="LogoutWithReason",
        arguments=(_REASON,),
        repeatable=True,
        body="<reason>",
        about="Signs the agent out with a reason code.",
        finesse="PUT User LOGOUT with reasonCodeId",
        events=("State LOGOUT",),
        errors=(*_STATE_ERRORS, "MISSING_REASON_CODE"),
    ),
    CommandRow(
        name="force_logout",
        repeatable=True,
        about="Signs the agent out whatever the state, and closes the agent's session here.",
        finesse="PUT User NOT_READY if needed; PUT User LOGOUT",
        events=("State LOGOUT",),
        errors=_STATE_ERRORS,
    ),
    CommandRow(
        name="refresh",
        repeatable=True,
        about="Tells everything about the agent again, read from Finesse.",
        finesse="GET User; GET Dialogs",
        events=_SIGNED_IN,
    ),
)

_STATES = (
    CommandRow(
        name="GetState",
        repeatable=True,
        about="Asks for the agent's present state.",
        finesse="GET User",
        events=("State",),
    ),
    CommandRow(
        name="MakeReady",
        repeatable=True,
        about="Makes the agent ready for calls.",
        finesse="PUT User READY",
        events=("State READY",),
        errors=_STATE_ERRORS,
    ),
    CommandRow(
        name="MakeNotReady",
        repeatable=True,
        about="Makes the agent not ready; a supervisor may do so with a member.",
        finesse="PUT User NOT_READY",
        events=("State NOT_READY",),
        errors=_STATE_ERRORS,
    ),
    CommandRow(
        name="MakeNotReadyWithReason",
        arguments=(_REASON,),
        repeatable=True,
        body="<reason>",
        about="Makes the agent not ready with a reason code.",
        finesse="PUT User NOT_READY with reasonCodeId",
        events=("State NOT_READY",),
        errors=(*_STATE_ERRORS, "MISSING_REASON_CODE"),
    ),
    CommandRow(
        name="MakeWorkReady",
        repeatable=True,
        about="During a call: wrap-up after it, then ready (UCCE).",
        finesse="PUT User READY",
        events=("State WORK_READY",),
        errors=_STATE_ERRORS,
    ),
    CommandRow(
        name="MakeWorkNotReady",
        repeatable=True,
        about="During a call: wrap-up after it, then not ready (UCCE).",
        finesse="PUT User NOT_READY",
        events=("State WORK",),
        errors=_STATE_ERRORS,
    ),
)

# None of these is repeatable: the first time changes the call, so the second would act on another call (MakeCall) or
# be refused, and the client would read an Error for a command that succeeded.
_CALLS = (
    CommandRow(
        name="MakeCall",
        arguments=(Argument(name="number", missing="MISSING_NUMBER", about="the number to dial"),),
        repeatable=False,
        body="<number>",
        about="Calls a number.",
        finesse="POST User/Dialogs MAKE_CALL",
        events=("State TALKING", "InboundCall INITIATING", "InboundCall INITIATED", "InboundCall ACTIVE"),
        errors=("MISSING_NUMBER", "PLEASE_RETRY", "BAD_DESTINATION", ANY_CF),
    ),
    CommandRow(
        name="AnswerCall",
        arguments=(_DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Answers a ringing call.",
        finesse="PUT Dialog ANSWER",
        events=("InboundCall ACTIVE",),
        errors=_CALL_ERRORS,
    ),
    CommandRow(
        name="ReleaseCall",
        arguments=(_DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Leaves a call.",
        finesse="PUT Dialog DROP",
        events=("InboundCall DROPPED", "State"),
        errors=_CALL_ERRORS,
    ),
    CommandRow(
        name="HoldCall",
        arguments=(_DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Puts a call on hold. UCCE tells State HOLD too; UCCX sends no notification of a hold.",
        finesse="PUT Dialog HOLD",
        events=("InboundCall HELD",),
        errors=_CALL_ERRORS,
    ),
    CommandRow(
        name="RetrieveCall",
        arguments=(_DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Takes a call back from hold.",
        finesse="PUT Dialog RETRIEVE",
        events=("InboundCall ACTIVE",),
        errors=_CALL_ERRORS,
    ),
)

_DATA = (
    CommandRow(
        name="GetDialogState",
        arguments=(_DIALOG_ID,),
        repeatable=True,
        body="<dialogId>",
        about="Asks for the state of a call; NOT_FOUND when there is none.",
        finesse="GET Dialog",
        events=("DialogState",),
        errors=("MISSING_DIALOG_ID",),
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
            Argument(name="reason", missing="MISSING_REASON_CODE", about="the wrap-up reason; may hold commas"),
            _DIALOG_ID,
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
            Argument(name="dialog_id", missing="INVALID_CALL_DATA", about="id of the call, as the events give it"),
            Argument(
                name="variables",
                missing="INVALID_CALL_DATA",
                about="names and values; in the first form values hold no `|`, in the second anything",
            ),
        ),
        split=bodies.at_first_comma,
        variables=True,
        repeatable=False,  # the data may have been changed again in between, by a routing script or another agent
        unreadable="INVALID_CALL_DATA",
        body="<dialogId>,<name>=<value>|<name>=<value>… or <dialogId>,<name>,<value>",
        about="Sets call variables or ECC variables of a call.",
        finesse="PUT Dialog UPDATE_CALL_DATA",
        events=("InboundCall ACTIVE",),
        errors=("INVALID_CALL_DATA",),
    ),
)

COMMANDS = {row.name: row for row in (*_SESSION, *_STATES, *_CALLS, *_DATA)}
"""Canonical name to row."""

_BY_SPELLING = {spelling.lower(): row for row in COMMANDS.values() for spelling in (row.name, *row.aliases)}


def find_row(name: str) -> CommandRow | None:
    """Give the row of a command name in any case, also of an alias; None when there is no such command."""
    return _BY_SPELLING.get(name.strip().lower())

"""The commands of outbound campaigns: previews, callbacks, reclassification."""

from __future__ import annotations

from generic_connector.protocol.checks import CALLBACK_TIME, exactly
from generic_connector.protocol.command_rows import Argument, CommandRow, Heard
from generic_connector.protocol.row_parts import CALL_ERRORS, DIALOG_ID

_TARGET = Argument(
    name="target_media_address", optional=True, about="the agent's extension; the agent's own when it is left empty"
)
_CALLBACK = (
    _TARGET,
    DIALOG_ID,
    Argument(
        name="callback_time",
        check=CALLBACK_TIME,
        about="when to call, on the customer's clock: `yyyy-MM-ddTHH:mm`; also with a blank for T, or seconds",
    ),
    Argument(name="callback_number", about="the number to call"),
)
_CALLBACK_BODY = "<targetMediaAddress>,<dialogId>,<callbackTime>,<callbackNumber>"
_OFFERED = Heard(
    who="the agent, when the call is offered,",
    events=("NewOutboundPreviewCall", "State RESERVED", "InboundCall ACTIVE", "InboundCall ACTIVE"),
    events_uccx=("State RESERVED", "InboundCall INITIATING", "NewOutboundPreviewCall"),
)
_ACCEPTED = ("InboundCall ACCEPTED", "InboundCall INITIATING", "InboundCall DROPPED")
_DIALLED = ("InboundCall INITIATING", "InboundCall INITIATED")


def _answer(word: str) -> tuple[Argument, ...]:
    return (
        DIALOG_ID,
        Argument(
            name="action",
            optional=True,
            check=exactly(word),
            about=f"the word `{word}` in any case; it may be missing, the command says it already",
        ),
    )


# None of these is repeatable, for the reason that rows_calls gives.
OUTBOUND = (
    CommandRow(
        name="AcceptOutboundPreview",
        arguments=_answer("ACCEPT"),
        repeatable=False,
        body="<dialogId>,ACCEPT",
        about="Accepts a preview or a personal callback: the customer is called.",
        finesse="PUT Dialog ACCEPT",
        events=(*_ACCEPTED, *_DIALLED, "InboundCall ACTIVE"),
        events_uccx=("InboundCall DROPPED", *_DIALLED, "Control", "InboundCall ACTIVE"),
        others=(_OFFERED,),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="RejectOutboundPreview",
        arguments=_answer("REJECT"),
        repeatable=False,
        body="<dialogId>,REJECT",
        about="Gives a preview or a personal callback back to the campaign.",
        finesse="PUT Dialog REJECT",
        events=("InboundCall ACTIVE", "InboundCall DROPPED"),
        others=(_OFFERED,),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="CloseOutboundPreview",
        arguments=_answer("CLOSE"),
        repeatable=False,
        body="<dialogId>,CLOSE",
        about="Ends a preview for good: the customer is not offered again.",
        finesse="PUT Dialog CLOSE",
        events=("InboundCall ACTIVE", "InboundCall DROPPED"),
        others=(_OFFERED,),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="SHCEDULECALLBACK",
        aliases=("SCHEDULECALLBACK",),
        arguments=_CALLBACK,
        repeatable=False,
        body=_CALLBACK_BODY,
        about="Has the customer called again at another time.",
        finesse="PUT Dialog UPDATE_SCHEDULED_CALLBACK",
        events=("Control", "InboundCall ACTIVE", "CallBack Scheduled", "Control", "InboundCall ACTIVE"),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="UPDATECALLBACK",
        arguments=_CALLBACK,
        repeatable=False,
        body=_CALLBACK_BODY,
        about="Changes time and number of a callback.",
        finesse="PUT Dialog UPDATE_SCHEDULED_CALLBACK",
        events=("Control", "InboundCall ACTIVE", "CallBack Updated", "Control", "InboundCall ACTIVE"),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="CANCELSHCEDULECALLBACK",
        aliases=("CANCELSCHEDULECALLBACK",),
        arguments=(_TARGET, DIALOG_ID),
        repeatable=False,
        body="<targetMediaAddress>,<dialogId>",
        about="Cancels a callback.",
        finesse="PUT Dialog CANCEL_SCHEDULED_CALLBACK",
        events=("CallBack Canceled", "Control", "InboundCall ACTIVE"),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="RECLASSIFYCALL",
        arguments=(
            _TARGET,
            DIALOG_ID,
            Argument(
                name="classification",
                about="what the call was: `VOICE`, `FAX`, `ANS_MACHINE`, `INVALID`, `BUSY`, `DO_NOT_CALL`",
            ),
        ),
        repeatable=False,
        body="<targetMediaAddress>,<dialogId>,<classification>",
        about="Tells the campaign what an outbound call turned out to be.",
        finesse="PUT Dialog RECLASSIFY",
        events=("Reclassify", "Control", "InboundCall ACTIVE"),
        errors=CALL_ERRORS,
    ),
)

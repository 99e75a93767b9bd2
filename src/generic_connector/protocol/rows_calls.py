"""The commands that make, answer, hold, pass on and end calls."""

from __future__ import annotations

from dataclasses import replace

from generic_connector.protocol.checks import DIGITS
from generic_connector.protocol.command_rows import ANY_CF, Argument, CommandRow, Heard
from generic_connector.protocol.row_parts import CALL_ERRORS, DIALOG_ID, NUMBER

_BLIND_CONSULTATION = (
    "ConsultCall INITIATING",
    "ConsultCall INITIATED",
    "ConsultCall ALERTING",
    "ConsultCall DROPPED",
)
_CONSULTED = Argument(
    name="extension", optional=True, about="the extension of whom was consulted; not needed, may be anything or empty"
)
_MAIN_CALL = replace(DIALOG_ID, about="id of the main call, not the consultation")

# None of these is repeatable: the first time changes the call, so the second would act on another call (MakeCall) or
# be refused, and the client would read an Error for a command that succeeded.
CALLS = (
    CommandRow(
        name="MakeCall",
        arguments=(NUMBER,),
        repeatable=False,
        body="<number>",
        about="Calls a number.",
        finesse="POST User/Dialogs MAKE_CALL",
        events=("State TALKING", "InboundCall INITIATING", "InboundCall INITIATED", "InboundCall ACTIVE"),
        events_uccx=("InboundCall INITIATING", "InboundCall INITIATED", "InboundCall ACTIVE"),
        errors=("MISSING_NUMBER", "PLEASE_RETRY", "BAD_DESTINATION", ANY_CF),
    ),
    CommandRow(
        name="AnswerCall",
        arguments=(DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Answers a ringing call.",
        finesse="PUT Dialog ANSWER",
        events=("InboundCall ACTIVE",),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="ReleaseCall",
        arguments=(DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Leaves a call.",
        finesse="PUT Dialog DROP",
        events=("InboundCall DROPPED", "State"),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="HoldCall",
        arguments=(DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Puts a call on hold. UCCE tells State HOLD too; on UCCX the agent stays TALKING.",
        finesse="PUT Dialog HOLD",
        events=("State HOLD", "InboundCall HELD"),
        events_uccx=("InboundCall HELD",),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="RetrieveCall",
        arguments=(DIALOG_ID,),
        repeatable=False,
        body="<dialogId>",
        about="Takes a call back from hold.",
        finesse="PUT Dialog RETRIEVE",
        events=("InboundCall ACTIVE",),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="Transfer_sst",
        arguments=(NUMBER, DIALOG_ID),
        repeatable=False,
        body="<number>,<dialogId>",
        about="Passes a call on to a number without waiting for an answer there.",
        finesse="PUT Dialog TRANSFER_SST",
        # the contract's list; the seed's has more, heard by the one who gets the call, and ACTIVE for what is HELD
        events=("State HOLD", "State TALKING", "InboundCall", *_BLIND_CONSULTATION, "InboundCall DROPPED"),
        events_uccx=("InboundCall", *_BLIND_CONSULTATION, "InboundCall DROPPED"),
        others=(Heard(who="the agent who gets the call", events=("NewInboundCall", "InboundCall ACTIVE")),),
        errors=("MISSING_NUMBER", "BAD_DESTINATION", *CALL_ERRORS),
    ),
    CommandRow(
        name="ConsultCall",
        arguments=(NUMBER, DIALOG_ID),
        repeatable=False,
        body="<number>,<dialogId>",
        about="Holds a call and calls somebody about it; TransferCall or ConferenceCall can follow.",
        finesse="PUT Dialog CONSULT_CALL",
        events=("ConsultCall INITIATING", "ConsultCall INITIATED", "ConsultCall ALERTING", "ConsultCall ACTIVE"),
        others=(Heard(who="the agent who is consulted", events=("NewInboundCall", "InboundCall ACTIVE")),),
        errors=("MISSING_NUMBER", "BAD_DESTINATION", *CALL_ERRORS),
    ),
    CommandRow(
        name="TransferCall",
        arguments=(_CONSULTED, _MAIN_CALL),
        repeatable=False,
        body="<extension>,<dialogId>",
        about="Passes the held main call on to whom the agent consulted.",
        finesse="PUT Dialog TRANSFER",
        events=("InboundCall DROPPED", "ConsultCall DROPPED", "State"),
        others=(Heard(who="the agent who was consulted", events=("InboundCall ACTIVE",)),),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="ConferenceCall",
        arguments=(_CONSULTED, _MAIN_CALL),
        repeatable=False,
        body="<extension>,<dialogId>",
        about="Joins the held main call and the consultation.",
        finesse="PUT Dialog CONFERENCE",
        events=("InboundCall ACTIVE", "ConsultCall DROPPED", "InboundCall ACTIVE"),
        others=(Heard(who="the agent who was consulted", events=("InboundCall ACTIVE",)),),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="SendDTMF",
        arguments=(
            DIALOG_ID,
            Argument(
                name="digits",
                missing="MISSING_NUMBER",
                check=DIGITS,
                about="the keys to press: 0 to 9, `*`, `#`; on UCCE also A to D",
            ),
        ),
        repeatable=False,
        body="<dialogId>,<digits>",
        about="Presses keys of the telephone during a call.",
        finesse="PUT Dialog SEND_DTMF",
        errors=("MISSING_NUMBER", *CALL_ERRORS),
    ),
)

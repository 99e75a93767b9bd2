"""How the commands of calls and of their data are tried."""

from __future__ import annotations

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Script

_DIALOG = ("{dialog}",)
_WITH_BOB = ("{bob}", "{dialog}")

CALLS = (
    Script(
        command="MakeCall",
        situation=when.signed_in,
        arguments=("{customer}",),
        then=(when.customer_answers,),
    ),
    Script(
        command="MakeCall",
        title="to a colleague",
        situation=when.signed_in,
        arguments=("{bob}",),
        then=(when.bob_answers,),
    ),
    Script(command="AnswerCall", situation=when.ringing, arguments=_DIALOG),
    Script(command="ReleaseCall", situation=when.bob_talking, arguments=_DIALOG, sender="bob"),
    Script(
        command="ReleaseCall",
        title="with wrap-up",
        situation=when.talking,
        arguments=_DIALOG,
        then=(when.hears("ann", "InboundCall WRAP_UP"), when.sends("MakeNotReadyWithReason", "{not_ready_reason}")),
    ),
    Script(command="HoldCall", situation=when.talking, arguments=_DIALOG),
    Script(command="RetrieveCall", situation=when.held, arguments=_DIALOG),
    Script(
        command="Transfer_sst",
        situation=when.talking,
        arguments=_WITH_BOB,
        then=(when.bob_answers_transferred,),
        listeners={"the agent who gets the call": "bob"},
    ),
    Script(
        command="ConsultCall",
        situation=when.talking,
        arguments=_WITH_BOB,
        then=(when.bob_answers,),
        listeners={"the agent who is consulted": "bob"},
    ),
    Script(
        command="TransferCall",
        situation=when.consulting,
        arguments=_WITH_BOB,
        listeners={"the agent who was consulted": "bob"},
    ),
    Script(
        command="ConferenceCall",
        situation=when.consulting,
        arguments=_WITH_BOB,
        listeners={"the agent who was consulted": "bob"},
    ),
    Script(
        command="SendDTMF",
        situation=when.talking_unobserved,
        arguments=("{dialog}", "12#"),
        then=(when.keys_arrive,),
    ),
)

DATA = (
    Script(command="GetDialogState", situation=when.talking, arguments=_DIALOG, also=("DialogState ACTIVE",)),
    Script(
        command="GetDialogState",
        title="of no call",
        situation=when.signed_in,
        arguments=("{no_dialog}",),
        also=("DialogState NOT_FOUND",),
    ),
    Script(command="GetDialogStateControls", situation=when.talking, arguments=_DIALOG),
    Script(command="GetDialogParticipants", situation=when.talking, arguments=_DIALOG),
    Script(command="reasoncodelogout", situation=when.signed_in, also=("ReasonCodes LOGOUT",)),
    Script(command="reasoncodenotready", situation=when.signed_in, also=("ReasonCodes NOT_READY",)),
    Script(command="wrapupreasoncode", situation=when.signed_in, also=("ReasonCodes WrapUp",)),
    Script(
        command="wrapup",
        situation=when.wrapping_up,
        arguments=("Billing, and more", "{dialog}"),
        also=("InboundCall WRAP_UP",),
    ),
    Script(
        command="update_call_variable",
        situation=when.talking,
        arguments=("{dialog}", "callVariable2=1|callVariable3=a,b"),
    ),
    Script(
        command="update_call_variable",
        title="one",
        situation=when.talking,
        arguments=("{dialog}", "callVariable2", "a|b"),
    ),
    Script(command="ZOOMPauseRecording", situation=when.talking, needs="recorder"),
    Script(command="ZOOMResumeRecording", situation=when.talking, needs="recorder"),
)

"""How the commands of outbound campaigns are tried."""

from __future__ import annotations

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Script

_OFFERED = {"the agent, when the call is offered,": "ann"}
_CALLBACK = ("{extension}", "{dialog}", "2030-01-02T10:30", "{customer}")

OUTBOUND = (
    Script(
        command="AcceptOutboundPreview",
        situation=when.previewing,
        arguments=("{dialog}", "ACCEPT"),
        then=(when.customer_answers,),
        before=_OFFERED,
    ),
    Script(
        command="RejectOutboundPreview",
        situation=when.previewing,
        arguments=("{dialog}", "REJECT"),
        before=_OFFERED,
    ),
    Script(
        command="CloseOutboundPreview",
        situation=when.previewing,
        arguments=("{dialog}", "CLOSE"),
        before=_OFFERED,
    ),
    Script(command="SHCEDULECALLBACK", situation=when.in_outbound_call, arguments=_CALLBACK),
    Script(command="UPDATECALLBACK", situation=when.callback_scheduled, arguments=_CALLBACK),
    Script(
        command="CANCELSHCEDULECALLBACK",
        situation=when.callback_scheduled,
        arguments=("{extension}", "{dialog}"),
    ),
    Script(
        command="RECLASSIFYCALL",
        situation=when.in_direct_call,
        arguments=("{extension}", "{dialog}", "ANS_MACHINE"),
    ),
)

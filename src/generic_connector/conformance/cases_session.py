"""How the commands of sessions and of states are tried."""

from __future__ import annotations

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Script

_PASSWORD = ("{destination}", "{password}")
_OWN = ("{password}", "{extension}")

SESSION = (
    Script(command="Hello", situation=when.listening, subject="{stranger}", sender="stranger", arguments=("{format}",)),
    Script(command="Beat", situation=when.greeted, subject="{destination}"),
    Script(
        command="Beat",
        title="of an unknown destination",
        situation=when.unheard_of,
        subject="{stranger}",
        sender="stranger",
        told="the sender, when the destination is not known,",
    ),
    Script(
        command="Connect",
        situation=when.nobody,
        arguments=_PASSWORD,
        then=(when.sends("GetState"),),
        also=("State LOGOUT",),
    ),
    Script(command="Login", situation=when.connected, arguments=_OWN),
    Script(
        command="MobileAgentLogin",
        situation=when.connected,
        arguments=(*_OWN, "{customer}", "true"),
        refused_on_uccx=True,
    ),
    Script(
        command="MobileAgentLogin",
        title="nailed",
        situation=when.connected,
        arguments=(*_OWN, "{customer}", "false"),
        refused_on_uccx=True,
    ),
    Script(command="Logout", situation=when.signed_in, sender="max"),
    Script(
        command="Logout",
        title="of a member",
        situation=when.ready,
        subject="{ann_id}",
        sender="sue",
        answers_to="sue",
        also=("State LOGOUT of {ann_id}",),
    ),
    Script(command="LogoutWithReason", situation=when.signed_in, arguments=("{logout_reason}",)),
    Script(command="force_logout", situation=when.ready),
    Script(command="refresh", situation=when.signed_in),
)

STATES = (
    Script(command="GetState", situation=when.signed_in),
    Script(command="MakeReady", situation=when.signed_in),
    Script(
        command="MakeReady",
        title="of a member",
        situation=when.signed_in,
        subject="{ann_id}",
        sender="sue",
        answers_to="sue",
    ),
    Script(command="MakeNotReady", situation=when.max_ready, sender="max"),
    Script(
        command="MakeNotReady",
        title="of a member",
        situation=when.ready,
        subject="{ann_id}",
        sender="sue",
        answers_to="sue",
    ),
    Script(command="MakeNotReadyWithReason", situation=when.ready, arguments=("{not_ready_reason}",)),
    Script(
        command="MakeWorkReady",
        situation=when.talking,
        then=(when.hears("ann", "State TALKING"), when.customer_hangs_up),
        refused_on_uccx=True,
    ),
    Script(
        command="MakeWorkNotReady",
        situation=when.max_talking,
        sender="max",
        then=(when.hears("max", "State TALKING"), when.customer_hangs_up),
    ),
)

"""What the micro-benchmarks work on: a call of 6 kB with 20 call variables, as Finesse writes it."""

from __future__ import annotations

from xml.sax.saxutils import escape

from bench.finesse import VARIABLES
from generic_connector.finesse.model import Credentials, User
from generic_connector.store.records import AgentRecord, CallRecord

AGENT, EXTENSION, CUSTOMER, DIALOG = "1001", "4001", "5550188", "16777300"
_ACTIONS = (
    "UPDATE_CALL_DATA",
    "HOLD",
    "DROP",
    "CONSULT_CALL",
    "TRANSFER_SST",
    "UPDATE_SCHEDULED_CALLBACK",
    "RECLASSIFY",
)


def update(state: str, event: str = "PUT", second: int = 5) -> str:
    """Give the Update document of the call in this state of the agent's."""
    variables = "".join(
        f"<CallVariable><name>{name}</name><value>{value}</value></CallVariable>" for name, value in VARIABLES.items()
    )
    dialog = (
        "<Dialog><associatedDialogUri></associatedDialogUri>"
        f"<fromAddress>{CUSTOMER}</fromAddress><id>{DIALOG}</id><mediaProperties><DNIS>8800</DNIS>"
        "<callType>PREROUTE_ACD_IN</callType><dialedNumber>8800</dialedNumber><mediaId>1</mediaId>"
        f"<outboundClassification></outboundClassification><callvariables>{variables}</callvariables>"
        "</mediaProperties><mediaType>Voice</mediaType><participants>"
        f"{_participant(EXTENSION, 'AGENT_DEVICE', state, second)}{_participant(CUSTOMER, '', 'ACTIVE', second)}"
        f"</participants><state>{state}</state><toAddress>8800</toAddress><uri>/finesse/api/Dialog/{DIALOG}</uri></Dialog>"
    )
    source = f"/finesse/api/User/{AGENT}/Dialogs" if event == "POST" else f"/finesse/api/Dialog/{DIALOG}"
    data = f"<dialogs>{dialog}</dialogs>" if event == "POST" else dialog
    return f"<Update><data>{data}</data><event>{event}</event><requestId></requestId><source>{source}</source></Update>"


def _participant(address: str, kind: str, state: str, second: int) -> str:
    actions = "".join(f"<action>{action}</action>" for action in _ACTIONS)
    return (
        f"<Participant><actions>{actions}</actions><mediaAddress>{address}</mediaAddress>"
        f"<mediaAddressType>{kind}</mediaAddressType><startTime>2026-01-02T03:04:05.678Z</startTime>"
        f"<state>{state}</state><stateCause></stateCause>"
        f"<stateChangeTime>2026-01-02T03:04:{second:02}.678Z</stateChangeTime></Participant>"
    )


def stanza(document: str) -> bytes:
    """Give the XMPP message that brings an Update document."""
    node = f"/finesse/api/User/{AGENT}/Dialogs"
    return (
        f"<message from='pubsub.finesse.example' to='{AGENT}@finesse.example' id='{node}__{AGENT}@finesse.example__x'>"
        f"<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'><item id='1'>"
        f"<notification xmlns='http://jabber.org/protocol/pubsub'>{escape(document)}</notification>"
        "</item></items></event></message>"
    ).encode()


def record(call: CallRecord) -> AgentRecord:
    """Give what a session store keeps of an agent who has this call."""
    user = User(login_id=AGENT, login_name="ann", first_name="Ann", last_name="Lee", state="TALKING", roles=("Agent",))
    credentials = Credentials(user_id=AGENT, secret="agent-secret")  # noqa: S106  a made-up agent
    return AgentRecord(
        id=AGENT, destination="CRM1", credentials=credentials, extension=EXTENSION, user=user, calls=(call,)
    )

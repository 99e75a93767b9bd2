"""The line that a live connector sent, out of the document that Finesse must have sent for it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from generic_connector.agents.calls import Calls
from generic_connector.agents.translate import Viewer
from generic_connector.finesse.model import DialogChanged
from generic_connector.finesse.payloads import parse_update
from generic_connector.protocol.text import TextSettings, render

GOLDEN_LINE = (
    "5000#InboundCall#ACTIVE#DialogID:17672721#42512#ani=42512|associatedDialogId=17672718|callVariable1=|"
    "callVariable2=|callVariable3=null|callVariable4=CONSULT|callVariable5=53da5c96-6580-47d9-958f-28772d8bf45d|"
    "callVariable6=|callVariable7=42035|callVariable8=MAINAPP|callVariable9=|callVariable10=|"
    "user.microapp.locale=en-us|user.microapp.media_server=http://192.168.1.72|user.microapp.fetchdelay=D|"
    "user.microapp.app_media_lib=app|user.cvp_server_info=192.168.1.72#2022-07-22 18:16:47#CallType:CONSULT_IN#"
    "ParticipantsCount:2#participants:42053,ACTIVE,AGENT_DEVICE,,2022-07-22 18:16:47|"
    "42512,ACTIVE,AGENT_DEVICE,,2022-07-22 18:16:47"
)

VARIABLES = (
    ("callVariable1", ""),
    ("callVariable2", ""),
    ("callVariable3", "null"),
    ("callVariable4", "CONSULT"),
    ("callVariable5", "53da5c96-6580-47d9-958f-28772d8bf45d"),
    ("callVariable6", ""),
    ("callVariable7", "42035"),
    ("callVariable8", "MAINAPP"),
    ("callVariable9", ""),
    ("callVariable10", ""),
    ("user.microapp.locale", "en-us"),
    ("user.microapp.media_server", "http://192.168.1.72"),
    ("user.microapp.fetchdelay", "D"),
    ("user.microapp.app_media_lib", "app"),
    ("user.cvp_server_info", "192.168.1.72"),
)
CALL_VARIABLES = "".join(
    f"<CallVariable><name>{name}</name><value>{value}</value></CallVariable>" for name, value in VARIABLES
)


def participant(extension: str, actions: str) -> str:
    return (
        f"<Participant><actions>{actions}</actions><mediaAddress>{extension}</mediaAddress>"
        "<mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>2022-07-22T13:16:47.215Z</startTime>"
        "<state>ACTIVE</state><stateCause></stateCause><stateChangeTime>2022-07-22T13:16:47.215Z</stateChangeTime>"
        "</Participant>"
    )


UPDATE = (
    "<Update><data><dialog><associatedDialogUri>/finesse/api/Dialog/17672718</associatedDialogUri>"
    "<fromAddress>42512</fromAddress><id>17672721</id><mediaProperties><DNIS>42053</DNIS>"
    "<callType>CONSULT</callType><dialedNumber>42053</dialedNumber><outboundClassification></outboundClassification>"
    f"<callvariables>{CALL_VARIABLES}</callvariables></mediaProperties><mediaType>Voice</mediaType><participants>"
    + participant("42512", "<action>HOLD</action><action>DROP</action>")
    + participant("42053", "<action>TRANSFER_SST</action><action>DROP</action>")
    + "</participants><state>ACTIVE</state><toAddress>42053</toAddress><uri>/finesse/api/Dialog/17672721</uri></dialog>"
    "</data><event>PUT</event><requestId></requestId><source>/finesse/api/Dialog/17672721</source></Update>"
)


def test_the_golden_line_comes_out_byte_for_byte() -> None:
    """The consulted agent's view of a consultation, as a live connector of the older kind told it."""
    notification = parse_update(UPDATE)
    assert notification is not None
    assert isinstance(notification.content, DialogChanged)
    viewer = Viewer("5000", "42053", "Some One", ZoneInfo("Asia/Karachi"))
    told = Calls().changed(notification.content.dialog, viewer)
    assert [render(event, TextSettings()) for event in told] == [GOLDEN_LINE]

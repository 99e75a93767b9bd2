from __future__ import annotations

import dataclasses

import pytest

from generic_connector.protocol import events, text
from generic_connector.protocol.events import CallData, Participant, Reason, Team
from generic_connector.protocol.samples import SAMPLES
from generic_connector.protocol.samples_lists import LISTS
from generic_connector.protocol.text import TextSettings

GOLDEN_LINE = (
    "5000#InboundCall#ACTIVE#DialogID:17672721#42512#ani=42512|associatedDialogId=17672718|callVariable1=|"
    "callVariable2=|callVariable3=null|callVariable4=CONSULT|callVariable5=53da5c96-6580-47d9-958f-28772d8bf45d|"
    "callVariable6=|callVariable7=42035|callVariable8=MAINAPP|callVariable9=|callVariable10=|"
    "user.microapp.locale=en-us|user.microapp.media_server=http://192.168.1.72|user.microapp.fetchdelay=D|"
    "user.microapp.app_media_lib=app|user.cvp_server_info=192.168.1.72#2022-07-22 18:16:47#CallType:CONSULT_IN#"
    "ParticipantsCount:2#participants:42053,ACTIVE,AGENT_DEVICE,,2022-07-22 18:16:47|"
    "42512,ACTIVE,AGENT_DEVICE,,2022-07-22 18:16:47"
)


def _party(address: str) -> Participant:
    return Participant(
        media_address=address, state="ACTIVE", address_type="AGENT_DEVICE", state_change_time="2022-07-22 18:16:47"
    )


def test_the_golden_line() -> None:
    """A line captured from a live connector, byte for byte (client-protocol.md section 2)."""
    numbered = ("", "", "null", "CONSULT", "53da5c96-6580-47d9-958f-28772d8bf45d", "", "42035", "MAINAPP", "", "")
    event = events.InboundCall(
        agent_id="5000",
        dialog_id="17672721",
        state="ACTIVE",
        start_time="2022-07-22 18:16:47",
        from_address="42512",
        call_data=CallData(
            ani="42512",
            associated_dialog_id="17672718",
            variables=(
                *((f"callVariable{number}", value) for number, value in enumerate(numbered, start=1)),
                ("user.microapp.locale", "en-us"),
                ("user.microapp.media_server", "http://192.168.1.72"),
                ("user.microapp.fetchdelay", "D"),
                ("user.microapp.app_media_lib", "app"),
                ("user.cvp_server_info", "192.168.1.72"),
            ),
        ),
        participants=(_party("42053"), _party("42512")),
        call_type="CONSULT_IN",
    )
    assert text.render(event, TextSettings()) == GOLDEN_LINE


_DATA = (
    "ani=42512|associatedDialogId=|callVariable1=|callVariable2=|callVariable3=|callVariable4=|callVariable5=|"
    "callVariable6=|callVariable7=|callVariable8=|callVariable9=|callVariable10=|user.account=A-1037"
)
_PARTIES = "participants:42053,ACTIVE,AGENT_DEVICE,,2022-07-22 18:16:47|42512,ACTIVE,,,2022-07-22 18:16:47"
_TIME = "2022-07-22 18:16:47"
EXPECTED = {
    "Finesse can be worked with": "System#IN_SERVICE",
    "The destination is not known, answers Beat": "DESTINATION#crm-desktop-17#RECONNECT",
    "An agent": "1001#AgentInfo#Ada#Byron#false#OPTIONAL#7#Ada Byron#ada",
    "A supervisor": "1001#AgentInfo#Ada#Byron#true#OPTIONAL#TotalNumberOfTeams:2#7,Demo|8,Sales#7#Ada Byron#ada",
    "An agent's state": f"1001#State#NOT_READY#8###{_TIME}#Ada Byron#1001#42053#Break#Ada Byron#ada",
    "A member's state, told to a supervisor": f"1009#State#READY####{_TIME}#Ada Byron#1001#42053##Ada Byron#ada",
    "The connector does not have this agent": "1001#State#RE_LOGIN######1001####",
    "A call and no associated call": f"1001#DialogStatus#16871253#ACTIVE#42512#{_DATA}####",
    "No call": "1001#DialogStatus###",
    "A call rings": f"1001#NewInboundCall#42512#{_DATA}#DialogID:16871253#CallType:ACD_IN#{_TIME}",
    "A preview is offered": (
        f"1001#NewOutboundPreviewCall#42512#{_DATA}#DialogID:16871253#CallType:OUTBOUND_PREVIEW#{_TIME}"
    ),
    "A call, running": (
        f"1001#InboundCall#ACTIVE#DialogID:16871253#42512#{_DATA}#{_TIME}#CallType:ACD_IN#ParticipantsCount:2#{_PARTIES}"
    ),
    "A call, ended": (
        f"1001#InboundCall#DROPPED#DialogID:16871253#42512#{_DATA}#{_TIME}#CallType:ACD_IN#ParticipantsCount:2#{_PARTIES}"
    ),
    "A call, failed": "1001#InboundCall#FAILED#DialogID:16871253#BAD_DESTINATION#Ada Byron",
    "A consultation": f"1001#ConsultCall#INITIATED#AssDialogID:16871288#42053#{_DATA}#Ada Byron",
    "A consultation, failed": "1001#ConsultCall#FAILED#AssDialogID:16871288#BUSY#Ada Byron",
    "The state of a call": "1001#DialogState#HELD#16871253#Ada Byron",
    "What may be done with a call": "1001#DialogStateControls#HELD#16871253#RETRIEVE,DROP,UPDATE_CALL_DATA",
    "The parties of a call": "1009#ConferenceParticipants#42053,42054,42512",
    "A callback was scheduled": "CallBack#Callback Scheduled",
    "An outbound call was reclassified": "1001#Reclassify#16871253#ANS_MACHINE",
    "Wrap-up reasons": "1001#ReasonCodes#Category:Wrap_Up#1,2#Labels:Complaint,Inquiry#Ada Byron",
    "The ids of a supervisor's teams": "1009#TeamInfoIDs#TeamID#7,8#Grace Hopper",
    "The names of a supervisor's teams": "1009#TeamInfoNames#TeamName#Demo,Sales#Grace Hopper",
    "A member's state, in short; only where the setting asks for it": "1009#TeamMemberStateChanged#7#READY",
    "A message for the agent": "1001#Control#PrintStatusBar#The callback was scheduled",
    "A command failed": "1001#Error#MISSING_EXTENSION#The extension is missing",
    "A Connect succeeded; only where the setting asks for it": "1001#ConnectStatus#CONNECTED",
}


@pytest.mark.parametrize("title", [title for title in SAMPLES if title not in LISTS])
def test_each_layout(title: str) -> None:
    """Each event reads as client-protocol.md section 5 lays it out."""
    assert text.render(SAMPLES[title], TextSettings()) == EXPECTED[title]


def test_separators_in_values_are_replaced_where_they_would_part() -> None:
    """`#` nowhere, `|` and `,` not in lists, `=` not in a name; elsewhere every character stays."""
    call = SAMPLES["A call rings"]
    assert isinstance(call, events.NewInboundCall)
    data = CallData(ani="+49#1", variables=(("user.a=b,c", "x=1,y|z#\n"),))
    told = text.render(dataclasses.replace(call, call_data=data, from_address="a|b,c=d#"), TextSettings())
    assert told.split("#")[2:4] == [
        "a|b,c=d00100011",
        "ani=+49001000111|associatedDialogId=|user.a b c=x=1 y z00100011\n",
    ]


def test_reasons_and_teams_keep_their_number_of_items() -> None:
    """A comma in a label or a team's name does not make two of one."""
    codes = events.ReasonCodes(
        agent_id="1", category="LOGOUT", reasons=(Reason(code="7", label="Lunch, long"),), full_name="A, B"
    )
    assert text.render(codes, TextSettings()) == "1#ReasonCodes#Category:LOGOUT#7#Labels:Lunch  long#A, B"
    names = events.TeamInfoNames(agent_id="1", teams=(Team(id="1", name="A|B,C"),), full_name="F")
    assert text.render(names, TextSettings()) == "1#TeamInfoNames#TeamName#A B C#F"


def test_an_error_can_be_three_fields() -> None:
    event = SAMPLES["A command failed"]
    assert text.render(event, TextSettings(error_text=False)) == "1001#Error#MISSING_EXTENSION"

"""The XML on the wire, against finesse-rest.md sections 4.1, 6.1, 12 and finesse-notifications.md section 8."""

from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finesse_simulator import markup, payloads, updates
from finesse_simulator.api_errors import ApiError
from finesse_simulator.engine.model import Reason
from finesse_simulator.engine.world import Notice
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Campaign, Queue, ReasonCode, Scenario, Team, WrapUpReason, many_agents
from finesse_simulator.vocabulary import Deployment, Event, Profile, WrapUpMode


def scenario(profile: Profile = Profile.V12_5, deployment: Deployment = Deployment.UCCE) -> Scenario:
    base = many_agents(2, deployment=deployment)
    ann = msgspec.structs.replace(
        base.agents[0],
        login_name="ann",
        first_name="Ann",
        last_name="Lee",
        wrap_up_on_incoming=WrapUpMode.REQUIRED,
        supervises=("5000",),
    )
    return msgspec.structs.replace(
        base,
        profile=profile,
        teams=(Team(id="5000", name="T1"),),
        agents=(ann, base.agents[1]),
        reason_codes=(ReasonCode(id=49, code=27, label="Lunch", category="NOT_READY", for_all=False, teams=("5000",)),),
        queues=(Queue(number="801031", id="5033", name="PG1.East.Billing"),),
    )


def on_the_wire(stage: Rehearsal, place: int = -1) -> str:
    return updates.update(stage.notices[place])


def ringing(profile: Profile = Profile.V12_5, deployment: Deployment = Deployment.UCCE) -> Rehearsal:
    stage = Rehearsal(scenario(profile, deployment))
    stage.sign_in("1001", ready=True)
    stage.customer_call("801031", "5551230001")
    return stage


USER = """\
<Update>
  <data>
    <user>
      <dialogs>/finesse/api/User/1001/Dialogs</dialogs>
      <extension>4001</extension>
      <firstName>Ann</firstName>
      <lastName>Lee</lastName>
      <loginId>1001</loginId>
      <loginName>ann</loginName>
      <mediaType>1</mediaType>
      <pendingState></pendingState>
      <reasonCode>
        <category>NOT_READY</category>
        <code>27</code>
        <forAll>false</forAll>
        <id>49</id>
        <label>Lunch</label>
        <uri>/finesse/api/ReasonCode/49</uri>
      </reasonCode>
      <reasonCodeId>49</reasonCodeId>
      <roles>
        <role>Agent</role>
        <role>Supervisor</role>
      </roles>
      <settings>
        <wrapUpOnIncoming>REQUIRED</wrapUpOnIncoming>
      </settings>
      <state>NOT_READY</state>
      <stateChangeTime>2026-01-02T03:04:06.188Z</stateChangeTime>
      <teamId>5000</teamId>
      <teamName>T1</teamName>
      <teams>
        <Team>
          <id>5000</id>
          <name>T1</name>
          <uri>/finesse/api/Team/5000</uri>
        </Team>
      </teams>
      <uri>/finesse/api/User/1001</uri>
    </user>
  </data>
  <event>PUT</event>
  <requestId>r-1</requestId>
  <source>/finesse/api/User/1001</source>
</Update>"""


def test_a_user_notification_of_11_6() -> None:
    stage = Rehearsal(scenario(Profile.V11_6))
    stage.sign_in("1001")
    stage.state("1001", "NOT_READY", reason="49", request_id="r-1")
    assert on_the_wire(stage) == USER


@pytest.mark.parametrize("profile", [Profile.V12_5, Profile.V12_6])
def test_newer_releases_tell_whether_the_reason_is_the_systems(profile: Profile) -> None:
    stage = Rehearsal(scenario(profile))
    stage.sign_in("1001")
    stage.state("1001", "NOT_READY", reason="49", request_id="r-1")
    label, settings = "        <label>Lunch</label>\n", "      <settings>\n"
    expected = USER.replace(label, f"{label}        <systemCode>false</systemCode>\n")
    if profile is Profile.V12_6:
        expected = expected.replace(settings, f"{settings}        <deviceSelection>enabled</deviceSelection>\n")
        end = "      </settings>\n"
        expected = expected.replace(end, f"{end}      <skillTargetId>7000</skillTargetId>\n")
    assert on_the_wire(stage) == expected


def test_states_without_a_reason_leave_the_elements_out() -> None:
    stage = ringing()
    reserved = ET.XML(on_the_wire(stage, -2))
    assert reserved.findtext("data/user/state") == "RESERVED"
    assert reserved.find("data/user/reasonCode") is None
    assert reserved.find("data/user/reasonCodeId") is None
    answer = payloads.user_answer(stage.engine.view_user(stage.agent("1001")))
    assert "<reasonCodeId>-1</reasonCodeId>" in answer
    assert answer.startswith("<User>\n  <dialogs>")


def test_a_plain_agent_has_no_teams_element() -> None:
    stage = Rehearsal(scenario())
    stage.sign_in("1002")
    answer = ET.XML(payloads.user_answer(stage.engine.view_user(stage.agent("1002"))))
    assert answer.find("teams") is None
    assert [role.text for role in answer.iter("role")] == ["Agent"]


def test_before_the_first_sign_in_the_time_and_extension_are_empty() -> None:
    stage = Rehearsal(scenario())
    answer = payloads.user_answer(stage.engine.view_user(stage.agent("1001")))
    assert "<stateChangeTime></stateChangeTime>" in answer
    assert "<extension></extension>" in answer
    assert "<state>LOGOUT</state>" in answer
    assert "<reasonCodeId>-1</reasonCodeId>" in answer


VARIABLES = "".join(
    f"<CallVariable><name>callVariable{number}</name><value></value></CallVariable>" for number in range(1, 11)
)
DIALOG_11_6 = (
    "<Update><data><dialogs><Dialog><associatedDialogUri></associatedDialogUri>"
    "<fromAddress>5551230001</fromAddress><id>16777217</id>"
    "<mediaProperties><DNIS>4001</DNIS><callType>PREROUTE_ACD_IN</callType><dialedNumber>801031</dialedNumber>"
    "<outboundClassification></outboundClassification>"
    f"<callvariables>{VARIABLES}</callvariables></mediaProperties>"
    "<mediaType>Voice</mediaType><participants>"
    "<Participant><actions><action>ANSWER</action></actions><mediaAddress>4001</mediaAddress>"
    "<mediaAddressType>AGENT_DEVICE</mediaAddressType><startTime>2026-01-02T03:04:06.878Z</startTime>"
    "<state>ALERTING</state><stateCause></stateCause><stateChangeTime>2026-01-02T03:04:06.878Z</stateChangeTime>"
    "</Participant>"
    "<Participant><actions><action>UPDATE_CALL_DATA</action><action>DROP</action></actions>"
    "<mediaAddress>5551230001</mediaAddress><mediaAddressType></mediaAddressType>"
    "<startTime>2026-01-02T03:04:06.678Z</startTime><state>INITIATED</state><stateCause></stateCause>"
    "<stateChangeTime>2026-01-02T03:04:06.678Z</stateChangeTime></Participant>"
    "</participants><state>ALERTING</state><toAddress>801031</toAddress><uri>/finesse/api/Dialog/16777217</uri>"
    "</Dialog></dialogs></data><event>POST</event><requestId></requestId>"
    "<source>/finesse/api/User/1001/Dialogs</source></Update>"
)


def test_a_dialog_enters_on_one_line() -> None:
    assert on_the_wire(ringing(Profile.V11_6)) == DIALOG_11_6


def test_a_dialog_of_12_5_has_the_media_and_the_queue() -> None:
    newer = on_the_wire(ringing())
    queue = (
        "<queueNumber>5033</queueNumber><queueName>PG1.East.Billing</queueName><callKeyCallId>77217</callKeyCallId>"
        "<callKeySequenceNum>1</callKeySequenceNum><callKeyPrefix>155012</callKeyPrefix>"
    )
    expected = DIALOG_11_6.replace("<mediaProperties>", "<mediaProperties><mediaId>1</mediaId>")
    assert newer == expected.replace("</callvariables>", f"</callvariables>{queue}")


def test_uccx_has_neither_queue_nor_call_key() -> None:
    document = ET.XML(on_the_wire(ringing(deployment=Deployment.UCCX)))
    names = [element.tag for element in document.iter("mediaProperties").__next__()]
    assert names == ["mediaId", "DNIS", "callType", "dialedNumber", "outboundClassification", "callvariables"]


def test_a_dialog_changes_in_lower_case_without_a_collection() -> None:
    stage = ringing()
    stage.act("1001", "16777217", "ANSWER", request_id="a")
    stage.update("1001", "16777217", ("user.history[0]", "x"), wrap_up_reason="Billing", request_id="7")
    document = ET.XML(on_the_wire(stage))
    assert [child.tag for child in document] == ["data", "event", "requestId", "source"]
    assert [child.tag for child in document[0]] == ["dialog"]
    assert [child.text for child in document[1:]] == ["PUT", "7", "/finesse/api/Dialog/16777217"]
    media = document.find("data/dialog/mediaProperties")
    assert media is not None
    assert [child.tag for child in media][4:7] == ["outboundClassification", "wrapUpReason", "callvariables"]
    assert media[6][-1].findtext("name") == "user.history[0]"
    actions = [action.text for action in document.iter("actions").__next__()]
    assert actions == ["TRANSFER_SST", "CONSULT_CALL", "HOLD", "UPDATE_CALL_DATA", "SEND_DTMF", "DROP"]


def test_a_deleted_dialog_has_long_empty_actions() -> None:
    stage = ringing()
    stage.customer_hang_up("16777217")
    text = on_the_wire(stage, -2)
    assert text.startswith("<Update><data><dialogs><Dialog>")
    assert "<actions></actions><mediaAddress>4001</mediaAddress>" in text
    assert "<event>DELETE</event>" in text
    assert "/>" not in text


def test_answers_about_dialogs() -> None:
    stage = ringing()
    views = stage.engine.dialogs_of(stage.agent("1001"))
    assert payloads.dialogs_answer([]) == "<Dialogs/>"
    assert payloads.dialogs_answer(views).startswith("<Dialogs><Dialog><associatedDialogUri></associatedDialogUri>")
    assert payloads.dialog_answer(views[0]).startswith("<Dialog><associatedDialogUri></associatedDialogUri>")


ERROR = """\
<Update>
  <data>
    <apiErrors>
      <apiError>
        <errorData>4001</errorData>
        <errorMessage>INVALID_ACTION UPDATE_CALL_DATA on extension 4001</errorMessage>
        <errorType>Generic Error</errorType>
      </apiError>
    </apiErrors>
  </data>
  <event>put</event>
  <requestId>145</requestId>
  <source>/finesse/api/Dialog/16777217</source>
</Update>"""


def test_an_asynchronous_error() -> None:
    stage = ringing()
    stage.update("1001", "16777217", ("callVariable1", "x"), request_id="145")
    assert on_the_wire(stage) == ERROR


def test_a_synchronous_error() -> None:
    error = ApiError("Invalid Input", "Invalid State specified for user", "state")
    assert payloads.api_errors_answer(error) == (
        "<ApiErrors>\n  <ApiError>\n    <ErrorData>state</ErrorData>\n"
        "    <ErrorMessage>Invalid State specified for user</ErrorMessage>\n"
        "    <ErrorType>Invalid Input</ErrorType>\n  </ApiError>\n</ApiErrors>"
    )
    assert "ErrorData" not in payloads.api_errors_answer(ApiError("Unauthorized", "x", None))


def test_lists_of_reasons() -> None:
    lunch = Reason(31, 27, "Lunch & tea", "NOT_READY", for_all=False)
    assert payloads.reason_codes_answer([], "LOGOUT", Profile.V12_5) == '<ReasonCodes category="LOGOUT"/>'
    assert payloads.reason_codes_answer([lunch], "NOT_READY", Profile.V11_6) == (
        '<ReasonCodes category="NOT_READY">\n  <ReasonCode>\n    <uri>/finesse/api/ReasonCode/31</uri>\n'
        "    <category>NOT_READY</category>\n    <code>27</code>\n    <label>Lunch &amp; tea</label>\n"
        "    <forAll>false</forAll>\n  </ReasonCode>\n</ReasonCodes>"
    )
    assert "<systemCode>false</systemCode>" in payloads.reason_code_answer(lunch, Profile.V12_5)
    assert payloads.wrap_up_reasons_answer("1001", []) == "<WrapUpReasons/>"
    assert payloads.wrap_up_reasons_answer("1001", [WrapUpReason(id=9, label="Billing")]) == (
        "<WrapUpReasons>\n  <WrapUpReason>\n    <uri>/finesse/api/User/1001/WrapUpReason/9</uri>\n"
        "    <label>Billing</label>\n    <forAll>true</forAll>\n  </WrapUpReason>\n</WrapUpReasons>"
    )


@given(st.text())
def test_any_text_survives_in_a_document(text: str) -> None:
    """What XML can carry comes back; what it cannot never goes out."""
    for written in (markup.pretty(("a", [("b", text)])), markup.on_one_line(("a", [("b", text)]))):
        written.encode("utf-8")
        read = ET.XML(written).findtext("b") or ""
        carried = [letter for letter in text if letter in "\t\n\r" or " " <= letter < "\ud800" or letter > "\udfff"]
        kept = [letter for letter in carried if letter not in "\ufffe\uffff"]
        assert [letter for letter in read if letter != "\ufffd"] == [x for x in kept if x != "\ufffd"]
        assert len(read) == len(text)


def test_hostile_text_in_a_notice() -> None:
    error = ApiError("Generic Error", "<ConferenceCallCommand>: Conference failed & more\x00]]>", "20999")
    text = updates.update(Notice("1001", "/n", Event.ERROR, "/s", "<i>", error))
    document = ET.XML(text)
    assert document.findtext("data/apiErrors/apiError/errorMessage") == (
        "<ConferenceCallCommand>: Conference failed & more\ufffd]]>"
    )
    assert document.findtext("requestId") == "<i>"


def test_a_transferred_and_a_campaigns_call_on_the_wire() -> None:
    stage = ringing()
    call = stage.engine.dialogs_of(stage.agent("1001"))[0].id
    stage.sign_in("1002")
    stage.act("1001", call, "ANSWER")
    consultation = stage.consult("1001", call, "4002")
    stage.act("1002", consultation, "ANSWER")
    stage.act("1001", call, "TRANSFER")
    assert f"<id>{call}</id><secondaryId>{consultation}</secondaryId><mediaProperties>" in on_the_wire(stage, -2)


def test_a_callback_and_a_corrected_outcome_on_the_wire() -> None:
    stage = Rehearsal(scenario(Profile.V12_6, Deployment.UCCX))
    stage.sign_in("1001", ready=True)
    reservation = str(stage.engine.outbound_preview("1001", "5550188", {}).id)
    stage.wait()
    stage.act("1001", reservation, "ACCEPT")
    stage.wait(4)
    call = stage.engine.dialogs_of(stage.agent("1001"))[0].id
    stage.act("1001", call, "RECLASSIFY", outboundClassification="FAX")
    assert "<outboundClassification>FAX</outboundClassification>" in on_the_wire(stage)
    stage.act("1001", call, "UPDATE_SCHEDULED_CALLBACK", callbackTime="2026-03-01T14:30", callbackNumber="5550199")
    info = "<callbackTime>2026-03-01T14:30</callbackTime><callbackNumber>5550199</callbackNumber>"
    arranged = f"</participants><scheduledCallbackInfo>{info}</scheduledCallbackInfo><state>ACTIVE</state>"
    assert arranged in on_the_wire(stage)


def test_direct_preview_on_ucce_shows_the_customers_number() -> None:
    base = scenario(Profile.V12_6)
    campaign = Campaign(name="Direct", mode="direct_preview")
    stage = Rehearsal(msgspec.structs.replace(base, campaigns=(campaign,)))
    stage.sign_in("1001", ready=True)
    stage.engine.outbound_preview("Direct", "5550188", {})
    stage.wait()
    assert "</associatedDialogUri><callbackNumber>5550188</callbackNumber><fromAddress>" in on_the_wire(stage)

import pytest

from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.rest.bodies import read_dialog, read_user


def test_a_user() -> None:
    assert read_user(b"<User><state> LOGIN </state><extension>4001</extension></User>") == StateRequest("LOGIN", "4001")
    assert read_user(b"<User><reasonCodeId>31</reasonCodeId><state>NOT_READY</state><more/></User>") == StateRequest(
        "NOT_READY", reason_code_id="31"
    )


def test_a_mobile_agent() -> None:
    mobile = b"<mobileAgent><mode>CALL_BY_CALL</mode><dialNumber>55</dialNumber></mobileAgent>"
    body = b"<User><state>LOGIN</state>" + mobile + b"</User>"
    assert read_user(body) == StateRequest("LOGIN", mobile_mode="CALL_BY_CALL", dial_number="55")


def test_a_dialog_keeps_blanks_and_empty_values_of_variables() -> None:
    body = """<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties>
      <wrapUpReason>Bill &amp; ing</wrapUpReason><callvariables>
      <CallVariable><name>callVariable1</name><value> \u00e4 &#13;</value></CallVariable>
      <CallVariable><name>user.x</name><value/></CallVariable></callvariables></mediaProperties></Dialog>"""
    assert read_dialog(body.encode()) == DialogRequest(
        "UPDATE_CALL_DATA",
        variables=(("callVariable1", " \u00e4 \r"), ("user.x", "")),
        wrap_up_reason="Bill & ing",
        media=True,
    )


def test_a_dialog_with_parameters_and_an_associated_dialog() -> None:
    body = b"""<Dialog><requestedAction>SEND_DTMF</requestedAction><targetMediaAddress>4101</targetMediaAddress>
      <associatedDialogUri> /finesse/api/Dialog/7 </associatedDialogUri>
      <actionParams><ActionParam><name>dtmfString</name><value>42#</value></ActionParam></actionParams></Dialog>"""
    request = read_dialog(body)
    assert (request.associated, request.parameter("dtmfString")) == ("/finesse/api/Dialog/7", "42#")
    assert request.parameter("other") == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"<User>", b"<Dialog></Dialog>", b"text", b"\xff\xfe", b'<!DOCTYPE User [<!ENTITY a "b">]><User>&a;</User>'],
)
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(ApiFaultError, match="400 Bad Request"):
        read_user(body)

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.finesse.requests import REQUESTS, build


@pytest.mark.parametrize(
    ("operation", "values", "method", "path", "body"),
    [
        ("system_info", {}, "GET", "/SystemInfo", ""),
        ("user", {"user_id": "70011"}, "GET", "/User/70011", ""),
        ("users", {}, "GET", "/Users", ""),
        (
            "sign_in",
            {"user_id": "70011", "extension": "4101"},
            "PUT",
            "/User/70011",
            "<User><state>LOGIN</state><extension>4101</extension></User>",
        ),
        (
            "sign_in",
            {"user_id": "70011", "extension": "4101", "mode": "CALL_BY_CALL", "dial_number": "5550123"},
            "PUT",
            "/User/70011",
            (
                "<User><state>LOGIN</state><extension>4101</extension><mobileAgent><mode>CALL_BY_CALL</mode>"
                "<dialNumber>5550123</dialNumber></mobileAgent></User>"
            ),
        ),
        ("sign_out", {"user_id": "70011"}, "PUT", "/User/70011", "<User><state>LOGOUT</state></User>"),
        (
            "sign_out",
            {"user_id": "70011", "reason_code_id": "12"},
            "PUT",
            "/User/70011",
            "<User><state>LOGOUT</state><reasonCodeId>12</reasonCodeId></User>",
        ),
        (
            "change_state",
            {"user_id": "70011", "state": "READY", "reason_code_id": ""},
            "PUT",
            "/User/70011",
            "<User><state>READY</state></User>",
        ),
        (
            "change_state",
            {"user_id": "70011", "state": "NOT_READY", "reason_code_id": "31"},
            "PUT",
            "/User/70011",
            "<User><state>NOT_READY</state><reasonCodeId>31</reasonCodeId></User>",
        ),
        ("dialogs", {"user_id": "70011"}, "GET", "/User/70011/Dialogs", ""),
        ("dialog", {"dialog_id": "33601245"}, "GET", "/Dialog/33601245", ""),
        (
            "make_call",
            {"user_id": "70011", "from_address": "4101", "to_address": "+49<&>"},
            "POST",
            "/User/70011/Dialogs",
            (
                "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4101</fromAddress>"
                "<toAddress>+49&lt;&amp;&gt;</toAddress></Dialog>"
            ),
        ),
        (
            "take_action",
            {"dialog_id": "33601245", "action": "HOLD", "target_media_address": "4101"},
            "PUT",
            "/Dialog/33601245",
            "<Dialog><requestedAction>HOLD</requestedAction><targetMediaAddress>4101</targetMediaAddress></Dialog>",
        ),
        (
            "update_call_data",
            {"dialog_id": "33601245", "wrap_up_reason": "Billing, Ärger"},
            "PUT",
            "/Dialog/33601245",
            (
                "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties>"
                "<wrapUpReason>Billing, Ärger</wrapUpReason></mediaProperties></Dialog>"
            ),
        ),
        (
            "update_call_data",
            {"dialog_id": "33601245", "variables": [("callVariable1", "a&b"), ("user.history[0]", "")]},
            "PUT",
            "/Dialog/33601245",
            (
                "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties><callvariables>"
                "<CallVariable><name>callVariable1</name><value>a&amp;b</value></CallVariable>"
                "<CallVariable><name>user.history[0]</name><value></value></CallVariable>"
                "</callvariables></mediaProperties></Dialog>"
            ),
        ),
        (
            "reason_codes",
            {"user_id": "70011", "category": "NOT_READY"},
            "GET",
            "/User/70011/ReasonCodes?category=NOT_READY",
            "",
        ),
        ("wrap_up_reasons", {"user_id": "70011"}, "GET", "/User/70011/WrapUpReasons", ""),
        (
            "consult_call",
            {"dialog_id": "7", "target_media_address": "4101", "to_address": "4102"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>CONSULT_CALL</requestedAction><toAddress>4102</toAddress>"
                "<targetMediaAddress>4101</targetMediaAddress></Dialog>"
            ),
        ),
        (
            "transfer_sst",
            {"dialog_id": "7", "target_media_address": "4101", "to_address": "8801"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>TRANSFER_SST</requestedAction><toAddress>8801</toAddress>"
                "<targetMediaAddress>4101</targetMediaAddress></Dialog>"
            ),
        ),
        (
            "send_dtmf",
            {"dialog_id": "7", "target_media_address": "4101", "digits": "42#"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>SEND_DTMF</requestedAction><targetMediaAddress>4101</targetMediaAddress>"
                "<actionParams><ActionParam><name>dtmfString</name><value>42#</value></ActionParam></actionParams></Dialog>"
            ),
        ),
        (
            "silent_monitor",
            {"user_id": "70090", "from_address": "4190", "to_address": "4101"},
            "POST",
            "/User/70090/Dialogs",
            (
                "<Dialog><requestedAction>SILENT_MONITOR</requestedAction><fromAddress>4190</fromAddress>"
                "<toAddress>4101</toAddress></Dialog>"
            ),
        ),
        (
            "barge_call",
            {"user_id": "70090", "from_address": "4190", "to_address": "4101", "dialog_id": "336<01"},
            "POST",
            "/User/70090/Dialogs",
            (
                "<Dialog><requestedAction>BARGE_CALL</requestedAction><fromAddress>4190</fromAddress>"
                "<toAddress>4101</toAddress><associatedDialogUri>/finesse/api/Dialog/336%3C01</associatedDialogUri></Dialog>"
            ),
        ),
        (
            "participant_drop",
            {"dialog_id": "7", "target_media_address": "4102"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>PARTICIPANT_DROP</requestedAction>"
                "<targetMediaAddress>4102</targetMediaAddress></Dialog>"
            ),
        ),
        (
            "reclassify",
            {"dialog_id": "7", "target_media_address": "4101", "classification": "ANS_MACHINE"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>RECLASSIFY</requestedAction><targetMediaAddress>4101</targetMediaAddress>"
                "<actionParams><ActionParam><name>outboundClassification</name><value>ANS_MACHINE</value></ActionParam>"
                "</actionParams></Dialog>"
            ),
        ),
        (
            "update_scheduled_callback",
            {
                "dialog_id": "7",
                "target_media_address": "4101",
                "callback_time": "2024-03-01T14:30",
                "callback_number": "5550199",
            },
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>UPDATE_SCHEDULED_CALLBACK</requestedAction>"
                "<targetMediaAddress>4101</targetMediaAddress><actionParams><ActionParam><name>callbackTime</name>"
                "<value>2024-03-01T14:30</value></ActionParam><ActionParam><name>callbackNumber</name>"
                "<value>5550199</value></ActionParam></actionParams></Dialog>"
            ),
        ),
        (
            "update_scheduled_callback",
            {"dialog_id": "7", "target_media_address": "4101", "callback_time": "", "callback_number": "1"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>UPDATE_SCHEDULED_CALLBACK</requestedAction>"
                "<targetMediaAddress>4101</targetMediaAddress><actionParams><ActionParam><name>callbackNumber</name>"
                "<value>1</value></ActionParam></actionParams></Dialog>"
            ),
        ),
        (
            "cancel_scheduled_callback",
            {"dialog_id": "7", "target_media_address": "4101"},
            "PUT",
            "/Dialog/7",
            (
                "<Dialog><requestedAction>CANCEL_SCHEDULED_CALLBACK</requestedAction>"
                "<targetMediaAddress>4101</targetMediaAddress></Dialog>"
            ),
        ),
        ("phone_books", {"user_id": "70011"}, "GET", "/User/70011/PhoneBooks", ""),
        ("team_phone_books", {"team_id": "5001"}, "GET", "/TeamResource/5001/PhoneBooks", ""),
        ("queues", {"user_id": "70011"}, "GET", "/User/70011/Queues", ""),
        ("queue", {"queue_id": "5033"}, "GET", "/Queue/5033", ""),
        ("team", {"team_id": "5001"}, "GET", "/Team/5001", ""),
    ],
)
def test_a_request_is_written_as_documented(
    operation: str, values: dict[str, Any], method: str, path: str, body: str
) -> None:
    request = build(operation, **values)
    assert (request.operation, request.method, request.path, request.body) == (operation, method, path, body)


def test_phone_books_are_asked_for_by_range() -> None:
    assert build("phone_books", user_id="1").headers == (("Range", "objects=1-1500"),)
    assert build("team_phone_books", team_id="1").headers == (("Range", "objects=1-6000"),)


def test_a_monitor_dialog_cannot_be_another_path() -> None:
    with pytest.raises(ValueError, match="cannot be an id"):
        build("barge_call", user_id="1", from_address="2", to_address="3", dialog_id="..")


@pytest.mark.parametrize("user_id", ["", ".", "..", "a\0b", "\ud800"])
def test_an_id_that_would_be_another_path_is_refused(user_id: str) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        build("user", user_id=user_id)


@pytest.mark.parametrize("number", ["\0", "\x1b", "\ufffe", "\ud800"])
def test_what_xml_cannot_write_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        build("make_call", user_id="1", from_address="4101", to_address=number)
    with pytest.raises(ValueError, match="control character"):
        build("update_call_data", dialog_id="1", variables=[("callVariable1", number)])


def test_missing_and_unknown_values_are_our_own_mistake() -> None:
    with pytest.raises(TypeError, match="missing"):
        build("sign_in", user_id="1")
    with pytest.raises(TypeError, match="unknown"):
        build("user", user_id="1", extension="2")


def test_bodies_stay_out_of_what_is_printed() -> None:
    assert "4101" not in repr(build("sign_in", user_id="1", extension="4101"))


XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.just("\r"))


@given(XML_TEXT.filter(lambda text: text not in ("", ".", "..")), XML_TEXT)
def test_values_arrive_as_they_were_given(user_id: str, number: str) -> None:
    request = build("make_call", user_id=user_id, from_address=number, to_address=number)
    assert unquote(request.path.split("/")[2]) == user_id
    assert request.path.count("/") == 3
    root = ET.fromstring(request.body)  # noqa: S314 - our own document
    assert (root.findtext("toAddress") or "") == number


def test_every_row_is_used_with_its_own_values() -> None:
    for row in REQUESTS.values():
        request = build(row.operation, **dict.fromkeys(row.needs, "x"))
        assert "{" not in request.path
        assert bool(request.body) == (row.method != "GET")

"""The JSON of each event beside the second seed's samples: member order, types and nulls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generic_connector.protocol import events, json_codec
from generic_connector.protocol.samples import SAMPLES
from generic_connector.protocol.samples_lists import LISTS

_TIME = "2022-07-22 18:16:47"
_VARIABLES = [{f"callVariable{number}": ""} for number in range(1, 11)]
_DATA = [*_VARIABLES, {"user.account": "A-1037"}, {"ani": "42512"}]
_AGENT_PARTY = {
    "mediaAddress": "42053",
    "state": "ACTIVE",
    "addressType": "AGENT_DEVICE",
    "stateCause": "",
    "stateChangeTime": _TIME,
}
_CUSTOMER_PARTY = {
    "mediaAddress": "42512",
    "state": "ACTIVE",
    "addressType": "",
    "stateCause": "",
    "stateChangeTime": _TIME,
}
_DEMO = {"id": "7", "name": "Demo"}


def _state(**values: str) -> dict[str, str]:
    known = {
        "type": "State",
        "agentId": "1001",
        "state": "",
        "reasonCode": "",
        "stateChangeTimeString": "",
        "pendingState": "",
        "stateChangeTime": _TIME,
        "fullName": "Ada Byron",
        "extension": "42053",
        "label": "",
    }
    return {**known, **values}


def _agent(**values: Any) -> dict[str, Any]:
    return {
        "type": "AgentInfo",
        "firstName": "Ada",
        "lastName": "Byron",
        "supervisor": values["supervisor"],
        "wrapUpOnIncoming": "OPTIONAL",
        "totalNumberOfTeams": values["number"],
        "teams": values["teams"],
        "team": _DEMO,
        "agentId": "1001",
    }


def _new_call(name: str, call_type: str) -> dict[str, Any]:
    return {
        "type": name,
        "dialogId": "16871253",
        "fromAddress": "42512",
        "callVariables": _DATA,
        "callType": call_type,
        "agentId": "1001",
    }


def _dialog_status(dialog: tuple[Any, Any, Any, Any]) -> dict[str, Any]:
    names = ("dialogId", "state", "fromAddress", "callVariables")
    associated = dict.fromkeys(("assDialogId", "assDialogState", "assFromAddress", "assCallVariables"))
    return {"type": "DialogStatus", **dict(zip(names, dialog, strict=True)), **associated, "agentId": "1001"}


EXPECTED: dict[str, dict[str, Any] | None] = {
    "Finesse can be worked with": {"type": "System", "status": "IN_SERVICE"},
    "The destination is not known, answers Beat": {
        "type": "Destination",
        "destination": "crm-desktop-17",
        "status": "RECONNECT",
    },
    "An agent": _agent(supervisor=False, number="", teams=[]),
    "A supervisor": _agent(supervisor=True, number="2", teams=[_DEMO, {"id": "8", "name": "Sales"}]),
    "An agent's state": _state(state="NOT_READY", reasonCode="8", label="Break"),
    "A member's state, told to a supervisor": _state(state="READY", supervisorId="1009"),
    "The connector does not have this agent": _state(state="RE_LOGIN", stateChangeTime="", fullName="", extension=""),
    "A call and no associated call": _dialog_status(("16871253", "ACTIVE", "42512", _DATA)),
    "No call": _dialog_status((None, None, None, None)),
    "A call rings": _new_call("NewInboundCall", "ACD_IN"),
    "A preview is offered": _new_call("NewOutboundPreviewCall", "OUTBOUND_PREVIEW"),
    "A call, running": {
        "type": "InboundCall",
        "dialogId": "16871253",
        "state": "ACTIVE",
        "startTime": _TIME,
        "prevDialogId": None,
        "fromAddress": "42512",
        "callVariables": _DATA,
        "participantsCount": "2",
        "participants": [_AGENT_PARTY, _CUSTOMER_PARTY],
        "callType": "ACD_IN",
        "agentId": "1001",
    },
    "A call, ended": {
        "type": "InboundCall",
        "dialogId": "16871253",
        "prevDialogId": None,
        "state": "DROPPED",
        "agentId": "1001",
    },
    "A call, failed": {
        "type": "InboundCall",
        "dialogId": "16871253",
        "prevDialogId": None,
        "state": "FAILED",
        "agentId": "1001",
        "cause": "BAD_DESTINATION",
    },
    "A consultation": {
        "type": "ConsultCall",
        "state": "INITIATED",
        "assDialogId": "16871288",
        "fromAddress": "42053",
        "toAddress": "42054",
        "startTime": _TIME,
        "callVariables": _DATA,
        "participants": [_AGENT_PARTY],
        "callType": "CONSULT",
        "agentId": "1001",
    },
    "A consultation, failed": {
        "type": "ConsultCall",
        "state": "FAILED",
        "assDialogId": "16871288",
        "agentId": "1001",
        "cause": "BUSY",
    },
    "The state of a call": {"type": "DialogState", "dialogId": "16871253", "state": "HELD", "agentId": "1001"},
    "What may be done with a call": {
        "type": "DialogStateControls",
        "dialogId": "16871253",
        "state": "HELD",
        "actions": ["RETRIEVE", "DROP", "UPDATE_CALL_DATA"],
        "agentId": "1001",
    },
    "The parties of a call": {
        "type": "ConferenceParticipants",
        "participants": ["42053", "42054", "42512"],
        "agentId": "1009",
    },
    "A callback was scheduled": {
        "type": "CallBack",
        "status": "Scheduled",
        "dialogId": "16871253",
        "callbackTime": "2024-03-01T14:30",
        "callbackNumber": "5550199",
        "agentId": "1001",
    },
    "An outbound call was reclassified": {
        "type": "Reclassify",
        "dialogId": "16871253",
        "value": "ANS_MACHINE",
        "agentId": "1001",
    },
    "Wrap-up reasons": {
        "type": "ReasonCodes",
        "category": "WrapUp",
        "reasonCodes": [{"1": "Complaint"}, {"2": "Inquiry"}],
        "agentId": "1001",
    },
    "The ids of a supervisor's teams": None,
    "The names of a supervisor's teams": None,
    "A member's state, in short; only where the setting asks for it": None,
    "A message for the agent": {
        "type": "Control",
        "action": "PrintStatusBar",
        "message": "The callback was scheduled",
        "agentId": "1001",
    },
    "A command failed": {
        "type": "Error",
        "code": "MISSING_EXTENSION",
        "message": "The extension is missing",
        "agentId": "1001",
        "command": "Login",
    },
    "A Connect succeeded; only where the setting asks for it": {
        "type": "ConnectStatus",
        "status": "CONNECTED",
        "agentId": "1001",
    },
}


@pytest.mark.parametrize("title", [title for title in SAMPLES if title not in LISTS])
def test_each_shape(title: str) -> None:
    """Each event has the members of client-protocol.md section 5, in order, compact."""
    expected = EXPECTED[title]
    told = None if expected is None else json.dumps(expected, separators=(",", ":"))
    assert json_codec.render(SAMPLES[title]) == told


def test_characters_are_not_escaped() -> None:
    """A client sees the characters themselves, and `#`, `|` and `,` as they are."""
    event = events.DialogState(agent_id="jürgen", dialog_id="1", state="#|,😀", full_name="")
    assert json_codec.render(event) == '{"type":"DialogState","dialogId":"1","state":"#|,😀","agentId":"jürgen"}'


def test_the_code_that_json_spells_its_own_way() -> None:
    event = events.Error(agent_id="1001", code="E_CTI_INVALID_CALL_ID", message="", command="wrapup")
    told = json_codec.render(event)
    assert told is not None
    assert '"code":"E_CTI_INVALID_CALLID"' in told
    assert json_codec.parse(told) == event

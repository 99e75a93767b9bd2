"""What the client hears in the story, byte for byte: the main job in both formats on both deployments."""

from __future__ import annotations

from typing import Any

from journeys.world import party, variables

CALL = "16777217"
CUSTOMER = "5550188"
VARIABLES = {"callVariable1": "VIP", "user.order": "A-17"}


def state(state: str, reason: str = "", label: str = "") -> str:
    return f"1001#State#{state}#{reason}###<time>#Ann Lee#1001#4001#{label}#Ann Lee#ann"


def call(state: str, *parties: str, call_type: str = "PREROUTE_ACD_IN") -> str:
    data = variables(CUSTOMER, **VARIABLES)
    return (
        f"1001#InboundCall#{state}#DialogID:{CALL}#{CUSTOMER}#{data}#<time>#CallType:{call_type}"
        f"#ParticipantsCount:{len(parties)}#participants:{'|'.join(parties)}"
    )


def ringing(call_type: str = "PREROUTE_ACD_IN") -> str:
    data = variables(CUSTOMER, **VARIABLES)
    return f"1001#NewInboundCall#{CUSTOMER}#{data}#DialogID:{CALL}#CallType:{call_type}#<time>"


def agent(state: str) -> str:
    return party("4001", state)


def customer(state: str) -> str:
    return party(CUSTOMER, state, "")


def text_story(*, uccx: bool = False) -> list[str]:
    """Write what a text client hears."""
    kind = "ACD_IN" if uccx else "PREROUTE_ACD_IN"
    told = [
        "System#IN_SERVICE",
        "1001#AgentInfo#Ann#Lee#false#REQUIRED#5001#Ann Lee#ann",
        state("NOT_READY", "-1"),
        "1001#DialogStatus###",
        state("READY"),
        state("RESERVED"),
        ringing(kind),
        state("TALKING"),
        call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type=kind),
        "" if uccx else state("HOLD"),
        call("HELD", agent("HELD"), customer("ACTIVE"), call_type=kind),
        "" if uccx else state("TALKING"),
        call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type=kind),
        call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type=kind),  # the answer to wrapup
        call("WRAP_UP", agent("WRAP_UP"), customer("ACTIVE"), call_type=kind),
        call("WRAP_UP", agent("WRAP_UP"), customer("DROPPED"), call_type=kind),
        state("WORK" if uccx else "WORK_READY"),
        call("DROPPED", agent("DROPPED"), customer("DROPPED"), call_type=kind),
        state("NOT_READY", "27", "Lunch"),
        state("LOGOUT", "-1", "End of shift"),
    ]
    return [event for event in told if event]


def json_state(state: str, reason: str = "", label: str = "") -> dict[str, Any]:
    return {
        "type": "State",
        "agentId": "1001",
        "state": state,
        "reasonCode": reason,
        "stateChangeTimeString": "",
        "pendingState": "",
        "stateChangeTime": "<time>",
        "fullName": "Ann Lee",
        "extension": "4001",
        "label": label,
    }


def json_variables() -> list[dict[str, str]]:
    values = {"callVariable1": "VIP"}
    peripheral = [{f"callVariable{number}": values.get(f"callVariable{number}", "")} for number in range(1, 11)]
    return [*peripheral, {"user.order": "A-17"}, {"ani": CUSTOMER}]


def json_party(address: str, state: str, kind: str) -> dict[str, str]:
    return {
        "mediaAddress": address,
        "state": state,
        "addressType": kind,
        "stateCause": "",
        "stateChangeTime": "<time>",
    }


def json_call(state: str, own: str, other: str, call_type: str) -> dict[str, Any]:
    return {
        "type": "InboundCall",
        "dialogId": CALL,
        "state": state,
        "startTime": "<time>",
        "prevDialogId": None,
        "fromAddress": CUSTOMER,
        "callVariables": json_variables(),
        "participantsCount": "2",
        "participants": [json_party("4001", own, "AGENT_DEVICE"), json_party(CUSTOMER, other, "")],
        "callType": call_type,
        "agentId": "1001",
    }


def json_story(*, uccx: bool = False) -> list[dict[str, Any]]:
    """Write what a JSON client hears."""
    call_type = "ACD_IN" if uccx else "PREROUTE_ACD_IN"
    told: list[dict[str, Any] | None] = [
        {"type": "System", "status": "IN_SERVICE"},
        {
            "type": "AgentInfo",
            "firstName": "Ann",
            "lastName": "Lee",
            "supervisor": False,
            "wrapUpOnIncoming": "REQUIRED",
            "totalNumberOfTeams": "",
            "teams": [],
            "team": {"id": "5001", "name": "East"},
            "agentId": "1001",
        },
        json_state("NOT_READY", "-1"),
        {
            "type": "DialogStatus",
            "dialogId": None,
            "state": None,
            "fromAddress": None,
            "callVariables": None,
            "assDialogId": None,
            "assDialogState": None,
            "assFromAddress": None,
            "assCallVariables": None,
            "agentId": "1001",
        },
        json_state("READY"),
        json_state("RESERVED"),
        {
            "type": "NewInboundCall",
            "dialogId": CALL,
            "fromAddress": CUSTOMER,
            "callVariables": json_variables(),
            "callType": call_type,
            "agentId": "1001",
        },
        json_state("TALKING"),
        json_call("ACTIVE", "ACTIVE", "ACTIVE", call_type),
        None if uccx else json_state("HOLD"),
        json_call("HELD", "HELD", "ACTIVE", call_type),
        None if uccx else json_state("TALKING"),
        json_call("ACTIVE", "ACTIVE", "ACTIVE", call_type),
        json_call("ACTIVE", "ACTIVE", "ACTIVE", call_type),
        json_call("WRAP_UP", "WRAP_UP", "ACTIVE", call_type),
        json_call("WRAP_UP", "WRAP_UP", "DROPPED", call_type),
        json_state("WORK" if uccx else "WORK_READY"),
        {"type": "InboundCall", "dialogId": CALL, "prevDialogId": None, "state": "DROPPED", "agentId": "1001"},
        json_state("NOT_READY", "27", "Lunch"),
        json_state("LOGOUT", "-1", "End of shift"),
    ]
    return [event for event in told if event is not None]

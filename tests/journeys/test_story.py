"""The main job: sign in, take a call, hold, retrieve, wrap up, release, not ready with a reason, sign out."""

from __future__ import annotations

from typing import Any

import pytest

from generic_connector.agents.settings import ClientSettings
from generic_connector.demo.play import Player
from generic_connector.demo.story import Cast, story
from generic_connector.protocol.formats import Format
from journeys.world import World, a_scenario, a_world, as_json, party, variables, without_times

CALL = "16777217"
CUSTOMER = "5550188"


class InMemory:
    """The client's end of the in-memory broker."""

    def __init__(self, world: World, destination: str) -> None:
        self._world = world
        self._destination = destination
        self._received = 0

    async def send(self, command_type: str, body: str) -> None:
        self._world.send(command_type, body)

    async def receive(self) -> str:
        self._received += 1
        bodies = await self._world.door.wait_for(self._destination, self._received)
        return bodies[self._received - 1]


async def play(world: World, *, uccx: bool = False, event_format: Format = Format.TEXT) -> list[str]:
    """Play the whole story; nothing may differ and nothing may be left over. Gives the transcript."""

    async def customer_calls() -> None:
        world.finesse.customer_call(CUSTOMER, "8800", {"callVariable1": "VIP", "user.order": "A-17"})

    player = Player(InMemory(world, "CRM1"), customer_calls, event_format)
    differences = await player.play(story(Cast(), uccx=uccx))
    assert [str(difference) for difference in differences] == []
    assert len(world.door.bodies("CRM1")) == len(player.transcript)
    return [without_times(body) for body in player.transcript]


def state(state: str, reason: str = "", label: str = "") -> str:
    return f"1001#State#{state}#{reason}###<time>#Ann Lee#1001#4001#{label}#Ann Lee#ann"


def call(state: str, *parties: str, call_type: str = "PREROUTE_ACD_IN") -> str:
    data = variables(CUSTOMER, callVariable1="VIP", **{"user.order": "A-17"})
    return (
        f"1001#InboundCall#{state}#DialogID:{CALL}#{CUSTOMER}#{data}#<time>#CallType:{call_type}"
        f"#ParticipantsCount:{len(parties)}#participants:{'|'.join(parties)}"
    )


def ringing(call_type: str = "PREROUTE_ACD_IN") -> str:
    data = variables(CUSTOMER, callVariable1="VIP", **{"user.order": "A-17"})
    return f"1001#NewInboundCall#{CUSTOMER}#{data}#DialogID:{CALL}#CallType:{call_type}#<time>"


def agent(state: str) -> str:
    return party("4001", state)


def customer(state: str) -> str:
    return party(CUSTOMER, state, "")


async def test_on_ucce_in_text() -> None:
    """A text client of UCCE hears every step, byte for byte."""
    async with a_world() as world:
        assert await play(world) == [
            "System#IN_SERVICE",
            "1001#AgentInfo#Ann#Lee#false#REQUIRED#5001#Ann Lee#ann",
            state("NOT_READY", "-1"),
            "1001#DialogStatus###",
            state("READY"),
            state("RESERVED"),
            ringing(),
            state("TALKING"),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE")),
            state("HOLD"),
            call("HELD", agent("HELD"), customer("ACTIVE")),
            state("TALKING"),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE")),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE")),  # the answer to wrapup
            call("WRAP_UP", agent("WRAP_UP"), customer("ACTIVE")),
            call("WRAP_UP", agent("WRAP_UP"), customer("DROPPED")),
            state("WORK_READY"),
            call("DROPPED", agent("DROPPED"), customer("DROPPED")),
            state("NOT_READY", "27", "Lunch"),
            state("LOGOUT", "-1", "End of shift"),
        ]


async def test_on_uccx_in_text() -> None:
    """A text client of UCCX hears no HOLD state, ACD_IN as call type, and WORK after the call."""
    async with a_world(a_scenario(uccx=True)) as world:
        assert await play(world, uccx=True) == [
            "System#IN_SERVICE",
            "1001#AgentInfo#Ann#Lee#false#REQUIRED#5001#Ann Lee#ann",
            state("NOT_READY", "-1"),
            "1001#DialogStatus###",
            state("READY"),
            state("RESERVED"),
            ringing("ACD_IN"),
            state("TALKING"),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type="ACD_IN"),
            call("HELD", agent("HELD"), customer("ACTIVE"), call_type="ACD_IN"),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type="ACD_IN"),
            call("ACTIVE", agent("ACTIVE"), customer("ACTIVE"), call_type="ACD_IN"),
            call("WRAP_UP", agent("WRAP_UP"), customer("ACTIVE"), call_type="ACD_IN"),
            call("WRAP_UP", agent("WRAP_UP"), customer("DROPPED"), call_type="ACD_IN"),
            state("WORK"),
            call("DROPPED", agent("DROPPED"), customer("DROPPED"), call_type="ACD_IN"),
            state("NOT_READY", "27", "Lunch"),
            state("LOGOUT", "-1", "End of shift"),
        ]


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


def json_story(call_type: str, *, uccx: bool) -> list[dict[str, Any]]:
    """Write what a JSON client hears."""
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


@pytest.mark.parametrize(("uccx", "call_type"), [(False, "PREROUTE_ACD_IN"), (True, "ACD_IN")], ids=["UCCE", "UCCX"])
async def test_in_json(uccx: bool, call_type: str) -> None:  # noqa: FBT001 - a parameter of the table
    """A JSON client hears the same in the seed's shapes."""
    clients = ClientSettings(default_format=Format.JSON)
    async with a_world(a_scenario(uccx=uccx), clients=clients) as world:
        transcript = await play(world, uccx=uccx, event_format=Format.JSON)
    assert [as_json(body) for body in transcript] == json_story(call_type, uccx=uccx)

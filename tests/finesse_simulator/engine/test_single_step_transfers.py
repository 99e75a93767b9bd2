"""TRANSFER_SST as captured: finesse-notifications.md section 11.6, finesse-rest.md section 9.8."""

import pytest

from call_scenes.office import CALL, consulting, of, scenario, talking
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.views import DialogView
from finesse_simulator.vocabulary import WrapUpMode

O = str(CALL)  # noqa: E741  the reference calls it so
T = CALL + 1
BEGINS = [
    "U(1001) PUT HOLD",
    "U(1001) PUT TALKING",
    f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
    f"D(1001) POST {T} INITIATING 4001:INITIATING",
    f"D(1001) PUT {T} INITIATED 4001:INITIATED",
]


def test_to_an_agent_as_the_transferor_sees_it() -> None:
    stage = talking(scenario(mode=WrapUpMode.REQUIRED, auto_answer=("1002",)))
    stage.act("1001", O, "TRANSFER_SST", to="4002", request_id="s")
    assert of("1001", stage.told()) == [
        *BEGINS,
        f"D(1001) PUT {T} ALERTING 4001:INITIATED 4002:ALERTING",
        f"D(1001) DELETE {T} DROPPED 4002:DROPPED/OTHER 5550188:DROPPED/OTHER",
        f"D(1001) PUT {O} ACTIVE 4002:ALERTING 5550188:ACTIVE",
        f"D(1001) DELETE {O} ACTIVE 4002:ALERTING 5550188:ACTIVE",
        "U(1001) PUT WORK_READY",
    ]


def test_to_an_agent_as_the_target_sees_it() -> None:
    stage = talking(scenario(auto_answer=("1002",)))
    stage.update("1001", O, ("callVariable1", "acct 7788"), wrap_up_reason="Billing")
    stage.told()
    stage.act("1001", O, "TRANSFER_SST", to="4002", request_id="s")
    views = [(n.event, n.body) for n in stage.notices if n.user_id == "1002" and isinstance(n.body, DialogView)]
    assert of("1002", stage.told()) == [
        "U(1002) PUT RESERVED",
        f"D(1002) POST {T} ALERTING 4002:ALERTING 5550188:INITIATED",
        f"D(1002) POST {O} ACTIVE 4002:ALERTING 4001:DROPPED/OTHER 5550188:ACTIVE",
        f"D(1002) DELETE {T} DROPPED 4002:DROPPED/OTHER 5550188:DROPPED/OTHER",
        f"D(1002) PUT {O} ACTIVE 4002:ALERTING 5550188:ACTIVE",
        f"D(1002) PUT {O} ACTIVE 4002:ALERTING 5550188:ACTIVE",
        "U(1002) PUT TALKING",
        f"D(1002) PUT {O} ACTIVE 4002:ACTIVE 5550188:ACTIVE",
    ]
    offered, original, deleted = (view for _, view in views[:3])
    assert (offered.type, offered.from_address, offered.to_address) == ("PREROUTE_ACD_IN", "5550188", "4002")
    assert [party.address_type for party in offered.participants] == ["AGENT_DEVICE", "AGENT_DEVICE"]
    assert (offered.wrap_up_reason, dict(offered.variables)["callVariable1"]) == ("Billing", "acct 7788")
    assert (original.type, original.dnis, original.to_address) == ("TRANSFER", "4001", "8800")
    assert original.participants[0].actions == ("ANSWER",)
    assert deleted.type == "TRANSFER"


def test_the_customer_keeps_the_start_time_and_the_target_gets_its_own() -> None:
    stage = talking(scenario(auto_answer=("1002",)))
    before = {party.address: party.started for party in stage.engine.dialog(O, None).participants}
    stage.act("1001", O, "TRANSFER_SST", to="4002")
    after = {party.address: party.started for party in stage.engine.dialog(O, None).participants}
    assert after["5550188"] == before["5550188"]
    assert after["4002"] > before["4001"]


def test_the_target_does_not_answer_and_the_customer_gives_up() -> None:
    stage = talking(scenario())
    stage.act("1001", O, "TRANSFER_SST", to="4002")
    stage.told()
    stage.customer_hang_up(O)
    assert stage.told() == [f"D(1002) DELETE {O} ACTIVE 4002:DROPPED 5550188:ACTIVE", "U(1002) PUT READY"]
    assert not stage.engine.world.calls


def test_to_a_queue_whose_agent_gets_a_fresh_call() -> None:
    stage = talking(scenario())
    stage.update("1001", O, ("callVariable1", "acct 7788"), wrap_up_reason="Billing")
    stage.told()
    stage.act("1001", O, "TRANSFER_SST", to="8801")
    told = stage.told()
    assert of("1001", told) == [
        *BEGINS,
        f"D(1001) DELETE {T} DROPPED 4001:DROPPED/OTHER",
        f"D(1001) DELETE {O} ACTIVE 4001:DROPPED 5550188:ACTIVE",
        "U(1001) PUT READY",
    ]
    fresh = T + 1
    assert of("1002", told) == [
        "U(1002) PUT RESERVED",
        f"D(1002) POST {fresh} ALERTING 4002:ALERTING 5550188:INITIATED",
    ]
    view = stage.engine.dialog(str(fresh), None)
    assert (view.type, view.to_address, view.wrap_up_reason) == ("PREROUTE_ACD_IN", "8801", None)
    assert dict(view.variables)["callVariable1"] == "acct 7788"
    stage.act("1002", str(fresh), "ANSWER")
    assert stage.told()[-1] == f"D(1002) PUT {fresh} ACTIVE 4002:ACTIVE 5550188:ACTIVE"


def test_to_a_number_outside() -> None:
    stage = talking(scenario())
    stage.act("1001", O, "TRANSFER_SST", to="5550101")
    assert stage.told() == [
        *BEGINS,
        f"D(1001) PUT {T} ALERTING 4001:INITIATED 5550101:ALERTING",
        f"D(1001) DELETE {T} DROPPED 4001:DROPPED/OTHER 5550101:DROPPED/OTHER",
        f"D(1001) PUT {O} ACTIVE 5550101:ALERTING 5550188:ACTIVE",
        f"D(1001) DELETE {O} ACTIVE 5550101:ALERTING 5550188:ACTIVE",
        "U(1001) PUT READY",
    ]
    assert [str(party.state) for party in stage.engine.call(O).parties] == ["ACTIVE", "ACTIVE"]
    stage.customer_hang_up(O)
    assert not stage.engine.world.calls


@pytest.mark.parametrize(
    ("number", "error"),
    [("777", "14|CF_INVALID_DESTINATION"), ("5550199", "33|CF_RESOURCE_BUSY"), ("4003", "33|CF_RESOURCE_BUSY")],
)
def test_a_target_that_cannot_be_reached_is_refused_and_nothing_changes(number: str, error: str) -> None:
    stage = talking(scenario())
    stage.make_call("1003", "5550101")
    stage.told()
    stage.act("1001", O, "TRANSFER_SST", to=number, request_id="s")
    assert stage.told() == [f"E(1001) put Generic Error|{error} [s]"]


def test_the_target_becomes_busy_while_it_is_dialled() -> None:
    stage = talking(scenario(auto_answer=("1003",)))
    agent = stage.agent("1001")
    stage.engine.request_action(agent, O, DialogRequest("TRANSFER_SST", "4001", to_address="4003"), "s")
    stage.wait(0.1)
    stage.customer_call("4003", "5551")
    assert of("1001", stage.told())[-1] == f"D(1001) PUT {T} FAILED 4001:FAILED/BUSY"
    stage.act("1001", str(T), "DROP")
    stage.act("1001", O, "RETRIEVE")
    assert of("1001", stage.told())[-1] == f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE"


def test_not_while_ringing_nor_on_hold_nor_beside_a_consultation() -> None:
    stage, consultation = consulting(scenario())
    stage.act("1001", O, "TRANSFER_SST", to="4004", request_id="1")
    assert stage.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION TRANSFER_SST on extension 4001 [1]"]
    stage.act("1001", consultation, "TRANSFER_SST", to="4004", request_id="2")
    assert stage.told() == ["E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [2]"]

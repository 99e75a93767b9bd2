"""What is refused about calls, at once and late, and call data: finesse-rest.md sections 2, 6.3, 7.3 and 8."""

import pytest

from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import many_agents
from finesse_simulator.vocabulary import Deployment

CALL = "16777217"


def talking(deployment: Deployment = Deployment.UCCE) -> Rehearsal:
    stage = Rehearsal(many_agents(3, deployment=deployment))
    stage.sign_in("1001", ready=True)
    stage.sign_in("1002")
    stage.act("1001", stage.customer_call("8800"), "ANSWER")
    stage.told()
    return stage


def dial(**changes: str) -> DialogRequest:
    return DialogRequest(**{"action": "MAKE_CALL", "from_address": "4002", "to_address": "5550188"} | changes)  # type: ignore[arg-type]


BAD_VARIABLE = DialogRequest("UPDATE_CALL_DATA", variables=(("BAStatus", "x"),), media=True)
TWICE = DialogRequest("UPDATE_CALL_DATA", variables=(("callVariable1", "x"), ("callVariable1", "y")), media=True)


@pytest.mark.parametrize(
    ("request_", "status", "type_", "data"),
    [
        (dial(action=""), 400, "Parameter Missing", "requestedAction"),
        (dial(action="JUMP"), 400, "Invalid Input", "requestedAction"),
        (dial(action="HOLD"), 400, "Invalid Input", "requestedAction"),
        (dial(action="SILENT_MONITOR"), 401, "Authorization Failure", "1002"),
        (dial(from_address=""), 400, "Parameter Missing", "fromAddress"),
        (dial(to_address=""), 400, "Parameter Missing", "toAddress"),
        (dial(to_address="4002"), 400, "Invalid Destination", "toAddress"),
        (dial(from_address="4001"), 400, "Invalid Input", "fromAddress"),
        (dial(to_address="call me"), 400, "Invalid Input", "toAddress"),
    ],
)
def test_calls_refused_at_once(request_: DialogRequest, status: int, type_: str, data: str) -> None:
    stage = talking()
    with pytest.raises(ApiFaultError) as refused:
        stage.engine.request_call(stage.agent("1002"), request_)
    error = refused.value.error
    assert (refused.value.status, error.type, error.data) == (status, type_, data)


def test_nobody_dials_who_is_signed_out() -> None:
    stage = talking()
    with pytest.raises(ApiFaultError, match="400 Invalid State"):
        stage.engine.request_call(stage.agent("1003"), dial())


def test_call_data_with_a_new_call_is_for_ucce_only() -> None:
    request = DialogRequest("MAKE_CALL", "", "4002", "5550188", (("callVariable3", "VIP"),), media=True)
    uccx = talking(Deployment.UCCX)
    with pytest.raises(ApiFaultError, match="400 Invalid Input"):
        uccx.engine.request_call(uccx.agent("1002"), request)
    ucce = talking()
    ucce.engine.request_call(ucce.agent("1002"), request)
    ucce.wait()
    assert dict(ucce.engine.dialogs_of(ucce.agent("1002"))[0].variables)["callVariable3"] == "VIP"


@pytest.mark.parametrize(
    ("user", "dialog", "request_", "status", "type_"),
    [
        ("1001", "1", DialogRequest("HOLD", "4001"), 404, "Dialog Not Found"),
        ("1001", "x", DialogRequest("HOLD", "4001"), 404, "Dialog Not Found"),
        ("1001", "\u0661", DialogRequest("HOLD", "4001"), 404, "Dialog Not Found"),
        ("1002", CALL, DialogRequest("HOLD", "4002"), 401, "Invalid Authorization User Specified"),
        ("1001", CALL, DialogRequest(), 400, "Parameter Missing"),
        ("1001", CALL, DialogRequest("JUMP", "4001"), 400, "Invalid Input"),
        ("1001", CALL, DialogRequest("HOLD"), 400, "Parameter Missing"),
        ("1001", CALL, DialogRequest("HOLD", "4002"), 400, "Invalid Input"),
        ("1001", CALL, DialogRequest("PARTICIPANT_DROP", "4009"), 400, "Invalid Destination"),
        ("1001", CALL, DialogRequest("MAKE_CALL", "4001"), 501, "Not Implemented"),
        ("1001", CALL, DialogRequest("UPDATE_CALL_DATA"), 400, "Parameter Missing"),
        ("1001", CALL, BAD_VARIABLE, 400, "Invalid Input"),
        ("1001", CALL, TWICE, 400, "Invalid Input"),
    ],
)
def test_actions_refused_at_once(user: str, dialog: str, request_: DialogRequest, status: int, type_: str) -> None:
    stage = talking()
    with pytest.raises(ApiFaultError) as refused:
        stage.engine.request_action(stage.agent(user), dialog, request_)
    assert (refused.value.status, refused.value.error.type) == (status, type_)


def test_an_action_that_is_not_offered_is_refused_late_on_the_dialogs_node() -> None:
    stage = talking()
    stage.act("1001", CALL, "ANSWER", request_id="145")
    notice = stage.notices[-1]
    assert str(notice) == "E(1001) put Generic Error|4001|INVALID_ACTION ANSWER on extension 4001 [145]"
    assert (notice.node, notice.source) == ("/finesse/api/User/1001/Dialogs", f"/finesse/api/Dialog/{CALL}")


def test_call_data_cannot_be_changed_while_the_phone_rings() -> None:
    stage = Rehearsal(many_agents(1))
    stage.sign_in("1001", ready=True)
    call = stage.customer_call("8800")
    stage.told()
    stage.update("1001", call, ("callVariable1", "x"), request_id="5")
    assert stage.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION UPDATE_CALL_DATA on extension 4001 [5]"]


def test_an_action_overtaken_by_the_end_of_the_call() -> None:
    stage = talking()
    agent = stage.agent("1001")
    for request_id in ("1", "2"):
        stage.engine.request_action(agent, CALL, DialogRequest("DROP", "4001"), request_id)
    stage.wait()
    assert "E(1001) put Generic Error|24|CF_NO_ACTIVE_CALL [2]" in stage.told()


def test_call_data_changes_for_everybody_and_is_echoed_to_one() -> None:
    stage = Rehearsal(many_agents(2))
    stage.sign_in("1001")
    stage.sign_in("1002")
    call = stage.make_call("1001", "4002")
    stage.act("1002", call, "ANSWER")
    stage.told()
    stage.update(
        "1001", call, ("callVariable1", ""), ("user.orderId", "A-17"), wrap_up_reason="Billing", request_id="u"
    )
    told = stage.told()
    assert [line.split()[0] + line.split()[-1] for line in told] == ["D(1001)[u]", "D(1002)4002:ACTIVE"]
    view = stage.engine.dialog(call, stage.agent("1001"))
    assert view.wrap_up_reason == "Billing"
    assert view.variables[0] == ("callVariable1", "")
    assert view.variables[-1] == ("user.orderId", "A-17")
    assert len(view.variables) == 11


def test_unknown_variables_are_refused_late_and_long_ones_cut() -> None:
    stage = talking()
    stage.update("1001", CALL, ("callVariable11", "x"), request_id="u")
    assert stage.told() == ["E(1001) put Invalid Input|3|CF_VALUE_OUT_OF_RANGE [u]"]
    stage.update("1001", CALL, ("callVariable2", "ä" * 21))
    assert dict(stage.engine.dialog(CALL, None).variables)["callVariable2"] == "ä" * 20


def test_who_may_see_a_dialog() -> None:
    stage = talking()
    assert stage.engine.dialog(CALL, stage.agent("1001")).id == CALL
    assert stage.engine.dialog(CALL, None).id == CALL
    with pytest.raises(ApiFaultError, match="401"):
        stage.engine.dialog(CALL, stage.agent("1002"))

"""Consult, transfer and conference: finesse-notifications.md sections 11.4 and 11.5, finesse-rest.md 9.7 and 9.9."""

import msgspec
import pytest

from call_scenes.office import CALL, consulting, of, office, scenario, talking
from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.views import DialogView
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.vocabulary import Deployment, Profile, WrapUpMode

K = CALL + 1
O = str(CALL)  # noqa: E741  the reference calls it so


def actions(stage: Rehearsal, dialog: str, extension: str) -> list[str]:
    view = stage.engine.dialog(dialog, None)
    return [str(action) for party in view.participants if party.address == extension for action in party.actions]


NOT_CONTROLLER = "<ConferenceCallCommand>: Conference failed, the agent is not the conference controller"
HELD = ["UPDATE_CALL_DATA", "DROP", "RETRIEVE"]


def test_a_consultation_on_ucce_to_every_party() -> None:
    stage = talking(scenario())
    assert stage.consult("1001", O, "4002", request_id="c") == str(K)
    assert stage.told() == [
        "U(1001) PUT HOLD",
        f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
        "U(1001) PUT TALKING",
        f"D(1001) POST {K} INITIATING 4001:INITIATING [c]",
        f"D(1001) PUT {K} INITIATED 4001:INITIATED",
        f"D(1001) PUT {K} ALERTING 4001:INITIATED 4002:ALERTING",
        "U(1002) PUT RESERVED",
        f"D(1002) POST {K} ALERTING 4001:INITIATED 4002:ALERTING",
    ]
    assert actions(stage, O, "4001") == HELD
    stage.act("1002", str(K), "ANSWER", request_id="a")
    assert stage.told() == [
        "U(1002) PUT TALKING",
        f"D(1001) PUT {K} ACTIVE 4001:ACTIVE 4002:ACTIVE",
        f"D(1002) PUT {K} ACTIVE 4001:ACTIVE 4002:ACTIVE [a]",
        f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
    ]
    assert actions(stage, O, "4001") == [*HELD, "TRANSFER", "CONFERENCE"]


def test_on_uccx_a_consultation_is_an_outgoing_call_and_changes_no_state() -> None:
    stage, consultation = consulting(scenario(Deployment.UCCX))
    view = stage.engine.dialog(consultation, None)
    assert (view.type, view.associated_id) == ("OUT", O)
    assert stage.agent("1001").state == "TALKING"
    assert stage.agent("1002").state == "NOT_READY"


def test_a_consultation_carries_the_call_data_and_names_the_call() -> None:
    stage = talking(scenario())
    stage.update("1001", O, ("callVariable1", "acct 7788"))
    view = stage.engine.dialog(stage.consult("1001", O, "4002"), None)
    assert (view.type, view.associated_id, view.from_address, view.to_address) == ("CONSULT", O, "4001", "4002")
    assert dict(view.variables)["callVariable1"] == "acct 7788"


def test_a_transfer_to_every_party() -> None:
    stage, _ = consulting(scenario())
    stage.act("1001", O, "TRANSFER", request_id="t")
    view = stage.notices[-2].body
    assert isinstance(view, DialogView)
    assert (view.type, view.secondary_id, view.from_address, view.to_address) == ("TRANSFER", str(K), "5550188", "8800")
    assert stage.told() == [
        f"D(1001) DELETE {O} ACTIVE 4001:DROPPED 5550188:ACTIVE [t]",
        f"D(1001) DELETE {K} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) DELETE {K} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) POST {O} ACTIVE 4002:ACTIVE 4001:DROPPED/OTHER 5550188:ACTIVE",
        f"D(1002) PUT {O} ACTIVE 4002:ACTIVE 5550188:ACTIVE",
        "U(1001) PUT READY",
    ]
    stage.customer_hang_up(O)
    assert stage.told()[-2:] == [
        f"D(1002) DELETE {O} DROPPED 4002:DROPPED 5550188:DROPPED",
        "U(1002) PUT READY",
    ]
    assert not stage.engine.world.calls


@pytest.mark.parametrize(("deployment", "work"), [(Deployment.UCCE, "WORK_READY"), (Deployment.UCCX, "WORK")])
def test_work_follows_a_transfer_without_the_call(deployment: Deployment, work: str) -> None:
    stage, _ = consulting(scenario(deployment, mode=WrapUpMode.REQUIRED))
    stage.act("1001", O, "TRANSFER")
    assert of("1001", stage.told())[-1] == f"U(1001) PUT {work}"
    assert stage.engine.dialogs_of(stage.agent("1001")) == []
    stage.wait(30)
    assert stage.told() == ["U(1001) PUT READY"]


def test_required_wrap_up_data_cannot_be_given_for_a_call_that_was_passed_on() -> None:
    stage, _ = consulting(scenario(mode=WrapUpMode.REQUIRED_WITH_WRAP_UP_DATA))
    stage.act("1001", O, "TRANSFER")
    stage.told()
    stage.state("1001", "READY")
    assert stage.told() == ["U(1001) PUT READY"]


def test_on_uccx_who_gets_a_queues_call_by_transfer_talks() -> None:
    stage, _ = consulting(scenario(Deployment.UCCX))
    stage.act("1001", O, "TRANSFER")
    assert [line for line in stage.told() if line.startswith("U")] == ["U(1002) PUT TALKING", "U(1001) PUT READY"]


def test_a_colleague_who_called_hears_of_the_new_party_once() -> None:
    stage = office(scenario())
    stage.state("1004", "NOT_READY")
    call = stage.make_call("1004", "4001")
    stage.act("1001", call, "ANSWER")
    consultation = stage.consult("1001", call, "4002")
    stage.act("1002", consultation, "ANSWER")
    stage.told()
    stage.act("1001", call, "TRANSFER")
    assert of("1004", stage.told()) == [f"D(1004) PUT {call} ACTIVE 4002:ACTIVE 4004:ACTIVE"]


def test_the_consultation_survives_when_the_agent_has_gone_back() -> None:
    stage, consultation = consulting(scenario())
    stage.act("1001", consultation, "HOLD")
    stage.act("1001", O, "RETRIEVE")
    assert stage.told()[-1] == f"D(1001) PUT {K} ACTIVE 4001:HELD 4002:ACTIVE"
    assert actions(stage, consultation, "4001") == [*HELD, "TRANSFER", "CONFERENCE"]
    assert "TRANSFER" not in actions(stage, O, "4001")
    stage.act("1001", consultation, "TRANSFER", request_id="t")
    assert stage.told() == [
        f"D(1001) DELETE {K} ACTIVE 4001:DROPPED 4002:ACTIVE [t]",
        f"D(1001) DELETE {O} DROPPED 4001:DROPPED 5550188:DROPPED",
        f"D(1002) PUT {K} ACTIVE 5550188:ACTIVE 4002:ACTIVE",
        "U(1001) PUT READY",
    ]
    view = stage.engine.dialog(consultation, None)
    assert (view.secondary_id, view.from_address, view.associated_id) == (O, "4001", "")


def test_swapping_back_and_forth_on_ucce() -> None:
    stage, consultation = consulting(scenario())
    stage.act("1001", consultation, "HOLD")
    stage.act("1001", O, "RETRIEVE")
    assert [line for line in stage.told() if line.startswith("U")] == ["U(1001) PUT HOLD", "U(1001) PUT TALKING"]


def test_a_conference_to_every_party_and_its_end_one_by_one() -> None:
    stage, _ = consulting(scenario())
    stage.act("1001", O, "CONFERENCE", request_id="x")
    view = stage.engine.dialog(O, None)
    assert (view.type, view.secondary_id) == ("CONFERENCE", str(K))
    assert stage.told() == [
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE [x]",
        f"D(1001) DELETE {K} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) DELETE {K} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) POST {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4002:ACTIVE",
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4002:ACTIVE",
    ]
    stage.act("1002", O, "DROP", request_id="d")
    assert stage.told() == [
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4002:DROPPED",
        f"D(1002) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4002:DROPPED [d]",
        f"D(1002) DELETE {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4002:DROPPED",
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
        "U(1002) PUT READY",
    ]
    assert stage.engine.dialog(O, None).type == "CONFERENCE"
    stage.act("1001", O, "DROP")
    assert stage.told()[-2:] == [
        f"D(1001) DELETE {O} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT READY",
    ]


def test_who_leaves_a_conference_wraps_up_and_the_others_go_on() -> None:
    stage, _ = consulting(scenario(mode=WrapUpMode.REQUIRED))
    stage.act("1001", O, "CONFERENCE")
    stage.told()
    stage.act("1001", O, "DROP")
    assert stage.told() == [
        f"D(1001) PUT {O} ACTIVE 4001:WRAP_UP 5550188:ACTIVE 4002:ACTIVE",
        f"D(1002) PUT {O} ACTIVE 4001:WRAP_UP 5550188:ACTIVE 4002:ACTIVE",
        "U(1001) PUT WORK_READY",
    ]
    stage.wait(30)
    assert stage.told() == [
        f"D(1001) DELETE {O} ACTIVE 4001:DROPPED 5550188:ACTIVE 4002:ACTIVE",
        f"D(1002) PUT {O} ACTIVE 5550188:ACTIVE 4002:ACTIVE",
        "U(1001) PUT READY",
    ]


@pytest.mark.parametrize(
    ("deployment", "error"),
    [
        (Deployment.UCCE, f"Generic Error|20999|{NOT_CONTROLLER}"),
        (Deployment.UCCX, "Invalid State|22|CF_INVALID_OBJECT_STATE"),
    ],
)
def test_only_the_controller_adds_parties(deployment: Deployment, error: str) -> None:
    stage, _ = consulting(scenario(deployment))
    stage.act("1001", O, "CONFERENCE")
    stage.told()
    stage.act("1002", O, "CONSULT_CALL", to="4004", request_id="c")
    assert stage.told() == [f"E(1002) put {error} [c]"]
    assert "CONSULT_CALL" in actions(stage, O, "4001")
    assert "TRANSFER_SST" not in actions(stage, O, "4001")
    consultation = stage.consult("1001", O, "4004")
    stage.act("1004", consultation, "ANSWER")
    stage.act("1001", O, "CONFERENCE")
    assert [party.address for party in stage.engine.dialog(O, None).participants] == ["4001", "5550188", "4002", "4004"]


def test_a_conference_that_would_be_too_big() -> None:
    stage, _ = consulting(scenario(conference_parties=2))
    stage.act("1001", O, "CONFERENCE", request_id="x")
    assert stage.told() == ["E(1001) put Call Operation Failure|38|CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED [x]"]


@pytest.mark.parametrize(("number", "cause"), [("5550199", "BUSY"), ("777", "BAD_DESTINATION"), ("4003", "BUSY")])
def test_nobody_is_reached_and_the_agent_goes_back(number: str, cause: str) -> None:
    stage = talking(scenario())
    stage.make_call("1003", "5550101")
    stage.told()
    consultation = stage.consult("1001", O, number)
    assert of("1001", stage.told())[-1] == f"D(1001) PUT {consultation} FAILED 4001:FAILED/{cause}"
    stage.act("1001", consultation, "DROP")
    stage.act("1001", O, "RETRIEVE")
    assert of("1001", stage.told()) == [
        f"D(1001) DELETE {consultation} FAILED 4001:DROPPED/{cause}",
        "U(1001) PUT HOLD",
        "U(1001) PUT TALKING",
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
    ]


def test_the_consulted_hangs_up_and_completion_is_offered_no_more() -> None:
    stage, consultation = consulting(scenario())
    stage.act("1002", consultation, "DROP")
    assert of("1001", stage.told())[-3:] == [
        f"D(1001) DELETE {K} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
        "U(1001) PUT HOLD",
    ]
    stage.act("1001", O, "TRANSFER", request_id="t")
    assert stage.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION TRANSFER on extension 4001 [t]"]


def test_the_customer_hangs_up_during_the_consultation_and_no_work_begins() -> None:
    stage, consultation = consulting(scenario(mode=WrapUpMode.REQUIRED))
    stage.customer_hang_up(O)
    assert stage.told()[-1] == f"D(1001) DELETE {O} DROPPED 4001:DROPPED 5550188:DROPPED"
    assert stage.agent("1001").state == "TALKING"
    assert stage.engine.dialog(consultation, None).state == "ACTIVE"


def test_a_queue_is_consulted_and_an_outside_number() -> None:
    stage = talking(scenario())
    consultation = stage.consult("1001", O, "8801")
    assert of("1002", stage.told()) == [
        "U(1002) PUT RESERVED",
        f"D(1002) POST {K} ALERTING 4001:INITIATED 4002:ALERTING",
    ]
    assert stage.engine.dialog(consultation, None).type == "CONSULT"
    stage.act("1001", consultation, "DROP")
    stage.act("1001", O, "RETRIEVE")
    outside = stage.consult("1001", O, "5550101")
    stage.told()
    stage.act("1001", O, "TRANSFER")
    assert stage.told()[:2] == [
        f"D(1001) DELETE {O} ACTIVE 4001:DROPPED 5550188:ACTIVE",
        f"D(1001) DELETE {outside} DROPPED 4001:DROPPED 5550101:DROPPED",
    ]
    stage.customer_hang_up(O)
    assert not stage.engine.world.calls


def test_a_second_consultation_is_refused() -> None:
    stage, consultation = consulting(scenario())
    stage.act("1001", consultation, "CONSULT_CALL", to="4004", request_id="2")
    assert stage.told() == ["E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [2]"]


def test_the_dropped_calls_id_is_shown_from_12_5_on_only() -> None:
    stage, _ = consulting(msgspec.structs.replace(scenario(), profile=Profile.V11_6))
    stage.act("1001", O, "TRANSFER")
    assert stage.engine.dialog(O, None).secondary_id == ""


@pytest.mark.parametrize(
    ("request_", "type_", "data"),
    [
        (DialogRequest("CONSULT_CALL", "4001"), "Parameter Missing", "toAddress"),
        (DialogRequest("CONSULT_CALL", "4001", to_address="ask"), "Invalid Input", "toAddress"),
        (DialogRequest("TRANSFER_SST", "4001", to_address="4001"), "Invalid Destination", "toAddress"),
        (DialogRequest("SEND_DTMF", "4001"), "Parameter Missing", "dtmfString"),
    ],
)
def test_what_is_refused_at_once(request_: DialogRequest, type_: str, data: str) -> None:
    stage = talking(scenario())
    with pytest.raises(ApiFaultError) as refused:
        stage.engine.request_action(stage.agent("1001"), O, request_)
    assert (refused.value.status, refused.value.error.type, refused.value.error.data) == (400, type_, data)


@pytest.mark.parametrize(("deployment", "good"), [(Deployment.UCCE, True), (Deployment.UCCX, False)])
def test_tones_are_told_to_nobody(deployment: Deployment, good: bool) -> None:  # noqa: FBT001  a table
    stage = talking(scenario(deployment))
    stage.act("1001", O, "SEND_DTMF", dtmfString="42#")
    assert stage.told() == []
    stage.act("1001", O, "SEND_DTMF", dtmfString="A", request_id="d")
    assert stage.told() == ([] if good else ["E(1001) put Generic Error|3|CF_VALUE_OUT_OF_RANGE [d]"])
    assert stage.engine.call(O).digits == ("42#A" if good else "42#")


def test_neither_tones_nor_recording_on_a_held_call() -> None:
    stage = talking(scenario(Deployment.UCCX))
    stage.act("1001", O, "START_RECORDING")
    assert stage.engine.call(O).recorded
    stage.act("1001", O, "HOLD")
    for action in ("SEND_DTMF", "START_RECORDING"):
        with pytest.raises(ApiFaultError, match="401 Invalid State"):
            stage.act("1001", O, action, dtmfString="1")
    ucce = talking(scenario())
    with pytest.raises(ApiFaultError, match="501"):
        ucce.act("1001", O, "START_RECORDING")

"""Silent monitor, barge, participant drop: finesse-notifications.md 11.7 and 11.8, finesse-rest.md 8.7 to 8.9."""

import pytest

from call_scenes.office import CALL, consulting, of, office, scenario, talking
from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.vocabulary import Deployment

O = str(CALL)  # noqa: E741  the reference calls it so
M = CALL + 1
BOTH = [Deployment.UCCE, Deployment.UCCX]


def monitored(deployment: Deployment = Deployment.UCCE) -> Rehearsal:
    stage = talking(scenario(deployment))
    assert stage.supervise("1003", "4001") == str(M)
    stage.told()
    return stage


def test_a_silent_monitor_to_both_sides() -> None:
    stage = talking(scenario())
    stage.supervise("1003", "4001", request_id="m")
    assert stage.told() == [
        "U(1003) PUT TALKING",
        f"D(1003) POST {M} INITIATING 4003:INITIATING [m]",
        f"D(1003) PUT {M} INITIATED 4003:INITIATED",
        f"D(1003) PUT {M} ALERTING 4003:INITIATED 4001:ALERTING",
        f"D(1001) POST {M} ALERTING 4003:INITIATED 4001:ALERTING",
        f"D(1003) PUT {M} ACTIVE 4003:ACTIVE 4001:ACTIVE",
        f"D(1001) PUT {M} ACTIVE 4003:ACTIVE 4001:ACTIVE",
    ]
    view = stage.engine.dialog(str(M), None)
    assert (view.type, view.from_address, view.to_address) == ("SUPERVISOR_MONITOR", "4003", "4001")
    assert [party.actions for party in view.participants] == [("DROP", "BARGE_CALL"), ()]


def test_the_supervisor_ends_it() -> None:
    stage = monitored()
    stage.act("1003", str(M), "DROP", request_id="e")
    assert stage.told() == [
        f"D(1003) PUT {M} ACTIVE 4003:ACTIVE 4001:DROPPED [e]",
        f"D(1001) PUT {M} ACTIVE 4003:ACTIVE 4001:DROPPED",
        f"D(1003) PUT {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1001) PUT {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1003) DELETE {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1001) DELETE {M} DROPPED 4003:DROPPED 4001:DROPPED",
        "U(1003) PUT NOT_READY",
    ]
    assert stage.agent("1001").state == "TALKING"


@pytest.mark.parametrize("how", ["drop", "transfer", "customer"])
def test_it_ends_with_the_agents_part_in_the_call(how: str) -> None:
    stage = monitored()
    if how == "drop":
        stage.act("1001", O, "DROP")
    elif how == "transfer":
        stage.act("1001", O, "TRANSFER_SST", to="4002")
    else:
        stage.customer_hang_up(O)
    assert f"D(1003) DELETE {M} DROPPED 4003:DROPPED 4001:DROPPED" in stage.told()
    assert stage.agent("1003").state == "NOT_READY"
    assert stage.agent("1001").state == "READY"


def test_on_uccx_the_supervisor_stays_not_ready() -> None:
    stage = talking(scenario(Deployment.UCCX))
    stage.supervise("1003", "4001")
    assert [line for line in stage.told() if line.startswith("U")] == []


@pytest.mark.parametrize("deployment", BOTH)
def test_the_agent_does_nothing_that_can_be_overheard(deployment: Deployment) -> None:
    code = "88049" if deployment is Deployment.UCCX else "13145"
    refused = f"E(1003) put Generic Error|{code}|<SuperviseCallCommand>: Silent monitor failed [m]"
    stage = talking(scenario(deployment))
    stage.act("1001", O, "HOLD")
    stage.told()
    stage.supervise("1003", "4001", request_id="m")
    assert stage.told() == [refused]
    stage.supervise("1003", "4002", request_id="m")  # READY
    wrong_state = "E(1003) put Invalid State|22|CF_INVALID_OBJECT_STATE [m]"
    assert stage.told() == [refused if deployment is Deployment.UCCX else wrong_state]


def test_on_uccx_a_not_ready_agent_on_a_call_can_be_overheard() -> None:
    stage = office(scenario(Deployment.UCCX))
    stage.state("1001", "NOT_READY")
    stage.make_call("1001", "5550101")
    stage.told()
    stage.supervise("1003", "4001")
    assert stage.told()[-1] == f"D(1001) PUT {M} ACTIVE 4003:ACTIVE 4001:ACTIVE"


def refusal(stage: Rehearsal, user_id: str, **changes: str) -> tuple[int, str]:
    asked = {"action": "SILENT_MONITOR", "from_address": stage.agent(user_id).extension, "to_address": "4001"}
    with pytest.raises(ApiFaultError) as refused:
        stage.engine.request_call(stage.agent(user_id), DialogRequest(**(asked | changes)))  # type: ignore[arg-type]
    return refused.value.status, refused.value.error.type


def test_who_may_overhear_whom() -> None:
    stage = talking(scenario())
    assert refusal(stage, "1002") == (401, "Authorization Failure")
    assert refusal(stage, "1003", to_address="5550188") == (400, "Invalid Destination")
    assert refusal(stage, "1003", to_address="4003") == (400, "Invalid Destination")
    stage.agent("1001").profile = scenario().agents[2]  # a supervisor of a team, now overheard like everybody
    stage.make_call("1003", "5550101")
    assert refusal(stage, "1003") == (400, "Invalid State")


def test_a_barge_on_the_supervisors_side() -> None:
    stage = monitored()
    stage.supervise("1003", "4001", barge_into=str(M), request_id="b")
    stage.wait(1)
    K, T = M + 1, M + 2  # noqa: N806  the reference's names
    assert of("1003", stage.told()) == [
        f"D(1003) PUT {M} ACTIVE 4003:ACTIVE 4001:DROPPED [b]",
        f"D(1003) PUT {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1003) DELETE {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1003) POST {T} ALERTING 4003:ALERTING 4001:INITIATED",
        f"D(1003) POST {K} ALERTING 4001:INITIATED 4003:ALERTING",
        f"D(1003) DELETE {T} DROPPED 4003:DROPPED/OTHER 4001:DROPPED/OTHER",
        f"D(1003) PUT {K} ACTIVE 4001:ACTIVE 4003:ACTIVE",
        f"D(1003) PUT {K} ACTIVE 4001:ACTIVE 4003:ACTIVE",
        f"D(1003) DELETE {K} DROPPED 4001:DROPPED 4003:DROPPED",
        f"D(1003) POST {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4003:ALERTING",
        f"D(1003) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4003:ACTIVE",
    ]
    view = stage.engine.dialog(O, None)
    assert (view.type, view.secondary_id) == ("CONFERENCE", str(K))
    assert view.participants[2].actions == ("HOLD", "UPDATE_CALL_DATA", "SEND_DTMF", "DROP", "PARTICIPANT_DROP")


def test_a_barge_on_the_agents_side() -> None:
    stage = monitored()
    stage.supervise("1003", "4001", barge_into=str(M))
    stage.wait(1)
    K = M + 1  # noqa: N806  the reference's name
    views = [notice.body for notice in stage.notices if notice.user_id == "1001"]
    told = of("1001", stage.told())
    assert told == [
        f"D(1001) PUT {M} ACTIVE 4003:ACTIVE 4001:DROPPED",
        f"D(1001) PUT {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1001) DELETE {M} DROPPED 4003:DROPPED 4001:DROPPED",
        f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
        f"D(1001) POST {K} INITIATING 4001:INITIATING",
        f"D(1001) PUT {K} INITIATED 4001:INITIATED",
        f"D(1001) PUT {K} ALERTING 4001:INITIATED 4003:ALERTING",
        f"D(1001) PUT {K} ACTIVE 4001:ACTIVE 4003:ACTIVE",
        f"D(1001) PUT {O} ACTIVE 4001:HELD 5550188:ACTIVE",
        f"D(1001) PUT {K} ACTIVE 4001:ACTIVE 4003:ACTIVE",
        f"D(1001) DELETE {K} DROPPED 4001:DROPPED 4003:DROPPED",
        f"D(1001) PUT {O} ACTIVE 4001:ACTIVE 5550188:ACTIVE 4003:ACTIVE",
    ]
    types = [getattr(view, "type", "") for view in views[4:]]
    assert types == [*["CONSULT"] * 4, "PREROUTE_ACD_IN", "CONFERENCE", "CONFERENCE", "CONFERENCE"]
    assert stage.engine.call(O).controller is stage.agent("1001")


@pytest.mark.parametrize("deployment", BOTH)
def test_the_supervisor_leaves_the_call_again(deployment: Deployment) -> None:
    stage = monitored(deployment)
    stage.supervise("1003", "4001", barge_into=str(M))
    stage.wait(1)
    states = [line for line in stage.told() if line.startswith("U")]
    assert states == ([] if deployment is Deployment.UCCE else ["U(1003) PUT TALKING"])
    stage.act("1003", O, "DROP")
    assert stage.told()[-1] == "U(1003) PUT NOT_READY"
    assert stage.engine.dialog(O, None).state == "ACTIVE"


def test_what_is_in_the_way_of_a_barge() -> None:
    stage = monitored()
    barge = {"action": "BARGE_CALL"}
    assert refusal(stage, "1003", **barge) == (400, "Parameter Missing")
    assert refusal(stage, "1003", **barge, associated="/finesse/api/Dialog/1") == (400, "Invalid Input")
    assert refusal(stage, "1003", **barge, associated=f"/finesse/api/Dialog/{O}") == (400, "Invalid Input")
    stage.act("1001", O, "HOLD")
    monitor = f"/finesse/api/Dialog/{M}"
    assert refusal(stage, "1003", **barge, associated=monitor) == (400, "Invalid Destination")


def test_no_barge_beside_a_consultation_nor_into_a_full_conference() -> None:
    stage, consultation = consulting(scenario())
    monitor = stage.supervise("1003", "4001")
    assert refusal(stage, "1003", action="BARGE_CALL", associated=f"/finesse/api/Dialog/{monitor}") == (400, "20999")
    stage.act("1003", monitor, "DROP")
    stage.act("1001", consultation, "DROP")
    full = talking(scenario(conference_parties=2))
    monitor = full.supervise("1003", "4001")
    assert refusal(full, "1003", action="BARGE_CALL", associated=f"/finesse/api/Dialog/{monitor}") == (400, "20700")


def test_only_through_the_controller_of_a_conference() -> None:
    stage, _ = consulting(scenario())
    stage.act("1001", O, "CONFERENCE")
    monitor = stage.supervise("1003", "4002")
    asked = {"action": "BARGE_CALL", "to_address": "4002", "associated": f"/finesse/api/Dialog/{monitor}"}
    assert refusal(stage, "1003", **asked) == (400, "20999")


def test_a_supervisor_puts_a_participant_off() -> None:
    stage = monitored()
    stage.supervise("1003", "4001", barge_into=str(M))
    stage.wait(1)
    stage.told()
    stage.act("1003", O, "PARTICIPANT_DROP", target="4001", request_id="p")
    assert stage.told() == [
        f"D(1001) PUT {O} ACTIVE 4001:DROPPED 5550188:ACTIVE 4003:ACTIVE",
        f"D(1003) PUT {O} ACTIVE 4001:DROPPED 5550188:ACTIVE 4003:ACTIVE [p]",
        f"D(1001) DELETE {O} ACTIVE 4001:DROPPED 5550188:ACTIVE 4003:ACTIVE",
        f"D(1003) PUT {O} ACTIVE 5550188:ACTIVE 4003:ACTIVE",
        "U(1001) PUT READY",
    ]


def test_who_may_put_whom_off() -> None:
    stage, _ = consulting(scenario())
    stage.act("1001", O, "CONFERENCE")
    stage.told()
    stage.act("1001", O, "PARTICIPANT_DROP", target="4002", request_id="p")
    assert stage.told() == ["E(1001) put Call Operation Failure|290|CF_DROP_ANY_PARTY_NOT_ENABLED_CTI [p]"]
    for target in ("5550188", "4004"):
        with pytest.raises(ApiFaultError, match="400 Invalid Destination"):
            stage.act("1001", O, "PARTICIPANT_DROP", target=target)
    allowed, _ = consulting(scenario(participant_drop="conference_controller_and_supervisor"))
    allowed.act("1001", O, "CONFERENCE")
    allowed.told()
    allowed.act("1001", O, "PARTICIPANT_DROP", target="4002")
    assert allowed.agent("1002").state == "READY"
    uccx, _ = consulting(scenario(Deployment.UCCX))
    with pytest.raises(ApiFaultError, match="501"):
        uccx.act("1001", O, "PARTICIPANT_DROP", target="4002")

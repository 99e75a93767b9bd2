"""Calls that agents make, against finesse-notifications.md section 11.2 and finesse-rest.md section 9.5."""

import msgspec
import pytest

from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.engine.views import DialogView
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import OutsideNumber, Scenario, many_agents
from finesse_simulator.vocabulary import Deployment, Profile, WrapUpMode

CALL = 16777217
OUTSIDE = (
    OutsideNumber(number="5550188", after=3),
    OutsideNumber(number="5550177", after=-1),
    OutsideNumber(number="5550199", outcome="busy"),
)


def scenario(deployment: Deployment = Deployment.UCCE, **changes: object) -> Scenario:
    return msgspec.structs.replace(many_agents(3, deployment=deployment), outside_numbers=OUTSIDE, **changes)


def stage_for(deployment: Deployment = Deployment.UCCE, **changes: object) -> Rehearsal:
    stage = Rehearsal(scenario(deployment, **changes))
    stage.sign_in("1001")
    return stage


DIALS = [
    "U(1001) PUT TALKING",
    f"D(1001) POST {CALL} INITIATING 4001:INITIATING [m]",
    f"D(1001) PUT {CALL} INITIATED 4001:INITIATED",
]
DROPPED_BY_AGENT = [
    f"D(1001) PUT {CALL} ACTIVE 4001:DROPPED 5550188:ACTIVE [d]",
    f"D(1001) PUT {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
    f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
]


def test_an_outside_number_answers() -> None:
    stage = stage_for()
    call = stage.make_call("1001", "5550188", request_id="m")
    stage.wait(3)
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [
        *DIALS,
        f"D(1001) PUT {CALL} ALERTING 4001:INITIATED 5550188:ALERTING",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
        *DROPPED_BY_AGENT,
        "U(1001) PUT NOT_READY",
    ]


def test_on_uccx_the_agent_stays_not_ready_without_a_word() -> None:
    stage = stage_for(Deployment.UCCX)
    call = stage.make_call("1001", "5550188", request_id="m")
    stage.wait(3)
    stage.act("1001", call, "DROP", request_id="d")
    assert [line for line in stage.told() if line.startswith("U")] == []
    assert stage.agent("1001").state == "NOT_READY"


def test_numbers_are_empty_until_dialled() -> None:
    stage = stage_for()
    stage.make_call("1001", "5550188")
    bodies = [notice.body for notice in stage.notices if isinstance(notice.body, DialogView)]
    assert [(view.type, view.to_address, view.dialed_number, view.dnis) for view in bodies[:2]] == [
        ("AGENT_INSIDE", "", "", ""),
        ("OUT", "5550188", "5550188", "5550188"),
    ]


@pytest.mark.parametrize(("number", "cause"), [("5550199", "BUSY"), ("12345", "BAD_DESTINATION")])
def test_a_call_fails_and_is_dropped(number: str, cause: str) -> None:
    stage = stage_for()
    call = stage.make_call("1001", number, request_id="m")
    assert stage.told() == [*DIALS, f"D(1001) PUT {CALL} FAILED 4001:FAILED/{cause}"]
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [f"D(1001) DELETE {CALL} FAILED 4001:DROPPED/{cause} [d]", "U(1001) PUT NOT_READY"]


def test_unlisted_numbers_do_as_the_scenario_says() -> None:
    stage = stage_for(unlisted_numbers="answer")
    stage.make_call("1001", "12345")
    stage.wait(5)
    assert stage.told()[-1] == f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 12345:ACTIVE"


def test_the_agent_hangs_up_before_the_answer() -> None:
    stage = stage_for()
    call = stage.make_call("1001", "5550177")
    stage.told()
    stage.act("1001", call, "DROP", request_id="d")
    stage.wait(10)
    assert stage.told() == [
        f"D(1001) DELETE {CALL} ALERTING 4001:DROPPED 5550177:ALERTING [d]",
        "U(1001) PUT NOT_READY",
    ]


def test_the_agent_hangs_up_before_dialling() -> None:
    stage = stage_for(timings=msgspec.structs.replace(scenario().timings, initiating_to_initiated=9.0))
    call = stage.make_call("1001", "5550188", request_id="m")
    stage.act("1001", call, "DROP", request_id="d")
    stage.wait(20)
    assert stage.told() == [
        *DIALS[:2],
        f"D(1001) DELETE {CALL} INITIATING 4001:DROPPED [d]",
        "U(1001) PUT NOT_READY",
    ]


def test_the_outside_party_answers_and_hangs_up_when_told() -> None:
    stage = stage_for()
    call = stage.make_call("1001", "5550177")
    stage.told()
    stage.engine.outside_answers(call)
    stage.wait()
    assert stage.told() == [f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550177:ACTIVE"]
    with pytest.raises(NotReachableError):
        stage.engine.outside_answers(call)
    stage.customer_hang_up(call)
    assert stage.told()[-1] == "U(1001) PUT NOT_READY"


def test_from_ready_the_agent_goes_not_ready_first() -> None:
    stage = stage_for()
    stage.state("1001", "READY")
    stage.told()
    call = stage.make_call("1001", "5550188")
    stage.wait(3)
    assert stage.told()[:2] == ["U(1001) PUT NOT_READY reason 50006", "U(1001) PUT TALKING"]
    stage.act("1001", call, "DROP")
    assert stage.told()[-1] == "U(1001) PUT NOT_READY reason 50006"


@pytest.mark.parametrize(
    ("deployment", "profile"), [(Deployment.UCCX, Profile.V12_5), (Deployment.UCCE, Profile.V11_6)]
)
def test_from_ready_the_call_is_refused_elsewhere(deployment: Deployment, profile: Profile) -> None:
    stage = stage_for(deployment, profile=profile)
    stage.state("1001", "READY")
    stage.told()
    assert stage.make_call("1001", "5550188", request_id="m") == ""
    assert stage.told() == ["E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [m]"]


def test_a_second_call_is_refused() -> None:
    stage = stage_for(Deployment.UCCX)
    stage.make_call("1001", "5550188")
    stage.told()
    stage.make_call("1001", "5550177", request_id="2")
    assert stage.told() == ["E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [2]"]


def test_a_colleague_is_called() -> None:
    stage = stage_for()
    stage.sign_in("1002", ready=True)
    call = stage.make_call("1001", "4002", request_id="m")
    assert (
        stage.told()
        == [
            *DIALS,
            "U(1002) PUT RESERVED",
            f"D(1001) PUT {CALL} ALERTING 4001:INITIATED 4002:ALERTING",
            f"D(1002) POST {CALL} ALERTING 4001:INITIATED 4002:ALERTING",
        ]
        or stage.told() == []
    )
    stage.act("1002", call, "ANSWER", request_id="a")
    assert stage.told() == [
        "U(1002) PUT TALKING",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 4002:ACTIVE",
        f"D(1002) PUT {CALL} ACTIVE 4001:ACTIVE 4002:ACTIVE [a]",
    ]
    stage.act("1002", call, "HOLD")
    stage.act("1001", call, "HOLD")
    assert stage.told()[-1] == f"D(1002) PUT {CALL} ACTIVE 4001:HELD 4002:HELD"
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:DROPPED 4002:HELD [d]",
        f"D(1002) PUT {CALL} ACTIVE 4001:DROPPED 4002:HELD",
        f"D(1001) PUT {CALL} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) PUT {CALL} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 4002:DROPPED",
        f"D(1002) DELETE {CALL} DROPPED 4001:DROPPED 4002:DROPPED",
        "U(1001) PUT NOT_READY",
        "U(1002) PUT READY",
    ]


def test_a_colleague_who_does_not_answer() -> None:
    stage = stage_for()
    stage.sign_in("1002", ready=True)
    call = stage.make_call("1001", "4002")
    stage.told()
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [
        f"D(1001) DELETE {CALL} ALERTING 4001:DROPPED 4002:ALERTING [d]",
        f"D(1002) DELETE {CALL} ALERTING 4001:INITIATED 4002:DROPPED",
        "U(1001) PUT NOT_READY",
        "U(1002) PUT READY",
    ]


def test_a_busy_colleague() -> None:
    stage = stage_for()
    stage.sign_in("1002")
    stage.make_call("1002", "5550188")
    stage.told()
    stage.make_call("1001", "4002")
    assert stage.told()[-1].endswith("FAILED 4001:FAILED/BUSY")


def test_an_agent_calls_a_queue_and_is_told_of_every_step() -> None:
    base = scenario()
    agents = tuple(msgspec.structs.replace(a, wrap_up_on_incoming=WrapUpMode.REQUIRED) for a in base.agents)
    stage = stage_for(agents=agents)
    call = stage.make_call("1001", "8800", request_id="m")
    assert stage.told() == DIALS
    stage.sign_in("1002", ready=True)
    assert stage.engine.dialog(call, None).state == "ALERTING"
    stage.act("1002", call, "ANSWER")
    stage.told()
    stage.act("1001", call, "DROP")
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 4002:WRAP_UP",
        f"D(1002) PUT {CALL} ACTIVE 4001:ACTIVE 4002:WRAP_UP",
        f"D(1001) PUT {CALL} ACTIVE 4001:DROPPED 4002:WRAP_UP",
        f"D(1002) PUT {CALL} ACTIVE 4001:DROPPED 4002:WRAP_UP",
        f"D(1001) DELETE {CALL} ACTIVE 4001:DROPPED 4002:WRAP_UP",
        "U(1001) PUT NOT_READY",
        "U(1002) PUT WORK_READY",
    ]


def test_wrap_up_follows_an_outgoing_call_when_set() -> None:
    base = scenario()
    agents = tuple(msgspec.structs.replace(a, wrap_up_on_outgoing=WrapUpMode.REQUIRED) for a in base.agents)
    stage = stage_for(agents=agents)
    call = stage.make_call("1001", "5550188")
    stage.wait(3)
    stage.act("1001", call, "DROP")
    assert stage.told()[-1] == "U(1001) PUT WORK"
    stage.wait(30)
    assert stage.told()[-1] == "U(1001) PUT NOT_READY"

"""Calls from customers, against finesse-notifications.md section 11.1 and finesse-rest.md sections 9.2 to 9.4."""

import msgspec
import pytest

from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.engine.views import DialogView
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Agent, Scenario, many_agents
from finesse_simulator.vocabulary import Deployment, WrapUpMode

CALL = 16777217


def without_wrap_up(deployment: Deployment = Deployment.UCCE, **changes: object) -> Scenario:
    return with_wrap_up(WrapUpMode.NOT_ALLOWED, deployment, **changes)


def with_wrap_up(mode: WrapUpMode, deployment: Deployment = Deployment.UCCE, **changes: object) -> Scenario:
    scenario = many_agents(3, deployment=deployment)
    agents = tuple(msgspec.structs.replace(agent, wrap_up_on_incoming=mode) for agent in scenario.agents)
    return msgspec.structs.replace(scenario, agents=agents, **changes)


def ringing(scenario: Scenario) -> tuple[Rehearsal, str]:
    stage = Rehearsal(scenario)
    stage.sign_in("1001", ready=True)
    return stage, stage.customer_call("8800")


def talking(scenario: Scenario) -> tuple[Rehearsal, str]:
    stage, call = ringing(scenario)
    stage.act("1001", call, "ANSWER")
    stage.told()
    return stage, call


RINGS = [
    "U(1001) PUT RESERVED",
    f"D(1001) POST {CALL} ALERTING 4001:ALERTING 5550188:INITIATED",
]
ANSWERED = [
    "U(1001) PUT TALKING",
    f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:ACTIVE [a]",
]


@pytest.mark.parametrize("deployment", list(Deployment))
def test_a_routed_call_reserves_rings_and_is_answered(deployment: Deployment) -> None:
    stage, call = ringing(without_wrap_up(deployment))
    stage.act("1001", call, "ANSWER", request_id="a")
    assert stage.told() == RINGS + ANSWERED


def test_reserved_comes_two_tenths_before_alerting_and_talking_four_thousandths_before_active() -> None:
    stage, call = ringing(without_wrap_up())
    stage.act("1001", call, "ANSWER")
    reserved, alerting, talking_at, active = stage.times
    assert alerting - reserved == pytest.approx(0.2)
    assert active - talking_at == pytest.approx(0.004)


def test_the_call_type_and_numbers_of_a_routed_call() -> None:
    for deployment, call_type in ((Deployment.UCCE, "PREROUTE_ACD_IN"), (Deployment.UCCX, "ACD_IN")):
        stage, _ = ringing(without_wrap_up(deployment))
        view = stage.notices[-1].body
        assert isinstance(view, DialogView)
        assert (view.type, view.from_address, view.to_address, view.dialed_number, view.dnis) == (
            call_type,
            "5550188",
            "8800",
            "8800",
            "4001",
        )


def test_the_start_time_becomes_the_answer_time_and_stays_when_held() -> None:
    stage, call = talking(without_wrap_up())
    answered = stage.engine.dialogs_of(stage.agent("1001"))[0].participants[0].started
    assert answered > stage.engine.world.clock.moment().replace(second=0)
    stage.wait(5)
    stage.act("1001", call, "HOLD")
    held = stage.engine.dialogs_of(stage.agent("1001"))[0].participants[0]
    assert held.started == answered
    assert held.changed > answered


def test_the_customer_hangs_up_without_wrap_up() -> None:
    stage, call = talking(without_wrap_up())
    stage.customer_hang_up(call)
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:DROPPED",
        f"D(1001) PUT {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT READY",
    ]


def test_the_agent_hangs_up_without_wrap_up() -> None:
    stage, call = talking(without_wrap_up())
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:DROPPED 5550188:ACTIVE [d]",
        f"D(1001) PUT {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT READY",
    ]


def test_the_short_ending_is_a_delete_of_an_active_dialog() -> None:
    stage, call = talking(without_wrap_up(ending="short"))
    stage.act("1001", call, "DROP", request_id="d")
    assert stage.told() == [
        f"D(1001) DELETE {CALL} ACTIVE 4001:DROPPED 5550188:ACTIVE [d]",
        "U(1001) PUT READY",
    ]


@pytest.mark.parametrize(("deployment", "work"), [(Deployment.UCCE, "WORK_READY"), (Deployment.UCCX, "WORK")])
@pytest.mark.parametrize("who", ["agent", "customer"])
def test_wrap_up_follows_whoever_hangs_up(deployment: Deployment, work: str, who: str) -> None:
    stage, call = talking(with_wrap_up(WrapUpMode.REQUIRED, deployment))
    if who == "agent":
        stage.act("1001", call, "DROP")
    else:
        stage.customer_hang_up(call)
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:WRAP_UP 5550188:ACTIVE",
        f"D(1001) PUT {CALL} ACTIVE 4001:WRAP_UP 5550188:DROPPED",
        f"U(1001) PUT {work}",
    ]
    stage.wait(30)
    assert stage.told() == [
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT READY",
    ]


def test_a_request_ends_the_wrap_up() -> None:
    stage, call = talking(with_wrap_up(WrapUpMode.REQUIRED))
    stage.act("1001", call, "DROP")
    stage.told()
    stage.update("1001", call, wrap_up_reason="Billing", request_id="w")
    stage.state("1001", "NOT_READY", request_id="n")
    stage.wait(60)
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:WRAP_UP 5550188:DROPPED [w]",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT NOT_READY [n]",
    ]


@pytest.mark.parametrize(("asked", "work"), [("NOT_READY", "WORK"), ("READY", "WORK_READY")])
def test_optional_wrap_up_follows_when_a_state_was_asked_for(asked: str, work: str) -> None:
    stage, call = talking(with_wrap_up(WrapUpMode.OPTIONAL))
    stage.state("1001", asked, request_id="p")
    assert stage.told() == [f"U(1001) PUT TALKING then {asked} [p]"]
    stage.act("1001", call, "DROP")
    assert stage.told()[-1] == f"U(1001) PUT {work}"
    stage.wait(30)
    assert stage.told()[-1] == f"U(1001) PUT {asked}"


def test_optional_wrap_up_does_not_follow_by_itself() -> None:
    stage, call = talking(with_wrap_up(WrapUpMode.OPTIONAL))
    stage.act("1001", call, "DROP")
    assert stage.told()[-1] == "U(1001) PUT READY"


def test_required_data_must_be_given_before_leaving_wrap_up() -> None:
    stage, call = talking(with_wrap_up(WrapUpMode.REQUIRED_WITH_WRAP_UP_DATA))
    stage.act("1001", call, "DROP")
    stage.told()
    stage.state("1001", "READY", request_id="1")
    assert stage.told() == ["E(1001) put Invalid State|280|CF_WRAPUP_DATA_REQUIRED [1]"]
    stage.update("1001", call, wrap_up_reason="Billing")
    stage.state("1001", "READY", request_id="2")
    assert stage.told()[-1] == "U(1001) PUT READY [2]"


def test_hold_and_retrieve_on_ucce() -> None:
    stage, call = talking(without_wrap_up())
    stage.act("1001", call, "HOLD", request_id="h")
    stage.act("1001", call, "RETRIEVE", request_id="r")
    assert stage.told() == [
        "U(1001) PUT HOLD",
        f"D(1001) PUT {CALL} ACTIVE 4001:HELD 5550188:ACTIVE [h]",
        "U(1001) PUT TALKING",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:ACTIVE [r]",
    ]


def test_hold_and_retrieve_on_uccx_leave_the_agent_talking() -> None:
    stage, call = talking(without_wrap_up(Deployment.UCCX))
    stage.act("1001", call, "HOLD", request_id="h")
    stage.act("1001", call, "RETRIEVE", request_id="r")
    assert stage.told() == [
        f"D(1001) PUT {CALL} ACTIVE 4001:HELD 5550188:ACTIVE [h]",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:ACTIVE [r]",
    ]


def test_the_customer_abandons_while_the_phone_rings() -> None:
    stage, call = ringing(without_wrap_up())
    stage.told()
    stage.customer_hang_up(call)
    assert stage.told() == [
        f"D(1001) DELETE {CALL} ALERTING 4001:DROPPED 5550188:INITIATED",
        "U(1001) PUT READY",
    ]


def test_the_customer_abandons_before_the_phone_rings() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1001", ready=True)
    call = stage.engine.customer_calls("5550188", "8800", {})
    stage.wait(0.1)
    stage.customer_hang_up(str(call.id))
    assert stage.told() == ["U(1001) PUT RESERVED", "U(1001) PUT READY"]


def test_the_customer_abandons_in_the_queue() -> None:
    stage = Rehearsal(without_wrap_up())
    call = stage.customer_call("8800")
    stage.customer_hang_up(call)
    stage.sign_in("1001")
    stage.state("1001", "READY")
    assert stage.told() == ["U(1001) PUT READY"]
    assert not stage.engine.world.calls


@pytest.mark.parametrize(("deployment", "code"), [(Deployment.UCCE, 32767), (Deployment.UCCX, 32763)])
def test_an_unanswered_call_goes_back_to_the_queue_and_to_the_next_agent(deployment: Deployment, code: int) -> None:
    stage = Rehearsal(without_wrap_up(deployment))
    stage.sign_in("1001", ready=True)
    stage.sign_in("1002", ready=True)
    stage.customer_call("8800")
    stage.wait(15)
    assert stage.told() == [
        *RINGS,
        f"D(1001) DELETE {CALL} ALERTING 4001:DROPPED 5550188:INITIATED",
        "U(1002) PUT RESERVED",
        f"U(1001) PUT NOT_READY reason {code}",
        f"D(1002) POST {CALL} ALERTING 4002:ALERTING 5550188:INITIATED",
    ]


def test_the_longest_ready_agent_is_chosen_and_calls_wait_their_turn() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1002", ready=True)
    stage.sign_in("1001", ready=True)
    calls = [stage.customer_call("8800", number) for number in ("5551", "5552", "5553")]
    assert [line for line in stage.told() if line.startswith("D")] == [
        f"D(1002) POST {calls[0]} ALERTING 4002:ALERTING 5551:INITIATED",
        f"D(1001) POST {calls[1]} ALERTING 4001:ALERTING 5552:INITIATED",
    ]
    stage.sign_in("1003")
    stage.state("1003", "READY")
    assert stage.told() == [
        "U(1003) PUT READY",
        "U(1003) PUT RESERVED",
        f"D(1003) POST {calls[2]} ALERTING 4003:ALERTING 5553:INITIATED",
    ]


def test_a_direct_call_reserves_nobody() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1001", ready=True)
    call = stage.customer_call("4001")
    view = stage.notices[-1].body
    assert isinstance(view, DialogView)
    assert (view.type, view.dnis, view.to_address) == ("OTHER_IN", "4001", "4001")
    stage.act("1001", call, "ANSWER", request_id="a")
    assert stage.told() == [RINGS[1], *ANSWERED]


def test_on_uccx_a_direct_call_makes_a_ready_agent_not_ready_and_leaves_it_so() -> None:
    stage = Rehearsal(without_wrap_up(Deployment.UCCX))
    stage.sign_in("1001", ready=True)
    call = stage.customer_call("4001")
    stage.act("1001", call, "ANSWER", request_id="a")
    stage.customer_hang_up(call)
    assert stage.told() == [
        "U(1001) PUT NOT_READY reason 32761",
        RINGS[1],
        ANSWERED[1],
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE 5550188:DROPPED",
        f"D(1001) PUT {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
    ]


def test_a_phone_that_was_ringing_gets_the_waiting_call_when_it_is_free() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1001", ready=True)
    direct = stage.customer_call("4001")
    waiting = stage.customer_call("8800", "5551")
    stage.told()
    stage.customer_hang_up(direct)
    assert stage.told() == [
        f"D(1001) DELETE {direct} ALERTING 4001:DROPPED 5550188:INITIATED",
        "U(1001) PUT RESERVED",
        f"D(1001) POST {waiting} ALERTING 4001:ALERTING 5551:INITIATED",
    ]


def test_the_phone_of_a_reserved_agent_is_busy() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1001", ready=True)
    stage.engine.customer_calls("5551", "8800", {})
    with pytest.raises(NotReachableError, match="busy"):
        stage.engine.customer_calls("5552", "4001", {})


def test_a_withheld_number_leaves_the_caller_out_of_the_list() -> None:
    stage = Rehearsal(without_wrap_up())
    stage.sign_in("1001", ready=True)
    call = stage.customer_call("8800", number="")
    stage.act("1001", call, "ANSWER")
    stage.customer_hang_up(call)
    assert stage.told() == [
        "U(1001) PUT RESERVED",
        f"D(1001) POST {CALL} ALERTING 4001:ALERTING",
        "U(1001) PUT TALKING",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE",
        f"D(1001) PUT {CALL} ACTIVE 4001:ACTIVE",
        f"D(1001) PUT {CALL} DROPPED 4001:DROPPED",
        f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED",
        "U(1001) PUT READY",
    ]


def test_a_phone_that_answers_by_itself() -> None:
    scenario = without_wrap_up()
    agents = tuple(msgspec.structs.replace(agent, auto_answer=True) for agent in scenario.agents)
    stage, _ = ringing(msgspec.structs.replace(scenario, agents=agents))
    assert stage.told() == [*RINGS, ANSWERED[0], ANSWERED[1].removesuffix(" [a]")]


def test_the_phone_itself_answers_and_hangs_up_without_a_request() -> None:
    stage, _ = ringing(without_wrap_up())
    stage.engine.phone_answers("4001")
    stage.wait()
    assert stage.told() == [*RINGS, ANSWERED[0], ANSWERED[1].removesuffix(" [a]")]
    stage.engine.phone_hangs_up("4001")
    stage.wait()
    assert stage.told()[-1] == "U(1001) PUT READY"


@pytest.mark.parametrize(
    ("number", "destination", "why"),
    [("555", "9999", "neither a queue nor an extension"), ("4002", "8800", "is an extension"), ("555", "4001", "busy")],
)
def test_customers_who_cannot_call(number: str, destination: str, why: str) -> None:
    stage, _ = ringing(without_wrap_up())
    with pytest.raises(NotReachableError, match=why):
        stage.engine.customer_calls(number, destination, {})


def test_phones_that_cannot() -> None:
    stage = Rehearsal(without_wrap_up())
    with pytest.raises(NotReachableError, match="does not ring"):
        stage.engine.phone_answers("4001")
    with pytest.raises(NotReachableError, match="on no call"):
        stage.engine.phone_hangs_up("4001")


def test_a_direct_call_answered_during_wrap_up_ends_it() -> None:
    for deployment, state in ((Deployment.UCCE, "TALKING"), (Deployment.UCCX, "NOT_READY reason 32761")):
        stage, call = talking(with_wrap_up(WrapUpMode.REQUIRED, deployment))
        stage.act("1001", call, "DROP")
        other = stage.customer_call("4001", "5551")
        stage.told()
        stage.act("1001", other, "ANSWER")
        assert stage.told() == [
            f"D(1001) DELETE {CALL} DROPPED 4001:DROPPED 5550188:DROPPED",
            f"U(1001) PUT {state}",
            f"D(1001) PUT {other} ACTIVE 4001:ACTIVE 5551:ACTIVE",
        ]


def test_a_scenario_agent_keeps_its_settings() -> None:
    assert Agent(id="1", password="x").wrap_up_on_incoming is WrapUpMode.OPTIONAL

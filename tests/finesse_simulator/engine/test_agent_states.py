"""What agents and supervisors may ask for, and what becomes of it: finesse-rest.md sections 2.2, 5 and 14.1."""

import msgspec
import pytest

from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.state_requests import StateRequest
from finesse_simulator.engine.views import UserView
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Device, ReasonCode, Scenario, Team, many_agents
from finesse_simulator.vocabulary import Deployment, Profile, WrapUpMode

REASONS = (
    ReasonCode(id=31, code=27, label="Lunch", category="NOT_READY"),
    ReasonCode(id=33, code=29, label="West only", category="NOT_READY", for_all=False, teams=("5002",)),
    ReasonCode(id=41, code=12, label="End of shift", category="LOGOUT"),
)


def scenario(deployment: Deployment = Deployment.UCCE, *, reasons: bool = False, **changes: object) -> Scenario:
    """Agents 1001 to 1004; 1003 supervises team 5000, 1004 another one."""
    base = many_agents(4, deployment=deployment)
    agents = list(base.agents)
    agents[2] = msgspec.structs.replace(agents[2], supervises=("5000",))
    agents[3] = msgspec.structs.replace(agents[3], supervises=("5002",))
    return msgspec.structs.replace(
        base,
        agents=tuple(agents),
        teams=(Team(id="5000", name="East"), Team(id="5002", name="West")),
        reason_codes=REASONS if reasons else (),
        **changes,
    )


def stage_for(deployment: Deployment = Deployment.UCCE, *, reasons: bool = False, **changes: object) -> Rehearsal:
    stage = Rehearsal(scenario(deployment, reasons=reasons, **changes))
    stage.sign_in("1001")
    return stage


def fault(stage: Rehearsal, user: str, request: StateRequest, by: str = "") -> tuple[int, str, str, str | None]:
    """Give status, type, message and data of the refusal at once."""
    with pytest.raises(ApiFaultError) as refused:
        stage.engine.request_state(stage.agent(user), stage.agent(by or user), request)
    error = refused.value.error
    return refused.value.status, error.type, error.message, error.data


# ---- signing in


def test_signing_in_makes_not_ready_and_echoes_the_request() -> None:
    stage = Rehearsal(scenario())
    stage.state("1001", "LOGIN", extension="4001", request_id="r-1")
    assert stage.told() == ["U(1001) PUT NOT_READY [r-1]"]
    assert stage.agent("1001").extension == "4001"


def test_signing_in_again_keeps_the_state() -> None:
    stage = stage_for()
    stage.state("1001", "READY")
    stage.told()
    stage.state("1001", "LOGIN", extension="4001", request_id="r-2")
    assert stage.told() == ["U(1001) PUT READY [r-2]"]


@pytest.mark.parametrize(
    ("extension", "error"),
    [
        ("7777", "Invalid Device|260|CF_INVALID_LOGON_DEVICE_SPECIFIED"),
        ("4099", "Invalid Device|70|CF_GENERIC_UNSPECIFIED_REJECTION"),
        ("4001", "Device Busy|283|CF_SPECIFIED_EXTENSION_ALREADY_IN_USE"),
        ("4003", "Invalid Device|260|CF_INVALID_LOGON_DEVICE_SPECIFIED"),
    ],
)
def test_devices_that_cannot_be_signed_in_on(extension: str, error: str) -> None:
    base = scenario()
    only = msgspec.structs.replace(base.agents[1], extensions=("4002", "4001", "4099", "7777"))
    changed = msgspec.structs.replace(
        base,
        agents=(base.agents[0], only, *base.agents[2:]),
        devices=(*base.devices, Device(extension="4099", in_service=False)),
    )
    stage = Rehearsal(changed)
    stage.sign_in("1001")
    stage.state("1002", "LOGIN", extension=extension, request_id="x")
    assert stage.told() == [f"E(1002) put {error} [x]"]


def test_another_extension_while_signed_in_is_refused() -> None:
    stage = stage_for()
    stage.state("1001", "LOGIN", extension="4002")
    assert stage.told() == ["E(1001) put Invalid Device|259|CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON"]


def test_state_errors_come_on_the_user_node() -> None:
    stage = Rehearsal(scenario())
    stage.state("1001", "LOGIN", extension="7777")
    notice = stage.notices[-1]
    assert (notice.node, notice.source) == ("/finesse/api/User/1001", "/finesse/api/User/1001")


@pytest.mark.parametrize(
    ("deployment", "request_", "expected"),
    [
        (Deployment.UCCE, StateRequest(), (400, "Parameter Missing", "State Parameter missing", "state")),
        (
            Deployment.UCCE,
            StateRequest("BUSY"),
            (400, "Invalid Input", "Invalid State specified for user", "state"),
        ),
        (
            Deployment.UCCE,
            StateRequest("TALKING"),
            (400, "Invalid Input", "Invalid State specified for user", "state"),
        ),
        (
            Deployment.UCCE,
            StateRequest("LOGIN"),
            (400, "Parameter Missing", "Extension Parameter missing", "extension"),
        ),
        (Deployment.UCCE, StateRequest("LOGIN", "+4001"), (400, "Bad Request", "The request is not well formed", "")),
        (Deployment.UCCX, StateRequest("LOGIN", "4x"), (400, "Bad Request", "The request is not well formed", "")),
        (
            Deployment.UCCX,
            StateRequest("LOGIN", "+12345678901234567"),
            (400, "Bad Request", "The request is not well formed", ""),
        ),
        (Deployment.UCCE, StateRequest("LOGOUT"), (400, "Invalid State", "The user is not signed in", "state")),
        (Deployment.UCCE, StateRequest("READY"), (400, "Invalid State", "The user is not signed in", "state")),
        (
            Deployment.UCCE,
            StateRequest("LOGIN", "4001", mobile_mode="X", dial_number="1"),
            (400, "Invalid Input", "Invalid mode", "mode"),
        ),
        (
            Deployment.UCCE,
            StateRequest("LOGIN", "4001", mobile_mode="", dial_number="1"),
            (400, "Parameter Missing", "Mode Parameter missing", "mode"),
        ),
        (
            Deployment.UCCE,
            StateRequest("LOGIN", "4001", mobile_mode="CALL_BY_CALL"),
            (400, "Parameter Missing", "DialNumber Parameter missing", "dialNumber"),
        ),
        (
            Deployment.UCCE,
            StateRequest("LOGIN", "4001", mobile_mode="CALL_BY_CALL", dial_number="at home"),
            (400, "Invalid Input", "Invalid dialNumber", "dialNumber"),
        ),
        (
            Deployment.UCCX,
            StateRequest("LOGIN", "4001", mobile_mode="CALL_BY_CALL", dial_number="1"),
            (400, "Invalid Input", "Invalid mobileAgent", "mobileAgent"),
        ),
    ],
)
def test_what_is_refused_at_once(
    deployment: Deployment, request_: StateRequest, expected: tuple[int, str, str, str]
) -> None:
    assert fault(Rehearsal(scenario(deployment)), "1001", request_) == expected


# ---- reasons


def test_a_reason_is_mandatory_where_the_category_has_any() -> None:
    stage = stage_for(reasons=True)
    for state in ("NOT_READY", "LOGOUT"):
        assert fault(stage, "1001", StateRequest(state)) == (
            400,
            "Parameter Missing",
            "The state change requires a valid reason code.",
            "finesse.api.reasoncode.require_reasoncode",
        )


@pytest.mark.parametrize("reason", ["33", "41", "999", "x", "27"])
def test_reasons_that_are_not_offered(reason: str) -> None:
    stage = stage_for(reasons=True)
    assert fault(stage, "1001", StateRequest("NOT_READY", reason_code_id=reason))[:2] == (400, "Invalid Input")


def test_a_reason_is_shown_and_its_id_stays_in_answers_only() -> None:
    stage = stage_for(reasons=True)
    stage.state("1001", "NOT_READY", reason="31", request_id="n")
    assert stage.told() == ["U(1001) PUT NOT_READY reason 27 [n]"]
    stage.state("1001", "READY")
    view = stage.engine.view_user(stage.agent("1001"))
    assert (view.reason, view.reason_id, view.last_reason_id) == (None, None, "-1")
    stage.state("1001", "NOT_READY", reason="31")
    stage.make_call("1001", "4004")
    view = stage.engine.view_user(stage.agent("1001"))
    assert (view.state, view.reason, view.reason_id, view.last_reason_id) == ("TALKING", None, None, "31")


def test_the_reason_comes_back_after_a_call() -> None:
    stage = stage_for(reasons=True)
    stage.state("1001", "NOT_READY", reason="31")
    call = stage.make_call("1001", "4004")
    stage.act("1001", call, "DROP")
    assert stage.told()[-1] == "U(1001) PUT NOT_READY reason 27"


def test_signing_out_with_a_reason() -> None:
    stage = stage_for(reasons=True)
    stage.state("1001", "LOGOUT", reason="41", request_id="l")
    view = stage.notices[-1].body
    assert isinstance(view, UserView)
    assert (view.state, view.extension, view.reason_id) == ("LOGOUT", "", "41")
    assert stage.told() == ["U(1001) PUT LOGOUT reason 12 [l]"]


# ---- refused by the CTI server


@pytest.mark.parametrize(
    ("deployment", "told"),
    [
        (Deployment.UCCE, ["E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [l]"]),
        (Deployment.UCCX, ["U(1001) PUT LOGOUT [l]"]),
    ],
)
def test_signing_out_from_ready(deployment: Deployment, told: list[str]) -> None:
    stage = stage_for(deployment)
    stage.state("1001", "READY")
    stage.told()
    stage.state("1001", "LOGOUT", request_id="l")
    assert stage.told() == told


def in_call(deployment: Deployment, *, routed: bool) -> tuple[Rehearsal, str]:
    stage = stage_for(deployment)
    if routed:
        stage.state("1001", "READY")
    call = stage.customer_call("8800" if routed else "4001")
    stage.act("1001", call, "ANSWER")
    stage.told()
    return stage, call


INVALID_STATE = "E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [q]"
WORKMODE = "E(1001) put Invalid State|265|CF_INVALID_AGENT_WORKMODE [q]"
BUSY = "E(1001) put Invalid State|33|CF_RESOURCE_BUSY [q]"


@pytest.mark.parametrize(
    ("deployment", "routed", "asked", "told"),
    [
        (Deployment.UCCE, True, ["READY"], ["U(1001) PUT TALKING then READY [q]"]),
        (Deployment.UCCE, True, ["NOT_READY"], ["U(1001) PUT TALKING then NOT_READY [q]"]),
        (Deployment.UCCE, True, ["LOGOUT"], [INVALID_STATE]),
        (Deployment.UCCE, False, ["NOT_READY"], ["U(1001) PUT TALKING then NOT_READY [q]"]),
        (
            Deployment.UCCX,
            True,
            ["NOT_READY", "NOT_READY"],
            ["U(1001) PUT TALKING then NOT_READY [q]", WORKMODE],
        ),
        (Deployment.UCCX, True, ["READY"], [WORKMODE]),
        (Deployment.UCCX, True, ["LOGOUT"], [INVALID_STATE]),
        (Deployment.UCCX, False, ["READY"], [BUSY]),
        (Deployment.UCCX, False, ["LOGOUT"], [BUSY]),
        (Deployment.UCCX, False, ["NOT_READY"], ["U(1001) PUT NOT_READY [q]"]),
    ],
)
def test_asking_for_a_state_during_a_call(
    deployment: Deployment, *, routed: bool, asked: list[str], told: list[str]
) -> None:
    stage, _ = in_call(deployment, routed=routed)
    for state in asked:
        stage.state("1001", state, request_id="q")
    assert stage.told() == told


def test_signing_out_while_the_phone_rings_is_refused() -> None:
    stage = stage_for()
    stage.customer_call("4001")
    stage.told()
    stage.state("1001", "LOGOUT", request_id="q")
    assert stage.told() == [BUSY]


def test_a_request_overtaken_by_a_sign_out_is_refused_late() -> None:
    stage = stage_for()
    agent = stage.agent("1001")
    stage.engine.request_state(agent, agent, StateRequest("LOGOUT"), "1")
    stage.engine.request_state(agent, agent, StateRequest("READY"), "2")
    stage.wait()
    assert stage.told() == [
        "U(1001) PUT LOGOUT [1]",
        "E(1001) put Invalid State|22|CF_INVALID_OBJECT_STATE [2]",
    ]


# ---- supervisors


def test_a_supervisor_acts_on_the_team_only_and_without_reasons() -> None:
    stage = stage_for(reasons=True)
    assert fault(stage, "1001", StateRequest("READY"), by="1002")[:2] == (401, "Invalid Authorization User Specified")
    assert fault(stage, "1001", StateRequest("READY"), by="1004")[:2] == (401, "Invalid Supervisor")
    assert fault(stage, "1001", StateRequest("LOGIN", "4001"), by="1003")[:2] == (400, "Invalid State")
    assert fault(stage, "1001", StateRequest("NOT_READY", reason_code_id="31"), by="1003")[:2] == (
        400,
        "Invalid Input",
    )


@pytest.mark.parametrize(
    ("deployment", "not_ready", "logout"), [(Deployment.UCCE, 999, 999), (Deployment.UCCX, 33, 22)]
)
def test_a_supervisor_moves_an_agent(deployment: Deployment, not_ready: int, logout: int) -> None:
    stage = stage_for(deployment, reasons=True)
    for state in ("READY", "NOT_READY", "LOGOUT"):
        stage.state("1001", state, by="1003")
    assert stage.told() == [
        "U(1001) PUT READY",
        f"U(1001) PUT NOT_READY reason {not_ready}",
        f"U(1001) PUT LOGOUT reason {logout}",
    ]


def test_a_supervisor_cannot_make_a_talking_agent_not_ready_but_sign_it_out_after_the_call() -> None:
    stage, call = in_call(Deployment.UCCE, routed=True)
    stage.state("1001", "NOT_READY", by="1003", request_id="1")
    assert stage.told() == ["E(1003) put Invalid State|22|CF_INVALID_OBJECT_STATE [1]"]
    stage.state("1001", "LOGOUT", by="1003")
    stage.customer_hang_up(call)
    stage.wait(30)
    told = stage.told()
    assert told[0] == "U(1001) PUT TALKING then LOGOUT"
    assert told[-1] == "U(1001) PUT LOGOUT reason 999"


def test_a_supervisor_signs_out_an_agent_at_work() -> None:
    base = scenario()
    agents = tuple(msgspec.structs.replace(a, wrap_up_on_incoming=WrapUpMode.REQUIRED) for a in base.agents)
    stage = Rehearsal(msgspec.structs.replace(base, agents=agents))
    stage.sign_in("1001", ready=True)
    call = stage.customer_call("8800")
    stage.act("1001", call, "ANSWER")
    stage.customer_hang_up(call)
    stage.told()
    stage.state("1001", "LOGOUT", by="1003")
    stage.wait(60)
    assert stage.told() == [
        f"D(1001) DELETE {call} DROPPED 4001:DROPPED 5550188:DROPPED",
        "U(1001) PUT LOGOUT reason 999",
    ]


def test_signing_out_at_the_end_of_work_leaves_the_phone_ringing_for_nobody() -> None:
    base = scenario()
    agents = tuple(msgspec.structs.replace(a, wrap_up_on_incoming=WrapUpMode.REQUIRED) for a in base.agents)
    for hangs_up in (True, False):
        stage = Rehearsal(msgspec.structs.replace(base, agents=agents))
        stage.sign_in("1001", ready=True)
        call = stage.customer_call("8800")
        stage.act("1001", call, "ANSWER")
        stage.state("1001", "LOGOUT", by="1003")
        stage.customer_hang_up(call)
        direct = stage.customer_call("4001", "5551")
        stage.told()
        if hangs_up:
            stage.customer_hang_up(direct)
        stage.wait(60)
        ringing = f"D(1001) DELETE {direct} ALERTING 4001:DROPPED 5551:INITIATED"
        worked = f"D(1001) DELETE {call} DROPPED 4001:DROPPED 5550188:DROPPED"
        told = [ringing, worked] if hangs_up else [worked, ringing]
        assert stage.told() == [*told, "U(1001) PUT LOGOUT reason 999"]


# ---- lost sessions


def lose_session(stage: Rehearsal) -> None:
    agent = stage.agent("1001")
    stage.engine.session_changed(agent, "one", available=True)
    stage.engine.session_changed(agent, "two", available=True)
    stage.engine.session_changed(agent, "one", available=False)
    stage.engine.session_changed(agent, "two", available=False)


@pytest.mark.parametrize(
    ("deployment", "load", "told"),
    [
        (Deployment.UCCE, False, "U(1001) PUT NOT_READY reason 50002"),
        (Deployment.UCCE, True, "U(1001) PUT LOGOUT reason 50002"),
        (Deployment.UCCX, False, "U(1001) PUT LOGOUT reason 255"),
    ],
)
def test_a_minute_after_the_last_session_is_lost(deployment: Deployment, *, load: bool, told: str) -> None:
    stage = stage_for(deployment, logout_on_disconnect=load)
    stage.state("1001", "READY")
    stage.told()
    lose_session(stage)
    stage.wait(59.9)
    assert stage.told() == []
    stage.wait(0.1)
    assert stage.told() == [told]


def test_a_session_that_comes_back_in_time_changes_nothing() -> None:
    stage = stage_for()
    lose_session(stage)
    stage.wait(50)
    stage.engine.session_changed(stage.agent("1001"), "three", available=True)
    stage.wait(50)
    assert stage.told() == []


def test_a_session_lost_during_a_call() -> None:
    for deployment, after in ((Deployment.UCCE, "NOT_READY reason 50002"), (Deployment.UCCX, "LOGOUT reason 255")):
        stage, call = in_call(deployment, routed=True)
        lose_session(stage)
        stage.wait(60)
        stage.customer_hang_up(call)
        stage.wait(30)
        assert stage.told()[-1] == f"U(1001) PUT {after}"


def test_the_session_of_somebody_signed_out_matters_not() -> None:
    stage = stage_for()
    stage.state("1001", "LOGOUT")
    stage.told()
    lose_session(stage)
    stage.engine.session_changed(stage.agent("1001"), "unknown", available=False)
    stage.wait(120)
    assert stage.told() == []


def test_on_11_6_a_forced_sign_out_names_no_reason() -> None:
    stage = stage_for(Deployment.UCCX, profile=Profile.V11_6)
    lose_session(stage)
    stage.wait(60)
    view = stage.notices[-1].body
    assert isinstance(view, UserView)
    assert (view.state, view.reason, view.reason_id) == ("LOGOUT", None, "-1")


# ---- service


def test_out_of_service_nobody_is_told_and_the_last_state_follows() -> None:
    stage = stage_for()
    stage.state("1001", "READY")
    stage.told()
    stage.engine.leave_service()
    first = stage.customer_call("4001")
    stage.customer_hang_up(first)
    second = stage.customer_call("4001")
    stage.engine.phone_answers("4001")
    stage.wait(5)
    assert stage.told() == []
    stage.engine.return_to_service()
    stage.wait()
    assert stage.told() == ["U(1001) PUT TALKING", f"D(1001) PUT {second} ACTIVE 4001:ACTIVE 5550188:ACTIVE"]


# ---- finding


def test_users_are_found_by_id_in_any_case_and_by_login_name_from_ucce_12_5() -> None:
    base = scenario()
    named = msgspec.structs.replace(base.agents[0], id="Ann1", login_name="ann")
    for deployment, profile, found in (
        (Deployment.UCCE, Profile.V12_5, True),
        (Deployment.UCCE, Profile.V11_6, False),
        (Deployment.UCCX, Profile.V12_5, False),
    ):
        changed = msgspec.structs.replace(base, agents=(named,), deployment=deployment, profile=profile, queues=())
        engine = Rehearsal(changed).engine
        assert engine.user_in_path("ANN1").id == "Ann1"
        if found:
            assert engine.user_in_path("ann").id == "Ann1"
        else:
            with pytest.raises(ApiFaultError, match="404 User Not Found"):
                engine.user_in_path("ann")

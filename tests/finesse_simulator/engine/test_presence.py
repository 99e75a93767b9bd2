"""What each of two servers does about an agent whose sessions are gone: finesse-notifications.md section 5."""

import msgspec
import pytest

from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Fidelity, SecondServer, many_agents
from finesse_simulator.vocabulary import Deployment


def stage_for(deployment: Deployment = Deployment.UCCE, late: str = "off", **changes: object) -> Rehearsal:
    """Agent 1001 is ready, with a session at server A."""
    fidelity = msgspec.convert({"late_forced_logout": late}, Fidelity)
    base = many_agents(2, deployment=deployment)
    stage = Rehearsal(msgspec.structs.replace(base, second_server=SecondServer(), fidelity=fidelity, **changes))
    stage.sign_in("1001", ready=True)
    session(stage, "A", available=True)
    return stage


def session(stage: Rehearsal, server: str, *, available: bool, resource: str = "one") -> None:
    stage.engine.session_changed(stage.agent("1001"), resource, available=available, server=server)


def forced(stage: Rehearsal) -> tuple[int, int]:
    counts = stage.engine.world.counts
    return counts.forced, counts.late


def test_who_moves_to_the_other_server_in_time_is_left_alone() -> None:
    stage = stage_for()
    session(stage, "A", available=False)
    stage.wait(59)
    session(stage, "B", available=True)
    stage.wait(300)
    assert (stage.told(), forced(stage)) == ([], (0, 0))


def test_who_moves_too_late_is_made_not_ready_once() -> None:
    stage = stage_for()
    session(stage, "A", available=False)
    stage.wait(61)
    session(stage, "B", available=True)
    stage.wait(300)
    assert (stage.told(), forced(stage)) == (["U(1001) PUT NOT_READY reason 50002"], (1, 0))


def test_the_last_session_at_the_last_server_counts() -> None:
    stage = stage_for()
    session(stage, "B", available=True)
    session(stage, "A", available=False)
    stage.wait(300)
    session(stage, "B", available=False)
    stage.wait(59)
    assert stage.told() == []
    stage.wait(1)
    assert stage.told() == ["U(1001) PUT NOT_READY reason 50002"]


def test_who_may_still_come_back_to_one_server_is_not_given_up_by_the_other() -> None:
    stage = stage_for()
    session(stage, "A", available=False)
    stage.wait(10)
    session(stage, "B", available=True)
    stage.wait(40)
    session(stage, "B", available=False)
    stage.wait(59)
    assert stage.told() == []
    session(stage, "B", available=True, resource="two")
    stage.wait(300)
    assert (stage.told(), forced(stage)) == ([], (0, 0))


@pytest.mark.parametrize(
    ("deployment", "late", "told"),
    [
        (Deployment.UCCE, "not_ready", "U(1001) PUT NOT_READY reason 50002"),
        (Deployment.UCCE, "logout", "U(1001) PUT LOGOUT reason 50002"),
        (Deployment.UCCX, "not_ready", "U(1001) PUT NOT_READY reason 255"),
        (Deployment.UCCX, "logout", "U(1001) PUT LOGOUT reason 255"),
    ],
)
def test_a_late_server_acts_though_the_agent_is_at_the_other_one(deployment: Deployment, late: str, told: str) -> None:
    stage = stage_for(deployment, late)
    session(stage, "A", available=False)
    session(stage, "B", available=True)
    stage.wait(59)
    assert stage.told() == []
    stage.wait(1)
    assert (stage.told(), forced(stage)) == ([told], (1, 1))


def test_a_late_server_does_as_always_when_nobody_else_has_the_agent() -> None:
    stage = stage_for(late="logout")
    session(stage, "A", available=False)
    stage.wait(60)
    assert (stage.told(), forced(stage)) == (["U(1001) PUT NOT_READY reason 50002"], (1, 0))


def test_a_frozen_server_loses_its_agents_as_a_dead_one_does() -> None:
    stage = stage_for()
    stage.engine.server_heard("A", heard=False)
    stage.wait(60)
    assert stage.told() == ["U(1001) PUT NOT_READY reason 50002"]


def test_a_frozen_server_that_thaws_in_time_has_lost_nobody() -> None:
    stage = stage_for()
    stage.engine.server_heard("A", heard=False)
    stage.wait(59)
    stage.engine.server_heard("A", heard=True)
    stage.wait(300)
    assert stage.told() == []


@pytest.mark.parametrize(
    ("late", "told"), [("off", []), ("logout", ["U(1001) PUT LOGOUT reason 50002"])], ids=["off", "logout"]
)
def test_a_server_that_thaws_notices_who_left_and_may_be_too_late(late: str, told: list[str]) -> None:
    stage = stage_for(late=late)
    stage.engine.server_heard("A", heard=False)
    session(stage, "B", available=True)
    stage.wait(30)
    stage.engine.server_heard("A", heard=True)
    session(stage, "A", available=False)
    stage.wait(59)
    assert stage.told() == []
    stage.wait(1)
    assert stage.told() == told


def test_the_session_at_a_frozen_server_keeps_nobody_in() -> None:
    stage = stage_for()
    session(stage, "B", available=True)
    stage.engine.server_heard("A", heard=False)
    stage.wait(100)
    session(stage, "B", available=False)
    stage.wait(60)
    assert stage.told() == ["U(1001) PUT NOT_READY reason 50002"]


@pytest.mark.parametrize(
    ("deployment", "late", "told"),
    [
        (Deployment.UCCE, "off", ["U(1001) PUT NOT_READY reason 50002"]),
        (Deployment.UCCX, "off", ["U(1001) PUT LOGOUT reason 255"]),
        (Deployment.UCCE, "logout", ["U(1001) PUT LOGOUT reason 50002"]),
    ],
)
def test_by_hand_it_happens_at_once_to_who_is_signed_in(deployment: Deployment, late: str, told: list[str]) -> None:
    stage = stage_for(deployment, late)
    assert [stage.engine.force_out(stage.agent(user)) for user in ("1001", "1002")] == [True, False]
    stage.wait()
    assert (stage.told(), forced(stage)) == (told, (1, 1))


# ---- what else is counted


def test_signing_in_and_out_and_dialling_are_counted() -> None:
    stage = stage_for()
    stage.sign_in("1001")  # again: keeps the state, and is none
    stage.make_call("1001", "4002")
    stage.engine.phone_hangs_up("4001")
    stage.wait()
    stage.state("1001", "NOT_READY")
    stage.state("1001", "LOGOUT")
    counts = stage.engine.world.counts
    assert (counts.sign_ins, counts.sign_outs, counts.forced, dict(counts.calls_dialled)) == (1, 1, 0, {"1001": 1})


# ---- the burst after an outage


def test_after_an_outage_everybody_is_told_the_last_state_and_no_more() -> None:
    """Who signed out meanwhile too; calls that began and ended meanwhile are never told of."""
    stage = stage_for()
    stage.sign_in("1002", ready=True)
    kept = stage.customer_call("4001")
    stage.wait()
    stage.told()
    stage.engine.leave_service()
    stage.engine.phone_answers("4001")
    stage.state("1002", "NOT_READY")
    stage.state("1002", "LOGOUT")
    short = stage.engine.customer_calls("5550101", "4002", {})
    stage.wait()
    stage.engine.customer_hangs_up(str(short.id))
    stage.wait(120)
    assert stage.told() == []
    stage.engine.return_to_service()
    stage.wait()
    told = stage.told()
    assert told == [
        "U(1001) PUT TALKING",
        "U(1002) PUT LOGOUT",
        f"D(1001) PUT {kept} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
    ]
    assert [str(notice) for notice in stage.engine.last_states()] == told

"""Scenes for the tests of call control: agents 1001 and 1002, supervisor 1003, agent 1004, a customer at 1001."""

from __future__ import annotations

import msgspec

from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import OutsideNumber, Queue, Scenario, many_agents
from finesse_simulator.vocabulary import Deployment, WrapUpMode

CALL = 16777217
OUTSIDE = (
    OutsideNumber(number="5550101", after=0.1),
    OutsideNumber(number="5550199", outcome="busy"),
)
QUEUES = (
    Queue(number="8800", id="5033", name="Sales", agents=("1001",)),
    Queue(number="8801", id="5034", name="Service", agents=("1002",)),
)


def scenario(
    deployment: Deployment = Deployment.UCCE,
    *,
    mode: WrapUpMode = WrapUpMode.NOT_ALLOWED,
    auto_answer: tuple[str, ...] = (),
    **changes: object,
) -> Scenario:
    base = many_agents(4, deployment=deployment)
    agents = [
        msgspec.structs.replace(
            agent,
            wrap_up_on_incoming=mode,
            auto_answer=agent.id in auto_answer,
            supervises=("5000",) if agent.id == "1003" else (),
        )
        for agent in base.agents
    ]
    return msgspec.structs.replace(base, agents=tuple(agents), queues=QUEUES, outside_numbers=OUTSIDE, **changes)


def office(scene: Scenario) -> Rehearsal:
    """Sign everybody in; 1002 and 1004 are ready, 1001 becomes so when needed."""
    stage = Rehearsal(scene)
    stage.sign_in("1001", ready=True)
    stage.sign_in("1002", ready=True)
    stage.sign_in("1003")
    stage.sign_in("1004", ready=True)
    return stage


def talking(scene: Scenario) -> Rehearsal:
    """Let 1001 talk with the customer 5550188 on dialog CALL."""
    stage = office(scene)
    stage.act("1001", stage.customer_call("8800"), "ANSWER")
    stage.told()
    return stage


def consulting(scene: Scenario) -> tuple[Rehearsal, str]:
    """Let 1001 have the customer on hold and talk with 1002 on dialog CALL + 1."""
    stage = talking(scene)
    consultation = stage.consult("1001", str(CALL), "4002")
    stage.act("1002", consultation, "ANSWER")
    stage.told()
    return stage, consultation


def of(user_id: str, lines: list[str]) -> list[str]:
    """Give what one user is told."""
    return [line for line in lines if f"({user_id})" in line]

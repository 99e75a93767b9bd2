"""The played agent: what it asks for next, and what it takes for an answer."""

from __future__ import annotations

import pytest

from chaos.agent import Agent, Order
from chaos.due import answers
from chaos.transcript import Heard, Sent

NOW = 1_700_000_000.0
LATER = NOW + 60


def heard(name: str, state: str = "", **more: object) -> Heard:
    values: dict[str, object] = {"at": NOW, "destination": "CRM1", "agent": "1001"}
    return Heard(name=name, state=state, **(values | more))  # type: ignore[arg-type]  # values of any field


def sent(name: str, target: str = "") -> Sent:
    return Sent(id="chaos-1", at=NOW, destination="CRM1", agent="1001", name=name, target=target, confirmed=True)


def at_work(*events: Heard) -> Agent:
    agent = Agent("1001", "CRM1")
    for one in (heard("AgentInfo"), heard("State", "NOT_READY"), heard("DialogStatus"), *events):
        agent.hear(one)
    return agent


RINGS = heard("NewInboundCall", "ALERTING", dialog="7")
TALKS = heard("InboundCall", "ACTIVE", dialog="7")
IN_HOLD = heard("InboundCall", "HELD", dialog="7")
WRAPS_UP = heard("InboundCall", "WRAP_UP", dialog="7")
OVER = heard("InboundCall", "DROPPED", dialog="7")


@pytest.mark.parametrize(
    ("agent", "order"),
    [
        (Agent("1001", "CRM1"), Order("Login", body="agent-secret-1001,4001")),
        (at_work(), Order("MakeReady")),
        (at_work(heard("State", "READY")), None),
        (at_work(heard("State", "READY"), RINGS), Order("AnswerCall", "7", "7")),
        (at_work(heard("State", "HOLD"), RINGS, IN_HOLD), Order("RetrieveCall", "7", "7")),
        (at_work(heard("State", "WORK"), RINGS, TALKS, WRAPS_UP), Order("MakeReady")),
        (at_work(heard("State", "READY"), RINGS, OVER), None),
        (
            at_work(heard("State", "TALKING"), heard("DialogStatus", shown=(("7", "HELD"),))),
            Order("RetrieveCall", "7", "7"),
        ),
        (at_work(heard("State", "RE_LOGIN")), Order("Login", body="agent-secret-1001,4001")),
        (at_work(heard("Error", "SESSION_INVALIDATED")), Order("Login", body="agent-secret-1001,4001")),
    ],
)
def test_what_comes_next(agent: Agent, order: Order | None) -> None:
    """By what it was told, and by nothing else."""
    assert agent.next(LATER) == order


def test_silence_is_waited_out_and_an_error_is_not() -> None:
    agent = at_work()
    agent.waits_for = sent("MakeReady")
    assert agent.next(LATER) is None
    agent.hear(heard("Error", "PLEASE_RETRY", correlation="chaos-1"))
    assert agent.next(NOW) is None
    assert agent.next(LATER) == Order("MakeReady")


def test_who_was_cut_off_looks_at_its_state_first() -> None:
    agent = at_work(heard("State", "READY"), RINGS)
    agent.waits_for = sent("AnswerCall", "7")
    agent.was_cut_off()
    assert [agent.next(LATER), agent.next(LATER)] == [Order("refresh"), Order("AnswerCall", "7", "7")]


@pytest.mark.parametrize(
    ("command", "event", "answered"),
    [
        (sent("AnswerCall", "7"), TALKS, True),
        (sent("AnswerCall", "7"), RINGS, False),
        (sent("AnswerCall", "8"), TALKS, False),
        (sent("ReleaseCall", "7"), OVER, True),
        (sent("HoldCall", "7"), OVER, False),
        (sent("HoldCall", "7"), heard("DialogStatus", shown=(("7", "HELD"),)), True),
        (sent("ReleaseCall", "7"), heard("DialogStatus"), True),
        (sent("MakeReady"), heard("State", "READY"), True),
        (sent("MakeReady"), heard("State", "NOT_READY"), False),
        (sent("MakeReady"), heard("State", "NOT_READY", correlation="chaos-1"), True),
        (sent("MakeReady"), heard("Error", "CF_INVALID_OBJECT_STATE"), True),
        (sent("MakeReady"), heard("Error", "CF_INVALID_OBJECT_STATE", correlation="chaos-2"), False),
        (sent("MakeReady"), heard("State", "RE_LOGIN"), True),
        (sent("MakeReady"), heard("State", "READY", agent="1002"), False),
        (sent("MakeReady"), heard("State", "READY", destination="CRM2"), False),
        (sent("GetState"), heard("State", "READY"), False),
        (sent("GetState"), heard("State", "READY", correlation="chaos-1"), True),
    ],
)
def test_what_answers_a_command(command: Sent, event: Heard, *, answered: bool) -> None:
    assert answers(command, event) is answered

"""A command ends in what its client can tell is its answer, wherever the result shows."""

from __future__ import annotations

import pytest

from agents.fake_finesse import ACCEPTED, Asked, until
from agents.office import RE_LOGIN, Office, open_office
from agents.people import ANN, CALL, ann, incoming
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import NotAuthorised
from generic_connector.finesse.model import UserChanged


def answers(office: Office, correlation_id: str) -> list[str]:
    return [event.body.split("#")[1] for event in office.door.events["crm"] if event.correlation_id == correlation_id]


async def test_the_end_of_a_call_answers_who_released_it(anns: Office) -> None:
    """Nothing is told of the own participant's DROPPED, which names the request; the DELETE behind it does not."""
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.finesse.script("take_action", ACCEPTED)
    anns.send("ReleaseCall", CALL, correlation_id="mine")
    await until(lambda: "take_action" in anns.finesse.operations())
    anns.finesse.call_changes(ANN, incoming("DROPPED", 3), anns.finesse.last("take_action").request_id)
    anns.finesse.call_goes(ANN, incoming("DROPPED", 3))
    await anns.hears(f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}")
    assert answers(anns, "mine") == ["InboundCall"]
    assert anns.hub.agents[ANN].hearing.leaving == {}


async def test_a_result_that_was_read_back_answers_the_command() -> None:
    """And the command is not said to have failed when its time is up."""
    async with open_office(result_timeout=0.1) as anns:
        await anns.sign_in()
        anns.finesse.call_comes(ANN, incoming("ALERTING"))

        async def answered_unheard(_: Asked) -> Answer:
            anns.finesse.users[ANN] = ann("TALKING", 3)
            anns.finesse.dialogs[ANN] = [incoming("ACTIVE", 3)]
            anns.finesse.lose_session(ANN)
            return ACCEPTED

        anns.finesse.script("take_action", answered_unheard)
        anns.send("AnswerCall", CALL, correlation_id="mine")
        whole = [f"NewInboundCall {CALL}", "State TALKING", f"InboundCall ACTIVE {CALL}", f"DialogStatus {CALL}"]
        await anns.hears(*whole)
        await until(lambda: not len(anns.hub.agents[ANN]._requests._pending))
        assert anns.told() == whole
        assert answers(anns, "mine") == ["InboundCall"]


async def test_another_call_that_was_read_back_does_not_answer_the_command() -> None:
    async with open_office(result_timeout=0.02) as anns:
        await anns.sign_in()

        async def rings_unheard(_: Asked) -> Answer:
            anns.finesse.dialogs[ANN] = [incoming("ALERTING")]
            return ACCEPTED

        anns.finesse.script("make_call", rings_unheard)
        anns.send("MakeCall", "0", correlation_id="mine")
        await anns.hears(f"NewInboundCall {CALL}", "Error PLEASE_RETRY")
        assert answers(anns, "mine") == ["Error"]


async def test_a_state_that_says_nothing_new_is_not_the_answer() -> None:
    """Finesse tells every state again when it is back in service; the result may still be lost."""
    async with open_office(result_timeout=0.05) as anns:
        await anns.sign_in()
        anns.finesse.script("change_state", ACCEPTED)
        anns.send("MakeNotReady", correlation_id="mine")
        await until(lambda: "change_state" in anns.finesse.operations())
        anns.finesse.becomes(anns.hub.agents[ANN].user)
        await anns.hears("State NOT_READY")
        assert answers(anns, "mine") == ["State"]


async def test_what_waits_for_its_result_ends_with_the_agent() -> None:
    """The password was changed: nobody hears of the result any more."""
    async with open_office() as anns:
        await anns.sign_in()
        anns.finesse.script("change_state", ACCEPTED)
        anns.send("MakeReady", correlation_id="mine")
        await until(lambda: "change_state" in anns.finesse.operations())
        anns.finesse.script("user", NotAuthorised())
        anns.finesse.lose_session(ANN)
        await anns.hears("Error SUBSCRIPTION_FAILED", "State RE_LOGIN")
        assert anns.bodies()[-1] == RE_LOGIN
        assert answers(anns, "mine") == ["State"]


async def test_what_was_refused_is_refused_once(anns: Office) -> None:
    """The broker delivers a message again whose acknowledgement it missed."""
    anns.door.redeliver(anns.send("MakeCall", ""))
    anns.send("GetState")
    await anns.hears("Error MISSING_NUMBER", "State NOT_READY")


async def test_what_rings_while_a_sign_in_fails_is_told(anns: Office) -> None:
    """Somebody who is signed in already misses nothing on account of a second Login."""
    gate = anns.finesse.hold("sign_in", NotAuthorised())
    anns.login()
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("RESERVED", 3))
    anns.finesse.call_comes(ANN, incoming("ALERTING", 3))
    await until(lambda: len(anns.hub.agents[ANN].mirror.calls))
    gate.open()
    await anns.hears("State RESERVED", f"NewInboundCall {CALL}", "Error SUBSCRIPTION_FAILED")


async def test_force_right_behind_a_sign_out_is_answered(anns: Office) -> None:
    """Also when the former command's result comes while Finesse is asked."""
    anns.finesse.script("sign_out", ACCEPTED)
    anns.send("Logout", correlation_id="first")
    await until(lambda: "sign_out" in anns.finesse.operations())
    gate = anns.finesse.hold("user")
    anns.send("force_logout", correlation_id="second")
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("LOGOUT", 3), anns.finesse.last("sign_out").request_id)
    await until(lambda: anns.told() == ["State LOGOUT"])
    gate.open()
    await anns.hears("State LOGOUT", "State LOGOUT")
    assert [answers(anns, "first"), answers(anns, "second")] == [["State"], ["State"]]


async def test_who_did_not_release_a_call_is_not_answered_with_its_end(anns: Office) -> None:
    """Finesse may say twice what came of a request; the end that comes later is the answer to another one."""
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.finesse.script("take_action", ACCEPTED, ACCEPTED)
    anns.send("HoldCall", CALL, correlation_id="hold")
    await until(lambda: "take_action" in anns.finesse.operations())
    for _ in range(2):
        anns.finesse.call_changes(ANN, incoming("HELD", 3), anns.finesse.last("take_action").request_id)
    anns.send("ReleaseCall", CALL, correlation_id="release")
    await until(lambda: anns.finesse.operations().count("take_action") == 2)
    anns.finesse.call_goes(ANN, incoming("DROPPED", 5), anns.finesse.last("take_action").request_id)
    await anns.hears(f"InboundCall ACTIVE {CALL}", f"InboundCall HELD {CALL}", f"InboundCall DROPPED {CALL}")
    assert [answers(anns, "hold"), answers(anns, "release")] == [["InboundCall"], ["InboundCall"]]


async def test_data_of_a_call_are_refused_to_who_has_not_signed_in() -> None:
    """Finesse would accept, and nothing that came of it would be told."""
    async with open_office() as anns:
        anns.connect()
        anns.send("update_call_variable", f"{CALL},callVariable1=a")
        anns.send("wrapup", f"Billing,{CALL}")
        await anns.hears("Error CF_INVALID_OBJECT_STATE", "Error CF_INVALID_OBJECT_STATE")


async def test_a_pending_state_that_is_heard_while_it_is_read_back_stays(anns: Office) -> None:
    """The answer is older, and both bear the same time: a pending state does not change the time of the state."""
    anns.finesse.becomes(ann("TALKING", 3))
    await anns.hears("State TALKING")
    gate = anns.finesse.hold("user")
    anns.send("refresh")
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("TALKING", 3, pending_state="NOT_READY"))
    await until(lambda: len(anns.told()) == 2)
    gate.open()
    await anns.hears(*["State TALKING"] * 2, "AgentInfo", "State TALKING", "DialogStatus -")
    assert [body.split("#")[5] for body in anns.bodies() if "#State#" in body] == ["", "NOT_READY", "NOT_READY"]


async def test_the_end_of_a_call_does_not_answer_two() -> None:
    """The refusal of the first one was lost: it is looked after when its time is up."""
    async with open_office(result_timeout=0.1) as anns:
        await anns.sign_in()
        anns.finesse.call_comes(ANN, incoming("ACTIVE"))
        anns.finesse.script("take_action", ACCEPTED, ACCEPTED)
        anns.send("HoldCall", CALL, correlation_id="hold")
        anns.send("ReleaseCall", CALL, correlation_id="release")
        await until(lambda: anns.finesse.operations().count("take_action") == 2)
        anns.finesse.call_changes(ANN, incoming("DROPPED", 3), anns.finesse.last("take_action").request_id)
        anns.finesse.call_goes(ANN, incoming("DROPPED", 3))
        await anns.hears(f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}", "Error PLEASE_RETRY")
        assert [answers(anns, "hold"), answers(anns, "release")] == [["Error"], ["InboundCall"]]


async def test_a_result_that_is_older_than_what_was_read_is_looked_after() -> None:
    """It names the request, but it is not told: a read-back has overtaken it."""
    async with open_office(result_timeout=0.1) as anns:
        await anns.sign_in()
        anns.finesse.script("change_state", ACCEPTED)
        anns.send("MakeReady", correlation_id="mine")
        await until(lambda: "change_state" in anns.finesse.operations())
        anns.finesse.users[ANN] = ann("TALKING", 5)
        anns.send("GetState")
        await anns.hears("State TALKING")
        anns.finesse.notify(ANN, UserChanged(user=ann("READY", 3)), anns.finesse.last("change_state").request_id)
        await anns.hears("State TALKING", "State TALKING")
        assert answers(anns, "mine") == ["State"]


async def test_an_agent_whose_task_crashes_is_let_go(anns: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its commands end, the client is asked to sign in again, and can."""

    def crash() -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(anns.hub.agents[ANN], "_take_news", crash)
    anns.send("GetState")
    await anns.hears("State RE_LOGIN", "State RE_LOGIN")
    assert ANN not in anns.hub.agents
    await anns.sign_in()

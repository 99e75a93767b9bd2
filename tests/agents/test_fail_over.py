"""After a change to the other node the old one signs agents out whose sessions it misses; that is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agents.documents import user_xml
from agents.fake_finesse import Asked, FakeFinesse, until
from agents.office import CRM, Office, counted, open_office
from agents.people import ANN, CALL, LUNCH, SUE, ann, incoming
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import Down, OutOfService, Refused
from generic_connector.finesse.model import ApiError, ReasonCode

NODE_B = "https://fin2.example.com:8445"


def system_reason(code: str, category: str = "LOGOUT") -> ReasonCode:
    return ReasonCode(id=f"9{code}", code=code, label="Connection Failure", category=category)


def signed_out(second: int = 5, code: str = "255") -> Any:
    return ann("LOGOUT", second, reason_code=system_reason(code))


def not_ready(second: int = 5, code: str = "50002") -> Any:
    return ann("NOT_READY", second, reason_code=system_reason(code, "NOT_READY"))


async def move(office: Office) -> None:
    """Let the connector change to the other node, and Ann's session be there."""
    office.finesse.node = NODE_B
    office.finesse.lose_session(ANN)
    await until(lambda: office.told()[-1:] == ["DialogStatus -"])
    await office.idle()
    office.forget()


@pytest.fixture
def undone() -> Iterator[None]:
    before = counted("late_logouts", outcome="undone")
    yield
    assert counted("late_logouts", outcome="undone") == before + 1


@pytest.fixture
async def moved(anns: Office) -> Office:
    await move(anns)
    return anns


@pytest.mark.usefixtures("undone")
@pytest.mark.parametrize("code", ["255", "50001", "50002"])
async def test_a_late_sign_out_is_undone(moved: Office, code: str) -> None:
    """The client hears of the new state only, and goes on working."""
    moved.finesse.becomes(signed_out(code=code))
    await moved.hears("State NOT_READY")
    asked = moved.finesse.last("sign_in")
    assert (asked.by, asked.value("extension"), asked.value("mode")) == (ANN, "4001", "")
    assert moved.finesse.users[ANN].state == "NOT_READY"
    moved.send("MakeReady")
    await moved.hears("State NOT_READY", "State READY")


@pytest.mark.usefixtures("undone")
async def test_a_late_sign_out_that_is_told_twice_is_undone_once(moved: Office) -> None:
    moved.finesse.becomes(signed_out())
    moved.finesse.becomes(signed_out())
    await moved.hears("State NOT_READY")
    assert moved.finesse.operations().count("sign_in") == 2


async def test_who_is_signed_out_again_is_signed_in_again(moved: Office) -> None:
    """Even in the moment between the sign-in and our seeing it: what is believed of the agent is what is so."""

    async def accept(asked: Asked) -> Answer:
        moved.finesse.becomes(ann("NOT_READY", 6), asked.request_id)
        moved.finesse.becomes(signed_out(7))
        moved.finesse.users[ANN] = ann("NOT_READY", 6)
        return Answer(status=202)

    async def read(_: Asked) -> Answer:
        await until(moved.told)  # and with it the sign-out behind it is heard
        moved.finesse.users[ANN] = signed_out(7)
        return Answer(status=200, body=user_xml(ann("NOT_READY", 6)))

    moved.finesse.script("sign_in", accept)
    moved.finesse.script("user", read)
    moved.finesse.becomes(signed_out())
    await moved.hears("State NOT_READY", "DialogStatus -", "State NOT_READY")
    assert (moved.viewed(), moved.finesse.users[ANN].state) == ("NOT_READY", "NOT_READY")


@pytest.mark.usefixtures("undone")
async def test_a_release_that_tells_only_the_reasons_number(moved: Office) -> None:
    moved.finesse.becomes(ann("LOGOUT", 5, reason_code_id="50002"))
    await moved.hears("State NOT_READY")


@pytest.mark.usefixtures("undone")
async def test_a_mobile_agent_is_signed_in_as_one_again(office: Office) -> None:
    office.connect()
    office.send("MobileAgentLogin", f"pw{ANN},4001,5550001,true")
    await until(lambda: "DialogStatus -" in office.told())
    await office.idle()
    office.forget()
    await move(office)
    office.finesse.becomes(signed_out())
    await office.hears("State NOT_READY")
    first, again = [one for one in office.finesse.asked if one.operation == "sign_in"]
    assert again.body == first.body
    assert (again.value("mode"), again.value("dialNumber")) == ("CALL_BY_CALL", "5550001")


@pytest.mark.usefixtures("undone")
async def test_a_sign_out_that_came_while_nobody_heard_is_undone_too(anns: Office) -> None:
    """What ended meanwhile is told, and where the agent stands."""
    anns.finesse.becomes(ann("TALKING", 2))
    anns.finesse.call_comes(ANN, incoming("ACTIVE", 2))
    await anns.hears("State TALKING", f"InboundCall ACTIVE {CALL}")
    anns.forget()
    anns.finesse.node = NODE_B
    anns.finesse.users[ANN] = signed_out()
    anns.finesse.dialogs[ANN] = []
    anns.finesse.lose_session(ANN)
    await anns.hears(f"InboundCall DROPPED {CALL}", "DialogStatus -", "State NOT_READY")


async def test_it_is_told_where_it_cannot_be_undone(moved: Office) -> None:
    """As it is, once; the seat is free and the client can sign in again."""
    moved.finesse.script("sign_in", Refused(400, (ApiError(type="Device Busy"),)))
    moved.finesse.becomes(signed_out())
    await moved.hears("State LOGOUT")
    assert moved.hub.agents[ANN].surroundings.seats.take(ANN)
    moved.login()
    await moved.hears("State LOGOUT", "AgentInfo", "State NOT_READY", "DialogStatus -")


async def test_it_is_told_where_the_node_is_gone(moved: Office) -> None:
    moved.finesse.script("sign_in", Down())
    moved.finesse.becomes(signed_out())
    await moved.hears("State LOGOUT")


async def test_a_refusal_that_comes_later(moved: Office) -> None:
    """It is told as LOGOUT, not as an error of a command that nobody sent."""

    async def accept(asked: Asked) -> Answer:
        moved.finesse.refuse(ANN, ApiError(type="Device Busy"), asked.request_id, f"/finesse/api/User/{ANN}")
        return Answer(status=202)

    moved.finesse.script("sign_in", accept)
    moved.finesse.becomes(signed_out())
    await moved.hears("State LOGOUT")


@pytest.mark.usefixtures("undone")
async def test_out_of_service_puts_it_off(moved: Office) -> None:
    """When Finesse is back the sign-out is read back, and undone then."""
    moved.finesse.script("sign_in", OutOfService())
    moved.finesse.becomes(signed_out())
    await until(lambda: moved.finesse.operations().count("sign_in") == 2)
    await moved.idle()
    assert moved.told() == []
    moved.hub.status_changed(in_service=True)
    await moved.hears("System#IN_SERVICE", "DialogStatus -", "State NOT_READY")


async def test_one_that_comes_too_late_is_told() -> None:
    async with open_office(late_logout_grace=0) as office:
        await office.sign_in()
        await move(office)
        office.finesse.becomes(signed_out())
        await office.hears("State LOGOUT")


async def test_without_a_change_of_node_it_is_told(anns: Office) -> None:
    """A session that was lost and came back at the same node explains nothing."""
    anns.finesse.lose_session(ANN)
    await anns.hears("DialogStatus -")
    anns.finesse.becomes(signed_out())
    await anns.hears("DialogStatus -", "State LOGOUT")


@pytest.mark.parametrize(
    "reason", [None, LUNCH, system_reason("999"), system_reason("22"), system_reason("50004"), system_reason("32741")]
)
async def test_who_was_signed_out_by_somebody_stays_out(moved: Office, reason: ReasonCode | None) -> None:
    """By the agent at another desktop, by a supervisor, for inactivity, ..."""
    moved.finesse.becomes(replace(signed_out(), reason_code=reason))
    await moved.hears("State LOGOUT")
    assert moved.finesse.operations().count("sign_in") == 1


async def test_who_asked_for_it_here_stays_out(moved: Office) -> None:
    """Whatever reason Finesse gives, heard or read back."""

    async def accept(_: Asked) -> Answer:
        moved.finesse.becomes(signed_out())
        return Answer(status=202)

    moved.finesse.script("sign_out", accept)
    moved.send("Logout")
    await moved.hears("State LOGOUT")
    assert moved.finesse.operations().count("sign_in") == 1


async def test_who_asked_for_it_here_and_hears_of_it_late_stays_out() -> None:
    """The notification is lost with the session; the read-back shows the result."""
    async with open_office(result_timeout=5.0) as office:
        await office.sign_in()
        await move(office)
        office.finesse.script("sign_out", Answer(status=202))
        office.send("Logout")
        await until(lambda: "sign_out" in office.finesse.operations())
        await office.idle()
        office.finesse.users[ANN] = signed_out()
        office.finesse.lose_session(ANN)
        await office.hears("State LOGOUT", "DialogStatus -")
        assert office.finesse.operations().count("sign_in") == 1


async def test_who_was_taken_over_by_another_client_is_not_signed_in_by_us(moved: Office) -> None:
    """The new client has not signed in here; what becomes of the agent is its own affair."""
    moved.connect(destination="other")
    await moved.hears("State LOGOUT", "Error SESSION_INVALIDATED")
    moved.finesse.becomes(signed_out())
    await moved.idle()
    assert moved.finesse.operations().count("sign_in") == 1


async def test_everybody_is_signed_in_again(anns: Office) -> None:
    """Each with own rights and extension; who was not signed out hears nothing."""
    await anns.sign_in(SUE, "desk")
    finesse: FakeFinesse = anns.finesse
    await move(anns)
    finesse.becomes(signed_out())
    await anns.hears("State NOT_READY")
    assert anns.bodies("desk") == []
    assert (finesse.last("sign_in").by, anns.door.bodies(CRM) != []) == (ANN, True)


# --- made not ready


@pytest.fixture
async def eager() -> AsyncIterator[Office]:
    """Give the office of a site where the ready are made ready again; Ann was."""
    async with open_office(ready_again_after_failover=True) as office:
        await office.sign_in()
        office.send("MakeReady")
        await office.hears("State READY")
        office.forget()
        yield office


async def test_who_was_ready_is_made_ready_again(eager: Office) -> None:
    await move(eager)
    eager.finesse.becomes(not_ready())
    await eager.hears("State NOT_READY", "State READY")


async def test_who_was_made_not_ready_in_the_gap_is_made_ready_again(eager: Office) -> None:
    eager.finesse.node = NODE_B
    eager.finesse.users[ANN] = not_ready()
    eager.finesse.lose_session(ANN)
    await eager.hears("State NOT_READY", "DialogStatus -", "State READY")


@pytest.mark.usefixtures("undone")
async def test_who_was_ready_and_was_signed_out_is_made_ready_again(eager: Office) -> None:
    await move(eager)
    eager.finesse.becomes(signed_out())
    await eager.hears("State NOT_READY", "State READY")


async def test_who_went_not_ready_stays_so(eager: Office) -> None:
    """Before the fail-over, or after it with a reason of one's own."""
    await move(eager)
    eager.finesse.becomes(ann("NOT_READY", 4, reason_code=LUNCH))
    eager.finesse.becomes(not_ready(6))
    await eager.hears("State NOT_READY", "State NOT_READY")
    assert eager.finesse.operations().count("change_state") == 1


async def test_who_goes_not_ready_before_it_is_done_stays_so(eager: Office) -> None:
    """The command waits behind; it counts."""
    eager.finesse.reason_codes["NOT_READY"] = [LUNCH]
    await move(eager)
    eager.finesse.becomes(not_ready())
    eager.send("MakeNotReadyWithReason", "27")
    await eager.hears("State NOT_READY", "State READY", "State NOT_READY")
    assert eager.finesse.users[ANN].reason_code == LUNCH


async def test_nobody_is_made_ready_where_it_is_not_wanted(anns: Office) -> None:
    anns.send("MakeReady")
    await anns.hears("State READY")
    anns.forget()
    await move(anns)
    anns.finesse.becomes(not_ready())
    await anns.hears("State NOT_READY")
    assert anns.finesse.operations().count("change_state") == 1


async def test_that_it_is_refused_is_no_error_of_anybodys(eager: Office) -> None:
    await move(eager)
    eager.finesse.script("change_state", Refused(400, (ApiError(message="CF_RESOURCE_BUSY"),)))
    eager.finesse.becomes(not_ready())
    await eager.hears("State NOT_READY")

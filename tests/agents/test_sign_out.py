"""Logout, LogoutWithReason and force_logout, and what stays of an agent who signed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.fake_finesse import ACCEPTED, Asked, FakeFinesse, until
from agents.office import RE_LOGIN, SIGNED_IN, Office, open_office
from agents.people import ANN, CALL, LUNCH, ann, incoming
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import Down, FinesseError, NotAuthorised, OutOfService, Refused
from generic_connector.finesse.model import ApiError, ReasonCode

HOME = ReasonCode(id="12", code="3", label="Going home", category="LOGOUT")
SIGNED_OUT = "1001#State#LOGOUT#-1###2026-01-02 03:04:01#Ann Lee#1001#4001##Ann Lee#ann"


async def test_the_state_is_told(anns: Office) -> None:
    anns.send("Logout")
    await anns.hears("State LOGOUT")
    assert anns.bodies() == [SIGNED_OUT]
    assert anns.finesse.last("sign_out").body == "<User><state>LOGOUT</state></User>"


async def test_a_logout_that_finesse_says_twice_is_told_once(anns: Office) -> None:
    """Some versions send two notifications that differ in time only."""
    anns.finesse.becomes(ann("LOGOUT", 3))
    anns.finesse.becomes(ann("LOGOUT", 4))
    await anns.hears("State LOGOUT")


@pytest.mark.parametrize("reason", ["3", "12"])
async def test_a_reason_is_sent_by_its_id(anns: Office, reason: str) -> None:
    anns.finesse.reason_codes["LOGOUT"] = [HOME]
    anns.send("LogoutWithReason", reason)
    await anns.hears("State LOGOUT")
    assert anns.finesse.last("sign_out").value("reasonCodeId") == "12"


async def test_a_reason_that_is_demanded_is_told(anns: Office) -> None:
    error = ApiError(type="Parameter Missing", message="E_ARM_STAT_AGENT_REQUIRE_REASONCODE require_reasoncode")
    anns.finesse.script("sign_out", Refused(400, (error,)))
    anns.send("Logout")
    await anns.hears("Error MISSING_REASON_CODE")


async def test_the_session_stays(anns: Office) -> None:
    """The agent can sign in again without connecting."""
    anns.send("Logout")
    await anns.hears("State LOGOUT")
    assert anns.finesse.open_sessions() == [ANN]
    anns.forget()
    anns.login()
    await anns.hears(*SIGNED_IN)


async def test_the_session_ends_when_it_stayed_for_long_enough() -> None:
    async with open_office(keep_signed_out=0.02) as office:
        await office.sign_in()
        office.send("Logout")
        await office.hears("State LOGOUT")
        await until(lambda: not office.finesse.open_sessions())
        office.send("MakeReady")
        assert office.bodies() == [SIGNED_OUT, RE_LOGIN]


async def test_who_signs_in_again_in_time_stays(anns: Office) -> None:
    agent = anns.hub.agents[ANN]
    anns.send("Logout")
    await anns.hears("State LOGOUT")
    assert agent._farewell is not None
    anns.login()
    await anns.hears("State LOGOUT", *SIGNED_IN)
    assert agent._farewell is None


async def test_who_connects_and_never_signs_in_stays() -> None:
    """Being signed out is no reason to go for somebody who is about to sign in."""
    async with open_office(keep_signed_out=0.0) as office:
        office.connect()
        office.send("GetState")
        await office.hears("State LOGOUT")
        office.finesse.becomes(ann("LOGOUT", 3))
        await office.idle()
        assert office.finesse.open_sessions() == [ANN]


# --- by force

Prepare = Callable[[FakeFinesse], None]


def becomes(state: str) -> Prepare:
    def prepare(finesse: FakeFinesse) -> None:
        finesse.becomes(ann(state, 2))

    return prepare


BY_FORCE: list[tuple[str, list[str], list[str]]] = [
    ("NOT_READY", ["sign_out"], ["State LOGOUT"]),
    ("READY", ["change_state", "sign_out"], ["State NOT_READY", "State LOGOUT"]),
    ("TALKING", ["change_state", "sign_out"], ["State NOT_READY", "State LOGOUT"]),
    ("WORK", ["change_state", "sign_out"], ["State NOT_READY", "State LOGOUT"]),
    ("LOGOUT", [], ["State LOGOUT"]),  # the answer, though it is no news
]


@pytest.mark.parametrize(("state", "asked", "told"), BY_FORCE)
async def test_whatever_the_state(anns: Office, state: str, asked: list[str], told: list[str]) -> None:
    """NOT_READY first if needed, then LOGOUT; then the session is closed here."""
    becomes(state)(anns.finesse)
    await anns.idle()
    before = len(anns.finesse.asked)
    already = anns.told()
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    assert anns.told() == [*already, *told]
    changes = [one.operation for one in anns.finesse.asked[before:] if one.operation in {"change_state", "sign_out"}]
    assert changes == asked
    anns.send("MakeReady")
    assert anns.bodies()[-1] == RE_LOGIN


async def test_force_takes_the_first_reason_where_there_are_some(anns: Office) -> None:
    anns.finesse.becomes(ann("READY", 2))
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH, ReasonCode(id="50", code="28", label="Tea")]
    anns.finesse.reason_codes["LOGOUT"] = [HOME]
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    reasons = [anns.finesse.last(one).value("reasonCodeId") for one in ("change_state", "sign_out")]
    assert reasons == ["49", "12"]


async def test_force_that_finesse_refuses_says_why_and_closes_all_the_same(anns: Office) -> None:
    """Finesse signs the agent out when it misses the session."""
    error = ApiError(type="Invalid State", message="CF_INVALID_OBJECT_STATE")
    anns.finesse.script("sign_out", Refused(400, (error,)))
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    anns.send("GetState")
    assert anns.told() == ["Error CF_INVALID_OBJECT_STATE", "State RE_LOGIN"]


async def test_force_that_finesse_refuses_later(anns: Office) -> None:
    async def refuse(asked: Asked) -> Answer:
        anns.finesse.refuse(ANN, ApiError(type="Invalid State", data="22"), asked.request_id)
        return ACCEPTED

    anns.finesse.script("sign_out", refuse)
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    assert anns.told() == ["Error CF_INVALID_OBJECT_STATE"]


FORCE_FAILURES: list[tuple[str, FinesseError, str]] = [
    ("user", Down(), "Error DOWN"),
    ("sign_out", OutOfService(), "System#OUT_OF_SERVICE"),
    ("reason_codes", NotAuthorised(), "Error SUBSCRIPTION_FAILED"),
]


@pytest.mark.parametrize(("operation", "failure", "told"), FORCE_FAILURES)
async def test_force_that_fails_closes_all_the_same(
    anns: Office, operation: str, failure: FinesseError, told: str
) -> None:
    anns.finesse.script(operation, failure)
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    assert anns.told() == [told]


async def test_force_whose_result_nobody_tells() -> None:
    """What Finesse shows in the end is told."""
    async with open_office(result_timeout=0.02) as office:
        await office.sign_in()

        async def accept(_: Asked) -> Answer:
            office.finesse.users[ANN] = ann("LOGOUT", 5)
            return ACCEPTED

        office.finesse.script("sign_out", accept)
        office.send("force_logout")
        await until(lambda: not office.finesse.open_sessions())
        assert office.told() == ["State LOGOUT"]


async def test_what_waits_behind_force_is_told_to_sign_in_again(anns: Office) -> None:
    """But a Connect behind it begins anew."""
    anns.finesse.call_comes(ANN, incoming("ALERTING"))
    gate = anns.finesse.hold("sign_out")
    anns.send("force_logout")
    anns.send("MakeReady")
    anns.connect()
    anns.login()
    await until(lambda: gate.arrived)
    gate.open()
    await anns.hears(
        f"NewInboundCall {CALL}",
        "State LOGOUT",
        "State RE_LOGIN",
        "AgentInfo",
        "State NOT_READY",
        f"DialogStatus {CALL}",
    )

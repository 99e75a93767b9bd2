"""Connect: silent when it succeeds, one error when it does not, and whose the agent is (section 3, rules 2 and 6)."""

from __future__ import annotations

import pytest

from agents.fake_finesse import OPEN_SESSION, until
from agents.office import CRM, RE_LOGIN, SIGNED_IN, Office, open_office
from agents.people import ANN, SUE, ann
from generic_connector.finesse.failures import (
    Down,
    FinesseError,
    NotAuthorised,
    NotificationsUnavailable,
    NotReachable,
    PayloadError,
    TimedOut,
)

NEW = "desk"
TAKEN_AWAY = ["State LOGOUT", "Error SESSION_INVALIDATED"]


async def test_success_is_silent(office: Office) -> None:
    office.connect()
    await until(office.finesse.open_sessions)
    await office.idle()
    assert (office.told(), office.finesse.operations()) == ([], [OPEN_SESSION])


async def test_success_is_told_where_the_setting_asks_for_it() -> None:
    async with open_office(connect_status=True) as office:
        office.connect()
        await office.hears("ConnectStatus CONNECTED")


async def test_a_wrong_password_ends_what_waits_behind_it(office: Office) -> None:
    """The queued Login ends in the same error, a later command is told to sign in again."""
    office.connect(password="wrong")
    office.login()
    office.send("MakeReady")
    await office.hears(*["Error SUBSCRIPTION_FAILED"] * 3)
    office.send("MakeReady")
    assert office.bodies()[3:] == [RE_LOGIN]
    assert (office.finesse.operations(), ANN in office.hub.agents) == ([OPEN_SESSION], False)


FAILURES: list[tuple[FinesseError, str]] = [
    (NotAuthorised(), "SUBSCRIPTION_FAILED"),
    (NotificationsUnavailable(), "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
    (NotReachable(), "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
    (Down(), "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
    (TimedOut(), "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
    (PayloadError(), "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
]


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=lambda value: type(value).__name__)
async def test_what_a_failure_is_told_as(office: Office, failure: FinesseError, code: str) -> None:
    office.finesse.script(OPEN_SESSION, failure)
    office.connect()
    await office.hears(f"Error {code}")


async def test_the_right_password_behind_the_wrong_one(office: Office) -> None:
    """A Connect that waits behind one that failed begins anew, and what stands behind it is carried out."""
    office.connect(password="wrong")
    office.login()
    office.connect()
    office.login()
    await office.hears(*["Error SUBSCRIPTION_FAILED"] * 2, *SIGNED_IN)


async def test_connect_and_login_at_once(office: Office) -> None:
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)


async def test_the_same_again_does_nothing(anns: Office) -> None:
    anns.connect()
    anns.send("GetState")
    await anns.hears("State NOT_READY")
    assert anns.finesse.operations().count(OPEN_SESSION) == 1


async def test_another_good_password_opens_another_session(anns: Office) -> None:
    former = anns.finesse.session(ANN)
    anns.finesse.passwords[ANN] = "new"
    anns.connect(password="new")
    await until(lambda: not former.is_open)
    assert anns.finesse.open_sessions() == [ANN]
    anns.finesse.becomes(ann("READY", 5))
    await anns.hears("State READY")


async def test_another_bad_password_changes_nothing(anns: Office) -> None:
    """A stranger must not throw anybody out."""
    former = anns.finesse.session(ANN)
    anns.connect(password="wrong")
    anns.send("MakeReady")
    await anns.hears("Error SUBSCRIPTION_FAILED", "State READY")
    assert (former.is_open, anns.finesse.last("change_state").by) == (True, ANN)


async def test_a_lost_session_is_opened_by_the_same_password() -> None:
    """Connect tries at once, and says how it went; what was missed is read back, however the session came back."""
    async with open_office(reconnect_delay=60.0) as office:
        await office.sign_in()
        office.finesse.lose_session(ANN)
        office.finesse.script(OPEN_SESSION, Down())
        office.connect()
        await office.hears("Error UNABLE_TO_SUBSCRIBE_TO_FINESSE")
        office.connect()
        await office.hears("Error UNABLE_TO_SUBSCRIBE_TO_FINESSE", "DialogStatus -")
        office.finesse.becomes(ann("READY", 5))
        await office.hears("Error UNABLE_TO_SUBSCRIBE_TO_FINESSE", "DialogStatus -", "State READY")


# --- another destination


async def test_a_new_destination_takes_over(anns: Office) -> None:
    """The old one hears State LOGOUT and SESSION_INVALIDATED, the new one nothing before it signs in."""
    anns.send("MakeReady")
    await anns.hears("State READY")
    anns.forget()
    anns.connect(destination=NEW)
    await anns.hears(*TAKEN_AWAY)
    anns.finesse.becomes(ann("NOT_READY", 8))
    await anns.idle()
    assert anns.told(NEW) == []
    anns.login()
    await anns.hears(*SIGNED_IN, destination=NEW)
    anns.finesse.becomes(ann("READY", 9))
    await anns.hears(*SIGNED_IN, "State READY", destination=NEW)
    assert anns.told() == TAKEN_AWAY
    assert {client.name: client.agents for client in anns.hub.clients} == {CRM: set(), NEW: {ANN}}
    assert "sign_out" not in anns.finesse.operations()


async def test_what_the_old_destination_hears_in_full(anns: Office) -> None:
    anns.connect(destination=NEW)
    await anns.hears(*TAKEN_AWAY)
    assert anns.bodies() == [
        "1001#State#LOGOUT#-1###2026-01-02 03:04:01#Ann Lee#1001#4001##Ann Lee#ann",
        "1001#Error#SESSION_INVALIDATED#The agent was connected from another destination",
    ]


async def test_the_new_login_is_answered_from_the_present_state(anns: Office) -> None:
    anns.finesse.becomes(ann("TALKING", 8))
    await anns.hears("State TALKING")
    anns.connect(destination=NEW)
    anns.login()
    await anns.hears("AgentInfo", "State TALKING", "DialogStatus -", destination=NEW)


async def test_nothing_is_told_before_the_credentials_proved_good(anns: Office) -> None:
    anns.finesse.passwords[ANN] = "new"
    gate = anns.finesse.hold(OPEN_SESSION)
    anns.connect(destination=NEW, password="new")
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("READY", 5))
    await until(anns.told)
    assert anns.told() == ["State READY"]
    gate.open()
    await anns.hears("State READY", *TAKEN_AWAY)


async def test_a_stranger_at_a_new_destination_gets_nothing(anns: Office) -> None:
    anns.connect(destination=NEW, password="wrong")
    await anns.hears("Error SUBSCRIPTION_FAILED", destination=NEW)
    anns.finesse.becomes(ann("READY", 5))
    await anns.hears("State READY")
    assert anns.told(NEW) == ["Error SUBSCRIPTION_FAILED"]


async def test_an_agent_moves_back_and_forth(anns: Office) -> None:
    anns.connect(destination=NEW)
    anns.connect(destination=CRM)
    anns.connect(destination=NEW)
    anns.login()
    await anns.hears(*TAKEN_AWAY, *SIGNED_IN, destination=NEW)
    assert anns.told() == TAKEN_AWAY * 2


async def test_only_the_agent_that_moves_moves(anns: Office) -> None:
    """One destination may carry many agents."""
    await anns.sign_in(SUE)
    anns.connect(destination=NEW)
    await anns.hears(*TAKEN_AWAY)
    anns.send("MakeReady", agent=SUE)
    await anns.hears(*TAKEN_AWAY, "2001 State READY", agent=SUE)


# --- what is sent to Finesse


async def test_a_bearer_token_is_used_throughout(office: Office) -> None:
    """With SSO the second argument is a token, for the session and for every request."""
    office.send("Connect", f"{CRM},{office.finesse.passwords[ANN]},SSO")
    office.login()
    office.send("MakeReady")
    await office.hears(*SIGNED_IN, "State READY")
    assert {(one.by, one.sso) for one in office.finesse.asked} == {(ANN, True)}


async def test_a_password_may_hold_commas(office: Office) -> None:
    office.finesse.passwords[ANN] = "a,b,,c"
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)

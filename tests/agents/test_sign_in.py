"""Login: AgentInfo, State, DialogStatus in this order, or one error (section 3, rule 3)."""

from __future__ import annotations

import asyncio

import pytest

from agents.fake_finesse import ACCEPTED, OPEN_SESSION, Asked, until
from agents.office import CRM, SIGNED_IN, Office, open_office
from agents.people import ANN, BOB, CALL, CONSULTATION, EXTENSION, SUE, ann, bob, consultation, incoming
from generic_connector.agents.settings import ClientSettings
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import (
    Down,
    FinesseError,
    NotAuthorised,
    NotReachable,
    OutOfService,
    PayloadError,
    Refused,
    TimedOut,
)
from generic_connector.finesse.model import ApiError
from generic_connector.protocol.formats import Format


async def test_what_an_agent_hears_in_full(office: Office) -> None:
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)
    assert office.bodies() == [
        "1001#AgentInfo#Ann#Lee#false#REQUIRED#5000#Ann Lee#ann",
        "1001#State#NOT_READY#-1###2026-01-02 03:04:01#Ann Lee#1001#4001##Ann Lee#ann",
        "1001#DialogStatus###",
    ]


async def test_notifications_are_subscribed_before_the_login_is_asked_for(office: Office) -> None:
    await office.sign_in()
    assert office.finesse.operations()[:2] == [OPEN_SESSION, "sign_in"]
    sign_in = office.finesse.last("sign_in")
    assert (sign_in.value("state"), sign_in.value("extension"), sign_in.by) == ("LOGIN", EXTENSION, ANN)


async def test_a_supervisor_hears_of_teams_as_well(office: Office) -> None:
    office.connect(SUE)
    office.login(SUE)
    await office.hears(
        *[f"2001 {one}" for one in (*SIGNED_IN, "TeamInfoIDs", "TeamInfoNames")],
        agent=SUE,
    )
    assert office.bodies()[3:] == [
        "2001#TeamInfoIDs#TeamID#5000,5001#Sue Ray",
        "2001#TeamInfoNames#TeamName#T1,T2#Sue Ray",
    ]


async def test_teams_are_told_in_text_only() -> None:
    async with open_office(clients=ClientSettings(default_format=Format.JSON)) as office:
        office.connect(SUE)
        office.login(SUE)
        office.send("GetState", agent=SUE)
        await until(lambda: len(office.bodies()) == 4)
        await office.idle(SUE)
        assert [body.partition(",")[0] for body in office.bodies()] == [
            '{"type":"AgentInfo"',
            '{"type":"State"',
            '{"type":"DialogStatus"',
            '{"type":"State"',
        ]


async def test_teams_are_not_told_where_the_setting_forbids() -> None:
    async with open_office(team_info=False) as office:
        office.connect(SUE)
        office.login(SUE)
        await office.hears(*[f"2001 {one}" for one in SIGNED_IN], agent=SUE)


async def test_an_agent_who_is_signed_in_already_keeps_the_state(office: Office) -> None:
    office.finesse.users[ANN] = ann("READY", 3)
    office.connect()
    office.login()
    await office.hears("AgentInfo", "State READY", "DialogStatus -")


async def test_the_same_login_again_is_answered_again(anns: Office) -> None:
    anns.login()
    await anns.hears(*SIGNED_IN)


async def test_calls_that_are_there_already(office: Office) -> None:
    """DialogStatus tells them, and from then on they are told as any other."""
    office.finesse.users[ANN] = ann("HOLD", 3)
    office.finesse.dialogs[ANN] = [incoming("HELD"), consultation("ACTIVE")]
    office.connect()
    office.login()
    await office.hears("AgentInfo", "State HOLD", f"DialogStatus {CALL} {CONSULTATION}")
    office.forget()
    office.finesse.call_goes(ANN, consultation("DROPPED", 5))
    office.finesse.call_changes(ANN, incoming("ACTIVE", 6))
    await office.hears(f"ConsultCall DROPPED {CONSULTATION}", f"InboundCall ACTIVE {CALL}")


async def test_nothing_is_told_before_agent_info(office: Office) -> None:
    """What happens during the sign-in shows in what is told after it."""
    gate = office.finesse.hold("sign_in")
    office.connect()
    office.login()
    await until(lambda: gate.arrived)
    office.finesse.call_comes(ANN, incoming("ALERTING"))
    office.finesse.becomes(ann("RESERVED", 4))
    gate.open()
    await office.hears("AgentInfo", "State RESERVED", f"DialogStatus {CALL}")


async def test_what_happens_while_it_is_read_is_told_after_it(office: Office) -> None:
    """Notifications wait for the reading, and none is lost or told twice."""
    gate = office.finesse.hold("dialogs")
    office.connect()
    office.login()
    await until(lambda: gate.arrived)
    office.finesse.becomes(ann("RESERVED", 4))
    office.finesse.call_comes(ANN, incoming("ALERTING"))
    gate.open()
    await office.hears(*SIGNED_IN, "State RESERVED", f"NewInboundCall {CALL}")


# --- how it ends well


async def test_the_result_may_come_without_our_id(office: Office) -> None:
    async def accept(asked: Asked) -> Answer:
        asyncio.get_running_loop().call_later(0.01, office.finesse.becomes, ann("NOT_READY", 2))
        return ACCEPTED if asked.request_id else Answer(status=500)

    office.finesse.script("sign_in", accept)
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)


async def test_the_result_may_come_before_the_answer(office: Office) -> None:
    async def accept(asked: Asked) -> Answer:
        office.finesse.becomes(ann("NOT_READY", 2), asked.request_id)
        await asyncio.sleep(0)
        return ACCEPTED

    office.finesse.script("sign_in", accept)
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)


async def test_a_login_state_on_the_way_is_waited_out(office: Office) -> None:
    async def accept(asked: Asked) -> Answer:
        office.finesse.becomes(ann("LOGIN", 2), asked.request_id)
        return ACCEPTED

    office.finesse.script("sign_in", accept)
    office.connect()
    office.login()
    await until(lambda: "user" in office.finesse.operations())
    office.finesse.becomes(ann("NOT_READY", 3))
    await office.hears(*SIGNED_IN)


async def test_no_notification_is_needed_where_finesse_shows_the_result(office: Office) -> None:
    async def accept(_: Asked) -> Answer:
        office.finesse.users[ANN] = ann("NOT_READY", 2)
        return ACCEPTED

    office.finesse.script("sign_in", accept)
    office.connect()
    office.login()
    await office.hears(*SIGNED_IN)


async def test_a_result_that_was_found_is_not_looked_for_again() -> None:
    """When the time of its notification is up."""
    async with open_office(result_timeout=0.02) as office:

        async def accept(_: Asked) -> Answer:
            office.finesse.users[ANN] = ann("NOT_READY", 2)
            return ACCEPTED

        office.finesse.script("sign_in", accept)
        office.connect()
        office.login()
        await office.hears(*SIGNED_IN)
        await until(lambda: len(office.hub.agents[ANN]._requests._pending) == 0)
        await office.hears(*SIGNED_IN)


async def test_a_result_that_nobody_told_is_found_in_the_end() -> None:
    async with open_office(result_timeout=0.05) as office:
        office.finesse.script("sign_in", ACCEPTED)
        gate = office.finesse.hold("user")
        office.connect()
        office.login()
        await until(lambda: gate.arrived)
        office.finesse.users[ANN] = ann("NOT_READY", 2)
        gate.open()
        await until(lambda: office.told()[:3] == SIGNED_IN)


# --- how it ends badly

SYNCHRONOUS: list[tuple[FinesseError, str]] = [
    (Refused(404, (ApiError(type="User Not Found"),)), "Error USER_NOT_FOUND"),
    (Refused(400, (ApiError(type="Parameter Missing", data="extension"),)), "Error GENERAL_ERROR"),
    (Refused(500), "Error GENERAL_ERROR"),
    (Refused(400, (ApiError(type="Invalid State", message="CF_RESOURCE_BUSY"),)), "Error CF_RESOURCE_BUSY"),
    (NotAuthorised(), "Error SUBSCRIPTION_FAILED"),
    (NotReachable(), "Error NOT_REACHABLE"),
    (Down(), "Error DOWN"),
    (TimedOut(), "Error PLEASE_RETRY"),
    (PayloadError(), "Error PLEASE_RETRY"),
    (OutOfService(), "System#OUT_OF_SERVICE"),
]


@pytest.mark.parametrize(("failure", "told"), SYNCHRONOUS, ids=lambda value: type(value).__name__)
async def test_what_a_failure_is_told_as(office: Office, failure: FinesseError, told: str) -> None:
    """Exactly one error; the agent stays connected and can try again."""
    office.finesse.script("sign_in", failure)
    office.connect()
    office.login()
    await office.hears(told)
    office.login()
    await office.hears(told, *SIGNED_IN)


@pytest.mark.parametrize("operation", ["user", "dialogs"])
@pytest.mark.parametrize(("failure", "told"), SYNCHRONOUS[4:], ids=lambda value: type(value).__name__)
async def test_what_a_failure_after_it_is_told_as(
    office: Office, operation: str, failure: FinesseError, told: str
) -> None:
    """The sign-in counts only when everything could be read."""
    office.finesse.script(operation, failure)
    office.connect()
    office.login()
    await office.hears(told)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ApiError(type="Invalid Device", data="260"), "CF_INVALID_LOGON_DEVICE_SPECIFIED"),
        (ApiError(type="Device Busy"), "CF_SPECIFIED_EXTENSION_ALREADY_IN_USE"),
        (
            ApiError(type="Generic Error", message="CF_GENERIC_UNSPECIFIED_REJECTION"),
            "CF_GENERIC_UNSPECIFIED_REJECTION",
        ),
        (ApiError(), "GENERAL_ERROR"),
    ],
)
@pytest.mark.parametrize("with_id", [True, False])
async def test_a_refusal_that_comes_later(office: Office, error: ApiError, code: str, *, with_id: bool) -> None:
    async def accept(asked: Asked) -> Answer:
        request_id = asked.request_id if with_id else ""
        office.finesse.refuse(ANN, error, request_id, f"/finesse/api/User/{ANN}")
        return ACCEPTED

    office.finesse.script("sign_in", accept)
    office.connect()
    office.login()
    await office.hears(f"Error {code}")


async def test_nothing_comes_of_it() -> None:
    async with open_office(result_timeout=0.02) as office:
        office.finesse.script("sign_in", ACCEPTED)
        office.connect()
        office.login()
        await office.hears("Error GENERAL_ERROR")


async def test_another_password_than_connects_is_checked(anns: Office) -> None:
    """And one that is wrong leaves the agent as it was."""
    anns.login(password="wrong")
    anns.send("MakeReady")
    await anns.hears("Error SUBSCRIPTION_FAILED", "State READY")


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "MISSING_PASSWORD"), ("secret", "MISSING_EXTENSION"), ("secret,4a", "WRONG_EXTENSION")],
)
async def test_what_is_checked_here(anns: Office, body: str, code: str) -> None:
    asked = len(anns.finesse.asked)
    anns.send("Login", body)
    await anns.hears(f"Error {code}")
    assert len(anns.finesse.asked) == asked


# --- seats


async def test_there_are_as_many_seats_as_the_licence_says() -> None:
    async with open_office(max_agents=1) as office:
        await office.sign_in(ANN)
        office.connect(BOB)
        office.login(BOB)
        await office.hears("1002 Error LICENSES_EXCEEDED", agent=BOB)
        office.login(ANN)
        await office.hears("1002 Error LICENSES_EXCEEDED", *SIGNED_IN)
        assert not [one for one in office.finesse.asked if one.by == BOB and one.operation == "sign_in"]


async def test_signing_out_frees_the_seat() -> None:
    async with open_office(max_agents=1) as office:
        await office.sign_in(ANN)
        office.send("Logout")
        await office.hears("State LOGOUT")
        await office.sign_in(BOB)


async def test_a_sign_in_that_fails_frees_the_seat() -> None:
    async with open_office(max_agents=1) as office:
        office.finesse.script("sign_in", Down())
        office.connect()
        office.login()
        await office.hears("Error DOWN")
        await office.sign_in(BOB)


async def test_a_second_sign_in_that_fails_keeps_the_seat() -> None:
    """Whoever is signed in stays signed in."""
    async with open_office(max_agents=1) as office:
        await office.sign_in(ANN)
        office.finesse.script("sign_in", Down())
        office.login()
        await office.hears("Error DOWN")
        office.connect(BOB)
        office.login(BOB)
        await office.hears("Error DOWN", "1002 Error LICENSES_EXCEEDED", agent=BOB)


async def test_the_seat_moves_with_the_agent() -> None:
    async with open_office(max_agents=1) as office:
        await office.sign_in(ANN)
        await office.sign_in(ANN, destination="desk")
        office.connect(BOB)
        office.login(BOB)
        await office.hears("State LOGOUT", "Error SESSION_INVALIDATED", "1002 Error LICENSES_EXCEEDED", agent=BOB)


async def test_whoever_leaves_by_force_frees_the_seat() -> None:
    async with open_office(max_agents=1) as office:
        await office.sign_in(ANN)
        office.send("force_logout")
        await office.hears("State LOGOUT")
        await office.sign_in(BOB)


# --- two agents


async def test_agents_do_not_hear_of_each_other(office: Office) -> None:
    await office.sign_in(ANN, CRM)
    await office.sign_in(BOB, "desk")
    office.finesse.becomes(bob("READY", 3))
    office.finesse.call_comes(ANN, incoming("ALERTING"))
    await office.hears("1002 State READY", destination="desk", agent=BOB)
    await office.hears(f"NewInboundCall {CALL}")

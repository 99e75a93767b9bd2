"""Connecting, signing in, and everything that can be wrong with it."""

from __future__ import annotations

import msgspec
import pytest

from finesse_simulator import scenario as scenarios
from finesse_simulator.rest.failures import Failure
from generic_connector.agents.settings import AgentSettings
from journeys.world import a_scenario, a_world

RE_LOGIN = "{}#State#RE_LOGIN######{}####"


def errors(events: list[str]) -> list[str]:
    """Give the events with the words for people left out."""
    return ["#".join(event.split("#")[:3]) for event in events]


async def test_a_wrong_password() -> None:
    """Connect fails, and so does the Login behind it; after that the agent is not known."""
    async with a_world() as world:
        world.send("Connect#1001", "CRM1,wrong")
        world.send("Login#1001", "wrong,4001")
        assert errors(await world.hears("CRM1", 2)) == ["1001#Error#SUBSCRIPTION_FAILED"] * 2
        world.send("GetState#1001", reply_to="CRM1")
        assert await world.hears("CRM1", 1) == [RE_LOGIN.format("1001", "1001")]


async def test_an_unknown_agent() -> None:
    """Finesse knows neither the agent nor the password."""
    async with a_world() as world:
        world.send("Connect#4711", "CRM1,whatever")
        assert errors(await world.hears("CRM1", 1)) == ["4711#Error#SUBSCRIPTION_FAILED"]


async def test_the_notification_service_is_away() -> None:
    """The credentials are not to blame, and the error says so."""
    async with a_world() as world:
        await world.notifications.stop()
        world.send("Connect#1001", "CRM1,agent-secret-1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#Error#UNABLE_TO_SUBSCRIBE_TO_FINESSE"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "MISSING_PASSWORD"),
        (",4001", "MISSING_PASSWORD"),
        ("agent-secret-1001,", "MISSING_EXTENSION"),
        ("agent-secret-1001", "MISSING_EXTENSION"),
        ("agent-secret-1001,40x1", "WRONG_EXTENSION"),
        ("wrong,4001", "SUBSCRIPTION_FAILED"),
        ("agent-secret-1001,4444", "CF_INVALID_LOGON_DEVICE_SPECIFIED"),
        ("agent-secret-1001,4099", "CF_GENERIC_UNSPECIFIED_REJECTION"),
        ("agent-secret-1001,4002", "CF_SPECIFIED_EXTENSION_ALREADY_IN_USE"),
    ],
)
async def test_a_login_is_refused(body: str, code: str) -> None:
    """Each cause has its code; afterwards the agent signs in as if nothing had been."""
    async with a_world() as world:
        await world.sign_in("1002", "CRM2")
        world.send("Connect#1001", "CRM1,agent-secret-1001")
        world.send("Login#1001", body, reply_to="CRM1")
        assert errors(await world.hears("CRM1", 1)) == [f"1001#Error#{code}"]
        world.send("Login#1001", "agent-secret-1001,4001")
        assert [event.split("#")[1] for event in await world.hears("CRM1", 3)] == ["AgentInfo", "State", "DialogStatus"]
        assert world.unheard("CRM1") == []


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (
            Failure(kind="refuse", method="PUT", status=404, error_type="User Not Found", error_message="UNKNOWN_USER"),
            "USER_NOT_FOUND",
        ),
        (
            Failure(kind="refuse", method="PUT", status=400, error_type="Generic Error", error_message=""),
            "GENERAL_ERROR",
        ),
    ],
    ids=["user not found", "no cause"],
)
async def test_a_login_that_finesse_refuses(failure: Failure, code: str) -> None:
    """What Finesse gives as cause, or that it gives none, is told."""
    async with a_world() as world:
        world.send("Connect#1001", "CRM1,agent-secret-1001")
        world.finesse.fail(failure)
        world.send("Login#1001", "agent-secret-1001,4001")
        assert errors(await world.hears("CRM1", 1)) == [f"1001#Error#{code}"]


async def test_no_seat_is_free() -> None:
    """The licence allows one agent; the seat is free again at once when that one signs out."""
    async with a_world(agents=AgentSettings(max_agents=1)) as world:
        await world.sign_in("1001", "CRM1")
        world.send("Connect#1002", "CRM1,agent-secret-1002")
        world.send("Login#1002", "agent-secret-1002,4002")
        assert errors(await world.hears("CRM1", 1)) == ["1002#Error#LICENSES_EXCEEDED"]
        world.send("LogoutWithReason#1001", "12")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#LOGOUT"]
        world.send("Login#1002", "agent-secret-1002,4002")
        assert errors(await world.hears("CRM1", 3)) == [
            "1002#AgentInfo#Bob",
            "1002#State#NOT_READY",
            "1002#DialogStatus#",
        ]


async def test_another_destination_takes_the_agent() -> None:
    """The old client is told LOGOUT and that its session is gone; Finesse never signs the agent out."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        world.send("Connect#1001", "CRM2,wrong")
        assert errors(await world.hears("CRM2", 1)) == ["1001#Error#SUBSCRIPTION_FAILED"]
        assert world.unheard("CRM1") == []
        taken = await world.sign_in("1001", "CRM2")
        assert errors(taken) == ["1001#AgentInfo#Ann", "1001#State#READY", "1001#DialogStatus#"]
        assert errors(await world.hears("CRM1", 2)) == ["1001#State#LOGOUT", "1001#Error#SESSION_INVALIDATED"]
        world.send("MakeNotReadyWithReason#1001", "27")
        assert errors(await world.hears("CRM2", 1)) == ["1001#State#NOT_READY"]
        assert world.unheard("CRM1") == []
        assert [one["state"] for one in [world.finesse.agent("1001")]] == ["NOT_READY"]


async def test_connecting_again_changes_nothing() -> None:
    """Connect from the same destination with the same password is silent and opens nothing."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        world.send("Connect#1001", "CRM1,agent-secret-1001")
        world.send("GetState#1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#NOT_READY"]
        assert world.unheard("CRM1") == []


async def test_an_agent_whom_nobody_connected() -> None:
    """RE_LOGIN goes to the reply-to; without one, to the destination that had the agent last."""
    async with a_world() as world:
        world.send("MakeReady#1001", reply_to="CRM9")
        assert await world.hears("CRM9", 1) == [RE_LOGIN.format("1001", "1001")]
        await world.sign_in("1001", "CRM1")
        world.send("force_logout#1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#LOGOUT"]
        world.send("GetState#1001")
        assert await world.hears("CRM1", 1) == [RE_LOGIN.format("1001", "1001")]


async def test_beats() -> None:
    """A known destination hears how Finesse is; an unknown one that it has to begin anew."""
    async with a_world() as world:
        world.send("Beat#CRM1")
        world.send("Hello#CRM1")
        world.send("Beat#CRM1")
        assert await world.hears("CRM1", 3) == ["DESTINATION#CRM1#RECONNECT", "System#IN_SERVICE", "System#IN_SERVICE"]


async def test_hello_chooses_the_format() -> None:
    """The body of Hello asks for a format, for one destination and no other."""
    async with a_world() as world:
        world.send("Hello#CRM1", "json")
        world.send("Hello#CRM2")
        assert await world.hears("CRM1", 1) == ['{"type":"System","status":"IN_SERVICE"}']
        assert await world.hears("CRM2", 1) == ["System#IN_SERVICE"]


async def test_finesse_goes_out_of_service_and_returns() -> None:
    """Every destination is told; meanwhile commands are answered with System, and the agents are still there after."""
    async with a_world() as world:
        world.send("Hello#CRM2")
        await world.sign_in("1001", "CRM1")
        await world.hears("CRM2", 1)
        world.finesse.go_out_of_service()
        assert await world.hears("CRM1", 1) == ["System#OUT_OF_SERVICE"]
        assert await world.hears("CRM2", 1) == ["System#OUT_OF_SERVICE"]
        world.send("MakeReady#1001")
        world.send("Hello#CRM1")
        assert await world.hears("CRM1", 2) == ["System#OUT_OF_SERVICE"] * 2
        world.finesse.go_into_service()
        assert await world.hears("CRM1", 2) == ["System#IN_SERVICE", "1001#DialogStatus###"]
        world.send("MakeReady#1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#READY"]


async def test_a_lost_session_is_told_as_differences() -> None:
    """What happened while the notification session was away is told when it is back, then DialogStatus."""
    async with a_world(agents=AgentSettings(reconnect_delay=0.5, reconnect_delay_max=0.5)) as world:
        await world.sign_in("1001", "CRM1")
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        world.finesse.disconnect("1001")
        call = world.finesse.customer_call("5550188", "8800")
        events = await world.hears("CRM1", 3)
        assert errors(events[:2]) == ["1001#State#RESERVED", "1001#NewInboundCall#5550188"]
        assert events[2].startswith(f"1001#DialogStatus#{call}#ALERTING#5550188#")
        world.send("AnswerCall#1001", call)
        assert errors(await world.hears("CRM1", 2)) == ["1001#State#TALKING", "1001#InboundCall#ACTIVE"]


async def test_fifty_agents_on_one_topic() -> None:
    """A server client: all agents of one destination sign in and go ready, each in order, none mixed up."""
    ids = [str(number) for number in range(2001, 2051)]
    people = tuple(
        scenarios.Agent(id=one, password=f"agent-secret-{one}", first_name="Agent", last_name=one) for one in ids
    )
    devices = tuple(scenarios.Device(extension=f"4{one[1:]}") for one in ids)
    queues = tuple(msgspec.structs.replace(queue, agents=()) for queue in a_scenario().queues)
    async with a_world(a_scenario(agents=people, devices=devices, queues=queues)) as world:
        world.send("Hello#SIEBEL")
        await world.hears("SIEBEL", 1)
        for one in ids:
            world.send(f"Connect#{one}", f"SIEBEL,agent-secret-{one}")
            world.send(f"Login#{one}", f"agent-secret-{one},4{one[1:]}")
            world.send(f"MakeReady#{one}")
        events = await world.hears("SIEBEL", 4 * len(ids))
        per_agent = {one: [event.split("#")[1] for event in events if event.startswith(f"{one}#")] for one in ids}
        assert per_agent == {one: ["AgentInfo", "State", "DialogStatus", "State"] for one in ids}
        calls = [world.finesse.customer_call(f"555{number}", "8800") for number in range(50)]
        await world.hears_until("SIEBEL", lambda bodies: sum("NewInboundCall" in body for body in bodies) == len(calls))
        rung = {body.split("#")[0] for body in world.door.bodies("SIEBEL") if "#NewInboundCall#" in body}
        assert rung == set(ids)


@pytest.mark.parametrize(
    ("command", "body", "code"),
    [
        ("MakeCoffee#1001", "", "PLEASE_RETRY"),
        ("AnswerCall#1001", "1,2,3", "PLEASE_RETRY"),
        ("AnswerCall", "1", "PLEASE_RETRY"),
        ("AnswerCall#", "1", "PLEASE_RETRY"),
        ("", "", "PLEASE_RETRY"),
        ("AnswerCall#1001", "", "MISSING_DIALOG_ID"),
        ("MakeCall#1001", " ", "MISSING_NUMBER"),
        ("MakeNotReadyWithReason#1001", "", "MISSING_REASON_CODE"),
        ("MakeNotReadyWithReason#1001", "4711", "PLEASE_RETRY"),
        ("Connect#1001", "CRM1", "MISSING_PASSWORD"),
        ("Connect#1001", "CRM*,secret", "PLEASE_RETRY"),
        ("Hello#CRM1,CRM2", "", "PLEASE_RETRY"),
        ("update_call_variable#1001", "\x00" * 100, "INVALID_CALL_DATA"),
        ("GetState#1001", "x" * 1_000_000, "PLEASE_RETRY"),
    ],
)
async def test_mistakes(command: str, body: str, code: str) -> None:
    """Each mistake is told to the one who made it, and the next command is carried out."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        world.send(command, body, reply_to="CRM1")
        (error,) = await world.hears("CRM1", 1)
        assert error.split("#")[1:3] == ["Error", code]
        world.send("  getstate # 1001 ", reply_to="CRM1")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#NOT_READY"]


async def test_a_supervisor_acts_on_a_member() -> None:
    """A supervisor's reply-to makes the supervisor's rights act; the member's client hears the result."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1003", "SUPERVISOR")
        await world.hears("SUPERVISOR", 2)  # TeamInfoIDs, TeamInfoNames
        world.send("MakeReady#1001", reply_to="SUPERVISOR")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#READY"]
        assert errors(await world.hears("SUPERVISOR", 1)) == ["1003#State#READY"]
        (request,) = [one for one in world.finesse.requests() if one.method == "PUT" and "READY" in one.body][-1:]
        assert request.user == "1003"


async def test_a_slow_request_delays_nobody_else() -> None:
    """One agent's request hangs; another agent's commands, and the first one's own notifications, go on."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1002", "CRM2")
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        world.finesse.fail(Failure(kind="delay", user="1001", seconds=30.0))
        world.send("GetState#1001")
        world.finesse.customer_call("5550188", "8800")
        assert errors(await world.hears("CRM1", 2)) == ["1001#State#RESERVED", "1001#NewInboundCall#5550188"]
        world.send("MakeReady#1002")
        assert errors(await world.hears("CRM2", 1)) == ["1002#State#READY"]
        assert world.unheard("CRM1") == []

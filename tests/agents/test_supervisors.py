"""Acting on somebody else's agent: who acts is told by reply-to (section 3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agents.fake_finesse import ACCEPTED, until
from agents.office import Office, open_office
from agents.people import ANN, BOB, SUE, ann, bob, sue
from generic_connector.finesse.failures import NotAuthorised, OutOfService, Refused
from generic_connector.finesse.model import ApiError, Team

DESK = "supervisor"
COMMANDS = [("MakeReady", "READY"), ("MakeNotReady", "NOT_READY"), ("Logout", "LOGOUT")]


@pytest.fixture
async def team(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """Ann at the CRM, Sue at a desk of her own; Bob is not here."""
    monkeypatch.setattr("generic_connector.agents.supervisors.LOOK_EVERY", 0.001)
    async with open_office() as office:
        await office.sign_in(ANN)
        await office.sign_in(SUE, DESK)
        yield office


def acted(office: Office) -> list[tuple[str, str]]:
    """Whose rights changed whom since everybody signed in."""
    changes = [one for one in office.finesse.asked if one.operation in {"change_state", "sign_out"}]
    return [(one.by, one.user_id) for one in changes]


@pytest.mark.parametrize("reply_to", ["", "crm"])
@pytest.mark.parametrize(("command", "state"), COMMANDS)
async def test_without_a_stranger_the_agent_acts_itself(team: Office, command: str, state: str, reply_to: str) -> None:
    team.send(command, reply_to=reply_to)
    await team.hears(f"State {state}")
    assert (acted(team), team.told(DESK)) == ([(ANN, ANN)], [])


@pytest.mark.parametrize(("command", "state"), COMMANDS)
async def test_a_supervisor_of_the_team_acts(team: Office, command: str, state: str) -> None:
    """With the supervisor's rights; both clients hear what came of it."""
    team.send(command, reply_to=DESK, correlation_id="mine")
    await team.hears(f"State {state}")
    assert acted(team) == [(SUE, ANN)]
    assert team.told(DESK) == [f"2001 State {state} of {ANN}"]
    assert team.door.events[DESK][-1].correlation_id == "mine"


async def test_what_a_supervisor_hears_in_full(team: Office) -> None:
    """Field 0 is the supervisor, fields 7, 8 and 9 are the member's name, id and extension."""
    team.send("MakeReady", reply_to=DESK)
    await team.hears("State READY")
    assert team.bodies(DESK) == ["2001#State#READY####2026-01-02 03:04:01#Ann Lee#1001#4001##Ann Lee#ann"]


@pytest.mark.parametrize("command", ["MakeNotReadyWithReason", "LogoutWithReason", "GetState"])
async def test_other_commands_are_the_agents_own(team: Office, command: str) -> None:
    """Wherever they are answered to."""
    team.send(command, "" if command == "GetState" else "1", reply_to=DESK)
    await team.hears(agent=ANN)
    assert len(team.told(DESK)) == 1
    assert {one.by for one in team.finesse.asked if one.user_id == ANN} == {ANN}


async def test_a_supervisor_of_other_teams_does_not_act(team: Office) -> None:
    team.hub.agents[SUE].mirror.user = replace(sue("READY"), teams=(Team(id="7", name="T7"),))
    team.send("MakeReady", reply_to=DESK)
    await team.hears("State READY")
    assert acted(team) == [(ANN, ANN)]


async def test_a_supervisor_who_is_not_signed_in_does_not_act(team: Office) -> None:
    team.hub.agents[SUE].watched = False
    team.send("MakeReady", reply_to=DESK)
    await team.hears("State READY")
    assert acted(team) == [(ANN, ANN)]


async def test_an_agent_at_reply_to_does_not_act(team: Office) -> None:
    await team.sign_in(BOB, "bobs")
    team.send("MakeReady", reply_to="bobs")
    await team.hears("State READY")
    assert acted(team) == [(ANN, ANN)]


async def test_finesse_may_refuse_a_supervisor(team: Office) -> None:
    """The error goes to the supervisor and names the member."""
    team.finesse.script("change_state", NotAuthorised("Invalid Supervisor"))
    team.send("MakeReady", reply_to=DESK)
    await until(lambda: team.told(DESK))
    assert (team.told(DESK), team.told()) == (["Error SUBSCRIPTION_FAILED"], [])


async def test_finesse_may_refuse_a_supervisor_later(team: Office) -> None:
    team.finesse.script("change_state", ACCEPTED)
    team.send("MakeReady", reply_to=DESK)
    await until(lambda: acted(team))
    request_id = team.finesse.last("change_state").request_id
    team.finesse.refuse(ANN, ApiError(type="Invalid State", data="22"), request_id)
    await until(lambda: team.told(DESK))
    assert (team.told(DESK), team.told()) == (["Error CF_INVALID_OBJECT_STATE"], [])


# --- a member who is not here


@pytest.mark.parametrize(("command", "state"), COMMANDS)
async def test_a_member_who_is_not_connected_is_changed(team: Office, command: str, state: str) -> None:
    team.finesse.users[BOB] = bob("READY" if state == "NOT_READY" else "NOT_READY")
    team.send(command, agent=BOB, reply_to=DESK, correlation_id="mine")
    await until(lambda: team.told(DESK))
    await team.idle(SUE)
    assert (acted(team), team.told(DESK)) == ([(SUE, BOB)], [f"2001 State {state} of {BOB}"])
    assert team.door.events[DESK][-1].correlation_id == "mine"


async def test_a_member_is_looked_at_until_it_changed(team: Office) -> None:
    """What Finesse accepts from a supervisor it carries out a moment later, or after the call."""
    team.finesse.users[BOB] = bob("TALKING")
    team.finesse.script("change_state", ACCEPTED)
    team.send("MakeNotReady", agent=BOB, reply_to=DESK)
    looks = team.finesse.operations().count("user")
    await until(lambda: team.finesse.operations().count("user") > looks + 2)
    assert team.told(DESK) == []
    team.finesse.users[BOB] = bob("TALKING", pending_state="NOT_READY")
    await until(lambda: team.told(DESK))
    assert team.told(DESK) == [f"2001 State TALKING of {BOB}"]


FAILURES = [
    (Refused(404, (ApiError(type="User Not Found"),)), "1002 Error USER_NOT_FOUND"),
    (Refused(400, (ApiError(type="Invalid State"),)), "1002 Error CF_INVALID_OBJECT_STATE"),
    (NotAuthorised(), "1002 Error SUBSCRIPTION_FAILED"),
    (OutOfService(), "System#OUT_OF_SERVICE"),
]


@pytest.mark.parametrize(("failure", "told"), FAILURES, ids=lambda value: type(value).__name__)
async def test_what_a_failure_is_told_as(team: Office, failure: Refused, told: str) -> None:
    team.finesse.script("change_state", failure)
    team.send("MakeReady", agent=BOB, reply_to=DESK)
    await until(lambda: team.told(DESK))
    await team.idle(SUE)
    assert team.told(DESK) == [told]


async def test_nothing_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.agents.supervisors.LOOK_EVERY", 0.001)
    async with open_office(result_timeout=0.02) as office:
        await office.sign_in(SUE, DESK)
        office.finesse.script("change_state", ACCEPTED)
        office.send("MakeReady", agent=BOB, reply_to=DESK)
        await until(lambda: office.told(DESK))
        assert office.told(DESK) == ["1002 Error PLEASE_RETRY"]


@pytest.mark.parametrize(("command", "reply_to"), [("MakeReady", "crm"), ("GetState", DESK), ("MakeCall", DESK)])
async def test_without_a_supervisor_the_member_has_to_sign_in(team: Office, command: str, reply_to: str) -> None:
    """An agent at reply-to has no say, and a supervisor has one on three commands only."""
    team.send(command, "1" if command == "MakeCall" else "", agent=BOB, reply_to=reply_to)
    assert team.told(reply_to) == ["1002 State RE_LOGIN"]


async def test_a_supervisor_is_an_agent_too(team: Office) -> None:
    """At the own destination the own session acts."""
    team.send("MakeReady", agent=SUE, reply_to=DESK)
    await team.hears("2001 State READY", destination=DESK, agent=SUE)
    assert acted(team) == [(SUE, SUE)]


async def test_many_agents_and_their_supervisor_at_one_destination(office: Office) -> None:
    """A server client, such as a Siebel driver: everybody acts for themselves."""
    for agent in (ANN, BOB, SUE):
        await office.sign_in(agent)
    office.send("MakeReady", agent=ANN, reply_to="crm")
    office.send("MakeReady", agent=BOB)
    await office.hears("State READY", "1002 State READY")
    assert acted(office) == [(ANN, ANN), (BOB, BOB)]
    assert office.finesse.users[ANN] == ann("READY", extension="4001")


async def test_a_member_who_is_connected_and_signed_in_elsewhere(team: Office) -> None:
    """Whose team is not known yet: the supervisor acts, and Finesse judges the right to."""
    team.finesse.users[BOB] = bob("READY")
    team.connect(BOB, "bobs")
    await team.idle(BOB)
    team.send("Logout", agent=BOB, reply_to=DESK)
    await until(lambda: team.told(DESK))
    assert (acted(team), team.told(DESK)) == ([(SUE, BOB)], [f"2001 State LOGOUT of {BOB}"])

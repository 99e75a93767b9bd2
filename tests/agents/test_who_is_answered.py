"""Where answers go when reply-to, the agent's destination and the state of Finesse pull in different directions."""

from __future__ import annotations

import io

import pytest

from agents.fake_finesse import until
from agents.office import CRM, Office, open_office
from agents.people import ANN, BOB, CALL, SUE, ann, bob, incoming
from generic_connector.finesse.failures import NotAuthorised
from generic_connector.finesse.model import Notification, TeamMemberChanged
from generic_connector.operations import logs

OUT = "System#OUT_OF_SERVICE"
ELSEWHERE = "elsewhere"


async def test_what_came_of_a_call_command_is_told_at_reply_to(anns: Office) -> None:
    """As for the state: the agent's own client hears it, and whoever asked for it."""
    anns.finesse.call_comes(ANN, incoming("ALERTING"))
    await anns.idle()
    anns.forget()
    anns.send("AnswerCall", CALL, reply_to=ELSEWHERE, correlation_id="mine")
    await until(lambda: "take_action" in anns.finesse.operations())
    request_id = anns.finesse.last("take_action").request_id
    anns.finesse.call_changes(ANN, incoming("ACTIVE"), request_id)
    await anns.hears(f"InboundCall ACTIVE {CALL}")
    assert anns.told(ELSEWHERE) == [f"InboundCall ACTIVE {CALL}"]
    assert anns.door.events[ELSEWHERE][0].correlation_id == "mine"


# --- force_logout


async def test_force_on_an_agent_who_has_signed_out_is_answered(anns: Office) -> None:
    anns.send("Logout")
    await anns.hears("State LOGOUT")
    anns.forget()
    anns.send("force_logout")
    await until(lambda: not anns.finesse.open_sessions())
    assert anns.told() == ["State LOGOUT"]


async def test_force_is_answered_at_reply_to(anns: Office) -> None:
    anns.send("force_logout", reply_to=ELSEWHERE)
    await until(lambda: not anns.finesse.open_sessions())
    assert (anns.told(), anns.told(ELSEWHERE)) == (["State LOGOUT"], ["State LOGOUT"])


# --- out of service


async def test_out_of_service_what_comes_behind_connect_is_answered_where_connect_is(office: Office) -> None:
    office.door.deliver(f"Hello#{CRM}")
    office.forget()
    office.finesse.in_service = False
    office.connect()
    office.login()
    assert office.bodies() == [OUT, OUT]


async def test_out_of_service_what_waits_already_is_not_carried_out(anns: Office) -> None:
    gate = anns.finesse.hold("user")
    anns.send("GetState")
    anns.send("MakeReady")
    await until(lambda: gate.arrived)
    anns.finesse.in_service = False
    gate.open()
    await anns.hears("State NOT_READY", OUT)
    assert "change_state" not in anns.finesse.operations()


# --- once


async def test_a_refused_command_that_comes_again_is_not_answered_again(anns: Office) -> None:
    """Its answer is on the way already; every command ends in one Error."""
    message = anns.send("MakeCall")
    anns.door.redeliver(message)
    assert anns.told() == ["Error MISSING_NUMBER"]


# --- secrets


async def test_a_body_of_connect_that_is_but_a_password_is_not_logged(office: Office) -> None:
    """It reads as a destination, and the answer goes there for want of a better place; the log does not name it."""
    seen = io.StringIO()
    logs.configure(level="debug", form="json", libraries="debug", to=seen)
    try:
        office.send("Connect", "my-password")
    finally:
        logs.configure()
    assert office.told("my-password") == ["Error MISSING_PASSWORD"]
    assert "command refused" in seen.getvalue()
    assert "my-password" not in seen.getvalue()


# --- whose credentials


async def test_an_administrator_whom_finesse_refuses_is_not_the_agents_fault() -> None:
    """SUBSCRIPTION_FAILED would send the agent to the sign-in for nothing."""
    async with open_office() as office:
        await office.sign_in()
        agent = office.hub.agents[ANN]
        assert agent.credentials is not None
        agent.settings = type(agent.settings)(administrator=agent.credentials)
        office.finesse.script("users", NotAuthorised())
        office.send("GetAllAgents")
        await office.hears("Error PLEASE_RETRY")


# --- members


@pytest.mark.parametrize("extension", ["", "4002"])
async def test_a_member_who_is_here_is_told_in_full(office: Office, extension: str) -> None:
    """A team's notification leaves the login name out, and now and then the extension."""
    await office.sign_in(BOB)
    await office.sign_in(SUE, "desk")
    member = bob("READY", login_name="", extension=extension)
    node = "/finesse/api/Team/5000/Users"
    office.finesse.session(SUE).notify(
        Notification(source="", request_id="", content=TeamMemberChanged(user=member), node=node)
    )
    await until(lambda: office.bodies("desk"))
    fields = office.bodies("desk")[0].split("#")
    assert (fields[0], fields[8], fields[9], fields[12]) == (SUE, BOB, "4002", bob().login_name)


async def test_a_member_who_is_not_here_is_told_as_finesse_does(office: Office) -> None:
    await office.sign_in(SUE, "desk")
    office.finesse.session(SUE).notify(
        Notification(source="", request_id="", content=TeamMemberChanged(user=ann("READY")), node="")
    )
    await until(lambda: office.bodies("desk"))
    assert office.told("desk") == [f"{SUE} State READY of {ANN}"]

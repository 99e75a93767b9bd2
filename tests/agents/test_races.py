"""Races and gaps that once went wrong: each test tells what the client must hear."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC

import pytest

from agents.fake_finesse import ACCEPTED, Asked, FakeFinesse, until
from agents.office import SIGNED_IN, brief, counted, open_office
from agents.people import (
    ANN,
    ANNS_VIEW,
    BOB,
    CALL,
    CONSULTATION,
    EXTENSION,
    OWN_CALL,
    SUE,
    ann,
    consultation,
    incoming,
    outgoing,
    party,
)
from generic_connector.agents.calls import Calls
from generic_connector.agents.link import Link
from generic_connector.agents.settings import AgentSettings
from generic_connector.agents.times import client_time
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import Down, FinesseError, OutOfService
from generic_connector.finesse.model import ApiError, Credentials, Dialog, UserChanged
from generic_connector.protocol.text import TextSettings, render

INVALID = ApiError(type="Invalid State", data="22", message="CF_INVALID_OBJECT_STATE")


async def test_error_right_behind_connect_reaches_nobody() -> None:
    """Sections 1, 3.3, 7: Connect and a bad Login sent at once without reply-to: the Error must reach <dest>."""
    async with open_office() as office:
        office.connect()
        office.send("Login", f"pw{ANN},12a")
        await office.hears("Error WRONG_EXTENSION")


async def test_out_of_service_right_behind_connect_reaches_nobody() -> None:
    async with open_office() as office:
        office.connect()
        office.finesse.in_service = False
        office.login()
        await office.hears("System#OUT_OF_SERVICE")


async def test_full_inbox_right_behind_connect_reaches_nobody() -> None:
    async with open_office(inbox_limit=1) as office:
        office.connect()
        office.login()
        await until(lambda: office.bodies() or counted("unanswerable"))
        assert "Error PLEASE_RETRY" in office.told()


@pytest.mark.parametrize(("failure", "told"), [(Down(), "Error"), (OutOfService(), "System")])
@pytest.mark.parametrize("command", ["MakeReady", "MakeCall"])
async def test_no_result_and_read_back_fails_ends_in_nothing(command: str, failure: FinesseError, told: str) -> None:
    """Section 7: nothing may be silently dropped. Agent._work logs "chore failed" and the command never ends."""
    async with open_office(result_timeout=0.02) as office:
        await office.sign_in()
        office.finesse.script("change_state", ACCEPTED)
        office.finesse.script("user", failure)
        office.send(command, "0" if command == "MakeCall" else "")
        await until(office.told, 1)
        assert office.told()[0].startswith(told)


async def test_get_state_tells_an_older_state_last() -> None:
    """Section 1, order: the GET is older than the notification that came while it was under way."""
    async with open_office() as office:
        await office.sign_in()
        gate = office.finesse.hold("user")  # answers NOT_READY@1
        office.send("GetState")
        await until(lambda: gate.arrived)
        office.finesse.becomes(ann("READY", 5))
        await until(lambda: office.told() == ["State READY"])
        gate.open()
        await office.hears("State READY", "State READY")
        assert office.viewed() == "READY"


async def test_a_logout_heard_during_sign_in_frees_the_seat() -> None:
    """LICENSES_EXCEEDED: finesse-notifications 8.1, a second LOGOUT may come while a LOGIN is pending."""
    async with open_office(max_agents=1) as office:
        gate = office.finesse.hold("sign_in")
        office.connect()
        office.login()
        await until(lambda: gate.arrived)
        office.finesse.notify(ANN, UserChanged(user=ann("LOGOUT", 0)))
        await until(lambda: not office.hub.agents[ANN]._inbox._news)
        await asyncio.sleep(0)
        gate.open()
        await office.hears(*SIGNED_IN)
        office.connect(BOB)
        office.login(BOB)
        await office.hears(*SIGNED_IN, "1002 Error LICENSES_EXCEEDED", agent=BOB)


async def test_login_from_reply_to_gets_its_state_elsewhere() -> None:
    """Sections 1, 3.3: AgentInfo, State, DialogStatus in this order to reply-to; State goes to the own destination."""
    async with open_office() as office:
        office.connect()
        office.login(reply_to="elsewhere")
        await until(lambda: any("DialogStatus" in one for one in office.told("elsewhere")))
        assert office.told("elsewhere") == SIGNED_IN


async def test_refresh_from_reply_to_gets_its_state_elsewhere() -> None:
    async with open_office() as office:
        await office.sign_in()
        office.send("refresh", reply_to="elsewhere")
        await until(lambda: any("DialogStatus" in one for one in office.told("elsewhere")))
        assert office.told("elsewhere") == SIGNED_IN


async def test_refused_after_a_first_notification_with_the_id() -> None:
    """Notifications sections 8, 10g: 0..n notifications carry the id; the first one makes us deaf to the refusal."""
    async with open_office(result_timeout=0.3) as office:

        async def accept(asked: Asked) -> Answer:
            office.finesse.becomes(ann("LOGIN", 2), asked.request_id)
            office.finesse.refuse(ANN, ApiError(type="Device Busy"), asked.request_id, f"/finesse/api/User/{ANN}")
            return ACCEPTED

        office.finesse.script("sign_in", accept)
        office.connect()
        office.login()
        await office.hears("Error CF_SPECIFIED_EXTENSION_ALREADY_IN_USE")


async def test_bad_destination_after_a_first_notification_with_the_id() -> None:
    """The user's TALKING may carry the id of MAKE_CALL; the POST with the same id is then nobody's."""
    async with open_office() as office:
        await office.sign_in()
        office.send("MakeCall", "0")
        await until(lambda: "make_call" in office.finesse.operations())
        request_id = office.finesse.last("make_call").request_id
        office.finesse.becomes(ann("TALKING", 2), request_id)
        office.finesse.call_comes(ANN, outgoing("INITIATING"), request_id)
        failed = outgoing("FAILED", 3, participants=(party(EXTENSION, "FAILED", 3, cause="BAD_DESTINATION"),))
        office.finesse.call_changes(ANN, failed)
        await office.hears(
            "State TALKING",
            f"InboundCall INITIATING {OWN_CALL}",
            f"InboundCall FAILED {OWN_CALL}",
            "Error BAD_DESTINATION",
        )


async def test_refused_at_a_call_after_a_first_notification_with_the_id() -> None:
    async with open_office() as office:
        await office.sign_in()
        office.finesse.call_comes(ANN, incoming("ACTIVE"))
        office.send("HoldCall", CALL)
        await until(lambda: "take_action" in office.finesse.operations())
        request_id = office.finesse.last("take_action").request_id
        office.finesse.call_changes(ANN, incoming("ACTIVE"), request_id)
        office.finesse.refuse(ANN, INVALID, request_id)
        await until(lambda: "Error CF_INVALID_OBJECT_STATE" in office.told(), 1)


async def test_a_refusal_without_id_after_an_earlier_seen_request() -> None:
    """Section 7: exactly one Error. An earlier request that was seen (and waits out its time) makes it ambiguous."""
    async with open_office(result_timeout=0.5) as office:
        await office.sign_in()
        office.finesse.script("change_state", ACCEPTED, ACCEPTED)
        office.send("MakeReady")
        await until(lambda: "change_state" in office.finesse.operations())
        office.finesse.becomes(ann("READY", 3))  # without our id
        await office.hears("State READY")
        office.send("MakeNotReady")
        await until(lambda: office.finesse.operations().count("change_state") == 2)
        office.finesse.refuse(ANN, INVALID, "", f"/finesse/api/User/{ANN}")
        await until(lambda: len(office.told()) == 2)
        assert office.told() == ["State READY", "Error CF_INVALID_OBJECT_STATE"]


async def test_supervisor_hears_nothing_when_nobody_tells_the_result() -> None:
    """Acting on somebody else's agent: the read-back answers the member's client only."""
    async with open_office(result_timeout=0.02) as office:
        await office.sign_in(ANN)
        await office.sign_in(SUE, "desk")

        async def accept(_: Asked) -> Answer:
            office.finesse.users[ANN] = ann("READY", 3)
            return ACCEPTED

        office.finesse.script("change_state", accept)
        office.send("MakeReady", reply_to="desk")
        await until(lambda: office.told("desk"), 1)
        assert office.told("desk") == [f"2001 State READY of {ANN}"]


async def test_state_command_before_login_is_carried_out_and_never_answered() -> None:
    """Section 7: not silently dropped. After a take-over the new client commands before it signs in."""
    async with open_office(result_timeout=0.05) as office:
        await office.sign_in()
        office.connect(destination="desk")
        await office.hears("State LOGOUT", "Error SESSION_INVALIDATED")
        office.send("MakeReady")
        await until(lambda: office.told("desk"), 1)


async def test_farewell_retires_an_agent_who_is_signing_in() -> None:
    """The timer of the last LOGOUT runs on through Connect and Login: the agent is told signed in and is gone."""
    async with open_office(keep_signed_out=0.05) as office:
        await office.sign_in()
        office.send("Logout")
        await office.hears("State LOGOUT")
        gate = office.finesse.hold("sign_in", ACCEPTED)
        office.login()
        await until(lambda: gate.arrived)
        await asyncio.sleep(0.1)
        office.finesse.users[ANN] = ann("NOT_READY", 3)
        gate.open()
        await until(lambda: "DialogStatus -" in office.told())
        assert ANN in office.hub.agents
        assert office.finesse.open_sessions() == [ANN]


async def test_farewell_throws_out_who_just_connected() -> None:
    async with open_office(keep_signed_out=0.05) as office:
        await office.sign_in()
        office.send("Logout")
        await office.hears("State LOGOUT")
        office.connect(destination="desk")
        await until(lambda: office.hub.agents[ANN].client is office.hub.clients.get("desk"))
        await asyncio.sleep(0.1)
        office.login()
        await office.hears(*SIGNED_IN, destination="desk")


async def test_a_refused_read_back_goes_on_for_ever() -> None:
    """Section 7: 401 on anything later is SUBSCRIPTION_FAILED; five wrong passwords lock the account for 5 minutes."""
    async with open_office(reconnect_delay_max=0.005) as office:
        await office.sign_in()
        before = len(office.finesse.asked)
        office.finesse.passwords[ANN] = "changed"
        office.hub.status_changed(True)
        await asyncio.sleep(0.2)
        assert len(office.finesse.asked) - before < 5
        assert "Error SUBSCRIPTION_FAILED" in office.told()


async def test_sign_in_whose_result_is_found_tells_the_state_once_more() -> None:
    """Requests._time_is_up judges before the command ended; the chore runs after it and answers again."""
    async with open_office(result_timeout=0.05) as office:
        office.finesse.script("sign_in", ACCEPTED)
        gate = office.finesse.hold("user")
        office.connect()
        office.login()
        await until(lambda: gate.arrived)
        office.finesse.users[ANN] = ann("NOT_READY", 2)
        gate.open()
        await office.hears(*SIGNED_IN)


def told(calls: Calls, *dialogs: Dialog) -> list[str]:
    return [brief(render(e, TextSettings())) for d in dialogs for e in calls.changed(d, ANNS_VIEW)]


def test_a_call_is_new_twice() -> None:
    """Section 6, row 1: "first time for this dialog"."""
    assert told(Calls(), incoming("ALERTING"), incoming("ACTIVE", 2), incoming("ALERTING", 3)) == [
        f"NewInboundCall {CALL}",
        f"InboundCall ACTIVE {CALL}",
        f"InboundCall ALERTING {CALL}",
    ]


def test_a_preview_is_new_twice() -> None:
    """Section 6: NewOutboundPreviewCall first, InboundCall afterwards."""
    preview = incoming("INITIATED", call_type="OUTBOUND_PREVIEW")
    assert told(Calls(), preview, incoming("ALERTING", 2, call_type="OUTBOUND_PREVIEW")) == [
        f"NewOutboundPreviewCall {CALL}",
        f"InboundCall ALERTING {CALL}",
    ]


def test_an_own_consultation_that_rings_is_no_new_inbound_call() -> None:
    """Section 6: the same states as ConsultCall (a mobile agent's own phone may ring first)."""
    assert told(Calls(), consultation("INITIATING"), consultation("ALERTING", 2), consultation("ALERTING", 3)) == [
        f"ConsultCall INITIATING {CONSULTATION}",
        f"ConsultCall ALERTING {CONSULTATION}",
        f"ConsultCall ALERTING {CONSULTATION}",
    ]


def test_a_time_without_zone_is_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finesse sends UTC, whatever zone the machine is in."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Karachi")
        time.tzset()
        assert client_time("2026-01-02T03:04:05", UTC) == "2026-01-02 03:04:05"
    time.tzset()


async def test_a_node_whose_clock_is_behind_is_not_believed_after_fail_over() -> None:
    """Section 3.8: every difference is told. take_read_back ignores a user whose stateChangeTime is smaller."""
    async with open_office() as office:
        office.finesse.users[ANN] = ann("NOT_READY", 10)
        await office.sign_in()
        office.finesse.becomes(ann("READY", 20))
        await office.hears("State READY")
        office.finesse.users[ANN] = ann("LOGOUT", 19)  # the other node, a second behind, after a fail-over
        office.finesse.lose_session(ANN)
        await office.hears("State READY", "State LOGOUT", "DialogStatus -")


async def test_an_agent_who_signs_in_elsewhere_has_no_seat() -> None:
    """LICENSES_EXCEEDED counts signed-in agents; a LOGOUT frees the seat, a return at the desktop takes none."""
    async with open_office(max_agents=1) as office:
        await office.sign_in()
        office.finesse.becomes(ann("LOGOUT", 3))
        office.finesse.becomes(ann("NOT_READY", 4))
        await office.hears("State LOGOUT", "State NOT_READY")
        office.connect(BOB)
        office.login(BOB)
        await office.hears("State LOGOUT", "State NOT_READY", "1002 Error LICENSES_EXCEEDED", agent=BOB)


async def test_stopping_while_a_retired_agent_waits_leaves_its_session_open() -> None:
    """Agent._end: cancelled in gather, link.close() is skipped."""
    async with open_office() as office:
        await office.sign_in()
        office.finesse.hold("user")
        office.send("GetState")
        await until(lambda: office.finesse.operations()[-1] == "user")
        office.hub.agents[ANN].retire()
        await asyncio.sleep(0.01)
        await office.hub.roster.stop()
        assert office.finesse.open_sessions() == []


async def test_several_losses_on_arrival_do_not_breed_reconnectors() -> None:
    """Link.open starts _open_again for a dead line even when _open_again called it."""
    finesse = FakeFinesse(ann())
    finesse.dead_on_arrival = 6
    restored: list[int] = []
    link = Link(
        finesse,
        AgentSettings(reconnect_delay=0.001, reconnect_delay_max=0.004),
        heard=lambda _: None,
        restored=lambda: restored.append(1),
        refused=lambda _: None,
    )
    await link.open(Credentials(user_id=ANN, secret=f"pw{ANN}"))
    await until(lambda: restored)
    await asyncio.sleep(0.05)
    assert (len(restored), len(finesse.sessions)) == (1, 7)
    await link.close()

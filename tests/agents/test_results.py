"""What becomes of a request that Finesse accepted (finesse-notifications.md sections 8.4 and 10)."""

from __future__ import annotations

import asyncio

import pytest

from agents.fake_finesse import ACCEPTED, Asked, Reaction, until
from agents.office import Office, open_office
from agents.people import ANN, CALL, EXTENSION, OWN_CALL, ann, incoming, outgoing, party
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

INVALID = ApiError(type="Invalid State", data="22", message="CF_INVALID_OBJECT_STATE")
TALKING = f"InboundCall ACTIVE {CALL}"

# --- refused at once

FAILURES: list[tuple[FinesseError, str]] = [
    (Refused(400, (INVALID,)), "Error CF_INVALID_OBJECT_STATE"),
    (Refused(400), "Error PLEASE_RETRY"),
    (Refused(500), "Error PLEASE_RETRY"),
    (NotAuthorised(), "Error SUBSCRIPTION_FAILED"),
    (NotReachable(), "Error NOT_REACHABLE"),
    (Down(), "Error DOWN"),
    (TimedOut(), "Error PLEASE_RETRY"),
    (PayloadError(), "Error PLEASE_RETRY"),
    (OutOfService(), "System#OUT_OF_SERVICE"),
]
COMMANDS = [
    ("MakeReady", "", "change_state"),
    ("Logout", "", "sign_out"),
    ("MakeCall", "0", "make_call"),
    ("HoldCall", CALL, "take_action"),
    ("wrapup", f"Sold,{CALL}", "update_call_data"),
    ("GetState", "", "user"),
    ("refresh", "", "dialogs"),
    ("GetDialogState", CALL, "dialog"),
    ("reasoncodenotready", "", "reason_codes"),
    ("wrapupreasoncode", "", "wrap_up_reasons"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(("failure", "told"), FAILURES, ids=lambda value: str(value)[:40])
async def test_what_a_failure_is_told_as(
    anns: Office, command: tuple[str, str, str], failure: FinesseError, told: str
) -> None:
    """One documented error for each command, and the next command is carried out."""
    name, body, operation = command
    anns.finesse.script(operation, failure)
    anns.send(name, body)
    anns.send("GetState")
    await anns.hears(told, "State NOT_READY")


NOT_FOUND = [
    ("GetState", "", "user", "USER_NOT_FOUND"),
    ("MakeReady", "", "change_state", "USER_NOT_FOUND"),
    ("MakeCall", "0", "make_call", "USER_NOT_FOUND"),
    ("HoldCall", CALL, "take_action", "NO_DIALOG_ID"),
    ("wrapup", f"Sold,{CALL}", "update_call_data", "E_CTI_INVALID_CALL_ID"),
]


@pytest.mark.parametrize(("command", "body", "operation", "code"), NOT_FOUND)
async def test_what_finesse_does_not_know(anns: Office, command: str, body: str, operation: str, code: str) -> None:
    anns.finesse.script(operation, Refused(404))
    anns.send(command, body)
    await anns.hears(f"Error {code}")


@pytest.mark.parametrize(
    "body", ["", "<html><body>Apache</body></html>", "<User>", "<!DOCTYPE x><User/>", "<Dialogs/>"]
)
async def test_an_answer_that_cannot_be_read(anns: Office, body: str) -> None:
    anns.finesse.script("user", Answer(status=200, body=body))
    anns.send("GetState")
    await anns.hears("Error PLEASE_RETRY")


# --- refused later


def refusing(office: Office, *, with_id: bool = True, source: str = "") -> Reaction:
    async def refuse(asked: Asked) -> Answer:
        office.finesse.refuse(ANN, INVALID, asked.request_id if with_id else "", source)
        return ACCEPTED

    return refuse


LATER = [
    ("MakeReady", "", "change_state", f"/finesse/api/User/{ANN}"),
    ("Logout", "", "sign_out", f"/finesse/api/User/{ANN}"),
    ("MakeCall", "0", "make_call", f"/finesse/api/User/{ANN}/Dialogs"),
    ("HoldCall", CALL, "take_action", f"/finesse/api/Dialog/{CALL}"),
    ("wrapup", f"Sold,{CALL}", "update_call_data", f"/finesse/api/Dialog/{CALL}"),
]


@pytest.mark.parametrize("with_id", [True, False])
@pytest.mark.parametrize(("command", "body", "operation", "source"), LATER)
async def test_a_refusal_that_comes_later_is_one_error(
    command: str, body: str, operation: str, source: str, *, with_id: bool
) -> None:
    """By our id, or by the source where Finesse lost it; nothing more comes when the time is up."""
    async with open_office(result_timeout=0.05) as anns:
        await anns.sign_in()
        anns.finesse.script(operation, refusing(anns, with_id=with_id, source=source))
        anns.send(command, body)
        await anns.hears("Error CF_INVALID_OBJECT_STATE")
        await asyncio.sleep(0.06)  # its time is up now, and it must not matter
        await anns.hears("Error CF_INVALID_OBJECT_STATE")


async def test_a_refusal_after_something_else_moved_the_call(anns: Office) -> None:
    """What moved it looked like the result and was told; the refusal still ends the command in one error."""
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    gate = anns.finesse.hold("take_action")
    anns.send("HoldCall", CALL)
    await until(lambda: gate.arrived)
    request_id = anns.finesse.last("take_action").request_id
    anns.finesse.call_changes(ANN, incoming("ACTIVE", call_variables=(("callVariable1", "7"),)))
    gate.open()
    await anns.hears(TALKING, TALKING)
    anns.finesse.refuse(ANN, INVALID, request_id)
    anns.finesse.refuse(ANN, INVALID, request_id)
    await anns.hears(TALKING, TALKING, "Error CF_INVALID_OBJECT_STATE")


async def test_a_refusal_of_somebody_elses_request_is_nobodys(anns: Office) -> None:
    """The agent may work at the desktop as well."""
    anns.finesse.refuse(ANN, INVALID, "from-the-desktop", f"/finesse/api/User/{ANN}")
    anns.finesse.refuse(ANN, INVALID, "", f"/finesse/api/User/{ANN}")
    await anns.idle()
    assert anns.told() == []


async def test_a_refusal_is_told_to_the_command_that_it_is_about(anns: Office) -> None:
    anns.finesse.script("take_action", ACCEPTED, ACCEPTED)
    first = anns.send("HoldCall", CALL, correlation_id="first")
    second = anns.send("HoldCall", OWN_CALL, correlation_id="second")
    await until(lambda: anns.finesse.operations().count("take_action") == 2)
    assert first.message_id != second.message_id
    for asked in [one for one in reversed(anns.finesse.asked) if one.operation == "take_action"]:
        anns.finesse.refuse(ANN, INVALID, asked.request_id)
    await anns.hears(*["Error CF_INVALID_OBJECT_STATE"] * 2)
    assert [event.correlation_id for event in anns.door.events["crm"][-2:]] == ["second", "first"]


async def test_a_refusal_after_the_call_failed_is_no_second_error(anns: Office) -> None:
    anns.send("MakeCall", "0")
    await until(lambda: "make_call" in anns.finesse.operations())
    failed = outgoing("FAILED", participants=(party(EXTENSION, "FAILED", cause="BAD_DESTINATION"),))
    anns.finesse.call_comes(ANN, failed)
    anns.finesse.refuse(ANN, INVALID, anns.finesse.last("make_call").request_id)
    await anns.hears(f"InboundCall FAILED {OWN_CALL}", "Error BAD_DESTINATION")


async def test_a_request_that_failed_has_no_result(anns: Office) -> None:
    """What comes after it is about the next one."""
    anns.finesse.script("change_state", Down(), ACCEPTED)
    anns.send("MakeReady")
    anns.send("MakeNotReady")
    await until(lambda: anns.finesse.operations().count("change_state") == 2)
    anns.finesse.refuse(ANN, INVALID, "", f"/finesse/api/User/{ANN}")
    await anns.hears("Error DOWN", "Error CF_INVALID_OBJECT_STATE")


# --- the result


async def test_the_result_may_come_before_the_answer(anns: Office) -> None:
    async def accept(asked: Asked) -> Answer:
        anns.finesse.becomes(ann("READY", 3), asked.request_id)
        await until(anns.told)
        return ACCEPTED

    anns.finesse.script("change_state", accept)
    anns.send("MakeReady", correlation_id="mine")
    await anns.hears("State READY")
    assert anns.door.events["crm"][-1].correlation_id == "mine"


async def test_the_result_may_come_without_our_id(anns: Office) -> None:
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.send("HoldCall", CALL, correlation_id="mine")
    await until(lambda: "take_action" in anns.finesse.operations())
    anns.finesse.call_changes(ANN, incoming("HELD", 3))
    await anns.hears(TALKING, f"InboundCall HELD {CALL}")
    assert anns.door.events["crm"][-1].correlation_id == "mine"


async def test_the_same_result_twice_is_told_once(anns: Office) -> None:
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.send("HoldCall", CALL)
    await until(lambda: "take_action" in anns.finesse.operations())
    request_id = anns.finesse.last("take_action").request_id
    for _ in range(2):
        anns.finesse.call_changes(ANN, incoming("HELD", 3), request_id)
    await anns.hears(TALKING, f"InboundCall HELD {CALL}")


async def test_every_request_has_an_id_of_its_own(anns: Office) -> None:
    for _ in range(3):
        anns.send("MakeReady")
    await anns.hears(*["State READY"] * 3)
    ids = [one.request_id for one in anns.finesse.asked if one.operation in {"sign_in", "change_state"}]
    assert len(set(ids)) == 4
    assert "" not in ids
    assert {one.request_id for one in anns.finesse.asked if one.operation in {"user", "dialogs"}} == {""}


# --- no result


async def test_a_state_that_nobody_told_is_read_back() -> None:
    """Whether it came to be or not, the client hears the state."""
    async with open_office(result_timeout=0.02) as anns:
        await anns.sign_in()

        async def become_ready(_: Asked) -> Answer:
            anns.finesse.users[ANN] = ann("READY", 3)
            return ACCEPTED

        anns.finesse.script("change_state", ACCEPTED, become_ready)
        anns.send("MakeReady", correlation_id="mine")
        await anns.hears("State NOT_READY")
        assert anns.door.events["crm"][-1].correlation_id == "mine"
        anns.send("MakeReady")
        await anns.hears("State NOT_READY", "State READY")


async def test_a_call_that_nobody_told_is_read_back() -> None:
    async with open_office(result_timeout=0.02) as anns:
        await anns.sign_in()

        async def dial(_: Asked) -> Answer:
            anns.finesse.dialogs[ANN] = [outgoing("ACTIVE")]
            return ACCEPTED

        anns.finesse.script("make_call", dial)
        anns.send("MakeCall", "0")
        await anns.hears(f"InboundCall ACTIVE {OWN_CALL}")


async def test_a_call_of_which_nothing_came_is_an_error() -> None:
    async with open_office(result_timeout=0.02) as anns:
        await anns.sign_in()
        anns.send("MakeCall", "0")
        await anns.hears("Error PLEASE_RETRY")
        anns.send("HoldCall", CALL)
        await anns.hears("Error PLEASE_RETRY", "Error PLEASE_RETRY")


async def test_looking_for_a_result_goes_before_what_waits() -> None:
    """The next command must not be judged by what the former one left behind."""
    async with open_office(result_timeout=0.02) as anns:
        await anns.sign_in()
        anns.finesse.script("change_state", ACCEPTED)
        gate = anns.finesse.hold("reason_codes")
        anns.send("MakeReady")
        anns.send("reasoncodenotready")
        anns.send("GetDialogState", "1")
        await until(lambda: gate.arrived)
        await until(lambda: anns.hub.agents[ANN]._inbox._work and len(anns.hub.agents[ANN]._inbox._work) == 2)
        gate.open()
        await anns.hears("ReasonCodes", "State NOT_READY", "DialogState NOT_FOUND")


async def test_our_extension_is_who_calls(anns: Office) -> None:
    """A call that comes in meanwhile is not taken for the one that was asked for."""
    anns.send("MakeCall", "0", correlation_id="mine")
    await until(lambda: "make_call" in anns.finesse.operations())
    anns.finesse.call_comes(ANN, incoming("ALERTING"))
    anns.finesse.call_comes(ANN, outgoing("INITIATING", from_address=EXTENSION))
    await anns.hears(f"NewInboundCall {CALL}", f"InboundCall INITIATING {OWN_CALL}")
    *_, rang, dialled = [event.correlation_id for event in anns.door.events["crm"]]
    assert (rang != "mine", dialled) == (True, "mine")

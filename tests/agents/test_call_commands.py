"""The commands about calls: what each asks of Finesse, what it checks, and what comes of it."""

from __future__ import annotations

import pytest

from agents.fake_finesse import ACCEPTED, Asked, until
from agents.office import Office
from agents.people import ANN, CALL, CUSTOMER, EXTENSION, OWN_CALL, ann, incoming, outgoing, party
from generic_connector.agents.handlers import HANDLERS
from generic_connector.finesse.door import Answer
from generic_connector.finesse.failures import Down, Refused
from generic_connector.finesse.model import ApiError, WrapUpReason
from generic_connector.protocol.command_table import COMMANDS

ACTIONS = [("AnswerCall", "ANSWER"), ("ReleaseCall", "DROP"), ("HoldCall", "HOLD"), ("RetrieveCall", "RETRIEVE")]


def test_handlers_are_those_of_commands() -> None:
    """But for the two that concern a destination only."""
    assert set(HANDLERS) <= set(COMMANDS) - {"Hello", "Beat"}


@pytest.mark.parametrize(("command", "action"), ACTIONS)
async def test_an_action_on_the_own_leg(anns: Office, command: str, action: str) -> None:
    anns.finesse.call_comes(ANN, incoming("ALERTING"))
    await anns.hears(f"NewInboundCall {CALL}")
    anns.send(command, CALL)
    await until(lambda: "take_action" in anns.finesse.operations())
    asked = anns.finesse.last("take_action")
    assert (asked.path, asked.value("requestedAction"), asked.value("targetMediaAddress")) == (
        f"/Dialog/{CALL}",
        action,
        EXTENSION,
    )
    anns.finesse.call_changes(ANN, incoming("ACTIVE", 3), asked.request_id)
    await anns.hears(f"NewInboundCall {CALL}", f"InboundCall ACTIVE {CALL}")


async def test_a_call_is_made_and_told(anns: Office) -> None:
    anns.send("MakeCall", "+49 89 1")
    await until(lambda: "make_call" in anns.finesse.operations())
    asked = anns.finesse.last("make_call")
    assert (asked.path, asked.value("requestedAction"), asked.value("fromAddress"), asked.value("toAddress")) == (
        f"/User/{ANN}/Dialogs",
        "MAKE_CALL",
        EXTENSION,
        "+49 89 1",
    )
    anns.finesse.becomes(ann("TALKING", 2))
    anns.finesse.call_comes(ANN, outgoing("INITIATING", to_address=""), asked.request_id)
    anns.finesse.call_changes(ANN, outgoing("INITIATED"))
    anns.finesse.call_changes(ANN, outgoing("INITIATED", other="ALERTING", state="ALERTING"))
    anns.finesse.call_changes(ANN, outgoing("ACTIVE", 4, other="ACTIVE"))
    await anns.hears(
        "State TALKING",
        *[f"InboundCall {state} {OWN_CALL}" for state in ("INITIATING", "INITIATED", "ALERTING", "ACTIVE")],
    )


FAILED = outgoing("FAILED", 3, participants=(party(EXTENSION, "FAILED", 3, cause="BAD_DESTINATION"),))


@pytest.mark.parametrize("with_id", [True, False])
async def test_a_number_that_cannot_be_called(anns: Office, *, with_id: bool) -> None:
    """InboundCall FAILED with the cause, and exactly one Error."""
    anns.send("MakeCall", "0")
    await until(lambda: "make_call" in anns.finesse.operations())
    request_id = anns.finesse.last("make_call").request_id if with_id else ""
    anns.finesse.call_comes(ANN, outgoing("INITIATING"), request_id)
    anns.finesse.call_changes(ANN, FAILED)
    anns.finesse.call_changes(ANN, FAILED)
    anns.finesse.call_goes(ANN, FAILED)
    await anns.hears(
        f"InboundCall INITIATING {OWN_CALL}",
        f"InboundCall FAILED {OWN_CALL}",
        "Error BAD_DESTINATION",
        f"InboundCall DROPPED {OWN_CALL}",
    )
    assert anns.bodies()[1] == f"1001#InboundCall#FAILED#DialogID:{OWN_CALL}#BAD_DESTINATION#Ann Lee"


async def test_a_call_that_begins_as_failed(anns: Office) -> None:
    anns.send("MakeCall", "0")
    await until(lambda: "make_call" in anns.finesse.operations())
    anns.finesse.call_comes(ANN, FAILED, anns.finesse.last("make_call").request_id)
    await anns.hears(f"InboundCall FAILED {OWN_CALL}", "Error BAD_DESTINATION")


async def test_a_busy_line_is_no_error_of_the_command(anns: Office) -> None:
    """The call was made; that it failed is told as the call's fate."""
    anns.send("MakeCall", CUSTOMER)
    await until(lambda: "make_call" in anns.finesse.operations())
    busy = outgoing("FAILED", 3, participants=(party(EXTENSION, "FAILED", 3, cause="BUSY"),))
    anns.finesse.call_comes(ANN, busy, anns.finesse.last("make_call").request_id)
    await anns.hears(f"InboundCall FAILED {OWN_CALL}")


async def test_a_call_that_somebody_else_dialled_badly_is_nobodys_error(anns: Office) -> None:
    """Dialled at the phone: there is no command that could end in an error."""
    anns.finesse.call_comes(ANN, FAILED)
    await anns.hears(f"InboundCall FAILED {OWN_CALL}")


@pytest.mark.parametrize(
    ("command", "body"), [("MakeCall", "1"), ("AnswerCall", CALL), ("ReleaseCall", CALL), ("HoldCall", CALL)]
)
async def test_who_is_not_signed_in_has_no_phone(office: Office, command: str, body: str) -> None:
    """Nothing is asked of Finesse."""
    office.connect()
    office.send(command, body)
    await office.hears("Error CF_INVALID_OBJECT_STATE")
    await office.sign_in()
    office.send("Logout")
    office.send(command, body)
    await office.hears("State LOGOUT", "Error CF_INVALID_OBJECT_STATE")
    assert not {"take_action", "make_call"} & set(office.finesse.operations())


# --- asking about a call


async def test_the_state_of_a_call_is_the_agents_own(anns: Office) -> None:
    anns.finesse.dialogs[ANN] = [incoming("HELD", state="ACTIVE")]
    anns.send("GetDialogState", CALL)
    await anns.hears("DialogState HELD")
    assert anns.bodies() == [f"1001#DialogState#HELD#{CALL}#Ann Lee"]


async def test_a_call_that_there_is_none_of(anns: Office) -> None:
    anns.send("GetDialogState", "1")
    await anns.hears("DialogState NOT_FOUND")
    assert anns.bodies() == ["1001#DialogState#NOT_FOUND#1#Ann Lee"]


async def test_a_call_that_cannot_be_asked_for(anns: Office) -> None:
    """A failure is not the same as there being none."""
    anns.finesse.script("dialog", Down(), Refused(500), Answer(status=200, body="<html/>"))
    for _ in range(3):
        anns.send("GetDialogState", "1")
    await anns.hears("Error DOWN", "Error PLEASE_RETRY", "Error PLEASE_RETRY")


# --- wrap-up and call data


@pytest.mark.parametrize(("sent", "reason"), [("9", "Sold, twice"), ("Sold, twice", "Sold, twice"), ("Else", "Else")])
async def test_a_wrap_up_reason_by_its_id_or_its_label(anns: Office, sent: str, reason: str) -> None:
    """Finesse takes the label; the last comma separates, so a label may hold some."""
    anns.finesse.wrap_up_reasons = [WrapUpReason(id="9", label="Sold, twice")]
    anns.finesse.call_comes(ANN, incoming("WRAP_UP"))
    anns.send("wrapup", f"{sent},{CALL}")
    await until(lambda: "update_call_data" in anns.finesse.operations())
    asked = anns.finesse.last("update_call_data")
    assert (asked.path, asked.value("wrapUpReason")) == (f"/Dialog/{CALL}", reason)
    anns.finesse.call_changes(ANN, incoming("WRAP_UP", wrap_up_reason=reason), asked.request_id)
    await anns.hears(f"InboundCall WRAP_UP {CALL}", f"InboundCall WRAP_UP {CALL}")


async def test_a_wrap_up_reason_counts_for_more_than_the_list(anns: Office) -> None:
    anns.finesse.script("wrap_up_reasons", Down())
    anns.send("wrapup", f"Sold,{CALL}")
    await until(lambda: "update_call_data" in anns.finesse.operations())
    assert anns.finesse.last("update_call_data").value("wrapUpReason") == "Sold"


async def test_call_variables_are_set_in_the_order_sent(anns: Office) -> None:
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.send("update_call_variable", f"{CALL},callVariable3=a,b|user.note=<&>")
    await until(lambda: "update_call_data" in anns.finesse.operations())
    asked = anns.finesse.last("update_call_data")
    assert asked.body == (
        "<Dialog><requestedAction>UPDATE_CALL_DATA</requestedAction><mediaProperties><callvariables>"
        "<CallVariable><name>callVariable3</name><value>a,b</value></CallVariable>"
        "<CallVariable><name>user.note</name><value>&lt;&amp;&gt;</value></CallVariable>"
        "</callvariables></mediaProperties></Dialog>"
    )
    changed = incoming("ACTIVE", call_variables=(("callVariable3", "a,b"),))
    anns.finesse.call_changes(ANN, changed, asked.request_id)
    await anns.hears(f"InboundCall ACTIVE {CALL}", f"InboundCall ACTIVE {CALL}")
    assert "|callVariable3=a b|" in anns.bodies()[1]


async def test_call_data_that_are_refused(anns: Office) -> None:
    """At once, and later."""

    async def refuse(asked: Asked) -> Answer:
        error = ApiError(type="Invalid Input", message="Call Variable is protected")
        anns.finesse.refuse(ANN, error, asked.request_id)
        return ACCEPTED

    anns.finesse.script("update_call_data", Refused(400, (ApiError(type="Invalid Input"),)), refuse, Refused(404))
    for _ in range(3):
        anns.send("update_call_variable", f"{CALL},callVariable1=a")
    await anns.hears("Error INVALID_CALL_DATA", "Error INVALID_CALL_DATA", "Error E_CTI_INVALID_CALL_ID")

"""The commands about states and the lists of reasons, with what each asks of Finesse and what comes of it."""

from __future__ import annotations

import pytest

from agents.fake_finesse import ACCEPTED, until
from agents.office import Office, open_office
from agents.people import ANN, CALL, LUNCH, ann, incoming
from generic_connector.finesse.failures import Down, Refused
from generic_connector.finesse.model import ApiError, ReasonCode, WrapUpReason

TEA = ReasonCode(id="27", code="28", label="Tea, coffee | cake", category="NOT_READY")
"""Its id is the code of another: the code is what clients are offered, so the code wins."""

WORDS = [
    ("MakeReady", "READY", "State READY"),
    ("MakeNotReady", "NOT_READY", "State NOT_READY"),
    ("MakeWorkReady", "READY", "State READY"),
    ("MakeWorkNotReady", "NOT_READY", "State NOT_READY"),
]


@pytest.mark.parametrize(("command", "state", "told"), WORDS)
async def test_a_state_is_asked_for_and_told(anns: Office, command: str, state: str, told: str) -> None:
    """Once, also where the agent is in that state already: it answers the command."""
    anns.send(command)
    await anns.hears(told)
    asked = anns.finesse.last("change_state")
    assert (asked.value("state"), asked.value("reasonCodeId"), asked.by) == (state, "", ANN)


@pytest.mark.parametrize(
    ("command", "pending", "state"),
    [("MakeWorkReady", "READY", "WORK_READY"), ("MakeWorkNotReady", "NOT_READY", "WORK")],
)
async def test_a_state_asked_for_during_a_call_is_pending(anns: Office, command: str, pending: str, state: str) -> None:
    anns.finesse.becomes(ann("TALKING", 2))
    await anns.hears("State TALKING")
    gate = anns.finesse.hold("change_state", ACCEPTED)
    anns.send(command)
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("TALKING", 2, pending_state=pending))
    anns.finesse.becomes(ann(state, 5))
    gate.open()
    await anns.hears("State TALKING", "State TALKING", f"State {state}")
    assert f"#{pending}#" in anns.bodies()[1]


# --- reasons


@pytest.mark.parametrize(("reason", "reason_id"), [("27", "49"), ("49", "49"), ("28", "27")])
async def test_a_reason_by_its_code_or_its_id(anns: Office, reason: str, reason_id: str) -> None:
    """Finesse wants its id, and tells the code and the label of it."""
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH, TEA]
    anns.send("MakeNotReadyWithReason", reason)
    await anns.hears("State NOT_READY")
    assert anns.finesse.last("change_state").value("reasonCodeId") == reason_id
    fields = anns.bodies()[0].split("#")
    expected = LUNCH if reason_id == "49" else TEA
    assert (fields[3], fields[10]) == (expected.code, expected.label)


async def test_a_reason_that_nobody_knows(anns: Office) -> None:
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH]
    anns.send("MakeNotReadyWithReason", "99")
    await anns.hears("Error PLEASE_RETRY")
    assert "'99'" in anns.bodies()[0]
    assert "change_state" not in anns.finesse.operations()


async def test_a_reason_of_another_category_is_not_known(anns: Office) -> None:
    anns.finesse.reason_codes["LOGOUT"] = [LUNCH]
    anns.send("MakeNotReadyWithReason", "27")
    await anns.hears("Error PLEASE_RETRY")


async def test_the_list_is_kept_for_a_while(anns: Office) -> None:
    """And asked for anew for a reason that is not in it."""
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH]
    for _ in range(2):
        anns.send("MakeNotReadyWithReason", "27")
    await anns.hears("State NOT_READY", "State NOT_READY")
    assert anns.finesse.operations().count("reason_codes") == 1
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH, TEA]
    anns.send("MakeNotReadyWithReason", "28")
    await anns.hears(*["State NOT_READY"] * 3)
    assert anns.finesse.operations().count("reason_codes") == 2


async def test_the_list_is_not_kept_for_ever() -> None:
    async with open_office(reason_codes_age=0) as office:
        await office.sign_in()
        office.finesse.reason_codes["NOT_READY"] = [LUNCH]
        for _ in range(2):
            office.send("MakeNotReadyWithReason", "27")
        await office.hears("State NOT_READY", "State NOT_READY")
        assert office.finesse.operations().count("reason_codes") == 2


async def test_the_lists_as_clients_read_them(anns: Office) -> None:
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH, TEA]
    anns.finesse.wrap_up_reasons = [WrapUpReason(id="9", label="Sold"), WrapUpReason(id="10", label="Lost, sadly")]
    for command in ("reasoncodenotready", "reasoncodelogout", "wrapupreasoncode"):
        anns.send(command)
    await anns.hears("ReasonCodes", "ReasonCodes", "ReasonCodes")
    assert anns.bodies() == [
        "1001#ReasonCodes#Category:NOT_READY#27,28#Labels:Lunch,Tea  coffee   cake#Ann Lee",
        "1001#ReasonCodes#Category:LOGOUT##Labels:#Ann Lee",
        "1001#ReasonCodes#Category:Wrap_Up#9,10#Labels:Sold,Lost  sadly#Ann Lee",
    ]


async def test_a_list_is_asked_for_whenever_a_client_asks(anns: Office) -> None:
    anns.send("reasoncodenotready")
    anns.send("reasoncodenotready")
    await anns.hears("ReasonCodes", "ReasonCodes")
    assert anns.finesse.operations().count("reason_codes") == 2


async def test_a_list_that_finesse_is_too_busy_for(anns: Office) -> None:
    anns.finesse.script("reason_codes", Refused(400, (ApiError(message="CF_RESOURCE_BUSY"),)))
    anns.send("reasoncodenotready")
    await anns.hears("Error CF_RESOURCE_BUSY")


# --- asking


async def test_the_state_is_told_whether_it_is_news_or_not(anns: Office) -> None:
    anns.send("GetState")
    anns.send("GetState")
    await anns.hears("State NOT_READY", "State NOT_READY")
    assert anns.finesse.operations()[-2:] == ["user", "user"]


async def test_refresh_tells_everything_again(anns: Office) -> None:
    anns.send("refresh")
    await anns.hears("AgentInfo", "State NOT_READY", "DialogStatus -")


async def test_refresh_tells_what_was_missed_as_well(anns: Office) -> None:
    """A state and a call that no notification told."""
    anns.finesse.users[ANN] = ann("TALKING", 5)
    anns.finesse.dialogs[ANN] = [incoming("ACTIVE")]
    anns.send("refresh")
    await until(lambda: "DialogStatus" in "".join(anns.told()))
    told = anns.told()
    assert told[-3:] == ["AgentInfo", "State TALKING", f"DialogStatus {CALL}"]
    assert f"InboundCall ACTIVE {CALL}" in told


async def test_refresh_that_fails_lets_notifications_through_again(anns: Office) -> None:
    anns.finesse.script("dialogs", Down())
    anns.send("refresh")
    await anns.hears("Error DOWN")
    anns.finesse.becomes(ann("READY", 3))
    await anns.hears("Error DOWN", "State READY")


async def test_what_is_told_during_the_reading_counts_for_more(anns: Office) -> None:
    """A notification does not wait for a slow answer, and an answer that is older does not undo it."""
    anns.finesse.users[ANN] = ann("READY", 5)
    gate = anns.finesse.hold("dialogs")
    anns.send("refresh")
    await until(lambda: gate.arrived)
    anns.finesse.becomes(ann("NOT_READY", 6))
    await until(anns.told)
    gate.open()
    await anns.hears("State NOT_READY", "AgentInfo", "State NOT_READY", "DialogStatus -")


async def test_what_was_made_before_the_reading_is_not_heard_after_it(anns: Office) -> None:
    """And what was made after it is."""
    anns.finesse.users[ANN] = ann("READY", 7)
    anns.send("refresh")
    await anns.hears("State READY", "AgentInfo", "State READY", "DialogStatus -")
    anns.forget()
    for state, second in (("TALKING", 6), ("NOT_READY", 8), ("READY", 9)):
        anns.finesse.becomes(ann(state, second))
    await anns.hears("State NOT_READY", "State READY")


# --- notifications


async def test_the_same_state_again_is_no_news(anns: Office) -> None:
    anns.finesse.becomes(ann("READY", 3))
    anns.finesse.becomes(ann("READY", 3))
    anns.finesse.becomes(ann("READY", 3, roles=()))
    await anns.hears("State READY")


async def test_a_change_of_the_pending_state_is_news(anns: Office) -> None:
    anns.finesse.becomes(ann("TALKING", 3))
    anns.finesse.becomes(ann("TALKING", 3, pending_state="NOT_READY"))
    await anns.hears("State TALKING", "State TALKING")

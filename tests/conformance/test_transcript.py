"""How what was heard is compared with what is expected."""

from __future__ import annotations

import pytest

from generic_connector.conformance.transcript import describe, fits, last_state, missing, open_calls
from generic_connector.protocol import events
from generic_connector.protocol.events import Event

DATA = events.CallData()


def call(state: str, dialog_id: str = "7", call_type: str = "") -> Event:
    return events.InboundCall(
        agent_id="1001",
        dialog_id=dialog_id,
        state=state,
        start_time="",
        from_address="",
        call_data=DATA,
        participants=(),
        call_type=call_type,
    )


def state(word: str, **more: str) -> Event:
    return events.State(agent_id="1001", state=word, **more)


@pytest.mark.parametrize(
    ("event", "described"),
    [
        (call("ACTIVE", call_type="SM"), "InboundCall ACTIVE SM"),
        (state("READY"), "State READY"),
        (state("READY", supervisor_id="1003"), "State READY of 1001"),
        (events.InboundCallFailed(agent_id="1", dialog_id="7", cause="BUSY", full_name=""), "InboundCall FAILED"),
        (events.System(status="IN_SERVICE"), "System IN_SERVICE"),
        (events.CallBack(agent_id="1", status="Updated", dialog_id="7"), "CallBack Updated"),
    ],
)
def test_what_an_event_is_called(event: Event, described: str) -> None:
    assert describe(event) == described


@pytest.mark.parametrize(
    ("expected", "event", "fitting"),
    [
        ("State", state("READY"), True),
        ("State READY", state("READY"), True),
        ("State READY", state("NOT_READY"), False),
        ("State RESERVED", state("RESERVED_OUTBOUND_PREVIEW"), True),
        ("State READY of 1001", state("READY"), False),
        ("InboundCall SM", call("ACTIVE", call_type="SM"), True),
        ("InboundCall ACTIVE OUT", call("ACTIVE", call_type="SM"), False),
        ("Inbound", call("ACTIVE"), False),
    ],
)
def test_which_event_is_the_expected_one(expected: str, event: Event, *, fitting: bool) -> None:
    assert fits(expected, event) is fitting


def test_others_may_stand_between_but_the_order_counts() -> None:
    heard = [state("HOLD"), call("HELD"), state("TALKING"), call("ACTIVE")]
    assert missing(("State HOLD", "InboundCall ACTIVE"), heard) == ()
    assert missing(("InboundCall ACTIVE", "State HOLD"), heard) == ("State HOLD",)
    assert missing(("State HOLD", "State HOLD"), heard) == ("State HOLD",)


def test_which_calls_go_on() -> None:
    assert open_calls([call("ACTIVE"), call("ACTIVE", "8"), call("DROPPED")]) == {"8"}


def test_the_last_state_is_the_agents_own() -> None:
    other = events.State(agent_id="1002", state="TALKING", supervisor_id="1001")
    assert last_state([state("READY"), other], "1001") == "READY"
    assert last_state([], "1001") == ""

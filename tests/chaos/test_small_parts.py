"""The reading of the truth, and who sits where."""

from __future__ import annotations

import pytest

from chaos.crowd import Load, seats
from chaos.transcript import Request, Told
from chaos.truth import request_of, told_of

NOTICE = {
    "time": "2026-01-02T03:04:05.678Z",
    "user": "1001",
    "subject": "dialog",
    "event": "PUT",
    "state": "INITIATED",
    "changed": "2026-01-02T03:04:05.600Z",
    "dialog": "7",
    "dialogState": "ALERTING",
    "toAddress": "70000001",
}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "ALERTING"),
        ({"state": "ACTIVE", "dialogState": "ACTIVE"}, "ACTIVE"),
        ({"state": "FAILED", "dialogState": "FAILED"}, "FAILED"),
        ({"event": "DELETE"}, "DROPPED"),
        ({"subject": "user", "state": "READY", "dialog": ""}, "READY"),
    ],
)
def test_a_notice_is_read_as_a_client_reads_it(changes: dict[str, str], state: str) -> None:
    notice = NOTICE | changes
    assert told_of(notice) == Told(
        at=1767323045.678,
        agent="1001",
        event=notice["event"],
        state=state,
        changed="2026-01-02 03:04:05",
        dialog=notice["dialog"],
        to_address="70000001",
    )


def test_requests_that_control_calls() -> None:
    """Only accepted ones, with the dialog or the number that they are about."""
    dial = {
        "method": "POST",
        "path": "/finesse/api/User/1001/Dialogs",
        "user": "1001",
        "status": 202,
        "body": "<Dialog><requestedAction>MAKE_CALL</requestedAction><toAddress>7</toAddress></Dialog>",
    }
    hold = dial | {
        "method": "PUT",
        "path": "/finesse/api/Dialog/9",
        "body": "<Dialog><requestedAction>HOLD</requestedAction></Dialog>",
    }
    assert request_of(dial) == Request(agent="1001", action="MAKE_CALL", target="7")
    assert request_of(hold) == Request(agent="1001", action="HOLD", target="9")
    assert request_of(hold | {"status": 503}) is None
    assert request_of(hold | {"body": "<User><state>READY</state></User>"}) is None


def test_who_sits_where() -> None:
    """Every agent has one destination; desktops have one agent each."""
    places = seats(Load(agents=10, servers=2, desktops=3))
    assert places == {
        "CRM1": ["1001", "1003", "1005", "1007"],
        "CRM2": ["1002", "1004", "1006"],
        "DESK1008": ["1008"],
        "DESK1009": ["1009"],
        "DESK1010": ["1010"],
    }

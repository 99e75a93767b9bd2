"""Which request a notification is the result of (finesse-notifications.md sections 8 and 10)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.people import CALL, EXTENSION, ann, incoming, outgoing
from generic_connector.agents.pending import (
    Expectation,
    Pending,
    PendingRequests,
    call_from,
    dialog_moves,
    state_becomes,
)
from generic_connector.finesse.model import (
    ApiError,
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    NotificationContent,
    RequestRefused,
    SystemInfo,
    SystemInfoChanged,
    UserChanged,
    UserRemoved,
)

USER, DIALOG = "/finesse/api/User/1001", f"/finesse/api/Dialog/{CALL}"
READY = UserChanged(user=ann("READY"))
MOVED = DialogChanged(dialog=incoming("ACTIVE"))
REFUSED = RequestRefused(errors=(ApiError(type="Invalid State"),))

EXPECTATIONS: list[tuple[Expectation, NotificationContent, bool]] = [
    (state_becomes("READY"), READY, True),
    (state_becomes("NOT_READY", "WORK"), UserChanged(user=ann("WORK")), True),
    (state_becomes("READY"), UserChanged(user=ann("TALKING", pending_state="READY")), True),
    (state_becomes("READY"), UserChanged(user=ann("NOT_READY")), False),
    (state_becomes("READY"), UserRemoved(), False),
    (state_becomes("READY"), MOVED, False),
    (dialog_moves(CALL), MOVED, True),
    (dialog_moves(CALL), DialogsAdded(dialogs=(outgoing("ACTIVE"), incoming("ALERTING"))), True),
    (dialog_moves(CALL), DialogsRemoved(dialogs=(incoming("DROPPED"),)), True),
    (dialog_moves(CALL), DialogChanged(dialog=outgoing("ACTIVE")), False),
    (dialog_moves(CALL), DialogsRemoved(dialogs=()), False),
    (dialog_moves(CALL), READY, False),
    (call_from(EXTENSION), DialogsAdded(dialogs=(incoming("ALERTING"), outgoing("INITIATING"))), True),
    (call_from(EXTENSION), DialogsAdded(dialogs=(incoming("ALERTING"),)), False),
    (call_from(EXTENSION), DialogChanged(dialog=outgoing("INITIATED")), False),
    (call_from(EXTENSION), SystemInfoChanged(system_info=SystemInfo()), False),
]


@pytest.mark.parametrize(("expectation", "content", "met"), EXPECTATIONS)
def test_what_meets_an_expectation(expectation: Expectation, content: NotificationContent, met: bool) -> None:  # noqa: FBT001 - a table
    assert expectation(content) is met


def waiting(*pending: Pending[str]) -> PendingRequests[str]:
    requests: PendingRequests[str] = PendingRequests()
    for one in pending:
        requests.add(one)
    return requests


def ready(owner: str = "ready") -> Pending[str]:
    return Pending(owner, "change_state", USER, state_becomes("READY"), owner)


def hold(owner: str = "hold") -> Pending[str]:
    return Pending(owner, "take_action", DIALOG, dialog_moves(CALL), owner)


def heard(content: NotificationContent, request_id: str = "", source: str = "") -> Notification:
    return Notification(source=source, request_id=request_id, content=content)


RESOLVED: list[tuple[str, Sequence[Pending[str]], list[Notification], list[str | None]]] = [
    ("by its id", [ready(), hold()], [heard(MOVED, "hold"), heard(READY, "ready")], ["hold", "ready"]),
    ("by its id, whatever it says", [ready()], [heard(MOVED, "ready")], ["ready"]),
    ("by its id, again", [hold()], [heard(MOVED, "hold"), heard(MOVED, "hold")], ["hold", "hold"]),
    ("a stranger's id", [ready()], [heard(READY, "desktop")], [None]),
    ("by what was expected", [ready(), hold()], [heard(MOVED), heard(READY)], ["hold", "ready"]),
    ("the oldest first", [hold("a"), hold("b")], [heard(MOVED), heard(MOVED), heard(MOVED)], ["a", "b", None]),
    ("nothing expected", [ready()], [heard(MOVED)], [None]),
    ("refused by its id", [ready(), hold()], [heard(REFUSED, "hold")], ["hold"]),
    ("refused after something else moved it", [hold()], [heard(MOVED), heard(REFUSED, "hold")], ["hold", "hold"]),
    ("refused by the only one's source", [ready(), hold()], [heard(REFUSED, source=DIALOG)], ["hold"]),
    ("refused, but which?", [hold("a"), hold("b")], [heard(REFUSED, source=DIALOG)], [None]),
    ("refused elsewhere", [ready(), hold()], [heard(REFUSED, source="/finesse/api/Dialog/1")], [None]),
]


@pytest.mark.parametrize(
    ("pending", "notifications", "owners"), [case[1:] for case in RESOLVED], ids=[case[0] for case in RESOLVED]
)
def test_whose_result_a_notification_is(
    pending: Sequence[Pending[str]], notifications: list[Notification], owners: list[str | None]
) -> None:
    for one in pending:
        one.seen = one.named = False
    requests = waiting(*pending)
    found = [requests.resolve(notification) for notification in notifications]
    assert [one.pending.owner if one is not None else None for one in found] == owners


def test_only_the_first_that_names_a_request_is_its_answer() -> None:
    """What is told in any case is told once, however often Finesse repeats itself."""
    requests = waiting(hold())
    found = [requests.resolve(heard(MOVED, "hold")) for _ in range(2)]
    assert [one is not None and one.is_answer for one in found] == [True, False]


def test_a_refusal_may_follow_what_named_the_request() -> None:
    """And then the request is done with."""
    requests = waiting(hold())
    found = [requests.resolve(heard(content, "hold")) for content in (MOVED, REFUSED, REFUSED)]
    assert [one is not None for one in found] == [True, True, False]


def test_time_is_up_only_for_what_was_not_seen() -> None:
    requests = waiting(ready(), hold())
    requests.resolve(heard(READY))
    assert [requests.discard(name) for name in ("ready", "hold", "hold", "nobody")] == [False, True, False, False]
    assert len(requests) == 0

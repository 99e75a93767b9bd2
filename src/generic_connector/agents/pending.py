"""Requests that Finesse accepted and whose result is still to be seen: pure, no waiting.

A request answered with 202 ends later, in a notification or in an asynchronous error. The notification carries our
requestId when it is the direct effect, but side effects carry none and Finesse promises only its best effort
(finesse-rest.md section 1), so a result is recognised by what was expected as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from generic_connector.finesse.model import (
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    NotificationContent,
    RequestRefused,
    UserChanged,
)

Expectation = Callable[[NotificationContent], bool]
"""Says whether a notification shows the result of a request, its requestId aside."""

Owner = TypeVar("Owner")


def anything(_content: NotificationContent) -> bool:
    """Take everything for news."""
    return True


@dataclass(slots=True, eq=False)
class Pending(Generic[Owner]):
    """One request whose result is still to be seen.

    operation: the row of finesse.requests. source: the uri that an asynchronous error of it would name. named: a
    notification carried its requestId. seen: something happened that looks like the result. moved: what it is about was
    heard of, though nothing was new. In each case it is kept until its time is up, because a refusal that names the
    request may still follow.
    """

    request_id: str
    operation: str
    source: str
    expectation: Expectation
    owner: Owner
    named: bool = False
    seen: bool = False
    moved: bool = False

    @property
    def is_unseen(self) -> bool:
        """Whether nothing was heard yet that may be the result."""
        return not (self.seen or self.named)


@dataclass(frozen=True, slots=True)
class Resolved(Generic[Owner]):
    """A request and what a notification is to it. is_answer: the first that names the request, told in any case."""

    pending: Pending[Owner]
    is_answer: bool


class PendingRequests(Generic[Owner]):
    """The requests of one agent whose results are still to be seen, oldest first."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending[Owner]] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def unseen(self) -> list[Owner]:
        """Give the owners of those whose result is still to be seen. Who expects a refusal only is not among them."""
        return [one.owner for one in self._pending.values() if one.is_unseen and one.expectation is not never]

    def add(self, pending: Pending[Owner]) -> None:
        """Expect a result. Done before the request is sent: the notification may overtake the answer."""
        self._pending[pending.request_id] = pending

    def discard(self, request_id: str) -> bool:
        """Expect it no more; say whether its result was still to be seen."""
        pending = self._pending.pop(request_id, None)
        return pending is not None and pending.is_unseen

    def is_expected(self, content: NotificationContent) -> bool:
        """Say whether this would be the result of a request."""
        return any(pending.expectation(content) for pending in self._pending.values() if not pending.seen)

    def has_moved(self, request_id: str) -> bool:
        """Say whether what the request is about was heard of, though nothing was new."""
        return request_id in self._pending and self._pending[request_id].moved

    def give_up(self) -> list[Owner]:
        """Expect nothing any more; give the owners."""
        owners = [pending.owner for pending in self._pending.values()]
        self._pending.clear()
        return owners

    def resolve(self, notification: Notification, *, news: Expectation = anything) -> Resolved[Owner] | None:
        """Find the request that this notification is about; None when it is nobody's.

        news: says whether it tells anything new; what does not is a result only if it names the request. It is asked
        only where that decides, because to know means to render the event. Several notifications may carry the same
        requestId, and a refusal may follow the first of them, so a request is kept until it is refused or its time is
        up.
        """
        content = notification.content
        refused = isinstance(content, RequestRefused)
        if not notification.request_id:
            return self._refused_without_id(notification.source) if refused else self._recognised(content, news)
        pending = self._pending.get(notification.request_id)
        if pending is None:
            return None
        first, pending.named = not pending.named, True
        if refused:
            del self._pending[pending.request_id]
        elif pending.expectation(content):
            pending.seen = True
        return Resolved(pending, is_answer=first and not refused)

    def _recognised(self, content: NotificationContent, news: Expectation) -> Resolved[Owner] | None:
        for pending in self._pending.values():
            if not pending.seen and pending.expectation(content):
                pending.seen, pending.moved = news(content), True
                return Resolved(pending, is_answer=False) if pending.seen else None
        return None

    def _refused_without_id(self, source: str) -> Resolved[Owner] | None:
        same = [pending for pending in self._pending.values() if pending.source == source]
        candidates = [pending for pending in same if pending.is_unseen] or same
        if len(candidates) != 1:
            return None
        return Resolved(self._pending.pop(candidates[0].request_id), is_answer=False)


def state_becomes(*states: str) -> Expectation:
    """Expect the user to be in, or to have asked for, one of these states."""

    def expectation(content: NotificationContent) -> bool:
        if not isinstance(content, UserChanged):
            return False
        return content.user.state in states or content.user.pending_state in states

    return expectation


def any_state(content: NotificationContent) -> bool:
    """Expect the user to have changed."""
    return isinstance(content, UserChanged)


def dialog_moves(dialog_id: str) -> Expectation:
    """Expect anything to happen to a dialog."""

    def expectation(content: NotificationContent) -> bool:
        match content:
            case DialogsAdded(dialogs=dialogs) | DialogsRemoved(dialogs=dialogs):
                return any(dialog.id == dialog_id for dialog in dialogs)
            case DialogChanged(dialog=dialog):
                return dialog.id == dialog_id
            case _:
                return False

    return expectation


def call_from(extension: str) -> Expectation:
    """Expect a new call that this extension started."""

    def expectation(content: NotificationContent) -> bool:
        return isinstance(content, DialogsAdded) and any(one.from_address == extension for one in content.dialogs)

    return expectation


def never(_content: NotificationContent) -> bool:
    """Expect nothing but a refusal."""
    return False

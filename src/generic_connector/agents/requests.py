"""The requests of one agent: sent, and watched until their results are seen.

A request that Finesse accepts (202) ends in a notification, in a refusal that comes as a notification, or, when both
stay away for too long, in the owner's looking for itself.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from generic_connector.agents.pending import Expectation, Pending, PendingRequests, anything
from generic_connector.agents.settings import AgentSettings
from generic_connector.agents.turn import Turn
from generic_connector.errors import CommandError
from generic_connector.finesse import requests
from generic_connector.finesse.door import Answer, Finesse
from generic_connector.finesse.failures import FinesseError, OutOfService, command_error
from generic_connector.finesse.model import Credentials, Notification, NotificationContent, RequestRefused

Finish = Callable[[], Awaitable[None]]
"""Looks for the result of a request itself, and ends the command."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What shows the result of a request, the uri that a refusal of it would name, and what to do if neither comes."""

    expectation: Expectation
    source: str
    finish: Finish


@dataclass(frozen=True, slots=True)
class Result:
    """The command that a notification is about. is_answer: it is told in any case, even when it brings no news."""

    turn: Turn
    is_answer: bool


class Requests:
    """The requests of one agent. overdue: hears of a request that was accepted and has shown no result."""

    def __init__(self, finesse: Finesse, settings: AgentSettings, *, overdue: Callable[[Turn, Finish], None]) -> None:
        self._finesse = finesse
        self._result_timeout = settings.result_timeout
        self._overdue = overdue
        self._pending: PendingRequests[Turn] = PendingRequests()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        prefix = uuid.uuid4().hex[:12]
        self._ids = (f"{prefix}-{number}" for number in itertools.count(1))

    @property
    def awaits_results(self) -> bool:
        """Whether a command is still to end by what Finesse will tell."""
        return any(not turn.ended for turn in self._pending.unseen())

    async def ask(
        self,
        operation: str,
        rights: Credentials | None,
        request_id: str = "",
        *,
        background: bool = False,
        **values: Any,
    ) -> Answer:
        """Make one request. Raises CommandError, or OutOfService, which is not one."""
        try:
            request = replace(requests.build(operation, **values), background=background)
            return await self._finesse.request(request, rights, request_id)
        except OutOfService:
            raise
        except FinesseError as failure:
            raise command_error(failure, operation) from failure
        except ValueError as failure:  # a value that no request can carry
            raise CommandError("PLEASE_RETRY", str(failure)) from failure

    async def act(
        self,
        turn: Turn,
        operation: str,
        expected: Expected,
        rights: Credentials | None,
        **values: Any,
    ) -> None:
        """Make a request whose result comes later; return when Finesse accepted it. Raises as ask() does."""
        request_id = next(self._ids)
        # Expected before it is sent: the notification may overtake the answer (finesse-notifications.md section 10).
        self._pending.add(Pending(request_id, operation, expected.source, expected.expectation, turn))
        try:
            await self.ask(operation, rights, request_id, **values)
        except BaseException:
            self._pending.discard(request_id)
            raise
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._result_timeout, self._time_is_up, request_id, turn, expected.finish)
        self._timers[request_id] = timer

    def settle(self, notification: Notification, *, news: Expectation = anything) -> Result | None:
        """Find the command that this notification is about; a refusal ends it. news: as resolve's."""
        resolved = self._pending.resolve(notification, news=news)
        if resolved is None:
            return None
        turn, pending = resolved.pending.owner, resolved.pending
        if isinstance(notification.content, RequestRefused):
            turn.refused(command_error(notification.content.errors, pending.operation))
            return None
        if pending.expectation(notification.content):
            turn.succeeded()
        return None if turn.ended else Result(turn, is_answer=resolved.is_answer)

    def give_up(self) -> list[Turn]:
        """Wait for no result any more; give the commands that have not ended, oldest first."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        return [turn for turn in self._pending.give_up() if not (turn.ended or turn.answered or turn.is_waiting)]

    def is_expected(self, content: NotificationContent) -> bool:
        """Say whether somebody asked for this and has not seen it yet."""
        return self._pending.is_expected(content)

    def recognise(self, content: NotificationContent) -> Turn | None:
        """Find the command whose result this shows, which was asked for and not heard."""
        result = self.settle(Notification(source="", request_id="", content=content))
        return result.turn if result is not None else None

    def _time_is_up(self, request_id: str, turn: Turn, finish: Finish) -> None:
        self._timers.pop(request_id, None)
        turn.moved = self._pending.has_moved(request_id)
        unseen = self._pending.discard(request_id)
        untold = not turn.answered and not turn.is_waiting  # what named it was older than what was known already
        if (unseen or untold) and not turn.ended:
            self._overdue(turn, finish)

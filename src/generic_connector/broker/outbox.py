"""Events that wait for a broker to come back. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from generic_connector.broker.door import EventMessage


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event, and when it is no longer worth sending (ms since 1970; None: always worth it)."""

    event: EventMessage
    expires_ms: int | None


class Outbox:
    """A queue with a bound: what comes in beyond it pushes the oldest out."""

    def __init__(self, bound: int) -> None:
        self._bound = max(bound, 1)
        self._waiting: deque[WaitingEvent] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, waiting: WaitingEvent) -> WaitingEvent | None:
        """Add at the end. Gives the event that had to go for it, if one had."""
        dropped = self._waiting.popleft() if len(self._waiting) >= self._bound else None
        self._waiting.append(waiting)
        return dropped

    def take(self) -> WaitingEvent:
        """Take the oldest. Raises IndexError when there is none."""
        return self._waiting.popleft()

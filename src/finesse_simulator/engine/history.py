"""What became of the calls of each queue today, for statistics: who came, who was served, who gave up.

Source: finesse-rest.md section 11.2 (the columns of RtCSQsSummary). The day begins at midnight UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from finesse_simulator.engine.model import Call


@dataclass(slots=True)
class Day:
    """The numbers of one queue since midnight; durations are seconds."""

    total: int = 0
    handled: int = 0
    abandoned: int = 0
    dequeued: int = 0
    talk: float = 0.0
    talks: int = 0
    longest_talk: float = 0.0
    wait: float = 0.0
    longest_wait: float = 0.0


@dataclass(slots=True)
class _Visit:
    """A call that came to a queue and is not over."""

    queue: str
    entered: datetime
    answered: datetime | None = None


@dataclass(slots=True)
class History:
    """The book of the queues. moment: gives the present; changed: called when a number may have changed."""

    moment: Callable[[], datetime]
    changed: Callable[[], None] = lambda: None
    _visits: dict[int, _Visit] = field(default_factory=dict)
    _days: dict[str, Day] = field(default_factory=dict)
    _date: date | None = None

    def entered(self, call: Call) -> None:
        """Count a call into its queue; when it was in another one, it has left that."""
        if call.queue is None:
            return
        before = self._visits.pop(call.id, None)
        if before is not None and before.answered is None:
            self._of(before.queue).dequeued += 1
        self._visits[call.id] = _Visit(call.queue.id, self.moment())
        self._of(call.queue.id).total += 1
        self.changed()

    def answered(self, call: Call) -> None:
        """Count a call as served, once."""
        visit = self._visits.get(call.id)
        if visit is None or visit.answered is not None:
            return
        visit.answered = self.moment()
        day, waited = self._of(visit.queue), (visit.answered - visit.entered).total_seconds()
        day.handled += 1
        day.wait += waited
        day.longest_wait = max(day.longest_wait, waited)
        self.changed()

    def over(self, call: Call) -> None:
        """Close the book on a call: nobody served it, or the talk had its length."""
        visit = self._visits.pop(call.id, None)
        if visit is None:
            return
        day = self._of(visit.queue)
        if visit.answered is None:
            day.abandoned += 1
        else:
            outside = (party.changed for party in call.parties if not party.device)
            talked = (next(outside, self.moment()) - visit.answered).total_seconds()
            day.talk += talked
            day.talks += 1
            day.longest_talk = max(day.longest_talk, talked)
        self.changed()

    def entry(self, call: Call) -> datetime:
        """Give the time at which a call came to its queue."""
        visit = self._visits.get(call.id)
        return visit.entered if visit else self.moment()

    def day(self, queue_id: str) -> Day:
        """Give a copy of a queue's numbers of today."""
        return replace(self._of(queue_id))

    def _of(self, queue_id: str) -> Day:
        today = self.moment().date()
        if today != self._date:
            self._date = today
            self._days.clear()
        return self._days.setdefault(queue_id, Day())

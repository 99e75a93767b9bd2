"""Messages of supervisors to teams, each with its time to live.

Source: finesse-rest.md section 10.2. Not documented, hence ours: twenty active messages per creator, and what goes out
on a team's node: POST with the message when it comes, DELETE when it is taken back or its time is over.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine.clock import Timer
from finesse_simulator.engine.summaries import MessageView
from finesse_simulator.engine.world import Notice, World
from finesse_simulator.vocabulary import Event

LIMIT = 20


@dataclass(frozen=True, slots=True)
class Creator:
    """Who sends a message."""

    id: str
    first_name: str = ""
    last_name: str = ""


class Messages:
    """The messages that stand. publish: called with each notice."""

    def __init__(self, world: World, publish: Callable[[Notice], None]) -> None:
        self._world = world
        self._publish = publish
        self._standing: dict[str, tuple[MessageView, Timer]] = {}

    def create(
        self, creator: Creator, content: str, duration: int, teams: tuple[str, ...], request_id: str = ""
    ) -> MessageView:
        """Let a message stand for so many seconds and tell the teams."""
        if len(self.by(creator.id)) >= LIMIT:
            raise api_errors.TOO_MANY_MESSAGES
        clock = self._world.clock
        view = MessageView(
            id=str(uuid.uuid4()),
            creator_id=creator.id,
            creator_first_name=creator.first_name,
            creator_last_name=creator.last_name,
            created=int(clock.moment().timestamp()),
            duration=duration,
            content=content,
            teams=teams,
        )
        self._standing[view.id] = (view, clock.after(duration, lambda: self.delete(view.id)))
        self._tell(view, Event.POST, request_id)
        return view

    def delete(self, message_id: str, request_id: str = "") -> None:
        """Take a message back."""
        view, timer = self._standing.pop(message_id)
        timer.cancel()
        self._tell(view, Event.DELETE, request_id)

    def find(self, message_id: str) -> MessageView | None:
        """Find a standing message."""
        found = self._standing.get(message_id)
        return found[0] if found else None

    def to(self, team: str) -> list[MessageView]:
        """Give the messages that stand for a team."""
        return [view for view, _ in self._standing.values() if team in view.teams]

    def by(self, creator_id: str) -> list[MessageView]:
        """Give the standing messages of a creator."""
        return [view for view, _ in self._standing.values() if view.creator_id == creator_id]

    def _tell(self, view: MessageView, event: Event, request_id: str) -> None:
        if not self._world.in_service:
            return
        source = f"/finesse/api/TeamMessage/{view.id}"
        for team in view.teams:
            self._publish(Notice("", f"/finesse/api/Team/{team}/TeamMessages", event, source, request_id, view))

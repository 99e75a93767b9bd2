"""What goes out beside users and dialogs: members of teams, queues, and messages to teams.

Sources: finesse-rest.md sections 10 and 11; finesse-notifications.md section 8.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from finesse_simulator.engine.views import UserView


@dataclass(frozen=True, slots=True)
class MemberView:
    """A user as its team sees it. media_state: BUSY or IDLE on UCCX, None elsewhere."""

    user: UserView
    media_state: str | None = None

    def __str__(self) -> str:
        return f"{self.user.id} {self.user}" + (f" {self.media_state}" if self.media_state else "")


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """The live numbers of a queue; -1 each, and no time, where nobody is assigned to it."""

    calls_in_queue: int = -1
    start_of_longest: datetime | None = None
    ready: int = -1
    not_ready: int = -1
    busy_other: int = -1
    logged_on: int = -1
    talking_inbound: int = -1
    talking_outbound: int = -1
    talking_internal: int = -1
    wrap_up_not_ready: int = -1
    wrap_up_ready: int = -1

    def __str__(self) -> str:
        talking = f"{self.talking_inbound}/{self.talking_outbound}/{self.talking_internal}"
        wrap_up = f"{self.wrap_up_not_ready}/{self.wrap_up_ready}"
        return (
            f"waiting {self.calls_in_queue} on {self.logged_on} ready {self.ready} not {self.not_ready} "
            f"other {self.busy_other} talking {talking} work {wrap_up}"
        )


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue; statistics None for one that is gone."""

    id: str
    name: str
    statistics: QueueStatistics | None = None

    def __str__(self) -> str:
        return f"{self.id} {self.statistics or 'gone'}"


@dataclass(frozen=True, slots=True)
class QueuesView:
    """The queues that a user got or lost."""

    queues: tuple[QueueView, ...]

    def __str__(self) -> str:
        return " ".join(queue.id for queue in self.queues)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message of a supervisor to teams. created: seconds since 1970; duration: seconds that it stands."""

    id: str
    creator_id: str
    creator_first_name: str
    creator_last_name: str
    created: int
    duration: int
    content: str
    teams: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.content!r} to {', '.join(self.teams)}"


Summary = MemberView | QueueView | QueuesView | MessageView

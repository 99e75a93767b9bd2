"""What can befall one server of the pretend Finesse, and what is left of it then.

Source: finesse-notifications.md sections 5 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ServerState(StrEnum):
    """What befell a server."""

    UP = "up"
    KILLED = "killed"
    FROZEN = "frozen"
    REST_DOWN = "rest_down"
    NOTIFICATIONS_DOWN = "notifications_down"
    OUT_OF_SERVICE = "out_of_service"
    WEB_APPLICATION_DOWN = "web_application_down"


class DoorState(StrEnum):
    """What a door does: answer, refuse every connection, or keep them all and say nothing."""

    OPEN = "open"
    SHUT = "shut"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Condition:
    """What is left of a server. web_application: whether Finesse itself runs, the user finesse@domain is present."""

    rest: DoorState = DoorState.OPEN
    notifications: DoorState = DoorState.OPEN
    in_service: bool = True
    web_application: bool = True

    @property
    def tells(self) -> bool:
        """Whether notifications go out."""
        return self.notifications is DoorState.OPEN and self.in_service and self.web_application


CONDITIONS: dict[ServerState, Condition] = {
    ServerState.UP: Condition(),
    ServerState.KILLED: Condition(rest=DoorState.SHUT, notifications=DoorState.SHUT),
    ServerState.FROZEN: Condition(rest=DoorState.SILENT, notifications=DoorState.SILENT),
    ServerState.REST_DOWN: Condition(rest=DoorState.SHUT),
    ServerState.NOTIFICATIONS_DOWN: Condition(notifications=DoorState.SHUT),
    ServerState.OUT_OF_SERVICE: Condition(in_service=False),
    ServerState.WEB_APPLICATION_DOWN: Condition(rest=DoorState.SHUT, web_application=False),
}
"""What each state leaves of a server."""


def server_state(word: str) -> ServerState:
    """Read a state; ValueError names those there are."""
    try:
        return ServerState(word)
    except ValueError:
        raise ValueError(f"{word!r} is no state of a server: {', '.join(ServerState)}") from None

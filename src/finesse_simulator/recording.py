"""A notification server without sockets that keeps what it was given: for tests of whatever stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from finesse_simulator.notifying import Directory


@dataclass(frozen=True, slots=True)
class Published:
    """One published Update."""

    node: str
    user_ids: tuple[str, ...]
    payload: str


@dataclass(slots=True)
class RecordingServer:
    """A NotificationServer that delivers to a list, whether or not somebody listens."""

    published: list[Published] = field(default_factory=list)
    disconnected: list[str | None] = field(default_factory=list)
    web_application_available: bool = True
    deeds: list[str] = field(default_factory=list)
    directory: Directory | None = None

    async def start(self, directory: Directory) -> None:
        """Keep whom to ask."""
        self.directory = directory

    async def stop(self) -> None:
        """Forget whom to ask."""
        self.directory = None

    async def crash(self) -> None:
        """Keep that it crashed."""
        self.deeds.append("crash")

    async def suspend(self) -> None:
        """Keep that it was suspended."""
        self.deeds.append("suspend")

    async def resume(self) -> None:
        """Keep that it went on."""
        self.deeds.append("resume")

    def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
        """Keep the Update."""
        self.published.append(Published(node, user_ids, payload))

    def disconnect(self, user_id: str | None = None) -> None:
        """Keep whom to cut off; None is everybody."""
        self.disconnected.append(user_id)

    def set_web_application_available(self, *, available: bool) -> None:
        """Keep the presence of the web application."""
        self.web_application_available = available

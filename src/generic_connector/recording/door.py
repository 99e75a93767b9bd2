"""The door to a site's call recorder: what the agents need of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from generic_connector.errors import ConnectorError


class RecorderUnavailable(ConnectorError):  # noqa: N818  the name says what happened
    """The recorder did not do it. reason is for logs and people and holds no secret."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCall:
    """Whose recording is meant. dialog_id is "" while the agent has no call."""

    agent_id: str
    login_name: str
    extension: str
    dialog_id: str


class Recorder(Protocol):
    """A call recorder. Both methods raise RecorderUnavailable and nothing else."""

    async def pause(self, call: RecordedCall) -> None:
        """Stop recording for now, while something is said that must not be kept."""

    async def resume(self, call: RecordedCall) -> None:
        """Go on recording."""


class NoRecorder:
    """What stands at the door where no recorder is configured."""

    async def pause(self, call: RecordedCall) -> None:
        """Say that there is none."""
        raise RecorderUnavailable(f"No recorder is configured for agent {call.agent_id}")

    async def resume(self, call: RecordedCall) -> None:
        """Say that there is none."""
        await self.pause(call)

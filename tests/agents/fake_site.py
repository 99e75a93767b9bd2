"""What a site has beside Finesse: databases and a recorder, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from generic_connector.recording.door import RecordedCall, RecorderUnavailable
from generic_connector.statistics.door import StatisticsNotConfigured
from generic_connector.statistics.model import QueueSummary, SkillGroup, Supervisor


@dataclass
class FakeSite:
    """Statistics and Recorder in one; what is None is not there."""

    queues: Sequence[QueueSummary] | None = None
    groups: Sequence[SkillGroup] | None = None
    people: Sequence[Supervisor] | None = None
    has_recorder: bool = True
    recorded: list[tuple[str, RecordedCall]] = field(default_factory=list)

    async def queue_summaries(self) -> Sequence[QueueSummary]:
        if self.queues is None:
            raise StatisticsNotConfigured("statistics")
        return self.queues

    async def skill_groups(self) -> Sequence[SkillGroup]:
        if self.groups is None:
            raise StatisticsNotConfigured("configuration_database")
        return self.groups

    async def supervisors(self) -> Sequence[Supervisor]:
        if self.people is None:
            raise StatisticsNotConfigured("configuration_database")
        return self.people

    async def pause(self, call: RecordedCall) -> None:
        self._record("pause", call)

    async def resume(self, call: RecordedCall) -> None:
        self._record("resume", call)

    def _record(self, word: str, call: RecordedCall) -> None:
        if not self.has_recorder:
            raise RecorderUnavailable("it answered with status 500")
        self.recorded.append((word, call))

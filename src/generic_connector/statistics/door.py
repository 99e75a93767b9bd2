"""The door to a site's databases: what the agents need of them.

Every failure is a StatisticsUnavailable: the question cannot be answered now. A StatisticsNotConfigured is one of a
special kind: it will not be answered later either, for no database is set for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from generic_connector.errors import ConnectorError
from generic_connector.statistics.model import QueueSummary, SkillGroup, Supervisor


class StatisticsUnavailable(ConnectorError):  # noqa: N818  the name says what happened
    """A database gave no usable answer. reason is for logs and people and holds no secret."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class StatisticsNotConfigured(StatisticsUnavailable):
    """The settings name no database for this. section: the section of the settings that would."""

    def __init__(self, section: str) -> None:
        self.section = section
        super().__init__(f"{section}.url is not set")


class Statistics(Protocol):
    """A site's databases. Every method raises StatisticsUnavailable and nothing else, within the configured times."""

    async def queue_summaries(self) -> Sequence[QueueSummary]:
        """Give UCCX's queues, ordered by name."""

    async def skill_groups(self) -> Sequence[SkillGroup]:
        """Give UCCE's skill groups, ordered by name."""

    async def supervisors(self) -> Sequence[Supervisor]:
        """Give UCCE's supervisors, ordered by login name."""

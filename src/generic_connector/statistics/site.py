"""A site's databases behind the door: which question goes to which, and for how long its answer is good."""

from __future__ import annotations

from typing import TypeVar

from generic_connector.statistics.database import Database
from generic_connector.statistics.door import StatisticsNotConfigured
from generic_connector.statistics.kept import Kept
from generic_connector.statistics.model import QueueSummary, SkillGroup, Supervisor
from generic_connector.statistics.queries import QUEUES, SKILL_GROUPS, SUPERVISORS, Shape
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings

T = TypeVar("T")

REAL_TIME = "statistics"
CONFIGURATION = "configuration_database"


class SiteDatabases:
    """The door's Statistics on real databases. Make and use it inside one event loop; close it at the end.

    Nothing is connected before the first question. Raises UserError when a driver is not there.
    """

    def __init__(self, settings: StatisticsSettings) -> None:
        self._real_time = _database(REAL_TIME, settings.real_time)
        self._configuration = _database(CONFIGURATION, settings.configuration)
        keep = settings.configuration.keep
        self._queues = Kept(
            lambda: _ask(REAL_TIME, self._real_time, settings.queue_query, QUEUES), settings.real_time.keep
        )
        self._skill_groups = Kept(
            lambda: _ask(CONFIGURATION, self._configuration, settings.skill_group_query, SKILL_GROUPS), keep
        )
        self._supervisors = Kept(
            lambda: _ask(CONFIGURATION, self._configuration, settings.supervisor_query, SUPERVISORS), keep
        )

    async def queue_summaries(self) -> tuple[QueueSummary, ...]:
        """Give UCCX's queues, ordered by name. Raises StatisticsUnavailable."""
        return await self._queues.get()

    async def skill_groups(self) -> tuple[SkillGroup, ...]:
        """Give UCCE's skill groups, ordered by name. Raises StatisticsUnavailable."""
        return await self._skill_groups.get()

    async def supervisors(self) -> tuple[Supervisor, ...]:
        """Give UCCE's supervisors, ordered by login name. Raises StatisticsUnavailable."""
        return await self._supervisors.get()

    async def close(self) -> None:
        """Stop asking, close the connections."""
        for question in (self._queues, self._skill_groups, self._supervisors):
            question.close()
        for database in (self._real_time, self._configuration):
            if database is not None:
                await database.close()


def _database(name: str, settings: DatabaseSettings) -> Database | None:
    return Database(name, settings) if settings.url else None


async def _ask(name: str, database: Database | None, query: str, shape: Shape[T]) -> tuple[T, ...]:
    if database is None:
        raise StatisticsNotConfigured(name)
    return await database.read(query, shape)

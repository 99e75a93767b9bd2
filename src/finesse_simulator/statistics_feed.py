"""Keeps a site's database up to date with the engine: UCCX's real-time tables, UCCE's configuration tables.

Source: finesse-rest.md section 11.2. The database works in a thread; the engine is read in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from sqlalchemy.exc import SQLAlchemyError

from finesse_simulator.databases import (
    AgentEntry,
    ConfigurationTables,
    QueueFigures,
    RealTimeTables,
    SkillGroupEntry,
    TeamEntry,
)
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.statistics import ServiceSummary, service_summary
from finesse_simulator.pacemaker import Pacemaker
from finesse_simulator.scenario import Agent, Scenario

_log = logging.getLogger(__name__)

_SHORTEST = 0.1  # real seconds between two updates, whatever the pace


class StatisticsFeed:
    """Fills the database of a scenario from start to stop."""

    def __init__(self, engine: Engine, pacemaker: Pacemaker) -> None:
        self._engine = engine
        self._pacemaker = pacemaker
        self._tables: RealTimeTables | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make and fill the tables; OSError when the database refuses."""
        try:
            await self._create()
        except SQLAlchemyError as error:
            raise OSError(f"statistics database: {error}") from error
        if self._tables is not None:
            self._task = asyncio.create_task(self._keep_writing(), name="statistics database")

    async def stop(self) -> None:
        """Stop writing and close the connections."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        tables, self._tables = self._tables, None
        if tables is not None:
            await asyncio.to_thread(tables.close)

    async def write(self) -> None:
        """Write the numbers of this moment; nothing happens on UCCE, whose statistics Finesse itself gives."""
        if self._tables is not None:
            await asyncio.to_thread(self._tables.update, self._pacemaker.do(self._figures))

    async def _create(self) -> None:
        scenario = self._engine.scenario
        url = scenario.statistics_database.url
        if scenario.uccx:
            self._tables = RealTimeTables(url, self._engine.world.clock.moment)
            await asyncio.to_thread(self._tables.create)
            await self.write()
        else:
            await asyncio.to_thread(_fill_configuration, url, scenario)

    async def _keep_writing(self) -> None:
        every = self._engine.scenario.statistics_database.refresh_seconds
        while True:
            await asyncio.sleep(max(_SHORTEST, self._pacemaker.real_seconds(every)))
            try:
                await self.write()
            except SQLAlchemyError as error:
                _log.warning("statistics database: %s", error)

    def _figures(self) -> list[QueueFigures]:
        world = self._engine.world
        return [figures(service_summary(world, queue)) for queue in world.queues]


def figures(summary: ServiceSummary) -> QueueFigures:
    """Convert seconds to the milliseconds of the tables."""
    return QueueFigures(
        name=summary.name,
        calls_waiting=summary.calls_waiting,
        oldest_contact=_milliseconds(summary.oldest_contact),
        logged_in=summary.logged_in,
        available=summary.available,
        unavailable=summary.unavailable,
        working=summary.working,
        talking=summary.talking,
        reserved=summary.reserved,
        total_calls=summary.total_calls,
        handled=summary.handled,
        abandoned=summary.abandoned,
        dequeued=summary.dequeued,
        average_talk=_milliseconds(summary.average_talk),
        average_wait=_milliseconds(summary.average_wait),
        longest_talk=_milliseconds(summary.longest_talk),
        longest_wait=_milliseconds(summary.longest_wait),
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _fill_configuration(url: str, scenario: Scenario) -> None:
    tables = ConfigurationTables(url)
    try:
        tables.create()
        tables.fill(
            skill_groups=[SkillGroupEntry(id=int(queue.id), name=queue.name) for queue in scenario.queues],
            teams=[TeamEntry(id=int(team.id), name=team.name) for team in scenario.teams],
            agents=[_entry(agent) for agent in scenario.agents],
        )
    finally:
        tables.close()


def _entry(agent: Agent) -> AgentEntry:
    return AgentEntry(
        id=agent.id,
        login_name=agent.name,
        first_name=agent.first_name,
        last_name=agent.last_name,
        team=int(agent.team) if agent.team else None,
        supervises=tuple(int(team) for team in agent.supervises),
    )

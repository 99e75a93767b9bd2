"""The door's questions to databases that the simulator filled, in SQLite."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from generic_connector.errors import UserError
from generic_connector.statistics.database import ROW_LIMIT
from generic_connector.statistics.door import Statistics, StatisticsNotConfigured, StatisticsUnavailable
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings
from generic_connector.statistics.site import SiteDatabases
from site_databases.filled import (
    SALES,
    SALES_SUMMARY,
    SKILL_GROUPS,
    SUPERVISORS,
    fill_configuration,
    fill_real_time,
    url_of,
)

Make = Callable[..., SiteDatabases]


@pytest.fixture
def real_time(tmp_path: Path) -> str:
    url = url_of(tmp_path / "uccx.db")
    fill_real_time(url, SALES)
    return url


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    url = url_of(tmp_path / "awdb.db")
    fill_configuration(url)
    return url


@pytest.fixture
async def site() -> AsyncIterator[Make]:
    """Give a maker of what is closed at the end."""
    made: list[SiteDatabases] = []

    def make(real_time: str = "", configuration: str = "", keep: float = 0, **queries: str) -> SiteDatabases:
        settings = StatisticsSettings(
            real_time=DatabaseSettings(url=real_time, keep=keep),
            configuration=DatabaseSettings(url=configuration, keep=keep),
            **queries,
        )
        made.append(SiteDatabases(settings))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_queues(site: Make, real_time: str) -> None:
    statistics: Statistics = site(real_time)
    assert await statistics.queue_summaries() == (SALES_SUMMARY,)
    fill_real_time(real_time)
    assert await statistics.queue_summaries() == ()


async def test_skill_groups_and_supervisors(site: Make, configuration: str) -> None:
    """Those that are deleted do not count, nor do agents who supervise nobody."""
    statistics = site("", configuration)
    assert await statistics.skill_groups() == SKILL_GROUPS
    assert await statistics.supervisors() == SUPERVISORS


async def test_a_query_of_the_sites_own(site: Make, configuration: str) -> None:
    """Here the supervisors of a team, by the tables behind the views; a percent sign and a colon are only text."""
    query = """
        SELECT a.PeripheralNumber AS "ID", p.FirstName, p.LastName, p.LoginName, ':x %s 50%' AS remark
        FROM t_Agent_Team_Supervisor s
        JOIN t_Agent a ON a.SkillTargetID = s.SupervisorSkillTargetID
        JOIN t_Person p ON p.PersonID = a.PersonID
        WHERE p.LoginName LIKE 's%'"""
    statistics = site("", configuration, supervisor_query=query)
    assert [supervisor.id for supervisor in await statistics.supervisors()] == ["1003"]


async def test_answers_are_kept(site: Make, real_time: str) -> None:
    statistics = site(real_time, keep=60)
    first = await statistics.queue_summaries()
    fill_real_time(real_time)
    assert await statistics.queue_summaries() is first


async def test_what_is_not_configured(site: Make) -> None:
    statistics = site()
    asked: list[tuple[Awaitable[Any], str]] = [
        (statistics.queue_summaries(), "statistics"),
        (statistics.skill_groups(), "configuration_database"),
        (statistics.supervisors(), "configuration_database"),
    ]
    for question, section in asked:
        with pytest.raises(StatisticsNotConfigured, match=rf"^{section}\.url is not set$") as caught:
            await question
        assert caught.value.section == section


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT csqName FROM RtCSQsSummary", "the query does not give callsWaiting, loggedInAgents,"),
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELECT * FRM x", "syntax error"),
        ("DELETE FROM RtCSQsSummary", "attempt to write a readonly database"),
        ("SAVEPOINT x", "does not return rows"),
        (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n",
            f"more than {ROW_LIMIT} rows",
        ),
    ],
)
async def test_a_query_that_does_not_do(site: Make, real_time: str, query: str, said: str) -> None:
    """It is said in one line, to the one who asks and in the log; nothing was changed."""
    with capture_logs() as logs, pytest.raises(StatisticsUnavailable, match=said) as caught:
        await site(real_time, queue_query=query).queue_summaries()
    assert "\n" not in caught.value.reason
    assert logs == [
        {
            "event": "a database gave no answer",
            "log_level": "warning",
            "database": "statistics",
            "reason": caught.value.reason,
        }
    ]
    assert await site(real_time).queue_summaries() == (SALES_SUMMARY,)


async def test_many_who_ask_at_once_are_answered(site: Make, configuration: str) -> None:
    statistics = site("", configuration)
    answers = await asyncio.gather(*(statistics.skill_groups() for _ in range(50)), statistics.supervisors())
    assert answers == [SKILL_GROUPS] * 50 + [SUPERVISORS]


async def test_a_database_that_is_busy_is_waited_for(site: Make, real_time: str) -> None:
    """Whoever writes holds the reader up; the answer comes when that is over."""
    statistics = site(real_time)
    with sqlite3.connect(real_time.removeprefix("sqlite:///")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.create_task(statistics.queue_summaries())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        writer.rollback()
    writer.close()
    assert await waiting == (SALES_SUMMARY,)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense://host/db", "SQLAlchemy knows no such database or driver"),
        ("sqlite+nonsense:///db", "SQLAlchemy knows no such database or driver"),
        ("informix+pyodbc://uccx1:1504/db_cra", "No module named 'pyodbc'"),
        ("mssql+pymssql://aw1/awdb", "No module named 'pymssql'"),
    ],
)
def test_a_driver_that_is_not_there(url: str, said: str) -> None:
    """It is said at once, not when the first agent asks; the password is not."""
    settings = DatabaseSettings(url=url, username="reader", password="canary/7")
    with pytest.raises(UserError, match=f"^statistics.url: .*{said}") as caught:
        SiteDatabases(StatisticsSettings(real_time=settings))
    assert "canary" not in str(caught.value)
    assert "canary" not in repr(settings)

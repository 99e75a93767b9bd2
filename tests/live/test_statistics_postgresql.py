"""The door to a site's databases against a real PostgreSQL that the simulator fills."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest
from structlog.testing import capture_logs

from generic_connector.statistics.database import Database
from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.queries import QUEUES, SKILL_GROUPS
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings
from generic_connector.statistics.site import SiteDatabases
from live.postgresql import OWNER, PASSWORD, PostgreSql
from notification_clients.waiting import until
from site_databases.filled import (
    SALES,
    SALES_SUMMARY,
    SUPERVISORS,
    fill_configuration,
    fill_real_time,
)
from site_databases.filled import (
    SKILL_GROUPS as GROUPS,
)

pytestmark = pytest.mark.live
pytest_plugins = ("live.postgresql",)

CANARY = "can@ry/7 %:pass"
SLEEP = "SELECT 1 AS id, pg_sleep({})::text AS name"
UNENDING = "?options=-c%20statement_timeout%3D0"
"""At the end of a URL: the server does not end what takes too long."""


@pytest.fixture(scope="module")
def filled(postgresql_server: PostgreSql) -> PostgreSql:
    fill_real_time(postgresql_server.url(), SALES)
    fill_configuration(postgresql_server.url())
    postgresql_server.run(
        f"CREATE ROLE reader LOGIN PASSWORD '{CANARY}'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    return postgresql_server


@pytest.fixture
def server(filled: PostgreSql, postgresql: PostgreSql) -> PostgreSql:
    assert filled is postgresql
    return postgresql


@pytest.fixture
def reader(server: PostgreSql) -> Callable[..., DatabaseSettings]:
    """Give a maker of settings. Times are short, nothing is kept."""

    def make(extra: str = "", **changes: object) -> DatabaseSettings:
        settings: dict[str, object] = {
            "url": server.url(login="") + extra,
            "username": "reader",
            "password": CANARY,
            "keep": 0,
            "connect_timeout": 2,
            "query_timeout": 2,
        }
        return DatabaseSettings(**(settings | changes))  # type: ignore[arg-type]

    return make


Reader = Callable[..., DatabaseSettings]


@pytest.fixture
async def site(reader: Reader) -> AsyncIterator[SiteDatabases]:
    site = SiteDatabases(StatisticsSettings(real_time=reader(), configuration=reader()))
    yield site
    await site.close()


@pytest.fixture
async def made() -> AsyncIterator[Callable[[DatabaseSettings], Database]]:
    """Give a maker of single databases that are closed at the end."""
    databases: list[Database] = []

    def make(settings: DatabaseSettings) -> Database:
        databases.append(Database("statistics", settings))
        return databases[-1]

    yield make
    for database in databases:
        await database.close()


Make = Callable[[DatabaseSettings], Database]


def connections(server: PostgreSql) -> int:
    """Count the reader's connections."""
    ((number,),) = server.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'")
    assert isinstance(number, int)
    return number


async def refusal(question: Awaitable[object]) -> tuple[str, float]:
    """Give the reason why a question is not answered, and how many seconds that took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(StatisticsUnavailable) as caught:
        await question
    return caught.value.reason, loop.time() - began


async def test_all_questions(site: SiteDatabases) -> None:
    assert await site.queue_summaries() == (SALES_SUMMARY,)
    assert await site.skill_groups() == GROUPS
    assert await site.supervisors() == SUPERVISORS


async def test_updates_are_seen(site: SiteDatabases, server: PostgreSql) -> None:
    fill_real_time(server.url(), SALES, replace(SALES, name="Support", calls_waiting=5))
    names = [(queue.name, queue.waiting_calls) for queue in await site.queue_summaries()]
    fill_real_time(server.url(), SALES)
    assert names == [("Sales", 2), ("Support", 5)]


async def test_a_query_of_the_sites_own(reader: Reader) -> None:
    """The text goes through as it is, with its percent signs and colons."""
    query = """
        SELECT PeripheralNumber::text AS "ID", PeripheralName AS name, 'a%s:b' AS remark
        FROM Skill_Group WHERE EnterpriseName LIKE '%Sales'"""
    site = SiteDatabases(StatisticsSettings(configuration=reader(), skill_group_query=query))
    assert [group.name for group in await site.skill_groups()] == ["Sales"]
    await site.close()


async def test_it_only_reads(server: PostgreSql, reader: Reader, made: Make) -> None:
    """Even with a user who could do more."""
    database = made(reader(username=OWNER, password=PASSWORD))
    for query in ("DELETE FROM RtCSQsSummary RETURNING *", "CREATE TABLE x (y int)"):
        reason, _ = await refusal(database.read(query, QUEUES))
        assert "in a read-only transaction" in reason
    assert server.run("SELECT count(*) FROM rtcsqssummary") == [(1,)]


async def test_a_database_that_is_away_and_comes_back(server: PostgreSql, site: SiteDatabases) -> None:
    """Refused quickly while it is away; connections from before do not disturb after."""
    assert await site.skill_groups() == GROUPS
    server.stop()
    for _ in range(3):
        reason, seconds = await refusal(site.skill_groups())
        assert "Connection refused" in reason
        assert seconds < 1
    server.start()
    assert await site.skill_groups() == GROUPS
    server.stop()
    server.start()
    assert await site.skill_groups() == GROUPS


async def test_a_query_that_takes_too_long_is_ended(server: PostgreSql, reader: Reader, made: Make) -> None:
    """By the server, too: the connections are free again, however many such queries there are."""
    database = made(reader(query_timeout=0.2))
    for _ in range(4):
        reason, seconds = await refusal(database.read(SLEEP.format(30), SKILL_GROUPS))
        assert "the query took longer" in reason or "statement timeout" in reason
        assert seconds < 1
        await until(lambda: database.hanging == 0)
    assert connections(server) <= 2


async def test_queries_that_hang_do_not_pile_up(server: PostgreSql, reader: Reader, made: Make) -> None:
    """Where the server does not end them: two hang, all others are refused at once, until one comes back."""
    database = made(reader(UNENDING, query_timeout=0.2))
    reasons = [await refusal(database.read(SLEEP.format(30), SKILL_GROUPS)) for _ in range(2)]
    assert {reason for reason, _ in reasons} == {"the query took longer than 0.2 s"}
    for _ in range(20):
        reason, seconds = await refusal(database.read("SELECT 1 AS id, 'a' AS name", SKILL_GROUPS))
        assert reason == "every connection hangs (2)"
        assert seconds < 0.1
    assert connections(server) == 2
    server.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
    await until(lambda: database.hanging == 0)
    assert len(await database.read("SELECT 1 AS id, 'a' AS name", SKILL_GROUPS)) == 1


async def test_no_more_connections_than_are_allowed(server: PostgreSql, reader: Reader, made: Make) -> None:
    """Thirty questions at once over three connections: each waits for its turn."""
    database = made(reader(connections=3, connect_timeout=10))
    asked = [asyncio.create_task(database.read(SLEEP.format(0.05), SKILL_GROUPS)) for _ in range(30)]
    most = 0
    while not all(task.done() for task in asked):
        most = max(most, await asyncio.to_thread(connections, server))
        await asyncio.sleep(0.01)
    assert [len(task.result()) for task in asked] == [1] * 30
    assert most == 3


async def test_a_server_that_does_not_answer(server: PostgreSql, reader: Reader, made: Make) -> None:
    """Neither the connection that is there, nor a new one; when it goes on, so do we."""
    database = made(reader(connect_timeout=0.3))
    assert len(await database.read("SELECT * FROM RtCSQsSummary", QUEUES)) == 1
    server.freeze()
    for expected in (
        "connecting took longer than 0.3 s",
        "connecting took longer than 0.3 s",
        "every connection hangs",
    ):
        reason, seconds = await refusal(database.read("SELECT * FROM RtCSQsSummary", QUEUES))
        assert expected in reason
        assert seconds < 1
    server.thaw()
    await until(lambda: database.hanging == 0)
    assert len(await database.read("SELECT * FROM RtCSQsSummary", QUEUES)) == 1


async def test_the_password_is_nowhere(
    reader: Reader, made: Make, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """In no error and no log, with the libraries as talkative as they can be, right or wrong, in any spelling."""
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "psycopg"):
        caplog.set_level(logging.DEBUG, logger=name)
    spelled = [CANARY, quote(CANARY), quote(CANARY, safe=""), quote_plus(CANARY), "can@ry", "can%40ry"]
    said = [repr(reader()), repr(StatisticsSettings(real_time=reader()))]
    with capture_logs() as logs:
        right = made(reader())
        await right.read("SELECT * FROM RtCSQsSummary", QUEUES)
        for settings, query in (
            (reader(username="nobody"), "SELECT 1"),
            (reader(), f"SELECT '{CANARY}' AS id, 1/0 AS name"),
            (reader(), f"SELECT '{CANARY}'::int"),
        ):
            with pytest.raises(StatisticsUnavailable) as caught:
                await made(settings).read(query, SKILL_GROUPS)
            said += [str(caught.value), "".join(traceback.format_exception(caught.value))]
    said += [str(logs), *capfd.readouterr()]
    assert len(logs) == 3
    assert "password authentication failed" in str(logs)
    assert [text for text in said if any(form in text for form in spelled)] == []
    records = [record.getMessage() for record in caplog.records if "SELECT" not in record.getMessage()]
    assert records
    assert [text for text in records if any(form in text for form in spelled)] == []

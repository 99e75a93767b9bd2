"""The database beside Finesse, filled from the engine: finesse-rest.md section 11.2."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import create_engine, text

from finesse_simulator.engine.statistics import ServiceSummary
from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Scenario, StatisticsDatabase
from finesse_simulator.simulator import Simulator
from finesse_simulator.statistics_feed import figures
from finesse_simulator.vocabulary import Deployment


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def with_database(scene: Scenario, path: Path, deployment: Deployment) -> Scenario:
    database = StatisticsDatabase(url=f"sqlite:///{path / 'statistics.db'}", refresh_seconds=1.0)
    return msgspec.structs.replace(scene, deployment=deployment, statistics_database=database)


async def test_uccx_writes_what_happens(scene: Scenario, tmp_path: Path) -> None:
    uccx = with_database(scene, tmp_path, Deployment.UCCX)
    query = "SELECT csqname, callswaiting, totalcalls, loggedinagents, unavailableagents FROM RtCSQsSummary"
    async with Simulator(uccx, RecordingServer()) as finesse:
        assert rows(uccx.statistics_database.url, query) == [("Sales", 0, 0, 0, 0)]
        finesse.set_agent_state("1001", "LOGIN", extension="4001")
        await finesse.wait_for_agent("1001", "NOT_READY")
        finesse.customer_call("5550188", "8800")
        await finesse.write_statistics()
        assert rows(uccx.statistics_database.url, query) == [("Sales", 1, 1, 1, 1)]
        finesse.customer_call("5550188", "8800")
        await asyncio.sleep(0.3)  # three simulated seconds, and it is written every second
        assert rows(uccx.statistics_database.url, query) == [("Sales", 2, 2, 1, 1)]


async def test_ucce_writes_who_there_is(scene: Scenario, tmp_path: Path) -> None:
    ucce = with_database(scene, tmp_path, Deployment.UCCE)
    async with Simulator(ucce, RecordingServer()) as finesse:
        await finesse.write_statistics()
    url = ucce.statistics_database.url
    assert rows(url, "SELECT enterprisename FROM skill_group") == [("Sales",)]
    assert rows(url, "SELECT peripheralnumber FROM agent WHERE supervisoragent = 'Y'") == [("1003",)]


async def test_a_database_that_cannot_be_opened_is_named(scene: Scenario) -> None:
    nowhere = with_database(scene, Path("/nonexistent"), Deployment.UCCX)
    with pytest.raises(OSError, match=r"statistics database: .*unable to open"):
        await Simulator(nowhere, RecordingServer()).start()


def test_seconds_become_milliseconds() -> None:
    numbers = dict.fromkeys(ServiceSummary.__dataclass_fields__, 2)
    summary = ServiceSummary(**{**numbers, "name": "Sales", "average_talk": 1.5})  # type: ignore[arg-type]
    converted = figures(summary)
    assert (converted.name, converted.handled, converted.average_talk, converted.longest_wait) == (
        "Sales",
        2,
        1500,
        2000,
    )

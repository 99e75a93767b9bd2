"""Faults of the smaller kind are counted where they happen."""

from __future__ import annotations

import pytest

from agents.fake_finesse import until
from agents.fake_site import FakeSite
from agents.office import counted, open_office
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.model import SystemInfo
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings
from generic_connector.statistics.site import SiteDatabases


async def test_another_node() -> None:
    before = counted("finesse_node_changes", node="127.0.0.1")
    cluster = FinesseCluster(FinesseSettings(nodes=("http://127.0.0.1:1", "http://127.0.0.1:2")))
    cluster._take(cluster._nodes[1], SystemInfo(status="IN_SERVICE"))
    await cluster.stop()
    assert (counted("finesse_node_changes", node="127.0.0.1"), cluster.node) == (before + 1, "http://127.0.0.1:2")


async def test_a_database_that_gives_no_answer() -> None:
    before = counted("database_failures", database="statistics")
    site = SiteDatabases(StatisticsSettings(real_time=DatabaseSettings(url="sqlite:////nowhere/database")))
    with pytest.raises(StatisticsUnavailable):
        await site.queue_summaries()
    await site.close()
    assert counted("database_failures", database="statistics") == before + 1


async def test_a_recorder_that_does_nothing() -> None:
    before = counted("recorder_failures")
    async with open_office() as office:
        await office.sign_in()
        recorder = office.hub._surroundings.recorder
        assert isinstance(recorder, FakeSite)
        recorder.has_recorder = False
        office.send("ZOOMPauseRecording")
        await office.hears("Error PLEASE_RETRY")
    assert counted("recorder_failures") == before + 1


async def test_too_many_notifications() -> None:
    before = counted("notification_overflows")
    async with open_office(notification_limit=1) as office:
        await office.sign_in()
        agent = office.hub.agents["1001"]
        agent._inbox.overflowed = True
        agent._inbox.ring()
        await until(lambda: counted("notification_overflows") > before)
    assert counted("notification_overflows") == before + 1

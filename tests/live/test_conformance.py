"""The conformance suite with a real ActiveMQ between client and connector."""

from __future__ import annotations

import pytest

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target
from generic_connector.conformance.broker import stomp_broker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Outcome, play_all
from generic_connector.conformance.run import QUEUE, a_scene
from generic_connector.conformance.site import a_site
from generic_connector.protocol.formats import Format
from live.activemq import ActiveMqBroker

pytestmark = pytest.mark.live
pytest_plugins = ("live.activemq",)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("event_format", list(Format))
async def test_every_case_passes(activemq: ActiveMqBroker, event_format: Format) -> None:
    """The same cases as in memory, by STOMP through ActiveMQ."""
    target = Target(url=BrokerUrl.parse(activemq.stomp_url))
    async with (
        a_site(ActiveMqDoor(ActiveMqSettings(urls=(activemq.stomp_url,))), uccx=False) as site,
        Control(site.control_url) as control,
        stomp_broker(target, QUEUE) as broker,
    ):
        scene = a_scene(broker, control, event_format, uccx=False, patience=10)
        results = [result async for result in play_all(scene, all_cases(uccx=False))]
    assert [f"{one.case.name}: {one.reason}" for one in results if one.outcome is Outcome.FAILED] == []

"""A client that stops reading, with the broker set up as we recommend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings
from generic_connector.broker.door import EventMessage
from live.activemq import StartBroker, StartJmsClient

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]
pytest_plugins = ("live.activemq",)

RECOMMENDED = Path(__file__).parents[2] / "examples" / "activemq" / "activemq.xml"
BODY = "x" * 4000
EVENTS, AT_ONCE = 6000, 200
"""24 MB for each client, which is more than the broker may keep (16 MB here) and less than it would drop for one that
keeps up."""


async def test_a_frozen_client_slows_no_other_one(
    start_activemq: StartBroker, start_jms_client: StartJmsClient
) -> None:
    """All events of the healthy one arrive in order, while the frozen one reads nothing."""
    broker = start_activemq(config=RECOMMENDED)
    frozen, healthy = await start_jms_client(broker), await start_jms_client(broker)
    await frozen.subscribe("EV.frozen")
    await healthy.subscribe("EV.healthy")
    door = ActiveMqDoor(ActiveMqSettings(urls=(broker.stomp_url,)))
    await door.start(lambda _: None)
    frozen.freeze()
    for number in range(EVENTS):
        for destination in ("EV.frozen", "EV.healthy"):
            door.publish(EventMessage(destination=destination, body=f"{number} {BODY}", correlation_id=""))
        if number % AT_ONCE == 0:
            await healthy.wait_for("EV.healthy", number + 1)
    messages = await healthy.wait_for("EV.healthy", EVENTS, 30)
    assert [(one.body or "").split(" ")[0] for one in messages] == [str(number) for number in range(EVENTS)]
    assert not frozen.received
    frozen.thaw()
    await door.stop()

"""STOMP over TLS to a real ActiveMQ: whom we trust, which host we mean, and who we are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings, check
from generic_connector.broker.door import CommandMessage, EventMessage
from generic_connector.config.mapping import client_tls
from generic_connector.config.sections import MutualTls
from live.activemq import ActiveMqBroker, BrokerTls, StartBroker, StartJmsClient
from live.certificates import PASSWORD, Authority

pytestmark = pytest.mark.live
pytest_plugins = ("live.activemq",)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def start_tls(start_activemq: StartBroker, authority: Authority) -> Callable[..., ActiveMqBroker]:
    """Give a function that starts a broker whose certificate is for an address."""

    def start(address: str = "127.0.0.1", *, client_certificate: bool = False) -> ActiveMqBroker:
        keys, trusted = authority.java_keys("broker", address), authority.java_trust()
        tls = BrokerTls(keys=keys, trusted=trusted, password=PASSWORD, client_certificate=client_certificate)
        return start_activemq(tls=tls)

    return start


def settings(broker: ActiveMqBroker, **tls: Any) -> ActiveMqSettings:
    """Give what the connector is set to, by the settings that an operator has."""
    context = client_tls(MutualTls(**tls), "broker.activemq.tls")
    return ActiveMqSettings(urls=(broker.stomp_url,), ssl_context=context)


async def reason(broker: ActiveMqBroker, **tls: Any) -> str:
    """Give why the broker cannot be reached, "" when it can."""
    (report,) = await check(settings(broker, **tls))
    return report.reason


async def test_commands_and_events_by_tls(
    start_tls: Callable[..., ActiveMqBroker], authority: Authority, start_jms_client: StartJmsClient
) -> None:
    """An authority of our own, named in ca_file."""
    broker = start_tls()
    jms = await start_jms_client(broker)
    await jms.subscribe("EV.c1")
    commands: asyncio.Queue[CommandMessage] = asyncio.Queue()
    door = ActiveMqDoor(settings(broker, ca_file=authority.ca_file))
    await door.start(commands.put_nowait)
    await jms.send("Hello#EV.c1", "ä😀")
    async with asyncio.timeout(10):
        assert (await commands.get()).body == "ä😀"
    door.publish(EventMessage(destination="EV.c1", body="ö😀", correlation_id=""))
    assert [one.body for one in await jms.wait_for("EV.c1", 1)] == ["ö😀"]
    await door.stop()


async def test_another_authority_is_not_trusted(
    start_tls: Callable[..., ActiveMqBroker], authority: Authority, tmp_path: Path
) -> None:
    broker = start_tls()
    other = Authority(tmp_path, "other")
    assert "certificate verify failed" in await reason(broker, ca_file=other.ca_file)
    assert "certificate verify failed" in await reason(broker)
    assert await reason(broker, ca_file=authority.ca_file) == ""


async def test_a_certificate_for_another_host_is_refused(
    start_tls: Callable[..., ActiveMqBroker], authority: Authority
) -> None:
    """Unless the operator says that nothing is to be verified."""
    broker = start_tls("broker.example.com")
    assert "IP address mismatch" in await reason(broker, ca_file=authority.ca_file)
    assert await reason(broker, verify=False) == ""


async def test_a_broker_that_wants_a_certificate_of_ours(
    start_tls: Callable[..., ActiveMqBroker], authority: Authority, tmp_path: Path
) -> None:
    broker = start_tls(client_certificate=True)
    trusted = authority.ca_file
    assert await reason(broker, ca_file=trusted) != ""
    assert await reason(broker, ca_file=trusted, cert_file=Authority(tmp_path, "other").pem("connector")) != ""
    assert await reason(broker, ca_file=trusted, cert_file=authority.pem("connector")) == ""

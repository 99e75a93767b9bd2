"""examples/activemq/activemq-secure.xml as it is, in a real ActiveMQ, with real JMS clients that try what they can."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import load_pem_x509_certificate

from finesse_simulator.certificate import Certificate, self_signed
from generic_connector.agents.access import RULES
from generic_connector.agents.settings import Access, ClientSettings
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings, check
from generic_connector.broker.door import CommandMessage, DoorState, EventMessage
from generic_connector.broker.stomp.client import connect
from generic_connector.broker.stomp.frames import Frame
from generic_connector.config.mapping import client_tls
from generic_connector.config.sections import Tls
from journeys.world import World, a_world, without_times
from live.activemq import ACTIVEMQ, ActiveMqBroker, JmsClient, StartJmsClient, free_port

pytestmark = pytest.mark.live
pytest_plugins = ("live.activemq",)

SAMPLES = Path(__file__).parents[2] / "examples" / "activemq"
PASSWORDS = {"connector": "its pass", "crm1": "first pass", "crm2": "second pass"}
TEXTS = {rule.name: rule.text for rule in RULES}
QUEUES = {"Connector1.crm1": "crm1", "Connector1.crm2": "crm2"}


class SecureBroker(ActiveMqBroker):
    """ActiveMQ with the sample file; only ports, address and passwords are the test's own.

    certificate: speak TLS as well, by what stands commented out in the sample.
    """

    certificate: Certificate | None = None
    tls_port = 0

    def _write_config(self) -> None:
        super()._write_config()
        text = (SAMPLES / "activemq-secure.xml").read_text()
        for given, ours in (("61616", self.openwire_port), ("61613", self.stomp_port), ("0.0.0.0", "127.0.0.1")):  # noqa: S104  it is replaced
            assert given in text
            text = text.replace(given, str(ours))
        lines = [f"{user}.password={password}\n" for user, password in PASSWORDS.items()]
        if self.certificate is not None:
            text = with_tls(text, {"61617": free_port(), "61614": self.tls_port})
            (self.directory / "broker.p12").write_bytes(key_store(self.certificate, "of the store"))
            lines.append("keystore.password=of the store\n")
        (self.directory / "activemq.xml").write_text(text)
        (self.directory / "credentials.properties").write_text("".join(lines))


def with_tls(text: str, ports: Mapping[str, int]) -> str:
    """Take what is for TLS out of its comments, on other ports."""
    for name in ("sslContext", "transportConnector"):
        text, found = re.subn(rf"<!--[^<]*(<{name}\b.*?)-->", r"\1", text, count=1, flags=re.DOTALL)
        assert found, name
    for given, ours in ports.items():
        assert given in text
        text = text.replace(given, str(ours))
    return text


def key_store(certificate: Certificate, password: str) -> bytes:
    """Give the certificate and its key as Java reads them."""
    key = load_pem_private_key(certificate.key.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return serialize_key_and_certificates(
        b"broker",
        key,
        load_pem_x509_certificate(certificate.certificate.encode()),
        None,
        BestAvailableEncryption(password.encode()),
    )


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[SecureBroker]:
    if not (ACTIVEMQ / "lib").exists() or shutil.which("java") is None:
        pytest.skip("ActiveMQ or Java is not installed: scripts/install-live-parts gets them")
    directory = tmp_path / "secure"
    directory.mkdir()
    broker = SecureBroker(directory)
    broker.start()
    yield broker
    broker.kill()


def settings(broker: ActiveMqBroker) -> ActiveMqSettings:
    return ActiveMqSettings(
        urls=(broker.stomp_url,),
        username="connector",
        password=PASSWORDS["connector"],
        queues=tuple(QUEUES),
        queue_senders=QUEUES,
    )


def is_open(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


async def until(condition: Callable[[], bool], deadline: float = 15.0) -> None:
    async with asyncio.timeout(deadline):
        while not condition():  # noqa: ASYNC110  nothing tells us when
            await asyncio.sleep(0.01)


@asynccontextmanager
async def a_door(broker: ActiveMqBroker) -> AsyncIterator[list[CommandMessage]]:
    received: list[CommandMessage] = []
    door = ActiveMqDoor(settings(broker))
    await door.start(received.append)
    await until(lambda: door.state is DoorState.OPEN)
    yield received
    await door.stop()


@pytest.fixture
async def crm1(broker: SecureBroker, start_jms_client: StartJmsClient) -> JmsClient:
    return await start_jms_client(broker, "crm1", PASSWORDS["crm1"])


@pytest.fixture
async def crm2(broker: SecureBroker, start_jms_client: StartJmsClient) -> JmsClient:
    return await start_jms_client(broker, "crm2", PASSWORDS["crm2"])


async def refused(ask: Coroutine[Any, Any, None]) -> bool:
    """Say whether the broker refuses for want of rights."""
    try:
        await ask
    except RuntimeError as error:
        return "is not authorized to" in str(error)
    return False


# --- at the broker


async def test_the_queue_proves_the_sender(broker: SecureBroker, crm1: JmsClient, crm2: JmsClient) -> None:
    """Each sends to Connector1 as ever, or to its own queue; its login alone says who it is.

    JMSXUserID over STOMP is what the client says, which is why the connector does not look at it.
    """
    forged = {
        "JMSXUserID": "crm2",
        "subscription": "x",
        "destination": "/queue/Connector1.crm2",
        "original-destination": "/queue/Connector1.crm2",
        "message-id": "forged",
        "ack": "forged",
    }
    async with a_door(broker) as received:
        for _ in range(20):  # more than the door takes at a time: forged ids keep nothing from being acknowledged
            await crm1.send("Forged#1", properties=forged)
        await crm1.send("Own#1", destination="queue://Connector1.crm1", properties={"JMSXUserID": "crm2"})
        await until(lambda: len(received) == 21)
        await crm2.send("Hello#crm2")
        await until(lambda: len(received) == 22)
    assert [(one.type, one.sender) for one in received] == [
        *[("Forged#1", "crm1")] * 20,
        ("Own#1", "crm1"),
        ("Hello#crm2", "crm2"),
    ]
    assert received[0].properties["JMSXUserID"] == "crm2"
    async with a_door(broker) as again:
        await crm1.send("Last#1")
        await until(lambda: bool(again))
    assert [one.type for one in again] == ["Last#1"]


ELSEWHERE = [
    *("queue://Connector1.crm2", "queue://Connector1.*", "queue://Connector1.>", "queue://>", "queue://new"),
    *("queue://Connector1.crm1,Connector1.crm2", "queue://Connector1,Connector1.crm2", "queue://ActiveMQ.DLQ"),
    *("queue://Connector1.crm1,topic://crm2", "topic://crm1", "topic://crm2", "topic://crm1,crm2", "topic://*"),
    *("topic://>", "topic://crm1.>", "topic://new"),
]


async def test_a_client_writes_commands_and_nothing_else(broker: SecureBroker, crm1: JmsClient) -> None:
    """No events, not even to its own topic, and no commands in another one's name, by no kind of address."""
    async with a_door(broker) as received:
        assert [place for place in ELSEWHERE if not await refused(crm1.send("T#1", destination=place))] == []
        await crm1.send("Last#1")
        await until(lambda: bool(received))
        assert [one.type for one in received] == ["Last#1"]


HIDDEN = [
    *("topic://crm2", "topic://crm2.desk", "topic://crm2.>", "topic://>", "topic://crm*", "topic://crm1,crm2"),
    *("queue://Connector1", "queue://Connector1.crm1", "queue://Connector1.crm2", "queue://>", "topic://new"),
    *("topic://ActiveMQ.Advisory.>", "topic://ActiveMQ.Advisory.Connection"),
]


async def test_a_client_hears_its_own_topics_and_nothing_else(
    broker: SecureBroker, crm1: JmsClient, crm2: JmsClient
) -> None:
    """Wildcards give it its own, too."""
    assert [place for place in HIDDEN if not await refused(crm1.subscribe(place))] == []
    for place in ("topic://crm1", "topic://crm1.desk", "topic://*"):
        await crm1.subscribe(place)
    await crm2.subscribe("topic://crm2")
    door = ActiveMqDoor(settings(broker))
    await door.start(lambda _: None)
    await until(lambda: door.state is DoorState.OPEN)
    for destination in ("crm2", "crm1", "crm1.desk"):
        door.publish(EventMessage(destination=destination, body=f"for {destination}", correlation_id=""))
    await crm1.wait_for("crm1.desk", 1)
    await crm2.wait_for("crm2", 1)
    await door.stop()
    assert {one.body for one in crm1.received} == {"for crm1", "for crm1.desk"}
    assert [one.body for one in crm2.received] == ["for crm2"]


async def test_the_sample_with_tls(tmp_path: Path, broker: SecureBroker) -> None:
    """The connector verifies the broker, and speaks TLS 1.3 with it where that is the oldest that it may."""
    broker.kill()
    broker.certificate = self_signed("127.0.0.1")
    broker.tls_port = free_port()
    broker.start()
    await until(lambda: is_open(broker.tls_port))
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(broker.certificate.certificate)
    url = f"stomp+ssl://127.0.0.1:{broker.tls_port}"
    reasons = []
    for tls in (Tls(ca_file=ca_file, minimum_version="1.3"), Tls()):
        chosen = replace(settings(broker), urls=(url,), ssl_context=client_tls(tls, "broker.activemq.tls"))
        (report,) = await check(chosen)
        reasons.append(report.reason)
    assert reasons[0] == ""
    assert "certificate verify failed" in reasons[1]


# --- the whole product


@pytest.fixture
async def world(broker: SecureBroker) -> AsyncIterator[World]:
    """Give a contact centre whose connector binds clients to their agents."""
    door = ActiveMqDoor(settings(broker))
    async with a_world(doors=[door], clients=ClientSettings(access=Access.BOUND)) as world:
        await until(lambda: door.state is DoorState.OPEN)
        yield world


async def sign_in(jms: JmsClient, agent_id: str, destination: str) -> None:
    await jms.subscribe(destination)
    await jms.send(f"Hello#{destination}")
    await jms.send(f"Connect#{agent_id}", f"{destination},agent-secret-{agent_id}")
    await jms.send(f"Login#{agent_id}", f"agent-secret-{agent_id},4{agent_id[1:]}")
    await jms.wait_for(destination, lambda told: any("#DialogStatus#" in (one.body or "") for one in told))


def told(jms: JmsClient, destination: str) -> list[str]:
    bodies = [one.body or "" for one in jms.received if one.destination == f"topic://{destination}"]
    return [without_times(body) for body in bodies]


@pytest.mark.usefixtures("world")
async def test_a_client_commands_its_own_agents_only(crm1: JmsClient, crm2: JmsClient) -> None:
    """The allowed path works; the other one's agent is out of reach, whatever the message says."""
    await sign_in(crm1, "1001", "crm1")
    await sign_in(crm2, "1002", "crm2")
    before = len(told(crm2, "crm2"))
    await crm1.subscribe("crm1.answers")
    forged = {"JMSXUserID": "crm2", "destination": "/queue/Connector1.crm2"}
    for reply_to in ("topic://crm1.answers", "topic://crm2", None):
        await crm1.send("MakeReady#1002", reply_to=reply_to, properties=forged)
    await crm1.send("Hello#crm2", "JSON", reply_to="topic://crm1.answers")
    await crm1.send("MakeReady#1001")
    await crm1.wait_for("crm1", lambda told: any("#READY#" in (one.body or "") for one in told))
    assert told(crm1, "crm1.answers") == [
        f"1002#Error#PLEASE_RETRY#{TEXTS['foreign agent']}",
        f"crm2#Error#PLEASE_RETRY#{TEXTS['foreign destination']}",
    ]
    await crm2.send("GetState#1002")
    await crm2.wait_for("crm2", before + 1)
    assert [body.split("#")[:3] for body in told(crm2, "crm2")[before:]] == [["1002", "State", "NOT_READY"]]


async def test_a_supervisors_client_acts_on_a_member(world: World, crm1: JmsClient, crm2: JmsClient) -> None:
    """Sue, who is connected from crm2, makes Ann ready, who is connected from crm1."""
    await sign_in(crm1, "1001", "crm1")
    await sign_in(crm2, "1003", "crm2")
    await crm2.send("MakeReady#1001", reply_to="topic://crm2")
    await crm1.wait_for("crm1", lambda told: any("#State#READY#" in (one.body or "") for one in told))
    await crm2.wait_for("crm2", lambda told: any("#State#READY#" in (one.body or "") for one in told))
    assert told(crm2, "crm2")[-1] == "1003#State#READY####<time>#Ann Lee#1001#4001##Ann Lee#ann"
    assert world.finesse.agent("1001")["state"] == "READY"


class Listening:
    """What a STOMP connection of the connector's user hears: by which subscription, of what type, as whose."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    def on_message(self, frame: Frame) -> None:
        headers = frame.headers
        self.heard.append((headers["subscription"], headers["type"], headers.get("JMSXUserID", "")))

    def on_refused(self, reason: str) -> None:
        raise AssertionError(reason)

    def on_stale(self) -> None:
        """Nothing depends on it here."""

    def on_writable(self) -> None:
        """Nothing waits."""


@asynccontextmanager
async def selecting(broker: SecureBroker, selectors: Mapping[str, str], **more: str) -> AsyncIterator[Listening]:
    """Subscribe to a queue several times, by selectors, in order."""
    listening, chosen = Listening(), settings(broker)
    connection = await connect(chosen.parsed_urls()[0], chosen.connect_settings(), listening)
    for name, selector in selectors.items():
        await connection.subscribe(name, "/queue/Connector1.crm1", ack="auto", deadline=5, selector=selector, **more)
    yield listening
    await connection.close(1)


async def send_as(crm1: JmsClient, *types: str) -> None:
    for one in types:
        await crm1.send(one, destination="queue://Connector1.crm1", properties={"JMSXUserID": "crm2"})


async def test_a_selector_sees_the_true_user(broker: SecureBroker, crm1: JmsClient) -> None:
    """Whatever a property of the same name says: subscriptions by selectors would prove the sender as well."""
    selectors = {"by crm2": "JMSXUserID = 'crm2'", "by crm1": "JMSXUserID = 'crm1'"}
    async with selecting(broker, selectors) as listening:
        await send_as(crm1, "Forged#1")
        await until(lambda: bool(listening.heard))
        assert listening.heard == [("by crm1", "Forged#1", "crm2")]


async def test_an_exclusive_consumer_leaves_nothing_to_other_selectors(broker: SecureBroker, crm1: JmsClient) -> None:
    """A queue has one, whatever it selects; the connector wants to be it. Hence a queue for each user."""
    selectors = {"the first": "JMSType LIKE 'Fence%'", "the second": "JMSXUserID = 'crm1'"}
    async with selecting(broker, selectors, **{"activemq.exclusive": "true"}) as listening:
        await send_as(crm1, "Command#1", "Fence#1")
        await until(lambda: bool(listening.heard))
        assert [(name, one) for name, one, _ in listening.heard] == [("the first", "Fence#1")]

"""The ActiveMQ door against Debian's ActiveMQ, with a Java program as the client."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings, check
from generic_connector.broker.door import BodyFault, CommandMessage, DoorState, EventMessage
from generic_connector.broker.stomp.frames import Frame
from live.activemq import ActiveMqBroker, JmsClient, StartBroker, StartJmsClient

pytestmark = pytest.mark.live
pytest_plugins = ("live.activemq",)

RECOMMENDED = Path(__file__).parents[2] / "examples" / "activemq" / "activemq.xml"
MEGABYTE = "ä" * 524_288


class Site:
    """A door that keeps what it received."""

    def __init__(self, door: ActiveMqDoor) -> None:
        self.door = door
        self.commands: list[CommandMessage] = []
        self.fail = False
        self._changed = asyncio.Event()

    def receive(self, command: CommandMessage) -> None:
        self.commands.append(command)
        self._changed.set()
        if self.fail:
            raise RuntimeError("a mistake in the product")

    async def wait_for(self, count: int, deadline: float = 10.0) -> list[CommandMessage]:
        async with asyncio.timeout(deadline):
            while len(self.commands) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.commands

    def publish(
        self, body: str, destination: str = "EV.c1", correlation_id: str = "", *, lasting: bool = False
    ) -> None:
        self.door.publish(
            EventMessage(destination=destination, body=body, correlation_id=correlation_id, lasting=lasting)
        )


StartSite = Callable[..., Any]


async def until(predicate: Callable[[], bool], deadline: float = 15.0) -> None:
    """Look every 10 ms whether something in another process has come about."""
    async with asyncio.timeout(deadline):
        while not predicate():  # noqa: ASYNC110  # nothing tells us when
            await asyncio.sleep(0.01)


async def until_open(site: Site, deadline: float = 15.0) -> None:
    await until(lambda: site.door.state is DoorState.OPEN, deadline)


@pytest.fixture
async def start_site() -> AsyncIterator[StartSite]:
    sites: list[Site] = []

    async def start(*brokers: ActiveMqBroker, **settings: Any) -> Site:
        door = ActiveMqDoor(ActiveMqSettings(urls=tuple(broker.stomp_url for broker in brokers), **settings))
        site = Site(door)
        sites.append(site)
        await door.start(site.receive)
        return site

    yield start
    for site in sites:
        await site.door.stop()


@pytest.fixture
async def site(activemq: ActiveMqBroker, start_site: StartSite) -> Site:
    site: Site = await start_site(activemq)
    await until_open(site)
    return site


# -- commands: broker.md 2.1


async def test_a_text_message_with_everything(site: Site, jms: JmsClient) -> None:
    properties = {"format": "json", "odd name": "a:b\\c\nd"}
    await jms.send("Hello#EV.c1", "a,b", reply_to="topic://EV.c1", correlation_id="c-1", properties=properties)
    (command,) = await site.wait_for(1)
    assert (command.type, command.body, command.reply_to, command.correlation_id) == (
        "Hello#EV.c1",
        "a,b",
        "EV.c1",
        "c-1",
    )
    assert (command.fault, command.redelivered) == (None, False)
    assert command.message_id.startswith("ID:")
    assert command.properties["format"] == "json"
    assert abs(int(command.properties["timestamp"]) / 1000 - time.time()) < 60
    assert command.properties["odd name"] == "a:b\\c\nd"
    assert set(command.properties) == {"format", "odd name", "timestamp"}


@pytest.mark.parametrize(("given", "seen"), [(None, ""), ("", ""), ("Hello#😀 y: z\n", "Hello#😀 y: z\n")])
async def test_the_type_null_empty_and_odd(site: Site, jms: JmsClient, given: str | None, seen: str) -> None:
    await jms.send(given, "body")
    assert [command.type for command in await site.wait_for(1)] == [seen]


async def test_bodies(site: Site, jms: JmsClient) -> None:
    """Null, empty, whitespace, what Java encodes differently, a million characters."""
    bodies = [None, "", "\n leading\r\n", "a😀b#|,", "a\0b", "é漢", MEGABYTE[:500_000]]
    for body in bodies:
        await jms.send("T#1", body, persistent=False)
    commands = await site.wait_for(len(bodies))
    assert [command.body for command in commands] == [body or "" for body in bodies]
    assert {command.fault for command in commands} == {None}


async def test_other_classes_of_messages(site: Site, jms: JmsClient) -> None:
    """A bytes message is told apart; map and plain messages look like an empty text."""
    for kind in ("BYTES", "MAP", "PLAIN", "TEXT"):
        await jms.send(kind, "body", kind=kind)
    commands = await site.wait_for(4)
    assert [command.fault for command in commands] == [BodyFault.NOT_TEXT, None, None, None]
    assert [command.body for command in commands] == ["", "", "", "body"]


async def test_a_body_over_the_limit_is_a_fault_and_the_next_command_is_intact(site: Site, jms: JmsClient) -> None:
    await jms.send("Large#1", MEGABYTE + "x")
    await jms.send("Next#1", "x" * 1_048_576)
    commands = await site.wait_for(2)
    assert [(command.type, command.fault) for command in commands] == [
        ("Large#1", BodyFault.TOO_LARGE),
        ("Next#1", None),
    ]
    assert len(commands[1].body) == 1_048_576


async def test_headers_over_the_limits_do_not_stop_the_queue(site: Site, jms: JmsClient) -> None:
    await jms.send("Many#1", "body", properties={f"p{number}": "x" for number in range(2000)})
    await jms.send("Long#1", "body", properties={"p": "x" * 100_000})
    await jms.send("Nul#1", "body", correlation_id="a\0b", properties={"p": "a\0b"})
    await jms.send("Next#1", "body")
    commands = await site.wait_for(4)
    assert [command.fault for command in commands] == [BodyFault.TOO_LARGE, BodyFault.TOO_LARGE, None, None]
    assert [command.type for command in commands[2:]] == ["Nul#1", "Next#1"]


async def test_a_reply_to_may_be_a_temporary_topic(site: Site, jms: JmsClient) -> None:
    """An event that is sent back to it as it came reaches the client."""
    temporary = await jms.temporary_topic()
    await jms.send("Hello#1", reply_to=temporary)
    (command,) = await site.wait_for(1)
    assert command.reply_to.startswith("/remote-temp-topic/")
    site.publish("back", command.reply_to)
    assert [message.body for message in await jms.wait_for(temporary, 1)] == ["back"]


async def test_a_queue_as_reply_to_is_not_supported(site: Site, jms: JmsClient) -> None:
    await jms.send("Hello#1", reply_to="queue://answers")
    assert [command.reply_to for command in await site.wait_for(1)] == [""]


async def test_a_receiver_that_raises_does_not_stop_the_queue(
    activemq: ActiveMqBroker, site: Site, jms: JmsClient, start_site: StartSite
) -> None:
    """The command counts as dealt with: it does not come again to the next consumer either."""
    site.fail = True
    await jms.send("Bad#1")
    await jms.send("Bad#2")
    await site.wait_for(2)
    await site.door.stop()
    other = await start_site(activemq)
    await jms.send("Good#1")
    assert [command.type for command in await other.wait_for(1)] == ["Good#1"]


# -- events: broker.md 2.2


async def test_an_event_is_a_text_message_with_an_empty_type(site: Site, jms: JmsClient) -> None:
    await jms.subscribe("EV.c1")
    site.publish("1001#State#READY", correlation_id="c:1")
    (message,) = await jms.wait_for("EV.c1", 1)
    assert (message.kind, message.type, message.body, message.correlation_id) == (
        "TextMessage", "", "1001#State#READY", "c:1",
    )  # fmt: skip
    assert (message.persistent, message.expiration, message.reply_to) == (False, 0, None)


async def test_the_type_may_be_left_out_and_a_lifetime_given(
    activemq: ActiveMqBroker, jms: JmsClient, start_site: StartSite
) -> None:
    site = await start_site(activemq, send_empty_type=False, event_lifetime=60.0)
    await until_open(site)
    await jms.subscribe("EV.c1")
    site.publish("x")
    (message,) = await jms.wait_for("EV.c1", 1)
    assert message.type is None
    assert message.correlation_id is None
    assert 30 < message.expiration / 1000 - time.time() < 61


async def test_event_bodies_arrive_intact_and_in_order(site: Site, jms: JmsClient) -> None:
    await jms.subscribe("EV.c1")
    bodies = ["a😀b#|,", "a\0b", "é漢", "\n x", "", MEGABYTE, *map(str, range(1000))]
    for body in bodies:
        site.publish(body)
    messages = await jms.wait_for("EV.c1", len(bodies), 30)
    assert {message.kind for message in messages} == {"TextMessage"}
    assert [message.body for message in messages] == bodies


@pytest.mark.parametrize(
    "destination",
    [
        "EV.c1,EV.c2",
        "EV.*",
        "EV.>",
        "EV.c1?a=b",
        "queue://Connector1",
        "/queue/X",
        "ActiveMQ.Advisory.X",
        "",
        "x\ny",
        "/topic/X",
    ],
)
async def test_a_destination_that_is_more_than_a_name_is_refused(site: Site, jms: JmsClient, destination: str) -> None:
    await jms.subscribe("EV.c1")
    with pytest.raises(ValueError, match="cannot be sent"):
        site.publish("injected", destination)
    site.publish("proper")
    assert [message.body for message in await jms.wait_for("EV.c1", 1)] == ["proper"]


# -- users


async def test_users_and_what_check_says(
    start_activemq: StartBroker, start_jms_client: StartJmsClient, start_site: StartSite
) -> None:
    broker = start_activemq(users={"gc": "gc secret:\\", "c1": "pw"})
    good = ActiveMqSettings(urls=(broker.stomp_url, "stomp://127.0.0.1:1"), username="gc", password="gc secret:\\")
    bad = ActiveMqSettings(urls=(broker.stomp_url,), username="gc", password="wrong")
    first, second = await check(good)
    assert (first.reachable, first.server.startswith("ActiveMQ/5."), first.reason) == (True, True, "")
    assert (second.reachable, "refused" in second.reason.lower() or "connect" in second.reason.lower()) == (False, True)
    assert [report.reason for report in await check(bad)] == ["User name [gc] or password is invalid."]

    site = await start_site(broker, username="gc", password="gc secret:\\")
    client = await start_jms_client(broker, "c1", "pw")
    await client.send("Hello#1")
    assert [command.properties["JMSXUserID"] for command in await site.wait_for(1)] == ["c1"]


# -- trouble


async def test_a_broker_that_is_killed_and_comes_back(activemq: ActiveMqBroker, site: Site, jms: JmsClient) -> None:
    """Events of the time between arrive in order when the client is there again; commands work."""
    activemq.kill()
    await until(lambda: site.door.state is DoorState.CONNECTING)
    activemq.start()
    await jms.subscribe("EV.c1")
    await until_open(site)
    for number in range(10):
        site.publish(str(number))
    assert [message.body for message in await jms.wait_for("EV.c1", 10)] == [str(number) for number in range(10)]
    await jms.send("Hello#1")
    assert [command.type for command in await site.wait_for(1)] == ["Hello#1"]


async def test_events_wait_while_the_broker_is_away(
    activemq: ActiveMqBroker, jms: JmsClient, start_site: StartSite
) -> None:
    """They go out in order when it is back; beyond the bound the oldest are given up that no snapshot restates."""
    await jms.subscribe("EV.c1")
    site = await start_site(activemq, buffered_events=3)
    activemq.freeze()  # the client's subscription lives on
    for number in range(5):
        site.publish(str(number), lasting=True)
    activemq.thaw()
    assert [message.body for message in await jms.wait_for("EV.c1", 3)] == ["2", "3", "4"]


async def test_a_jms_client_can_forge_its_user(
    start_activemq: StartBroker, start_jms_client: StartJmsClient, start_site: StartSite
) -> None:
    """ActiveMQ's STOMP lets a property win over the user that the broker knows: JMSXUserID proves nothing here."""
    broker = start_activemq(users={"gc": "word", "c1": "pw"})
    site = await start_site(broker, username="gc", password="word")
    client = await start_jms_client(broker, "c1", "pw")
    await client.send("Hello#1", properties={"JMSXUserID": "forged"})
    assert [command.properties["JMSXUserID"] for command in await site.wait_for(1)] == ["forged"]


async def test_a_persistent_command_survives_the_broker(
    start_activemq: StartBroker, start_site: StartSite, start_jms_client: StartJmsClient
) -> None:
    broker = start_activemq(persistent=True)
    jms = await start_jms_client(broker)
    await jms.send("Hello#1", "😀")
    broker.kill()
    broker.start()
    site = await start_site(broker)
    assert [(command.type, command.body) for command in await site.wait_for(1)] == [("Hello#1", "😀")]


async def test_a_recommended_broker_remembers_what_it_had_delivered(
    start_activemq: StartBroker, start_site: StartSite, start_jms_client: StartJmsClient
) -> None:
    """After kill -9 a command that was handed over and not acknowledged is marked, also for another connector."""
    broker = start_activemq(config=RECOMMENDED)
    site = await start_site(broker)
    await until_open(site)
    link = site.door._commands
    assert link is not None
    assert link._connection is not None
    link._connection.acknowledge = lambda message: None  # noqa: ARG005
    jms = await start_jms_client(broker)
    await jms.send("MakeCall#1", "4711")
    await site.wait_for(1)
    await site.door.abort()
    broker.kill()
    broker.start()
    other = await start_site(broker)
    assert [(command.type, command.redelivered) for command in await other.wait_for(1)] == [("MakeCall#1", True)]


async def test_a_frozen_broker_is_noticed_and_nothing_is_lost_when_it_thaws(
    activemq: ActiveMqBroker, jms: JmsClient, start_site: StartSite
) -> None:
    site = await start_site(activemq, heart_beat_ms=400, connect_deadline=1.0)
    await until_open(site)
    activemq.freeze()
    began = time.monotonic()
    await until(lambda: site.door.state is DoorState.CONNECTING)
    assert 0.7 < time.monotonic() - began < 5.0
    activemq.thaw()
    await until_open(site)
    await jms.send("Hello#1")
    assert [command.type for command in await site.wait_for(1)] == ["Hello#1"]


async def test_the_consumer_with_the_higher_priority_is_active(
    activemq: ActiveMqBroker, jms: JmsClient, start_site: StartSite
) -> None:
    """A standby gets nothing until the active one goes; the preferred one takes over when it returns."""
    standby = await start_site(activemq, consumer_priority=100)
    await until_open(standby)
    await jms.send("A#1")
    await standby.wait_for(1)
    preferred = await start_site(activemq)
    await until_open(preferred)
    await jms.send("B#1")
    await preferred.wait_for(1)
    await preferred.door.stop()
    await jms.send("C#1")
    await standby.wait_for(2)
    assert [command.type for command in standby.commands] == ["A#1", "C#1"]
    assert [command.type for command in preferred.commands] == ["B#1"]


async def test_what_a_dead_consumer_did_not_acknowledge_comes_again_and_is_marked(
    activemq: ActiveMqBroker, site: Site, jms: JmsClient, start_site: StartSite
) -> None:
    """The connection breaks while the first command is handed over; it cannot be acknowledged any more."""
    link = site.door._commands
    assert link is not None
    connection = link._connection
    assert connection is not None
    heirs = await start_site(activemq, consumer_priority=1)
    await until_open(heirs)
    original = connection.acknowledge

    def cut_first(message: Frame) -> None:
        connection.abort("cut by the test")
        original(message)

    connection.acknowledge = cut_first  # type: ignore[method-assign]
    await jms.send("MakeCall#1", "4711")
    (again,) = await heirs.wait_for(1)
    assert (again.type, again.redelivered) == ("MakeCall#1", True)
    assert [(command.type, command.redelivered) for command in site.commands][:1] == [("MakeCall#1", False)]


async def test_the_second_broker_takes_over_and_the_first_is_returned_to(
    start_activemq: StartBroker, start_site: StartSite, start_jms_client: StartJmsClient
) -> None:
    """Commands and events move together, and back when the first broker is there again."""
    first, second = start_activemq(), start_activemq()
    site = await start_site(first, second, return_to_first=0.2)
    await until_open(site)
    at_second = await start_jms_client(second)
    await at_second.subscribe("EV.c1")
    first.kill()
    await at_second.send("Hello#2")
    await site.wait_for(1)
    await until_open(site)
    site.publish("here")
    assert [message.body for message in await at_second.wait_for("EV.c1", 1)] == ["here"]
    first.start()
    at_first = await start_jms_client(first)
    await at_first.send("Hello#1")
    assert [command.type for command in await site.wait_for(2)] == ["Hello#2", "Hello#1"]


async def test_after_a_silence_the_broker_proves_that_it_still_counts_us_in(site: Site, jms: JmsClient) -> None:
    """ActiveMQ gives the receipt of an empty transaction; the commands that were held meanwhile are handed over."""
    link = site.door._commands
    assert link is not None
    assert link._connection is not None
    link._connection._heard_at -= 3.2  # 1.6 heart-beat intervals
    await jms.send("Hello#1")
    await jms.send("Hello#2")
    assert [command.type for command in await site.wait_for(2)] == ["Hello#1", "Hello#2"]
    assert not link._connection.closed.done()


class OtherProcess:
    """A preferred connector in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, broker: ActiveMqBroker, heart_beat_ms: int) -> OtherProcess:
        program = str(Path(__file__).with_name("door_process.py"))
        arguments = (program, broker.stomp_url, str(heart_beat_ms))
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
        )

    async def took(self, deadline: float = 15.0) -> str:
        """Wait for the next command that it takes over."""
        assert self._process.stderr is not None
        async with asyncio.timeout(deadline):
            return (await self._process.stderr.readline()).decode().strip()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.communicate()


@pytest.fixture
async def preferred(activemq: ActiveMqBroker) -> AsyncIterator[OtherProcess]:
    process = await OtherProcess.start(activemq, heart_beat_ms=400)
    yield process
    await process.kill()


async def test_a_connector_that_is_killed_while_it_takes_a_command_over(
    activemq: ActiveMqBroker, jms: JmsClient, preferred: OtherProcess, start_site: StartSite
) -> None:
    """The standby gets that command and those behind it, in order, marked as redelivered."""
    await jms.send("A#1")
    assert await preferred.took() == "TOOK A#1 False"
    standby = await start_site(activemq, consumer_priority=100)
    await until_open(standby)
    await jms.send("B#1", "die")
    await jms.send("C#1")
    commands = await standby.wait_for(2)
    assert [command.type for command in commands] == ["B#1", "C#1"]
    assert commands[0].redelivered


async def test_a_connector_that_was_frozen_does_not_take_over_what_another_has_got(
    activemq: ActiveMqBroker, jms: JmsClient, preferred: OtherProcess, start_site: StartSite
) -> None:
    """The commands lie in its socket when it thaws; it takes over only what comes after it has connected anew."""
    await jms.send("A#1")
    assert await preferred.took() == "TOOK A#1 False"
    standby = await start_site(activemq, consumer_priority=100, heart_beat_ms=400)
    await until_open(standby)
    preferred.signal(signal.SIGSTOP)
    for number in range(5):
        await jms.send(f"B#{number}")
    commands = await standby.wait_for(5)
    assert [(command.type, command.redelivered) for command in commands] == [(f"B#{n}", True) for n in range(5)]
    preferred.signal(signal.SIGCONT)
    took = asyncio.create_task(preferred.took())
    for number in range(200):  # the standby gets these until the preferred one is back
        await jms.send(f"C#{number}")
        done, _ = await asyncio.wait({took}, timeout=0.05)
        if done:
            break
    assert (await took).startswith("TOOK C#")

"""The ActiveMQ door against a scripted broker: whole transcripts, and the moments that a real broker seldom shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import structlog

from broker.scripted import CONNECTED, ScriptedBroker
from generic_connector.broker.activemq import ActiveMqDoor, ActiveMqSettings, check
from generic_connector.broker.activemq.presence import PREFIX
from generic_connector.broker.door import BodyFault, CommandMessage, DoorState, EventMessage

BEATING = CONNECTED.replace(b"0,0", b"1000,1000")


class Site:
    """A door at scripted brokers, and what it handed over."""

    def __init__(self, *brokers: ScriptedBroker, **settings: Any) -> None:
        self.commands: asyncio.Queue[CommandMessage] = asyncio.Queue()
        self.restates = False
        urls = tuple(broker.url for broker in brokers)
        self.door = ActiveMqDoor(ActiveMqSettings(urls=urls, **{"heart_beat_ms": 1000, **settings}))

    async def start(self) -> None:
        await self.door.start(self.commands.put_nowait, self.restate)

    def restate(self, destination: str) -> None:
        """Be the product's snapshot."""
        if self.restates:
            self.publish("snapshot", "of two", destination=destination)

    def publish(self, *bodies: str, lasting: bool = False, destination: str = "EV.c1") -> None:
        for body in bodies:
            self.door.publish(EventMessage(destination=destination, body=body, correlation_id="c", lasting=lasting))

    @property
    def subscription(self) -> str:
        """The unguessable id of the one subscription."""
        assert self.door._commands is not None
        (subscription,) = self.door._commands._subscriptions
        return subscription

    def message(self, number: int, **headers: str) -> bytes:
        lines = {"subscription": self.subscription, "ack": str(number), "type": f"T#{number}", **headers}
        return ("MESSAGE\n" + "".join(f"{name}:{value}\n" for name, value in lines.items()) + "\nbody\0").encode()

    def fall_silent(self, seconds: float) -> None:
        """Let the connection for commands believe that nothing came for so long."""
        assert self.door._commands is not None
        assert self.door._commands._connection is not None
        self.door._commands._connection._heard_at -= seconds


@pytest.fixture
async def broker() -> AsyncIterator[ScriptedBroker]:
    async with ScriptedBroker() as scripted:
        yield scripted


async def until(condition: Callable[[], bool]) -> None:
    """Look every 5 ms whether something has come about."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # the door does not tell its changes
            await asyncio.sleep(0.005)


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """Give what is logged."""
    with structlog.testing.capture_logs() as entries:
        yield entries


async def started(*brokers: ScriptedBroker, **settings: Any) -> Site:
    site = Site(*brokers, **settings)
    await site.start()
    await until(lambda: site.door.state is DoorState.OPEN)
    return site


async def test_the_whole_conversation(broker: ScriptedBroker) -> None:
    site = await started(broker, username="gc", password="word", queues=("Connector1", "Connector2"))
    assert site.door._commands is not None
    subscription = min(site.door._commands._subscriptions)
    broker.send(f"MESSAGE\nsubscription:{subscription}\nack:a\\c1\ntype:Hello#EV.c1\n\nJSON\0".encode())
    assert (await site.commands.get()).type == "Hello#EV.c1"
    site.publish("System#IN_SERVICE")
    await broker.wait_for_command("SEND")
    await site.door.stop()
    connect = "CONNECT\naccept-version:1.2\nhost:127.0.0.1\nheart-beat:1000,1000\nlogin:gc\npasscode:word\n\n"
    consumer = "activemq.exclusive:true\nactivemq.priority:127\nactivemq.prefetchSize:1000\nreceipt:R\n\n"
    assert sorted(broker.received) == sorted(
        [
            connect,
            connect,
            f"SUBSCRIBE\nid:R\ndestination:/queue/Connector1\nack:client-individual\n{consumer}",
            f"SUBSCRIBE\nid:R\ndestination:/queue/Connector2\nack:client-individual\n{consumer}",
            "ACK\nid:a\\c1\n\n",
            "SEND\ndestination:/topic/EV.c1\ntype:\ncorrelation-id:c\nreceipt:R\n\nSystem#IN_SERVICE",
            "DISCONNECT\nreceipt:R\n\n",
            "DISCONNECT\nreceipt:R\n\n",
        ]
    )


async def test_after_a_silence_commands_wait_for_the_brokers_proof(broker: ScriptedBroker) -> None:
    """Another instance may have them by then. The proof is the receipt of an empty transaction."""
    broker.connected = BEATING
    site = await started(broker)
    broker.give_receipts = False
    site.fall_silent(1.6)
    broker.send(site.message(1))
    await broker.wait_for_command("BEGIN")
    broker.send(site.message(2))
    await asyncio.sleep(0.02)  # long enough for a wrong hand-over on this machine to show
    assert site.commands.empty()
    assert site.door._commands is not None
    assert site.door._commands._connection is not None
    (receipt_id,) = site.door._commands._connection._receipts
    broker.send(f"RECEIPT\nreceipt-id:{receipt_id}\n\n\0".encode())
    assert [(await site.commands.get()).type for _ in range(2)] == ["T#1", "T#2"]
    assert await broker.wait_for_command("ACK", 2) == ["ACK\nid:1\n\n", "ACK\nid:2\n\n"]
    await broker.wait_for_command("ABORT")
    broker.send(site.message(3))
    assert (await site.commands.get()).type == "T#3"
    broker.give_receipts = True
    await site.door.stop()


async def test_commands_that_are_held_are_dropped_when_the_proof_fails(broker: ScriptedBroker) -> None:
    """The broker gives them to whoever is active now."""
    broker.connected = BEATING
    site = await started(broker)
    site.fall_silent(1.6)
    broker.give_receipts = False
    broker.send(site.message(1))
    await broker.wait_for_command("BEGIN")
    broker.give_receipts = True
    broker.cut()
    await broker.wait_for_command("SUBSCRIBE", 2)
    broker.send(site.message(2))
    assert (await site.commands.get()).type == "T#2"
    assert [frame for frame in broker.received if frame.startswith("ACK")] in ([], ["ACK\nid:2\n\n"])
    await site.door.stop()


async def test_a_message_that_names_no_subscription_of_ours_is_a_forgery(broker: ScriptedBroker) -> None:
    site = await started(broker)
    broker.send(b"MESSAGE\nack:1\n\nforged\0MESSAGE\nsubscription:1\nack:1\n\nforged\0" + site.message(2))
    assert (await site.commands.get()).type == "T#2"
    assert await broker.wait_for_command("ACK") == ["ACK\nid:2\n\n"]
    await site.door.stop()


async def test_what_cannot_be_read_is_handed_over_as_a_fault_and_acknowledged(broker: ScriptedBroker) -> None:
    site = await started(broker, body_limit=10)
    broker.send(site.message(1, **{"content-length": "4"}))
    broker.send(site.message(2).replace(b"body", b"\xff"))
    broker.send(site.message(3).replace(b"body", b"x" * 100))
    faults = [(await site.commands.get()).fault for _ in range(3)]
    assert faults == [BodyFault.NOT_TEXT, BodyFault.NOT_UTF8, BodyFault.TOO_LARGE]
    await broker.wait_for_command("ACK", 3)
    await site.door.stop()


async def test_events_wait_in_order_and_beyond_the_bound_the_oldest_go(broker: ScriptedBroker) -> None:
    """Those that no snapshot restates."""
    site = Site(broker, buffered_events=3)
    site.publish("1", "2", "3", "4", lasting=True)
    await site.start()
    site.publish("5", lasting=True)
    sent = await broker.wait_for_command("SEND", 3)
    assert [frame.split("\n")[-1] for frame in sent] == ["3", "4", "5"]
    await site.door.stop()


async def test_an_event_that_waited_longer_than_its_lifetime_is_not_sent(
    broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("generic_connector.broker.activemq.sender.time.time", lambda: now)
    site = Site(broker, event_lifetime=2.0)
    site.publish("late")
    now = 1002.0
    site.publish("in time")
    await site.start()
    (sent,) = await broker.wait_for_command("SEND")
    assert sent == "SEND\ndestination:/topic/EV.c1\ntype:\ncorrelation-id:c\nexpires:1004000\nreceipt:R\n\nin time"
    await site.door.stop()


async def test_events_wait_while_the_network_does_not_take_them(broker: ScriptedBroker) -> None:
    """They are kept by the outbox, which has a bound, and not by the socket, which has none."""
    site = await started(broker)
    for _ in range(20):
        site.publish("x" * 1_000_000)
    assert len(site.door._events._sender.outbox) > 0
    await broker.wait_for_command("SEND", 20)
    await site.door.stop()


async def test_the_urls_are_tried_in_order_and_events_follow_the_commands(broker: ScriptedBroker) -> None:
    """The first is down, the second is used; when that breaks, the first, which is back, is used."""
    async with ScriptedBroker() as first:
        pass
    site = await started(first, broker, client_return=0)
    async with first:
        broker.cut()
        await first.wait_for_command("SUBSCRIBE")
        await first.wait_for_command("CONNECT", 2)
        site.publish("x")
        await first.wait_for_command("SEND")
        await site.door.stop()
    assert [frame.split("\n")[0] for frame in broker.received] == ["CONNECT", "SUBSCRIBE", "CONNECT"]


async def test_a_subscription_that_is_refused_is_tried_again(broker: ScriptedBroker) -> None:
    broker.give_receipts = False
    site = Site(broker)
    await site.start()
    await broker.wait_for_command("SUBSCRIBE")
    assert site.door._commands is not None
    assert site.door._commands._connection is not None
    (receipt_id,) = site.door._commands._connection._receipts
    broker.give_receipts = True
    broker.send(f"ERROR\nreceipt-id:{receipt_id}\nmessage:not authorized\n\n\0".encode())
    await broker.wait_for_command("SUBSCRIBE", 2)
    await site.door.stop()


def bodies(broker: ScriptedBroker, destination: str = "") -> list[str]:
    """Give the bodies of the events that came, in order."""
    sent = [frame for frame in broker.received if frame.startswith(f"SEND\ndestination:/topic/{destination}")]
    return [frame.split("\n")[-1] for frame in sent]


def receipt_id(site: Site) -> str:
    """Give the one receipt that the door waits for on its connection for events."""
    assert site.door._events._connection is not None
    (waiting,) = site.door._events._connection._receipts
    return waiting


async def test_beyond_the_bound_what_lasts_is_sent_and_then_a_snapshot(broker: ScriptedBroker) -> None:
    """Another destination loses nothing; afterwards everything is as before."""
    site = Site(broker, buffered_events=3)
    site.restates = True
    site.publish("other 1", "other 2", destination="EV.c2")
    site.publish("1", "2")
    site.publish("end of a call", lasting=True)
    site.publish("3", "4")
    await site.start()
    await broker.wait_for_command("SEND", 5)
    site.publish("5")
    await broker.wait_for_command("SEND", 6)
    assert bodies(broker) == ["other 1", "other 2", "end of a call", "snapshot", "of two", "5"]
    await site.door.stop()


async def test_a_snapshot_larger_than_the_bound_is_no_new_gap(broker: ScriptedBroker) -> None:
    site = Site(broker, buffered_events=1)
    site.restates = True
    site.publish("1", "2")
    await site.start()
    await broker.wait_for_command("SEND", 2)
    await site.door.stop()
    assert bodies(broker) == ["snapshot", "of two"]


async def test_what_the_broker_did_not_confirm_is_sent_again_first_with_the_same_id(broker: ScriptedBroker) -> None:
    site = await started(broker, client_return=0)
    broker.give_receipts = False
    site.publish("1", "2")
    await broker.wait_for_command("SEND", 2)
    broker.give_receipts = True
    broker.cut()
    site.publish("3")
    sent = await broker.wait_for_command("SEND", 5)
    assert [frame.split("\n")[-1] for frame in sent] == ["1", "2", "1", "2", "3"]
    assert sent[0] == sent[2]
    assert "correlation-id:c\n" in sent[2]
    await site.door.stop()


async def test_what_was_confirmed_is_not_sent_again(broker: ScriptedBroker) -> None:
    site = await started(broker, client_return=0)
    site.publish("1")
    await broker.wait_for_command("SEND")
    await until(lambda: site.door._events._sender.is_idle)
    broker.cut()
    site.publish("2")
    await broker.wait_for_command("SEND", 2)
    assert bodies(broker) == ["1", "2"]
    await site.door.stop()


async def test_events_of_one_turn_of_the_loop_are_confirmed_together(broker: ScriptedBroker) -> None:
    """A receipt for each would cost the broker as much as the event."""
    site = await started(broker)
    site.publish("1", "2", "3")
    sent = await broker.wait_for_command("SEND", 3)
    assert ["receipt:R" in frame for frame in sent] == [False, False, True]
    await site.door.stop()


async def test_a_refused_event_is_dealt_with(broker: ScriptedBroker) -> None:
    """It is not sent again for ever."""
    site = await started(broker)
    broker.refused = "forbidden"
    site.publish("forbidden")
    site.publish("allowed")
    await broker.wait_for_command("SEND", 2)
    await until(lambda: site.door._events._sender.is_idle)
    await site.door.stop()
    assert bodies(broker) == ["forbidden", "allowed"]


def advisory(frame: str, consumers: int, name: str, subscription: str) -> bytes:
    return f"{frame}\nsubscription:{subscription}\ndestination:{PREFIX}{name}\nconsumerCount:{consumers}\n\n\0".encode()


async def returned(broker: ScriptedBroker, **settings: Any) -> Site:
    """Give a site whose broker was away and is back; events wait for three destinations."""
    site = await started(broker, **settings)
    broker.cut()
    await until(lambda: site.door.state is not DoorState.OPEN)
    for destination in ("EV.c1", "EV.c2", "/remote-temp-topic/ID:a-1:1"):
        site.publish(f"for {destination}", destination=destination)
    await until(lambda: site.door.state is DoorState.OPEN)
    return site


async def test_events_wait_for_the_client_that_is_not_back_yet(broker: ScriptedBroker) -> None:
    """One destination holds up no other one; one that comes by a pattern or for a temporary topic counts as well."""
    site = await returned(broker)
    subscription = site.door._events._advisories
    broker.send(advisory("MESSAGE", 1, "EV.c2", subscription) + advisory("MESSAGE", 1, "EV.c1", "forged"))
    await broker.wait_for_command("SEND", 1)
    broker.send(advisory("MESSAGE", 0, "EV.c1", subscription) + advisory("MESSAGE", 1, "ID:a-1:1", subscription))
    await broker.wait_for_command("SEND", 2)
    broker.send(advisory("MESSAGE", 1, "*.c1", subscription))
    await broker.wait_for_command("SEND", 3)
    sent = [frame.split("\n")[-1] for frame in broker.received if frame.startswith("SEND")]
    assert sent == ["for EV.c2", "for /remote-temp-topic/ID:a-1:1", "for EV.c1"]
    await site.door.stop()


async def test_patience_with_clients_ends(broker: ScriptedBroker) -> None:
    """Then all goes out, and the advisories are not heard any more."""
    site = await returned(broker, client_return=0.05)
    await broker.wait_for_command("SEND", 3)
    await broker.wait_for_command("UNSUBSCRIBE")
    await site.door.stop()


async def test_stopping_waits_for_no_client(broker: ScriptedBroker) -> None:
    site = await returned(broker)
    await site.door.stop()
    assert len(bodies(broker)) == 2


async def test_a_broker_that_refuses_its_advisories(broker: ScriptedBroker, log: list[Any]) -> None:
    """Events go out at once; that is logged once."""
    broker.refused = "ActiveMQ.Advisory"
    site = await returned(broker)
    await broker.wait_for_command("SEND", 3)
    broker.cut()
    await until(lambda: site.door.state is not DoorState.OPEN)
    await until(lambda: site.door.state is DoorState.OPEN)
    await site.door.stop()
    assert len([entry for entry in log if "who listens cannot be known" in entry["event"]]) == 1


async def test_a_broker_that_hangs_up_over_its_advisories_is_not_asked_for_ever(broker: ScriptedBroker) -> None:
    broker.hated = "ActiveMQ.Advisory"
    site = await returned(broker)
    await broker.wait_for_command("SEND", 3)
    assert len([frame for frame in broker.received if "Advisory" in frame]) == 3
    await site.door.stop()


async def test_nothing_more_is_sent_to_a_broker_that_confirms_nothing(
    broker: ScriptedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be frozen, and read all of it when it thaws, after we have sent it again."""
    monkeypatch.setattr("generic_connector.broker.activemq.sender.FLIGHT_SECONDS", -1.0)
    site = await started(broker)
    broker.give_receipts = False
    site.publish("1")
    await broker.wait_for_command("SEND")
    site.publish("2")
    await asyncio.sleep(0.02)  # long enough for a wrong SEND on this machine to show
    assert bodies(broker) == ["1"]
    broker.give_receipts = True
    broker.send(f"RECEIPT\nreceipt-id:{receipt_id(site)}\n\n\0".encode())
    await broker.wait_for_command("SEND", 2)
    await site.door.stop()


async def test_artemis_has_no_such_advisories(broker: ScriptedBroker) -> None:
    broker.connected = CONNECTED.replace(b"ActiveMQ/5.17.2", b"ActiveMQ-Artemis/2.31.0")
    site = await returned(broker)
    await broker.wait_for_command("SEND", 3)
    assert not [frame for frame in broker.received if "Advisory" in frame]
    await site.door.stop()


async def test_after_the_commands_were_left_events_still_go_out(broker: ScriptedBroker) -> None:
    """Also when the connection breaks meanwhile. stop() waits until the broker has confirmed them."""
    site = await started(broker, client_return=0)
    await site.door.stop_commands()
    await broker.wait_for_command("DISCONNECT")
    assert site.door.state is DoorState.OPEN
    broker.cut()
    await until(lambda: site.door.state is DoorState.CONNECTING)
    site.publish("1")
    await until(lambda: site.door.state is DoorState.OPEN)
    site.publish("2")
    await site.door.stop()
    assert bodies(broker) == ["1", "2"]
    assert site.commands.empty()
    assert [frame.split("\n")[0] for frame in broker.received].count("SUBSCRIBE") == 1


async def test_after_the_commands_were_left_none_is_taken_over(broker: ScriptedBroker) -> None:
    """One that comes while we say good-bye is not acknowledged: the broker gives it to another instance."""
    site = await started(broker)
    message = site.message(1)
    broker.give_receipts = False
    leaving = asyncio.create_task(site.door.stop_commands())
    await broker.wait_for_command("DISCONNECT")
    broker.send(message)
    await leaving
    assert site.commands.empty()
    assert not [frame for frame in broker.received if frame.startswith("ACK")]
    await site.door.abort()


async def test_stop_waits_until_the_broker_has_confirmed_the_events(broker: ScriptedBroker) -> None:
    site = await started(broker)
    await site.door.stop_commands()
    broker.give_receipts = False
    site.publish("1")
    stopping = asyncio.create_task(site.door.stop())
    await broker.wait_for_command("SEND")
    assert len([frame for frame in broker.received if frame.startswith("DISCONNECT")]) == 1
    assert not stopping.done()
    broker.give_receipts = True
    broker.send(f"RECEIPT\nreceipt-id:{receipt_id(site)}\n\n\0".encode())
    await stopping
    await broker.wait_for_command("DISCONNECT", 2)


async def test_abort_sends_nothing_and_says_no_good_bye(broker: ScriptedBroker) -> None:
    """At once, though the broker confirms nothing; twice is once; stop() has nothing left to do."""
    site = await started(broker)
    broker.give_receipts = False
    site.publish("on its way")
    await broker.wait_for_command("SEND")
    site.publish("never sent")
    async with asyncio.timeout(1):
        await site.door.abort()
        await site.door.abort()
        await site.door.stop()
    assert site.door.state is DoorState.CLOSED
    assert bodies(broker) == ["on its way"]
    assert not [frame for frame in broker.received if frame.startswith("DISCONNECT")]


async def test_stop_before_the_broker_is_there_and_twice() -> None:
    async with ScriptedBroker() as gone:
        pass
    site = Site(gone)
    await site.start()
    site.publish("x")
    assert site.door.state is DoorState.CONNECTING
    await site.door.stop()
    await site.door.stop()
    assert repr(site.door.state) == repr(DoorState.CLOSED)


async def test_stop_sends_what_waits(broker: ScriptedBroker) -> None:
    site = await started(broker)
    site.publish(*map(str, range(100)))
    await site.door.stop()
    sent = [frame.split("\n")[-1] for frame in broker.received if frame.startswith("SEND")]
    assert sent == list(map(str, range(100)))


async def test_check_says_who_can_be_reached(broker: ScriptedBroker) -> None:
    async with ScriptedBroker(b"ERROR\nmessage:wrong password\n\n\0") as locked, ScriptedBroker(None) as silent:
        urls = (broker.url, locked.url, silent.url)
        reports = await check(ActiveMqSettings(urls=urls, connect_deadline=0.2))
    assert [(report.reachable, report.server, report.reason) for report in reports] == [
        (True, "ActiveMQ/5.17.2", ""),
        (False, "", "wrong password"),
        (False, "", "no answer within 0.2 s"),
    ]


@pytest.mark.parametrize(
    "settings",
    [{"urls": ()}, {"queues": ()}, {"heart_beat_ms": 0}, {"prefetch": 0}, {"urls": ("http://x",)}],
)
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the texts differ
        ActiveMqSettings(**{"urls": ("stomp://x",), **settings})

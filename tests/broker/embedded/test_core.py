from __future__ import annotations

import pytest

from generic_connector.broker.embedded.core import AckMode, BrokerCore, Delivery, RefusedError, Subscription
from generic_connector.broker.embedded.messages import Message

QUEUE, TOPIC = "/queue/Q", "/topic/T"


class Consumer:
    """Keeps what it gets; acknowledges at once when told to."""

    def __init__(self, core: BrokerCore, destination: str = QUEUE, **more: object) -> None:
        self.got: list[tuple[str, bool]] = []
        self.ack_ids: list[str] = []
        self.is_ready = True
        self.acknowledge_at_once = False
        self._core = core
        ack = more.pop("ack", AckMode.CLIENT_INDIVIDUAL)
        self.subscription = Subscription(id="s", destination=destination, subscriber=self, ack=ack, **more)  # type: ignore[arg-type]
        core.subscribe(self.subscription)

    @property
    def bodies(self) -> list[str]:
        return [body for body, _ in self.got]

    def ready(self) -> bool:
        return self.is_ready

    def deliver(self, subscription: Subscription, delivery: Delivery, ack_id: str) -> None:
        self.got.append((delivery.message.body.decode(), delivery.attempts > 1))
        self.ack_ids.append(ack_id)
        if self.acknowledge_at_once:
            self._core.acknowledge(subscription, ack_id)

    def acknowledge(self, number: int) -> None:
        self._core.acknowledge(self.subscription, self.ack_ids[number])

    def refuse(self, number: int) -> None:
        self._core.refuse(self.subscription, self.ack_ids[number])

    def leave(self) -> None:
        self._core.unsubscribe(self.subscription)


@pytest.fixture
def core() -> BrokerCore:
    return BrokerCore(queue_limit=5, storage_limit=100_000, now_ms=lambda: 1000.0)


def send(core: BrokerCore, *bodies: str, destination: str = QUEUE, expires_ms: int = 0) -> None:
    for body in bodies:
        core.send(Message(destination, {}, body.encode(), expires_ms))


def test_a_queue_keeps_messages_in_order_until_somebody_comes(core: BrokerCore) -> None:
    send(core, "1", "2")
    consumer = Consumer(core)
    send(core, "3")
    assert consumer.bodies == ["1", "2", "3"]


def test_a_topic_delivers_to_all_who_listen_now(core: BrokerCore) -> None:
    send(core, "early", destination=TOPIC)
    first, second = Consumer(core, TOPIC), Consumer(core, TOPIC)
    send(core, "1", destination=TOPIC)
    first.acknowledge(0)
    first.leave()
    send(core, "2", destination=TOPIC)
    assert (first.bodies, second.bodies) == (["1"], ["1", "2"])


def test_consumers_take_turns_and_priority_goes_first(core: BrokerCore) -> None:
    low, left, right = Consumer(core), Consumer(core, priority=5, prefetch=2), Consumer(core, priority=5, prefetch=1)
    send(core, "1", "2", "3", "4")
    assert (left.bodies, right.bodies, low.bodies) == (["1", "3"], ["2"], ["4"])


def test_the_exclusive_consumer_of_the_highest_priority_gets_all(core: BrokerCore) -> None:
    standby, other = Consumer(core, exclusive=True, priority=100), Consumer(core)
    send(core, "1")
    preferred = Consumer(core, exclusive=True, priority=127, prefetch=1)
    send(core, "2", "3")
    assert (standby.bodies, preferred.bodies, other.bodies) == (["1"], ["2"], [])
    preferred.leave()
    assert standby.got == [("1", False), ("2", True), ("3", False)]


def test_the_unacknowledged_come_again_in_order_and_marked(core: BrokerCore) -> None:
    first = Consumer(core)
    send(core, "1", "2", "3")
    first.acknowledge(1)
    first.leave()
    assert Consumer(core).got == [("1", True), ("3", True)]


def test_prefetch_bounds_what_is_on_the_way(core: BrokerCore) -> None:
    consumer = Consumer(core, prefetch=2)
    send(core, "1", "2", "3")
    assert consumer.bodies == ["1", "2"]
    consumer.acknowledge(0)
    assert consumer.bodies == ["1", "2", "3"]


def test_a_consumer_that_has_no_room_gets_nothing_until_it_wakes_the_broker(core: BrokerCore) -> None:
    consumer = Consumer(core, ack=AckMode.AUTO)
    consumer.is_ready = False
    send(core, "1")
    assert consumer.bodies == []
    consumer.is_ready = True
    core.wake(consumer.subscription)
    assert consumer.bodies == ["1"]


def test_mode_client_acknowledges_all_before(core: BrokerCore) -> None:
    consumer = Consumer(core, ack=AckMode.CLIENT)
    send(core, "1", "2", "3")
    consumer.acknowledge(1)
    consumer.leave()
    assert Consumer(core).got == [("3", True)]


def test_a_refused_message_comes_again_but_not_for_ever(core: BrokerCore) -> None:
    consumer = Consumer(core, prefetch=1)
    send(core, "1", "2")
    for number in range(7):
        consumer.refuse(number)
    assert consumer.got == [("1", False), *[("1", True)] * 6, ("2", False)]


def test_an_unknown_acknowledgement_is_refused(core: BrokerCore) -> None:
    consumer = Consumer(core)
    send(core, "1")
    consumer.acknowledge(0)
    with pytest.raises(RefusedError, match="no message waits"):
        consumer.acknowledge(0)


def test_a_queue_has_a_bound_in_messages_and_in_bytes(core: BrokerCore) -> None:
    """What was delivered but not acknowledged counts as bytes; room comes back when it is."""
    send(core, *"12345")
    with pytest.raises(RefusedError, match="is full"):
        send(core, "6")
    consumer = Consumer(core)
    send(core, "x" * 90_000)
    with pytest.raises(RefusedError, match="is full"):
        send(core, "x" * 10_000)
    consumer.acknowledge(5)
    send(core, "x" * 10_000)


def test_many_commands_acknowledged_from_within_do_not_nest() -> None:
    core = BrokerCore(queue_limit=5000, storage_limit=10_000_000, now_ms=lambda: 0.0)
    send(core, *map(str, range(5000)))
    consumer = Consumer(core)
    consumer.acknowledge_at_once = True
    consumer.acknowledge(0)
    assert len(consumer.got) == 5000


def test_the_expired_are_dropped(core: BrokerCore) -> None:
    send(core, "late", expires_ms=1000)
    send(core, "in time", expires_ms=1001)
    assert Consumer(core).bodies == ["in time"]


def test_idle_queues_are_forgotten(core: BrokerCore) -> None:
    consumer = Consumer(core, ack=AckMode.AUTO)
    send(core, "1")
    consumer.leave()
    send(core, "2")
    assert core.waiting(QUEUE) == 1
    Consumer(core, ack=AckMode.AUTO).leave()
    assert core._queues == {}
    assert core._stored == 0


@pytest.mark.parametrize(
    "destination", ["X", "/queue/", "/topic/A,/topic/B", "/topic/A.*", "/topic/>", "/queue/a?b", "/topic/" + "x" * 301]
)
def test_destinations_that_are_refused(core: BrokerCore, destination: str) -> None:
    with pytest.raises(RefusedError):
        send(core, "1", destination=destination)
    with pytest.raises(RefusedError):
        Consumer(core, destination)

from __future__ import annotations

import pytest

from generic_connector.broker.door import CommandMessage, DoorState, EventMessage
from generic_connector.broker.memory import MemoryDoor


def event(body: str, destination: str = "EV.c1") -> EventMessage:
    return EventMessage(destination=destination, body=body, correlation_id="")


async def test_commands_and_events_pass_in_order() -> None:
    """What is delivered before the start, or while the broker is cut off, waits."""
    door, received = MemoryDoor(), list[CommandMessage]()
    first = door.deliver("Hello#EV.c1", reply_to="EV.c1")
    await door.start(received.append)
    door.cut()
    assert door.state == DoorState.CONNECTING
    door.publish(event("1"))
    second = door.deliver("Beat#EV.c1")
    assert (received, door.bodies("EV.c1")) == ([first], [])
    door.restore()
    door.publish(event("2"))
    assert received == door.delivered == [first, second]
    assert await door.wait_for("EV.c1", 2) == ["1", "2"]
    assert await door.wait_for("EV.c1", lambda bodies: "2" in bodies) == ["1", "2"]
    await door.stop()
    assert repr(door.state) == repr(DoorState.CLOSED)


async def test_redelivery_keeps_the_message_id() -> None:
    door, received = MemoryDoor(), list[CommandMessage]()
    await door.start(received.append)
    door.redeliver(door.deliver("MakeCall#1", "4711"))
    assert [(command.message_id, command.redelivered) for command in received] == [
        ("ID:memory-1", False),
        ("ID:memory-1", True),
    ]


async def test_waiting_in_vain_shows_what_came_and_bad_destinations_are_refused() -> None:
    door = MemoryDoor()
    await door.start(lambda _: None)
    door.publish(event("1"))
    with pytest.raises(TimeoutError, match=r"\['1'\]"):
        await door.wait_for("EV.c1", 2, 0.01)
    with pytest.raises(ValueError, match="cannot be sent"):
        door.publish(event("1", "A,B"))


async def test_commands_can_be_left_alone_while_events_go_on_and_all_can_be_given_up() -> None:
    door, received = MemoryDoor(), list[CommandMessage]()
    await door.start(received.append)
    await door.stop_commands()
    door.deliver("Hello#EV.c1")
    door.publish(event("1"))
    assert (received, door.bodies("EV.c1")) == ([], ["1"])
    door.cut()
    door.publish(event("2"))
    await door.abort()
    assert door.state == DoorState.CLOSED
    door.restore()
    assert door.bodies("EV.c1") == ["1"]


async def test_a_gap_is_told() -> None:
    door, gaps = MemoryDoor(), list[str]()
    door.gap("EV.c1")
    await door.start(lambda _: None, gaps.append)
    door.gap("EV.c1")
    assert gaps == ["EV.c1"]

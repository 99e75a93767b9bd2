"""What ActiveMQ's advisories of consumers say."""

from __future__ import annotations

import pytest

from generic_connector.broker.activemq.presence import PREFIX, Presence, tells_presence
from generic_connector.broker.stomp.frames import Frame


def advisory(name: str, consumers: int) -> Frame:
    return Frame("MESSAGE", {"destination": PREFIX + name, "consumerCount": str(consumers), "type": "Advisory"})


def test_consumers_come_and_go() -> None:
    presence = Presence()
    assert not presence.is_there("EV.c1")
    assert [presence.hear(advisory("EV.c1", count)) for count in (1, 2, 1)] == ["EV.c1"] * 3
    assert presence.is_there("EV.c1")
    assert presence.hear(advisory("EV.c1", 0)) is None
    assert not presence.is_there("EV.c1")


def test_a_temporary_topic_is_known_by_its_name() -> None:
    presence = Presence()
    presence.hear(advisory("ID:a-1:1:1", 1))
    assert presence.is_there("/remote-temp-topic/ID:a-1:1:1")


@pytest.mark.parametrize(
    ("pattern", "topic", "listens"),
    [
        ("EV.*", "EV.c1", True),
        ("EV.*", "EV.c1.x", False),
        ("*.c1", "EV.c1", True),
        ("EV.>", "EV.a.b", True),
        ("EV.>", "EV", True),
        ("EV.>", "OTHER.a", False),
        (">", "anything", True),
        ("EV.*.x", "EV.a.y", False),
    ],
)
def test_patterns(pattern: str, topic: str, listens: bool) -> None:  # noqa: FBT001 - a table
    """Their count is that of the topics that there are, so 0 may mean that there are none yet."""
    presence = Presence()
    assert presence.hear(advisory(pattern, 0)) == ""
    assert presence.is_there(topic) is listens


def test_who_has_advisories() -> None:
    assert [tells_presence(server) for server in ("ActiveMQ/5.17.2", "ActiveMQ-Artemis/2.31.0", "")] == [
        True,
        False,
        False,
    ]

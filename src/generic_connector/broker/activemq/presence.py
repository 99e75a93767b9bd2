"""Whose client is there: ActiveMQ's advisories of consumers, by STOMP. Pure.

A new subscriber is told of every consumer that is there, then of each that comes and goes. The advisory's destination
names the topic, its header consumerCount how many consumers that has. Without a transformation that the broker does not
know, it would put the consumer's description into the body, for which Debian's build lacks a library: it fails then
and sends nothing (measured, 5.17.2).
"""

from __future__ import annotations

from generic_connector.broker.destinations import TEMPORARY_TOPIC
from generic_connector.broker.mapping import TOPIC
from generic_connector.broker.stomp.frames import Frame

PREFIX = f"{TOPIC}ActiveMQ.Advisory.Consumer.Topic."

DESTINATION = f"{PREFIX}>"

HEADERS = {"activemq.prefetchSize": "32766", "transformation": "headers-only"}
"""Of the subscription. The first announcements come all at once, and a topic's pending limit would drop some."""


def tells_presence(server: str) -> bool:
    """Say whether a broker that calls itself so has these advisories: Classic has, Artemis has not."""
    return server.startswith("ActiveMQ/")


class Presence:
    """The topics that have a consumer now."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._patterns: set[str] = set()

    def hear(self, advisory: Frame) -> str | None:
        """Take a MESSAGE. Gives the topic that has a consumer now, "" for a pattern of topics, None when one left.

        A pattern's count is that of the topics that match it, which may not be made yet: so it tells nothing, and a
        consumer that leaves is taken for one that is there.
        """
        name = advisory.headers.get("destination", "").removeprefix(PREFIX)
        if any(sign in name for sign in "*>"):
            self._patterns.add(name)
            return ""
        if advisory.headers.get("consumerCount", "0") == "0":
            self._names.discard(name)
            return None
        self._names.add(name)
        return name

    def is_there(self, address: str) -> bool:
        """Say whether somebody listens at a destination of events."""
        name = address.removeprefix(TEMPORARY_TOPIC)
        return name in self._names or any(_matches(pattern, name) for pattern in self._patterns)


def _matches(pattern: str, name: str) -> bool:
    """Match as ActiveMQ does: parts between dots, `*` for any part, `>` for all that follow."""
    parts, wanted = name.split("."), pattern.split(".")
    if wanted[-1] == ">":
        return len(parts) >= len(wanted) - 1 and _same(wanted[:-1], parts[: len(wanted) - 1])
    return len(parts) == len(wanted) and _same(wanted, parts)


def _same(wanted: list[str], parts: list[str]) -> bool:
    return all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))

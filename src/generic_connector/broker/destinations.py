"""Which names a client may give as the destination of its events.

The name becomes part of a broker address, and brokers read more into addresses than a name: a comma makes a
composite, `*` and `>` are wildcards, `?` begins options, `queue://` turns a topic into a queue (broker.md section 6).
Such a name is refused, never escaped or repaired.
"""

from __future__ import annotations

import re

TEMPORARY_TOPIC = "/remote-temp-topic/"
"""How ActiveMQ's STOMP shows a JMS client's temporary topic; an event sent back to it reaches the client."""

DESTINATION_PATTERN = r"[A-Za-z0-9_.:@$-]{1,200}"
"""What a bare topic name may consist of. Everything that has a meaning to a broker is left out."""

_NAME = re.compile(DESTINATION_PATTERN)
_TEMPORARY = re.compile(r"/remote-temp-topic/[A-Za-z0-9_.:-]{1,300}")


def is_destination_name(name: str) -> bool:
    """Say whether a client may use this bare topic name."""
    return _NAME.fullmatch(name) is not None and not name.lower().startswith("activemq.")


def is_event_address(address: str) -> bool:
    """Say whether an event may be sent there: a bare topic name, or a temporary topic as the broker named it."""
    return is_destination_name(address) or _TEMPORARY.fullmatch(address) is not None

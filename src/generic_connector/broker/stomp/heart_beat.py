"""Heart-beats: how they are agreed upon and when silence means death (STOMP 1.2, "Heart-beating"). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generic_connector.broker.stomp.errors import ProtocolError

DEAD_AFTER = 2.0
"""A peer that was silent for this many intervals is dead; checked four times an interval, hence noticed by 2.25."""

STALE_AFTER = 1.5
"""After this many silent intervals we no longer trust that the broker still counts us in. ActiveMQ gives a silent
client up after 2.3 to 2.9 intervals (broker.md section 5), so we stop before somebody else begins."""

CHECKS_PER_INTERVAL = 4
BEATS_PER_INTERVAL = 2
"""We beat twice an interval: a beat sent at exactly the interval arrives late every time the network is slow."""

_HEADER = re.compile(r"\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartBeat:
    """What one side can do: it beats every sends ms, and wants to hear something every wants ms. 0 means never."""

    sends: int
    wants: int

    def header(self) -> str:
        """Give the value of the heart-beat header."""
        return f"{self.sends},{self.wants}"


def parse_heart_beat(header: str | None) -> HeartBeat:
    """Read a heart-beat header; an absent one means 0,0. Raises ProtocolError."""
    if header is None:
        return HeartBeat(sends=0, wants=0)
    match = _HEADER.fullmatch(header)
    if match is None:
        raise ProtocolError("the heart-beat header cannot be read")
    return HeartBeat(sends=int(match[1]), wants=int(match[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What was agreed upon, from our side, in seconds: we send within send, the peer within expect. 0.0: no beats."""

    send: float
    expect: float


def agree(ours: HeartBeat, theirs: HeartBeat) -> Rhythm:
    """Work out the rhythm: the larger of what one side can and the other wants, none where either says 0."""
    send = max(ours.sends, theirs.wants) if ours.sends and theirs.wants else 0
    expect = max(theirs.sends, ours.wants) if theirs.sends and ours.wants else 0
    return Rhythm(send=send / 1000, expect=expect / 1000)

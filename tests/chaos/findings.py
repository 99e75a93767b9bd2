"""What can be wrong with a play. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chaos.transcript import Heard

LASTING = 1.0
"""Seconds for which a state must last to be expected at the client."""

SLACK = 0.25
"""Seconds by which the two books may differ about a moment."""


class Kind(StrEnum):
    """The columns of the table that must be zero."""

    COMMAND_LOST = "commands lost"
    CARRIED_OUT_TWICE = "carried out twice"
    EVENT_LOST = "events lost"
    DUPLICATED = "duplicated"
    OUT_OF_ORDER = "out of order"
    FORCED_LOGOUT = "forced logouts"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: of whom, when (0: not known), and what."""

    kind: Kind
    agent: str
    at: float
    what: str


@dataclass(slots=True)
class Comparison:
    """What one agent's books gave. by_snapshot: beginnings and ends of calls that only a snapshot told."""

    agent: str
    expected: int = 0
    by_snapshot: int = 0
    unknowable: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, kind: Kind, at: float, what: str) -> None:
        """Write a finding down."""
        self.findings.append(Finding(kind, self.agent, at, what))


def repeated(events: Sequence[Heard], same: Callable[[Heard], bool], by_name: str) -> Iterator[Heard]:
    """Give the events of one subject that say word for word what the one before said, and that nothing explains.

    events: all of an agent; same: which of them are about the subject; by_name: what the ids of our commands begin
    with.
    """
    last: Heard | None = None
    for number, heard in enumerate(events):
        if not same(heard):
            continue
        before = events[number - 1].name if number else ""
        after = events[number + 1].name if number + 1 < len(events) else ""
        explained = heard.correlation.startswith(by_name) or before == "AgentInfo" or after == "DialogStatus"
        if last is not None and heard.text == last.text and not explained:
            yield heard
        last = heard


def missing(wanted: Sequence[tuple[str, ...]], given: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Give what is wanted and does not occur, in this order, in what is given."""
    left, lost = list(given), []
    for one in wanted:
        if one in left:
            del left[: left.index(one) + 1]
        else:
            lost.append(one)
    return lost

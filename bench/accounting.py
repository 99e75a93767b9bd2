"""What Finesse told beside what the clients heard: how late each piece of news came, what was lost or out of order.

Both are cut into threads, one for each agent's state and one for each call of an agent, and reduced to changes of the
state. Without faults the two lists of a thread are the same; where they are not, the difference is loss or disorder.
Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.figures import Latency, latency

BEGINS = "BEGINS"
"""Ringing and dialling, by whatever name: Finesse and the client protocol cut the beginning of a call differently."""

ENDS = "DROPPED"
_BEGINNINGS = frozenset({"ALERTING", "INITIATING", "INITIATED"})


class News(NamedTuple):
    """A piece of news. dialog: "" for the agent's own state. rings: a screen pop.

    at: when it was due, or heard, by the monotonic clock. left: when it left Finesse, which was busy.
    """

    agent: str
    dialog: str
    state: str
    at: float
    rings: bool = False
    left: float = 0.0


Thread = tuple[str, str]


@dataclass(slots=True)
class Account:
    """lost: pieces of news. disordered: threads. The others: seconds of every piece of news from when it was due on.

    leaving: until it left the simulator; changes, screen_pops: until it was heard. added: of screen pops, from when
    they left the simulator until they were heard.
    """

    told: int = 0
    lost: int = 0
    disordered: int = 0
    leaving: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    screen_pops: list[float] = field(default_factory=list)
    added: list[float] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def latencies(self) -> dict[str, Latency]:
        """The figures."""
        return {
            "screen pop": latency(self.screen_pops),
            "screen pop, from leaving": latency(self.added),
            "every change": latency(self.changes),
            "in the simulator": latency(self.leaving),
        }


def account(told: Iterable[News], heard: Iterable[News], since: float = 0.0) -> Account:
    """Compare. The times of what was told are those at which it was due; latencies count from `since` on."""
    result, by_thread = Account(), _threads(heard)
    for thread, news in _threads(told).items():
        result.told += len(news)
        for before, after in _pairs(result, thread, news, by_thread.get(thread, [])):
            if before.at >= since:
                result.leaving.append(before.left - before.at)
                result.changes.append(after.at - before.at)
                if before.rings:
                    result.screen_pops.append(after.at - before.at)
                    result.added.append(after.at - before.left)
    return result


def normal(state: str) -> str:
    """Give a call's state in the words that both sides share."""
    return BEGINS if state in _BEGINNINGS else state


def told_state(*, event: str, own_state: str, dialog_state: str) -> str:
    """Give the state that a notice of a call tells a client of; "" when it tells nothing.

    The agent's own state decides, the call's where the agent is on the list no more. Only DELETE tells an end.
    """
    if event == "DELETE":
        return ENDS
    state = own_state or dialog_state
    return "" if state == ENDS else normal(state)


def _threads(news: Iterable[News]) -> dict[Thread, list[News]]:
    threads: dict[Thread, list[News]] = defaultdict(list)
    for one in news:
        thread = threads[one.agent, one.dialog]
        if one.state and (not thread or thread[-1].state != one.state):
            thread.append(one)
    return threads


def _pairs(result: Account, thread: Thread, told: Sequence[News], heard: Sequence[News]) -> Iterator[tuple[News, News]]:
    wanted, given = [one.state for one in told], [one.state for one in heard]
    if wanted == given:
        return zip(told, heard, strict=True)
    missing = (Counter(wanted) - Counter(given)).total()
    result.lost += missing
    result.disordered += not missing
    result.findings.append(f"{thread}: told {wanted}, heard {given}")
    return iter(())

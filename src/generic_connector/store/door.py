"""The door to a session store, and to the lease that goes with it.

Every failure is a StoreUnavailable. The agents' side never waits for a store but for begin(), which is bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from generic_connector.errors import ConnectorError
from generic_connector.store.records import AgentRecord, DestinationRecord, Kind


class StoreUnavailable(ConnectorError):  # noqa: N818  the name says what happened
    """The store did not do what was asked. reason is for logs and people and holds no secret."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """All that a store holds. begun: ids of the messages whose commands were begun and must not be begun again."""

    destinations: tuple[DestinationRecord, ...] = ()
    agents: tuple[AgentRecord, ...] = ()
    begun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Key:
    """What a record is called."""

    kind: Kind
    id: str


Changes = Mapping[Key, DestinationRecord | AgentRecord | None]
"""Records to write; None takes one away."""


class Holder(StrEnum):
    """Who holds the lease."""

    WE = "we"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReport:
    """What became of asking for the lease.

    fresh: it was not ours until now, so the store may have been emptied. successor: another instance waits and could
    serve.
    """

    holder: Holder
    fresh: bool = False
    successor: bool = False


class SessionStore(Protocol):
    """Keeps sessions for whoever serves next. Every method raises StoreUnavailable and nothing else."""

    async def hold(self, *, able: bool, insist: bool = False) -> LeaseReport:
        """Take the lease, or go on holding it; it runs out a while after the last time.

        able: whether we could serve now; who waits tells the holder so. insist: take it from another instance that got
        it while we could not reach the store, but cannot have begun to serve.
        """

    async def release(self) -> None:
        """Give the lease up, if we hold it."""

    async def load(self) -> Saved:
        """Give all that is kept. A record that cannot be read is left out, and that is logged."""

    async def save(self, changes: Changes) -> None:
        """Write, all or nothing, unless another holds the lease (then StoreUnavailable)."""

    async def begin(self, message_id: str) -> None:
        """Note that the command of this message is about to be carried out. It is on record when this returns."""

    async def close(self) -> None:
        """Close the connections. Idempotent."""

"""What a connector that takes over needs, written to the session store soon after it changed.

Nothing here is waited for but begin(): a store that is slow or away holds up nobody. Only the last state of each agent
and destination is written, however often it changed meanwhile. An agent is not written while events for it wait in our
own memory: whoever takes over would believe that they were told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Protocol

import structlog

from generic_connector.broker.door import DoorState
from generic_connector.operations.metrics import STORE_FAILURES, STORE_WRITES
from generic_connector.store.door import Changes, Key, SessionStore, StoreUnavailable
from generic_connector.store.records import AgentRecord, DestinationRecord

log = structlog.get_logger()

RETRY = 0.5
"""Seconds until the store is tried again, and until it is looked again whether waiting events have gone out."""

Record = AgentRecord | DestinationRecord


class Subject(Protocol):
    """Somebody of whom a record is kept: an agent or a client."""

    @property
    def key(self) -> Key:
        """What the record is called."""

    def record(self) -> Record | None:
        """Give the record as of now, None where there is nothing to keep."""

    def door_state(self) -> DoorState:
        """Say whether the events told so far have gone out."""


class Sessions:
    """Keeps a session store up to date. Without a store it does nothing."""

    def __init__(self, store: SessionStore | None) -> None:
        self._store = store
        self._changed: dict[Key, Subject | None] = {}
        self._known: dict[Key, Record] = {}
        self._bell = asyncio.Event()
        self._failing = False

    @property
    def waiting(self) -> int:
        """How many records wait to be written."""
        return len(self._changed)

    def changed(self, subject: Subject) -> None:
        """Hear that something about an agent or a client may have changed."""
        if self._store is not None:
            self._changed[subject.key] = subject
            self._bell.set()

    def gone(self, key: Key) -> None:
        """Hear that an agent or a client is gone."""
        if self._store is not None:
            self._changed[key] = None
            self._bell.set()

    def forget_written(self) -> None:
        """Hear that the store may have lost everything: what is reported as changed is written again, as it is."""
        self._known.clear()

    async def begin(self, message_id: str) -> None:
        """Put on record that a command is about to be carried out, so that nobody carries it out again.

        Where the store is away the command is carried out all the same: a caller who waits counts for more.
        """
        if self._store is None or not message_id:
            return
        try:
            await self._store.begin(message_id)
        except StoreUnavailable as failure:
            self._failed(failure)

    async def run(self) -> None:
        """Write what changes, for ever; ends only by cancellation."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY if self._changed else None):
                    await self._bell.wait()
            self._bell.clear()
            await self.flush()
            if self._failing:
                await asyncio.sleep(RETRY)

    async def flush(self) -> bool:
        """Write what has changed; say whether nothing is left to write."""
        if self._store is None:
            return True
        ready = {key: subject for key, subject in self._changed.items() if subject is None or _has_told(subject)}
        for key in ready:
            del self._changed[key]
        changes = {key: record for key, record in _records(ready).items() if self._is_news(key, record, ready[key])}
        saved = False
        try:
            saved = not changes or await self._save(self._store, changes)
        finally:
            if not saved:
                self._changed = {**ready, **self._changed}
        return not self._changed

    def _is_news(self, key: Key, record: Record | None, subject: Subject | None) -> bool:
        """Say whether the store does not know this yet. Who is gone may be known from before our time."""
        return record != self._known.get(key) or subject is None

    async def _save(self, store: SessionStore, changes: Changes) -> bool:
        try:
            await store.save(changes)
        except StoreUnavailable as failure:
            self._failed(failure)
            return False
        STORE_WRITES.inc(len(changes))
        if self._failing:
            self._failing = False
            log.info("sessions are kept again")
        for key, record in changes.items():
            if record is None:
                self._known.pop(key, None)
            else:
                self._known[key] = record
        return True

    def _failed(self, failure: StoreUnavailable) -> None:
        """Count each failure; log the first of a run."""
        STORE_FAILURES.inc()
        if not self._failing:
            self._failing = True
            log.warning("sessions are not kept at present", reason=failure.reason)


def _records(subjects: Mapping[Key, Subject | None]) -> dict[Key, Record | None]:
    return {key: subject.record() if subject is not None else None for key, subject in subjects.items()}


def _has_told(subject: Subject) -> bool:
    return subject.door_state() is DoorState.OPEN

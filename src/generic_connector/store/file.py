"""The session store in a file on this machine (SQLite), for one connector that is started again.

The lease is a lock on a file beside it, which the system takes back when the process ends, however it ends. What was
written survives the end of the process; at a power failure the last writes may be missing, never half a write.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from generic_connector.store.contents import KEEP_BEGUN, opened, sealed
from generic_connector.store.door import Changes, Holder, LeaseReport, Saved, StoreUnavailable
from generic_connector.store.sealing import Seal
from generic_connector.store.settings import FileStoreSettings

Result = TypeVar("Result")

_BUSY_WAIT = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS sessions (kind TEXT, id TEXT, data BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS begun (message_id TEXT PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID;
"""


class FileStore:
    """A SessionStore in one file; its work is done in one thread. Raises ValueError for keys that are none."""

    def __init__(self, settings: FileStoreSettings) -> None:
        self._path = settings.path
        self._seal = Seal(settings.keys)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="session-store")
        self._database: sqlite3.Connection | None = None
        self._lock: int | None = None

    async def hold(self, *, able: bool, insist: bool = False) -> LeaseReport:  # noqa: ARG002  the lock is all we share
        """Take the lock; see door.SessionStore."""
        return await self._do(self._hold)

    async def release(self) -> None:
        """Let the lock go; see door.SessionStore."""
        await self._do(self._release)

    async def load(self) -> Saved:
        """Read everything; see door.SessionStore."""
        return await self._do(self._load)

    async def save(self, changes: Changes) -> None:
        """Write in one transaction; see door.SessionStore."""
        await self._do(lambda: self._save(changes))

    async def begin(self, message_id: str) -> None:
        """Write the id; see door.SessionStore."""
        await self._do(lambda: self._begin(message_id))

    async def close(self) -> None:
        """Close the file; see door.SessionStore."""
        with contextlib.suppress(StoreUnavailable, RuntimeError):  # closed before
            await self._do(self._close)
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    # --- in the thread

    def _hold(self) -> LeaseReport:
        if self._lock is not None:
            return LeaseReport(holder=Holder.WE)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return LeaseReport(holder=Holder.ANOTHER)
        self._lock = lock
        return LeaseReport(holder=Holder.WE, fresh=True)

    def _release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # for nobody else to read
            database = sqlite3.connect(self._path, timeout=_BUSY_WAIT, isolation_level=None)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            database.executescript(_TABLES)
            self._database = database
        return self._database

    def _load(self) -> Saved:
        database = self._open()
        database.execute("DELETE FROM begun WHERE time < ?", (time.time() - KEEP_BEGUN,))
        rows = database.execute("SELECT kind, id, data FROM sessions").fetchall()
        begun = database.execute("SELECT message_id FROM begun").fetchall()
        return opened(rows, (message_id for (message_id,) in begun), self._seal)

    def _save(self, changes: Changes) -> None:
        if self._lock is None:
            raise StoreUnavailable("another connector uses the file")
        written, gone = sealed(changes, self._seal)
        database = self._open()
        database.execute("BEGIN IMMEDIATE")
        try:
            database.executemany(
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", [(key.kind, key.id, data) for key, data in written]
            )
            database.executemany("DELETE FROM sessions WHERE kind = ? AND id = ?", [(key.kind, key.id) for key in gone])
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")

    def _begin(self, message_id: str) -> None:
        self._open().execute("INSERT OR REPLACE INTO begun VALUES (?, ?)", (message_id, time.time()))

    def _close(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            database.close()
        self._release()

"""The session store in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from generic_connector.store.door import Holder, LeaseReport, Saved, StoreUnavailable
from generic_connector.store.file import FileStore
from generic_connector.store.sealing import new_key
from generic_connector.store.settings import FileStoreSettings
from store.samples import AGENT, AGENT_KEY, CUSTOMER, DESTINATION, EVERYTHING, PASSWORD

KEY = new_key()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "sessions.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[FileStore]:
    store = FileStore(FileStoreSettings(path=path, keys=(KEY,)))
    assert await store.hold(able=True) == LeaseReport(holder=Holder.WE, fresh=True)
    yield store
    await store.close()


async def again(path: Path, *keys: str) -> Saved:
    """Read what the file holds, as a process that starts does."""
    store = FileStore(FileStoreSettings(path=path, keys=keys or (KEY,)))
    try:
        return await store.load()
    finally:
        await store.close()


async def test_what_is_saved_is_there_after_the_process(store: FileStore, path: Path) -> None:
    """Also when nothing was closed; what was taken away is not."""
    assert await store.load() == Saved()
    await store.save(EVERYTHING)
    await store.begin("ID:1")
    assert await again(path) == Saved(destinations=(DESTINATION,), agents=(AGENT,), begun=frozenset({"ID:1"}))
    await store.save({AGENT_KEY: None})
    assert await again(path) == Saved(destinations=(DESTINATION,), begun=frozenset({"ID:1"}))


async def test_nobody_else_can_read_it(store: FileStore, path: Path) -> None:
    """Neither the file system's other users nor whoever has the file without the key."""
    await store.save(EVERYTHING)
    kept = read(path.parent)
    assert PASSWORD.encode() not in kept
    assert CUSTOMER.encode() not in kept
    with structlog.testing.capture_logs() as log:
        assert await again(path, new_key()) == Saved()
    assert [line["event"] for line in log] == ["a saved session cannot be read"] * 2


def read(folder: Path) -> bytes:
    """Read every file; each is for its owner only."""
    assert [oct(path.stat().st_mode & 0o777) for path in folder.iterdir()] == ["0o600"] * len(list(folder.iterdir()))
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_second_process_has_to_wait(store: FileStore, path: Path) -> None:
    """It may not write either; when the first one is gone, it may."""
    second = FileStore(FileStoreSettings(path=path, keys=(KEY,)))
    assert (await second.hold(able=True)).holder is Holder.ANOTHER
    with pytest.raises(StoreUnavailable, match="another connector"):
        await second.save(EVERYTHING)
    await store.close()
    assert await second.hold(able=True) == LeaseReport(holder=Holder.WE, fresh=True)
    assert await second.hold(able=True) == LeaseReport(holder=Holder.WE)
    await second.save(EVERYTHING)
    await second.close()


async def test_all_or_nothing(store: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails in its middle leaves nothing behind."""
    await store.save(EVERYTHING)
    monkeypatch.setattr("generic_connector.store.file.sealed", lambda *_: ([(AGENT_KEY, None)], [AGENT_KEY]))
    with pytest.raises(StoreUnavailable, match="NOT NULL"):
        await store.save({AGENT_KEY: None})
    assert (await again(path)).agents == (AGENT,)


async def test_a_file_that_is_none_is_a_failure(path: Path) -> None:
    write(path, b"not a database" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await again(path)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)


async def test_a_place_that_cannot_be_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FileStore(FileStoreSettings(path=tmp_path / "file" / "sessions.db", keys=(KEY,)))
    with pytest.raises(StoreUnavailable):
        await store.hold(able=True)
    await store.close()
    await store.close()


async def test_begun_commands_are_forgotten_in_time(store: FileStore, path: Path) -> None:
    """An hour is longer than any broker takes."""
    await store.begin("ID:old")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE begun SET time = time - 4000")
    database.close()
    await store.begin("ID:new")
    assert (await again(path)).begun == frozenset({"ID:new"})

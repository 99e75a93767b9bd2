"""What `generic-connector check` says of the session store."""

from __future__ import annotations

from pathlib import Path

import pytest

from generic_connector.config import load
from generic_connector.reachability import Finding, _session_store
from generic_connector.store.sealing import new_key

KEY = {"GC_STORE__ENCRYPTION_KEY": new_key()}


async def test_a_file(tmp_path: Path) -> None:
    """It need not be there yet; nothing is made of it."""
    path = tmp_path / "folder" / "sessions.db"
    settings = load(None, {"GC_STORE__KIND": "file", "GC_STORE__PATH": str(path), **KEY})
    there = Finding(what="session store", where=str(path), reachable=True, detail="it can be written")
    assert await _session_store(settings) == [there]
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  a look at a test's folder


async def test_a_file_that_cannot_be() -> None:
    settings = load(None, {"GC_STORE__KIND": "file", "GC_STORE__PATH": "/dev/null/sessions.db", **KEY})
    (finding,) = await _session_store(settings)
    assert (finding.reachable, finding.detail) == (False, "/dev/null cannot be written")


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "rediss://127.0.0.1:1"])
async def test_a_redis_that_is_not_there(url: str) -> None:
    settings = load(None, {"GC_STORE__KIND": "redis", "GC_STORE__URL": url, **KEY})
    (finding,) = await _session_store(settings)
    assert (finding.where, finding.reachable) == ("127.0.0.1:1", False)
    assert finding.detail.startswith("127.0.0.1:1: ")


async def test_none() -> None:
    assert await _session_store(load(None, {})) == []

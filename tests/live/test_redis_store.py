"""The session store in a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from redis.asyncio import Redis

from finesse_simulator.certificate import self_signed
from generic_connector.store.door import Holder, LeaseReport, Saved, StoreUnavailable
from generic_connector.store.redis import RedisStore
from generic_connector.store.sealing import new_key
from generic_connector.store.settings import RedisSettings
from live.redis_server import PASSWORD, RedisServer
from store.samples import AGENT, AGENT_KEY, CUSTOMER, DESTINATION, EVERYTHING
from store.samples import PASSWORD as AGENTS_PASSWORD

pytestmark = pytest.mark.live

KEY = new_key()
OURS, OURS_ANEW = LeaseReport(holder=Holder.WE), LeaseReport(holder=Holder.WE, fresh=True)
THEIRS = LeaseReport(holder=Holder.ANOTHER)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    async with RedisServer(tmp_path) as server:
        yield server


def a_store(server: RedisServer, *, lease: float = 1.0, password: str = PASSWORD, key: str = KEY) -> RedisStore:
    return RedisStore(
        RedisSettings(host="127.0.0.1", port=server.port, password=password, keys=(key,), lease=lease, timeout=0.5)
    )


async def test_what_is_saved_is_there_for_another_instance(server: RedisServer) -> None:
    first, second = a_store(server), a_store(server)
    assert await first.hold(able=True) == OURS_ANEW
    await first.save(EVERYTHING)
    await first.begin("ID:1")
    assert await second.load() == Saved(destinations=(DESTINATION,), agents=(AGENT,), begun=frozenset({"ID:1"}))
    await first.save({AGENT_KEY: None})
    assert (await second.load()).agents == ()
    await first.close()
    await second.close()


async def test_one_holds_the_lease_until_it_gives_it_up_or_is_silent(server: RedisServer) -> None:
    """Who waits and could serve is known to the holder."""
    first, second = a_store(server), a_store(server)
    assert [await first.hold(able=True), await first.hold(able=True)] == [OURS_ANEW, OURS]
    assert await second.hold(able=False) == THEIRS
    assert await first.hold(able=True) == OURS
    assert await second.hold(able=True) == THEIRS
    assert await first.hold(able=True) == LeaseReport(holder=Holder.WE, successor=True)
    await second.release()  # what is not ours cannot be given up
    assert await second.hold(able=True) == THEIRS
    await first.release()
    assert await second.hold(able=True) == OURS_ANEW
    async with asyncio.timeout(10):
        while (await first.hold(able=True)).holder is Holder.ANOTHER:  # noqa: ASYNC110  the second one is silent
            await asyncio.sleep(0.05)
    assert await second.hold(able=True) == THEIRS
    await first.close()
    await second.close()


async def test_who_serves_takes_the_lease_back(server: RedisServer) -> None:
    """From another instance that got it meanwhile, which then writes nothing any more."""
    first, second = a_store(server), a_store(server)
    await first.hold(able=True)
    await first.release()
    assert await second.hold(able=True) == OURS_ANEW
    assert await first.hold(able=True, insist=True) == OURS_ANEW
    assert await first.hold(able=True, insist=True) == OURS
    assert await second.hold(able=True) == THEIRS
    with pytest.raises(StoreUnavailable):
        await second.save(EVERYTHING)
    await first.close()
    await second.close()


async def test_a_late_write_of_who_was_succeeded_changes_nothing(server: RedisServer) -> None:
    first, second = a_store(server), a_store(server)
    await first.hold(able=True)
    await first.save(EVERYTHING)
    await first.release()
    await second.hold(able=True)
    with pytest.raises(StoreUnavailable, match="not ours"):
        await first.save({AGENT_KEY: None})
    assert (await second.load()).agents == (AGENT,)
    await first.close()
    await second.close()


async def test_the_server_has_nothing_that_is_of_use_to_others(server: RedisServer) -> None:
    """Passwords and customers' numbers are sealed; with another key nothing is read, and nothing stops."""
    store, stranger = a_store(server), a_store(server, key=new_key())
    await store.hold(able=True)
    await store.save(EVERYTHING)
    kept = await everything(server)
    assert AGENTS_PASSWORD.encode() not in kept
    assert CUSTOMER.encode() not in kept
    assert b"1001" in kept  # so that we know we looked
    with structlog.testing.capture_logs() as log:
        assert await stranger.load() == Saved()
    assert [line["event"] for line in log] == ["a saved session cannot be read"] * 2
    await store.close()
    await stranger.close()


async def everything(server: RedisServer) -> bytes:
    """Read all that the server keeps."""
    redis = Redis(host="127.0.0.1", port=server.port, password=PASSWORD)
    found = [repr(await redis.dump(key)).encode() for key in await redis.keys()]
    hashes = [repr(await redis.hgetall(key)).encode() for key in await redis.keys("*agent")]
    await redis.aclose()
    return b"".join([*found, *hashes])


async def test_killed_and_restarted(server: RedisServer) -> None:
    """What it wrote is there again, and the connections come back by themselves."""
    store = a_store(server)
    await store.hold(able=True)
    await store.save(EVERYTHING)
    await server.kill()
    for ask in (store.load, lambda: store.hold(able=True), lambda: store.save(EVERYTHING), lambda: store.begin("ID:1")):
        with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{server.port}"):
            await ask()
    await server.start()
    assert (await store.hold(able=True)).holder is Holder.WE
    assert (await store.load()).agents == (AGENT,)
    await store.close()


async def test_frozen(server: RedisServer) -> None:
    """It is waited for as long as the settings say, and used again afterwards."""
    store = a_store(server, lease=30.0)
    await store.hold(able=True)
    server.freeze()
    with pytest.raises(StoreUnavailable):
        await store.hold(able=True)
    server.thaw()
    async with asyncio.timeout(10):
        while not await is_there(store):  # noqa: ASYNC110  a deadline stands above
            await asyncio.sleep(0.05)
    await store.close()


async def is_there(store: RedisStore) -> bool:
    try:
        return (await store.hold(able=True)).holder is Holder.WE
    except StoreUnavailable:
        return False


async def test_a_wrong_password_is_a_failure_that_does_not_show_it(server: RedisServer) -> None:
    store = a_store(server, password="geheim-canary")
    with pytest.raises(StoreUnavailable) as failure:
        await store.hold(able=True)
    assert "canary" not in failure.value.reason
    await store.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Give a PEM file with a key and its certificate, which is its own authority."""
    made, path = self_signed("127.0.0.1"), tmp_path / "redis.pem"
    path.write_text(made.key + made.certificate)
    return path


async def test_tls(tmp_path: Path, certificate: Path) -> None:
    """With the right authority it is spoken; with the system's own it is refused."""
    async with RedisServer(tmp_path, certificate) as server:
        settings = RedisSettings(host="127.0.0.1", port=server.port, password=PASSWORD, keys=(KEY,), tls=True)
        trusting = RedisStore(replace(settings, ca_file=certificate))
        assert await trusting.hold(able=True) == OURS_ANEW
        await trusting.close()
        distrusting = RedisStore(settings)
        with pytest.raises(StoreUnavailable, match="certificate"):
            await distrusting.hold(able=True)
        await distrusting.close()

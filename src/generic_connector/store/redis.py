"""The session store that two instances share: a Redis, or a server that speaks its protocol.

Keys, all with the hash tag {name} so that they live on one node of a cluster:

    {name}:holder          which instance serves; it runs out by itself
    {name}:successor       which instance waits and could serve; it runs out by itself
    {name}:destination     a hash: destination -> sealed record
    {name}:agent           a hash: agent's id -> sealed record
    {name}:begun           a sorted set: message id by the time at which its command was begun

Whoever does not hold the lease is refused by the script that writes, so a late write of an instance that has been
succeeded changes nothing.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from generic_connector.store.contents import KEEP_BEGUN, opened, sealed
from generic_connector.store.door import Changes, Holder, LeaseReport, Saved, StoreUnavailable
from generic_connector.store.records import Kind
from generic_connector.store.sealing import Seal
from generic_connector.store.settings import RedisSettings

_NOT_OURS, _OURS, _WAS_FREE = 0, 1, 2

_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and ARGV[4] ~= '1' then
  if ARGV[3] == '1' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
  return {0, 0}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local waiting = redis.call('GET', KEYS[2])
local successor = (waiting and waiting ~= ARGV[1]) and 1 or 0
return {holder == ARGV[1] and 1 or 2, successor}
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_SAVE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 3 do
  local key = KEYS[tonumber(ARGV[i])]
  if ARGV[i + 2] == '' then redis.call('HDEL', key, ARGV[i + 1])
  else redis.call('HSET', key, ARGV[i + 1], ARGV[i + 2]) end
end
return 1
"""
_BEGIN = """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
return 1
"""
_KINDS = (Kind.DESTINATION, Kind.AGENT)


class RedisStore:
    """A SessionStore in a Redis. Raises ValueError for keys that are none. Connects when it is first asked."""

    def __init__(self, settings: RedisSettings) -> None:
        self._seal = Seal(settings.keys)
        self._where = f"{settings.host}:{settings.port}"
        self._instance = secrets.token_hex(8)
        self._lease_ms = int(settings.lease * 1000)
        self._deadline = settings.timeout
        self._name = settings.name
        self._redis: Redis = Redis(**_options(settings))
        self._hold = self._redis.register_script(_HOLD)
        self._give_up = self._redis.register_script(_RELEASE)
        self._write = self._redis.register_script(_SAVE)
        self._note = self._redis.register_script(_BEGIN)

    async def hold(self, *, able: bool, insist: bool = False) -> LeaseReport:
        """Take or renew the lease; see door.SessionStore."""
        keys = [self._key("holder"), self._key("successor")]
        arguments: list[str | int] = [self._instance, self._lease_ms, int(able), int(insist)]
        answer, successor = await self._ask(self._hold(keys=keys, args=arguments))
        if answer == _NOT_OURS:
            return LeaseReport(holder=Holder.ANOTHER)
        return LeaseReport(holder=Holder.WE, fresh=answer == _WAS_FREE, successor=bool(successor))

    async def release(self) -> None:
        """Give the lease up; see door.SessionStore."""
        await self._ask(self._give_up(keys=[self._key("holder")], args=[self._instance]))

    async def load(self) -> Saved:
        """Read everything; see door.SessionStore."""
        rows: list[tuple[str, str, bytes]] = []
        for kind in _KINDS:
            kept = await self._ask(self._redis.hgetall(self._key(kind)))
            rows += [(kind, record_id.decode("utf-8", "replace"), data) for record_id, data in kept.items()]
        since = time.time() - KEEP_BEGUN
        begun = await self._ask(self._redis.zrangebyscore(self._key("begun"), since, "+inf"))
        return opened(rows, (message_id.decode("utf-8", "replace") for message_id in begun), self._seal)

    async def save(self, changes: Changes) -> None:
        """Write by one script; see door.SessionStore."""
        written, gone = sealed(changes, self._seal)
        arguments: list[str | bytes | int] = [self._instance]
        for key, data in [*written, *((key, b"") for key in gone)]:
            arguments += [_KINDS.index(key.kind) + 2, key.id.encode("utf-8", "replace"), data]
        keys = [self._key("holder"), *(self._key(kind) for kind in _KINDS)]
        if await self._ask(self._write(keys=keys, args=arguments)) == _NOT_OURS:
            raise StoreUnavailable("the lease is not ours")

    async def begin(self, message_id: str) -> None:
        """Note the id; see door.SessionStore."""
        now = time.time()
        await self._ask(self._note(keys=[self._key("begun")], args=[now, message_id, now - KEEP_BEGUN]))

    async def close(self) -> None:
        """Close the connections; see door.SessionStore."""
        await self._redis.aclose()

    def _key(self, what: str) -> str:
        return f"{{{self._name}}}:{what}"

    async def _ask(self, question: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(self._deadline):
                return await question
        except TimeoutError as error:
            raise StoreUnavailable(f"{self._where}: no answer within {self._deadline:g} s") from error
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"{self._where}: {error}") from error


def _options(settings: RedisSettings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "db": settings.database,
        "username": settings.username or None,
        "password": settings.password or None,
        "socket_timeout": settings.timeout,
        "socket_connect_timeout": settings.timeout,
        "retry": Retry(NoBackoff(), 1),  # once more: a kept connection may have been closed since
        "protocol": 2,  # what every server of this kind speaks
        "client_name": "generic-connector",
    }
    if settings.tls:
        options |= {
            "ssl": True,
            "ssl_cert_reqs": "required" if settings.verify else "none",
            "ssl_check_hostname": settings.verify,
            "ssl_ca_certs": str(settings.ca_file) if settings.ca_file is not None else None,
            "ssl_min_version": settings.minimum_version,
        }
    return options

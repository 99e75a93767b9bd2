"""Lists that many agents ask for, read once for all who may see the same and kept for a while.

Two thousand agents who begin their shift together ask for the reason codes of a few teams.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from generic_connector.operations.metrics import LIST_HITS

if TYPE_CHECKING:
    from generic_connector.agents.agent import Agent

List = TypeVar("List")

REMEMBERED = 1000
"""How many lists are kept at the most."""


@dataclass(frozen=True, slots=True)
class _Kept:
    found: Any
    read_at: float


class KeptLists:
    """The lists of all agents. clock: seconds, for tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[Hashable, ...], _Kept] = OrderedDict()
        self._being_read: dict[tuple[Hashable, ...], asyncio.Future[None]] = {}

    async def get(
        self,
        name: str,
        whose: Hashable,
        read: Callable[[], Awaitable[List]],
        *,
        age: float,
        fresh: bool = False,
    ) -> List:
        """Give a list that is younger than age seconds, or read it. fresh: only one that is being read now will do.

        whose: says who may see the same list. Raises as read does; whoever waited for somebody else's reading that
        failed reads it for himself, with his own rights.
        """
        key = (name, whose)
        before = self._kept.get(key)
        if (under_way := self._being_read.get(key)) is not None:
            await asyncio.wait([under_way])
        kept = self._kept.get(key)
        is_new = kept is not before or not fresh
        if kept is not None and is_new and self._clock() - kept.read_at < age:
            LIST_HITS.labels(name).inc()
            found: List = kept.found
            return found
        return await self._read(key, read)

    async def _read(self, key: tuple[Hashable, ...], read: Callable[[], Awaitable[List]]) -> List:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._being_read.setdefault(key, done)
        began = self._clock()
        try:
            found = await read()
        finally:
            if self._being_read.get(key) is done:
                del self._being_read[key]
            done.set_result(None)
        self._kept[key] = _Kept(found, began)
        self._kept.move_to_end(key)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return found


def same_view(agent: Agent) -> Hashable:
    """Say with whom an agent shares what depends on team and role; with nobody while Finesse has not told these."""
    user = agent.user
    if not user.team_id:
        return agent.id
    return (user.team_id, user.is_supervisor, tuple(sorted(team.id for team in user.teams)))

"""Equal reads under way: asked once, answered to all who ask.

A read that has begun must not answer a question that is asked later, for what is asked about may have changed in
between. So a read is joined only while it has not been sent; a list that only an administrator changes, until its
answer is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from generic_connector.finesse.door import Answer, Request
from generic_connector.finesse.model import Credentials
from generic_connector.operations.metrics import COALESCED

Ask = Callable[[Callable[[], None]], Awaitable[Answer]]
"""Asks; calls what it is given when the request is about to be sent."""

_Key = tuple[Request, Credentials | None]


@dataclass(slots=True)
class _Read:
    answer: asyncio.Task[Answer]
    waiting: int = 0


class Reads:
    """The reads of one node that others may join. The same read has the same path and the same rights."""

    def __init__(self) -> None:
        self._open: dict[_Key, _Read] = {}
        self._tasks: set[asyncio.Task[Answer]] = set()

    async def read(self, request: Request, credentials: Credentials | None, ask: Ask) -> Answer:
        """Join an equal read, or begin one. Raises as ask does."""
        key = (request, credentials)
        read = self._open.get(key)
        if read is None:
            read = self._begin(key, ask)
        else:
            COALESCED.labels(request.operation).inc()
        read.waiting += 1
        try:
            return await asyncio.shield(read.answer)
        finally:
            read.waiting -= 1
            if not read.waiting:  # nobody wants the answer any more
                self._close(key, read)
                read.answer.cancel()

    def _begin(self, key: _Key, ask: Ask) -> _Read:
        def sent() -> None:
            if not key[0].is_list:
                self._close(key, read)

        read = _Read(asyncio.ensure_future(_ask(ask, sent)))
        self._open[key] = read
        self._tasks.add(read.answer)
        read.answer.add_done_callback(self._tasks.discard)
        read.answer.add_done_callback(lambda _: self._close(key, read))
        return read

    def _close(self, key: _Key, read: _Read) -> None:
        """Let nobody join it any more."""
        if self._open.get(key) is read:
            del self._open[key]


async def _ask(ask: Ask, sent: Callable[[], None]) -> Answer:
    return await ask(sent)

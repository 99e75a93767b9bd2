"""The one place where everything that concerns an agent waits: commands and notifications, both bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

Work = TypeVar("Work")
News = TypeVar("News")


class Inbox(Generic[Work, News]):
    """Two queues and one bell.

    Work is taken one at a time, by whoever has finished the former; news is taken at once. They are apart so that a
    slow request never keeps a notification waiting.
    """

    def __init__(self, *, work_limit: int, news_limit: int) -> None:
        self._work: deque[Work] = deque()
        self._news: deque[News] = deque()
        self._work_limit = work_limit
        self._news_limit = news_limit
        self._bell = asyncio.Event()
        self.overflowed = False

    @property
    def has_work(self) -> bool:
        """Whether work waits."""
        return bool(self._work)

    def put_work(self, work: Work) -> bool:
        """Queue work; say whether there was room."""
        if len(self._work) >= self._work_limit:
            return False
        self._work.append(work)
        self._bell.set()
        return True

    def put_work_first(self, work: Work) -> None:
        """Queue work of our own before all other, beyond any limit."""
        self._work.appendleft(work)
        self._bell.set()

    def put_news(self, news: News) -> None:
        """Queue news. Past the limit all of it is dropped and `overflowed` says so: the owner reads back instead."""
        if len(self._news) >= self._news_limit:
            self._news.clear()
            self.overflowed = True
        self._news.append(news)
        self._bell.set()

    def ring(self) -> None:
        """Wake the owner: something else than the queues changed."""
        self._bell.set()

    async def wait(self) -> None:
        """Wait until something came in or the bell was rung."""
        await self._bell.wait()
        self._bell.clear()

    def waiting(self) -> Iterator[Work]:
        """Give the work that waits, oldest first, and leave it where it is."""
        return iter(tuple(self._work))

    def take_news(self) -> News | None:
        """Give the oldest news, None when there is none."""
        return self._news.popleft() if self._news else None

    def take_work(self) -> Work | None:
        """Give the oldest work, None when there is none."""
        return self._work.popleft() if self._work else None

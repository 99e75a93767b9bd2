"""The agent's notification session: opened, kept, opened again when lost.

The link is not the session: whether notifications flow says nothing of whether the agent is signed in. Reconnecting is
one policy, here, with back-off and jitter; the door below never reconnects by itself, but lets only so many come at a
time. A client that connects does not wait for our own try: whichever session is up first is kept, or the client's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from functools import partial

import structlog

from generic_connector.agents.settings import AgentSettings
from generic_connector.finesse.door import Finesse, NotificationSession, SessionClosed
from generic_connector.finesse.failures import FinesseError, NotAuthorised, SubscriptionRefused
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.operations.metrics import SESSIONS_LOST

log = structlog.get_logger()


class _Line:
    """One session's callbacks. Once dead, whatever the session still says is not heard."""

    def __init__(self) -> None:
        self.session: NotificationSession | None = None
        self.dead = False


class Link:
    """One agent's notification session.

    heard: takes each notification. restored: called when a lost session is up again; what happened meanwhile has to
    be read back. refused: called when a lost session cannot come back because the credentials do not hold any more.
    None of them waits.
    """

    def __init__(
        self,
        finesse: Finesse,
        settings: AgentSettings,
        *,
        heard: Callable[[Notification], None],
        restored: Callable[[], None],
        refused: Callable[[NotAuthorised], None],
    ) -> None:
        self._finesse = finesse
        self._settings = settings
        self._heard = heard
        self._restored = restored
        self._refused = refused
        self._line: _Line | None = None
        self._credentials: Credentials | None = None
        self._opening = asyncio.Lock()
        self._closed = False
        self._nodes: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening_again: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether notifications flow."""
        return self._line is not None

    @property
    def nodes(self) -> frozenset[str]:
        """What was subscribed to."""
        return frozenset(self._nodes)

    def resume(self, credentials: Credentials, nodes: Iterable[str]) -> None:
        """Take over from somebody whose session is gone: open one again, as after a loss. Does not wait."""
        self._credentials = credentials
        self._nodes.update(nodes)
        self._begin_opening_again()

    async def open(self, credentials: Credentials) -> None:
        """Open a session with these credentials; it takes the place of the present one, which stays if this fails.

        Raises NotAuthorised or NotificationsUnavailable (finesse.failures).
        """
        await self._open(credentials, background=False)

    async def _open(self, credentials: Credentials, *, background: bool) -> None:
        line = _Line()
        line.session = await self._finesse.open_session(
            credentials, partial(self._notification, line), partial(self._lost, line), background=background
        )
        try:
            await self._put_to_use(line, line.session, credentials)
        except BaseException:
            line.dead = True
            self._run(_close(line))
            raise
        if line.dead:  # it was lost again before anybody could use it
            self._begin_opening_again()
        elif self._opening_again not in {None, asyncio.current_task()}:
            self._is_open_again()

    async def _put_to_use(self, line: _Line, session: NotificationSession, credentials: Credentials) -> None:
        async with self._opening:
            await self._subscribe_again(session)
            former, self._line = self._line, None if line.dead else line
            self._credentials = credentials
        if former is not None:
            former.dead = True
            self._run(_close(former))

    async def _subscribe_again(self, session: NotificationSession) -> None:
        for node in sorted(self._nodes):
            try:
                await session.subscribe(node)
            except FinesseError as failure:  # the agent's own news count for more
                log.warning("subscription lost", agent=self._agent_id, node=node, reason=failure.reason)
                if isinstance(failure, SubscriptionRefused):
                    self._nodes.discard(node)

    async def subscribe(self, node: str) -> None:
        """Hear a node that is not heard of itself, now and in every session to come. Raises FinesseError."""
        async with self._opening:
            if self._line is not None and self._line.session is not None:
                await self._line.session.subscribe(node)
            self._nodes.add(node)

    def unsubscribe_all(self) -> None:
        """Hear no more of what was subscribed to. Does not wait."""
        nodes, self._nodes = self._nodes, set()
        session = self._line.session if self._line is not None else None
        if nodes and session is not None:
            self._run(_unsubscribe(session, nodes))

    async def close(self) -> None:
        """Close the session for good."""
        self._closed = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)  # what they left behind to be closed
        line, self._line = self._line, None
        if line is not None:
            line.dead = True
            await _close(line)

    def _notification(self, line: _Line, notification: Notification) -> None:
        if not line.dead:
            self._heard(notification)

    def _lost(self, line: _Line, closed: SessionClosed) -> None:
        if line.dead or self._closed:
            return
        line.dead = True
        if line is self._line:
            self._line = None
            SESSIONS_LOST.inc()
            log.warning("notification session lost", agent=self._agent_id, reason=closed.reason)
            self._begin_opening_again()

    async def _open_again(self) -> None:
        """Try until it is up. The first try comes after a random part of the delay: a node's agents come together."""
        delay = self._settings.reconnect_delay
        while self._line is None and self._credentials is not None:
            await asyncio.sleep(delay * random.uniform(0.1, 1.0))  # noqa: S311 - jitter, not a secret
            try:
                if self._line is None:
                    await self._open(self._credentials, background=True)
            except NotAuthorised as failure:
                self._opening_again = None
                self._refused(failure)
                return
            except FinesseError as failure:
                if delay == self._settings.reconnect_delay:  # the first of many tries
                    log.info("notification session not open yet", agent=self._agent_id, reason=failure.reason)
                delay = min(delay * 2, self._settings.reconnect_delay_max)
        self._is_open_again()

    def _begin_opening_again(self) -> None:
        if self._opening_again is None and not self._closed:
            self._opening_again = self._run(self._open_again())

    def _is_open_again(self) -> None:
        """Let what was missed be read back, whoever opened the session again."""
        task, self._opening_again = self._opening_again, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        log.info("notification session restored", agent=self._agent_id)
        self._restored()

    @property
    def _agent_id(self) -> str:
        return self._credentials.user_id if self._credentials is not None else ""

    def _run(self, coroutine: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _close(line: _Line) -> None:
    if line.session is not None:
        await line.session.close()


async def _unsubscribe(session: NotificationSession, nodes: set[str]) -> None:
    for node in sorted(nodes):
        try:
            await session.unsubscribe(node)
        except FinesseError as failure:
            log.info("subscription not ended", node=node, reason=failure.reason)

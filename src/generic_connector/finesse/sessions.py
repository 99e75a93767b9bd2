"""The agents' notification sessions at the node in use: opened in turn, cut when another node is taken.

What they tell of the node itself is for the cluster: SystemInfo, the presence of its web application, and whether any
session can be opened at all.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from typing import Protocol

from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import FinesseError, NotificationsUnavailable
from generic_connector.finesse.model import Credentials, Notification, SystemInfo, SystemInfoChanged
from generic_connector.finesse.notification_watch import NotificationWatch
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.turnstile import Turnstile
from generic_connector.operations.metrics import DELAYED

_ANOTHER_NODE = "another node is in use"
_LONGEST_WAIT = 300.0  # seconds until a session whose turn to be opened does not come is given up


class Listener(Protocol):
    """Who hears what the sessions tell of their node. Nothing waits or raises."""

    def report(self, system_info: SystemInfo) -> None:
        """Hear a changed state; each session tells it."""

    def web_application(self, *, available: bool) -> None:
        """Hear of the web application's presence; each session tells it."""

    def nobody_left(self) -> None:
        """Hear that the last session is gone."""

    def none_opens(self) -> None:
        """Hear that a session could not be opened, and that there is no other."""


class Sessions:
    """All sessions that are open.

    watch: what was seen of the notification service of the node in use. moves: how often another node was taken.
    """

    def __init__(self, settings: FinesseSettings, tls_context: ssl.SSLContext, listener: Listener) -> None:
        self._settings = settings
        self._tls_context = tls_context
        self.listener = listener
        self.watch = NotificationWatch()
        self._open: set[AgentSession] = set()
        self._openings: set[asyncio.Task[AgentSession]] = set()
        self.moves = 0
        self._turnstile = Turnstile(
            rate=settings.sessions_per_second,
            burst=settings.sessions_per_second / 10,  # evenly, rather than a second's worth at once
            at_once=settings.sessions_at_once,
            delayed=DELAYED.labels("session").inc,
        )

    def __len__(self) -> int:
        return len(self._open)

    async def open(
        self,
        address: Callable[[], XmppAddress],
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
        *,
        background: bool,
    ) -> AgentSession:
        """Open a session when its turn has come, at the address of then; see door.Finesse.open_session.

        A client that waits does not hear of a change of the node: it is tried at the new one.
        """
        async with self._turnstile.passing(urgent=not background, patience=_LONGEST_WAIT):
            while True:
                moves, place = self.moves, address()
                if not place.domain:
                    raise NotificationsUnavailable("Finesse has not told its notification domain yet")
                try:
                    return await self._open_at(place, credentials, on_notification, on_closed)
                except NotificationsUnavailable:
                    if background or moves == self.moves:
                        raise

    async def _open_at(
        self,
        place: XmppAddress,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> AgentSession:
        moves = self.moves
        ears = _Ears(self, on_notification, on_closed)
        opening = open_session(
            place,
            credentials,
            self._settings,
            self._tls_context,
            on_notification=ears.notified,
            on_closed=ears.closed,
            on_web_application=ears.web_application,
            siblings=lambda: [each.jid for each in self._open],
        )
        session = ears.session = await self._watched(moves, opening)
        if moves != self.moves:
            # later: the owner must have the session in hand before it hears of its end
            asyncio.get_running_loop().call_soon(session.abandon, _ANOTHER_NODE)
        elif not ears.is_over:
            self._open.add(session)
        return session

    async def _watched(self, moves: int, opening: Coroutine[None, None, AgentSession]) -> AgentSession:
        """Wait for a session while its node is in use, and note whether the notification service answered."""
        task = asyncio.get_running_loop().create_task(opening)
        self._openings.add(task)
        try:
            session = await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is None or not current.cancelling():
                raise NotificationsUnavailable(_ANOTHER_NODE) from None
            if task.done() and not task.cancelled() and task.exception() is None:  # it came too late for its owner
                task.result().abandon("not wanted any more")
            raise
        except FinesseError as failure:
            self._failed(moves, failure)
            raise
        finally:
            self._openings.discard(task)
        if moves == self.moves:
            self.watch.answered()
        return session

    def _failed(self, moves: int, failure: FinesseError) -> None:
        if moves != self.moves:
            return
        if not isinstance(failure, NotificationsUnavailable):
            self.watch.answered()
            return
        self.watch.failed(failure.reason)
        if not self._open:
            self.listener.none_opens()

    def forget(self, session: AgentSession | None) -> None:
        """Hear that a session is over."""
        if session is not None:
            self._open.discard(session)
        if not self._open:
            self.listener.nobody_left()

    def leave(self) -> None:
        """Cut every session, and those that are being opened: another node is in use."""
        self.moves += 1
        self.watch = NotificationWatch()
        sessions, self._open = self._open, set()
        for session in sessions:  # the old node tells no more; the owners open new ones
            session.abandon(_ANOTHER_NODE)
        for opening in self._openings:
            opening.cancel()

    async def close(self) -> None:
        """End every session in peace. Idempotent."""
        sessions, self._open = self._open, set()
        if sessions:
            await asyncio.gather(*(session.close() for session in sessions))


class _Ears:
    """What one session tells, and whom."""

    def __init__(
        self,
        sessions: Sessions,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> None:
        self.session: AgentSession | None = None
        self.is_over = False
        self._sessions = sessions
        self._moves = sessions.moves
        self._on_notification = on_notification
        self._on_closed = on_closed

    @property
    def _counts(self) -> bool:
        """Whether the session is at the node in use."""
        return self._moves == self._sessions.moves

    def closed(self, what: SessionClosed) -> None:
        """Forget the session, and tell its owner."""
        self.is_over = True
        self._sessions.forget(self.session)
        self._on_closed(what)

    def notified(self, notification: Notification) -> None:
        """Hand on what happened; what is about the node, to the cluster."""
        if not isinstance(notification.content, SystemInfoChanged):
            self._on_notification(notification)
        elif self._counts:
            self._sessions.listener.report(notification.content.system_info)

    def web_application(self, available: bool) -> None:  # noqa: FBT001 - a callback with one meaning
        """Hand on the web application's presence."""
        if self._counts:
            self._sessions.listener.web_application(available=available)

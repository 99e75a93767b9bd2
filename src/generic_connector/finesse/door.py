"""The door to Finesse: what the agents need of a cluster of one or two nodes.

REST carries what we ask, one notification session per agent carries what happens. The agents see neither aiohttp nor
slixmpp, and the tests can put anything behind this door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from generic_connector.finesse.model import Credentials, Notification, SystemInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One REST request, made from a row of finesse.requests. path is below /finesse/api; body is XML or "".

    headers: those that only this request has, such as the Range of a phone book. is_list: it reads what only an
    administrator changes, so that an answer under way is as good as a new one. background: no command waits for it, so
    it lets those pass that one waits for.
    """

    operation: str
    method: str
    path: str
    body: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    is_list: bool = False
    background: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with a status below 400. body is the XML text, "" for an accepted (202) request."""

    status: int
    body: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """A notification session ended. expected: we closed it ourselves. reason is for logs and people."""

    reason: str
    expected: bool = False
    conflict: bool = False


class NotificationSession(Protocol):
    """An open notification session of one agent."""

    async def subscribe(self, node: str) -> None:
        """Subscribe to a node that is not subscribed automatically, such as /finesse/api/Team/5000/Users.

        Idempotent, and good for this session only: it ends with it, and a new session has to subscribe again.
        Raises finesse.failures: SubscriptionRefused when Finesse says no, TimedOut when it says nothing,
        NotificationsUnavailable when the session is over.
        """

    async def unsubscribe(self, node: str) -> None:
        """End a subscription that this session made. Idempotent. Raises as subscribe does."""

    async def close(self) -> None:
        """End all subscriptions, say goodbye and close. Idempotent; on_closed is called with expected=True."""


class Finesse(Protocol):
    """A Finesse cluster."""

    @property
    def in_service(self) -> bool:
        """Whether requests can be carried out now."""

    @property
    def node(self) -> str:
        """The node in use: its URL, or whatever tells it from the others."""

    @property
    def system_info(self) -> SystemInfo:
        """What the node in use said last; empty before the first answer."""

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request on the node in use, within the configured time.

        credentials None: without authorisation (SystemInfo only). request_id travels as the header `requestId`.
        Raises finesse.failures.FinesseError and nothing else.
        """

    async def open_session(
        self,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
        *,
        background: bool = False,
    ) -> NotificationSession:
        """Open the agent's notification session; when it returns, notifications arrive.

        background: no client waits for it, so it lets those pass that one waits for.

        The callbacks never wait and never raise; on_closed is called exactly once, after an open that returned.
        Raises finesse.failures.FinesseError: NotAuthorised for wrong credentials, NotificationsUnavailable otherwise.
        """

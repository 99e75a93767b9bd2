"""One agent's notification session, whatever carries its stanzas.

A Wire (finesse.xmpp, finesse.websocket) connects, signs in and carries; all else is here: telling presence, making
notifications of messages, asking and hearing answers, pings and the deadline, explicit subscriptions, and an end that
is told exactly once. Nobody reconnects here, the session's owner does. Sources: finesse-notifications.md sections 2 to
7 and 9, xmpp-and-http.md sections 2.4 to 2.7.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol
from xml.etree import ElementTree as ET

import structlog

from generic_connector.finesse import stanzas
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.elements import refuse_depth
from generic_connector.finesse.failures import (
    FinesseError,
    NotAuthorised,
    NotificationsUnavailable,
    PayloadError,
    TimedOut,
)
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.finesse.payloads import parse_updates
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.subscriptions import Subscriptions

log = structlog.get_logger()

_READY = "gc-ready"  # id of the ping whose answer says that our presence was taken in
_GOODBYE = 1.0  # seconds that a server gets to answer our farewell
_WRONG_CREDENTIALS = frozenset({"not-authorized", "account-disabled", "credentials-expired", "invalid-authzid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class XmppAddress:
    """Where a notification service listens, and the domain it serves (SystemInfo's xmppDomain).

    pubsub_domain: its xmppPubSubDomain, "" for the usual one.
    """

    host: str
    port: int
    domain: str
    pubsub_domain: str = ""


class Ear(Protocol):
    """What a wire tells. Nothing waits or raises."""

    def signed_in(self) -> None:
        """Hear that the resource is bound; stanzas can be sent."""

    def refused(self, failure: FinesseError) -> None:
        """Hear that signing in failed."""

    def heard(self, stanza: ET.Element) -> None:
        """Hear a stanza."""

    def lost(self, reason: str, *, conflict: bool = False) -> None:
        """Hear that the connection is gone, or has to be given up. May be told more than once."""


class Wire(Protocol):
    """Carries one session's stanzas."""

    last_received: float
    """The loop's time of the last sign of life from the server."""
    gone: asyncio.Event
    """Set when the connection is closed."""

    @property
    def jid(self) -> str:
        """The full address that the server bound us to."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to close."""

    def connect(self) -> None:
        """Begin to connect and to sign in; the ear hears how it went."""

    def send(self, stanza: str) -> None:
        """Send one stanza; lost when the connection is."""

    def end_stream(self) -> None:
        """Close the stream in peace; what was sent before still goes out."""

    def dispose(self) -> set[asyncio.Task[Any]]:
        """Stop at once: no more attempts, no socket, no timers. Gives the tasks that are about to end. Idempotent."""


MakeWire = Callable[[XmppAddress, Credentials, FinesseSettings, Ear], Wire]


class AgentSession:
    """An agent's notification session (door.NotificationSession).

    on_notification may be called before open returns: presence is told first, and events come at once.
    on_web_application: hears whether Finesse's web application is available, each time the server tells it. siblings:
    gives the full addresses of all sessions that are open here; what others with our prefix subscribed to is ended.
    """

    def __init__(
        self,
        make_wire: MakeWire,
        address: XmppAddress,
        credentials: Credentials,
        settings: FinesseSettings,
        *,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
        on_web_application: Callable[[bool], None] = lambda _: None,
        siblings: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._address = address
        self._settings = settings
        self._on_notification = on_notification
        self._on_closed = on_closed
        self._on_web_application = on_web_application
        self._siblings = siblings
        self._log = log.bind(agent=credentials.user_id, node=address.host)
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._over = False
        self._opened = False
        self._beat_timer: asyncio.TimerHandle | None = None
        self._beat_due = 0.0
        self._pings = 0
        self._asked = 0
        self._answers: dict[str, asyncio.Future[ET.Element]] = {}
        self._subscriptions = Subscriptions(self._ask_pubsub, jid=lambda: self.jid, is_stale=self._is_stale)
        self._wire = make_wire(address, credentials, settings, self)

    @property
    def jid(self) -> str:
        """The full address that the server bound the session to."""
        return self._wire.jid

    # --- opening ---

    async def open(self) -> None:
        """Sign in, tell presence, and return when the server has taken it in; see door.Finesse.open_session."""
        self._wire.connect()
        try:
            async with asyncio.timeout(self._settings.sign_in_deadline):
                await self._ready
            if self._over:  # it ended between the server's answer and our next step
                raise NotificationsUnavailable("the connection was lost")  # noqa: TRY301 - torn down as every failure
        except TimeoutError:
            await self._tear_down()
            raise NotificationsUnavailable(f"no session within {self._settings.sign_in_deadline:g} s") from None
        except BaseException:
            await self._tear_down()
            raise
        self._opened = True
        self._log.debug("notification session opened", resource=self.jid.partition("/")[2])

    def signed_in(self) -> None:
        """Tell presence. A wire calls it."""
        if self._ready.done():
            return
        self._wire.send(stanzas.PRESENCE)
        self._wire.send(stanzas.watch_web_application(self._address.domain))
        self._ping(_READY)

    def refused(self, failure: FinesseError) -> None:
        """Let open fail. A wire calls it."""
        if not self._ready.done():
            self._ready.set_exception(failure)

    def _presence_taken(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)
            self._schedule_beat(self._settings.ping_interval)

    # --- receiving ---

    def heard(self, stanza: ET.Element) -> None:
        """Take a stanza. A wire calls it."""
        try:
            refuse_depth(stanza)
        except PayloadError as error:
            self._log.warning("stanza not readable", reason=error.reason)
            return
        match stanza.tag.removeprefix(stanzas.CLIENT):
            case "message":
                self._message(stanza)
            case "iq":
                self._iq(stanza)
            case "presence":
                self._presence(stanza)

    def _message(self, message: ET.Element) -> None:
        if stanzas.is_delayed(message):
            return
        for node, text in stanzas.updates(message):
            if stanzas.is_from_a_user(message):  # who wants to be taken for the service
                self._log.warning("notification from a user ignored")
                return
            self._notify(text, node)

    def _notify(self, text: str, node: str) -> None:
        try:
            notifications = parse_updates(text, self._settings.payload_limit, node)
        except PayloadError as error:
            self._log.warning("notification not readable", reason=error.reason)
            return
        for notification in notifications:
            if self._over:
                return
            try:
                self._on_notification(notification)
            except Exception:  # noqa: BLE001 - a fault in one callback must not end the session
                self._log.exception("notification not handled", source=notification.source)

    def _iq(self, iq: ET.Element) -> None:
        if iq.get("type") in ("get", "set"):
            self._wire.send(stanzas.answer_to(iq))
        elif iq.get("id") == _READY:
            self._presence_taken()
        elif not stanzas.is_from_a_user(iq):
            answer = self._answers.pop(iq.get("id", ""), None)
            if answer is not None and not answer.done():
                answer.set_result(iq)

    def _presence(self, presence: ET.Element) -> None:
        available = stanzas.web_application_presence(presence, self._address.domain)
        if available is None or self._over:
            return
        try:
            self._on_web_application(available)
        except Exception:  # noqa: BLE001 - as above
            self._log.exception("presence not handled")

    # --- asking ---

    async def subscribe(self, node: str) -> None:
        """Subscribe to a node; see door.NotificationSession."""
        await self._subscriptions.subscribe(node)

    async def unsubscribe(self, node: str) -> None:
        """End a subscription; see door.NotificationSession."""
        await self._subscriptions.unsubscribe(node)

    def _is_stale(self, jid: str) -> bool:
        """Say whether an address was a session of ours that is gone."""
        user, _, resource = jid.partition("/")
        ours = self.jid.partition("/")[0].lower() == user.lower()
        return ours and resource.startswith(f"{self._settings.resource_prefix}-") and jid not in self._all_here()

    def _all_here(self) -> set[str]:
        return {self.jid, *self._siblings()}

    async def _ask_pubsub(self, kind: str, payload: str) -> ET.Element:
        """Ask the pub/sub service; see subscriptions.Ask. Raises TimedOut and NotificationsUnavailable."""
        if self._wire.gone.is_set() or not self._opened:
            raise NotificationsUnavailable("the notification session is over")
        self._asked += 1
        request_id = f"gc-ask-{self._asked}"
        answer: asyncio.Future[ET.Element] = self._loop.create_future()
        self._answers[request_id] = answer
        to = self._address.pubsub_domain or f"pubsub.{self._address.domain}"
        self._wire.send(stanzas.request(kind, request_id, to, payload))
        try:
            async with asyncio.timeout(self._settings.request_timeout):
                return await answer
        except TimeoutError:
            raise TimedOut(f"no answer within {self._settings.request_timeout:g} s") from None
        finally:
            self._answers.pop(request_id, None)

    def _drop_questions(self) -> None:
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            if not answer.done():
                answer.set_exception(NotificationsUnavailable("the notification session is over"))

    # --- staying alive ---

    def _ping(self, ping_id: str) -> None:
        self._wire.send(stanzas.request("get", ping_id, self._address.domain, stanzas.PING))

    def _schedule_beat(self, delay: float) -> None:
        self._beat_due = self._loop.time() + delay
        self._beat_timer = self._loop.call_at(self._beat_due, self._beat)

    def _beat(self) -> None:
        """Ping, or give up a session that was silent too long. Whatever arrives, even an error, is a sign of life."""
        now = self._loop.time()
        if now - self._beat_due > self._settings.ping_interval:
            self._wire.last_received = now  # our own loop stood still: the silence was ours
        left = self._wire.last_received + self._settings.ping_deadline - now
        if left <= 0:
            self.lost(f"no sign of life for {self._settings.ping_deadline:g} s")
            return
        self._pings += 1
        self._ping(f"gc-{self._pings}")
        self._schedule_beat(min(self._settings.ping_interval, left))

    # --- ending ---

    async def close(self) -> None:
        """End the subscriptions, say goodbye and close, within two seconds; see door.NotificationSession."""
        if not self._over:
            self._end(SessionClosed("closed by us", expected=True))
            if self._wire.is_connected:
                await _within(_GOODBYE, self._subscriptions.end_all())
                self._wire.send(stanzas.FAREWELL)
                self._wire.end_stream()
                await _within(_GOODBYE, self._wire.gone.wait())
        await self._tear_down()

    def abandon(self, reason: str) -> None:
        """Drop the session at once, as if the connection were lost."""
        self.lost(reason)

    def lost(self, reason: str, *, conflict: bool = False) -> None:
        """End the session, and tell it unless it has ended already. A wire calls it."""
        self._drop_questions()
        if self._over:
            return
        self._end(SessionClosed(reason, conflict=conflict))
        self._wire.dispose()

    def _end(self, closed: SessionClosed) -> None:
        """Tell the end, once. Before open returned, open tells it."""
        self._over = True
        if self._beat_timer is not None:
            self._beat_timer.cancel()
        if not self._opened:
            self.refused(NotificationsUnavailable(closed.reason))
            return
        try:
            self._on_closed(closed)
        except Exception:  # noqa: BLE001 - as above; slixmpp would swallow it without a word
            self._log.exception("end of session not handled")

    async def _tear_down(self) -> None:
        self._over = True
        if self._beat_timer is not None:
            self._beat_timer.cancel()
        connected = self._wire.is_connected
        if tasks := self._wire.dispose():
            await asyncio.wait(tasks)
        if connected:
            await _within(_GOODBYE, self._wire.gone.wait())
        self._drop_questions()


async def _within(seconds: float, waiting: Awaitable[object]) -> None:
    """Wait so long at the most."""
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        pass


def new_resource(settings: FinesseSettings) -> str:
    """Make the resource to ask for. It is random: two clients with one resource kick each other for ever."""
    return f"{settings.resource_prefix}-{secrets.token_hex(4)}"


def check_user_id(user_id: str) -> None:
    """Refuse an agent id that cannot be the local part of an XMPP address: it would name somebody else."""
    if not user_id or "@" in user_id or "/" in user_id:
        raise not_a_user()


def not_a_user() -> NotAuthorised:
    """Give the refusal of an agent id that cannot be a user's."""
    return NotAuthorised("this agent id cannot be a user of the notification service")


def sign_in_failure(condition: str) -> FinesseError:
    """Give the failure that a SASL condition means."""
    if condition in _WRONG_CREDENTIALS:
        return NotAuthorised(f"the notification service refused the credentials ({condition})")
    return NotificationsUnavailable(f"the notification service refused the sign-in ({condition})")


def no_mechanism() -> FinesseError:
    """Give the failure of a service that does not know SASL PLAIN."""
    return NotificationsUnavailable("the notification service does not offer SASL PLAIN")


def no_resource() -> FinesseError:
    """Give the failure of a service that does not bind us."""
    return NotificationsUnavailable("the notification service refused the resource")

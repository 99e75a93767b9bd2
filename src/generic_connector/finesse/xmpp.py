"""One agent's notification session: slixmpp, used lean.

No pub/sub plugin but one raw handler on the event element; one TLS context for all sessions; one transport, chosen
by configuration; our own deadline on sign-in; nobody reconnects here, the session's owner does. Whoever opens a
session hears of its end exactly once. What must be known of slixmpp is in xmpp_client; what of Finesse, in
finesse-notifications.md sections 2 to 7 and xmpp-and-http.md sections 2.4 to 2.7.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

import structlog
from slixmpp.jid import JID, InvalidJID
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatcherId, MatchXPath
from slixmpp.xmlstream.stanzabase import StanzaBase

from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import FinesseError, NotAuthorised, NotificationsUnavailable, PayloadError
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.finesse.payloads import parse_update
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.xmpp_client import LeanClient

log = structlog.get_logger()

_CLIENT = "{jabber:client}"
_EVENT = "{http://jabber.org/protocol/pubsub#event}"
_NOTIFICATION = "{http://jabber.org/protocol/pubsub}notification"
_PING = "{urn:xmpp:ping}ping"
_DELAY = "{urn:xmpp:delay}delay"
_READY = "gc-ready"  # id of the ping whose answer says that our presence was taken in
_GOODBYE = 1.0  # seconds that a server gets to answer our farewell
_WRONG_CREDENTIALS = frozenset({"not-authorized", "account-disabled", "credentials-expired", "invalid-authzid"})


@dataclass(frozen=True, slots=True, kw_only=True)
class XmppAddress:
    """Where a notification service listens, and the domain it serves (SystemInfo's xmppDomain)."""

    host: str
    port: int
    domain: str


class XmppSession:
    """An agent's open notification session (door.NotificationSession); made by open_session.

    on_notification may be called before open_session returns: presence is told first, and events come at once.
    """

    def __init__(
        self,
        address: XmppAddress,
        credentials: Credentials,
        settings: FinesseSettings,
        tls_context: ssl.SSLContext,
        *,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
    ) -> None:
        self._address = address
        self._settings = settings
        self._on_notification = on_notification
        self._on_closed = on_closed
        self._log = log.bind(agent=credentials.user_id, node=address.host)
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._gone = asyncio.Event()  # the socket is closed
        self._over = False
        self._opened = False
        self._conflict = False
        self._reason = ""  # the server's own, from a stream error
        self._beat_timer: asyncio.TimerHandle | None = None
        self._beat_due = 0.0
        self._pings = 0
        self._client = self._make_client(credentials, tls_context)

    def _make_client(self, credentials: Credentials, tls_context: ssl.SSLContext) -> LeanClient:
        client = LeanClient(
            _jid(credentials.user_id, self._address.domain, self._settings.resource_prefix),
            credentials,
            plain=self._settings.xmpp_transport == "plain",
            tls_context=tls_context,
            stanza_limit=8 * self._settings.payload_limit,  # escaped twice, &amp;lt; for <
        )
        client.default_domain = self._address.host  # whom the certificate must name: the host that is configured
        for event, handler in (
            ("connection_failed", self._connection_failed),
            ("failed_auth", self._authentication_failed),
            ("no_auth", self._no_mechanism),
            ("stream_error", self._stream_error),
            ("session_bind", self._bound),
            ("session_start", self._session_started),
            ("too_large", self._too_large),
            ("disconnected", self._disconnected),
        ):
            client.add_event_handler(event, handler)
        for name, path, receive in (
            ("Finesse Event", f"{_CLIENT}message/{_EVENT}event", self._event),
            ("Server Ping", f"{_CLIENT}iq/{_PING}", self._server_ping),
        ):
            client.register_handler(Callback(name, MatchXPath(path), receive))
        client.register_handler(Callback("Ready", MatcherId(_READY), self._presence_taken, once=True))
        return client

    # --- opening ---

    async def open(self) -> None:
        """Sign in, tell presence, and return when the server has taken it in. Used by open_session only."""
        self._client.connect(self._address.host, self._address.port)
        try:
            async with asyncio.timeout(self._settings.sign_in_deadline):
                await self._ready
            self._refuse_lost()
        except TimeoutError:
            await self._tear_down()
            raise NotificationsUnavailable(f"no session within {self._settings.sign_in_deadline:g} s") from None
        except BaseException:
            await self._tear_down()
            raise
        self._opened = True
        self._log.debug("notification_session_opened", resource=self._client.boundjid.resource)

    def _refuse_lost(self) -> None:
        """Refuse a session that ended between the server's answer and our next step."""
        if self._over:
            raise NotificationsUnavailable(self._reason or "the connection was lost")

    def _fail(self, failure: FinesseError) -> None:
        if not self._ready.done():
            self._ready.set_exception(failure)

    def _connection_failed(self, error: object) -> None:
        self._client.cancel_connection_attempt()  # slixmpp would try again for ever
        address = f"{self._address.host}:{self._address.port}"
        self._fail(NotificationsUnavailable(f"cannot connect to {address}: {error}"))

    def _authentication_failed(self, stanza: Any) -> None:
        condition = str(stanza["condition"])
        if condition in _WRONG_CREDENTIALS:
            self._fail(NotAuthorised(f"the notification service refused the credentials ({condition})"))
        else:
            self._fail(NotificationsUnavailable(f"the notification service refused the sign-in ({condition})"))

    def _no_mechanism(self, _: object) -> None:
        self._fail(NotificationsUnavailable("the notification service does not offer SASL PLAIN"))

    def _bound(self, jid: JID) -> None:
        if not jid.resource:  # slixmpp takes an error for an answer
            self._fail(NotificationsUnavailable("the notification service refused the resource"))

    def _session_started(self, _: object) -> None:
        if self._ready.done():
            return
        self._client.send_raw("<presence><priority>0</priority></presence>")
        self._ping(_READY)

    def _presence_taken(self, _: StanzaBase) -> None:
        if not self._ready.done():
            self._ready.set_result(None)
        self._schedule_beat(self._settings.ping_interval)

    # --- receiving ---

    def _event(self, stanza: StanzaBase) -> None:
        message = stanza.xml
        if "@" in message.get("from", ""):  # another user's, who wants to be taken for the service
            self._log.warning("notification_from_a_user_ignored")
            return
        if message.find(_DELAY) is not None:  # replayed from a store: old news
            return
        for text in _payloads(message):
            self._notify(text)

    def _notify(self, text: str) -> None:
        try:
            notification = parse_update(text, self._settings.payload_limit)
        except PayloadError as error:
            self._log.warning("notification_not_readable", reason=error.reason)
            return
        if notification is None or self._over:
            return
        try:
            self._on_notification(notification)
        except Exception:  # noqa: BLE001 - a fault in one callback must not end the session
            self._log.exception("notification_not_handled", source=notification.source)

    @staticmethod
    def _server_ping(stanza: StanzaBase) -> None:
        if stanza["type"] == "get":
            stanza.reply().send()

    # --- staying alive ---

    def _ping(self, ping_id: str) -> None:
        to = quoteattr(self._address.domain)
        self._client.send_raw(f"<iq type='get' id='{ping_id}' to={to}><ping xmlns='urn:xmpp:ping'/></iq>")

    def _schedule_beat(self, delay: float) -> None:
        self._beat_due = self._loop.time() + delay
        self._beat_timer = self._loop.call_at(self._beat_due, self._beat)

    def _beat(self) -> None:
        """Ping, or give up a session that was silent too long. Whatever arrives, even an error, is a sign of life."""
        now = self._loop.time()
        if now - self._beat_due > self._settings.ping_interval:
            self._client.last_received = now  # our own loop stood still: the silence was ours
        left = self._client.last_received + self._settings.ping_deadline - now
        if left <= 0:
            self._lost(f"no sign of life for {self._settings.ping_deadline:g} s")
            return
        self._pings += 1
        self._ping(f"gc-{self._pings}")
        self._schedule_beat(min(self._settings.ping_interval, left))

    # --- ending ---

    async def close(self) -> None:
        """Say goodbye and close within a second; see door.NotificationSession."""
        if not self._over:
            self._end(SessionClosed("closed by us", expected=True))
            if self._client.is_connected():
                self._client.send_raw("<presence type='unavailable'/></stream:stream>")
                await self._wait_gone()
        await self._tear_down()

    def abandon(self, reason: str) -> None:
        """Drop the session at once, as if the connection were lost."""
        self._lost(reason)

    def _stream_error(self, stanza: Any) -> None:
        condition = str(stanza["condition"])
        self._conflict = condition == "conflict"
        self._reason = f"the server closed the stream ({condition})"

    def _too_large(self, _: object) -> None:
        self._lost("the server sent a stanza that is too large")

    def _disconnected(self, reason: object) -> None:
        self._gone.set()
        self._lost(str(reason or "the connection was lost"))

    def _lost(self, reason: str) -> None:
        if self._over:
            return
        self._reason = self._reason or reason
        self._end(SessionClosed(self._reason, conflict=self._conflict))
        self._client.dispose()

    def _end(self, closed: SessionClosed) -> None:
        """Tell the end, once. Before open returned, open tells it."""
        self._over = True
        if self._beat_timer is not None:
            self._beat_timer.cancel()
        if not self._opened:
            self._fail(NotificationsUnavailable(closed.reason))
            return
        try:
            self._on_closed(closed)
        except Exception:  # noqa: BLE001 - as above; slixmpp would swallow it without a word
            self._log.exception("end_of_session_not_handled")

    async def _tear_down(self) -> None:
        self._over = True
        if self._beat_timer is not None:
            self._beat_timer.cancel()
        connected = self._client.is_connected()
        if tasks := self._client.dispose():
            await asyncio.wait(tasks)
        if connected:
            await self._wait_gone()

    async def _wait_gone(self) -> None:
        try:
            async with asyncio.timeout(_GOODBYE):
                await self._gone.wait()
        except TimeoutError:
            pass


async def open_session(
    address: XmppAddress,
    credentials: Credentials,
    settings: FinesseSettings,
    tls_context: ssl.SSLContext,
    *,
    on_notification: Callable[[Notification], None],
    on_closed: Callable[[SessionClosed], None],
) -> XmppSession:
    """Open an agent's notification session; see door.Finesse.open_session for the promises and errors."""
    session = XmppSession(
        address, credentials, settings, tls_context, on_notification=on_notification, on_closed=on_closed
    )
    await session.open()
    return session


def _jid(user_id: str, domain: str, prefix: str) -> JID:
    """Make the JID to ask for. The resource is random: two clients with one resource kick each other for ever."""
    if not user_id or "@" in user_id or "/" in user_id:
        raise NotAuthorised("this agent id cannot be a user of the notification service")
    try:
        return JID(f"{user_id}@{domain}/{prefix}-{secrets.token_hex(4)}")
    except InvalidJID:
        raise NotAuthorised("this agent id cannot be a user of the notification service") from None


def _payloads(message: ET.Element) -> Iterator[str]:
    """Give the text of every notification in a message; the parser has undone its escaping."""
    for item in message.iterfind(f"{_EVENT}event/{_EVENT}items/{_EVENT}item"):
        for notification in item.iterfind(_NOTIFICATION):
            yield notification.text or ""

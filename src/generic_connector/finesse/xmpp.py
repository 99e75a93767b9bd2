"""The notification session's wire over TCP: slixmpp, used lean.

No pub/sub plugin but one raw handler for each kind of stanza; one TLS context for all sessions; one transport, chosen
by configuration. What must be known of slixmpp is in xmpp_client; what of Finesse, in finesse-notifications.md
sections 1 to 5 and xmpp-and-http.md sections 2.4 to 2.7.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from slixmpp.jid import JID, InvalidJID
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp.xmlstream.stanzabase import StanzaBase

from generic_connector.finesse.failures import NotificationsUnavailable
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.session import (
    Ear,
    XmppAddress,
    check_user_id,
    new_resource,
    no_mechanism,
    no_resource,
    not_a_user,
    sign_in_failure,
)
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.stanzas import CLIENT
from generic_connector.finesse.xmpp_client import LeanClient


class TcpWire:
    """An XMPP stream over TCP (session.Wire). Raises NotAuthorised for an id that cannot be a user's."""

    def __init__(
        self,
        address: XmppAddress,
        credentials: Credentials,
        settings: FinesseSettings,
        ear: Ear,
        *,
        tls_context: ssl.SSLContext,
    ) -> None:
        self.gone = asyncio.Event()
        self._address = address
        self._ear = ear
        self._conflict = False
        self._reason = ""  # the server's own, from a stream error
        self._client = LeanClient(
            _jid(credentials.user_id, address.domain, new_resource(settings)),
            credentials,
            plain=settings.xmpp_transport == "plain",
            tls_context=tls_context,
            stanza_limit=8 * settings.payload_limit,  # escaped twice, &amp;lt; for <
        )
        self._client.default_domain = address.host  # whom the certificate must name: the host that is configured
        self._listen()

    def _listen(self) -> None:
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
            self._client.add_event_handler(event, handler)
        for kind in ("message", "iq", "presence"):
            self._client.register_handler(Callback(kind, MatchXPath(f"{CLIENT}{kind}"), self._stanza))

    @property
    def last_received(self) -> float:
        """The loop's time of the last byte received."""
        return self._client.last_received

    @last_received.setter
    def last_received(self, value: float) -> None:
        self._client.last_received = value

    @property
    def jid(self) -> str:
        """The full address that the server bound us to."""
        return str(self._client.boundjid.full)

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to close."""
        return bool(self._client.is_connected())

    def connect(self) -> None:
        """Begin to connect and to sign in."""
        self._client.connect(self._address.host, self._address.port)

    def send(self, stanza: str) -> None:
        """Send one stanza."""
        self._client.send_raw(stanza)

    def end_stream(self) -> None:
        """Close the stream in peace."""
        self._client.send_raw("</stream:stream>")

    def dispose(self) -> set[asyncio.Task[Any]]:
        """Stop at once; see session.Wire."""
        return self._client.dispose()

    def _stanza(self, stanza: StanzaBase) -> None:
        self._ear.heard(stanza.xml)

    def _connection_failed(self, error: object) -> None:
        self._client.cancel_connection_attempt()  # slixmpp would try again for ever
        address = f"{self._address.host}:{self._address.port}"
        self._ear.refused(NotificationsUnavailable(f"cannot connect to {address}: {error}"))

    def _authentication_failed(self, stanza: Any) -> None:
        self._ear.refused(sign_in_failure(str(stanza["condition"])))

    def _no_mechanism(self, _: object) -> None:
        self._ear.refused(no_mechanism())

    def _bound(self, jid: JID) -> None:
        if not jid.resource:  # slixmpp takes an error for an answer
            self._ear.refused(no_resource())

    def _session_started(self, _: object) -> None:
        self._ear.signed_in()

    def _stream_error(self, stanza: Any) -> None:
        condition = str(stanza["condition"])
        self._conflict = condition == "conflict"
        self._reason = f"the server closed the stream ({condition})"

    def _too_large(self, _: object) -> None:
        self._lost("the server sent a stanza that is too large")

    def _disconnected(self, reason: object) -> None:
        self.gone.set()
        self._lost(str(reason or "the connection was lost"))

    def _lost(self, reason: str) -> None:
        self._ear.lost(self._reason or reason, conflict=self._conflict)


def _jid(user_id: str, domain: str, resource: str) -> JID:
    check_user_id(user_id)
    try:
        return JID(f"{user_id}@{domain}/{resource}")
    except InvalidJID:
        raise not_a_user() from None

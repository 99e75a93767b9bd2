"""The notification session's wire over WebSocket (RFC 7395), on aiohttp's client.

Every frame is a document of its own: one stanza, or the opening or closing of the stream. There is no other
negotiation than SASL PLAIN, binding and, where it is offered, the session. A server cannot send us elsewhere, neither
by an HTTP redirection nor by see-other-uri: the credentials are for the host that is configured. Sources:
finesse-notifications.md sections 1 to 4.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import Callable, Coroutine
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import aiohttp
from aiohttp import WSCloseCode, WSMsgType
from yarl import URL

from generic_connector.finesse.failures import NotificationsUnavailable
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.session import (
    Ear,
    XmppAddress,
    check_user_id,
    new_resource,
    no_mechanism,
    no_resource,
    sign_in_failure,
)
from generic_connector.finesse.settings import FinesseSettings

_FRAMES = "urn:ietf:params:xml:ns:xmpp-framing"
_STREAMS = "{http://etherx.jabber.org/streams}"
_STREAM_ERRORS = "{urn:ietf:params:xml:ns:xmpp-streams}"
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_SESSION = "urn:ietf:params:xml:ns:xmpp-session"
_BIND_ID, _SESSION_ID = "gc-bind", "gc-session"
_STANZA = re.compile(r"<(iq|message|presence)\b")
_CLOSE = f"<close xmlns='{_FRAMES}'/>"
_LOST = "the connection was lost"
_PARTING = 0.3  # seconds that a server gets to answer the end of the WebSocket


class _BrokenStreamError(Exception):
    """The server sent something that ends the session; its text says what."""


class WebSocketWire:
    """An XMPP stream over WebSocket (session.Wire). Raises NotAuthorised for an id that cannot be a user's."""

    def __init__(
        self,
        address: XmppAddress,
        credentials: Credentials,
        settings: FinesseSettings,
        ear: Ear,
        *,
        tls_context: ssl.SSLContext,
    ) -> None:
        check_user_id(credentials.user_id)
        self.gone = asyncio.Event()
        self.jid = ""
        self._address = address
        self._credentials = credentials
        self._settings = settings
        self._ear = ear
        self._tls_context = tls_context
        self._loop = asyncio.get_running_loop()
        self.last_received = self._loop.time()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: set[asyncio.Task[Any]] = set()  # one reads, the others write
        self._disposed = False
        self._take: Callable[[ET.Element], None] = self._opened
        self._is_authenticated = False
        self._session_offered = False

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to close."""
        return self._socket is not None and not self.gone.is_set()

    def connect(self) -> None:
        """Begin to connect and to sign in."""
        self._start(self._run())

    def send(self, stanza: str) -> None:
        """Send one stanza, in a frame that says whose language it speaks."""
        self._send(_STANZA.sub(r"<\1 xmlns='jabber:client'", stanza, count=1))

    def end_stream(self) -> None:
        """Close the stream in peace."""
        self._send(_CLOSE)

    def dispose(self) -> set[asyncio.Task[Any]]:
        """Stop at once; see session.Wire."""
        self._disposed = True
        current = asyncio.current_task(self._loop)  # the reading one, when it is it that found the end
        tasks = {task for task in self._tasks if task is not current and not task.done()}
        for task in tasks:
            task.cancel()
        return tasks

    # --- the connection ---

    async def _run(self) -> None:
        reason = _LOST
        try:
            async with self._http() as http:
                socket = await self._connected(http)
                if socket is not None:
                    try:
                        reason = await self._converse(socket)
                    finally:
                        await socket.close()
        finally:
            self.gone.set()
            self._ear.lost(reason)

    def _http(self) -> aiohttp.ClientSession:
        stay = aiohttp.TraceConfig()
        stay.on_request_redirect.append(_refuse_redirection)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls_context, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.sign_in_deadline),
            trace_configs=[stay],
        )

    async def _connected(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse | None:
        url = URL.build(
            scheme="wss" if self._settings.xmpp_websocket_tls else "ws",
            host=self._address.host,
            port=self._address.port,
            path=self._settings.xmpp_websocket_path,
        )
        limit = 8 * self._settings.payload_limit  # escaped twice, &amp;lt; for <
        try:
            return await http.ws_connect(
                url,
                protocols=("xmpp",),
                max_msg_size=limit,
                timeout=aiohttp.ClientWSTimeout(ws_close=_PARTING),
            )
        except (aiohttp.ClientError, OSError, ValueError, _BrokenStreamError) as error:
            self._ear.refused(NotificationsUnavailable(f"cannot connect to {url}: {_words(error)}"))
            return None

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        """Open the stream and hear frames until there are no more; give the reason."""
        if socket.protocol != "xmpp":
            return "the server's WebSocket does not speak XMPP"
        self._socket = socket
        self._open_stream()
        async for message in socket:
            self.last_received = self._loop.time()
            try:
                self._hear(message)
            except _BrokenStreamError as end:
                return str(end)
            if self._disposed:
                break
        if socket.close_code == WSCloseCode.MESSAGE_TOO_BIG:
            return "the server sent a stanza that is too large"
        return _LOST

    def _send(self, text: str) -> None:
        """Send a frame; the tasks write in the order in which they are made."""
        if self._socket is None or self._socket.closed or self._disposed:
            return
        self._start(_quietly(self._socket, text))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- the stream ---

    def _hear(self, message: aiohttp.WSMessage) -> None:
        if message.type is WSMsgType.ERROR:  # the loop ends by itself
            return
        if message.type is not WSMsgType.TEXT:
            raise _BrokenStreamError("the server sent a frame that is no text")
        frame = _parse(message.data)
        if frame.tag == f"{{{_FRAMES}}}close":
            raise _BrokenStreamError("the server closed the stream")
        if frame.tag == f"{_STREAMS}error":
            condition = _condition(frame, _STREAM_ERRORS)
            self._ear.lost(f"the server closed the stream ({condition})", conflict=condition == "conflict")
            return
        self._take(frame)

    def _open_stream(self) -> None:
        self._take = self._opened
        self._send(f"<open xmlns='{_FRAMES}' to={quoteattr(self._address.domain)} version='1.0'/>")

    def _opened(self, frame: ET.Element) -> None:
        if frame.tag != f"{{{_FRAMES}}}open":
            raise _BrokenStreamError("the server does not open the stream")
        self._take = self._authenticate if not self._is_authenticated else self._bind

    def _authenticate(self, features: ET.Element) -> None:
        offered = {mechanism.text for mechanism in features.iter(f"{{{_SASL}}}mechanism")}
        if "PLAIN" not in offered:
            self._ear.refused(no_mechanism())
            return
        self._take = self._authenticated
        pair = f"\0{self._credentials.user_id}\0{self._credentials.secret}".encode("utf-8", "surrogatepass")
        response = base64.b64encode(pair).decode("ascii")
        self._send(f"<auth xmlns='{_SASL}' mechanism='PLAIN'>{response}</auth>")

    def _authenticated(self, answer: ET.Element) -> None:
        if answer.tag != f"{{{_SASL}}}success":
            self._ear.refused(sign_in_failure(_condition(answer, f"{{{_SASL}}}")))
            return
        self._is_authenticated = True
        self._open_stream()

    def _bind(self, features: ET.Element) -> None:
        self._session_offered = features.find(f"{{{_SESSION}}}session") is not None
        self._take = self._bound
        resource = f"<resource>{escape(new_resource(self._settings))}</resource>"
        self.send(f"<iq type='set' id='{_BIND_ID}'><bind xmlns='{_BIND}'>{resource}</bind></iq>")

    def _bound(self, answer: ET.Element) -> None:
        if answer.get("id") != _BIND_ID:
            return
        self.jid = (answer.findtext(f"{{{_BIND}}}bind/{{{_BIND}}}jid") or "").strip()
        if "/" not in self.jid:
            self._ear.refused(no_resource())
        elif self._session_offered:
            self._take = self._session_begun
            self.send(f"<iq type='set' id='{_SESSION_ID}'><session xmlns='{_SESSION}'/></iq>")
        else:
            self._begin()

    def _session_begun(self, answer: ET.Element) -> None:
        if answer.get("id") == _SESSION_ID:  # even a refusal: it is no more than a relic
            self._begin()

    def _begin(self) -> None:
        self._take = self._ear.heard
        self._ear.signed_in()


def _parse(text: str) -> ET.Element:
    if "<!DOCTYPE" in text:
        raise _BrokenStreamError("the server sent a DOCTYPE")
    try:
        return ET.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except (ET.ParseError, ValueError, LookupError):
        raise _BrokenStreamError("the server sent a frame that is not well-formed") from None


def _condition(element: ET.Element, namespace: str) -> str:
    """Give the condition that an error names."""
    names = (child.tag.removeprefix(namespace) for child in element if child.tag.startswith(namespace))
    return next((name for name in names if name != "text"), "undefined-condition")


def _words(error: Exception) -> str:
    """Say what went wrong; an HTTP answer has a status and no more."""
    return f"HTTP status {error.status}" if isinstance(error, aiohttp.WSServerHandshakeError) else str(error)


async def _refuse_redirection(*_: object) -> None:
    raise _BrokenStreamError("the server sends us elsewhere")


async def _quietly(socket: aiohttp.ClientWebSocketResponse, text: str) -> None:
    """Send; that the connection is gone, whoever reads from it hears."""
    with contextlib.suppress(aiohttp.ClientError, OSError):
        await socket.send_str(text)

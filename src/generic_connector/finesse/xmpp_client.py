"""slixmpp's client with everything taken away that we do not want, and its traps closed.

slixmpp 1.17 as found: it retries connecting for ever, follows a server to another host, waits 120 s for the answer to
a bind, leaves its sending task running when a connection is lost, accepts stanzas of any size, a DOCTYPE and any
encoding, waits two seconds, reading on, after what is no XML, and writes passwords and call data into its debug log.
Source: xmpp-and-http.md section 2.4, and slixmpp's own code.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import Any
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP
from slixmpp.jid import JID
from slixmpp.stanza import StreamFeatures
from slixmpp.xmlstream.stanzabase import StanzaBase

from generic_connector.finesse.model import Credentials

# Its debug lines hold the SASL answer, its error lines whole documents; what matters is told by events.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)

_NOT_OURS = ("IM", "IMError", "Presence", "Roster Update")  # every handler costs time for every stanza

_DOCTYPE = b"<!DOCTYPE"


class LeanClient(ClientXMPP):  # type: ignore[misc,unused-ignore]  # slixmpp is typed only in part
    """One stream. plain: no encryption at all; otherwise TLS from the first byte. stanza_limit: bytes of one stanza.

    Beside slixmpp's events there is "too_large". last_received is the loop's time of the last byte received.
    """

    def __init__(
        self, jid: JID, credentials: Credentials, *, plain: bool, tls_context: ssl.SSLContext, stanza_limit: int
    ) -> None:
        super().__init__(
            jid,
            credentials.secret,
            sasl_mech="PLAIN",  # Finesse's own authentication knows no other, whatever is listed
            plugin_config={"feature_mechanisms": {"unencrypted_plain": plain}},
            ssl_context=tls_context,
            loop=asyncio.get_running_loop(),
        )
        self.credentials["username"] = credentials.user_id  # the JID's is in lower case
        self.enable_plaintext = plain
        self.enable_direct_tls = not plain
        self.enable_starttls = False  # it would mean "if offered"
        self.max_redirects = -1  # never take the credentials to another host
        for name in _NOT_OURS:
            self.remove_handler(name)
        self.last_received = self.loop.time()
        self._stanza_limit = stanza_limit
        self._unfinished = 0  # bytes since the last whole stanza
        self._prologue = b""  # the end of what came before the stream began
        self._negotiation: asyncio.Task[Any] | None = None
        self.add_filter("in", self._stanza_finished)

    def data_received(self, data: bytes | str) -> None:
        """Note the sign of life, and refuse a stanza that does not end."""
        self.last_received = self.loop.time()
        if self.xml_root is None and (fault := self._fault_of_prologue(data)):
            self.disconnect(reason=fault)
            return
        self._unfinished += len(data)
        super().data_received(data)
        # expat 2.6 and later may hold back the end of a stanza until more comes
        if self.parser is not None and hasattr(self.parser, "flush"):
            with contextlib.suppress(ET.ParseError):
                self.parser.flush()
            super().data_received(b"")
        if self._unfinished > self._stanza_limit:
            self.event("too_large")

    def init_parser(self) -> None:
        """Begin a stream. It is UTF-8, whatever it declares: nothing can hide from who looks at the bytes."""
        super().init_parser()
        self.parser = ET.XMLPullParser(("start", "end"), _parser=ET.XMLParser(encoding="utf-8"))  # noqa: S314 - no DOCTYPE
        self._prologue = b""

    def _fault_of_prologue(self, data: bytes | str) -> str:
        """Say what must not come before the stream begins: a DOCTYPE, which could declare entities; later it is no XML.

        There is one encoding more that expat takes for certain when it is UTF-8 that was asked for: UTF-16 by its mark.
        """
        prologue = self._prologue + (data.encode() if isinstance(data, str) else data)
        self._prologue = prologue[-len(_DOCTYPE) :]
        if b"\0" in prologue:
            return "the server does not send UTF-8"
        return "the server sent a DOCTYPE" if _DOCTYPE in prologue else ""

    def disconnect(
        self,
        wait: float = 2.0,  # noqa: ARG002 - slixmpp's signature
        reason: str | None = None,
        ignore_send_queue: bool = False,  # noqa: ARG002, FBT001, FBT002 - slixmpp's signature
    ) -> asyncio.Future[None]:
        """Cut the connection at once: slixmpp asks for it after what is no XML, and after a refused sign-in."""
        self.disconnect_reason = reason or "the server sent what is not well-formed"
        self.abort()
        done: asyncio.Future[None] = self.loop.create_future()
        done.set_result(None)
        return done

    def send_raw(self, data: str | bytes) -> None:
        """Send as it is; nothing more once the connection is being closed. Raises NotConnectedError without one."""
        if self.transport is None or not self.transport.is_closing():
            super().send_raw(data)

    def abort(self) -> None:
        """Cut the connection. It is not closed before: up to Python 3.11.4 TLS that is closed twice cannot be cut."""
        if self.transport:
            self.cancel_connection_attempt()
            self.transport.abort()
            self.event("killed")

    def _stanza_finished(self, stanza: StanzaBase) -> StanzaBase:
        self._unfinished = 0
        return stanza

    async def _handle_stream_features(self, features: StreamFeatures) -> bool | None:
        if self._negotiation is not None and not self._negotiation.done():
            return None  # a server says this once; a second negotiation would outlive the session
        self._negotiation = asyncio.current_task()
        return await super()._handle_stream_features(features)

    def dispose(self) -> set[asyncio.Task[Any]]:
        """Stop at once: no more attempts, no socket, no timers. Gives the tasks that are about to end."""
        self.cancel_connection_attempt()
        self.abort()
        for name in list(self.scheduled_events):
            self.cancel_schedule(name)
        tasks: set[asyncio.Task[Any]] = set()
        for task in (self._run_out_filters, self._negotiation):
            if isinstance(task, asyncio.Task) and not task.done():
                task.cancel()
                tasks.add(task)
        return tasks

"""One client's XMPP session, apart from its socket: bytes in, stanzas out (finesse-notifications.md section 4)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from xml.etree.ElementTree import Element

from finesse_simulator.notifying import AccountsUnavailableError
from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.domain import XmppDomain
from finesse_simulator.xmpp.envelope import random_characters
from finesse_simulator.xmpp.framing import CLIENT, Framing
from finesse_simulator.xmpp.markup import element, escape
from finesse_simulator.xmpp.requests import answer
from finesse_simulator.xmpp.sasl import SaslError, read_plain
from finesse_simulator.xmpp.stanzas import BIND, SASL, SESSION, StanzaError, iq_error, iq_result, ping
from finesse_simulator.xmpp.stream import STANZA_LIMIT, StreamClosed, StreamEvent, StreamFault, StreamOpened

_SECRET_FEATURES = element("mechanisms", {"xmlns": SASL}, element("mechanism", None, "PLAIN"))
_OPEN_FEATURES = element("bind", {"xmlns": BIND}) + element("session", {"xmlns": SESSION})
_activity = itertools.count(1)


class Wire(Protocol):
    """What a session writes to."""

    def write(self, text: str) -> None:
        """Send one piece of text."""

    def end(self) -> None:
        """Close once what was written is sent."""


class Session:
    """One client's stream, from its first header to its end.

    The steps are sign in with SASL PLAIN, stream anew, bind a resource; from then on stanzas. `address` is that of
    nobody until the resource is bound.
    """

    def __init__(self, domain: XmppDomain, wire: Wire, framing: Framing, *, stanza_limit: int = STANZA_LIMIT) -> None:
        self.address = Address("", domain.name)
        self.priority: int | None = None
        self.activity = 0
        self.ended = False
        self._domain = domain
        self._wire = wire
        self._stanza_limit = stanza_limit
        self._framing = framing
        self._parser = framing.parser(stanza_limit)
        self._header_sent = False
        self._features = _SECRET_FEATURES
        self._take: Callable[[Element], None] = self._authenticate
        self._user = ""

    def __repr__(self) -> str:
        return f"<Session {self.address} priority={self.priority}{' ended' if self.ended else ''}>"

    def receive(self, data: bytes) -> None:
        """Take what the client sent: over WebSocket a whole frame."""
        parser = self._parser
        for event in parser.feed(data):
            self._react(event)
            if self.ended or self._parser is not parser:
                return

    def send(self, text: str) -> None:
        """Send a stanza, unless the session has ended."""
        if not self.ended:
            self._wire.write(self._framing.stanza(text))

    def end(self, condition: str | None = None) -> None:
        """End the stream, with a stream error or in peace."""
        if self.ended:
            return
        if not self._header_sent:
            self._send_header()
        for piece in self._framing.closing(condition):
            self._wire.write(piece)
        self._wire.end()
        self.lost()

    def lost(self) -> None:
        """Hear that the connection is gone; nothing can be said any more."""
        if self.ended:
            return
        self.ended = True
        if self.address.resource:
            self._domain.unbind(self)
            self._set_priority(None)

    def ping(self) -> None:
        """Ask a client that has signed in whether it is alive."""
        if self.address.resource:
            self.send(ping(random_characters(8), sender=self._domain.name, recipient=str(self.address)))

    def _react(self, event: StreamEvent) -> None:
        self.activity = next(_activity)
        match event:
            case StreamOpened():
                self._send_header()
                self._wire.write(self._framing.features(self._features))
            case StreamClosed():
                self.end()
            case StreamFault(condition):
                self.end(condition)
            case Element():
                self._take(event)

    def _send_header(self) -> None:
        self._header_sent = True
        self._wire.write(self._framing.opening(self._domain.name, random_characters(8)))

    # -- signing in ----------------------------------------------------------------------------------------------

    def _authenticate(self, stanza: Element) -> None:
        if stanza.tag != f"{{{SASL}}}auth":
            self.end("not-authorized")
        elif stanza.get("mechanism") != "PLAIN":
            self._refuse("invalid-mechanism")  # the client may try again
        elif not stanza.text:
            self._take = self._hear_response
            self.send(element("challenge", {"xmlns": SASL}))
        else:
            self._check(stanza.text)

    def _hear_response(self, stanza: Element) -> None:
        self._take = self._authenticate
        if stanza.tag == f"{{{SASL}}}response":
            self._check(stanza.text or "")
        else:
            self._refuse("aborted")

    def _check(self, response: str) -> None:
        try:
            user, password = read_plain(response)
            if set(user) & set("@/") or not self._domain.directory.check_password(user, password):
                raise SaslError("not-authorized")  # noqa: TRY301 - one way out for every refusal
        except SaslError as error:
            self._refuse(error.condition)
            self.end()
            return
        except AccountsUnavailableError:
            self._refuse("temporary-auth-failure")
            self.end()
            return
        self._user = user.lower()
        self.send(element("success", {"xmlns": SASL}))
        self._features = _OPEN_FEATURES
        self._take = self._bind
        self._parser = self._framing.parser(self._stanza_limit)

    def _refuse(self, condition: str) -> None:
        self.send(element("failure", {"xmlns": SASL}, element(condition)))

    def _bind(self, stanza: Element) -> None:
        request = stanza.find(f"{{{BIND}}}bind")
        if stanza.tag != f"{{{CLIENT}}}iq" or stanza.get("type") != "set" or request is None:
            self.end("not-authorized")
            return
        resource = (request.findtext(f"{{{BIND}}}resource") or "").strip() or random_characters(10)
        self.address = Address(self._user, self._domain.name, resource)
        self._domain.bind(self)
        self._take = self._hear
        bound = element("bind", {"xmlns": BIND}, element("jid", None, escape(str(self.address))))
        self.send(iq_result(stanza.get("id"), bound))

    # -- stanzas -------------------------------------------------------------------------------------------------

    def _hear(self, stanza: Element) -> None:
        match stanza.tag.removeprefix(f"{{{CLIENT}}}"):
            case "iq":
                self._hear_request(stanza)
            case "presence":
                self._hear_presence(stanza)
            case "message":
                pass  # agents do not talk to each other; Finesse's clients never publish
            case _:
                self.end("unsupported-stanza-type")

    def _hear_request(self, stanza: Element) -> None:
        kind = stanza.get("type", "")
        if kind in ("result", "error"):  # the answer to a ping of ours
            return
        recipient = stanza.get("to", "")
        envelope = {"sender": recipient or None, "recipient": str(self.address)}
        try:
            children = list(stanza)
            if kind not in ("get", "set") or len(children) != 1:
                raise StanzaError("bad-request")  # noqa: TRY301 - one way out for every refusal
            payload = answer(self._domain, self.address, recipient, kind, children[0])
        except StanzaError as error:
            self.send(iq_error(stanza.get("id"), error, **envelope))
        else:
            self.send(iq_result(stanza.get("id"), payload, **envelope))

    def _hear_presence(self, stanza: Element) -> None:
        kind = stanza.get("type")
        recipient = stanza.get("to", "")
        if recipient:
            with suppress(ValueError):
                if Address.parse(recipient).bare == str(self._domain.web_application.address):
                    self._domain.presence_to_web_application(self, kind or "")
        elif kind is None:
            self._set_priority(_priority(stanza))
        elif kind == "unavailable":
            self._set_priority(None)

    def _set_priority(self, priority: int | None) -> None:
        before, self.priority = self.priority, priority
        if before is not None or priority is not None:
            self._domain.presence_changed(self, before)


def _priority(stanza: Element) -> int:
    """Read the priority of a presence; what is no number counts as 0, as on the real server."""
    try:
        return int(stanza.findtext(f"{{{CLIENT}}}priority") or "0")
    except ValueError:
        return 0

"""The stanzas that a server answers with, and the namespaces they live in (RFC 6120, RFC 6121)."""

from __future__ import annotations

from finesse_simulator.xmpp.markup import element

BIND = "urn:ietf:params:xml:ns:xmpp-bind"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
PING = "urn:xmpp:ping"
PUBSUB = "http://jabber.org/protocol/pubsub"
PUBSUB_ERRORS = "http://jabber.org/protocol/pubsub#errors"
PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event"
ROSTER = "jabber:iq:roster"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"

# The error type that belongs to each condition we use (RFC 6120 section 8.3.3, XEP-0060 section 6).
_ERROR_TYPES = {
    "bad-request": "modify",
    "feature-not-implemented": "cancel",
    "forbidden": "auth",
    "item-not-found": "cancel",
    "not-acceptable": "modify",
    "not-allowed": "cancel",
    "service-unavailable": "cancel",
    "unexpected-request": "cancel",
}


class StanzaError(Exception):
    """A request is answered with an error stanza.

    condition: of RFC 6120 section 8.3.3. pubsub_condition: the one of XEP-0060 that stands beside it, if any.
    """

    def __init__(self, condition: str, pubsub_condition: str | None = None) -> None:
        super().__init__(condition, pubsub_condition)
        self.condition = condition
        self.pubsub_condition = pubsub_condition


def iq_result(
    request_id: str | None, payload: str = "", *, sender: str | None = None, recipient: str | None = None
) -> str:
    """Answer a request; payload is markup."""
    attributes = {"type": "result", "id": request_id, "from": sender, "to": recipient}
    return element("iq", attributes, payload) if payload else element("iq", attributes)


def iq_error(
    request_id: str | None, error: StanzaError, *, sender: str | None = None, recipient: str | None = None
) -> str:
    """Refuse a request."""
    conditions = [element(error.condition, {"xmlns": STANZA_ERRORS})]
    if error.pubsub_condition:
        conditions.append(element(error.pubsub_condition, {"xmlns": PUBSUB_ERRORS}))
    return element(
        "iq",
        {"type": "error", "id": request_id, "from": sender, "to": recipient},
        element("error", {"type": _ERROR_TYPES[error.condition]}, *conditions),
    )


def ping(request_id: str, *, sender: str, recipient: str) -> str:
    """Ask whether the other side is alive (XEP-0199)."""
    attributes = {"type": "get", "id": request_id, "from": sender, "to": recipient}
    return element("iq", attributes, element("ping", {"xmlns": PING}))


def presence(*, sender: str, recipient: str, kind: str | None = None) -> str:
    """Tell presence; kind is the stanza's type: None (available), unavailable, subscribed ..."""
    return element("presence", {"from": sender, "to": recipient, "type": kind})


def stream_error(condition: str) -> str:
    """Say why the stream ends (RFC 6120 section 4.9)."""
    return element("stream:error", None, element(condition, {"xmlns": STREAM_ERRORS}))

"""The stanzas of a notification session: those that we write, and what is looked for in those that we hear.

What is written has no namespace of its own; a wire whose frames stand alone adds it. Sources:
finesse-notifications.md sections 4 to 7 and 9; XEP-0060, XEP-0199.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

CLIENT = "{jabber:client}"
_EVENT = "{http://jabber.org/protocol/pubsub#event}"
_PUBSUB = "{http://jabber.org/protocol/pubsub}"
_STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
_PING = "{urn:xmpp:ping}ping"
_DELAY = "{urn:xmpp:delay}delay"
_WEB_APPLICATION = "finesse"  # the user whose presence says whether Finesse's web application runs

PRESENCE = "<presence><priority>0</priority></presence>"
"""Tells the server that we want what is sent to the agent."""
FAREWELL = "<presence type='unavailable'/>"
PING = "<ping xmlns='urn:xmpp:ping'/>"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One explicit subscription; the subid tells repeated ones apart."""

    node: str
    jid: str
    subid: str


# --- writing -----------------------------------------------------------------------------------------------------


def request(kind: str, request_id: str, to: str, payload: str) -> str:
    """Write a request of this kind, get or set."""
    return f"<iq type='{kind}' id='{request_id}' to={quoteattr(to)}>{payload}</iq>"


def answer_to(stanza: ET.Element) -> str:
    """Write the answer to a server's request: a pong, or that we do not offer anything else."""
    head = f"id={quoteattr(stanza.get('id', ''))}"
    if sender := stanza.get("from"):
        head += f" to={quoteattr(sender)}"
    if stanza.find(_PING) is not None and stanza.get("type") == "get":
        return f"<iq type='result' {head}/>"
    condition = "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
    return f"<iq type='error' {head}><error type='cancel'>{condition}</error></iq>"


def watch_web_application(domain: str) -> str:
    """Ask for the presence of Finesse's web application."""
    return f"<presence type='subscribe' to={quoteattr(f'{_WEB_APPLICATION}@{domain}')}/>"


def subscriptions() -> str:
    """Write what asks for all our subscriptions."""
    return _pubsub("<subscriptions/>")


def subscribe(node: str, jid: str) -> str:
    """Write what subscribes."""
    return _pubsub(f"<subscribe node={quoteattr(node)} jid={quoteattr(jid)}/>")


def unsubscribe(subscription: Subscription) -> str:
    """Write what ends a subscription."""
    node, jid = quoteattr(subscription.node), quoteattr(subscription.jid)
    subid = f" subid={quoteattr(subscription.subid)}" if subscription.subid else ""
    return _pubsub(f"<unsubscribe node={node} jid={jid}{subid}/>")


def _pubsub(operation: str) -> str:
    return f"<pubsub xmlns='http://jabber.org/protocol/pubsub'>{operation}</pubsub>"


# --- reading -----------------------------------------------------------------------------------------------------


def is_from_a_user(stanza: ET.Element) -> bool:
    """Say whether a user sent it, and not a server or service."""
    return "@" in stanza.get("from", "").partition("/")[0]


def is_delayed(message: ET.Element) -> bool:
    """Say whether it was replayed from a store: old news."""
    return message.find(_DELAY) is not None


def updates(message: ET.Element) -> Iterator[tuple[str, str]]:
    """Give node and text of every notification in a message; the parser has undone its escaping."""
    for items in message.iterfind(f"{_EVENT}event/{_EVENT}items"):
        for notification in items.iterfind(f"{_EVENT}item/{_PUBSUB}notification"):
            yield items.get("node", ""), notification.text or ""


def web_application_presence(presence: ET.Element, domain: str) -> bool | None:
    """Say whether the web application is available; None when this presence says nothing of it."""
    sender = presence.get("from", "").partition("/")[0]
    if sender.lower() != f"{_WEB_APPLICATION}@{domain}".lower():
        return None
    return {"": True, "unavailable": False}.get(presence.get("type", ""))


def error_condition(stanza: ET.Element) -> str:
    """Give the condition of an error stanza, such as item-not-found; "" when it is none."""
    if stanza.get("type") != "error":
        return ""
    for condition in stanza.iterfind(f"{CLIENT}error/*"):
        if condition.tag.startswith(_STANZA_ERRORS) and not condition.tag.endswith("}text"):
            return condition.tag.removeprefix(_STANZA_ERRORS)
    return "undefined-condition"


def subscriptions_in(result: ET.Element) -> Iterator[Subscription]:
    """Read the subscriptions that an answer lists, or the one that was made."""
    for row in result.iter(f"{_PUBSUB}subscription"):
        yield Subscription(row.get("node", ""), row.get("jid", ""), row.get("subid", ""))

"""What the server itself answers to a client's requests (finesse-notifications.md section 4)."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.domain import XmppDomain
from finesse_simulator.xmpp.markup import element
from finesse_simulator.xmpp.stanzas import DISCO_INFO, DISCO_ITEMS, PING, ROSTER, SESSION, StanzaError


def answer(domain: XmppDomain, sender: Address, recipient: str, kind: str, request: Element) -> str:
    """Give the payload of the result to a request (kind get or set) sent to recipient; StanzaError when refused.

    recipient: the address as the client wrote it, empty for the server itself. What is not known is refused, never
    met with silence.
    """
    if recipient.lower() == domain.pubsub_name:
        return domain.pubsub.answer(sender, kind, request)
    handler = _REQUESTS.get((kind, request.tag))
    if handler is None or recipient.lower() not in ("", domain.name, sender.bare):
        raise StanzaError("service-unavailable")
    return handler(domain, sender)


def _session(_domain: XmppDomain, _sender: Address) -> str:
    return element("session", {"xmlns": SESSION})


def _ping(_domain: XmppDomain, _sender: Address) -> str:
    return ""


def _roster(domain: XmppDomain, sender: Address) -> str:
    watched = [domain.web_application.address] if domain.web_application.watches(sender.bare) else []
    items = [element("item", {"jid": str(each), "subscription": "to"}) for each in watched]
    return element("query", {"xmlns": ROSTER}, *items)


def _disco_info(_domain: XmppDomain, _sender: Address) -> str:
    return element(
        "query",
        {"xmlns": DISCO_INFO},
        element("identity", {"category": "server", "type": "im", "name": "Openfire Server"}),
        *(element("feature", {"var": name}) for name in (DISCO_INFO, DISCO_ITEMS, ROSTER, PING)),
    )


def _disco_items(domain: XmppDomain, _sender: Address) -> str:
    item = element("item", {"jid": domain.pubsub_name, "name": "Publish-Subscribe service"})
    return element("query", {"xmlns": DISCO_ITEMS}, item)


_REQUESTS: dict[tuple[str, str], Callable[[XmppDomain, Address], str]] = {
    ("set", f"{{{SESSION}}}session"): _session,
    ("get", f"{{{PING}}}ping"): _ping,
    ("get", f"{{{ROSTER}}}query"): _roster,
    ("get", f"{{{DISCO_INFO}}}query"): _disco_info,
    ("get", f"{{{DISCO_ITEMS}}}query"): _disco_items,
}

"""What the address pubsub.<domain> answers (finesse-notifications.md sections 4 and 6.1, XEP-0030, XEP-0060)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.markup import element, local_name
from finesse_simulator.xmpp.stanzas import DISCO_INFO, DISCO_ITEMS, PING, PUBSUB, StanzaError
from finesse_simulator.xmpp.subscriptions import Subscription, Subscriptions


class PubSub:
    """Answers the requests to the pub/sub service; both notification servers use it."""

    def __init__(self, directory: Directory, subscriptions: Subscriptions) -> None:
        self._directory = directory
        self._subscriptions = subscriptions
        self._requests = {
            ("get", f"{{{DISCO_INFO}}}query"): self._disco_info,
            ("get", f"{{{DISCO_ITEMS}}}query"): self._disco_items,
            ("get", f"{{{PING}}}ping"): self._ping,
            ("get", f"{{{PUBSUB}}}pubsub"): self._pubsub,
            ("set", f"{{{PUBSUB}}}pubsub"): self._pubsub,
        }
        self._operations = {
            ("set", "subscribe"): self._subscribe,
            ("set", "unsubscribe"): self._unsubscribe,
            ("get", "subscriptions"): self._list,
        }

    def answer(self, sender: Address, kind: str, request: Element) -> str:
        """Give the payload of the result to an iq of this kind (get or set); StanzaError when it is refused."""
        handler = self._requests.get((kind, request.tag))
        if handler is None:
            raise StanzaError("service-unavailable")
        return handler(sender, kind, request)

    def _disco_info(self, _sender: Address, _kind: str, request: Element) -> str:
        node = request.get("node")
        if node is not None:
            self._check_exists(node)
        category = "service" if node is None else "leaf"  # Smack's getNode() wants the leaf
        return element(
            "query",
            {"xmlns": DISCO_INFO, "node": node},
            element("identity", {"category": "pubsub", "type": category, "name": "Publish-Subscribe service"}),
            *(element("feature", {"var": name}) for name in (PUBSUB, f"{PUBSUB}#subscribe", DISCO_INFO, DISCO_ITEMS)),
        )

    def _disco_items(self, _sender: Address, _kind: str, request: Element) -> str:
        node = request.get("node")
        if node is not None:
            self._check_exists(node)
        return element("query", {"xmlns": DISCO_ITEMS, "node": node})

    def _ping(self, _sender: Address, _kind: str, _request: Element) -> str:
        return ""

    def _pubsub(self, sender: Address, kind: str, request: Element) -> str:
        operation = next(iter(request), None)
        if operation is None:
            raise StanzaError("bad-request")
        handler = self._operations.get((kind, local_name(operation)))
        if handler is None:
            raise StanzaError("feature-not-implemented", "unsupported")
        return handler(sender, operation)

    def _subscribe(self, sender: Address, operation: Element) -> str:
        node = self._node_of(operation)
        address = _own_address(sender, operation)
        if not self._directory.may_subscribe(sender.local, node):
            raise StanzaError("forbidden")
        subscription = self._subscriptions.add(node, address)
        attributes = _attributes(subscription)
        return element("pubsub", {"xmlns": PUBSUB}, element("subscription", attributes, element("subscribe-options")))

    def _unsubscribe(self, sender: Address, operation: Element) -> str:
        node = self._node_of(operation)
        self._subscriptions.remove(node, _own_address(sender, operation), operation.get("subid"))
        return ""

    def _list(self, sender: Address, operation: Element) -> str:
        rows = [
            element("subscription", _attributes(each))
            for each in self._subscriptions.of_user(sender.bare, operation.get("node"))
        ]
        return element("pubsub", {"xmlns": PUBSUB}, element("subscriptions", None, *rows))

    def _node_of(self, operation: Element) -> str:
        node = operation.get("node")
        if not node:
            raise StanzaError("bad-request", "nodeid-required")
        self._check_exists(node)
        return node

    def _check_exists(self, node: str) -> None:
        if not self._directory.node_exists(node):
            raise StanzaError("item-not-found")


def _own_address(sender: Address, operation: Element) -> Address:
    """Read the subscriber's address, which must be one of the sender's own (Openfire compares the bare ones)."""
    try:
        address = Address.parse(operation.get("jid", ""))
    except ValueError:
        raise StanzaError("bad-request", "invalid-jid") from None
    if address.bare != sender.bare:
        raise StanzaError("bad-request", "invalid-jid")
    return address


def _attributes(subscription: Subscription) -> dict[str, str | None]:
    return {
        "node": subscription.node,
        "jid": str(subscription.address),
        "subid": subscription.subid,
        "subscription": "subscribed",
    }

"""Explicit subscriptions to pub/sub nodes, which outlive the sessions that made them.

Sources: finesse-notifications.md section 6.1; the errors are those of Openfire's PubSubEngine.
"""

from __future__ import annotations

from dataclasses import dataclass

from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.envelope import random_characters
from finesse_simulator.xmpp.stanzas import StanzaError


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of one address (full or bare) to one node; the subid tells repeated ones apart."""

    node: str
    address: Address
    subid: str


class Subscriptions:
    """The explicit subscriptions of one pub/sub service. Subscribing twice makes two, and two copies of every event."""

    def __init__(self) -> None:
        self._by_node: dict[str, list[Subscription]] = {}

    def add(self, node: str, address: Address) -> Subscription:
        """Subscribe."""
        subscription = Subscription(node, address, random_characters(40))
        self._by_node.setdefault(node, []).append(subscription)
        return subscription

    def remove(self, node: str, address: Address, subid: str | None) -> None:
        """Unsubscribe; StanzaError if there is no such subscription, or several and no subid."""
        mine = [each for each in self._by_node.get(node, ()) if each.address == address]
        if not mine:
            raise StanzaError("unexpected-request", "not-subscribed")
        if subid is None and len(mine) > 1:
            raise StanzaError("bad-request", "subid-required")
        found = mine[0] if subid is None else next((each for each in mine if each.subid == subid), None)
        if found is None:
            raise StanzaError("not-acceptable", "invalid-subid")
        self._by_node[node].remove(found)
        if not self._by_node[node]:
            del self._by_node[node]

    def of_node(self, node: str) -> tuple[Subscription, ...]:
        """Give the subscriptions that an event of this node goes to, oldest first."""
        return tuple(self._by_node.get(node, ()))

    def of_user(self, bare: str, node: str | None = None) -> list[Subscription]:
        """Give the subscriptions of all of a user's addresses, to one node or to all."""
        nodes = self._by_node if node is None else (node,)
        return [each for name in nodes for each in self._by_node.get(name, ()) if each.address.bare == bare]

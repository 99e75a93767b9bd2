"""The presence of Finesse's web application: the XMPP user finesse@domain (finesse-notifications.md section 9)."""

from __future__ import annotations

from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.stanzas import presence

_USER = "finesse"
_RESOURCE = "finesse"  # what the real one uses is not documented


class WebApplication:
    """Knows whether the web application is available, and which users watch it.

    As in a roster, a user's subscription outlives the session that asked for it.
    """

    def __init__(self, domain: str) -> None:
        self.address = Address(_USER, domain)
        self.available = True
        self._watchers: set[str] = set()

    def watches(self, bare: str) -> bool:
        """Say whether this user subscribed to the presence."""
        return bare in self._watchers

    def watchers(self) -> list[str]:
        """Give the bare addresses of those who subscribed."""
        return sorted(self._watchers)

    def hear(self, kind: str, sender: Address) -> list[str]:
        """Take presence of a kind (subscribe, unsubscribe, probe) sent to finesse@domain; give the answers.

        A subscription is granted at once, to the user; the presence goes to the very address that asked.
        """
        if kind == "subscribe":
            self._watchers.add(sender.bare)
            return [self._answer("subscribed", sender.bare), self.announcement(str(sender))]
        if kind == "unsubscribe":
            self._watchers.discard(sender.bare)
            return [self._answer("unsubscribed", sender.bare)]
        if kind == "probe" and self.watches(sender.bare):
            return [self.announcement(str(sender))]
        return []

    def announcement(self, recipient: str) -> str:
        """Write the present presence, for one recipient. Unavailable is said too: silence would not be an answer."""
        sender = Address(_USER, self.address.domain, _RESOURCE)
        return presence(sender=str(sender), recipient=recipient, kind=None if self.available else "unavailable")

    def _answer(self, kind: str, recipient: str) -> str:
        return presence(sender=str(self.address), recipient=recipient, kind=kind)

"""The XMPP domain: who is connected, who is available, and where a notification goes.

Sources: finesse-notifications.md sections 5 to 7 and 9.
"""

from __future__ import annotations

from typing import Literal, Protocol

from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.envelope import Envelope, MessageIdStyle
from finesse_simulator.xmpp.pubsub import PubSub
from finesse_simulator.xmpp.stanzas import presence
from finesse_simulator.xmpp.subscriptions import Subscriptions
from finesse_simulator.xmpp.web_application import WebApplication

DeliverTo = Literal["all", "highest-priority"]
"""Which of a user's available sessions get what is sent to the bare address. `all` is what is seen in the field,
`highest-priority` (the most recently active one among equals) is Openfire's own default."""


class Receiver(Protocol):
    """What the domain knows of a session."""

    @property
    def address(self) -> Address:
        """The full address it is bound to."""

    @property
    def priority(self) -> int | None:
        """The priority of its presence; None while it has sent none, or has become unavailable."""

    @property
    def activity(self) -> int:
        """Grows with everything that any session says: the greater, the more recently active."""

    def send(self, text: str) -> None:
        """Send a stanza."""

    def end(self, condition: str) -> None:
        """End the stream with this stream error."""


class XmppDomain:
    """One XMPP domain with its pub/sub service, apart from sockets.

    Subscriptions and the watchers of finesse@domain live as long as this object.
    """

    def __init__(
        self,
        name: str,
        directory: Directory,
        *,
        deliver_to: DeliverTo = "all",
        message_id_style: MessageIdStyle = "node",
        subscriptions: Subscriptions | None = None,
        web_application: WebApplication | None = None,
    ) -> None:
        self.name = name.lower()
        self.pubsub_name = f"pubsub.{self.name}"
        self.deliver_to: DeliverTo = deliver_to
        self.directory = directory
        self.subscriptions = Subscriptions() if subscriptions is None else subscriptions
        self.web_application = WebApplication(self.name) if web_application is None else web_application
        self.pubsub = PubSub(directory, self.subscriptions)
        self.envelope = Envelope(self.pubsub_name, message_id_style)
        self._sessions: dict[str, dict[str, Receiver]] = {}

    def bind(self, receiver: Receiver) -> None:
        """Take a session in. One that held the same full address is closed with a conflict."""
        address = receiver.address
        holder = self._sessions.get(address.bare, {}).get(address.resource)
        if holder is not None:
            holder.end("conflict")
        self._sessions.setdefault(address.bare, {})[address.resource] = receiver

    def unbind(self, receiver: Receiver) -> None:
        """Let a session go."""
        address = receiver.address
        sessions = self._sessions.get(address.bare, {})
        if sessions.get(address.resource) is receiver:
            del sessions[address.resource]
            if not sessions:
                del self._sessions[address.bare]

    def sessions(self, bare: str | None = None) -> list[Receiver]:
        """Give the sessions of one user, or of all."""
        if bare is not None:
            return list(self._sessions.get(bare, {}).values())
        return [each for sessions in self._sessions.values() for each in sessions.values()]

    def presence_changed(self, receiver: Receiver, before: int | None) -> None:
        """Hear that a session's presence changed; before is its former priority (None: unavailable)."""
        address = receiver.address
        now = receiver.priority
        if _receptive(before) != _receptive(now):
            self.directory.presence_changed(address.local, address.resource, available=_receptive(now))
        others = [each for each in self.sessions(address.bare) if each is not receiver and each.priority is not None]
        for other in others:
            kind = "unavailable" if now is None else None
            other.send(presence(sender=str(address), recipient=str(other.address), kind=kind))
        if before is not None or now is None:
            return
        for other in others:
            receiver.send(presence(sender=str(other.address), recipient=str(address)))
        if self.web_application.watches(address.bare):
            receiver.send(self.web_application.announcement(str(address)))

    def presence_to_web_application(self, receiver: Receiver, kind: str) -> None:
        """Take presence of a kind (subscribe, unsubscribe, probe) that a session sent to finesse@domain."""
        for answer in self.web_application.hear(kind, receiver.address):
            receiver.send(answer)

    def set_web_application_available(self, *, available: bool) -> None:
        """Announce the presence of finesse@domain to the available sessions of those who subscribed to it."""
        if self.web_application.available == available:
            return
        self.web_application.available = available
        for bare in self.web_application.watchers():
            for each in self.sessions(bare):
                if each.priority is not None:
                    each.send(self.web_application.announcement(str(each.address)))

    def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
        """Send an Update document to the node's automatic subscribers, then to its explicit ones.

        Who is both gets it twice, as on the real server. What goes to a full address with no available session is
        lost: it does not fall back to the user's other sessions.
        """
        event = self.envelope.event(node, payload)
        for user_id in user_ids:
            self._send_to_user(f"{user_id.lower()}@{self.name}", node, event)
        for subscription in self.subscriptions.of_node(node):
            address = subscription.address
            if not address.resource:
                self._send_to_user(address.bare, node, event)
                continue
            receiver = self._sessions.get(address.bare, {}).get(address.resource)
            if receiver is not None and _receptive(receiver.priority):
                receiver.send(self.envelope.message(node, str(address), event))

    def _send_to_user(self, bare: str, node: str, event: str) -> None:
        receptive = [each for each in self._sessions.get(bare, {}).values() if _receptive(each.priority)]
        if not receptive:
            return
        if self.deliver_to == "highest-priority":
            receptive = [max(receptive, key=lambda each: (each.priority or 0, each.activity))]
        message = self.envelope.message(node, bare, event)
        for each in receptive:
            each.send(message)


def _receptive(priority: int | None) -> bool:
    return priority is not None and priority >= 0

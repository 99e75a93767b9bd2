"""The message that carries an Update document (finesse-notifications.md section 7)."""

from __future__ import annotations

import itertools
import random
import string
import uuid
from dataclasses import dataclass, field
from typing import Literal

from finesse_simulator.xmpp.markup import element, escape
from finesse_simulator.xmpp.stanzas import PUBSUB, PUBSUB_EVENT

MessageIdStyle = Literal["node", "random"]
"""How a message's id is made: `node` is `{node}__{bare JID}__{5 characters}`, as Finesse on an Openfire before 4.0
does; `random` is 8 characters, as later ones do."""

_LETTERS = string.ascii_letters + string.digits


def random_characters(count: int) -> str:
    """Make an id of letters and digits. Ids only tell things apart here, they guard nothing."""
    return "".join(random.choices(_LETTERS, k=count))  # noqa: S311 - see above


@dataclass(slots=True)
class Envelope:
    """Wraps Update documents into messages.

    service: the address they come from, pubsub.<domain>. Items are numbered through, behind an id made once for each
    server, as captured.
    """

    service: str
    message_id_style: MessageIdStyle = "node"
    server_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def event(self, node: str, payload: str) -> str:
        """Make the inner part, the same for every recipient: the document escaped once, as text, in one new item."""
        notification = element("notification", {"xmlns": PUBSUB}, escape(payload))
        item = element("item", {"id": f"{self.server_id}{next(self._counter)}"}, notification)
        return element("event", {"xmlns": PUBSUB_EVENT}, element("items", {"node": node}, item))

    def message(self, node: str, recipient: str, event: str) -> str:
        """Address an event to one JID. There is no type attribute, as captured."""
        if self.message_id_style == "node":
            message_id = f"{node}__{recipient.partition('/')[0]}__{random_characters(5)}"
        else:
            message_id = random_characters(8)
        return element("message", {"from": self.service, "to": recipient, "id": message_id}, event)

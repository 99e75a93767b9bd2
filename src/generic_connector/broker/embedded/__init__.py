"""The broker inside: STOMP 1.2 over TCP and WebSocket for demos, small sites and browsers. It needs no Java.

It speaks as ActiveMQ does to STOMP clients (broker.md section 2), keeps everything in memory, and knows no OpenWire, no
wildcards, no selectors and no durable subscriptions.
"""

from generic_connector.broker.embedded.broker import EmbeddedBroker
from generic_connector.broker.embedded.door import EmbeddedDoor
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.embedded.users import hash_password

__all__ = ["EmbeddedBroker", "EmbeddedDoor", "EmbeddedSettings", "hash_password"]

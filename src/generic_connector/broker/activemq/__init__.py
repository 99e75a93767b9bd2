"""The door to Apache ActiveMQ by STOMP 1.2 (client-protocol.md section 1; broker.md)."""

from generic_connector.broker.activemq.check import BrokerReport, check
from generic_connector.broker.activemq.door import ActiveMqDoor
from generic_connector.broker.activemq.settings import ActiveMqSettings

__all__ = ["ActiveMqDoor", "ActiveMqSettings", "BrokerReport", "check"]

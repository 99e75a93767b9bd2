"""The demonstration: a pretend Finesse, a broker, the connector and a client in one process."""

from generic_connector.demo.run import Ports, run

__all__ = ["Ports", "run"]

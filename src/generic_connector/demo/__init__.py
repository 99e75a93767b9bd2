"""The demonstration: a pretend Finesse, a broker, the connector and a client in one process."""

"""Counters of the broker doors."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

COMMANDS = Counter("generic_connector_broker_commands", "Commands received from a broker", ["door"])
COMMAND_FAULTS = Counter("generic_connector_broker_command_faults", "Commands that cannot be read", ["door", "fault"])
EVENTS = Counter("generic_connector_broker_events", "Events handed to a broker", ["door"])
EVENTS_DROPPED = Counter("generic_connector_broker_events_dropped", "Events given up, by cause", ["door", "cause"])
EVENTS_AGAIN = Counter(
    "generic_connector_broker_events_again", "Events sent again because the broker had not confirmed them", ["door"]
)
GAPS = Counter("generic_connector_broker_gaps", "Snapshots asked for, because events were given up or lost", ["door"])
EVENTS_WAITING = Gauge("generic_connector_broker_events_waiting", "Events that wait for a broker", ["door"])
CONNECTIONS = Counter("generic_connector_broker_connections", "Connections made to a broker", ["door", "link"])
REFUSALS = Counter("generic_connector_broker_refusals", "ERROR frames received from a broker", ["door", "link"])
CLIENTS = Gauge("generic_connector_embedded_broker_clients", "Clients connected to the embedded broker")
CLIENTS_TOO_SLOW = Counter(
    "generic_connector_embedded_broker_clients_too_slow", "Clients disconnected because they did not read fast enough"
)

"""What is counted. The names are part of the product: a site's dashboards rest on them."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

COMMANDS = Counter("generic_connector_commands", "Commands taken over from a broker", ["command"])
REFUSED = Counter("generic_connector_commands_refused", "Commands that could not be read or routed", ["reason"])
ERRORS = Counter("generic_connector_errors", "Error events told to clients", ["code"])
EVENTS = Counter("generic_connector_events", "Events told to clients", ["event"])
UNANSWERABLE = Counter("generic_connector_unanswerable", "Answers that nobody could be told")
NOTIFICATIONS = Counter("generic_connector_notifications", "Notifications taken from Finesse", ["kind"])
AGENTS = Gauge("generic_connector_agents", "Agents who are connected")
SIGNED_IN = Gauge("generic_connector_agents_signed_in", "Agents who hold a seat")
STORE_WRITES = Counter("generic_connector_store_records_written", "Records written to the session store")
STORE_FAILURES = Counter("generic_connector_store_failures", "Times that the session store did not do what was asked")
ROLE = Gauge("generic_connector_role", "1 for what this instance is doing: standby, active or leaving", ["role"])
SNAPSHOTS = Counter("generic_connector_snapshots", "Snapshots told to clients whose events were given up")

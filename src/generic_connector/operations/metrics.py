"""What is counted. The names are part of the product: a site's dashboards rest on them.

docs/metrics.md is made of what stands here and in the metrics of the other rooms.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, Info

from generic_connector.operations.health import HealthReport
from generic_connector.version import __version__

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
SNAPSHOTS = Counter("generic_connector_snapshots", "Snapshots told to clients whose events were given up")
DELAYED = Counter("generic_connector_finesse_delayed", "Requests and sessions that waited for their turn", ["what"])
OVERLOADED = Counter("generic_connector_finesse_overloaded", "Requests not sent because too many waited")
BREAKER = Gauge("generic_connector_finesse_breaker_open", "1 while requests to a node fail at once", ["node"])
NOT_TRIED = Counter("generic_connector_finesse_not_tried", "Requests that failed at once", ["node"])
COALESCED = Counter("generic_connector_finesse_coalesced", "Reads answered with another one's answer", ["operation"])
NODE_CHANGES = Counter("generic_connector_finesse_node_changes", "Changes to another Finesse node", ["node"])
LIST_HITS = Counter("generic_connector_lists_kept", "Lists given out again without asking Finesse", ["list"])
LATE_LOGOUTS = Counter("generic_connector_late_logouts", "Sign-outs by a fail-over that were undone", ["outcome"])
FINESSE_FAILURES = Counter(
    "generic_connector_finesse_failures", "Requests to Finesse that failed; Refused: by Finesse itself", ["failure"]
)
SESSIONS_LOST = Counter("generic_connector_notification_sessions_lost", "Agents' notification sessions that were lost")
NOTIFICATION_OVERFLOWS = Counter(
    "generic_connector_notification_overflows",
    "Times that too many notifications waited for an agent, who was read back instead",
)
DATABASE_FAILURES = Counter(
    "generic_connector_database_failures", "Questions that a site's database did not answer", ["database"]
)
RECORDER_FAILURES = Counter(
    "generic_connector_recorder_failures", "Recordings that could not be paused or resumed when a client asked for it"
)
READY = Gauge("generic_connector_ready", "1 while clients are served, as /health/ready says")
ROLE = Gauge("generic_connector_role", "1 for the role that the connector has now", ["role"])
PART_OK = Gauge("generic_connector_part_ok", "1 while a part is in order, as /health/ready says", ["part"])
LOOP_LAG = Histogram(
    "generic_connector_loop_lag_seconds",
    "How late the event loop came round, measured every second or more often",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OPERATIONS_REQUESTS = Counter(
    "generic_connector_operations_requests", "Requests at the operations port", ["path", "status"]
)
BUILD = Info("generic_connector_build", "What runs")
BUILD.info({"version": __version__})


def show_health(report: HealthReport) -> None:
    """Let the gauges say what a report says."""
    READY.set(report.ready)
    ROLE.clear()
    ROLE.labels(report.role).set(1)
    PART_OK.clear()
    for part in report.parts:
        PART_OK.labels(part.name).set(part.ok)

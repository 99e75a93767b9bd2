"""The table of metrics, and the metrics themselves."""

from __future__ import annotations

from generic_connector import run  # noqa: F401  with the product come its metrics
from generic_connector.operations.metrics_page import Row, metrics_markdown, rows

KNOWN_LABELS = {
    *("cause", "code", "command", "database", "door", "event", "failure", "fault", "kind", "link", "list", "node"),
    *("operation", "outcome", "part", "path", "reason", "role", "status", "what"),
}


def test_every_metric_is_in_the_table() -> None:
    """Also one without a sample yet; a counter and an info by the name that Prometheus stores."""
    page = metrics_markdown()
    assert [row.name for row in rows() if f"| `{row.name}` |" not in page] == []
    assert {row.name for row in rows()} >= {
        "generic_connector_broker_events_dropped_total",
        "generic_connector_build_info",
        "generic_connector_loop_lag_seconds",
        "generic_connector_ready",
    }
    assert Row("generic_connector_errors_total", "counter", ("code",), "Error events told to clients") in rows()


def test_labels_tell_of_no_one() -> None:
    """No label can hold an agent, a destination or a peer: their values are few, and known (a site has two nodes)."""
    assert {label for row in rows() for label in row.labels} <= KNOWN_LABELS

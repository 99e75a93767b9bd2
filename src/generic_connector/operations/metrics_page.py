"""The table of metrics, read out of the metrics themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

_PREFIX = "generic_connector_"
_SUFFIXES = {"counter": "_total", "info": "_info"}
"""What a sample's name has behind the metric's."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One metric. name: as Prometheus stores it, but for the samples of a histogram."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def rows() -> list[Row]:
    """Give the product's own metrics that are registered now, by name. What was never imported is not there."""
    return sorted(_rows())


def _rows() -> Iterator[Row]:
    for collector in REGISTRY._collector_to_names:  # noqa: SLF001  the library lists samples only, and no labels
        if not isinstance(collector, MetricWrapperBase):
            continue
        for metric in collector.describe():
            if metric.name.startswith(_PREFIX):
                name = metric.name + _SUFFIXES.get(metric.type, "")
                yield Row(name, metric.type, tuple(collector._labelnames), metric.documentation)  # noqa: SLF001  see above


def metrics_markdown() -> str:
    """Give the page of metrics."""
    lines = [
        "# Metrics",
        "",
        "What `/metrics` at the operations port gives ([operations.md](operations.md)), beside the figures of the",
        "process and of Python that every program with prometheus_client has (`process_…`, `python_…`). A counter",
        "begins at 0 when the connector starts. No label names an agent, a client or an address.",
        "",
        "| metric | type | labels | what it is |",
        "|---|---|---|---|",
        *(f"| `{row.name}` | {row.kind} | {', '.join(row.labels)} | {row.meaning} |" for row in rows()),
    ]
    return "\n".join(lines) + "\n"

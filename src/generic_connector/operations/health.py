"""Whether the connector can do its work, and which part is the cause when it cannot. Pure.

Who asks is a load balancer, an orchestrator or a person; what they are answered over HTTP is made here as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ACTIVE = "active"
"""The role of a connector that takes commands."""
STANDBY = "standby"
"""The role of a connector that waits until the active one is gone."""
STOPPING = "stopping"
"""The role of a connector that was told to stop."""

_OK, _UNAVAILABLE = 200, 503


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the connector. detail: what there is to say of it, for people. needed: whether work needs it."""

    name: str
    ok: bool
    detail: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class HealthReport:
    """What the connector is now, and how its parts are."""

    role: str
    parts: tuple[Part, ...]

    @property
    def healthy(self) -> bool:
        """Whether every part that work needs is in order."""
        return not self.reasons

    @property
    def ready(self) -> bool:
        """Whether clients are served now."""
        return self.role == ACTIVE and self.healthy

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not healthy, one sentence for each part that is the cause."""
        return tuple(f"{part.name}: {part.detail}" for part in self.parts if part.needed and not part.ok)

    @property
    def summary(self) -> str:
        """Everything in one line, such as `active; broker: activemq open; finesse: https://a:8445 in service`."""
        return "; ".join([self.role, *(f"{part.name}: {part.detail}" for part in self.parts if part.needed)])


HealthSource = Callable[[], HealthReport]
"""Says how it is now. Never waits, never raises."""


def readiness(report: HealthReport, *, standby_is_ready: bool = False) -> tuple[int, dict[str, Any]]:
    """Give the HTTP status and the JSON body that answer whether the connector is ready.

    standby_is_ready: whether a healthy standby is what the asker hopes for, too.
    """
    ready = report.ready or (standby_is_ready and report.role == STANDBY and report.healthy)
    other_role = () if ready or report.role == ACTIVE else (f"the role is {report.role}",)
    body = {
        "status": "ready" if ready else "not ready",
        "role": report.role,
        "reasons": [*other_role, *report.reasons],
        "parts": [
            {"name": part.name, "ok": part.ok, "needed": part.needed, "detail": part.detail} for part in report.parts
        ],
    }
    return (_OK if ready else _UNAVAILABLE), body

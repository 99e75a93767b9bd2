"""What is told of the connector's health, as tables of reports and answers."""

from __future__ import annotations

from typing import Any

import pytest

from generic_connector.broker.door import DoorState
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.health_of import health_of
from generic_connector.operations.health import ACTIVE, STANDBY, STOPPING, HealthReport, Part, readiness

BROKER = Part("broker", ok=True, detail="memory open")
NO_BROKER = Part("broker", ok=False, detail="memory connecting")
NO_FINESSE = Part("finesse", ok=False, detail="https://a:8445 out of service: Down: no answer")
SIDE_DOOR = Part("broker memory", ok=False, detail="connecting", needed=False)


@pytest.mark.parametrize(
    ("role", "parts", "ready", "or_standby", "reasons"),
    [
        (ACTIVE, (BROKER,), True, True, []),
        (ACTIVE, (BROKER, SIDE_DOOR), True, True, []),
        (
            ACTIVE,
            (NO_BROKER, NO_FINESSE),
            False,
            False,
            ["broker: memory connecting", "finesse: https://a:8445 out of service: Down: no answer"],
        ),
        (STANDBY, (BROKER,), False, True, ["the role is standby"]),
        (STANDBY, (NO_BROKER,), False, False, ["the role is standby", "broker: memory connecting"]),
        (STOPPING, (BROKER,), False, False, ["the role is stopping"]),
    ],
)
def test_readiness(role: str, parts: tuple[Part, ...], *, ready: bool, or_standby: bool, reasons: list[str]) -> None:
    """Only an active connector whose needed parts are in order is ready; a standby where the asker accepts it."""
    report = HealthReport(role, parts)
    status, body = readiness(report)
    assert (report.ready, status, body["reasons"]) == (ready, 200 if ready else 503, reasons)
    status, body = readiness(report, standby_is_ready=True)
    assert (status, body["reasons"]) == (200 if or_standby else 503, [] if or_standby else reasons)


def test_the_whole_body() -> None:
    status, body = readiness(HealthReport(STANDBY, (NO_BROKER, SIDE_DOOR)))
    assert (status, body) == (
        503,
        {
            "status": "not ready",
            "role": "standby",
            "reasons": ["the role is standby", "broker: memory connecting"],
            "parts": [
                {"name": "broker", "ok": False, "needed": True, "detail": "memory connecting"},
                {"name": "broker memory", "ok": False, "needed": False, "detail": "connecting"},
            ],
        },
    )


def test_summary_is_one_line() -> None:
    """For `systemctl status`: the role and the parts that work needs."""
    report = HealthReport(ACTIVE, (BROKER, NO_FINESSE, SIDE_DOOR))
    assert report.summary == ("active; broker: memory open; finesse: https://a:8445 out of service: Down: no answer")


async def test_a_connectors_report() -> None:
    """One open door is enough; each door is named; Finesse says why it cannot be worked with."""
    doors = [MemoryDoor(), MemoryDoor()]
    finesse = FinesseCluster(FinesseSettings(nodes=("http://127.0.0.1:1",), retry_delay=60))
    closed: list[Any] = [DoorState.CLOSED.value] * 2
    try:
        report = health_of(doors, finesse)
        assert [(part.name, part.ok, part.detail) for part in report.parts] == [
            ("broker", False, "memory closed, memory closed"),
            ("finesse", False, "http://127.0.0.1:1 out of service"),
            *(("broker memory", False, state) for state in closed),
        ]
        await doors[0].start(lambda _: None)
        await finesse.start(lambda _: None)
        while not finesse.reason:  # the second look at the node decides
            await finesse._look()
        report = health_of(doors, finesse)
        assert (report.parts[0].ok, report.parts[0].detail) == (True, "memory open, memory closed")
        assert report.parts[1].detail.startswith("http://127.0.0.1:1 out of service: ")
        assert (report.role, report.ready) == (ACTIVE, False)
    finally:
        await doors[0].stop()
        await finesse.stop()

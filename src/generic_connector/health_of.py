"""How a connector is, read off its parts."""

from __future__ import annotations

from collections.abc import Sequence

from generic_connector.broker.door import BrokerDoor, DoorState
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.operations.health import ACTIVE, HealthReport, Part


def health_of(doors: Sequence[BrokerDoor], finesse: FinesseCluster, role: str = ACTIVE) -> HealthReport:
    """Give the report: work needs one open door at least, and Finesse in service. Each door is a part of its own, too.

    Details name doors, states and the Finesse node, nothing else.
    """
    return HealthReport(role, (_broker(doors), _finesse(finesse), *(_door(door) for door in doors)))


def _broker(doors: Sequence[BrokerDoor]) -> Part:
    states = ", ".join(f"{door.name} {door.state.value}" for door in doors)
    return Part("broker", any(door.state is DoorState.OPEN for door in doors), states)


def _finesse(finesse: FinesseCluster) -> Part:
    if finesse.in_service:
        return Part("finesse", ok=True, detail=f"{finesse.node} in service")
    reason = f": {finesse.reason}" if finesse.reason else ""
    return Part("finesse", ok=False, detail=f"{finesse.node} out of service{reason}")


def _door(door: BrokerDoor) -> Part:
    return Part(f"broker {door.name}", door.state is DoorState.OPEN, door.state.value, needed=False)

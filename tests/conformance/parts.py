"""Playing the suite in memory."""

from __future__ import annotations

from typing import Any

from generic_connector.conformance.broker import MemoryBroker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Result, play_all
from generic_connector.conformance.run import a_scene
from generic_connector.conformance.site import a_site
from generic_connector.protocol.formats import Format


async def played(
    *names: str,
    uccx: bool = False,
    event_format: Format = Format.TEXT,
    broker: MemoryBroker | None = None,
    patience: float = 5.0,
    **changes: Any,
) -> list[Result]:
    """Play the cases of these names, or all, against a connector behind this broker. changes: of the scenario."""
    broker = broker or MemoryBroker()
    async with a_site(broker, uccx=uccx, **changes) as site, Control(site.control_url) as control:
        scene = a_scene(broker, control, event_format, uccx=uccx, patience=patience)
        cases = [case for case in all_cases(uccx=uccx) if not names or case.name in names]
        return [result async for result in play_all(scene, cases)]

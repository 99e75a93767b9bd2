"""The whole suite against the connector, with nothing but a broker in memory in between."""

from __future__ import annotations

import pytest

from conformance.parts import played
from generic_connector.conformance.play import Outcome
from generic_connector.protocol.formats import Format


@pytest.mark.parametrize("event_format", list(Format))
@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_every_case_passes(event_format: Format, *, uccx: bool) -> None:
    """Every row of the protocol's tables, every documented error, every order list."""
    results = await played(uccx=uccx, event_format=event_format)
    assert [f"{one.case.name}: {one.reason}" for one in results if one.outcome is Outcome.FAILED] == []

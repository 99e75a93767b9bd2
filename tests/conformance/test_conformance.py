"""The whole suite against the connector, with nothing but a broker in memory in between."""

from __future__ import annotations

import pytest

from conformance.parts import played
from finesse_simulator.scenario import Fidelity
from generic_connector.agents.settings import Access, ClientSettings
from generic_connector.broker.senders import Senders
from generic_connector.conformance.broker import MemoryBroker
from generic_connector.conformance.play import Outcome
from generic_connector.protocol.formats import Format

pytestmark = pytest.mark.conformance

ODD = Fidelity(
    shuffle_participants=True,
    duplicates=0.3,
    data_only=0.3,
    double_logout=True,
    lower_case_events=True,
    capital_roots=True,
    notify_before_answer=True,
    message_ids="random",
)
"""All that real servers do beside the rules, but for lateness: it takes the order of states and calls apart."""


@pytest.mark.parametrize("event_format", list(Format))
@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_every_case_passes(event_format: Format, *, uccx: bool) -> None:
    """Every row of the protocol's tables, every documented error, every order list."""
    results = await played(uccx=uccx, event_format=event_format)
    assert [f"{one.case.name}: {one.reason}" for one in results if one.outcome is Outcome.FAILED] == []


class ProvedBroker(MemoryBroker):
    """A broker that proves who sends: everything is by one user."""

    async def send(self, command_type: str, body: str, reply_to: str = "") -> None:
        self.deliver(command_type, body, reply_to=reply_to, sender="crm")


@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_every_case_passes_where_clients_are_bound(*, uccx: bool) -> None:
    """A client that commands its own agents notices nothing of it."""
    bound = ClientSettings(access=Access.BOUND, senders=Senders({"crm": ("conformance-*",)}))
    results = await played(uccx=uccx, broker=ProvedBroker(), clients=bound)
    assert [f"{one.case.name}: {one.reason}" for one in results if one.outcome is Outcome.FAILED] == []


@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_every_case_passes_at_an_odd_finesse(*, uccx: bool) -> None:
    """Duplicates, data-only changes, participants in any order, effects before answers: no client is to notice."""
    results = await played(uccx=uccx, event_format=Format.JSON, fidelity=ODD)
    assert [f"{one.case.name}: {one.reason}" for one in results if one.outcome is Outcome.FAILED] == []

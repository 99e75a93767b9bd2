"""A client whose events had to be given up is told anew how everything stands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agents.office import CRM, Office, counted, open_office
from agents.people import ANN, ANNS_VIEW, BOB, CALL, consultation, incoming
from generic_connector.agents import translate
from generic_connector.protocol import events


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """Ann and Bob at the CRM."""
    async with open_office() as made:
        await made.sign_in(ANN)
        await made.sign_in(BOB)
        made.forget()
        yield made


async def test_agents_without_calls(office: Office) -> None:
    """Whether Finesse is there, then each agent's state and that there are no calls."""
    before = counted("snapshots")
    office.door.gap(CRM)
    assert office.told() == [
        "System#IN_SERVICE",
        "State NOT_READY",
        "DialogStatus -",
        "1002 State NOT_READY",
        "1002 DialogStatus -",
    ]
    assert counted("snapshots") == before + 1


async def test_each_call_is_told_as_it_was_told_last(office: Office) -> None:
    """A call that rings is a new one still; one that is talked is not."""
    office.finesse.call_comes(ANN, incoming("ALERTING"))
    await office.hears(f"NewInboundCall {CALL}")
    office.forget()
    office.door.gap(CRM)
    assert office.told()[1:4] == ["State NOT_READY", f"NewInboundCall {CALL}", f"DialogStatus {CALL}"]
    office.finesse.call_changes(ANN, incoming("ACTIVE", 2))
    await office.idle()
    office.forget()
    office.door.gap(CRM)
    assert office.told()[1:4] == ["State NOT_READY", f"InboundCall ACTIVE {CALL}", f"DialogStatus {CALL}"]


async def test_who_is_not_watched_is_left_out(office: Office) -> None:
    """Bob's client has not signed him in here any more."""
    office.hub.agents[BOB].watched = False
    office.door.gap(CRM)
    assert office.told() == ["System#IN_SERVICE", "State NOT_READY", "DialogStatus -"]


async def test_a_destination_that_nobody_knows_and_another_door_are_left_alone(office: Office) -> None:
    """A temporary topic that was answered once; a client that speaks by another door by now."""
    office.door.gap("unknown")
    client = office.hub.clients.get(CRM)
    assert client is not None
    client.door = type(office.door)()
    office.door.gap(CRM)
    assert office.told() == []
    assert office.told("unknown") == []


async def test_a_state_that_was_told_by_a_snapshot_is_no_news(office: Office) -> None:
    """What Finesse says again is not told again."""
    office.door.gap(CRM)
    office.forget()
    office.finesse.becomes(office.hub.agents[ANN].user)
    await office.hears()


def call(state: str) -> events.InboundCall:
    return translate.inbound_call(incoming(state), ANNS_VIEW, state)


def consult(state: str) -> events.ConsultCall:
    return translate.consult_call(consultation(state), ANNS_VIEW, state)


@pytest.mark.parametrize(
    ("event", "lasting"),
    [
        (events.System(status="IN_SERVICE"), False),
        (events.State(agent_id=ANN, state="READY"), False),
        (events.State(agent_id=ANN, state="LOGOUT"), True),
        (events.State(agent_id=ANN, state="RE_LOGIN"), True),
        (events.State(agent_id=BOB, state="READY", supervisor_id=ANN), True),
        (events.DialogStatus(agent_id=ANN), False),
        (call("ACTIVE"), False),
        (call("DROPPED"), True),
        (consult("HELD"), False),
        (consult("DROPPED"), True),
        (events.Error(agent_id=ANN, code="PLEASE_RETRY", message=""), True),
        (events.QueueList(agent_id=ANN, queues=()), True),
    ],
)
def test_what_no_snapshot_makes_good_for_is_lasting(event: events.Event, lasting: bool) -> None:  # noqa: FBT001 - a table
    assert event.lasting is lasting


async def test_what_the_door_hears_of_it(office: Office) -> None:
    """The end of a call is marked, its beginning is not."""
    office.finesse.call_comes(ANN, incoming("ALERTING"))
    await office.hears(f"NewInboundCall {CALL}")
    office.finesse.call_goes(ANN, incoming("DROPPED", 2))
    await office.hears(f"NewInboundCall {CALL}", f"InboundCall DROPPED {CALL}")
    assert [event.lasting for event in office.door.events[CRM][-2:]] == [False, True]

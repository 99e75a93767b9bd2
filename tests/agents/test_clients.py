"""Which destinations are known, by which door and in which format they are spoken to."""

from __future__ import annotations

import uuid

import pytest

from generic_connector.agents.clients import Clients
from generic_connector.agents.settings import ClientSettings
from generic_connector.broker.memory import MemoryDoor
from generic_connector.protocol import events
from generic_connector.protocol.formats import Format
from generic_connector.protocol.text import TextSettings

IN_SERVICE = events.System(status="IN_SERVICE")
PATTERNS = (("siebel*", Format.JSON), ("siebel-old", Format.TEXT), ("desk.?", Format.JSON), ("SIEBEL*", Format.TEXT))


async def opened() -> MemoryDoor:
    door = MemoryDoor()
    await door.start(lambda _: None)
    return door


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("siebel", Format.JSON),
        ("siebel-old", Format.JSON),
        ("SIEBEL-1", Format.TEXT),
        ("desk.1", Format.JSON),
        ("desk.12", Format.TEXT),
        ("crm", Format.TEXT),
    ],
)
def test_the_first_pattern_that_matches_gives_the_format(name: str, chosen: Format) -> None:
    """Names are compared exactly, case included; without a match it is the default."""
    clients = Clients(ClientSettings(formats=PATTERNS))
    assert clients.format_of(name) is chosen
    assert clients.register(name, MemoryDoor(), None).format is chosen


def test_what_a_client_asks_for_goes_before_the_configuration() -> None:
    """And holds until it asks for something else."""
    clients, door = Clients(ClientSettings(formats=PATTERNS)), MemoryDoor()
    asked = [Format.TEXT, None, Format.JSON, None]
    assert [clients.register("siebel", door, one).format for one in asked] == ["text", "text", "json", "json"]


def test_a_client_is_one_whatever_it_says_again() -> None:
    clients, door = Clients(ClientSettings()), MemoryDoor()
    client = clients.register("crm", door, None)
    assert clients.register("crm", MemoryDoor(), Format.JSON) is client
    assert clients.get("crm") is client
    assert list(clients) == [client]


async def test_it_is_answered_by_the_door_through_which_it_spoke_last() -> None:
    first, second = await opened(), await opened()
    clients = Clients(ClientSettings())
    clients.tell(clients.register("crm", first, None), IN_SERVICE)
    clients.tell(clients.register("crm", second, None), IN_SERVICE)
    assert (first.bodies("crm"), second.bodies("crm")) == (["System#IN_SERVICE"], ["System#IN_SERVICE"])


async def test_somebody_passing_is_answered_and_not_known() -> None:
    door = await opened()
    clients = Clients(ClientSettings(formats=PATTERNS))
    clients.tell(clients.passing("siebel-2", door), IN_SERVICE)
    assert door.bodies("siebel-2") == ['{"type":"System","status":"IN_SERVICE"}']
    assert clients.get("siebel-2") is None


def test_a_known_client_that_passes_is_itself() -> None:
    clients = Clients(ClientSettings())
    client = clients.register("crm", MemoryDoor(), Format.JSON)
    assert clients.passing("crm", MemoryDoor()) is client


async def test_what_the_format_does_not_have_is_not_sent() -> None:
    door = await opened()
    clients = Clients(ClientSettings(default_format=Format.JSON))
    clients.tell(clients.register("crm", door, None), events.TeamInfoIds(agent_id="1", teams=(), full_name=""))
    assert door.bodies("crm") == []


async def test_the_text_settings_are_used() -> None:
    door = await opened()
    clients = Clients(ClientSettings(text=TextSettings(error_text=False)))
    clients.tell(clients.register("crm", door, None), events.Error(agent_id="1", code="PLEASE_RETRY", message="no"))
    assert door.bodies("crm") == ["1#Error#PLEASE_RETRY"]


async def test_an_event_is_correlated_or_gets_an_id_of_its_own() -> None:
    door = await opened()
    clients = Clients(ClientSettings())
    client = clients.register("crm", door, None)
    for correlation_id in ("mine", "", ""):
        clients.tell(client, IN_SERVICE, correlation_id)
    mine, one, other = [event.correlation_id for event in door.events["crm"]]
    assert mine == "mine"
    assert one != other
    assert str(uuid.UUID(one)) == one


def test_who_is_silent_for_too_long_and_has_no_agents_is_forgotten() -> None:
    """It is done when somebody new comes: nobody else needs the room."""
    clients, door = Clients(ClientSettings(forget_after=100)), MemoryDoor()
    known = [clients.register(name, door, None) for name in ("silent", "busy", "lively")]
    for client in known:
        client.heard -= 101
    known[1].agents.add("1001")
    clients.register("lively", door, None)
    assert list(clients) == known
    clients.register("new", door, None)
    assert [client.name for client in clients] == ["busy", "lively", "new"]

"""What clients send, and what happens, for however long: nothing here grows without end."""

from __future__ import annotations

import pytest

from agents.fake_finesse import FakeSession, until
from agents.office import CRM, Office, open_office
from agents.people import ANN, BOB, SUE
from agents.test_link import MINE, Owner
from generic_connector.agents import clients as clients_module
from generic_connector.agents.clients import Clients
from generic_connector.agents.settings import ClientSettings
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.failures import SubscriptionRefused


def test_names_that_say_hello_once_are_forgotten_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who were not heard of for longest go first; who has agents stays."""
    monkeypatch.setattr(clients_module, "MOST_WITHOUT_AGENTS", 3)
    clients, door = Clients(ClientSettings()), MemoryDoor()
    clients.register("crm", door, None).agents.add(ANN)
    for name in ("one", "two", "three", "one", "four"):
        clients.register(name, door, None)
    assert [client.name for client in clients] == ["crm", "three", "one", "four"]


async def test_read_backs_do_not_pile_up(anns: Office) -> None:
    gate = anns.finesse.hold("user")
    anns.send("GetState")
    await until(lambda: gate.arrived)
    agent = anns.hub.agents[ANN]
    for _ in range(10):
        agent.look_again()
    gate.open()
    await anns.hears("State NOT_READY", "DialogStatus -")
    anns.forget()
    agent.look_again()
    await anns.hears("DialogStatus -")


async def test_a_node_that_finesse_refuses_later_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for while the session is away can only be tried when it is back."""
    asked: list[str] = []

    async def refuse(_: FakeSession, node: str) -> None:
        asked.append(node)
        raise SubscriptionRefused("item-not-found")

    owner = Owner()
    async with owner.link() as link:
        await link.subscribe("/finesse/api/Team/1/Users")
        monkeypatch.setattr(FakeSession, "subscribe", refuse)
        await link.open(MINE)
        owner.finesse.lose_session(ANN)
        await until(lambda: owner.restored)
        assert asked == ["/finesse/api/Team/1/Users"]


async def test_a_flood_of_destinations_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients_module, "MOST_WITHOUT_AGENTS", 5)
    async with open_office() as office:
        await office.sign_in()
        for number in range(50):
            office.door.deliver(f"Hello#flood{number}")
        office.send("MakeReady")
        await office.hears("State READY")
        office.forget()
        office.door.deliver(f"Beat#{CRM}")
        assert office.bodies() == ["System#IN_SERVICE"]


async def test_a_supervisor_looks_at_one_member_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are to be changed: no more than one is asked about, and whoever finds no room is told so."""
    monkeypatch.setattr("generic_connector.agents.supervisors.LOOK_EVERY", 0.001)
    async with open_office(inbox_limit=5) as office:
        await office.sign_in(SUE, CRM)
        gate = office.finesse.hold("user")
        for _ in range(20):
            office.send("MakeReady", agent=BOB, reply_to=CRM)
        await until(lambda: gate.arrived)
        before = office.finesse.operations().count("change_state")
        assert office.told() == ["1002 Error PLEASE_RETRY"] * 15
        gate.open()
        await office.hears(*["1002 Error PLEASE_RETRY"] * 15, *["2001 State READY of 1002"] * 5, agent=SUE)
        assert (before, office.finesse.operations().count("change_state")) == (1, 5)

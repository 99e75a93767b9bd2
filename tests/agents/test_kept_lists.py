"""Lists that one agent asks for on behalf of others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.fake_finesse import until
from agents.office import Office, counted, open_office
from agents.people import ANN, BOB, LUNCH, bob
from generic_connector.agents.kept_lists import REMEMBERED, KeptLists
from generic_connector.finesse.failures import NotAuthorised
from generic_connector.finesse.model import ReasonCode

TEA = ReasonCode(id="50", code="28", label="Tea", category="NOT_READY")


@dataclass
class Source:
    """Where lists come from: a new one each time."""

    now: float = 0.0
    reads: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.lists = KeptLists(lambda: self.now)
        self.gate.set()

    async def read(self) -> list[int]:
        self.reads += 1
        number = self.reads
        await self.gate.wait()
        return [number]

    async def get(self, whose: str = "team", *, age: float = 10.0, fresh: bool = False) -> list[int]:
        return await self.lists.get("reasons", whose, self.read, age=age, fresh=fresh)


async def test_a_young_list_is_given_out_again() -> None:
    source = Source()
    before = counted("lists_kept", list="reasons")
    first = await source.get()
    source.now = 9.9
    assert await source.get() is first
    assert counted("lists_kept", list="reasons") == before + 1
    source.now = 10.0
    assert await source.get() == [2]


async def test_its_age_counts_from_the_asking() -> None:
    """Finesse may have made it up right then."""
    source = Source()
    source.gate.clear()
    reading = asyncio.create_task(source.get())
    await asyncio.sleep(0)
    source.now = 9.0
    source.gate.set()
    assert await reading == [1]
    source.now = 10.0
    assert await source.get() == [2]


async def test_each_has_its_own() -> None:
    source = Source()
    assert [await source.get(one) for one in ("east", "west", "east")] == [[1], [2], [1]]


async def test_who_wants_it_as_it_is_now_gets_another() -> None:
    """And everybody else with it."""
    source = Source()
    await source.get()
    assert (await source.get(fresh=True), await source.get()) == ([2], [2])


async def test_many_wait_for_one_reading() -> None:
    source = Source()
    source.gate.clear()
    tasks = [asyncio.create_task(source.get(fresh=number % 2 == 0)) for number in range(100)]
    await asyncio.sleep(0)
    source.gate.set()
    assert (await asyncio.gather(*tasks), source.reads) == ([[1]] * 100, 1)


async def test_who_waited_for_a_reading_that_failed_reads_it() -> None:
    source = Source()
    source.gate.clear()
    first = asyncio.create_task(source.get())
    second = asyncio.create_task(source.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    source.gate.set()
    assert (await second, source.reads) == ([2], 2)


async def test_not_everything_is_kept_for_ever() -> None:
    source = Source()
    for number in range(REMEMBERED + 10):
        await source.get(str(number))
    assert len(source.lists._kept) == REMEMBERED


# --- agents


async def test_a_team_shares_its_lists(anns: Office) -> None:
    """Ann's list is good enough for Bob's command; a client that asks for the list itself gets a new one."""
    await anns.sign_in(BOB, "desk")
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH]
    anns.send("reasoncodenotready")
    await anns.hears("ReasonCodes")
    anns.send("MakeNotReadyWithReason", "27", agent=BOB)
    await anns.hears("1002 State NOT_READY", destination="desk", agent=BOB)
    assert [one.by for one in anns.finesse.asked if one.operation == "reason_codes"] == [ANN]
    anns.finesse.reason_codes["NOT_READY"] = [LUNCH, TEA]
    anns.send("reasoncodenotready", agent=BOB)
    await anns.hears("1002 State NOT_READY", "1002 ReasonCodes", destination="desk", agent=BOB)
    assert anns.bodies("desk")[1].split("#")[3] == "27,28"
    anns.send("MakeNotReadyWithReason", "28")
    await anns.hears("ReasonCodes", "State NOT_READY")
    assert [one.by for one in anns.finesse.asked if one.operation == "reason_codes"] == [ANN, BOB]


async def test_a_team_that_asks_at_the_same_time_asks_once(anns: Office) -> None:
    await anns.sign_in(BOB, "desk")
    gate = anns.finesse.hold("reason_codes")
    anns.send("reasoncodenotready")
    anns.send("reasoncodenotready", agent=BOB)
    await until(lambda: gate.arrived and anns.hub.agents[BOB]._active)
    gate.open()
    await anns.hears("ReasonCodes")
    await anns.hears("1002 ReasonCodes", destination="desk", agent=BOB)
    assert anns.finesse.operations().count("reason_codes") == 1


@pytest.mark.parametrize("other", [{"team_id": "5001"}, {"roles": ("Agent", "Supervisor")}, {"team_id": ""}])
async def test_who_is_of_another_team_asks_for_its_own(other: dict[str, Any]) -> None:
    async with open_office() as office:
        office.finesse.users[BOB] = bob(**other)
        await office.sign_in(ANN)
        await office.sign_in(BOB, "desk")
        office.finesse.reason_codes["NOT_READY"] = [LUNCH]
        office.send("reasoncodenotready")
        await office.hears("ReasonCodes")
        office.send("MakeNotReadyWithReason", "27", agent=BOB)
        await until(lambda: len(office.bodies("desk")) == 1)
        assert [one.by for one in office.finesse.asked if one.operation == "reason_codes"] == [ANN, BOB]


async def test_what_is_refused_to_one_is_not_refused_to_the_others(anns: Office) -> None:
    """They waited for an answer that never came; each then asks with own rights."""
    await anns.sign_in(BOB, "desk")
    gate = anns.finesse.hold("reason_codes", NotAuthorised())
    anns.send("reasoncodenotready")
    await until(lambda: gate.arrived)
    anns.send("reasoncodenotready", agent=BOB)
    await until(lambda: anns.hub.agents[BOB]._active)
    gate.open()
    await anns.hears("Error SUBSCRIPTION_FAILED")
    await anns.hears("1002 ReasonCodes", destination="desk", agent=BOB)

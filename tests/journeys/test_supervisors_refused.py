"""What Finesse accepts from a supervisor and refuses later: it says so to the supervisor, not to the member."""

from __future__ import annotations

from generic_connector.agents.settings import AgentSettings
from journeys.world import World, a_world

DESK, CRM = "DESK", "CRM1"
REFUSED = "#Error#CF_INVALID_OBJECT_STATE#"


async def in_a_call(world: World, extension: str) -> None:
    """Let a customer call somebody who answers at the telephone."""
    world.finesse.customer_call("5551230001", extension)
    agent_id = f"1{extension[1:]}"
    await world.finesse.wait_until(lambda: bool(world.finesse.calls()))
    world.finesse.phone_answer(extension)
    await world.finesse.wait_for_agent(agent_id, "TALKING")


async def refused_at_the_desk(world: World, member: str) -> list[str]:
    """Ask for NOT_READY in the middle of a call, which a supervisor may not; give what the supervisor hears."""
    world.send(f"MakeNotReady#{member}", reply_to=DESK)
    return await world.hears_up_to(DESK, f"{member}#")


async def test_a_member_who_is_here() -> None:
    async with a_world(agents=AgentSettings(result_timeout=1.0)) as world:
        await world.sign_in("1001", CRM)
        await world.sign_in("1003", DESK)
        await world.hears(DESK, 2)
        await in_a_call(world, "4001")
        told = await refused_at_the_desk(world, "1001")
        assert [REFUSED in one for one in told] == [True]


async def test_a_member_who_is_not_here() -> None:
    async with a_world(agents=AgentSettings(result_timeout=1.0)) as world:
        await world.sign_in("1003", DESK)
        await world.hears(DESK, 2)
        world.finesse.set_agent_state("1002", "LOGIN", extension="4002")
        await world.finesse.wait_for_agent("1002", "NOT_READY")
        await in_a_call(world, "4002")
        told = await refused_at_the_desk(world, "1002")
        assert [REFUSED in one for one in told] == [True]

"""A supervisor who watches a team."""

from __future__ import annotations

from journeys.test_sessions import errors
from journeys.world import World, a_world


async def watching(world: World) -> None:
    """Sue watches her team from her desk; Ann is one of it."""
    await world.sign_in("1001", "CRM1")
    await world.sign_in("1003", "DESK")
    await world.hears("DESK", 2)  # TeamInfoIDs, TeamInfoNames
    world.send("GetTeamUsers#1003", "5001,true")
    (users,) = await world.hears("DESK", 1)
    assert users.startswith("1003#TeamUsersList#FirstName:Ann,LastName:Lee,Extension:4001,LoginID:1001,State:NOT_READY")


async def test_a_member_changes() -> None:
    """Each change of a member is told; the supervisor's own once, as the own."""
    async with a_world() as world:
        await watching(world)
        world.send("MakeReady#1001")
        assert await world.hears("DESK", 1) == [
            "1003#State#READY####<time>#Ann Lee#1001#4001##Ann Lee#ann",
        ]
        world.send("MakeReady#1003")
        assert errors(await world.hears("DESK", 1)) == ["1003#State#READY"]
        world.send("MakeNotReadyWithReason#1001", "27")
        assert errors(await world.hears("DESK", 1)) == ["1003#State#NOT_READY"]
        assert world.unheard("DESK") == []


async def test_a_lost_session_watches_again() -> None:
    """What was subscribed to is subscribed to in the new session, too."""
    async with a_world() as world:
        await watching(world)
        world.finesse.disconnect("1003")
        await world.hears_up_to("DESK", "#DialogStatus#")
        world.send("MakeReady#1001")
        assert errors(await world.hears("DESK", 1)) == ["1003#State#READY"]


async def test_another_desk_has_not_asked() -> None:
    """Who takes the supervisor over hears of the members only after asking for it."""
    async with a_world() as world:
        await watching(world)
        await world.sign_in("1003", "OTHER")
        await world.hears("OTHER", 2)
        assert errors(await world.hears("DESK", 2)) == ["1003#State#LOGOUT", "1003#Error#SESSION_INVALIDATED"]
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        world.send("GetState#1003")
        assert errors(await world.hears("OTHER", 1)) == ["1003#State#NOT_READY"]
        assert (world.unheard("OTHER"), world.unheard("DESK")) == ([], [])

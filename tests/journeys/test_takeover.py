"""An instance is started again, or another one takes its place: the clients notice nothing but a delay."""

from __future__ import annotations

from generic_connector.instance import Role
from journeys.pair import a_stage
from journeys.world import party, variables

SESSION = ["1001#AgentInfo", "1001#State#NOT_READY", "1001#DialogStatus###"]


async def test_the_standby_takes_over_and_tells_the_differences() -> None:
    """A call rings and ends while nobody serves, another one begins: its client hears each difference once."""
    async with a_stage() as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        second = stage.member()
        async with stage.a_client("CRM1") as crm:
            heard = await crm.sign_in("1001", "CRM1")
            assert [event[: len(start)] for event, start in zip(heard, SESSION, strict=True)] == SESSION
            await crm.say("MakeReady#1001")
            assert "State#READY" in (await crm.hears(1))[0]
            assert second.instance.role is Role.STANDBY
            await first.die()
            stage.finesse.customer_call("5550188", "8800")
            await second.becomes(Role.ACTIVE)
            state, call, status = await crm.hears(3)
            print(state, call, status)
            await crm.say("AnswerCall#1001", "16777217")
            print(await crm.hears(2))

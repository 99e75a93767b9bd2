"""Agents of a single sign-on site: a bearer token in place of the password, at REST and at the notification service."""

from __future__ import annotations

import msgspec

from journeys.test_sessions import errors
from journeys.world import a_scenario, a_world

SITE = a_scenario(system_auth_mode="SSO")
SITE = msgspec.structs.replace(SITE, agents=tuple(msgspec.structs.replace(agent, sso=True) for agent in SITE.agents))


async def test_an_agent_with_a_token() -> None:
    """Connect names SSO, Login brings the token; READY is asked for with it, too."""
    async with a_world(SITE) as world:
        token = world.finesse.issue_token("1001")["token"]
        world.send("Connect#1001", f"CRM1,{token},SSO")
        world.send("Login#1001", f"{token},4001")
        world.send("MakeReady#1001")
        assert errors(await world.hears("CRM1", 4)) == [
            "1001#AgentInfo#Ann",
            "1001#State#NOT_READY",
            "1001#DialogStatus#",
            "1001#State#READY",
        ]


async def test_a_token_that_is_over() -> None:
    """A command after its end is SUBSCRIPTION_FAILED; a Connect with a new one takes its place without a sign-out."""
    async with a_world(SITE) as world:
        token = world.finesse.issue_token("1001")["token"]
        world.send("Connect#1001", f"CRM1,{token},SSO")
        world.send("Login#1001", f"{token},4001")
        await world.hears("CRM1", 3)
        world.finesse.expire_tokens("1001")
        world.send("MakeReady#1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#Error#SUBSCRIPTION_FAILED"]
        fresh = world.finesse.issue_token("1001")["token"]
        world.send("Connect#1001", f"CRM1,{fresh},SSO")
        world.send("MakeReady#1001")
        assert errors(await world.hears("CRM1", 1)) == ["1001#State#READY"]
        assert world.unheard("CRM1") == []


async def test_a_token_that_is_none() -> None:
    """The password of the other scheme is no token."""
    async with a_world(SITE) as world:
        world.send("Connect#1001", "CRM1,made-up,SSO")
        assert errors(await world.hears("CRM1", 1)) == ["1001#Error#SUBSCRIPTION_FAILED"]

"""No password and no token is ever logged, at the level that says most and whatever a client does with it."""

from __future__ import annotations

import io
from base64 import b64encode

import msgspec

from journeys.world import World, a_scenario, a_world

WRONG = "no-such-pass,word"


def leaked(log: io.StringIO, user_id: str, secret: str) -> list[str]:
    """Give the lines that hold the secret, as it is or as HTTP and SASL carry it."""
    pairs = (f"{user_id}:{secret}", f"\0{user_id}\0{secret}")
    shapes = [secret, *(b64encode(text.encode()).decode() for text in pairs)]
    return [line for line in log.getvalue().splitlines() if any(shape in line for shape in shapes)]


async def through_everything(world: World, user_id: str, secret: str, sso: str = "") -> None:
    """Sign in in every way, right and wrong, with the secret wherever it can stand."""
    extension = f"4{user_id[1:]}"
    world.send(f"Connect#{user_id}", f"CRM1,{WRONG}{sso}")
    world.send(f"Login#{user_id}", f"{WRONG},{extension}")
    await world.hears_up_to("CRM1", "SUBSCRIPTION_FAILED")
    world.send(f"Connect#{user_id}", f"CRM1,{secret}{sso}")
    world.send(f"Connect#{user_id}", f"CRM 1,{secret}{sso}")  # no name of a destination
    world.send(f"Connect#{user_id}", secret)
    world.send("Connect#", f"CRM1,{secret}{sso}", reply_to="CRM1")
    world.send(f"Conect#{user_id}", f"CRM1,{secret}{sso}")
    world.send(f"Login#{user_id}", secret)
    world.send(f"Login#{user_id}", f"{secret},{extension}a")
    world.send(f"MobileAgentLogin#{user_id}", f"{secret},{extension},5551,neither")
    world.send(f"MobileAgentLogin#{user_id}", f"{secret},{extension},5551,true")
    world.send(f"Login#{user_id}", f"{secret},{extension}")
    world.send(f"Hello#{user_id}", secret)
    world.send(f"Logout#{user_id}", secret)
    world.send(f"force_logout#{user_id}")
    await world.hears_up_to("CRM1", "DialogStatus", "State#LOGOUT")
    world.send(f"Login#{user_id}", f"{secret},{extension}")
    await world.hears_up_to("CRM1", "RE_LOGIN")


async def test_passwords(log: io.StringIO) -> None:
    async with a_world() as world:
        await through_everything(world, "1002", "agent-secret-1002")
    assert '"command refused"' in log.getvalue()
    assert (leaked(log, "1002", "agent-secret-1002"), leaked(log, "1002", WRONG)) == ([], [])


async def test_tokens(log: io.StringIO) -> None:
    site = a_scenario(system_auth_mode="SSO")
    agents = tuple(msgspec.structs.replace(agent, sso=True) for agent in site.agents)
    async with a_world(msgspec.structs.replace(site, agents=agents)) as world:
        token = world.finesse.issue_token("1002")["token"]
        await through_everything(world, "1002", token, ",SSO")
    assert (leaked(log, "1002", token), leaked(log, "1002", WRONG)) == ([], [])

"""A healthy agent beside the hostile input: she must be served before it and after it, word for word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.office import Office, is_idle, open_office
from agents.people import ANN, BOB, SUE

DESK = "desk"
"""Where the healthy agent is heard."""
TEXT, JSON = "crm", "crmjson"
"""Where the others are: one destination for each format."""


@asynccontextmanager
async def office_with_sue() -> AsyncIterator[Office]:
    """Open an office where Ann speaks text and Bob JSON, and see at the end that Sue, of a third client, is served."""
    async with open_office(result_timeout=0.01, inbox_limit=20) as office:
        office.door.deliver(f"Hello#{JSON}", "json")
        await office.sign_in(ANN, TEXT)
        await _sign_in_by_json(office)
        await office.sign_in(SUE, DESK)
        yield office
        await everybody_is_idle(office)
        office.forget(DESK)
        office.send("GetState", agent=SUE)
        await office.hears("2001 State NOT_READY", destination=DESK, agent=SUE)


async def _sign_in_by_json(office: Office) -> None:
    office.connect(BOB, JSON)
    office.login(BOB)
    await office.door.wait_for(JSON, lambda bodies: any('"DialogStatus"' in body for body in bodies))
    await office.idle(BOB)


async def everybody_is_idle(office: Office) -> None:
    """Wait until nothing is under way for anybody."""
    while not all(is_idle(office.hub, agent) for agent in list(office.hub.agents)):  # noqa: ASYNC110 - quick: no network
        await asyncio.sleep(0)

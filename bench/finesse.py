"""The pretend Finesse's control door, as far as it is needed here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from bench.accounting import News, told_state

VARIABLES: Mapping[str, str] = {
    **{f"callVariable{number}": f"{number}-" + "call variable " * 6 for number in range(1, 11)},
    **{f"user.bench.variable{number}": f"{number}-" + "expanded variable " * 10 for number in range(1, 11)},
}
"""Twenty call variables, with which an Update document of a call has about 6 kB."""


class Finesse:
    """A client of the control door. Methods raise aiohttp.ClientError."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._seen = 0

    @classmethod
    @asynccontextmanager
    async def at(cls, url: str) -> AsyncIterator[Finesse]:
        """Come to the door, and leave it."""
        async with aiohttp.ClientSession(base_url=url, raise_for_status=True) as session:
            yield cls(session)

    async def play_load(self, calls_per_second: float, seconds: float, talk_seconds: float) -> None:
        """Let customers call the queue from now on."""
        load = {
            "callsPerSecond": calls_per_second,
            "seconds": seconds,
            "talkSeconds": talk_seconds,
            "variables": dict(VARIABLES),
        }
        async with self._session.post("/load", json=load):
            pass

    async def told(self) -> list[News]:
        """Give what was told of agents and calls since this was asked last."""
        found: list[News] = []
        while page := await self._page():
            self._seen = page[-1]["number"]
            found += [_news(notice) for notice in page]
        return found

    async def _page(self) -> list[dict[str, Any]]:
        async with self._session.get(f"/notices/{self._seen}") as answer:
            return list(msgspec.json.decode(await answer.read()))


def _news(notice: Mapping[str, Any]) -> News:
    state, rings = notice["state"], False
    if notice["subject"] == "dialog":
        rings = state == "ALERTING"
        state = told_state(event=notice["event"], own_state=state, dialog_state=notice["dialogState"])
    return News(notice["user"], notice["dialog"], state, notice["due"], rings, notice["left"])

"""A site with its crowd of clients: brought up for faults to be played on, asked for the truth afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.crowd import Crowd, Load
from chaos.processes import until
from chaos.site import Site, Topology
from chaos.transcript import Transcript, Window
from chaos.truth import request_of, told_of
from generic_connector.conformance.control import Control

SIGN_IN_DEADLINE = 90.0
BEAT_PATIENCE = 10.0
"""Seconds that the last Beats have to be answered."""

QUIET = 2.5
"""Seconds without an event after which all is taken to be quiet."""


class NotReadyError(RuntimeError):
    """The agents did not all come to work."""


@dataclass(slots=True)
class Stage:
    """What faults are played on. truth_from: the last notice before the present play."""

    site: Site
    control: Control
    crowd: Crowd
    truth_from: int = 0
    forced_before: int = 0

    @classmethod
    async def build(cls, topology: Topology, directory: Path, load: Load) -> Stage:
        """Bring a site up, and its agents to work. Raises NotStartedError, NotReadyError."""
        site = Site(topology, directory, load.agents)
        try:
            await site.start()
        except BaseException:
            await site.stop()
            raise
        control = await Control(site.control_url).__aenter__()
        stage = cls(site, control, Crowd(load, site.broker_urls, control))
        try:
            await stage.crowd.start()
            await stage.ready()
        except BaseException:
            await stage.close()
            raise
        return stage

    async def close(self) -> None:
        """Take everything down."""
        await self.crowd.stop()
        await self.control.__aexit__(None, None, None)
        await self.site.stop()

    async def ready(self) -> None:
        """Wait until everybody is signed in and ready for calls."""
        agents = self.crowd.agents.values()

        def at_work() -> bool:
            return all(agent.idle and (agent.prober or agent.state == "READY") for agent in agents)

        if not await until(at_work, SIGN_IN_DEADLINE):
            late = [f"{agent.id} {agent.state} {agent.waits_for}" for agent in agents if not agent.idle]
            raise NotReadyError(f"{len(late)} agents are not ready: {late[:3]}")

    async def begin(self) -> None:
        """Open new books."""
        self.crowd.resting = False
        self.crowd.begin_book()
        await self.control.forget_requests()
        self.forced_before = await self.control.forced_logouts()
        for page in await self._pages():
            self.truth_from = page[-1]["number"]

    async def quiet(self, deadline: float) -> tuple[str, ...]:
        """Wait until every call is over, every command answered, and nothing more comes; say who has no rest."""
        await until(lambda: not self._restless() and self._calm(), deadline)
        self.crowd.resting = True  # no Beat may be under way when the books are closed
        await until(lambda: not self.crowd.waiting, BEAT_PATIENCE)
        return tuple(self._restless())

    def _restless(self) -> list[str]:
        agents = self.crowd.agents.values()
        return [str(one) for one in agents if not (one.idle and one.state in {"READY", "NOT_READY"})]

    def _calm(self) -> bool:
        """Say whether no agent's event came lately; answers to Beats do come."""
        last = next((one for one in reversed(self.crowd.heard) if one.agent), None)
        return last is None or time.time() - last.at > QUIET

    async def transcript(self, windows: Sequence[Window]) -> Transcript:
        """Give both books."""
        told = [told_of(one) for page in await self._pages() for one in page]
        requests = [found for one in await self.control.requests() if (found := request_of(one)) is not None]
        state = await self.control.state()
        return Transcript(
            agents={agent.id: agent.destination for agent in self.crowd.agents.values()},
            sent=tuple(self.crowd.sent.values()),
            heard=tuple(self.crowd.heard),
            told=told,
            requests=requests,
            windows=windows,
            final_states={agent["id"]: agent["state"] for agent in state["agents"]},
            known_states=self.crowd.known_states,
            forced_out=await self.control.forced_logouts() - self.forced_before,
        )

    async def _pages(self) -> list[list[dict[str, Any]]]:
        pages: list[list[dict[str, Any]]] = []
        after = self.truth_from
        while page := await self.control.notices(after):
            pages.append(page)
            after = page[-1]["number"]
        return pages

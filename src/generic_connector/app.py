"""The product put together: doors to brokers, the hub of agents, the door to Finesse."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Self

import structlog

from generic_connector.agents.hub import Hub
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.broker.door import BrokerDoor, CommandMessage, DoorState
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.guard import Guarded
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.recording.door import NoRecorder
from generic_connector.recording.http import HttpRecorder, RecorderSettings
from generic_connector.statistics.settings import StatisticsSettings
from generic_connector.statistics.site import SiteDatabases
from generic_connector.store.door import SessionStore, StoreUnavailable
from generic_connector.version import __version__

log = structlog.get_logger()


MOST_EARLY = 10_000
"""Commands that may come before the sessions are taken over; more stay with the broker."""

LOOK_FOR_BROKER = 2.0
"""Seconds for which sessions are not taken over because a broker has not answered yet."""

FLUSH = 2.0
"""Seconds for writing the last changes to the session store."""


class Connector:
    """One running connector. Make and use it inside one event loop.

    doors: one or several; each client is answered by the door through which it spoke. statistics, recorder: what a
    site has beside Finesse, None where it has nothing. store: where sessions are kept, taken over at the start. drain:
    seconds that commands under way get at the end. permit: says whether Finesse may be asked for anything now.
    """

    def __init__(
        self,
        *,
        doors: Sequence[BrokerDoor],
        finesse: FinesseSettings,
        agents: AgentSettings | None = None,
        clients: ClientSettings | None = None,
        statistics: StatisticsSettings | None = None,
        recorder: RecorderSettings | None = None,
        store: SessionStore | None = None,
        drain: float = 10.0,
    ) -> None:
        self.doors = tuple(doors)
        self.finesse = FinesseCluster(finesse)
        self.permit: Callable[[], bool] = _always
        self._databases = SiteDatabases(statistics or StatisticsSettings())
        self._recorder = HttpRecorder(recorder) if recorder is not None else None
        self._store = store
        self._drain = drain
        self._keeping: asyncio.Task[None] | None = None
        self._serving = False
        self._draining = False
        self._early: deque[tuple[BrokerDoor, CommandMessage]] = deque()
        self.hub = Hub(
            finesse=Guarded(self.finesse, lambda: self.permit()),  # noqa: PLW0108  it may be set later
            statistics=self._databases,
            recorder=self._recorder or NoRecorder(),
            agents=agents or AgentSettings(),
            clients=clients or ClientSettings(),
            store=store,
        )

    # --- the start

    async def start(self) -> None:
        """Look at Finesse, open the doors, take over the sessions. What is away is tried for ever."""
        log.info("starting", version=__version__)
        await self.finesse.start(self.hub.status_changed)
        for door in self.doors:
            await door.start(partial(self._receive, door), self.hub.gap_listener(door))
        if self._store is not None:
            await self._until_commands_are_ours()
            await self._take_over(self._store)
            self._keeping = asyncio.create_task(self.hub.sessions.run(), name="session-store")
        self._serving = True
        while self._early:
            door, message = self._early.popleft()
            if not self.hub.receive(door, message):
                message.acknowledge()

    async def _take_over(self, store: SessionStore) -> None:
        """Take the sessions over. Where that fails, the clients connect anew, by the protocol's own means."""
        try:
            saved = await store.load()
        except StoreUnavailable as failure:
            log.warning("sessions cannot be taken over", reason=failure.reason)
            return
        for door in self.doors:
            door.expect([one.name for one in saved.destinations if one.door == door.name])
        self.hub.restore(saved, {door.name: door for door in self.doors})

    async def _until_commands_are_ours(self) -> None:
        """Wait while another instance gets the commands; for a broker that is away, only a moment."""
        deadline = asyncio.get_running_loop().time() + LOOK_FOR_BROKER
        while not all(door.state is DoorState.OPEN for door in self.doors):
            passed_over = any(door.state is DoorState.STANDBY for door in self.doors)
            if not passed_over and asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.02)

    def _receive(self, door: BrokerDoor, message: CommandMessage) -> bool:
        """Take a command, before the start is over for later; when draining, leave it to whoever serves next."""
        if self._serving:
            return self._draining or self.hub.receive(door, message)
        if len(self._early) < MOST_EARLY:
            self._early.append((door, message))
        return True

    # --- the end

    async def stop(self) -> None:
        """Take no more commands, let those under way end, see that events and sessions are out, close everything."""
        log.info("stopping")
        self._draining = True
        await self.hub.roster.drain(self._drain)
        await self.hub.roster.stop()
        await self._write_the_last()
        for door in self.doors:
            await door.stop()
        await self._close()

    async def abort(self) -> None:
        """Close everything at once: another instance serves, or will. What is under way is left to it."""
        self._draining = True
        for door in self.doors:
            await door.abort()
        await self.hub.roster.stop()
        await self._stop_keeping()
        await self._close()

    async def _write_the_last(self) -> None:
        await self._stop_keeping()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH):
                while not await self.hub.sessions.flush():  # noqa: ASYNC110  the store may be away
                    await asyncio.sleep(0.1)
        if self.hub.sessions.waiting:
            log.warning("sessions not written at the end", count=self.hub.sessions.waiting)

    async def _stop_keeping(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
            self._keeping = None

    async def _close(self) -> None:
        await self.finesse.stop()
        await self._databases.close()
        if self._recorder is not None:
            await self._recorder.close()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()


def _always() -> bool:
    return True

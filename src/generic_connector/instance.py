"""One instance: it waits until it may serve, serves, and hands over.

Two things decide who serves. The session store's lease: who does not hold it does not begin. And the broker, which
gives the commands to one exclusive consumer: who is passed over does not begin either, and ends. So there is never a
moment with two that serve, and an instance that cannot reach the store goes on as long as the broker gives it the
commands; when it reaches the store again, it takes the lease back from who waits.
Sources: client-protocol.md section 1; broker.md section 5.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any

import structlog

from generic_connector.app import Connector
from generic_connector.broker.door import BrokerDoor, DoorState
from generic_connector.health_of import health_of
from generic_connector.operations import health
from generic_connector.operations.health import HealthReport, Part
from generic_connector.store.door import Holder, LeaseReport, SessionStore, StoreUnavailable

log = structlog.get_logger()

RENEWALS = 4
"""How often the lease is renewed in the time in which it would run out."""

PASSED_OVER = 3.0
"""Seconds without the commands until an instance that had them counts itself as passed over."""

CUT_OFF = 2.0
"""A holder that cannot reach its broker for so many times the lease gives it up to whoever can."""


class Role(StrEnum):
    """What an instance is doing."""

    STANDBY = health.STANDBY
    ACTIVE = health.ACTIVE
    STOPPING = health.STOPPING


class Instance:
    """Serves when it may. Make and use it inside one event loop.

    make: makes a connector, each time anew; what it raises the first time the instance raises. store: None where every
    instance may serve at once. lease: seconds in which the store's lease runs out. able: says whether we could serve
    now. on_role: hears each change of the role.
    """

    def __init__(
        self,
        make: Callable[[], Connector],
        *,
        store: SessionStore | None = None,
        lease: float = 4.0,
        able: Callable[[], Awaitable[bool]] | None = None,
        on_role: Callable[[Role], None] = lambda _: None,
    ) -> None:
        self._make = make
        self._first: Connector | None = make()  # now, so that settings which cannot work are told at once
        self._store = store
        self._lease = lease
        self._able = able or _always
        self.on_role = on_role
        self._valid_until = 0.0
        self._store_away = False
        self._could_serve = True
        self.role = Role.STANDBY
        self.connector: Connector | None = None

    async def run(self, told_to_stop: asyncio.Event) -> None:
        """Serve whenever we may, until told to stop; then hand over in peace."""
        stopping = asyncio.create_task(told_to_stop.wait())
        try:
            while not told_to_stop.is_set():
                if await _unless({stopping}, self._wait_for_turn()):
                    await self._serve(stopping)
        finally:
            stopping.cancel()
            await self._give_up_lease()
            if self._store is not None:
                await self._store.close()

    def health(self) -> HealthReport:
        """Say how it is. A standby is in order while it could serve: it reaches the store and a broker."""
        store = () if self._store is None else (self._store_part(),)
        if self.connector is None:
            broker = Part("broker", self._could_serve, "can be reached" if self._could_serve else "cannot be reached")
            return HealthReport(self.role, (broker, *store))
        report = health_of(self.connector.doors, self.connector.finesse, self.role)
        return HealthReport(report.role, (*report.parts, *store))

    def _store_part(self) -> Part:
        needed = self.connector is None  # who serves goes on without it
        return Part("session store", not self._store_away, "away" if self._store_away else "there", needed=needed)

    # --- waiting

    async def _wait_for_turn(self) -> None:
        """Wait until the lease is ours."""
        said = False
        while self._store is not None:
            self._could_serve = await self._able()
            report = await self._ask_for_lease(self._store, able=self._could_serve)
            if report is not None and report.holder is Holder.WE:
                return
            if not said:
                said = True
                log.info("standing by", reason="another instance serves" if report is not None else "the store is away")
                self._set_role(Role.STANDBY)
            await asyncio.sleep(self._lease / RENEWALS)

    async def _ask_for_lease(self, store: SessionStore, *, able: bool, insist: bool = False) -> LeaseReport | None:
        """Take or renew the lease; None while the store is away, which is logged once."""
        began = asyncio.get_running_loop().time()
        try:
            report = await store.hold(able=able, insist=insist)
        except StoreUnavailable as failure:
            if not self._store_away:
                serves = self.role is Role.ACTIVE
                log.warning("session store away, serving on" if serves else "session store away", reason=failure.reason)
            self._store_away = True
            return None
        if self._store_away:
            log.info("session store is back")
        self._store_away = False
        if report.holder is Holder.WE:
            self._valid_until = began + self._lease
        return report

    # --- serving

    async def _serve(self, stopping: asyncio.Task[bool]) -> None:
        connector = self.connector = self._first or self._make()
        self._first = None
        connector.permit = self._may_act
        keeping = asyncio.create_task(self._until_succeeded(connector))
        waits = asyncio.get_running_loop().call_later(PASSED_OVER, self._say_that_it_waits)
        try:
            if await _unless({stopping, keeping}, connector.start()):
                self._set_role(Role.ACTIVE)
                log.info("ready", doors=[door.name for door in connector.doors], node=connector.finesse.node)
                await asyncio.wait({stopping, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                self._set_role(Role.STOPPING)
                await connector.stop()
            else:
                log.warning("serving no more", reason=_result(keeping))
                await connector.abort()
        except BaseException:
            await connector.abort()
            raise
        finally:
            waits.cancel()
            keeping.cancel()
            await asyncio.wait({keeping})
            self.connector = None
            await self._give_up_lease()
            if not stopping.done():
                self._set_role(Role.STANDBY)

    def _say_that_it_waits(self) -> None:
        if self.role is Role.STANDBY:
            log.info("standing by", reason="the broker gives the commands to another instance")
            self._set_role(Role.STANDBY)

    async def _until_succeeded(self, connector: Connector) -> str:
        """Keep the lease, until another instance serves or has to; give the reason."""
        passed_over, cut_off = _Since(), _Since()
        served: set[BrokerDoor] = set()
        while True:
            await asyncio.sleep(self._lease / RENEWALS)
            served |= {door for door in connector.doors if door.state is DoorState.OPEN}
            if passed_over.true_for(any(door.state is DoorState.STANDBY for door in served)) > PASSED_OVER:
                return "the broker gives the commands to another instance"
            without_broker = cut_off.true_for(any(door.state is DoorState.CONNECTING for door in connector.doors))
            if reason := await self._renew(connector, without_broker):
                return reason

    async def _renew(self, connector: Connector, cut_off: float) -> str:
        """Renew the lease; give the reason why we serve no more, "" when we do."""
        if self._store is None:
            return ""
        insist = self._store_away and _has_commands(connector)
        report = await self._ask_for_lease(self._store, able=True, insist=insist)
        if report is None:
            return ""
        if report.holder is not Holder.WE:
            return "another instance holds the lease"
        if report.fresh:
            connector.hub.keep_everything()
        if report.successor and cut_off > CUT_OFF * self._lease:
            return "the broker cannot be reached from here, and another instance can serve"
        return ""

    def _may_act(self) -> bool:
        """Say whether Finesse may be asked for anything now: not when we have slept through the end of the lease."""
        return self._store is None or self._store_away or asyncio.get_running_loop().time() < self._valid_until

    async def _give_up_lease(self) -> None:
        self._valid_until = 0.0
        if self._store is not None:
            with contextlib.suppress(StoreUnavailable):  # it runs out by itself
                await self._store.release()

    def _set_role(self, role: Role) -> None:
        self.role = role
        log.info("role changed", role=role.value)
        self.on_role(role)


class _Since:
    """For how long something has been true, in seconds."""

    def __init__(self) -> None:
        self._began: float | None = None

    def true_for(self, now: bool) -> float:  # noqa: FBT001  the value itself
        """Hear whether it is true now; give for how long it has been without a break."""
        time = asyncio.get_running_loop().time()
        if not now:
            self._began = None
            return 0.0
        self._began = time if self._began is None else self._began
        return time - self._began


def _has_commands(connector: Connector) -> bool:
    """Say whether a broker gives the commands to this instance alone, so that no other one can have begun to serve.

    The broker inside is nobody else's: it proves nothing of another instance.
    """
    return all(door.state is DoorState.OPEN and door.name == "activemq" for door in connector.doors)


async def _always() -> bool:
    return True


async def _unless(others: set[asyncio.Task[Any]], work: Coroutine[Any, Any, None]) -> bool:
    """Do the work unless one of the others ends first; say whether it was done. Raises what the work raises."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({*others, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        return task.done()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


def _result(task: asyncio.Task[str]) -> str:
    return task.result() if task.done() and not task.cancelled() else ""

"""The broker door to ActiveMQ."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection

import structlog

from generic_connector.broker.activemq.commands import CommandLink
from generic_connector.broker.activemq.events import EventLink
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.door import CommandReceiver, DoorState, EventMessage, GapListener
from generic_connector.broker.mapping import check_event_address

log = structlog.get_logger(door="activemq")

_FLUSH_DEADLINE = 5.0
_CRASH_DELAY = 1.0


class ActiveMqDoor:
    """A BrokerDoor: commands by one STOMP connection, events by another one to the same broker."""

    name = "activemq"

    def __init__(self, settings: ActiveMqSettings) -> None:
        self._settings = settings
        self._events = EventLink(settings, self._look)
        self._commands: CommandLink | None = None
        self._consuming: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._leaving = False
        self._state = DoorState.CLOSED

    @property
    def state(self) -> DoorState:
        """OPEN while commands come in and events can go out; after stop_commands() while events can go out."""
        return self._state

    async def start(self, receive: CommandReceiver, on_gap: GapListener | None = None) -> None:
        """Begin to consume commands; returns at once. Raises RuntimeError when it was started before."""
        if self._commands is not None:
            raise RuntimeError("the door was started before")
        self._events.listen_to_gaps(on_gap)
        self._commands = CommandLink(self._settings, receive, self._follow)
        self._state = DoorState.CONNECTING
        self._consuming, self._sending = (
            asyncio.create_task(_for_ever(link.run)) for link in (self._commands, self._events)
        )

    def publish(self, event: EventMessage) -> None:
        """Send an event, in order. Raises ValueError for a destination that no event may be sent to."""
        check_event_address(event)
        self._events.send(event)

    def expect(self, destinations: Collection[str]) -> None:
        """Do nothing: they are clients of a broker that was there all the time."""

    async def stop_commands(self) -> None:
        """Leave the queues; events still go out to the broker that the commands came from last."""
        self._leaving = True
        await _cancel(self._consuming)
        self._look()

    async def stop(self) -> None:
        """Leave the queues, give the broker the events that wait, close. May be called twice."""
        if self._state is DoorState.CLOSED:
            return
        await self.stop_commands()
        self._state = DoorState.CLOSED
        await self._events.close(_FLUSH_DEADLINE)
        await _cancel(self._sending)
        self._events.give_up()
        log.info("door closed")

    async def abort(self) -> None:
        """Cut both connections and give up the events that wait. May be called at any time, and twice."""
        if self._state is DoorState.CLOSED or self._commands is None:
            return
        self._leaving = True
        self._state = DoorState.CLOSED
        self._commands.abort()
        self._events.abort()
        await asyncio.gather(_cancel(self._consuming), _cancel(self._sending))
        self._events.give_up()
        log.info("door closed at once")

    def _follow(self) -> None:
        """Let the events go where the commands come from."""
        if self._commands is not None and not self._leaving:
            self._events.follow(self._commands.url)
        self._look()

    def _look(self) -> None:
        """Work out the state anew."""
        if self._state is DoorState.CLOSED or self._commands is None:
            return
        is_open = self._events.connected and (self._leaving or self._commands.url is not None)
        passed_over = self._commands.subscribed and self._commands.url is None and not self._leaving
        state = DoorState.OPEN if is_open else DoorState.STANDBY if passed_over else DoorState.CONNECTING
        if state is not self._state:
            self._state = state
            log.info("door changed", state=state.value)


async def _for_ever(run: Callable[[], Awaitable[None]]) -> None:
    """Run a link; a mistake of ours in it is logged, and the link begins anew."""
    while True:
        try:
            await run()
        except Exception:
            log.exception("a link of the door failed")
        await asyncio.sleep(_CRASH_DELAY)


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is None:
        return
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

"""The connection by which events go out. It is apart from commands, because a broker may stop reading it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

import structlog

from generic_connector.broker.activemq import presence
from generic_connector.broker.activemq.presence import Presence
from generic_connector.broker.activemq.sender import Sender
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.backoff import Backoff
from generic_connector.broker.destinations import TEMPORARY_TOPIC
from generic_connector.broker.door import EventMessage, GapListener
from generic_connector.broker.metrics import CONNECTIONS, REFUSALS
from generic_connector.broker.stomp.client import CLOSED_BY_US, StompConnection, connect
from generic_connector.broker.stomp.errors import BrokerRefusedError, ConnectionLostError, StompError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl

log = structlog.get_logger(door="activemq", link="events")

STEADY = 10.0
"""A connection that lasted this many seconds was a good one: the next trouble starts with short delays again."""

ANSWER_DEADLINE = 10.0
"""Seconds the broker has to confirm the subscription to its advisories."""

MOST_HANG_UPS = 3
"""A broker that ended the connection so often when it was asked for its advisories is asked no more."""

_GOODBYE = 1.0

OTHER_BROKER = "the commands come from another broker"


class EventLink:
    """Keeps one connection to the broker that the commands come from, and sends events in order.

    What cannot be written now waits in a bounded outbox, and so does what the broker has not confirmed when the
    connection breaks. When it is back, the clients may not be: each destination waits for its client then, for so long
    as the settings say, because a topic without a listener forgets.
    """

    def __init__(self, settings: ActiveMqSettings, on_change: Callable[[], None]) -> None:
        self._settings = settings
        self._on_change = on_change
        self._sender = Sender(settings)
        self._connection: StompConnection | None = None
        self._wanted: BrokerUrl | None = None
        self._nudge = asyncio.Event()
        self._was_connected = False
        self._cannot_tell = False
        self._hung_up = 0
        self._presence = Presence()
        self._advisories = ""
        self._patience: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Say whether events can be written now."""
        return self._connection is not None

    def listen_to_gaps(self, on_gap: GapListener | None) -> None:
        """Have destinations told anew whose events were given up."""
        self._sender.on_gap = on_gap

    def follow(self, url: BrokerUrl | None) -> None:
        """Go where the commands come from. None: from nowhere at present; the connection is kept while it lasts."""
        self._wanted = url
        if url is None:
            return
        self._nudge.set()
        if self._connection is not None and self._connection.url != url:
            self._connection.abort(OTHER_BROKER)

    async def run(self) -> None:
        """Connect, send, and begin again when the connection is lost; ends only by cancellation."""
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while True:
            self._nudge.clear()
            began = loop.time()
            try:
                if self._wanted is not None:
                    await self._serve(self._wanted)
            except StompError as error:
                log.warning("no way out for events", reason=str(error), waiting=len(self._sender.outbox))
            if loop.time() - began > STEADY:
                backoff.reset()
            await self._rest(backoff.next_delay() if self._wanted is not None else None)

    async def _rest(self, seconds: float | None) -> None:
        """Wait, until the commands have a broker (again) at the longest; None: only for that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudge.wait()

    async def _serve(self, url: BrokerUrl) -> None:
        connection = await connect(url, self._settings.connect_settings(), self)
        try:
            if self._wanted not in (None, url):
                return
            CONNECTIONS.labels("activemq", "events").inc()
            await self._await_clients(connection)
            log.info("events can go out", url=str(url), server=connection.server, waiting=len(self._sender.outbox))
            self._set_connection(connection)
            reason = await connection.wait_closed()
            write = log.info if reason == CLOSED_BY_US else log.warning
            write("connection for events ended", url=str(url), reason=reason)
        finally:
            self._set_connection(None)
            self._await_no_client()
            await connection.close(0.0)

    def _set_connection(self, connection: StompConnection | None) -> None:
        if connection is None and self._connection is not None:
            self._sender.detach()
        elif connection is not None:
            self._sender.attach(connection)
            self._was_connected = True
        self._connection = connection
        self._on_change()

    def send(self, event: EventMessage) -> None:
        """Send after all that was sent before to the same destination, or keep until that is possible."""
        self._sender.put(event)

    async def close(self, deadline: float) -> None:
        """Send what waits, wait until the broker has confirmed it, and say good-bye; deadline in seconds."""
        self._await_no_client()
        if self._connection is not None and not await self._sender.wait_idle(deadline):
            log.warning("the broker did not confirm every event in time", waiting=len(self._sender.outbox))
        if self._connection is not None:
            await self._connection.close(_GOODBYE)

    def abort(self) -> None:
        """Cut the connection."""
        if self._connection is not None:
            self._connection.abort(CLOSED_BY_US)

    def give_up(self) -> None:
        """Drop what waits."""
        self._sender.give_up()

    # -- clients that return after the broker

    async def _await_clients(self, connection: StompConnection) -> None:
        """Hold the events of each destination until the broker says that its client is there, or patience ends."""
        seconds = self._settings.client_return
        if not self._was_connected or not seconds or self._hung_up >= MOST_HANG_UPS:
            return
        if not presence.tells_presence(connection.server):
            self._tell_once(f"{connection.server or 'this broker'} has no advisories of consumers")
            return
        self._presence = Presence()
        self._advisories = secrets.token_hex(8)
        self._sender.outbox.hold(self._presence.is_there)
        try:
            await connection.subscribe(
                self._advisories, presence.DESTINATION, ack="auto", deadline=ANSWER_DEADLINE, **presence.HEADERS
            )
        except BrokerRefusedError as error:
            self._tell_once(str(error))
            self._await_no_client()
            return
        except ConnectionLostError:
            self._hung_up += 1
            raise
        self._hung_up = 0
        self._patience = asyncio.get_running_loop().call_later(seconds, self._end_patience, connection)

    def _tell_once(self, reason: str) -> None:
        if not self._cannot_tell:
            self._cannot_tell = True
            log.warning("who listens cannot be known, events go out as soon as the broker is back", reason=reason)

    def _end_patience(self, connection: StompConnection) -> None:
        """Send what is still held: whoever did not come yet may never come. The advisories are not needed any more."""
        with contextlib.suppress(StompError):
            connection.send(Frame(Command.UNSUBSCRIBE, {"id": self._advisories}))
        self._await_no_client()

    def _await_no_client(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        self._advisories = ""
        self._sender.outbox.release_all()
        self._sender.schedule()

    # -- StompListener

    def on_message(self, frame: Frame) -> None:
        """Hear of a consumer that came or left."""
        if not self._advisories or frame.headers.get("subscription") != self._advisories:
            return
        outbox = self._sender.outbox
        name = self._presence.hear(frame)
        if name == "":
            outbox.look_again()
        elif name is not None:
            outbox.release(name)
            outbox.release(TEMPORARY_TOPIC + name)
        self._sender.schedule()

    def on_refused(self, reason: str) -> None:
        """Count an event as not delivered: the broker refused it."""
        REFUSALS.labels("activemq", "events").inc()
        log.warning("broker refused an event", reason=reason)

    def on_stale(self) -> None:
        """Nothing to do: an event that is late is still right."""

    def on_writable(self) -> None:
        """Go on."""
        self._sender.schedule()

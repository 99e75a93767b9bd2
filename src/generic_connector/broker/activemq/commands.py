"""The connection by which commands come in; it also decides which broker is ours."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from generic_connector.broker.activemq.check import try_broker
from generic_connector.broker.activemq.place import PROBE_TYPE, Place
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.backoff import Backoff
from generic_connector.broker.door import CommandReceiver
from generic_connector.broker.mapping import QUEUE, command_from_frame
from generic_connector.broker.metrics import COMMAND_FAULTS, COMMANDS, CONNECTIONS, REFUSALS
from generic_connector.broker.stomp.client import StompConnection, connect
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.urls import BrokerUrl

log = structlog.get_logger(door="activemq", link="commands")

ANSWER_DEADLINE = 10.0
"""Seconds the broker has to confirm a subscription or to prove that it still counts us in."""

STEADY = 10.0
"""A connection that lasted this many seconds was a good one: the next trouble starts with short delays again."""

ABORTED = "left at once"
FIRST_IS_BACK = "the first broker is back"


class CommandLink:
    """Keeps one connection to one of the brokers, for ever, and hands the commands on.

    url is the broker whose commands come to us now, None while there is none; subscribed says whether we wait in its
    queue at least. on_change is called when either changes. While the
    broker was silent for too long, it may already have given the commands to another instance: those that arrive then
    are held until the broker has proved that it still counts us in (broker.md section 5, self-fencing).
    """

    def __init__(self, settings: ActiveMqSettings, receive: CommandReceiver, on_change: Callable[[], None]) -> None:
        self.url: BrokerUrl | None = None
        self._settings = settings
        self._receive = receive
        self._on_change = on_change
        self._connection: StompConnection | None = None
        self._subscriptions: dict[str, str] = {}
        self._held: list[Frame] | None = None
        self._proof: asyncio.Task[None] | None = None
        self._place = Place(settings.probe_interval, settings.prefetch)
        self._looking: asyncio.Task[None] | None = None
        self._unacknowledged = 0

    @property
    def subscribed(self) -> bool:
        """Say whether we are connected and wait in the queues."""
        return self._looking is not None

    async def run(self) -> None:
        """Connect, consume, and begin again when the connection is lost; ends only by cancellation."""
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while True:
            for url in self._settings.parsed_urls():
                began = loop.time()
                try:
                    reason = await self._serve(url)
                except StompError as error:
                    log.warning("no commands from this broker", url=str(url), reason=str(error))
                    continue
                if loop.time() - began > STEADY or reason == FIRST_IS_BACK:
                    backoff.reset()
                    break  # the first URL is the first to be tried again
            await asyncio.sleep(backoff.next_delay())

    async def _serve(self, url: BrokerUrl) -> str:
        """Consume from one broker until the connection ends, give the reason. Raises StompError if it cannot begin."""
        connection = await connect(url, self._settings.connect_settings(), self)
        self._connection = connection
        try:
            await self._subscribe(connection)
            CONNECTIONS.labels("activemq", "commands").inc()
            log.info("waiting in the queues", url=str(url), server=connection.server, queues=self._settings.queues)
            self._looking = asyncio.create_task(self._look_at_place(connection, url))
            self._on_change()
            reason = await self._until_over(connection, url)
            log.warning("connection for commands ended", url=str(url), reason=reason)
            return reason
        finally:
            self._set_url(None)
            await self._leave(connection)

    async def _subscribe(self, connection: StompConnection) -> None:
        """Subscribe to each queue, by ids that nobody can guess.

        A broker that writes NUL into a body ends the frame too early, and the rest of the body could pose as a
        frame. Without the id it cannot pose as a message for us. The id also tells the queue, and thereby the sender:
        destination and JMSXUserID of a MESSAGE are what a client's properties of these names say.
        """
        self._held = None
        self._subscriptions = {}
        self._unacknowledged = 0
        self._place = Place(self._settings.probe_interval, self._settings.prefetch)
        more = {
            "activemq.exclusive": "true",
            "activemq.priority": str(self._settings.consumer_priority),
            "activemq.prefetchSize": str(self._settings.prefetch),
        }
        for queue in self._settings.queues:
            subscription = secrets.token_hex(8)
            self._subscriptions[subscription] = queue
            await connection.subscribe(
                subscription, QUEUE + queue, ack="client-individual", deadline=ANSWER_DEADLINE, **more
            )

    async def _until_over(self, connection: StompConnection, url: BrokerUrl) -> str:
        """Wait for the end of the connection, or end it because the first broker is back. Gives the reason."""
        first, interval = self._settings.parsed_urls()[0], self._settings.return_to_first
        if url == first or interval is None:
            return await connection.wait_closed()
        while True:
            done, _ = await asyncio.wait({connection.closed}, timeout=interval)
            if done:
                return connection.closed.result()
            if (await try_broker(first, self._settings)).reachable:
                return FIRST_IS_BACK

    async def _look_at_place(self, connection: StompConnection, url: BrokerUrl) -> None:
        """Find out again and again whether the commands come to us."""
        loop = asyncio.get_running_loop()
        while not connection.closed.done():
            if self._place.wants_probe(loop.time()):
                with contextlib.suppress(StompError):  # whoever waits for the end of the connection hears of it
                    connection.send(_probe(self._settings.queues[0]))
            self._judge(url)
            if (interval := self._place.interval) is None:
                return
            await asyncio.sleep(interval)

    def _judge(self, url: BrokerUrl) -> None:
        if self._held is not None:  # a broker that is silent says nothing of our place either
            return
        ours = self._place.is_ours(asyncio.get_running_loop().time(), self._unacknowledged)
        if ours != (self.url is not None):
            log.info("the commands come to us" if ours else "the commands go to another instance", url=str(url))
        self._set_url(url if ours else None)

    async def _leave(self, connection: StompConnection) -> None:
        self._connection = None
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._on_change()
        if self._proof is not None:
            self._proof.cancel()
            self._proof = None
        await connection.close(1.0)

    def _set_url(self, url: BrokerUrl | None) -> None:
        if url != self.url:
            self.url = url
            self._on_change()

    def abort(self) -> None:
        """Cut the connection, without waiting for the broker's good-bye."""
        if self._connection is not None:
            self._connection.abort(ABORTED)

    # -- StompListener

    def on_message(self, frame: Frame) -> None:
        """Hand a command over, or hold it while it is not certain that it is still ours."""
        if frame.headers.get("subscription") not in self._subscriptions:
            log.warning("a message that belongs to no subscription was left alone")
        elif self._is_probe(frame):
            pass
        elif self._held is not None:
            self._held.append(frame)
        else:
            self._hand_over(frame)

    def _is_probe(self, frame: Frame) -> bool:
        """Note that something came from the queue; a probe is done with."""
        connection = self._connection
        if connection is None:
            return False
        self._place.heard(asyncio.get_running_loop().time())
        self._judge(connection.url)
        if frame.headers.get("type") != PROBE_TYPE:
            return False
        _quietly(partial(connection.acknowledge, frame))
        return True

    def on_refused(self, reason: str) -> None:
        """Log it; the connection stays usable."""
        REFUSALS.labels("activemq", "commands").inc()
        log.warning("broker refused", reason=reason)
        if self._connection is not None and self.url is None and self._looking is not None:
            log.warning("the queue cannot be probed; the commands are taken for ours")
            self._place.cannot_probe()
            self._judge(self._connection.url)

    def on_stale(self) -> None:
        """Hold what comes from now on, and ask for proof."""
        if self._held is None and self._connection is not None:
            self._held = []
            log.warning("broker was silent for too long, commands are held until it answers")
            self._proof = asyncio.create_task(self._ask_for_proof(self._connection))

    def on_writable(self) -> None:
        """Nothing waits on this connection."""

    async def _ask_for_proof(self, connection: StompConnection) -> None:
        try:
            await connection.prove(ANSWER_DEADLINE)
        except StompError as error:
            connection.abort(f"no proof of life: {error}")
            return
        held, self._held = self._held or [], None
        log.info("broker still counts us in", held=len(held))
        for frame in held:
            self._hand_over(frame)

    def _hand_over(self, frame: Frame) -> None:
        """Give the command to the receiver, and acknowledge it unless the receiver keeps it, whatever it does."""
        connection = self._connection
        if connection is None or connection.closed.done():
            return  # it will come again
        queue = self._subscriptions.get(frame.headers.get("subscription", ""), "")
        command = command_from_frame(frame, self._settings.queue_senders.get(queue, ""))
        command = replace(command, acknowledge=partial(self._acknowledge, connection, frame))
        COMMANDS.labels("activemq").inc()
        if command.fault is not None:
            COMMAND_FAULTS.labels("activemq", command.fault.name.lower()).inc()
        self._unacknowledged += 1
        kept: bool | None = False
        try:
            kept = self._receive(command)
        except Exception:  # nothing may stop the consumer
            log.exception("a command could not be taken over", message_id=command.message_id)
        if not kept:
            command.acknowledge()

    def _acknowledge(self, connection: StompConnection, frame: Frame) -> None:
        if connection is self._connection:  # else the broker counts it as not dealt with anyway
            self._unacknowledged -= 1
            _quietly(partial(connection.acknowledge, frame))


def _probe(queue: str) -> Frame:
    return Frame(Command.SEND, {"destination": QUEUE + queue, "type": PROBE_TYPE})


def _quietly(acknowledge: Callable[[], None]) -> None:
    """Acknowledge; if the connection has just ended the broker will deliver again, marked as redelivered."""
    try:
        acknowledge()
    except StompError as error:
        log.warning("a command could not be acknowledged and will come again", reason=str(error))

"""The connection by which commands come in; it also decides which broker is ours."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from functools import partial

import structlog

from generic_connector.broker.activemq.check import try_broker
from generic_connector.broker.activemq.settings import ActiveMqSettings
from generic_connector.broker.backoff import Backoff
from generic_connector.broker.door import CommandReceiver
from generic_connector.broker.mapping import QUEUE, command_from_frame
from generic_connector.broker.metrics import COMMAND_FAULTS, COMMANDS, CONNECTIONS, REFUSALS
from generic_connector.broker.stomp.client import StompConnection, connect
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.stomp.frames import Frame
from generic_connector.broker.urls import BrokerUrl

log = structlog.get_logger(door="activemq", link="commands")

ANSWER_DEADLINE = 10.0
"""Seconds the broker has to confirm a subscription or to prove that it still counts us in."""

STEADY = 10.0
"""A connection that lasted this many seconds was a good one: the next trouble starts with short delays again."""

FIRST_IS_BACK = "the first broker is back"


class CommandLink:
    """Keeps one connection to one of the brokers, for ever, and hands the commands on.

    url is the broker that is ours now, None while there is none; on_change is called when that changes. While the
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
            log.info("consuming commands", url=str(url), server=connection.server, queues=self._settings.queues)
            self._set_url(url)
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

    async def _leave(self, connection: StompConnection) -> None:
        self._connection = None
        if self._proof is not None:
            self._proof.cancel()
            self._proof = None
        await connection.close(1.0)

    def _set_url(self, url: BrokerUrl | None) -> None:
        if url != self.url:
            self.url = url
            self._on_change()

    # -- StompListener

    def on_message(self, frame: Frame) -> None:
        """Hand a command over, or hold it while it is not certain that it is still ours."""
        if frame.headers.get("subscription") not in self._subscriptions:
            log.warning("a message that belongs to no subscription was left alone")
        elif self._held is not None:
            self._held.append(frame)
        else:
            self._hand_over(frame)

    def on_refused(self, reason: str) -> None:
        """Log it; the connection stays usable."""
        REFUSALS.labels("activemq", "commands").inc()
        log.warning("broker refused", reason=reason)

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
        """Give the command to the receiver and acknowledge it, whatever the receiver does."""
        connection = self._connection
        if connection is None or connection.closed.done():
            return  # it will come again
        queue = self._subscriptions.get(frame.headers.get("subscription", ""), "")
        command = command_from_frame(frame, self._settings.queue_senders.get(queue, ""))
        COMMANDS.labels("activemq").inc()
        if command.fault is not None:
            COMMAND_FAULTS.labels("activemq", command.fault.name.lower()).inc()
        try:
            self._receive(command)
        except Exception:  # nothing may stop the consumer
            log.exception("a command could not be taken over", message_id=command.message_id)
        _quietly(partial(connection.acknowledge, frame))


def _quietly(acknowledge: Callable[[], None]) -> None:
    """Acknowledge; if the connection has just ended the broker will deliver again, marked as redelivered."""
    try:
        acknowledge()
    except StompError as error:
        log.warning("a command could not be acknowledged and will come again", reason=str(error))

"""One STOMP 1.2 connection to a broker, on asyncio. It does not reconnect: the owner makes a new one."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, cast

import structlog

from generic_connector.broker.stomp.codec import HEART_BEAT, FrameParser, Limits, encode
from generic_connector.broker.stomp.errors import (
    BrokerRefusedError,
    ConnectFailedError,
    ConnectionLostError,
    ProtocolError,
    StompError,
)
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.stomp.heart_beat import (
    BEATS_PER_INTERVAL,
    CHECKS_PER_INTERVAL,
    DEAD_AFTER,
    STALE_AFTER,
    HeartBeat,
    Rhythm,
    agree,
    parse_heart_beat,
)
from generic_connector.broker.urls import BrokerUrl

log = structlog.get_logger()

BROKER_LIMITS = Limits(headers=1000, header_line=64 * 1024, header_block=128 * 1024 * 1024, tolerant=True)
"""What we accept of a broker: whatever passes ActiveMQ's own limit of 100 MB must not end the connection."""

WRITE_BUFFER = 256 * 1024
"""Bytes that may wait for the network before the connection says that it is paused."""

CLOSED_BY_US = "closed by us"

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectSettings:
    """How to connect. heart_beat_ms: what we offer and ask for. deadline: seconds for TCP, TLS and CONNECTED together.

    host is the virtual host of the CONNECT frame, the URL's host when empty. ssl_context is used for TLS URLs only;
    None means the system's certificate authorities with verification.
    """

    login: str = ""
    passcode: str = field(default="", repr=False)
    host: str = ""
    heart_beat_ms: int = 2000
    deadline: float = 5.0
    ssl_context: ssl.SSLContext | None = None
    limits: Limits = BROKER_LIMITS


class StompListener(Protocol):
    """The owner of a connection. Its methods are called from the event loop and must neither wait nor raise."""

    def on_message(self, frame: Frame) -> None:
        """Take a MESSAGE frame."""

    def on_refused(self, reason: str) -> None:
        """Hear of an ERROR frame that answers no request: a SEND that was denied, say. One line, fit for a log."""

    def on_stale(self) -> None:
        """Hear that the broker was silent for more than 1.5 intervals. What follows may be late: prove() tells."""

    def on_writable(self) -> None:
        """Hear that a paused connection takes frames again."""


async def connect(url: BrokerUrl, settings: ConnectSettings, listener: StompListener) -> StompConnection:
    """Connect and log in. Raises ConnectFailedError with the broker's or the system's reason."""
    context = (settings.ssl_context or ssl.create_default_context()) if url.tls else None
    loop = asyncio.get_running_loop()
    connection = StompConnection(url, settings, listener)
    reason = "cancelled"
    try:
        async with asyncio.timeout(settings.deadline):
            await loop.create_connection(lambda: connection, url.host, url.port, ssl=context)
            reason = await connection.logged_in
    except TimeoutError:
        reason = f"no answer within {settings.deadline:g} s"
    except OSError as error:  # ssl's errors are OSErrors, too
        reason = _one_line(str(error) or type(error).__name__)
    finally:
        if reason:
            await connection.close(0.0)
    if reason:
        raise ConnectFailedError(str(url), reason)
    return connection


class StompConnection(asyncio.Protocol):
    """A connection that connect() made.

    closed is done when the connection has ended, with the reason: look at it, but await wait_closed(). server is what
    the broker calls itself, such as "ActiveMQ/5.17.2"; session what it calls this connection. paused is True while the
    network does not take what was written: frames may still be sent, but they pile up. Every sending method raises
    ConnectionLostError once the connection has ended.
    """

    def __init__(self, url: BrokerUrl, settings: ConnectSettings, listener: StompListener) -> None:
        self.url = url
        self.server = ""
        self.session = ""
        self.paused = False
        self._settings = settings
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self.logged_in: asyncio.Future[str] = self._loop.create_future()  # "", or why not
        self._transport: asyncio.Transport | None = None
        self._released = asyncio.Event()  # the socket is given back
        self._parser = FrameParser(settings.limits)
        self._receipts: dict[str, asyncio.Future[None]] = {}
        self._receipt_ids = (f"{secrets.token_hex(4)}-{number}" for number in itertools.count(1))
        self._rhythm = Rhythm(send=0.0, expect=0.0)
        self._heard_at = self._loop.time()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._reason = ""

    # -- sending

    def send(self, frame: Frame) -> None:
        """Write a frame. Raises ProtocolError for a frame that STOMP does not allow."""
        self._write(encode(frame))

    async def request(self, frame: Frame, deadline: float) -> None:
        """Send a frame and wait until the broker has carried it out.

        Raises BrokerRefusedError when the broker answers with an ERROR frame, ConnectionLostError when the connection
        ends or the deadline (seconds) passes.
        """
        receipt_id = next(self._receipt_ids)
        receipt: asyncio.Future[None] = self._loop.create_future()
        self._receipts[receipt_id] = receipt
        try:
            self.send(Frame(frame.command, {**frame.headers, "receipt": receipt_id}, frame.body))
            async with asyncio.timeout(deadline):
                await receipt
        except TimeoutError as error:
            raise ConnectionLostError(f"no receipt for {frame.command} within {deadline:g} s") from error
        finally:
            self._receipts.pop(receipt_id, None)

    def send_batch(self, frames: Sequence[Frame]) -> asyncio.Future[None]:
        """Write frames at once and have the broker confirm the last, and so all: it deals with them in order.

        The future raises BrokerRefusedError when the last is refused (others are told to the listener),
        ConnectionLostError when the connection ends before. Raises ProtocolError as send() does.
        """
        receipt_id = next(self._receipt_ids)
        *first, last = frames
        last = Frame(last.command, {**last.headers, "receipt": receipt_id}, last.body)
        self._write(b"".join(map(encode, (*first, last))))
        receipt: asyncio.Future[None] = self._loop.create_future()
        self._receipts[receipt_id] = receipt
        return receipt

    async def subscribe(self, subscription: str, destination: str, *, ack: str, deadline: float, **more: str) -> None:
        """Subscribe and wait for the broker's word; more are further headers. Raises as request() does."""
        headers = {"id": subscription, "destination": destination, "ack": ack, **more}
        await self.request(Frame(Command.SUBSCRIBE, headers), deadline)

    async def unsubscribe(self, subscription: str, deadline: float) -> None:
        """Give a subscription up. Raises as request() does."""
        await self.request(Frame(Command.UNSUBSCRIBE, {"id": subscription}), deadline)

    def acknowledge(self, message: Frame) -> None:
        """Tell the broker that a MESSAGE is dealt with."""
        self.send(Frame(Command.ACK, {"id": message.headers.get("ack", "")}))

    def refuse(self, message: Frame) -> None:
        """Tell the broker that a MESSAGE was not dealt with (NACK)."""
        self.send(Frame(Command.NACK, {"id": message.headers.get("ack", "")}))

    async def prove(self, deadline: float) -> None:
        """Make the broker show that it still keeps this connection, by an empty transaction. Raises as request()."""
        transaction = {"transaction": next(self._receipt_ids)}
        await self.request(Frame(Command.BEGIN, transaction), deadline)
        self.send(Frame(Command.ABORT, transaction))

    async def close(self, deadline: float) -> None:
        """Say DISCONNECT, wait for the receipt, which comes after all that was sent before, and close. Never raises.

        deadline: seconds for the receipt; 0 means without DISCONNECT. Fine for a connection that has ended already.
        """
        if deadline and not self.closed.done():
            try:
                await self.request(Frame(Command.DISCONNECT), deadline)
            except StompError as error:
                log.debug("broker did not confirm the end of the connection", url=str(self.url), reason=str(error))
        self.abort(CLOSED_BY_US)
        if self._transport is not None:
            await self._released.wait()

    async def wait_closed(self) -> str:
        """Wait until the connection has ended, give the reason. Cancelling the wait leaves the connection as it is."""
        return await asyncio.shield(self.closed)

    def abort(self, reason: str) -> None:
        """Cut the connection now."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()
        self._end(self._reason)

    def _write(self, data: bytes) -> None:
        if self._transport is None or self.closed.done() or self._transport.is_closing():
            raise ConnectionLostError(self._reason or "the connection is closed")
        self._transport.write(data)

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to log in."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER)  # asyncio and uvloop set TCP_NODELAY themselves
        self._heard_at = self._loop.time()
        try:
            self._write(encode(self._connect_frame()))
        except ProtocolError as error:  # a passcode with a line end, say
            self._fail(str(error))

    def _connect_frame(self) -> Frame:
        ours = HeartBeat(sends=self._settings.heart_beat_ms, wants=self._settings.heart_beat_ms)
        headers = {"accept-version": "1.2", "host": self._settings.host or self.url.host, "heart-beat": ours.header()}
        if self._settings.login:
            headers |= {"login": self._settings.login, "passcode": self._settings.passcode}
        return Frame(Command.CONNECT, headers)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the broker: cut them into frames and hand these on."""
        now = self._loop.time()
        silence, self._heard_at = now - self._heard_at, now
        if self._rhythm.expect and silence > STALE_AFTER * self._rhythm.expect:
            self._listener.on_stale()
        self._parser.feed(data)
        skipped = self._parser.skipped
        try:
            while not self.closed.done() and (frame := self._parser.next_frame()) is not None:
                self._dispatch(frame)
        except ProtocolError as error:
            self._fail(f"not STOMP: {error}")
        if self._parser.skipped != skipped:
            log.warning("bytes from the broker are no frame and were skipped", url=str(self.url))

    def pause_writing(self) -> None:
        """Note that the network does not keep up."""
        self.paused = True

    def resume_writing(self) -> None:
        """Tell the owner that it may go on."""
        self.paused = False
        self._listener.on_writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who waits."""
        self._released.set()
        self._end(self._reason or _one_line(str(exc) if exc else "closed by the broker"))

    # -- receiving

    def _dispatch(self, frame: Frame) -> None:
        if not self.logged_in.done():
            self._log_in(frame)
        elif frame.command == Command.MESSAGE:
            self._listener.on_message(frame)
        elif frame.command == Command.RECEIPT:
            self._settle(frame.headers.get("receipt-id", ""), None)
        elif frame.command == Command.ERROR:
            self._refused(frame)
        else:
            raise ProtocolError(f"a broker does not send {frame.command}")

    def _log_in(self, frame: Frame) -> None:
        if frame.command == Command.ERROR:
            self._fail(_reason_of(frame))
        elif frame.command != Command.CONNECTED:
            self._fail(f"the broker sent {frame.command} instead of CONNECTED")
        elif frame.headers.get("version") != "1.2":
            self._fail(f"the broker speaks STOMP {frame.headers.get('version', '1.0')}, not 1.2")
        else:
            self.server = frame.headers.get("server", "")
            self.session = frame.headers.get("session", "")
            ours = HeartBeat(sends=self._settings.heart_beat_ms, wants=self._settings.heart_beat_ms)
            self._rhythm = agree(ours, parse_heart_beat(frame.headers.get("heart-beat")))
            # ActiveMQ's first beat comes two intervals after CONNECTED, the others one apart (measured, 5.17.2)
            self._heard_at += self._rhythm.expect
            self._start_beating()
            self.logged_in.set_result("")

    def _refused(self, frame: Frame) -> None:
        reason = _reason_of(frame)
        if not self._settle(frame.headers.get("receipt-id", ""), BrokerRefusedError(reason)):
            self._listener.on_refused(reason)

    def _settle(self, receipt_id: str, error: StompError | None) -> bool:
        receipt = self._receipts.pop(receipt_id, None)
        if receipt is None or receipt.done():
            return False
        if error is None:
            receipt.set_result(None)
        else:
            receipt.set_exception(error)
        return True

    # -- heart-beats

    def _start_beating(self) -> None:
        if self._rhythm.send:
            self._beat()
        if self._rhythm.expect:
            self._watch()

    def _again(self, job: Callable[[], None], seconds: float) -> None:
        if not self.closed.done():
            self._timers[job.__name__] = self._loop.call_later(seconds, job)

    def _beat(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if not self.paused:  # it would only lengthen the queue, and what is in it is a sign of life, too
            self._write(HEART_BEAT)
        self._again(self._beat, self._rhythm.send / BEATS_PER_INTERVAL)

    def _watch(self) -> None:
        silence = self._loop.time() - self._heard_at
        if silence > DEAD_AFTER * self._rhythm.expect:
            self._fail(f"the broker was silent for {silence:.1f} s")
        elif silence > STALE_AFTER * self._rhythm.expect:
            self._listener.on_stale()
        self._again(self._watch, self._rhythm.expect / CHECKS_PER_INTERVAL)

    # -- the end

    def _fail(self, reason: str) -> None:
        self.abort(reason)

    def _end(self, reason: str) -> None:
        if self.closed.done():
            return
        for timer in self._timers.values():
            timer.cancel()
        self.closed.set_result(reason)
        lost = ConnectionLostError(reason)
        if not self.logged_in.done():
            self.logged_in.set_result(reason)
        for receipt in self._receipts.values():
            if not receipt.done():
                receipt.set_exception(lost)


def _reason_of(error: Frame) -> str:
    """Give the message of an ERROR frame. Its body is left alone: ActiveMQ puts stack traces there."""
    return _one_line(error.headers.get("message") or "the broker gave no reason")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_REASON]

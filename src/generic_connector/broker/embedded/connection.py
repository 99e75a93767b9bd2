"""One client's connection to the embedded broker: login, receipts, heart-beats, errors, clients that are too slow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from typing import Protocol

import structlog

from generic_connector.broker.embedded.core import RefusedError
from generic_connector.broker.embedded.session import Host, Session
from generic_connector.broker.embedded.settings import EmbeddedSettings
from generic_connector.broker.embedded.users import Users
from generic_connector.broker.metrics import CLIENTS_TOO_SLOW
from generic_connector.broker.stomp.codec import HEART_BEAT, FrameParser, Limits, encode
from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.frames import Command, Frame
from generic_connector.broker.stomp.heart_beat import (
    BEATS_PER_INTERVAL,
    CHECKS_PER_INTERVAL,
    DEAD_AFTER,
    HeartBeat,
    Rhythm,
    agree,
    parse_heart_beat,
)
from generic_connector.version import __version__

log = structlog.get_logger(door="embedded")

SERVER = f"GenericConnector/{__version__}"

ROOM = 256 * 1024
"""A client with more unread bytes than this gets nothing more out of a queue until it has read them."""

FRAMES_AT_ONCE = 100
"""So many frames of one client are carried out in a turn of the loop; then it is everybody else's turn."""

GRACE = 3.0
"""Seconds that a client has to read our last words before the connection is cut."""

_MOST_BEFORE_LOGIN = 20


class Outlet(Protocol):
    """A connection's way out."""

    @property
    def unread(self) -> int:
        """Bytes that were written but that the network did not take yet."""

    def write(self, data: bytes) -> None:
        """Write one frame or heart-beat, never waits."""

    def hold(self, held: bool) -> None:  # noqa: FBT001 - the value itself
        """Stop reading from the client, or go on."""

    def close(self) -> None:
        """Close after what was written."""

    def abort(self) -> None:
        """Close now."""


class Domain(Host, Protocol):
    """What a connection needs of its broker."""

    settings: EmbeddedSettings
    users: Users


class ClientConnection:
    """A client, from its first byte to its last. The transport calls received(), writable() and lost()."""

    def __init__(self, broker: Domain, outlet: Outlet, peer: str) -> None:
        self._broker = broker
        self._outlet = outlet
        self._log = log.bind(peer=peer)
        self._loop = asyncio.get_running_loop()
        self._parser = FrameParser(Limits(body=broker.settings.body_limit, drain_bodies=True))
        self._session: Session | None = None
        self._login: asyncio.Task[None] | None = None
        self._early: list[Frame] = []
        self._behind = False  # more frames have come than a turn of the loop is for
        self._rhythm = Rhythm(send=0.0, expect=0.0)
        self._heard_at = self._loop.time()
        self._ending = False
        self._timers = {"login": self._loop.call_later(broker.settings.login_deadline, self._too_late)}

    # -- what the transport calls

    def received(self, data: bytes) -> None:
        """Take bytes of the client."""
        self._heard_at = self._loop.time()
        if self._ending:
            return
        self._parser.feed(data)
        if not self._behind:
            self._take_some()

    def writable(self) -> None:
        """Go on: the network takes bytes again."""
        if self._session is not None and not self._ending:
            self._session.wake()

    def lost(self) -> None:
        """Forget the client, once all is carried out that it sent: the connection has ended."""
        if self._behind and not self._ending:
            self._take_all(iter(self._parser.next_frame, None))
        self._ending = True
        if self._login is not None:
            self._login.cancel()
        for timer in self._timers.values():
            timer.cancel()
        self._end_session()

    # -- session.Channel

    def send(self, frame: Frame) -> None:
        """Write a frame; a client with too many unread bytes is told so and disconnected."""
        if self._ending:
            return
        if self._outlet.unread > self._broker.settings.unread_limit:
            CLIENTS_TOO_SLOW.inc()
            self.fail("you read too slowly")
            return
        self._outlet.write(encode(frame))

    def has_room(self) -> bool:
        """Say whether the client keeps up with reading."""
        return not self._ending and self._outlet.unread <= ROOM

    # -- the end

    def fail(self, reason: str) -> None:
        """Tell the client why, and close."""
        if not self._ending:
            self._log.warning("client is disconnected", reason=reason)
            self._outlet.write(encode(_error(reason)))
            self.close()

    def close(self) -> None:
        """Close after what was written; cut the connection when the client does not read that."""
        if self._ending:
            return
        self._ending = True
        self._loop.call_soon(self._end_session)  # not from within a delivery
        self._timers["grace"] = self._loop.call_later(GRACE, self._outlet.abort)
        self._outlet.close()

    def abort(self) -> None:
        """Cut the connection."""
        self._ending = True
        self._outlet.abort()

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def _too_late(self) -> None:
        if self._session is None:
            self.fail("no CONNECT came within the deadline")

    # -- frames

    def _take_some(self) -> None:
        """Carry out what came, but no more than fits into a turn; meanwhile nothing more is read of this client."""
        taken = self._take_all(islice(iter(self._parser.next_frame, None), FRAMES_AT_ONCE))
        if self._ending:
            return
        behind = taken == FRAMES_AT_ONCE
        if behind:
            self._loop.call_soon(self._go_on)
        if behind is not self._behind:
            self._behind = behind
            self._outlet.hold(behind)

    def _go_on(self) -> None:
        if not self._ending:
            self._take_some()

    def _take_all(self, frames: Iterator[Frame]) -> int:
        """Carry frames out, and say how many."""
        taken = 0
        try:
            for taken, frame in enumerate(frames, start=1):  # noqa: B007 - used after the loop
                self._take(frame)
                if self._ending:
                    break
        except ProtocolError as error:
            self.fail(str(error))
        return taken

    def _take(self, frame: Frame) -> None:
        if self._session is not None:
            self._carry_out(self._session, frame)
        elif self._login is not None:
            self._early.append(frame)
            if len(self._early) > _MOST_BEFORE_LOGIN:
                raise ProtocolError("wait for CONNECTED")
        elif frame.command in (Command.CONNECT, Command.STOMP):
            self._connect(frame)
        else:
            raise ProtocolError("the first frame must be CONNECT")

    def _carry_out(self, session: Session, frame: Frame) -> None:
        receipt = frame.headers.get("receipt")
        try:
            if frame.command != Command.DISCONNECT:
                session.handle(frame)
        except RefusedError as error:
            self._log.info("client was refused", command=frame.command, reason=str(error))
            self.send(_error(str(error), receipt))
            return
        if receipt is not None:
            self.send(Frame(Command.RECEIPT, {"receipt-id": receipt}))
        if frame.command == Command.DISCONNECT:
            self.close()

    # -- login

    def _connect(self, frame: Frame) -> None:
        versions = frame.headers.get("accept-version", "1.0").split(",")
        if "1.2" not in map(str.strip, versions):
            self._outlet.write(encode(Frame(Command.ERROR, {"version": "1.2", "message": "only STOMP 1.2 is spoken"})))
            self.close()
            return
        theirs = parse_heart_beat(frame.headers.get("heart-beat"))
        self._login = self._loop.create_task(self._log_in(frame, theirs))

    async def _log_in(self, frame: Frame, theirs: HeartBeat) -> None:
        user = await self._broker.users.admit(frame.headers.get("login", ""), frame.headers.get("passcode", ""))
        if self._ending:
            return
        if user is None:
            self.fail("user name or password is invalid")
            return
        self._timers.pop("login").cancel()
        ours = HeartBeat(sends=self._broker.settings.heart_beat_ms, wants=self._broker.settings.heart_beat_ms)
        self._rhythm = agree(ours, theirs)
        self.send(Frame(Command.CONNECTED, {"version": "1.2", "server": SERVER, "heart-beat": ours.header()}))
        self._log.info("client connected", user=user)
        self._session = Session(self._broker, self, user)
        self._start_beating()
        early, self._early = self._early, []
        self._take_all(iter(early))

    # -- heart-beats

    def _start_beating(self) -> None:
        if self._rhythm.send:
            self._beat()
        if self._rhythm.expect:
            self._watch()

    def _beat(self) -> None:
        if self._ending:
            return
        if not self._outlet.unread:
            self._outlet.write(HEART_BEAT)
        self._timers["beat"] = self._loop.call_later(self._rhythm.send / BEATS_PER_INTERVAL, self._beat)

    def _watch(self) -> None:
        silence = self._loop.time() - self._heard_at
        if silence > DEAD_AFTER * self._rhythm.expect:
            self.fail(f"you were silent for {silence:.1f} s")
        if not self._ending:
            self._timers["watch"] = self._loop.call_later(self._rhythm.expect / CHECKS_PER_INTERVAL, self._watch)


def _error(reason: str, receipt: str | None = None) -> Frame:
    headers = {"message": reason}
    return Frame(Command.ERROR, headers if receipt is None else {**headers, "receipt-id": receipt})

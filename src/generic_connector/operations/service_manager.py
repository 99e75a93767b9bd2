"""What systemd is told: that the service is up, what it does, that it ends, and that its event loop still turns.

The protocol is a datagram of NAME=value lines to the socket that NOTIFY_SOCKET names (sd_notify(3)); the watchdog's
time is in WATCHDOG_USEC (sd_watchdog_enabled(3)). Where there is no such socket nothing is told.

The beat comes from the event loop itself: a loop that hangs misses it, systemd ends the process and starts it anew.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping

import structlog

from generic_connector.operations.metrics import LOOP_LAG

log = structlog.get_logger()

_INTERVAL = 1.0
"""How often the loop is measured, in seconds; more often where the watchdog asks for it."""
_LATE = 1.0
"""A loop that comes round so many seconds late is logged."""
_LONGEST = 500
"""Characters of a status: systemd ignores a message of more than 4096 bytes, and READY=1 with it."""
_MICROSECONDS = 1_000_000


class ServiceManager:
    """The way to the service manager. address: its socket, "" for none. watchdog: seconds between beats, 0 for none."""

    def __init__(self, address: str = "", watchdog: float = 0.0) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog = watchdog if address else 0.0
        self._untold: dict[str, str] = {}
        self._status = ""
        self._deaf = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> ServiceManager:
        """Read what the service manager has put into the environment of its services."""
        address = environ.get("NOTIFY_SOCKET", "")
        if address and address[0] not in "/@":
            log.warning("service manager not told", reason="NOTIFY_SOCKET is neither a path nor an abstract socket")
            address = ""
        return cls(address, _watchdog(environ))

    @property
    def interval(self) -> float:
        """Seconds between two beats: a quarter of the watchdog's time, so that a late one is not the end."""
        return min(_INTERVAL, self._watchdog / 4) if self._watchdog else _INTERVAL

    def ready(self, status: str) -> None:
        """Tell that the service is up; what starts after it may start. status: one line for people."""
        self._tell(READY="1", STATUS=self._new_status(status))

    def status(self, status: str) -> None:
        """Tell in one line, for people, how it is (`systemctl status`). What was told last is not told again."""
        if status != self._status:
            self._tell(STATUS=self._new_status(status))

    def stopping(self, status: str = "stopping", within: float = 0.0) -> None:
        """Tell that the service ends. within: seconds that it may take, where that is more than TimeoutStopSec."""
        extension = {"EXTEND_TIMEOUT_USEC": str(int(within * _MICROSECONDS))} if within else {}
        self._tell(STOPPING="1", STATUS=self._new_status(status), **extension)

    async def watch(self, status: Callable[[], str] | None = None) -> None:
        """Measure the event loop and beat, for ever. status: gives the line for people, looked at with each beat."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(self.interval)
            self.came_round(time.monotonic() - asleep - self.interval)
            if status is not None:
                self.status(status())

    def came_round(self, lag: float) -> None:
        """Hear that the loop came round, so many seconds late. Beats, unless a loop so late is of no use any more."""
        LOOP_LAG.observe(max(0.0, lag))
        if lag >= _LATE:
            log.warning("event loop late", seconds=round(lag, 3))
        if self._watchdog and lag < self._watchdog / 2:
            self._tell(WATCHDOG="1")
        elif self._untold and not self._watchdog:
            self._tell()

    def _new_status(self, status: str) -> str:
        self._status = status
        return " ".join(status.split())[:_LONGEST]

    def _tell(self, **assignments: str) -> None:
        """Send what is new and what could not be sent before. A manager that takes nothing is logged once."""
        if not self._address:
            return
        self._untold |= assignments
        message = "\n".join(f"{name}={value}" for name, value in self._untold.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.setblocking(False)
                channel.sendto(message.encode(errors="replace"), self._address)
        except OSError as error:
            if not self._deaf:
                log.warning("service manager not told", reason=str(error))
            self._deaf = True
            return
        self._deaf = False
        self._untold.clear()


def _watchdog(environ: Mapping[str, str]) -> float:
    """Give the watchdog's time in seconds, 0 for none, or where it is meant for another process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    text = environ.get("WATCHDOG_USEC", "0")
    if not (text.isascii() and text.isdigit()):
        log.warning("watchdog not served", reason="WATCHDOG_USEC is no number")
        return 0.0
    return int(text) / _MICROSECONDS

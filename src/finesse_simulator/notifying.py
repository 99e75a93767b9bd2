"""Where the simulator's core meets the servers that carry its notifications.

The core makes payloads and decides who is told; a notification server owns sessions and sockets. There are two
servers behind this seam: our own in-process XMPP server, and a real one (prosody) to which we are an XEP-0114
component. Sources: finesse-notifications.md sections 2 to 7, xmpp-and-http.md section 1.
"""

from __future__ import annotations

from typing import Protocol


class AccountsUnavailableError(Exception):
    """The accounts cannot be asked now: nobody's password is right or wrong."""


class Directory(Protocol):
    """What a notification server asks of, and tells, the simulator's core. No method waits."""

    def check_password(self, user_id: str, password: str) -> bool:
        """Say whether this is the agent's password (or bearer token). user_id is compared without regard to case.

        Raises AccountsUnavailableError when nobody can sign in now.
        """

    def node_exists(self, node: str) -> bool:
        """Say whether a pub/sub node, such as /finesse/api/Team/5000/Users, exists."""

    def may_subscribe(self, user_id: str, node: str) -> bool:
        """Say whether this user may subscribe to that node explicitly."""

    def presence_changed(self, user_id: str, resource: str, *, available: bool) -> None:
        """Hear that a session of the user became able to receive (priority >= 0), or went away."""


class NotificationServer(Protocol):
    """A server that agents' notification sessions connect to."""

    async def start(self, directory: Directory) -> None:
        """Open the ports; return when they accept connections."""

    async def stop(self) -> None:
        """Close every session and port."""

    async def crash(self) -> None:
        """Cut every session without a farewell; connections are refused until start() opens the same ports again."""

    async def suspend(self) -> None:
        """Neither read nor answer anything, with every connection left as it is: a stopped process."""

    async def resume(self) -> None:
        """Go on after suspend()."""

    def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
        """Send one Update document to the users whom the node reaches automatically and to its explicit subscribers.

        node: the pub/sub node, e.g. /finesse/api/User/1001/Dialogs. user_ids: the automatic subscribers (the owner
        of a User node; every user for SystemInfo). payload: the Update document as XML text, not yet escaped.
        Users without an available session get nothing; nothing is kept for later.
        """

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the sessions of one user, or of all, without a farewell (a lost network)."""

    def set_web_application_available(self, *, available: bool) -> None:
        """Announce the presence of the user finesse@domain to those who subscribed to it."""

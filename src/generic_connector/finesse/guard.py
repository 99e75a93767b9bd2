"""Finesse, for somebody who may have to keep still: an instance that another one may have succeeded."""

from __future__ import annotations

from collections.abc import Callable

from generic_connector.finesse.door import Answer, Finesse, NotificationSession, Request, SessionClosed
from generic_connector.finesse.failures import OutOfService
from generic_connector.finesse.model import Credentials, Notification, SystemInfo


class Guarded:
    """Finesse (door.Finesse) while permit() says yes; else it is out of service, to requests and to sessions."""

    def __init__(self, finesse: Finesse, permit: Callable[[], bool]) -> None:
        self._finesse = finesse
        self._permit = permit

    @property
    def in_service(self) -> bool:
        """Whether requests can be carried out now."""
        return self._finesse.in_service

    @property
    def node(self) -> str:
        """The node in use."""
        return self._finesse.node

    @property
    def system_info(self) -> SystemInfo:
        """What the node in use said last."""
        return self._finesse.system_info

    async def request(self, request: Request, credentials: Credentials | None, request_id: str = "") -> Answer:
        """Carry out one request; see door.Finesse."""
        self._ask_for_permit()
        return await self._finesse.request(request, credentials, request_id)

    async def open_session(
        self,
        credentials: Credentials,
        on_notification: Callable[[Notification], None],
        on_closed: Callable[[SessionClosed], None],
        *,
        background: bool = False,
    ) -> NotificationSession:
        """Open a session; see door.Finesse."""
        self._ask_for_permit()
        return await self._finesse.open_session(credentials, on_notification, on_closed, background=background)

    def _ask_for_permit(self) -> None:
        if not self._permit():
            raise OutOfService("another instance may serve by now")

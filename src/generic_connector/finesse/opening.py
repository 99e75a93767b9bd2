"""Opens an agent's notification session by the transport that is configured."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection
from functools import partial

from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.model import Credentials, Notification
from generic_connector.finesse.session import AgentSession, XmppAddress
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.websocket import WebSocketWire
from generic_connector.finesse.xmpp import TcpWire


async def open_session(
    address: XmppAddress,
    credentials: Credentials,
    settings: FinesseSettings,
    tls_context: ssl.SSLContext,
    *,
    on_notification: Callable[[Notification], None],
    on_closed: Callable[[SessionClosed], None],
    on_web_application: Callable[[bool], None] = lambda _: None,
    siblings: Callable[[], Collection[str]] = tuple,
) -> AgentSession:
    """Open a session; see door.Finesse.open_session for the promises and errors, session.AgentSession for the rest."""
    wire = WebSocketWire if settings.xmpp_transport == "websocket" else TcpWire
    session = AgentSession(
        partial(wire, tls_context=tls_context),
        address,
        credentials,
        settings,
        on_notification=on_notification,
        on_closed=on_closed,
        on_web_application=on_web_application,
        siblings=siblings,
    )
    await session.open()
    return session

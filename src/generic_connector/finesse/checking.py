"""Where a node's notification service is, and whether it can be reached."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from generic_connector.finesse.model import SystemInfo
from generic_connector.finesse.session import XmppAddress
from generic_connector.finesse.settings import FinesseSettings

_PORT, _SECURE_PORT = 5222, 5223
_WEBSOCKET_PORT, _SECURE_WEBSOCKET_PORT = 7071, 7443  # up to 12.5; later Finesse says where HTTPS is, and it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """What a check found of one node. reasons say in words what is wrong; empty when all is well."""

    node: str
    reachable: bool
    status: str = ""
    notifications: str = ""
    """host:port of the notification service when it accepts connections, else ""."""
    reasons: tuple[str, ...] = ()


def notification_address(host: str, info: SystemInfo, settings: FinesseSettings) -> XmppAddress:
    """Give where a node's notification service is: as set, else as Finesse tells, else at the usual port."""
    match settings.xmpp_transport, settings.xmpp_websocket_tls:
        case "tls", _:
            port = info.xmpp_secure_port or _SECURE_PORT
        case "plain", _:
            port = info.xmpp_port or _PORT
        case _, True:
            port = info.https_port or _SECURE_WEBSOCKET_PORT
        case _:
            port = _WEBSOCKET_PORT
    return XmppAddress(
        host=settings.xmpp_host or host,
        port=settings.xmpp_port or port,
        domain=info.xmpp_domain,
        pubsub_domain=info.xmpp_pubsub_domain,
    )


async def try_port(address: XmppAddress, settings: FinesseSettings, tls_context: ssl.SSLContext) -> str:
    """Connect to a notification port, with TLS where it is used; give what went wrong, or ""."""
    clear = settings.xmpp_transport == "plain" or (
        settings.xmpp_transport == "websocket" and not settings.xmpp_websocket_tls
    )
    tls = None if clear else tls_context
    try:
        async with asyncio.timeout(settings.connect_timeout):
            _, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
    except OSError as error:  # TimeoutError is one
        return f"notification port {address.host}:{address.port}: {str(error) or 'no connection in time'}"
    writer.transport.abort()
    return ""

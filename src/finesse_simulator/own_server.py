"""Makes our own notification server out of a scenario, and the settings that every other one has, too."""

from __future__ import annotations

from typing import Any

from finesse_simulator.certificate import Certificate
from finesse_simulator.scenario import Fidelity, Xmpp
from finesse_simulator.xmpp.server import XmppServer


def own_server(chosen: Xmpp, fidelity: Fidelity, certificate: Certificate) -> XmppServer:
    """Make our own server in this process."""
    return XmppServer(ssl_context=certificate.server_context(), **settings(chosen, fidelity))


def settings(chosen: Xmpp, fidelity: Fidelity) -> dict[str, Any]:
    """Give the settings that every server has."""
    return {
        "domain": chosen.domain,
        "host": chosen.host,
        "plain_port": _port(chosen.plain_port),
        "tls_port": _port(chosen.tls_port),
        "websocket_port": _port(chosen.websocket_port),
        "secure_websocket_port": _port(chosen.secure_websocket_port),
        "message_id_style": fidelity.message_ids,
    }


def _port(number: int) -> int | None:
    """Convert the scenario's -1, for no port."""
    return None if number < 0 else number

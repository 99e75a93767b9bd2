"""Chooses the notification server that a scenario asks for."""

from __future__ import annotations

from finesse_simulator.certificate import Certificate
from finesse_simulator.notifying import NotificationServer
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.server import XmppServer


def make_simulator(scenario: Scenario) -> Simulator:
    """Make a simulator with the notification server of its scenario; both show the same certificate."""
    certificate = certificate_for(scenario)
    return Simulator(scenario, notification_server(scenario, certificate), certificate)


def notification_server(scenario: Scenario, certificate: Certificate) -> NotificationServer:
    """Make the notification server of a scenario."""
    xmpp = scenario.xmpp
    return XmppServer(
        domain=xmpp.domain,
        host=xmpp.host,
        plain_port=_port(xmpp.plain_port),
        tls_port=_port(xmpp.tls_port),
        ssl_context=certificate.server_context(),
    )


def _port(number: int) -> int | None:
    """Convert the scenario's -1, for no port."""
    return None if number < 0 else number

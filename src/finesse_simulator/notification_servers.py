"""Chooses the notification server that a scenario asks for."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path

from finesse_simulator.certificate import Certificate
from finesse_simulator.notifying import Directory, NotificationServer
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.prosody import ProsodyServer
from finesse_simulator.xmpp.server import XmppServer


def make_simulator(scenario: Scenario) -> Simulator:
    """Make a simulator with the notification server of its scenario; both show the same certificate."""
    certificate = certificate_for(scenario)
    return Simulator(scenario, notification_server(scenario, certificate), certificate)


def notification_server(scenario: Scenario, certificate: Certificate) -> NotificationServer:
    """Make the notification server of a scenario."""
    if scenario.xmpp.server == "prosody":
        return TemporaryProsody(scenario, certificate)
    return XmppServer(
        domain=scenario.xmpp.domain,
        host=scenario.xmpp.host,
        plain_port=_port(scenario.xmpp.plain_port),
        tls_port=_port(scenario.xmpp.tls_port),
        ssl_context=certificate.server_context(),
        message_id_style=scenario.fidelity.message_ids,
    )


class TemporaryProsody(ProsodyServer):
    """prosody in a folder that is made when it starts and goes when it stops."""

    def __init__(self, scenario: Scenario, certificate: Certificate) -> None:
        folder = Path(tempfile.gettempdir()) / f"finesse-simulator-{secrets.token_hex(8)}"
        self._root = folder
        self._files = {"node.pem": certificate.certificate, "node.key": certificate.key}
        super().__init__(
            domain=scenario.xmpp.domain,
            folder=folder / "prosody",
            host=scenario.xmpp.host,
            plain_port=_port(scenario.xmpp.plain_port),
            tls_port=_port(scenario.xmpp.tls_port),
            certificate=folder / "node.pem",
            key=folder / "node.key",
        )

    async def start(self, directory: Directory) -> None:
        """Make the folder and start; see ProsodyServer."""
        self._root.mkdir(mode=0o700)
        self.folder.mkdir()
        for name, text in self._files.items():
            (self._root / name).write_text(text, encoding="ascii")
        await super().start(directory)

    async def stop(self) -> None:
        """Stop, and remove the folder."""
        await super().stop()
        shutil.rmtree(self._root, ignore_errors=True)


def _port(number: int) -> int | None:
    """Convert the scenario's -1, for no port."""
    return None if number < 0 else number

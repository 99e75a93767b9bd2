"""Chooses the notification server that a scenario asks for."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finesse_simulator.certificate import Certificate
from finesse_simulator.notifying import Directory, NotificationServer
from finesse_simulator.own_server import own_server, settings
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.component_server import ComponentServer
from finesse_simulator.xmpp.ejabberd import EjabberdServer
from finesse_simulator.xmpp.prosody import ProsodyServer


def make_simulator(scenario: Scenario) -> Simulator:
    """Make a simulator with the notification server of its scenario; all show the same certificate."""
    certificate = certificate_for(scenario)
    return Simulator(scenario, notification_server(scenario, certificate), certificate)


def notification_server(scenario: Scenario, certificate: Certificate) -> NotificationServer:
    """Make the notification server of a scenario."""
    if scenario.xmpp.server == "prosody":
        return TemporaryProsody(**_in_a_folder(scenario, certificate))
    if scenario.xmpp.server == "ejabberd":
        return TemporaryEjabberd(**_in_a_folder(scenario, certificate))
    return own_server(scenario.xmpp, scenario.fidelity, certificate)


class _Temporary(ComponentServer):
    """A server in a folder that is made when it starts and goes when it stops."""

    def __init__(self, *, root: Path, files: Mapping[str, str], **settings: Any) -> None:
        self._root = root
        self._files = files
        super().__init__(**settings)

    async def start(self, directory: Directory) -> None:
        """Make the folder and start; see ComponentServer."""
        self._root.mkdir(mode=0o700)
        self.folder.mkdir()
        for name, text in self._files.items():
            (self._root / name).write_text(text, encoding="ascii")
        await super().start(directory)

    async def stop(self) -> None:
        """Stop, and remove the folder."""
        await super().stop()
        shutil.rmtree(self._root, ignore_errors=True)


class TemporaryProsody(_Temporary, ProsodyServer):
    """prosody in a folder of its own."""


class TemporaryEjabberd(_Temporary, EjabberdServer):
    """ejabberd in a folder of its own."""


def _in_a_folder(scenario: Scenario, certificate: Certificate) -> dict[str, Any]:
    """Give the settings of a temporary server."""
    root = Path(tempfile.gettempdir()) / f"finesse-simulator-{secrets.token_hex(8)}"
    return {
        **settings(scenario.xmpp, scenario.fidelity),
        "root": root,
        "files": {"node.pem": certificate.certificate, "node.key": certificate.key},
        "folder": root / scenario.xmpp.server,
        "certificate": root / "node.pem",
        "key": root / "node.key",
    }

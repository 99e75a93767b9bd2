"""A real XMPP server, prosody, run by us, with the simulator as its component pubsub.<domain>.

Source: xmpp-and-http.md section 1.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from finesse_simulator.xmpp.component_server import ComponentServer, Launch, Ports, ServerError, ServerMissingError
from finesse_simulator.xmpp.envelope import MessageIdStyle, random_characters
from finesse_simulator.xmpp.markup import element
from finesse_simulator.xmpp.prosody_config import ProsodyConfig

_CUT = "urn:finesse-simulator:cut"  # understood by our module in prosody


class ProsodyMissingError(ServerMissingError):
    """There is no prosody on this machine."""


class ProsodyError(ServerError):
    """prosody did not start; the text has what it said."""


class ProsodyServer(ComponentServer):
    """The notification service on prosody; see ComponentServer. program: prosody's name or path."""

    name = "prosody"
    error = ProsodyError

    def __init__(
        self,
        *,
        domain: str,
        folder: Path,
        host: str = "127.0.0.1",
        plain_port: int | None = 0,
        tls_port: int | None = 0,
        websocket_port: int | None = None,
        secure_websocket_port: int | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        message_id_style: MessageIdStyle = "node",
        program: str = "prosody",
    ) -> None:
        super().__init__(
            domain=domain,
            folder=folder,
            host=host,
            plain_port=plain_port,
            tls_port=tls_port,
            websocket_port=websocket_port,
            secure_websocket_port=secure_websocket_port,
            certificate=certificate,
            key=key,
            message_id_style=message_id_style,
        )
        self._program = program

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the sessions of one user (in any case of letters), or every connection, without a farewell."""
        user = None if user_id is None else user_id.lower()
        attributes = {"type": "set", "id": random_characters(8), "from": self.pubsub_name, "to": self.domain_name}
        self._send(element("iq", attributes, element("cut", {"xmlns": _CUT, "user": user})))

    def _check(self) -> None:
        if shutil.which(self._program) is None:
            raise ProsodyMissingError(self._program, "prosody lua-sec lua-event lua-unbound")

    def _prepare(self, ports: Ports, secret: str, password_url: str) -> Launch:
        config = ProsodyConfig(
            self.domain_name, self.host, self.folder, ports, secret, password_url, self._certificate, self._key
        )
        file = self.folder / "prosody.cfg.lua"
        file.touch(mode=0o600)  # the component's secret is in it
        file.write_text(config.text(), encoding="utf-8")
        return Launch([shutil.which(self._program) or self._program, "-F", "--config", str(file)])

    def _complaint(self, said: str) -> bool:
        return "Failed to open server port" in said

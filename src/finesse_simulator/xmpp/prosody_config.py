"""prosody's configuration as a stand-in for Finesse's notification service (xmpp-and-http.md section 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from finesse_simulator.xmpp.component_server import Ports

MODULES = Path(__file__).parent / "lua"


@dataclass(frozen=True, slots=True)
class ProsodyConfig:
    """What differs from one prosody to the next.

    folder: where it keeps all it writes. certificate, key: PEM files. secret: the component's. password_url: where it
    asks for passwords.
    """

    domain: str
    host: str
    folder: Path
    ports: Ports
    secret: str
    password_url: str
    certificate: Path | None
    key: Path | None

    def text(self) -> str:
        """Write the configuration file."""
        domain, host, folder = _lua(self.domain), _lua(self.host), str(self.folder)
        return f"""\
data_path = {_lua(f"{folder}/data")}
pidfile = {_lua(f"{folder}/prosody.pid")}
run_as_root = true -- for containers where root is all there is
daemonize = false
plugin_paths = {{ {_lua(str(MODULES))} }}
log = {{ {{ levels = {{ min = "warn" }}, to = "console" }} }}
interfaces = {{ {host} }}
local_interfaces = {{ {host} }}

c2s_ports = {_list(self.ports.plain)}
c2s_direct_tls_ports = {_list(self.ports.tls)}
component_ports = {_list(self.ports.component)}
component_interfaces = {{ "127.0.0.1" }}
http_ports = {_list(self.ports.websocket)}
https_ports = {_list(self.ports.secure_websocket)}
http_paths = {{ bosh = "/http-bind", websocket = "/ws" }}
http_host = "localhost"
http_default_host = {domain} -- else a request with another Host header gets 404
consider_bosh_secure = true
consider_websocket_secure = true
cross_domain_bosh = true
{self._tls()}
c2s_require_encryption = false -- Finesse's clear port has no STARTTLS,
allow_unencrypted_plain_auth = true -- and PLAIN is its only mechanism

modules_enabled = {{ "saslauth", "roster", "disco", "ping", "bosh", "websocket" }}
modules_disabled = {{ "s2s", "offline" }}
c2s_stanza_size_limit = 1024*512
component_stanza_size_limit = 1024*1024
network_settings = {{ tcp_backlog = 1024, max_send_buffer_size = 64*1024*1024 }}

VirtualHost ({domain})
  authentication = "finesse_simulator"
  finesse_simulator_password_url = {_lua(self.password_url)}
  modules_enabled = {{ "finesse_simulator" }}

Component ({_lua(f"pubsub.{self.domain}")})
  component_secret = {_lua(self.secret)}
  validate_from_addresses = false -- the component also speaks for finesse@{self.domain}
  component_conflict_resolve = "kick_old"
"""

    def _tls(self) -> str:
        if self.certificate is None or self.key is None:
            return ""
        return (
            f"ssl = {{ certificate = {_lua(str(self.certificate))}, key = {_lua(str(self.key))} }}\n"
            "https_ssl = ssl\nc2s_direct_tls_ssl = ssl\n"
        )


def _lua(text: str) -> str:
    """Write a Lua string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _list(port: int | None) -> str:
    return "{ }" if port is None else f"{{ {port} }}"

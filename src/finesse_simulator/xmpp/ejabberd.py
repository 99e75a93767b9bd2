"""A real XMPP server, ejabberd, run by us, with the simulator as its component pubsub.<domain>.

It runs without a node name: no epmd, no port for other nodes. Source: xmpp-and-http.md section 1.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp import ejabberd_passwords
from finesse_simulator.xmpp.component_server import ComponentServer, Launch, Ports, ServerError, ServerMissingError
from finesse_simulator.xmpp.password_hook import PasswordHook
from finesse_simulator.xmpp.web_application_client import USER, WebApplicationClient

_log = logging.getLogger(__name__)


class EjabberdMissingError(ServerMissingError):
    """There is no ejabberd on this machine."""


class EjabberdError(ServerError):
    """ejabberd did not start; the text has what it said."""


class EjabberdServer(ComponentServer):
    """The notification service on ejabberd; see ComponentServer.

    Unlike Finesse's, it says farewell (policy-violation) to those whom disconnect() cuts. An agent's presence comes to
    us by the agent's roster, in which we write ourselves when the agent signs in. libraries: where Erlang's are.
    """

    name = "ejabberd"
    error = EjabberdError
    internal_ports = 2  # the web application's, and that of the HTTP interface for us
    libraries = "/usr/lib"

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._web_application_client: WebApplicationClient | None = None
        self._http: aiohttp.ClientSession | None = None
        self._api = ""
        self._secret = ""
        self._known: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the sessions of one user (in any case of letters), or every agent's."""
        users = {address.partition("@")[0] for address in self.sessions()} if user_id is None else {user_id.lower()}
        for user in users:
            self._run(self._call("kick_user", user=user, host=self.domain_name))

    def set_web_application_available(self, *, available: bool) -> None:
        """Announce the presence of the user finesse@domain to those who subscribed to it."""
        self._web_application.available = available
        if self._web_application_client is not None:
            self._web_application_client.set_available(available=available)

    # -- starting ------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        if shutil.which("erl") is None or self._library() is None:
            raise EjabberdMissingError("ejabberd", "ejabberd")

    def _library(self) -> Path | None:
        """Find the folder that ejabberd's own library lies in."""
        found = sorted(Path(self.libraries).glob("*/ejabberd-*/ebin/ejabberd.app"))
        return found[-1].parents[2] if found else None

    def _make_hook(self, directory: Directory) -> PasswordHook:
        self._secret = secrets.token_hex(16)
        self._known.clear()
        return PasswordHook(_WithWebApplication(directory, self._secret), before_yes=self._watch)

    def _prepare(self, ports: Ports, secret: str, password_url: str) -> Launch:
        pem = self.folder / "server.pem"
        if self._certificate is not None and self._key is not None:
            pem.touch(mode=0o600)
            pem.write_text(self._certificate.read_text("ascii") + self._key.read_text("ascii"), "ascii")
        file = self.folder / "ejabberd.yml"
        file.touch(mode=0o600)  # the component's secret is in it
        settings = self._settings(ports, secret, f"{sys.executable} {ejabberd_passwords.__file__} {password_url}")
        file.write_text(json.dumps(settings, indent=1), encoding="utf-8")  # JSON is YAML too
        library = self._library()
        return Launch(
            [
                *("erl", "-noinput", "-mnesia", "dir", f'"{self.folder / "data"}"'),
                *("-s", "ejabberd", "-ejabberd", "quiet", "false"),
            ],
            {
                "EJABBERD_CONFIG_PATH": str(file),
                "EJABBERD_LOG_PATH": str(self.folder / "log" / "ejabberd.log"),
                "HOME": str(self.folder),
                "ERL_LIBS": f"{library}:{self.libraries}/erlang/lib",
            },
        )

    def _settings(self, ports: Ports, secret: str, asker: str) -> dict[str, Any]:
        web_application, api = ports.internal
        clients: dict[str, Any] = {"module": "ejabberd_c2s", "max_stanza_size": 524288, "backlog": 1024}
        pages: dict[str, Any] = {
            "module": "ejabberd_http",
            "request_handlers": {"/http-bind": "mod_bosh", "/ws": "ejabberd_http_ws"},
        }
        listen: list[dict[str, Any]] = [
            {"port": ports.plain, "ip": self.host, **clients},
            {"port": ports.tls, "ip": self.host, "tls": True, **clients},
            {"port": ports.websocket, "ip": self.host, **pages},
            {"port": ports.secure_websocket, "ip": self.host, "tls": True, **pages},
            {"port": web_application, "ip": "127.0.0.1", **clients},
            {
                "port": api,
                "ip": "127.0.0.1",
                "module": "ejabberd_http",
                "request_handlers": {"/api": "mod_http_api"},
            },
            {
                "port": ports.component,
                "ip": "127.0.0.1",
                "module": "ejabberd_service",
                "check_from": False,
                "hosts": {self.pubsub_name: {"password": secret}},
            },
        ]
        return {
            "loglevel": "warning",
            "hosts": [self.domain_name],
            **({"certfiles": [str(self.folder / "server.pem")]} if self._certificate is not None else {}),
            "auth_method": ["external"],
            "extauth_program": asker,
            "extauth_pool_size": 2,
            "auth_use_cache": False,
            "disable_sasl_mechanisms": [
                *("digest-md5", "X-OAUTH2", "scram-sha-1", "scram-sha-256", "scram-sha-512"),  # PLAIN only, as Finesse
            ],
            "acl": {"loopback": {"ip": "127.0.0.0/8"}},
            "api_permissions": {
                "the simulator": {
                    "from": ["mod_http_api"],
                    "who": {"access": {"allow": "loopback"}},
                    "what": ["add_rosteritem", "kick_user"],
                }
            },
            "s2s_access": "none",
            "listen": [row for row in listen if row["port"] is not None],
            "modules": {
                name: {}
                for name in ("mod_bosh", "mod_disco", "mod_ping", "mod_roster", "mod_http_api", "mod_admin_extra")
            },
        }

    def _complaint(self, said: str) -> bool:
        return "eaddrinuse" in said

    async def _ready(self, ports: Ports) -> None:
        web_application, api = ports.internal
        self._api = f"http://127.0.0.1:{api}/api"
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=8))
        while self._web_application_client is None:
            with suppress(OSError):
                self._web_application_client = await WebApplicationClient.connect(
                    web_application, self.domain_name, self._secret, available=self._web_application.available
                )
            await asyncio.sleep(0.01)
        for port in (ports.plain, ports.tls, ports.websocket, ports.secure_websocket, api):
            if port is not None:
                await self._until_open(port)

    async def _until_open(self, port: int) -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(self.host, port)
                writer.transport.abort()
                return
            await asyncio.sleep(0.01)

    async def _terminate(self) -> None:
        client, self._web_application_client = self._web_application_client, None
        http, self._http = self._http, None
        for task in list(self._tasks):
            task.cancel()
        if client is not None:
            client.close()
        if http is not None:
            await http.close()
        await super()._terminate()

    # -- its HTTP interface --------------------------------------------------------------------------------------

    async def _watch(self, user_id: str) -> None:
        """Let ejabberd tell us this user's presence, from now on."""
        user = user_id.lower()
        if user in self._known or user == USER:
            return
        await self._call(
            "add_rosteritem",
            localuser=user,
            localhost=self.domain_name,
            user="",
            host=self.pubsub_name,
            nick="Finesse",
            group="",
            subs="from",
        )
        self._known.add(user)

    async def _call(self, command: str, **arguments: str) -> None:
        if self._http is None:
            return
        try:
            async with self._http.post(f"{self._api}/{command}", json=arguments) as answer:
                if answer.status != 200:  # noqa: PLR2004 - OK
                    _log.warning("ejabberd refused %s: %s", command, await answer.text())
        except (aiohttp.ClientError, OSError) as error:
            _log.warning("ejabberd did not take %s: %s", command, error)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _WithWebApplication:
    """The directory, and the web application beside the agents."""

    def __init__(self, directory: Directory, password: str) -> None:
        self._directory = directory
        self._password = password

    def check_password(self, user_id: str, password: str) -> bool:
        """See notifying.Directory."""
        if user_id == USER:
            return secrets.compare_digest(password.encode(), self._password.encode())
        return self._directory.check_password(user_id, password)
